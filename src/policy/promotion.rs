//! What a pack knows of promotion: names of brands, kinds of products, where listings live, which links carry another.
//!
//! Not here: reading the files (`shape/`, `compile/`), finding claims (the engine), following links (`promotion/`). Kept true:
//! names are folded as the text is; a pattern of a path has one place for the identifier.

use rustc_hash::FxHashMap;

use super::standing::HalfLife;
use crate::domain::Money;
use crate::matching::{LexiconId, TermId};

/// Everything that `promotion.yaml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct PromotionRules {
    /// How fast mentions come to count less.
    pub half_life: HalfLife,
    /// Brands that terms stand for, by term; positions in `brands`.
    pub brand_of: FxHashMap<TermId, u32>,
    /// Brands.
    pub brands: Vec<BrandNames>,
    /// Kinds of products, by name.
    pub kinds: Vec<ProductKind>,
    /// Kinds that lexicons are the words for; positions in `kinds`. Asked of every hit in every text.
    pub kind_of: FxHashMap<LexiconId, u32>,
    /// Lexicons that name a choice.
    pub choices: Vec<LexiconId>,
    /// Units of other currencies for a euro, about.
    pub rates: Vec<(String, f64)>,
}

impl Default for PromotionRules {
    fn default() -> Self {
        PromotionRules {
            half_life: HalfLife::days(45),
            brand_of: FxHashMap::default(),
            brands: Vec::new(),
            kinds: Vec::new(),
            kind_of: FxHashMap::default(),
            choices: Vec::new(),
            rates: Vec::new(),
        }
    }
}

impl PromotionRules {
    /// About how many euros an amount is; `None` for currencies without a rate.
    pub fn euros(&self, price: &Money) -> Option<f64> {
        if price.currency_code == "EUR" {
            return Some(price.amount());
        }
        let rate = self.rates.iter().find(|(code, _)| *code == price.currency_code);
        rate.map(|(_, units)| price.amount() / units)
    }

    /// The brand of a name that `BrandNames::name` gave.
    pub fn brand(&self, name: &str) -> Option<&BrandNames> {
        self.brands.iter().find(|brand| brand.name == name)
    }
}

/// A brand and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandNames {
    /// As the pack writes it.
    pub name: String,
    /// Every spelling, folded, its own among them.
    pub spellings: Vec<String>,
}

/// A kind of product and the words for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductKind {
    /// Name in the pack.
    pub name: String,
    /// Words in all languages.
    pub lexicon: LexiconId,
    /// Kinds that one may well be named in place of this: a wallet is sold as a bag.
    pub akin: Vec<String>,
    /// True for goods that may not be offered to everybody.
    pub restricted: bool,
    /// What an honest one costs at most, in euros; `None` = anything.
    pub most: Option<f64>,
}

/// Everything that `links.yaml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkRules {
    /// Where listings live.
    pub listings: Vec<ListingLinks>,
    /// Links that carry their target in a parameter.
    pub carriers: Vec<CarrierLinks>,
}

/// Addresses of listings on some hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingLinks {
    /// Hosts, in lower case; each stands for its subdomains too.
    pub hosts: Vec<String>,
    /// Paths in segments.
    pub paths: Vec<Vec<PathPart>>,
    /// Query parameters whose value is the identifier, in lower case.
    pub parameters: Vec<String>,
}

/// Links that carry another link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarrierLinks {
    /// Hosts, in lower case; each stands for its subdomains too. None = any host.
    pub hosts: Vec<String>,
    /// Query parameters whose value is the target, in lower case.
    pub parameters: Vec<String>,
}

/// A segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// These characters.
    Literal(String),
    /// Anything.
    Any,
    /// What stands before and after the identifier.
    Id(String, String),
}

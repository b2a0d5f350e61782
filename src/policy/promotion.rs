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
    pub(super) brand_of: FxHashMap<TermId, u32>,
    /// Brands.
    pub brands: Vec<BrandNames>,
    /// Kinds of products, by name.
    pub kinds: Vec<ProductKind>,
    /// What the terms of a lexicon name, by lexicon. Asked of every hit in every text, so no map.
    pub(super) naming: Vec<Naming>,
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
            naming: Vec::new(),
            choices: Vec::new(),
            rates: Vec::new(),
        }
    }
}

/// What the terms of a lexicon name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Naming {
    pub(super) brands: bool,
    /// Position in `PromotionRules::kinds`.
    pub(super) kind: Option<u32>,
}

impl PromotionRules {
    /// True if terms of a lexicon name brands or a kind of product: most name neither.
    pub fn names(&self, lexicon: LexiconId) -> bool {
        self.naming(lexicon).is_some_and(|naming| *naming != Naming::default())
    }

    /// The brand that a term stands for, as its position in `brands`.
    pub fn brand_of(&self, lexicon: LexiconId, term: TermId) -> Option<u32> {
        self.naming(lexicon).filter(|naming| naming.brands).and_then(|_| self.brand_of.get(&term).copied())
    }

    /// The kind of product that a lexicon has the words for, as its position in `kinds`.
    pub fn kind_of(&self, lexicon: LexiconId) -> Option<u32> {
        self.naming(lexicon).and_then(|naming| naming.kind)
    }

    fn naming(&self, lexicon: LexiconId) -> Option<&Naming> {
        self.naming.get(usize::from(lexicon.0))
    }

    /// Notes something that the terms of a lexicon name.
    pub(super) fn name(&mut self, lexicon: LexiconId, note: impl FnMut(&mut Naming)) {
        let at = usize::from(lexicon.0);
        self.naming.resize(self.naming.len().max(at + 1), Naming::default());
        self.naming.get_mut(at).into_iter().for_each(note);
    }

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

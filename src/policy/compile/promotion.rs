//! Names of brands, kinds of products, and patterns of links.
//!
//! Not here: what is done with them. Kept true: a name stands for one brand; a pattern that could resolve nothing, or anything,
//! does not compile.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::code::Code;
use super::super::compiled::CompiledTerm;
use super::super::condition::LexiconIndex;
use super::super::faults::{Faults, Located};
use super::super::promotion::{
    BrandNames, CarrierLinks, LinkRules, ListingLinks, PathPart, ProductKind, PromotionRules,
};
use super::super::shape::{RawLinks, RawPromotion};
use super::super::standing::HalfLife;
use crate::matching::{LexiconId, TermId};
use crate::text::Document;

/// What stands for the identifier in a path.
const ID: &str = "{id}";

/// `promotion.yaml`, checked, and the lexicons that it uses.
pub(super) struct CompiledPromotion {
    pub(super) rules: PromotionRules,
    pub(super) used: FxHashSet<LexiconId>,
}

/// Checks `promotion.yaml`; without it, posts claim nothing but what signals tell.
pub(super) fn compile(
    raw: Option<&RawPromotion>,
    index: &LexiconIndex,
    (terms, surfaces): (&[CompiledTerm], &[&str]),
    faults: &mut Faults<'_>,
) -> CompiledPromotion {
    let mut rules = PromotionRules::default();
    let mut used = FxHashSet::default();
    let Some(raw) = raw else { return CompiledPromotion { rules, used } };
    if let Some(days) = &raw.half_life_days {
        rules.half_life = half_life(days, faults).unwrap_or(rules.half_life);
    }
    let mut lexicon = |name: &Located<String>, faults: &mut Faults<'_>| {
        let found = index.get(&name.value);
        if found.is_none() {
            faults.add_unknown(Code::UnknownLexicon, name, "lexicon", index.names());
        }
        used.extend(found);
        found
    };
    let brands: Vec<LexiconId> = raw.brands.iter().filter_map(|name| lexicon(name, faults)).collect();
    rules.choices = raw.choices.iter().filter_map(|name| lexicon(name, faults)).collect();
    for kind in &raw.kinds {
        let known = || raw.kinds.iter().map(|kind| kind.name.value.as_str());
        for akin in kind.akin.iter().filter(|akin| !known().any(|name| name == akin.value)) {
            faults.add_unknown(Code::UnknownKind, akin, "kind of product", known());
        }
        if let Some(lexicon) = kind.lexicon.as_ref().and_then(|name| lexicon(name, faults)) {
            let akin = kind.akin.iter().map(|akin| akin.value.clone()).collect();
            let most = kind.most.as_ref().and_then(|most| positive(most, faults));
            let (name, restricted) = (kind.name.value.clone(), kind.restricted);
            let position = u32::try_from(rules.kinds.len()).unwrap_or(u32::MAX);
            rules.name(lexicon, |naming| _ = naming.kind.get_or_insert(position));
            rules.kinds.push(ProductKind { name, lexicon, akin, restricted, most });
        }
    }
    let rates = raw.rates.iter().filter_map(|(code, rate)| Some((code.value.clone(), positive(rate, faults)?)));
    rules.rates = rates.collect();
    brands.iter().for_each(|lexicon| rules.name(*lexicon, |naming| naming.brands = true));
    let mut names = Names::new(raw, faults);
    let named = terms.iter().zip(surfaces).enumerate();
    for (at, (_, surface)) in named.filter(|(_, (term, _))| brands.contains(&term.lexicon)) {
        let brand = names.brand(surface);
        rules.brand_of.insert(TermId(u32::try_from(at).unwrap_or(u32::MAX)), brand);
    }
    names.check_used(raw, faults);
    rules.brands = names.brands;
    CompiledPromotion { rules, used }
}

fn half_life(days: &Located<f64>, faults: &mut Faults<'_>) -> Option<HalfLife> {
    let most = f64::from(HalfLife::MAX_DAYS);
    if days.value.fract() == 0.0 && (1.0..=most).contains(&days.value) {
        return Some(HalfLife::days(days.value as u16));
    }
    let message = format!("a half-life of {} is out of range: whole numbers from 1 to {most}", days.value);
    faults.add(Code::PromotionRange, days.at, message);
    None
}

/// An amount of money that makes sense as a divisor.
fn positive(number: &Located<f64>, faults: &mut Faults<'_>) -> Option<f64> {
    if (0.001..=1e6).contains(&number.value) {
        return Some(number.value);
    }
    faults.add(Code::PromotionRange, number.at, format!("{} is out of range: 0.001 to 1000000", number.value));
    None
}

/// Brands by the folded spelling of their names.
struct Names {
    brands: Vec<BrandNames>,
    by_spelling: FxHashMap<String, u32>,
    /// Spellings that some term has.
    met: FxHashSet<String>,
    document: Document,
}

impl Names {
    fn new(raw: &RawPromotion, faults: &mut Faults<'_>) -> Self {
        let (brands, by_spelling, met) = (Vec::new(), FxHashMap::default(), FxHashSet::default());
        let mut names = Names { brands, by_spelling, met, document: Document::new() };
        for (brand, others) in &raw.names {
            let position = u32::try_from(names.brands.len()).unwrap_or(u32::MAX);
            names.brands.push(BrandNames { name: brand.value.clone(), spellings: Vec::new() });
            for name in std::iter::once(brand).chain(others) {
                let spelling = names.fold(&name.value);
                if names.by_spelling.get(&spelling).is_some_and(|other| *other != position) {
                    let message = format!("`{}` is a name of another brand already", name.value);
                    faults.add(Code::BrandNameTwice, name.at, message);
                }
                names.add(position, spelling);
            }
        }
        names
    }

    /// The brand that a term stands for: the one that has its name, or one of its own.
    fn brand(&mut self, surface: &str) -> u32 {
        let spelling = self.fold(surface);
        self.met.insert(spelling.clone());
        if let Some(brand) = self.by_spelling.get(&spelling) {
            return *brand;
        }
        let position = u32::try_from(self.brands.len()).unwrap_or(u32::MAX);
        self.brands.push(BrandNames { name: spelling.clone(), spellings: Vec::new() });
        self.add(position, spelling);
        position
    }

    fn add(&mut self, position: u32, spelling: String) {
        if let Some(brand) = self.brands.get_mut(position as usize)
            && !brand.spellings.contains(&spelling)
        {
            brand.spellings.push(spelling.clone());
        }
        self.by_spelling.entry(spelling).or_insert(position);
    }

    /// A brand none of whose names any lexicon has would never be claimed.
    fn check_used(&self, raw: &RawPromotion, faults: &mut Faults<'_>) {
        for ((brand, _), known) in raw.names.iter().zip(&self.brands) {
            if !known.spellings.iter().any(|spelling| self.met.contains(spelling)) {
                let message = format!("no lexicon under `brands` has a name of `{}`", brand.value);
                faults.add(Code::BrandWithoutTerm, brand.at, message);
            }
        }
    }

    /// As the text is folded, words separated by single spaces, marks of terms left out.
    fn fold(&mut self, name: &str) -> String {
        let plain: String = name.chars().filter(|c| !matches!(c, '~' | '*' | '+' | '=')).collect();
        self.document.clear();
        self.document.push_field(&plain);
        let words = self.document.tokens().iter().map(|token| self.document.word(token));
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Checks `links.yaml`.
pub(super) fn links(raw: &[RawLinks], faults: &mut Faults<'_>) -> LinkRules {
    let mut rules = LinkRules::default();
    for entry in raw {
        let hosts: Vec<String> = entry.hosts.iter().filter_map(|host| self::host(host, faults)).collect();
        let parameters: Vec<String> = entry.parameters.iter().map(|name| name.value.to_ascii_lowercase()).collect();
        let paths: Vec<Vec<PathPart>> = entry.paths.iter().filter_map(|path| self::path(path, faults)).collect();
        // Any host may carry a link in `url=`; that any host's path held a listing would make everything one.
        let idle = parameters.is_empty() && entry.paths.is_empty();
        if idle || (entry.hosts.is_empty() && !entry.carries) {
            let missing = if idle { "no path and no parameter" } else { "no host" };
            faults.add(Code::IdleLinks, entry.at, format!("this entry has {missing}, so it resolves nothing"));
        } else if entry.carries {
            rules.carriers.push(CarrierLinks { hosts, parameters });
        } else {
            rules.listings.push(ListingLinks { hosts, paths, parameters });
        }
    }
    rules
}

fn host(host: &Located<String>, faults: &mut Faults<'_>) -> Option<String> {
    let text = host.value.trim();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if text.contains('.') && text.chars().all(fits) && !text.starts_with(['.', '-']) && !text.ends_with('.') {
        return Some(text.to_owned());
    }
    faults.add(Code::BadLinkHost, host.at, format!("`{text}` is no host"));
    None
}

fn path(path: &Located<String>, faults: &mut Faults<'_>) -> Option<Vec<PathPart>> {
    let parts: Vec<PathPart> = path.value.split('/').filter(|part| !part.is_empty()).map(part_of).collect();
    let ids = parts.iter().filter(|part| matches!(part, PathPart::Id(..))).count();
    if path.value.starts_with('/') && ids == 1 && path.value.matches(ID).count() == 1 {
        return Some(parts);
    }
    let message = format!("`{}` does not begin with `/` and have one `{ID}`", path.value);
    faults.add(Code::BadLinkPath, path.at, message);
    None
}

fn part_of(part: &str) -> PathPart {
    match part.split_once(ID) {
        Some((before, after)) => PathPart::Id(before.to_owned(), after.to_owned()),
        None if part == "*" => PathPart::Any,
        None => PathPart::Literal(part.to_owned()),
    }
}

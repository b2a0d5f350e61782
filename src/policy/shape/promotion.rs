//! `promotion.yaml` and `links.yaml`.
//!
//! Not here: whether lexicons and brands exist, and whether patterns make sense.

use super::super::faults::{At, Faults, Located};
use super::super::yaml::Node;
use super::RawPack;
use super::fields::{Fields, number, texts};

/// `promotion.yaml`.
#[derive(Debug)]
pub(crate) struct RawPromotion {
    pub(crate) half_life_days: Option<Located<f64>>,
    pub(crate) brands: Vec<Located<String>>,
    /// Brand, other names.
    pub(crate) names: Vec<(Located<String>, Vec<Located<String>>)>,
    pub(crate) kinds: Vec<RawKind>,
    pub(crate) choices: Vec<Located<String>>,
    /// Currency, units for a euro.
    pub(crate) rates: Vec<(Located<String>, Located<f64>)>,
}

/// An entry of `kinds`.
#[derive(Debug)]
pub(crate) struct RawKind {
    pub(crate) name: Located<String>,
    pub(crate) lexicon: Option<Located<String>>,
    pub(crate) akin: Vec<Located<String>>,
    pub(crate) restricted: bool,
    pub(crate) most: Option<Located<f64>>,
}

/// An entry of `links.yaml`.
#[derive(Debug)]
pub(crate) struct RawLinks {
    pub(crate) at: At,
    /// True under `carriers`.
    pub(crate) carries: bool,
    pub(crate) hosts: Vec<Located<String>>,
    pub(crate) paths: Vec<Located<String>>,
    pub(crate) parameters: Vec<Located<String>>,
}

pub(super) fn read_promotion(mut fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    let half_life_days = fields.need("half_life_days", faults).and_then(|node| number(&node, faults));
    let brands = fields.texts("brands", faults).unwrap_or_default();
    let names = fields.named("names", faults).into_iter();
    let names = names.map(|(brand, node)| (brand, texts(node, "names", faults))).collect();
    let kinds = fields.named("kinds", faults).into_iter().filter_map(|(name, node)| kind(name, node, faults)).collect();
    let choices = fields.texts("choices", faults).unwrap_or_default();
    let rates = fields.named("rates", faults).into_iter();
    let rates = rates.filter_map(|(code, node)| Some((code, number(&node, faults)?))).collect();
    fields.finish(faults);
    pack.promotion = Some(RawPromotion { half_life_days, brands, names, kinds, choices, rates });
}

fn kind(name: Located<String>, node: Node, faults: &mut Faults<'_>) -> Option<RawKind> {
    let mut fields = Fields::of(node, "a kind of product", faults)?;
    let lexicon = fields.need_text("lexicon", faults);
    let akin = fields.texts("akin", faults).unwrap_or_default();
    let restricted = fields.flag("restricted", faults).is_some_and(|flag| flag.value);
    let most = fields.number("most", faults);
    fields.finish(faults);
    Some(RawKind { name, lexicon, akin, restricted, most })
}

pub(super) fn read_links(mut fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    for (key, carries) in [("listings", false), ("carriers", true)] {
        for node in fields.items(key, faults) {
            pack.links.extend(links(node, carries, faults));
        }
    }
    fields.finish(faults);
}

fn links(node: Node, carries: bool, faults: &mut Faults<'_>) -> Option<RawLinks> {
    let mut fields = Fields::of(node, "an entry of `links.yaml`", faults)?;
    let at = fields.at;
    let hosts = fields.texts("hosts", faults).unwrap_or_default();
    let paths = if carries { Vec::new() } else { fields.texts("paths", faults).unwrap_or_default() };
    let parameters = fields.texts("parameters", faults).unwrap_or_default();
    fields.finish(faults);
    Some(RawLinks { at, carries, hosts, paths, parameters })
}

//! `pack.yaml`, `laws.yaml` and `endings.yaml`.
//!
//! Not here: whether areas, levels, actions, roles and languages exist.

use super::super::faults::{At, Faults, Located};
use super::super::yaml::Node;
use super::RawPack;
use super::fields::{Fields, number, text, texts};

/// Names of levels or actions with their least risk, and where the map was written.
#[derive(Debug)]
pub(crate) struct Thresholds {
    pub(crate) at: At,
    pub(crate) entries: Vec<(Located<String>, Located<f64>)>,
}

/// `pack.yaml`.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) name: Option<Located<String>>,
    pub(crate) version: Option<Located<String>>,
    pub(crate) levels: Option<Thresholds>,
    pub(crate) actions: Option<Thresholds>,
    pub(crate) areas: Vec<RawArea>,
    /// Role, lexicon.
    pub(crate) roles: Vec<(Located<String>, Located<String>)>,
    /// Group, what it is about.
    pub(crate) groups: Vec<(Located<String>, Located<String>)>,
}

/// An area of `pack.yaml`.
#[derive(Debug)]
pub(crate) struct RawArea {
    pub(crate) name: Located<String>,
    pub(crate) prior: Option<Located<f64>>,
    pub(crate) model: Option<Located<f64>>,
    pub(crate) applies_to: Option<Vec<Located<String>>>,
    pub(crate) levels: Option<Thresholds>,
    pub(crate) actions: Option<Thresholds>,
}

/// An entry of `laws.yaml`.
#[derive(Debug)]
pub(crate) struct RawLaw {
    pub(crate) key: Located<String>,
    pub(crate) act: Option<Located<String>>,
    pub(crate) article: Option<Located<String>>,
    pub(crate) url: Option<Located<String>>,
}

/// An entry of `endings.yaml`.
#[derive(Debug)]
pub(crate) struct Endings {
    pub(crate) language: Located<String>,
    pub(crate) endings: Vec<Located<String>>,
}

pub(super) fn read_settings(mut fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    pack.settings.name = fields.need_text("name", faults);
    pack.settings.version = fields.need_text("version", faults);
    fields.text("about", faults);
    pack.settings.levels = fields.need("levels", faults).map(|node| thresholds(node, "levels", faults));
    pack.settings.actions = fields.need("actions", faults).map(|node| thresholds(node, "actions", faults));
    let areas = fields.need("areas", faults).map_or_else(Vec::new, |node| super::fields::named(node, "areas", faults));
    pack.settings.areas = areas.into_iter().filter_map(|(name, node)| area(name, node, faults)).collect();
    pack.settings.roles = named_texts(fields.named("roles", faults), faults);
    pack.settings.groups = named_texts(fields.named("groups", faults), faults);
    fields.finish(faults);
}

fn area(name: Located<String>, node: Node, faults: &mut Faults<'_>) -> Option<RawArea> {
    let mut fields = Fields::of(node, "an area", faults)?;
    let prior = fields.need("prior", faults).and_then(|node| number(&node, faults));
    let area = RawArea {
        name,
        prior,
        model: fields.take("model").and_then(|node| number(&node, faults)),
        applies_to: fields.texts("applies_to", faults),
        levels: fields.take("levels").map(|node| thresholds(node, "levels", faults)),
        actions: fields.take("actions").map(|node| thresholds(node, "actions", faults)),
    };
    fields.finish(faults);
    Some(area)
}

fn thresholds(node: Node, what: &str, faults: &mut Faults<'_>) -> Thresholds {
    let at = node.at;
    let entries = super::fields::named(node, what, faults);
    let entries = entries.into_iter().filter_map(|(name, node)| Some((name, number(&node, faults)?))).collect();
    Thresholds { at, entries }
}

fn named_texts(
    entries: Vec<(Located<String>, Node)>,
    faults: &mut Faults<'_>,
) -> Vec<(Located<String>, Located<String>)> {
    entries.into_iter().filter_map(|(name, node)| Some((name, text(node, faults)?))).collect()
}

pub(super) fn read_laws(fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    for (key, node) in fields.into_named() {
        let Some(mut fields) = Fields::of(node, "a law", faults) else { continue };
        pack.laws.push(RawLaw {
            key,
            act: fields.need_text("act", faults),
            article: fields.need_text("article", faults),
            url: fields.need_text("url", faults),
        });
        fields.finish(faults);
    }
}

pub(super) fn read_endings(fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    for (language, node) in fields.into_named() {
        let endings = texts(node, &language.value, faults);
        pack.endings.push(Endings { language, endings });
    }
}

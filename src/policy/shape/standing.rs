//! `standing.yaml`.
//!
//! Not here: whether kinds of events and areas exist, and whether numbers make sense.

use super::super::faults::{At, Faults, Located};
use super::super::yaml::Node;
use super::RawPack;
use super::fields::{Fields, named, number};

/// `standing.yaml`.
#[derive(Debug)]
pub(crate) struct RawStanding {
    pub(crate) prior: Option<RawWeight>,
    pub(crate) half_life_days: Option<Located<f64>>,
    pub(crate) events: Vec<RawEvent>,
    pub(crate) strikes: Option<RawStrikes>,
}

/// A pair `{bad: …, good: …}`.
#[derive(Debug)]
pub(crate) struct RawWeight {
    pub(crate) at: At,
    pub(crate) bad: Option<Located<f64>>,
    pub(crate) good: Option<Located<f64>>,
}

/// An entry of `events`.
#[derive(Debug)]
pub(crate) struct RawEvent {
    pub(crate) kind: Located<String>,
    pub(crate) weight: RawWeight,
    pub(crate) areas: Vec<(Located<String>, RawWeight)>,
    pub(crate) strike: Option<Located<String>>,
}

/// `strikes`.
#[derive(Debug)]
pub(crate) struct RawStrikes {
    pub(crate) window_days: Option<Located<f64>>,
    pub(crate) warn_at: Option<Located<f64>>,
    pub(crate) suspend_at: Option<Located<f64>>,
}

pub(super) fn read_standing(mut fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    let prior = fields.need("prior", faults).and_then(|node| pair(node, "a prior", faults));
    let half_life_days = fields.need("half_life_days", faults).and_then(|node| number(&node, faults));
    let events = fields.need("events", faults).map_or_else(Vec::new, |node| named(node, "events", faults));
    let events = events.into_iter().filter_map(|(kind, node)| event(kind, node, faults)).collect();
    let strikes = fields.need("strikes", faults).and_then(|node| strikes(node, faults));
    fields.finish(faults);
    pack.standing = Some(RawStanding { prior, half_life_days, events, strikes });
}

fn event(kind: Located<String>, node: Node, faults: &mut Faults<'_>) -> Option<RawEvent> {
    let at = node.at;
    let mut fields = Fields::of(node, "an event", faults)?;
    let weight = weight(at, &mut fields, faults);
    let areas = fields.named("areas", faults);
    let areas = areas.into_iter().filter_map(|(area, node)| Some((area, pair(node, "a weight", faults)?))).collect();
    let event = RawEvent { kind, weight, areas, strike: fields.text("strike", faults) };
    fields.finish(faults);
    Some(event)
}

fn pair(node: Node, what: &str, faults: &mut Faults<'_>) -> Option<RawWeight> {
    let at = node.at;
    let mut fields = Fields::of(node, what, faults)?;
    let weight = weight(at, &mut fields, faults);
    fields.finish(faults);
    Some(weight)
}

fn weight(at: At, fields: &mut Fields, faults: &mut Faults<'_>) -> RawWeight {
    RawWeight { at, bad: fields.number("bad", faults), good: fields.number("good", faults) }
}

fn strikes(node: Node, faults: &mut Faults<'_>) -> Option<RawStrikes> {
    let mut fields = Fields::of(node, "`strikes`", faults)?;
    let mut need = |key| fields.need(key, faults).and_then(|node| number(&node, faults));
    let strikes =
        RawStrikes { window_days: need("window_days"), warn_at: need("warn_at"), suspend_at: need("suspend_at") };
    fields.finish(faults);
    Some(strikes)
}

//! The last stage: levels, actions and the verdict.
//!
//! Not here: thresholds (the pack has them). Kept true: the overall risk and level are the highest area's, the overall
//! action is the gravest of any area; areas come by falling risk, signals by falling magnitude, ties in a fixed order.

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::evidence::Exhibits;
use super::fuse::{Fired, Sums};
use crate::domain::{AreaRisk, Nats, RiskArea, Signal, Verdict};
use crate::policy::{CompiledPack, CompiledSignal};

/// The verdict.
pub(super) fn decide(exhibits: &Exhibits<'_, '_>, fired: &[Fired], sums: &Sums) -> Verdict {
    let pack = exhibits.pack;
    let mut areas: Vec<AreaRisk> = sums.iter().map(|sum| area_risk(pack, sum.area, sum.total)).collect();
    areas.sort_by(|one, next| falling(one.risk.get(), next.risk.get()).then(one.area.cmp(&next.area)));
    let highest = areas.first();
    Verdict {
        risk: highest.map(|area| area.risk).unwrap_or_default(),
        level: highest.map(|area| area.level).unwrap_or_default(),
        action: areas.iter().map(|area| area.action).max().unwrap_or_default(),
        signals: signals(exhibits, fired, sums),
        language_code: exhibits.item.language_code.to_owned(),
        diagnostics: exhibits.facts.diagnostics().to_vec(),
        areas,
    }
}

/// Risk, level and action of an area at these log odds.
pub(super) fn area_risk(pack: &CompiledPack, area: RiskArea, total: Nats) -> AreaRisk {
    let risk = total.risk();
    let compiled = pack.areas.get(area.index());
    AreaRisk {
        area,
        risk,
        level: compiled.map(|compiled| compiled.levels.level(risk)).unwrap_or_default(),
        action: compiled.map(|compiled| compiled.action(risk)).unwrap_or_default(),
    }
}

/// The signals that fired, but for those that relax where nothing worries: most honest listings have a few, and a reader would
/// wonder what a lamp has to do with medicines. The trace shows them all.
fn signals(exhibits: &Exhibits<'_, '_>, fired: &[Fired], sums: &Sums) -> Vec<Signal> {
    let compiled =
        |one: &Fired| exhibits.pack.signals.get(usize::from(one.signal.0)).map(|signal| (signal, one.speaks));
    let mut order: SmallVec<[(&CompiledSignal, bool); 16]> = fired.iter().filter_map(compiled).collect();
    let mut worried = [false; RiskArea::COUNT];
    let by_background = sums.iter().filter(|sum| sum.model.get() > 0.0 || sum.standing.get() > 0.0).map(|sum| sum.area);
    let by_signals = order.iter().filter(|(signal, _)| signal.weight.get() > 0.0).map(|(signal, _)| signal.area);
    for area in by_background.chain(by_signals) {
        if let Some(place) = worried.get_mut(area.index()) {
            *place = true;
        }
    }
    order.retain(|(signal, _)| worried.get(signal.area.index()).copied().unwrap_or_default());
    let counted = |(signal, speaks): &(&CompiledSignal, bool)| if *speaks { signal.weight.get().abs() } else { 0.0 };
    order.sort_by(|one, next| falling(counted(one), counted(next)).then_with(|| one.0.id.cmp(&next.0.id)));
    order.into_iter().map(|(signal, speaks)| shown(exhibits, signal, speaks)).collect()
}

fn shown(exhibits: &Exhibits<'_, '_>, signal: &CompiledSignal, speaks: bool) -> Signal {
    Signal {
        signal_id: signal.id.clone(),
        area: signal.area,
        weight: signal.weight,
        contribution: if speaks { signal.weight } else { Nats::ZERO },
        group: exhibits.pack.groups.get(usize::from(signal.group)).cloned().unwrap_or_default(),
        message: signal.message.clone(),
        legal_basis: signal.legal_basis.clone(),
        sor_category: signal.sor_category.clone(),
        sor_keyword: signal.sor_keyword.clone(),
        evidence: exhibits.of(&signal.evidence),
    }
}

fn falling(one: f64, next: f64) -> Ordering {
    next.total_cmp(&one)
}

//! What would have to go for the item to be allowed: the smallest set of fired signals.
//!
//! Signals belong to one area each and areas do not touch each other, so the smallest set overall is the union of the
//! smallest sets of the areas above ALLOW. Within an area, going strongest first, each group offers "remove its k
//! strongest positive signals" at the price of k: the next strongest then speaks. Choosing k per group is a
//! multiple-choice knapsack, solved exactly by dynamic programming over the price: exact for any number of signals.
//!
//! Not here: removing anything. Kept true: without these signals the action is ALLOW (checked by fusing again);
//! mitigating signals stay.

use smallvec::SmallVec;

use super::decide::area_risk;
use super::evidence::Exhibits;
use super::fuse::{Fired, Sums, refuse};
use super::trace::{AreaSum, Counterfactual};
use crate::domain::{Action, Evidence, Risk};
use crate::policy::{CompiledPack, CompiledSignal, SignalId};

/// The smallest set, or `None` if the item is allowed as it is. `fired` is sorted as `fuse` leaves it.
pub(super) fn counterfactual(exhibits: &Exhibits<'_, '_>, fired: &[Fired], sums: &Sums) -> Option<Counterfactual> {
    let pack = exhibits.pack;
    let allowed = |sum: &&AreaSum| area_risk(pack, sum.area, sum.total).action == Action::Allow;
    if sums.iter().all(|sum| allowed(&sum)) {
        return None;
    }
    let mut removed: Vec<SignalId> = Vec::new();
    let mut remaining = sums.iter().filter(allowed).map(|sum| sum.total.risk().get()).fold(0.0, f64::max);
    let mut sufficient = true;
    for sum in sums.iter().filter(|sum| !allowed(sum)) {
        let answer = Area::new(pack, sum, fired).smallest();
        sufficient &= answer.sufficient;
        remaining = remaining.max(answer.risk.get());
        removed.extend(answer.removed);
    }
    removed.sort_unstable();
    let signals: Vec<&CompiledSignal> = removed.iter().filter_map(|id| pack.signals.get(usize::from(id.0))).collect();
    let mut evidence: Vec<Evidence> = Vec::new();
    for piece in signals.iter().flat_map(|signal| exhibits.of(&signal.evidence)) {
        if !evidence.contains(&piece) {
            evidence.push(piece);
        }
    }
    let signal_ids = signals.iter().map(|signal| signal.id.clone()).collect();
    Some(Counterfactual { signal_ids, evidence, remaining_risk: Risk::new(remaining), sufficient })
}

/// One area above ALLOW.
struct Area<'a> {
    pack: &'a CompiledPack,
    sum: &'a AreaSum,
    /// Its fired signals.
    fired: SmallVec<[Fired; 32]>,
    /// Its positive ones by group, strongest first.
    groups: Vec<Vec<(SignalId, f64)>>,
}

struct Answer {
    removed: Vec<SignalId>,
    risk: Risk,
    sufficient: bool,
}

/// The best way to remove a number of signals: by how much it lowers the sum, and how many go from each group.
#[derive(Clone)]
struct Choice {
    lowered: f64,
    taken: Vec<usize>,
}

impl<'a> Area<'a> {
    fn new(pack: &'a CompiledPack, sum: &'a AreaSum, fired: &[Fired]) -> Self {
        let signal = |one: &Fired| pack.signals.get(usize::from(one.signal.0));
        let own = |one: &&Fired| signal(one).is_some_and(|signal| signal.area == sum.area);
        let fired: SmallVec<[Fired; 32]> = fired.iter().filter(own).copied().collect();
        let mut groups: Vec<Vec<(SignalId, f64)>> = Vec::new();
        let mut last = None;
        // `fuse` sorted by group, positive before negative, strongest first.
        for (one, signal) in fired.iter().filter_map(|one| signal(one).map(|signal| (one, signal))) {
            if signal.weight.get() <= 0.0 {
                continue;
            }
            if last != Some(signal.group) {
                groups.push(Vec::new());
                last = Some(signal.group);
            }
            if let Some(group) = groups.last_mut() {
                group.push((one.signal, signal.weight.get()));
            }
        }
        Area { pack, sum, fired, groups }
    }

    fn smallest(&self) -> Answer {
        let choices = self.choices();
        let answers = choices.iter().map(|choice| self.without(choice));
        let mut last = None;
        for answer in answers {
            if answer.sufficient {
                return answer;
            }
            last = Some(answer);
        }
        // Not even without every worrying signal: prior, standing or model alone are above.
        last.unwrap_or_else(|| Answer { removed: Vec::new(), risk: self.sum.total.risk(), sufficient: false })
    }

    /// By price, from one signal to all: the removal that lowers the sum most.
    fn choices(&self) -> Vec<Choice> {
        let mut best: Vec<Option<Choice>> = vec![Some(Choice { lowered: 0.0, taken: Vec::new() })];
        for group in &self.groups {
            let mut with_group: Vec<Option<Choice>> = vec![None; best.len() + group.len()];
            for (price, choice) in best.iter().enumerate().filter_map(|(at, choice)| Some((at, choice.as_ref()?))) {
                for taken in 0..=group.len() {
                    let lowered = choice.lowered + lowered_by(group, taken);
                    let Some(place) = with_group.get_mut(price + taken) else { continue };
                    if place.as_ref().is_none_or(|known| lowered > known.lowered) {
                        let mut taken_by_group = choice.taken.clone();
                        taken_by_group.push(taken);
                        *place = Some(Choice { lowered, taken: taken_by_group });
                    }
                }
            }
            best = with_group;
        }
        best.into_iter().skip(1).flatten().collect()
    }

    fn without(&self, choice: &Choice) -> Answer {
        let gone = self.groups.iter().zip(&choice.taken);
        let removed: Vec<SignalId> =
            gone.flat_map(|(group, taken)| group.iter().take(*taken).map(|(id, _)| *id)).collect();
        let left = self.fired.iter().filter(|one| !removed.contains(&one.signal)).copied().collect();
        let after = area_risk(self.pack, self.sum.area, refuse(self.pack, self.sum, left));
        Answer { removed, risk: after.risk, sufficient: after.action == Action::Allow }
    }
}

/// By how much a group's contribution falls when its strongest `taken` signals go.
fn lowered_by(group: &[(SignalId, f64)], taken: usize) -> f64 {
    let speaks = |at: usize| group.get(at).map_or(0.0, |(_, weight)| *weight);
    speaks(0) - speaks(taken)
}

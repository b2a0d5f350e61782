//! The fifth stage: fired signals, prior, standing and text model into log odds per area.
//!
//! `L = prior + standing + sum over groups of (strongest positive + strongest negative) + model`, where the model only
//! fills up what worrying signals leave of the pack's limit: both read the same words, and these must not count twice.
//! Not here: what the risk leads to (`decide.rs`). Kept true: terms are added in one fixed order, so equal input gives
//! equal bits; one more firing positive signal never lowers its area's sum (floating-point addition is monotone).

use std::cmp::Reverse;

use smallvec::SmallVec;

use super::signals::scored;
use super::trace::AreaSum;
use crate::domain::{Content, Nats, Risk, RiskArea, Standing};
use crate::policy::{CompiledPack, CompiledSignal, SignalId};

/// The rate of violation at which a standing says nothing: what an unknown seller is taken for.
const NEUTRAL_RATE: f64 = 0.05;

/// A standing moves log odds by this much at most: it must not make a clean item look like a problem by itself, nor
/// excuse a plain one.
const STANDING_LIMIT: f64 = 2.0;

/// A signal that fired.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fired {
    pub(super) signal: SignalId,
    /// True if it speaks for its group.
    pub(super) speaks: bool,
}

impl Fired {
    pub(super) fn new(signal: SignalId) -> Self {
        Fired { signal, speaks: false }
    }
}

/// What is known before any signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Background {
    pub(super) standing: Nats,
    /// From the text model, by `RiskArea::index`.
    pub(super) model: [Nats; RiskArea::COUNT],
}

/// One sum per scored area, in the order of the areas.
pub(super) type Sums = SmallVec<[AreaSum; RiskArea::COUNT]>;

/// Adds up. Marks the fired signals that speak for their groups and leaves them sorted by area and group, strongest
/// first.
pub(super) fn fuse(content: &Content, pack: &CompiledPack, fired: &mut [Fired], background: &Background) -> Sums {
    elect(pack, fired);
    let scored = RiskArea::ALL.into_iter().filter(|area| scored(pack, *area, content));
    scored.map(|area| area_sum(pack, area, fired, background)).collect()
}

fn area_sum(pack: &CompiledPack, area: RiskArea, fired: &[Fired], background: &Background) -> AreaSum {
    let prior = pack.areas.get(area.index()).and_then(|compiled| compiled.prior).unwrap_or_default();
    let opinion = background.model.get(area.index()).copied().unwrap_or_default();
    let signals = speaking_sum(pack, area, fired);
    let model = heard(pack, area, opinion, fired);
    AreaSum {
        area,
        prior,
        standing: background.standing,
        signals,
        opinion,
        model,
        total: total(prior, background.standing, signals, model),
    }
}

/// All terms at once: clamping only the end keeps the order of terms from mattering near the limit.
fn total(prior: Nats, standing: Nats, signals: Nats, model: Nats) -> Nats {
    Nats::new(prior.get() + standing.get() + signals.get() + model.get())
}

/// The sum of an area as it would be with these signals only.
pub(super) fn refuse(pack: &CompiledPack, sum: &AreaSum, mut left: SmallVec<[Fired; 32]>) -> Nats {
    elect(pack, &mut left);
    let model = heard(pack, sum.area, sum.opinion, &left);
    total(sum.prior, sum.standing, speaking_sum(pack, sum.area, &left), model)
}

/// As much of the model's opinion as fits between what worrying signals say already and the pack's limit.
fn heard(pack: &CompiledPack, area: RiskArea, opinion: Nats, fired: &[Fired]) -> Nats {
    let limit = pack.areas.get(area.index()).map_or(0.0, |compiled| compiled.model_limit.get());
    let worries = speaking(pack, area, fired).filter(|weight| *weight > 0.0).sum::<f64>();
    Nats::new(opinion.get().min(limit - worries).max(0.0))
}

fn speaking_sum(pack: &CompiledPack, area: RiskArea, fired: &[Fired]) -> Nats {
    // Not `sum`: of nothing it is -0.0.
    Nats::new(speaking(pack, area, fired).fold(0.0, |sum, weight| sum + weight))
}

/// Weights of an area's signals that speak for their groups.
fn speaking(pack: &CompiledPack, area: RiskArea, fired: &[Fired]) -> impl Iterator<Item = f64> {
    let speaking = fired.iter().filter(|one| one.speaks).filter_map(|one| pack.signals.get(usize::from(one.signal.0)));
    speaking.filter(move |signal| signal.area == area).map(|signal| signal.weight.get())
}

/// Sorts by area, group and side, strongest first, and lets the first of each speak; ties go to the first id.
fn elect(pack: &CompiledPack, fired: &mut [Fired]) {
    let place =
        |one: &Fired| pack.signals.get(usize::from(one.signal.0)).map(|signal| (seat(signal), strength(signal)));
    fired.sort_unstable_by_key(|one| (place(one), one.signal));
    let mut previous = None;
    for one in fired {
        let seat = pack.signals.get(usize::from(one.signal.0)).map(seat);
        one.speaks = seat != previous;
        previous = seat;
    }
}

/// Signals of one seat count once: area, group, and whether they worry or relax.
fn seat(signal: &CompiledSignal) -> (RiskArea, u16, bool) {
    (signal.area, signal.group, signal.weight.get() < 0.0)
}

/// Orders by magnitude, strongest first. The bits of non-negative floats order as the floats do.
fn strength(signal: &CompiledSignal) -> Reverse<u64> {
    Reverse(signal.weight.get().abs().to_bits())
}

/// What a standing adds to every area's log odds.
///
/// The credible interval against the neutral rate: only an interval that lies wholly on one side says anything, and
/// then by its end nearest to neutral, so little evidence moves nothing and much evidence at most `STANDING_LIMIT`.
/// Without a standing, zero.
pub(super) fn standing_nats(standing: Option<&Standing>) -> Nats {
    let Some(standing) = standing else { return Nats::ZERO };
    let surely = standing.lower.max(NEUTRAL_RATE) + standing.upper.min(NEUTRAL_RATE) - NEUTRAL_RATE;
    let moved = Risk::new(surely).nats().get() - Risk::new(NEUTRAL_RATE).nats().get();
    Nats::new(moved.clamp(-STANDING_LIMIT, STANDING_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(lower: f64, upper: f64) -> Standing {
        Standing {
            mean: (lower + upper) / 2.0,
            lower,
            upper,
            effective_events: 1.0,
            strikes: 0,
            trader_verified: false,
        }
    }

    #[test]
    fn a_standing_moves_only_as_far_as_its_whole_interval_goes() {
        assert_eq!(standing_nats(None), Nats::ZERO);
        assert_eq!(standing_nats(Some(&standing(0.01, 0.6))).get(), 0.0);
        assert!(standing_nats(Some(&standing(0.10, 0.3))).get() > 0.5);
        assert!(standing_nats(Some(&standing(0.001, 0.02))).get() < -0.5);
    }

    #[test]
    fn a_standing_is_bounded() {
        assert_eq!(standing_nats(Some(&standing(1.0, 1.0))).get(), STANDING_LIMIT);
        assert_eq!(standing_nats(Some(&standing(0.0, 0.0))).get(), -STANDING_LIMIT);
        assert_eq!(standing_nats(Some(&standing(f64::NAN, f64::NAN))).get(), 0.0);
    }
}

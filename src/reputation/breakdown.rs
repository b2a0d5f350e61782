//! Why a standing is as it is: what each event adds to its mean.
//!
//! Not here: the standing itself (`folded.rs`). Kept true: the sign of a contribution is that of what the event does to the mean.

use super::decay::{Decayed, EraTime, Sums};
use super::folded::seconds;
use crate::domain::{StandingContribution, StandingEvent, Timestamp};
use crate::policy::{EventWeight, StandingRules};

/// The events that move the mean most, largest first, at most so many; ties in the order of their identifiers.
///
/// A contribution is the mean with the event less the mean without it, all others staying.
pub fn contributions(
    events: &[StandingEvent],
    rules: &StandingRules,
    now: Timestamp,
    most: usize,
) -> Vec<StandingContribution> {
    let now = EraTime::at(seconds(now), rules.half_life);
    let shares: Vec<Decayed> = events.iter().map(|event| share(event, rules, now)).collect();
    let (a, b) = shares.iter().fold((rules.prior.bad, rules.prior.good), |(a, b), left| (a + left.bad, b + left.good));
    let mean = a / (a + b);
    let mut moved: Vec<(f64, &str)> = events
        .iter()
        .zip(&shares)
        .map(|(event, left)| {
            let (bad, good) = (a - left.bad, b - left.good);
            (mean - bad / (bad + good), event.event_id.as_str())
        })
        .filter(|(contribution, _)| *contribution != 0.0)
        .collect();
    moved.sort_by(|(one, id), (other, other_id)| other.abs().total_cmp(&one.abs()).then_with(|| id.cmp(other_id)));
    moved.truncate(most);
    let shown = |(contribution, id): (f64, &str)| StandingContribution { event_id: id.to_owned(), contribution };
    moved.into_iter().map(shown).collect()
}

/// What is left of one event: what folding it alone would give.
fn share(event: &StandingEvent, rules: &StandingRules, now: EraTime) -> Decayed {
    let EventWeight { bad, good } = rules.event(event.kind).weight(event.area);
    let time = EraTime::at(seconds(event.occurred_at), rules.half_life);
    let count = f64::from(event.count);
    let (mut sums, mut era) = (Sums::default(), 0);
    sums.add(&mut era, time.era, time.amount(bad * count, good * count));
    sums.at(era, now)
}

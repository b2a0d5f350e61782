//! Why a standing is as it is: what each event adds to its mean.
//!
//! Not here: the standing itself (`folded.rs`). Kept true: the sign of a contribution is that of what the event does to the mean; what is kept does
//! not grow with the number of events.
//!
//! What an event moves depends on all the others, and they are known at the end. But of events of one kind and area, whatever the others are, the one
//! that weighs more moves more: so the heaviest of each are kept, and compared with each other at the end.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Folded;
use super::decay::{Decayed, EraTime, Sums};
use super::folded::seconds;
use crate::domain::{EventKind, RiskArea, StandingContribution, StandingEvent, Timestamp};
use crate::policy::{EventWeight, StandingRules};

/// The events that may be among those that move the mean most.
#[derive(Debug)]
pub(super) struct Breakdown {
    most: usize,
    heaviest: BTreeMap<(EventKind, Option<RiskArea>), Vec<Heavy>>,
}

/// An event and by how many half-lives of decay its weight surpasses that of one in 1970, at any instant.
#[derive(Debug)]
struct Heavy {
    half_lives: f64,
    event: StandingEvent,
}

impl Heavy {
    /// The heavier one first; of equals, in the order of their identifiers.
    fn order(&self, other: &Self) -> Ordering {
        let heavier = other.half_lives.total_cmp(&self.half_lives);
        heavier.then_with(|| self.event.event_id.cmp(&other.event.event_id))
    }
}

impl Breakdown {
    /// For at most so many contributions.
    pub(super) fn new(most: usize) -> Self {
        Breakdown { most, heaviest: BTreeMap::new() }
    }

    /// Looks at an event.
    pub(super) fn add(&mut self, event: &StandingEvent, rules: &StandingRules) {
        let half_life = f64::from(rules.half_life.seconds());
        let half_lives = f64::from(event.count).log2() + f64::from(seconds(event.occurred_at)) / half_life;
        let kept = self.heaviest.entry((event.kind, event.area)).or_default();
        if kept.len() >= self.most && kept.last().is_some_and(|last| half_lives < last.half_lives) {
            return; // most of many
        }
        let heavy = Heavy { half_lives, event: event.clone() };
        let position = kept.partition_point(|known| known.order(&heavy).is_lt());
        kept.insert(position, heavy);
        kept.truncate(self.most);
    }

    /// What they add to the mean of a standing, largest first; ties in the order of their identifiers.
    ///
    /// A contribution is the mean with the event less the mean without it, all others staying.
    pub(super) fn contributions(
        &self,
        folded: &Folded,
        rules: &StandingRules,
        now: Timestamp,
    ) -> Vec<StandingContribution> {
        let now = folded.as_of(rules, now);
        let all = folded.left_at(rules, now);
        let (a, b) = (rules.prior.bad + all.bad, rules.prior.good + all.good);
        let mean = a / (a + b);
        let heaviest = self.heaviest.values().flatten();
        let mut moved: Vec<(f64, &str)> = heaviest
            .map(|Heavy { event, .. }| {
                let left = share(event, rules, now);
                let (bad, good) = (a - left.bad, b - left.good);
                (mean - bad / (bad + good), event.event_id.as_str())
            })
            .filter(|(contribution, _)| *contribution != 0.0)
            .collect();
        moved.sort_by(|(one, id), (other, other_id)| other.abs().total_cmp(&one.abs()).then_with(|| id.cmp(other_id)));
        moved.truncate(self.most);
        let shown = |(contribution, id): (f64, &str)| StandingContribution { event_id: id.to_owned(), contribution };
        moved.into_iter().map(shown).collect()
    }
}

/// The events that move the mean most, largest first, at most so many; ties in the order of their identifiers.
pub fn contributions(
    events: &[StandingEvent],
    rules: &StandingRules,
    now: Timestamp,
    most: usize,
) -> Vec<StandingContribution> {
    let mut breakdown = Breakdown::new(most);
    events.iter().for_each(|event| breakdown.add(event, rules));
    breakdown.contributions(&Folded::from_events(events, rules), rules, now)
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

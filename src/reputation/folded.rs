//! All events of one seller or creator, folded into 48 bytes, and the standing that follows from them.
//!
//! Not here: which events there are (`source.rs`) and whether one came before (whoever folds sees to that). Kept true: folding is
//! commutative; more bad evidence never lowers the mean or either end of the interval; reading allocates nothing.

use std::sync::atomic::{AtomicBool, Ordering};

use super::credible::credible_interval;
use super::decay::{Decayed, EraTime, Sums};
use super::strikes::Strikes;
use crate::domain::{AreaStanding, EventKind, MisuseStage, RiskArea, Standing, StandingEvent, Timestamp};
use crate::policy::{EventWeight, StandingRules, StrikeEffect};

/// What is left of events once they are folded. Millions of these are in memory, so what most sellers never need lies elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Over all areas.
    sums: Sums,
    /// Areas and strikes; most have neither.
    detail: Option<Box<Detail>>,
    /// When the trader was last found verified or not, in seconds since 1970; the lowest bit says which (1 = not), so the later
    /// one is simply the larger one, and of two within two seconds the worse one counts.
    verification: u32,
    /// The newest event of `sums`.
    newest: Newest,
    /// Was it read lately? `live.rs` wants to know, and here is the byte that is left.
    touched: Touched,
}

/// When the newest event was, in units of 256 seconds since 1970: they last as long as seconds in 32 bits do, and an era (sixteen half-lives of
/// whole days) is a whole number of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Newest([u8; 3]);

impl Newest {
    /// The beginning of the unit.
    fn seconds(self) -> u32 {
        let [high, middle, low] = self.0;
        u32::from_be_bytes([high, middle, low, 0])
    }

    /// The later one.
    fn or(self, seconds: u32) -> Self {
        let [high, middle, low, _] = seconds.max(self.seconds()).to_be_bytes();
        Newest([high, middle, low])
    }
}

/// How far an event may lie ahead of a clock that is right. One that lies further ahead says that the clock was set back.
const AHEAD: u32 = 24 * 3600;

/// A mark that a reader leaves. No part of what is folded: all marks are equal, and a copy has none.
#[derive(Debug, Default)]
struct Touched(AtomicBool);

impl Clone for Touched {
    fn clone(&self) -> Self {
        Touched::default()
    }
}

impl PartialEq for Touched {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Touched {}

/// What not everybody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Detail {
    /// In the order of the areas.
    areas: Vec<AreaSums>,
    strikes: Strikes,
}

/// One area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AreaSums {
    area: RiskArea,
    era: u16,
    sums: Sums,
}

/// Seconds since 1970 in 32 bits, which last until 2106. Fractions do not matter to half-lives of days.
pub(super) fn seconds(at: Timestamp) -> u32 {
    u32::try_from(at.seconds.max(0)).unwrap_or(u32::MAX)
}

impl Folded {
    /// Folds events, each of which must be new.
    pub fn from_events<'a>(events: impl IntoIterator<Item = &'a StandingEvent>, rules: &StandingRules) -> Self {
        let mut folded = Folded::default();
        events.into_iter().for_each(|event| folded.add(event, rules));
        folded
    }

    /// Adds one event, which must be new.
    pub fn add(&mut self, event: &StandingEvent, rules: &StandingRules) {
        let (rule, at) = (rules.event(event.kind), seconds(event.occurred_at));
        let EventWeight { bad, good } = rule.weight(event.area);
        if bad > 0.0 || good > 0.0 {
            let count = f64::from(event.count);
            let time = EraTime::at(at, rules.half_life);
            let amount = time.amount(bad * count, good * count);
            let mut era = self.era(rules);
            self.sums.add(&mut era, time.era, amount);
            self.newest = self.newest.or(at);
            if let Some(area) = event.area {
                let AreaSums { era, sums, .. } = self.detail().area(area);
                sums.add(era, time.era, amount);
            }
        }
        if rule.strike != StrikeEffect::None {
            self.detail().strikes.count(rule.strike, at, event.count, &rules.strikes);
        }
        match event.kind {
            EventKind::TraderVerified => self.verification = self.verification.max(at & !1),
            EventKind::TraderUnverified => self.verification = self.verification.max(at | 1),
            EventKind::WarningIssued | EventKind::Suspended | EventKind::Reinstated => {
                self.detail().strikes.note(event.kind, at);
            }
            _ => {}
        }
    }

    /// True if there was an event that counts for something.
    pub fn is_known(&self) -> bool {
        self.newest.seconds() > 0 || self.verification > 0 || self.detail.is_some()
    }

    /// Leaves the mark of a reader. Written once only: a line of memory that is only read stays in the caches of all.
    pub(super) fn touch(&self) {
        if !self.touched.0.load(Ordering::Relaxed) {
            self.touched.0.store(true, Ordering::Relaxed);
        }
    }

    /// Takes the mark away; true if there was one.
    pub(super) fn was_touched(&self) -> bool {
        self.touched.0.swap(false, Ordering::Relaxed)
    }

    /// The standing at an instant; `None` if no event counts for anything.
    pub fn standing(&self, rules: &StandingRules, now: Timestamp) -> Option<Standing> {
        self.is_known().then(|| self.standing_or_prior(rules, now))
    }

    /// The standing at an instant; without events, what anybody is taken for.
    pub fn standing_or_prior(&self, rules: &StandingRules, now: Timestamp) -> Standing {
        let left = self.left_at(rules, self.as_of(rules, now));
        let now = seconds(now);
        let (a, b) = (rules.prior.bad + left.bad, rules.prior.good + left.good);
        let (lower, upper) = credible_interval(a, b);
        let mean = a / (a + b);
        Standing {
            mean,
            // Far out, a small parameter can put the mean of a skewed distribution outside of its own quantiles.
            lower: lower.min(mean),
            upper: upper.max(mean),
            effective_events: left.bad + left.good,
            strikes: self.detail.as_ref().map_or(0, |detail| detail.strikes.current(now, &rules.strikes)),
            trader_verified: self.verification > 0 && self.verification & 1 == 0,
        }
    }

    /// What DSA Art. 23 calls for.
    pub fn misuse(&self, rules: &StandingRules, now: Timestamp) -> MisuseStage {
        self.detail
            .as_ref()
            .map_or_else(MisuseStage::default, |detail| detail.strikes.stage(seconds(now), &rules.strikes))
    }

    /// The standing in every area that has events, in the order of the areas.
    ///
    /// What is good and belongs to no area (orders without complaint) counts in each of them: an order is exposure to all.
    pub fn areas(&self, rules: &StandingRules, now: Timestamp) -> Vec<AreaStanding> {
        let Some(detail) = &self.detail else { return Vec::new() };
        let now = self.as_of(rules, now);
        let left: Vec<(RiskArea, Decayed)> =
            detail.areas.iter().map(|known| (known.area, known.sums.at(known.era, now))).collect();
        let all = self.left_at(rules, now).good;
        let shared = (all - left.iter().map(|(_, left)| left.good).sum::<f64>()).max(0.0);
        let standing = |(area, left): (RiskArea, Decayed)| {
            let (a, b) = (rules.prior.bad + left.bad, rules.prior.good + left.good + shared);
            AreaStanding { area, mean: a / (a + b), effective_events: left.bad + left.good }
        };
        left.into_iter().map(standing).collect()
    }

    /// The instant as of which sums are read: now; or, if the clock was set back behind the newest event by more than a right clock may be, that
    /// event's. An event would else weigh more than it does, by twice for each half-life that the clock is wrong.
    pub(super) fn as_of(&self, rules: &StandingRules, now: Timestamp) -> EraTime {
        EraTime::at(seconds(now).max(self.newest.seconds().saturating_sub(AHEAD)), rules.half_life)
    }

    /// What is left of all events.
    pub(super) fn left_at(&self, rules: &StandingRules, now: EraTime) -> Decayed {
        self.sums.at(self.era(rules), now)
    }

    /// The newest era of the sums.
    fn era(&self, rules: &StandingRules) -> u16 {
        EraTime::era(self.newest.seconds(), rules.half_life)
    }

    fn detail(&mut self) -> &mut Detail {
        self.detail.get_or_insert_default()
    }
}

impl Detail {
    fn area(&mut self, area: RiskArea) -> &mut AreaSums {
        let position = self.areas.partition_point(|known| known.area < area);
        if self.areas.get(position).is_none_or(|known| known.area != area) {
            // Most have one; room for more would cost them forty bytes each.
            self.areas.reserve_exact(1);
            self.areas.insert(position, AreaSums { area, era: 0, sums: Sums::default() });
        }
        // It was there, or has just been put there.
        &mut self.areas[position]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_subject_has_48_bytes() {
        assert_eq!(size_of::<Folded>(), 48);
    }
}

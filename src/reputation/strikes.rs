//! Strikes, warnings and suspensions (DSA Art. 23).
//!
//! Not here: which events are strikes (`standing.yaml`). Kept true: what is kept depends on the set of events and not on their
//! order; a suspension is never due without a warning before it.
//!
//! Strikes are counted by day (UTC), and only the days of one window before the newest are kept. So what is kept is bounded by
//! the window, and a strike that counts at reading has never been dropped at writing.

use crate::domain::{EventKind, MisuseStage};
use crate::policy::{StrikeEffect, StrikeRules};

/// Seconds of a day.
const DAY: u32 = 24 * 3600;

/// What happened on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StrikeDay {
    /// Since 1970.
    day: u16,
    counted: u16,
    lifted: u16,
}

/// Strikes and what followed from them. Instants are seconds since 1970; zero = never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Strikes {
    /// By day, rising; all within a window of the last.
    days: Vec<StrikeDay>,
    last_strike: u32,
    last_warning: u32,
    last_suspension: u32,
    last_reinstatement: u32,
}

impl Strikes {
    /// Notes strikes, or takes some back.
    pub(super) fn count(&mut self, effect: StrikeEffect, at: u32, count: u32, rules: &StrikeRules) {
        let count = u16::try_from(count).unwrap_or(u16::MAX);
        let (counted, lifted) = match effect {
            StrikeEffect::None => return,
            StrikeEffect::Counts => (count, 0),
            StrikeEffect::Lifts => (0, count),
        };
        if counted > 0 {
            self.last_strike = self.last_strike.max(at);
        }
        // 65,535 days reach to the year 2149, seconds in 32 bits to 2106.
        let day = (at / DAY) as u16;
        match self.days.binary_search_by_key(&day, |known| known.day) {
            Ok(position) => {
                if let Some(known) = self.days.get_mut(position) {
                    known.counted = known.counted.saturating_add(counted);
                    known.lifted = known.lifted.saturating_add(lifted);
                }
            }
            Err(position) => self.days.insert(position, StrikeDay { day, counted, lifted }),
        }
        let newest = self.days.last().map_or(0, |last| last.day);
        self.days.retain(|known| newest - known.day < rules.window_days);
    }

    /// Notes a measure that was taken.
    pub(super) fn note(&mut self, kind: EventKind, at: u32) {
        let noted = match kind {
            EventKind::WarningIssued => &mut self.last_warning,
            EventKind::Suspended => &mut self.last_suspension,
            EventKind::Reinstated => &mut self.last_reinstatement,
            _ => return,
        };
        *noted = (*noted).max(at);
    }

    /// Strikes of the window that ends now.
    pub(super) fn current(&self, now: u32, rules: &StrikeRules) -> u32 {
        let today = (now / DAY) as u16;
        let current = self.days.iter().filter(|known| today.saturating_sub(known.day) < rules.window_days);
        let (counted, lifted) = current.fold((0_u32, 0_u32), |(counted, lifted), known| {
            (counted + u32::from(known.counted), lifted + u32::from(known.lifted))
        });
        counted.saturating_sub(lifted)
    }

    /// What Art. 23 calls for.
    pub(super) fn stage(&self, now: u32, rules: &StrikeRules) -> MisuseStage {
        // Of a suspension and its end at the same instant, the end counts.
        if self.last_suspension > self.last_reinstatement {
            return MisuseStage::Suspended;
        }
        let strikes = self.current(now, rules);
        let window = u32::from(rules.window_days) * DAY;
        let warned = self.last_warning > 0 && now.saturating_sub(self.last_warning) < window;
        if strikes >= rules.suspend_at && warned && self.last_strike > self.last_warning {
            MisuseStage::SuspensionDue
        } else if strikes >= rules.warn_at && !warned {
            MisuseStage::WarningDue
        } else {
            MisuseStage::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: StrikeRules = StrikeRules { window_days: 30, warn_at: 2, suspend_at: 3 };

    fn after(strikes: &[u32]) -> Strikes {
        let mut known = Strikes::default();
        strikes.iter().for_each(|day| known.count(StrikeEffect::Counts, day * DAY + 5, 1, &RULES));
        known
    }

    #[test]
    fn a_strike_counts_for_one_window() {
        let strikes = after(&[100, 110, 110]);
        assert_eq!([110, 129, 130, 139, 140].map(|day| strikes.current(day * DAY, &RULES)), [3, 3, 2, 2, 0]);
    }

    #[test]
    fn an_upheld_complaint_takes_a_strike_back() {
        let mut strikes = after(&[100, 101]);
        strikes.count(StrikeEffect::Lifts, 105 * DAY, 1, &RULES);
        assert_eq!(strikes.current(106 * DAY, &RULES), 1);
        strikes.count(StrikeEffect::Lifts, 105 * DAY, 9, &RULES);
        assert_eq!(strikes.current(106 * DAY, &RULES), 0);
    }

    #[test]
    fn the_warning_comes_first_however_many_strikes_there_are() {
        let stage = |strikes: &Strikes| strikes.stage(120 * DAY, &RULES);
        assert_eq!(stage(&after(&[110])), MisuseStage::None);
        let mut strikes = after(&[110, 111, 112, 113, 114]);
        assert_eq!(stage(&strikes), MisuseStage::WarningDue);
        strikes.note(EventKind::WarningIssued, 115 * DAY);
        assert_eq!(stage(&strikes), MisuseStage::None, "strikes have to go on after the warning");
        strikes.count(StrikeEffect::Counts, 116 * DAY, 1, &RULES);
        assert_eq!(stage(&strikes), MisuseStage::SuspensionDue);
        strikes.note(EventKind::Suspended, 117 * DAY);
        assert_eq!(stage(&strikes), MisuseStage::Suspended);
        strikes.note(EventKind::Reinstated, 118 * DAY);
        assert_eq!(stage(&strikes), MisuseStage::SuspensionDue);
        assert_eq!(strikes.stage(200 * DAY, &RULES), MisuseStage::None, "all of it lapses");
    }

    #[test]
    fn what_is_kept_is_bounded_by_the_window() {
        let strikes = after(&(0..10_000).collect::<Vec<_>>());
        assert_eq!(strikes.days.len(), 30);
    }
}

//! Sums that decay: what events have added, each halved with every half-life since.
//!
//! Not here: what an event adds (`folded.rs`). Kept true: a sum does not depend on the order of its terms, not in the last bit.
//!
//! A sum of floating-point numbers depends on their order, and so does one that is decayed to "now" at every write. So nothing is
//! decayed at writing: a term is *grown* by the time since the start of its era instead, turned into an integer once, and integers
//! add up the same in any order. Reading divides the growth out again.
//!
//! Growth has to stay within 64 bits, so time is cut into eras of 16 half-lives, counted from 1970, and only the newest era that
//! has a term and the one before it are kept. Which eras these are does not depend on the order either. What is dropped is older than
//! 16 half-lives (eight years, at half a year): 1/65536 of its weight. Reading forgets by the clock and not by what was
//! written since, so one more event never takes away what another one counts for.

use crate::policy::HalfLife;

/// Half-lives of an era.
const ERA_HALF_LIVES: u32 = 16;

/// An event of weight one at the start of its era. 20 bits below it are for weights of hundredths, the 16 above for growth, the
/// 28 above these for numbers: two hundred million events of weight one in one era.
const UNIT: f64 = (1_u64 << 20) as f64;

/// The two sides of a standing in the unit of an era.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) bad: u64,
    pub(super) good: u64,
}

impl Amount {
    /// Adds. Sums of numbers that are not negative saturate at the same value in any order.
    fn add(&mut self, other: Amount) {
        self.bad = self.bad.saturating_add(other.bad);
        self.good = self.good.saturating_add(other.good);
    }
}

/// Both sides as of an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Decayed {
    pub(super) bad: f64,
    pub(super) good: f64,
}

/// The sums of the newest era and of the one before. When the newest event was, and so which era that is, `Folded` keeps: that saves eight
/// bytes for each of millions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    newest: Amount,
    before: Amount,
}

/// An instant on the clock of a half-life.
#[derive(Clone, Copy, Debug)]
pub(super) struct EraTime {
    /// Eras since 1970. A half-life is at least a day, so they fit until seconds no longer do.
    pub(super) era: u16,
    /// Growth since the start of the era: 1 to 65536.
    growth: f64,
}

impl EraTime {
    /// Of seconds since 1970.
    pub(super) fn at(seconds: u32, half_life: HalfLife) -> Self {
        let half_life = u64::from(half_life.seconds());
        let length = half_life * u64::from(ERA_HALF_LIVES);
        let (era, within) = (u64::from(seconds) / length, u64::from(seconds) % length);
        // `exp2` of one library gives the same bits everywhere; another one may round an event by a millionth of its weight.
        EraTime { era: era as u16, growth: (within as f64 / half_life as f64).exp2() }
    }

    /// The era alone.
    pub(super) fn era(seconds: u32, half_life: HalfLife) -> u16 {
        (u64::from(seconds) / (u64::from(half_life.seconds()) * u64::from(ERA_HALF_LIVES))) as u16
    }

    /// What a weight adds if it happened now.
    pub(super) fn amount(self, bad: f64, good: f64) -> Amount {
        // A cast from f64 saturates, and a weight is not negative.
        let grown = |weight: f64| (weight * self.growth * UNIT).round() as u64;
        Amount { bad: grown(bad), good: grown(good) }
    }
}

impl Sums {
    /// Adds what happened in an era. `newest` is the newest era of these sums.
    pub(super) fn add(&mut self, newest: &mut u16, era: u16, amount: Amount) {
        match era.checked_sub(*newest) {
            Some(0) => self.newest.add(amount),
            Some(later) => {
                self.before = if later == 1 { self.newest } else { Amount::default() };
                self.newest = amount;
                *newest = era;
            }
            None if era + 1 == *newest => self.before.add(amount),
            None => {} // Two eras back and more.
        }
    }

    /// What is left at an instant.
    pub(super) fn at(&self, newest: u16, now: EraTime) -> Decayed {
        let half = f64::from(1_u32 << ERA_HALF_LIVES);
        // Should the clock have been set back behind the newest era, that one counts as it began.
        let (newest_share, before_share) = match now.era.saturating_sub(newest) {
            0 if now.era < newest => (1.0, 1.0 / half),
            0 => (1.0 / now.growth, 1.0 / (now.growth * half)),
            1 => (1.0 / (now.growth * half), 0.0),
            _ => return Decayed::default(),
        };
        let left = |newest: u64, before: u64| (newest as f64 * newest_share + before as f64 * before_share) / UNIT;
        Decayed { bad: left(self.newest.bad, self.before.bad), good: left(self.newest.good, self.before.good) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 24 * 3600;

    fn left(events: &[(u32, f64)], now: u32, days: u16) -> f64 {
        let half_life = HalfLife::days(days);
        let (mut sums, mut newest) = (Sums::default(), 0);
        for (at, weight) in events {
            let time = EraTime::at(*at, half_life);
            sums.add(&mut newest, time.era, time.amount(*weight, 0.0));
        }
        sums.at(newest, EraTime::at(now, half_life)).bad
    }

    #[test]
    fn a_weight_halves_with_every_half_life_also_across_the_border_of_an_era() {
        for start in [20_000 * DAY, 16 * 180 * DAY * 3 - 5 * DAY, 16 * 180 * DAY * 3] {
            for (half_lives, expected) in [(0, 2.0), (1, 1.0), (2, 0.5), (7, 2.0 / 128.0)] {
                let left = left(&[(start, 2.0)], start + half_lives * 180 * DAY, 180);
                assert!((left - expected).abs() < 1e-6, "{start} {half_lives}: {left}");
            }
        }
    }

    #[test]
    fn what_is_forgotten_is_sixteen_half_lives_old() {
        let era = 16 * 30 * DAY;
        assert!(left(&[(50 * era, 1e6)], 52 * era - 1, 30) > 0.0);
        assert_eq!(left(&[(50 * era, 1e6)], 52 * era, 30), 0.0);
        // By the clock alone: the late event takes nothing from the early one that reading had not forgotten already.
        assert_eq!(left(&[(50 * era, 1e6), (52 * era, 1.0)], 52 * era, 30), 1.0);
    }

    #[test]
    fn numbers_beyond_all_measure_saturate() {
        let much = left(&[(DAY, 1e300), (2 * DAY, 1e300)], 2 * DAY, 1);
        assert!(much.is_finite() && much > 1e8, "{much}");
    }

    #[test]
    fn a_clock_that_was_set_back_gives_no_more_than_the_event_is_worth() {
        let era = 16 * 180 * DAY;
        assert!(left(&[(3 * era + 9, 1.0)], 3 * era - 9, 180) < 1.1);
        assert!(left(&[(3 * era + DAY, 1.0)], 3 * era, 180) < 1.1);
    }
}

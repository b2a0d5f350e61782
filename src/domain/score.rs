//! Log odds, risks, levels and actions.
//!
//! Not here: which risk leads to which action (the policy pack says). Kept true: a `Risk` is a probability, a
//! `Nats` is finite.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::words::words;

/// Natural-log odds. Always finite: constructing from NaN gives 0, from an infinity the largest magnitude kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Nats(f64);

impl Nats {
    /// No evidence either way.
    pub const ZERO: Nats = Nats(0.0);
    /// Beyond this magnitude a probability no longer changes in an f64.
    pub const LIMIT: f64 = 40.0;

    /// Clamps to `-LIMIT..=LIMIT`; NaN becomes 0.
    pub fn new(value: f64) -> Self {
        if value.is_nan() { Self::ZERO } else { Nats(value.clamp(-Self::LIMIT, Self::LIMIT)) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// `1 / (1 + e^-L)`.
    pub fn risk(self) -> Risk {
        Risk(1.0 / (1.0 + (-self.0).exp()))
    }
}

impl Add for Nats {
    type Output = Nats;

    fn add(self, other: Nats) -> Nats {
        Nats::new(self.0 + other.0)
    }
}

impl AddAssign for Nats {
    fn add_assign(&mut self, other: Nats) {
        *self = *self + other;
    }
}

impl Sum for Nats {
    fn sum<I: Iterator<Item = Nats>>(iter: I) -> Nats {
        iter.fold(Nats::ZERO, Add::add)
    }
}

/// A probability, 0..=1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Risk(f64);

impl Risk {
    /// Clamps to 0..=1; NaN becomes 0.
    pub fn new(value: f64) -> Self {
        if value.is_nan() { Risk(0.0) } else { Risk(value.clamp(0.0, 1.0)) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The log odds that give this probability.
    pub fn nats(self) -> Nats {
        Nats::new((self.0 / (1.0 - self.0)).ln())
    }
}

words! {
    /// How high a risk is, by the pack's thresholds, mildest first. Names in capitals, as packs and the contract write them.
    #[derive(Default)]
    Level {
        /// Nothing to look at.
        #[default]
        Minimal = "MINIMAL",
        /// Less than what is worth a person's time.
        Low = "LOW",
        /// Worth a look.
        Elevated = "ELEVATED",
        /// Look soon.
        High = "HIGH",
        /// Look now.
        Critical = "CRITICAL",
    }
}

words! {
    /// What the pack recommends, mildest first: the order is the order of gravity. Names in capitals, as packs and the contract
    /// write them.
    #[derive(Default)]
    Action {
        /// Nothing to do.
        #[default]
        Allow = "ALLOW",
        /// Ask the creator to disclose.
        RequireDisclosure = "REQUIRE_DISCLOSURE",
        /// Show to verified adults only.
        AgeGate = "AGE_GATE",
        /// Show less until somebody has looked.
        Demote = "DEMOTE",
        /// Put before a person.
        Review = "REVIEW",
        /// Hold back until a person has decided.
        Block = "BLOCK",
        /// Hold back and tell the people responsible for grave cases.
        Escalate = "ESCALATE",
    }
}

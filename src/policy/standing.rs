//! What events count for in the standing of a seller or creator: `standing.yaml`, compiled.
//!
//! Not here: how events fold into a standing (`reputation/`). Kept true: weights are not negative, the prior and the half-life
//! are positive, a suspension needs more strikes than a warning.
//!
//! The standing is a Beta posterior of the rate of violation (Jøsang and Ismail, "The Beta Reputation System", 2002): an event
//! adds to one of its two parameters, and what it added halves with every half-life.

use crate::domain::{EventKind, RiskArea};

/// Seconds of a day.
const DAY: u32 = 24 * 3600;

/// The time in which an event comes to count half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HalfLife(u32);

impl HalfLife {
    /// At most ten years: beyond, nothing would ever be forgotten.
    pub const MAX_DAYS: u16 = 3650;

    /// In days, 1 to `MAX_DAYS`; what is outside is moved to the nearest.
    pub fn days(days: u16) -> Self {
        HalfLife(u32::from(days.clamp(1, Self::MAX_DAYS)) * DAY)
    }

    /// In seconds, at least a day.
    pub const fn seconds(self) -> u32 {
        self.0
    }
}

/// What one event adds to the two sides of a standing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventWeight {
    /// To the side of violations.
    pub bad: f64,
    /// To the side of none.
    pub good: f64,
}

impl EventWeight {
    /// Heavier events are worth an event of their own.
    pub const MAX: f64 = 100.0;
}

/// What an event does to strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StrikeEffect {
    /// Nothing.
    #[default]
    None,
    /// It is one.
    Counts,
    /// It takes one back: a complaint was upheld.
    Lifts,
}

/// What one kind of event counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventRule {
    /// In areas that have no weight of their own, and for events of no area.
    pub weight: EventWeight,
    /// By `RiskArea::index`.
    pub areas: [Option<EventWeight>; RiskArea::COUNT],
    /// For DSA Art. 23.
    pub strike: StrikeEffect,
}

impl EventRule {
    /// The weight of an event that concerns this area.
    pub fn weight(&self, area: Option<RiskArea>) -> EventWeight {
        area.and_then(|area| self.areas.get(area.index()).copied().flatten()).unwrap_or(self.weight)
    }
}

/// When strikes call for a warning or a suspension (DSA Art. 23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrikeRules {
    /// Days for which a strike, and a warning, count.
    pub window_days: u16,
    /// Strikes in the window that call for a warning.
    pub warn_at: u32,
    /// Strikes in the window that call for a suspension, if a warning came before.
    pub suspend_at: u32,
}

impl StrikeRules {
    /// Longer windows would hold old matters against people for good.
    pub const MAX_WINDOW_DAYS: u16 = 1095;
}

/// Everything that `standing.yaml` says.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingRules {
    /// The two parameters before any event.
    pub prior: EventWeight,
    /// How fast events come to count less.
    pub half_life: HalfLife,
    /// By discriminant of `EventKind`.
    pub events: [EventRule; EventKind::COUNT],
    /// For DSA Art. 23.
    pub strikes: StrikeRules,
}

impl StandingRules {
    /// The smallest parameter of a prior: below, the interval of an unknown seller spans everything.
    pub const MIN_PRIOR: f64 = 0.25;
    /// The largest: beyond, no number of events would matter.
    pub const MAX_PRIOR: f64 = 1000.0;

    /// What an event of this kind counts for.
    pub fn event(&self, kind: EventKind) -> &EventRule {
        // A kind indexes an array of `COUNT`.
        &self.events[kind as usize]
    }
}

/// A pack without `standing.yaml`: one in twenty is expected to violate, and no event changes that.
impl Default for StandingRules {
    fn default() -> Self {
        StandingRules {
            prior: EventWeight { bad: 1.0, good: 19.0 },
            half_life: HalfLife::days(180),
            events: [EventRule::default(); EventKind::COUNT],
            strikes: StrikeRules { window_days: 365, warn_at: 3, suspend_at: 5 },
        }
    }
}

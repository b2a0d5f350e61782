//! What is known of a seller or creator: as scoring sees it, and with what it rests on.
//!
//! Not here: events, decay, storage. Kept true: `lower <= mean <= upper`, all within 0..=1.

use super::{RiskArea, Timestamp};

/// A standing as of an instant; `None` in place of it means that nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Mean probability of violation, 0..=1.
    pub mean: f64,
    /// Lower end of the 90 % credible interval. Scoring uses this end, so that little evidence moves little.
    pub lower: f64,
    /// Upper end of the 90 % credible interval.
    pub upper: f64,
    /// Decayed number of events behind it.
    pub effective_events: f64,
    /// Strikes in the current window (DSA Art. 23).
    pub strikes: u32,
    /// True if the trader's information was verified (DSA Art. 30).
    pub trader_verified: bool,
}

/// A standing, and what it rests on: for people who ask why.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingDetail {
    /// As scoring sees it.
    pub standing: Standing,
    /// Where DSA Art. 23 stands with this seller or creator.
    pub misuse: MisuseStage,
    /// Per area, as far as there are events, in the order of the areas.
    pub areas: Vec<AreaStanding>,
    /// The events that carry it, largest first; not necessarily all.
    pub contributions: Vec<StandingContribution>,
    /// The instant that decay was computed for.
    pub as_of: Timestamp,
}

/// The standing in one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaStanding {
    /// The area.
    pub area: RiskArea,
    /// Mean probability of violation in it, 0..=1.
    pub mean: f64,
    /// Decayed number of events behind it.
    pub effective_events: f64,
}

/// One event that a standing rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingContribution {
    /// The event.
    pub event_id: String,
    /// What it adds to the mean, signed.
    pub contribution: f64,
}

/// What DSA Art. 23 calls for next: frequent misuse may end in a suspension for a time, and never before a warning.
///
/// The service only says what is due by the numbers of the pack; whether misuse is frequent and manifest is for people to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MisuseStage {
    /// Nothing is due.
    #[default]
    None,
    /// Strikes call for a warning.
    WarningDue,
    /// They were warned, strikes went on, and call for a suspension.
    SuspensionDue,
    /// They are suspended.
    Suspended,
}

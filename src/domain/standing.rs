//! What is known of a seller or creator, as scoring sees it: a value, computed elsewhere.
//!
//! Not here: events, decay, storage. Kept true: `lower <= mean <= upper`, all within 0..=1.

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

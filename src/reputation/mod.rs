//! What is remembered of sellers and creators: events folded into standings, the live ones in a concurrent map.
//!
//! Not here: what events count for (the pack's `standing.yaml`), where events are kept for good (`store/`), scoring. Kept true: a
//! standing is a function of the *set* of events, of the rules and of the instant. In which order events came, in which batches,
//! which of them came twice, and how often the process was started in between, changes not one bit of it.

mod breakdown;
mod credible;
mod decay;
mod folded;
mod key;
mod live;
mod loading;
mod memory;
mod roll;
mod source;
mod standings;
mod strikes;

pub use breakdown::contributions;
pub use credible::credible_interval;
pub use folded::Folded;
pub use memory::MemorySource;
pub use source::{EventPage, SourceAnswer, SourceUnavailable, StandingSource};
pub use standings::{Live, Standings};

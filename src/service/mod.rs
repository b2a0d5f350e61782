//! Use cases: what the command line and the gRPC server both call.
//!
//! Not here: encoding, transport. Kept true: a call works on one snapshot of the policy from start to end.

mod async_scorer;
mod decision_records;
mod decisions;
mod fit;
mod party;
mod policy_handle;
mod policy_query;
mod recorder;
mod reputation;
mod scoring;
mod seller_records;
mod spool;
mod stored_events;
mod tally;
mod training;
mod work_pool;

pub use async_scorer::{AsyncScorer, Scored};
pub use decision_records::{DecisionRecords, RecordsError, Replayed, Verification, VerifiedChain};
pub use decisions::{DecisionPage, Decisions, Following};
pub use fit::{AreaFit, Coverage, FitOptions, JudgedLine, Measured, Outcome, SignalFit, WorstSource, fired, fit};
pub use party::{PartyStanding, party};
pub use policy_handle::{LoadedPolicy, PolicyHandle};
pub use policy_query::{PolicySummary, SignalPage, SignalQuery};
pub use recorder::{DEGRADED, OnStoreFailure, RecordPolicy, Recorder, Unrecorded};
pub use reputation::{EventOutcome, Reputation, has_happened};
pub use scoring::{Assessed, Scorer, now};
pub use seller_records::{KeptEvents, SellerRecords, SellerRecordsError};
pub use spool::Spool;
pub use stored_events::{EventTail, StoredEvents};
pub use training::{BlindModel, LabelledText, TrainingSet, UnseenSource, text_of};
pub use work_pool::{WorkLimit, WorkPool};

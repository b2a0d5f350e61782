//! Use cases: what the command line and the gRPC server both call.
//!
//! Not here: encoding, transport. Kept true: a call works on one snapshot of the policy from start to end.

mod async_scorer;
mod campaign;
mod decision_records;
mod decisions;
mod fit;
mod ledger;
mod mention_tail;
mod pairs;
mod party;
mod policy_handle;
mod policy_query;
mod promotions;
mod readiness;
mod recent;
mod recorder;
mod recorder_metrics;
mod reputation;
mod rescoring;
mod retention;
mod scoring;
mod seller_records;
mod spool;
mod stage_times;
mod stored_events;
mod tally;
mod training;
mod work_pool;

pub use async_scorer::{AsyncScorer, Scored};
pub use campaign::Campaign;
pub use decision_records::{DecisionRecords, RecordsError, Replayed, Verification, VerifiedChain};
pub use decisions::{DecisionPage, Decisions, Following};
pub use fit::{AreaFit, Coverage, FitOptions, JudgedLine, Measured, Outcome, SignalFit, WorstSource, fired, fit};
pub use mention_tail::MentionTail;
pub use party::{Known, PartyStanding, party};
pub use policy_handle::{LoadedPolicy, PolicyHandle};
pub use policy_query::{PolicySummary, SignalPage, SignalQuery};
pub use promotions::{ChangedListings, PromotionMemory, PromotionPage};
pub use readiness::{Readiness, Stage};
pub use recorder::{DEGRADED, OnStoreFailure, RecordPolicy, Recorder, Unrecorded};
pub use reputation::{EventOutcome, Reputation, has_happened};
pub use rescoring::Rescoring;
pub use retention::Retention;
pub use scoring::{Assessed, Scorer, now};
pub use seller_records::{KeptEvents, SellerRecords, SellerRecordsError};
pub use spool::Spool;
pub use stage_times::StageTimes;
pub use stored_events::{EventTail, StoredEvents};
pub use tally::TallyBook;
pub use training::{BlindModel, LabelledText, TrainingSet, UnseenHints, UnseenSource, text_of};
pub use work_pool::{WorkLimit, WorkPool};

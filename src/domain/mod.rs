//! The words of the service: content, areas, scores, evidence, assessments, standings, records, error codes.
//!
//! Not here: how any of it is computed, encoded or stored. These types know no serde, prost, tokio or clock.
//! Kept true: every value is valid by construction or documented where it is not; order is deterministic
//! (sorted maps), so equal content gives equal bytes.

mod area;
mod assessment;
mod content;
mod decision;
mod error;
mod event;
mod evidence;
mod promotion;
mod score;
mod standing;
mod targeting;
mod words;

pub use area::RiskArea;
pub use assessment::{
    AreaRisk, Assessment, Diagnostic, LegalBasis, ModelReference, PolicyReference, Signal, Subject, SubjectKind,
    Verdict,
};
pub use content::{
    Content, Field, Listing, Media, Money, Post, ProductSafety, Provenance, Relationship, TargetingCriterion,
    Timestamp, TraderInformation, Variant,
};
pub use decision::{
    Decision, DecisionHistory, Digest, Erasure, Link, Notice, NoticeKind, Outcome, OutcomeKind, PolicyVersion, Record,
    RecordKind, Recorded, Tally,
};
pub use error::{ErrorCode, FieldViolation, InvalidContent, ServiceError};
pub use event::{EventKind, StandingEvent};
pub use evidence::{ByteSpan, Concealment, Concealments, Evidence};
pub use promotion::{
    Claim, ClaimKind, Claims, MOST_CLAIMS, MOST_MENTIONS, Mention, PartyRate, PromotedListing, Promotions,
};
pub use score::{Action, Level, Nats, Risk};
pub use standing::{AreaStanding, MisuseStage, Standing, StandingContribution, StandingDetail};
pub use targeting::{SpecialCategory, TargetingPlan};

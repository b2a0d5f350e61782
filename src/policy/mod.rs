//! Policy packs: YAML source in, a compiled pack or diagnostics out.
//!
//! Not here: evaluation (the engine), reloading (the service). Kept true: a pack compiles completely or not at all;
//! every way it can be wrong has a stable code and a place (file, line, column).

mod code;
mod compile;
mod compiled;
mod condition;
mod diagnostic;
mod facts;
mod faults;
mod numbers;
mod promotion;
mod shape;
mod sor;
mod source;
mod standing;
mod suggest;
mod yaml;

pub use code::{Code, Severity};
pub use compile::{compile, compile_untrained};
pub use compiled::{
    ActionThreshold, Comparison, CompiledArea, CompiledLexicon, CompiledPack, CompiledSignal, CompiledTerm,
    EvidenceSource, Guard, Guards, GuardsId, LevelThresholds, Near, PackExample, Predicate, Relevance, Roles, SignalId,
    Slot, SlotId, SlotTable,
};
pub use diagnostic::PackDiagnostic;
pub use facts::{Fact, FactType, Scope};
pub use numbers::{WrittenNumber, WrittenNumbers, written_numbers};
pub use promotion::{BrandNames, CarrierLinks, LinkRules, ListingLinks, PathPart, ProductKind, PromotionRules};
pub use sor::{SOR_CATEGORIES, SOR_KEYWORDS_WITHOUT_CATEGORY, SorCategory};
pub use source::{MAX_FILE_BYTES, PackFile, PackSource, embedded};
pub use standing::{EventRule, EventWeight, HalfLife, StandingRules, StrikeEffect, StrikeRules};
pub(crate) use suggest::did_you_mean;

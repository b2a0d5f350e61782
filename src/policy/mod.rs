//! Policy packs: YAML source in, a compiled pack or diagnostics out.
//!
//! Not here: evaluation (the engine), reloading (the service). Kept true: a pack compiles completely or not at all;
//! every way it can be wrong has a stable code and a place (file, line, column).

mod compiled;
mod facts;
mod predicate;

pub use compiled::{
    ActionThreshold, Comparison, CompiledArea, CompiledLexicon, CompiledPack, CompiledSignal, CompiledTerm,
    EvidenceSource, Guard, LevelThresholds, PackExample, Predicate, Roles, SignalId, Slot, SlotId, SlotTable,
};
pub use facts::{Fact, FactType, Scope};

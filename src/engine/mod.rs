//! The engine: a pure, synchronous function of content, pack, standing and time. It cannot fail.
//!
//! normalise -> match -> facts -> signals -> fuse -> decide, one module each.
//! Not here: I/O, clocks, locks, recording. Kept true: equal input gives equal output, byte for byte.

mod trace;

pub use trace::{
    AreaSum, Counterfactual, EvaluatedSignal, FoldedField, FoldedReading, ObservedFact, SignalOutcome, Trace,
};

use crate::domain::{Content, Risk, Standing, Timestamp, Verdict};
use crate::policy::CompiledPack;

/// What the engine is told beside content and pack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Of the seller or creator; `None` = nothing known.
    pub standing: Option<&'a Standing>,
    /// The instant of the assessment.
    pub now: Timestamp,
}

/// Buffers reused from item to item; one per worker.
#[derive(Debug, Default)]
pub struct Scratch {}

/// Scores one item.
pub fn assess(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> Verdict {
    let _ = (content, pack, circumstances, scratch);
    Verdict {
        risk: Risk::default(),
        level: Default::default(),
        action: Default::default(),
        areas: Vec::new(),
        signals: Vec::new(),
        language_code: String::new(),
        diagnostics: Vec::new(),
    }
}

/// Scores one item and shows how. The verdict equals that of `assess`.
pub fn explain(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> (Verdict, Trace) {
    (assess(content, pack, circumstances, scratch), Trace::default())
}

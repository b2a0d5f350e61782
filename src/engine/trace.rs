//! How a verdict came about, as values.
//!
//! Not here: what is shown of it (the edges). Kept true: a trace is complete: every fact that is present, every
//! signal that applies.

use crate::domain::{ByteSpan, Concealment, Evidence, Nats, Risk, RiskArea};

/// A field as the matcher reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedField {
    /// E.g. `title`.
    pub field_path: String,
    /// As sent.
    pub original: String,
    /// Folded.
    pub folded: String,
    /// Second readings.
    pub readings: Vec<FoldedReading>,
}

/// A second reading of a word that looks disguised.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedReading {
    /// Bytes of the field as sent.
    pub span: ByteSpan,
    /// The plain word.
    pub text: String,
    /// How it was hidden.
    pub concealment: Concealment,
}

/// A fact that is present.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedFact {
    /// As a pack writes it.
    pub name: String,
    /// Its value as text.
    pub value: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// What became of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalOutcome {
    /// Fired and counted.
    Fired,
    /// Fired, but a stronger one of its group spoke for it.
    Outweighed,
    /// Its condition was false.
    Silent,
    /// Nothing that it needs was present, so it was not evaluated.
    Skipped,
}

impl SignalOutcome {
    /// True if its condition held, whether it spoke for its group or not.
    pub const fn fired(self) -> bool {
        matches!(self, SignalOutcome::Fired | SignalOutcome::Outweighed)
    }
}

/// A signal that applies to such content.
#[derive(Clone, Debug, PartialEq)]
pub struct EvaluatedSignal {
    /// Identifier.
    pub signal_id: String,
    /// Its area.
    pub area: RiskArea,
    /// Its weight.
    pub weight: Nats,
    /// What became of it.
    pub outcome: SignalOutcome,
    /// Its condition as written.
    pub condition: String,
}

/// The sum behind one area's risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaSum {
    /// The area.
    pub area: RiskArea,
    /// Before any evidence.
    pub prior: Nats,
    /// From standing.
    pub standing: Nats,
    /// From signals.
    pub signals: Nats,
    /// What the text model says.
    pub opinion: Nats,
    /// As much of it as counts: it fills up what worrying signals leave of the pack's limit.
    pub model: Nats,
    /// Of all.
    pub total: Nats,
}

/// The smallest set of signals without which the item would be allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterfactual {
    /// Their identifiers.
    pub signal_ids: Vec<String>,
    /// Their evidence.
    pub evidence: Vec<Evidence>,
    /// The risk that would remain.
    pub remaining_risk: Risk,
    /// False if no set of signals suffices.
    pub sufficient: bool,
}

/// How a verdict came about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Every text field.
    pub fields: Vec<FoldedField>,
    /// Every fact present, by name.
    pub facts: Vec<ObservedFact>,
    /// Every signal that applies.
    pub signals: Vec<EvaluatedSignal>,
    /// Every area scored.
    pub areas: Vec<AreaSum>,
    /// `None` if the action is ALLOW.
    pub counterfactual: Option<Counterfactual>,
}

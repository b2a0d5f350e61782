//! Traces: how an assessment came about.
//!
//! Not here: the assessment itself. Kept true: nothing of a trace is left out.

use super::{area, concealment, evidence};
use crate::engine::{
    AreaSum, Counterfactual, EvaluatedSignal, FoldedField, FoldedReading, ObservedFact, SignalOutcome, Trace,
};
use crate::wire::v1;
use crate::wire::v1::evaluated_signal::Outcome;

/// A trace.
pub fn trace(trace: Trace) -> v1::Trace {
    v1::Trace {
        fields: trace.fields.into_iter().map(folded_field).collect(),
        facts: trace.facts.into_iter().map(fact).collect(),
        signals: trace.signals.into_iter().map(evaluated_signal).collect(),
        areas: trace.areas.into_iter().map(area_sum).collect(),
        counterfactual: trace.counterfactual.map(counterfactual),
    }
}

fn folded_field(field: FoldedField) -> v1::FoldedField {
    v1::FoldedField {
        field_path: field.field_path,
        original_text: field.original,
        folded_text: field.folded,
        readings: field.readings.into_iter().map(reading).collect(),
    }
}

fn reading(reading: FoldedReading) -> v1::Reading {
    v1::Reading {
        start_byte: reading.span.start(),
        end_byte: reading.span.end(),
        text: reading.text,
        concealment: concealment(reading.concealment).into(),
    }
}

fn fact(fact: ObservedFact) -> v1::Fact {
    v1::Fact { name: fact.name, value: fact.value, evidence: evidence(fact.evidence) }
}

fn evaluated_signal(signal: EvaluatedSignal) -> v1::EvaluatedSignal {
    let outcome = match signal.outcome {
        SignalOutcome::Fired => Outcome::Fired,
        SignalOutcome::Outweighed => Outcome::Outweighed,
        SignalOutcome::Silent => Outcome::Silent,
        SignalOutcome::Skipped => Outcome::Skipped,
    };
    v1::EvaluatedSignal {
        signal_id: signal.signal_id,
        area: area(signal.area).into(),
        weight_nats: signal.weight.get(),
        outcome: outcome.into(),
        condition: signal.condition,
    }
}

fn area_sum(sum: AreaSum) -> v1::AreaSum {
    v1::AreaSum {
        area: area(sum.area).into(),
        prior_nats: sum.prior.get(),
        standing_nats: sum.standing.get(),
        signal_nats: sum.signals.get(),
        model_nats: sum.model.get(),
        total_nats: sum.total.get(),
    }
}

fn counterfactual(counterfactual: Counterfactual) -> v1::Counterfactual {
    v1::Counterfactual {
        signal_ids: counterfactual.signal_ids,
        evidence: evidence(counterfactual.evidence),
        remaining_risk: counterfactual.remaining_risk.get(),
        sufficient: counterfactual.sufficient,
    }
}

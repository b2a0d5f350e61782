//! Writes the trace of an evaluation that has just taken place.
//!
//! Not here: evaluating anything again. Kept true: what the trace shows is what the verdict was made from.

use super::counterfactual::counterfactual;
use super::evidence::Exhibits;
use super::facts::{relationship, slot_name};
use super::fuse::Sums;
use super::signals::{Firing, applies};
use super::trace::{EvaluatedSignal, FoldedField, FoldedReading, ObservedFact, SignalOutcome, Trace};
use crate::domain::Content;
use crate::policy::{EvidenceSource, Fact, FactType, SignalId, Slot, SlotId};

/// The trace.
pub(super) fn trace(exhibits: &Exhibits<'_, '_>, firing: &Firing, sums: &Sums) -> Trace {
    Trace {
        fields: fields(exhibits),
        facts: facts(exhibits),
        signals: signals(exhibits, firing),
        areas: sums.to_vec(),
        counterfactual: counterfactual(exhibits, &firing.fired, sums),
    }
}

fn fields(exhibits: &Exhibits<'_, '_>) -> Vec<FoldedField> {
    let item = exhibits.item;
    let (document, tokens) = (item.document, item.document.tokens());
    let field_of = |first: u32| tokens.get(first as usize).map(|token| usize::from(token.field.0));
    item.fields
        .iter()
        .zip(document.fields())
        .enumerate()
        .map(|(at, (source, place))| {
            let folded = document.folded().get(place.folded.start as usize..place.folded.end as usize);
            let readings = document.readings().iter().filter(|reading| field_of(reading.tokens.start) == Some(at));
            FoldedField {
                field_path: item.content.field_path(source.field),
                original: source.text.to_owned(),
                folded: folded.unwrap_or_default().to_owned(),
                readings: readings
                    .map(|reading| FoldedReading {
                        span: reading.original,
                        text: reading.text.clone(),
                        concealment: reading.concealment.gravest(),
                    })
                    .collect(),
            }
        })
        .collect()
}

fn facts(exhibits: &Exhibits<'_, '_>) -> Vec<ObservedFact> {
    let slots = &exhibits.pack.slots.slots;
    let present = exhibits.facts.present().iter();
    let mut facts: Vec<ObservedFact> =
        present.filter_map(|id| Some(fact(exhibits, *id, *slots.get(usize::from(id.0))?))).collect();
    facts.sort_unstable_by(|one, next| one.name.cmp(&next.name));
    facts
}

fn fact(exhibits: &Exhibits<'_, '_>, id: SlotId, slot: Slot) -> ObservedFact {
    let lexicon = |id: crate::matching::LexiconId| {
        exhibits.pack.lexicons.get(usize::from(id.0)).map(|lexicon| lexicon.id.as_str()).unwrap_or_default()
    };
    let name = slot_name(slot, lexicon);
    let value = exhibits.facts.value(id);
    let (value, evidence) = match slot {
        Slot::Lexicon(scope, id) => (value.to_string(), exhibits.of_one(EvidenceSource::Lexicon(scope, id))),
        Slot::Near(near) => {
            let pair = exhibits.hits.near(near);
            let evidence = pair.map(|(one, other)| exhibits.of_hits([one, other], &name)).unwrap_or_default();
            ("true".to_owned(), evidence)
        }
        Slot::Fact(fact) => (value_text(exhibits, fact, value), exhibits.of_one(EvidenceSource::Fact(fact))),
    };
    ObservedFact { name, value, evidence }
}

fn value_text(exhibits: &Exhibits<'_, '_>, fact: Fact, value: f64) -> String {
    match fact.fact_type() {
        FactType::Flag => "true".to_owned(),
        FactType::Text => match (fact, exhibits.item.content) {
            (Fact::RelationshipName, Content::Post(post)) => relationship(post.relationship).to_owned(),
            _ => exhibits.item.language().into_owned(),
        },
        FactType::Count | FactType::Measure => value.to_string(),
    }
}

fn signals(exhibits: &Exhibits<'_, '_>, firing: &Firing) -> Vec<EvaluatedSignal> {
    let pack = exhibits.pack;
    let mut speaks = vec![None; pack.signals.len()];
    for one in &firing.fired {
        if let Some(place) = speaks.get_mut(usize::from(one.signal.0)) {
            *place = Some(one.speaks);
        }
    }
    let outcome = |at: u16, speaks: Option<bool>| match speaks {
        Some(true) => SignalOutcome::Fired,
        Some(false) => SignalOutcome::Outweighed,
        None if firing.was_candidate(SignalId(at)) => SignalOutcome::Silent,
        None => SignalOutcome::Skipped,
    };
    let applying = (0..).zip(&pack.signals).zip(speaks);
    applying
        .filter(|((_, signal), _)| applies(signal, exhibits.item.content, pack))
        .map(|((at, signal), speaks)| EvaluatedSignal {
            signal_id: signal.id.clone(),
            area: signal.area,
            weight: signal.weight,
            outcome: outcome(at, speaks),
            condition: signal.source.clone(),
        })
        .collect()
}

//! Which signals the words of a lexicon may wake, and which lexicons a signal asks for: so that the engine looks closely only at words that may matter.
//!
//! Not here: choosing the lexicons for an item (`engine/facts/relevance.rs`). Kept true: a signal that can hold is `always` asked, or waits for a fact of the
//! content alone, or one of the lexicons that wake it was met.

use fixedbitset::FixedBitSet;

use super::super::compiled::{CompiledSignal, EvidenceSource, Relevance, SignalId, Slot, SlotTable};
use super::commonness::Commonness;
use crate::matching::LexiconId;

/// From what signals wait for.
pub(super) fn of_signals(
    signals: &[CompiledSignal],
    slots: &SlotTable,
    (triggers, unconditional): (&[Vec<SignalId>], &FixedBitSet),
    (lexicons, common): (usize, &Commonness),
) -> Relevance {
    let rarer = |a, b| if common.of_lexicon(b) < common.of_lexicon(a) { b } else { a };
    let mut relevance = Relevance {
        woken: vec![Vec::new(); lexicons],
        always: (0..)
            .map(SignalId)
            .take(signals.len())
            .filter(|id| unconditional.contains(usize::from(id.0)))
            .collect(),
        lexicons: signals.iter().map(|signal| lexicons_of(signal, slots)).collect(),
    };
    for (slot, waked) in slots.slots.iter().zip(triggers) {
        let lexicon = match *slot {
            Slot::Lexicon(_, lexicon) => lexicon,
            // Both must have been met, so either will do.
            Slot::Near(near) => rarer(near.a, near.b),
            Slot::Fact(fact) => {
                if fact.rests_on_hits() {
                    relevance.always.extend(waked);
                }
                continue;
            }
        };
        relevance.woken.get_mut(usize::from(lexicon.0)).into_iter().for_each(|woken| woken.extend(waked));
    }
    for signals in relevance.woken.iter_mut().chain([&mut relevance.always]) {
        signals.sort_unstable();
        signals.dedup();
    }
    relevance
}

/// Every lexicon that the condition or the evidence of a signal mentions.
fn lexicons_of(signal: &CompiledSignal, slots: &SlotTable) -> Vec<LexiconId> {
    let mut lexicons = Vec::new();
    signal.predicate.for_each_slot(&mut |slot| match slots.slots.get(usize::from(slot.0)) {
        Some(Slot::Lexicon(_, lexicon)) => lexicons.push(*lexicon),
        Some(Slot::Near(near)) => lexicons.extend([near.a, near.b]),
        Some(Slot::Fact(_)) | None => {}
    });
    lexicons.extend(signal.evidence.iter().filter_map(|source| match source {
        EvidenceSource::Lexicon(_, lexicon) => Some(*lexicon),
        EvidenceSource::Fact(_) => None,
    }));
    lexicons.sort_unstable();
    lexicons.dedup();
    lexicons
}

//! What proves a condition, when a signal does not say.
//!
//! Not here: where in the content it lies. Kept true: every source named is mentioned by the condition.

use super::super::compiled::{EvidenceSource, Predicate, Slot, SlotId};
use super::super::facts::Scope;
use super::Vocabulary;

/// The lexicons and facts whose presence the condition asks for: those clauses that do not hold when nothing is
/// known. `lex.a > 0 && lex.b == 0` is proved by hits of `a`; no character proves that `b` is absent.
pub(crate) fn proof(predicate: &Predicate, vocabulary: &Vocabulary<'_>) -> Vec<EvidenceSource> {
    let mut proof = Proof { vocabulary, found: Vec::new() };
    proof.visit(predicate, false);
    proof.found
}

struct Proof<'v, 'l> {
    vocabulary: &'v Vocabulary<'l>,
    found: Vec<EvidenceSource>,
}

impl Proof<'_, '_> {
    fn visit(&mut self, predicate: &Predicate, negated: bool) {
        match predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.visit(part, negated)),
            Predicate::Not(part) => self.visit(part, !negated),
            clause => {
                let mut slots = Vec::new();
                clause.for_each_slot(&mut |slot| slots.push(slot));
                if self.holds_of_nothing(clause, &slots) == negated {
                    slots.into_iter().for_each(|slot| self.add(slot));
                }
            }
        }
    }

    fn holds_of_nothing(&self, clause: &Predicate, slots: &[SlotId]) -> bool {
        let most = slots.iter().map(|slot| usize::from(slot.0) + 1).max().unwrap_or_default();
        let mut values = vec![0.0; most];
        for slot in slots {
            if let (Some(value), Some(meaning)) = (values.get_mut(usize::from(slot.0)), self.vocabulary.meaning(*slot))
            {
                *value = meaning.absent();
            }
        }
        clause.eval(&values)
    }

    fn add(&mut self, slot: SlotId) {
        let sources = match self.vocabulary.meaning(slot) {
            Some(Slot::Lexicon(scope, lexicon)) => [Some(EvidenceSource::Lexicon(scope, lexicon)), None],
            Some(Slot::Near(near)) => {
                [near.a, near.b].map(|lexicon| Some(EvidenceSource::Lexicon(Scope::Anywhere, lexicon)))
            }
            Some(Slot::Fact(fact)) => [Some(EvidenceSource::Fact(fact)), None],
            None => [None, None],
        };
        for source in sources.into_iter().flatten() {
            if !self.found.contains(&source) {
                self.found.push(source);
            }
        }
    }
}

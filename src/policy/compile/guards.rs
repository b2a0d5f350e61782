//! Guards of trap-laden terms, and guards that wait for each other.
//!
//! Not here: whether a guard holds of an item (the engine, which judges guards by raw hits). Kept true: in a pack that
//! compiles, what vouches for a term rests in the end on a term or a fact that needs nothing.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::super::code::Code;
use super::super::compiled::Guard;
use super::super::condition::{LexiconIndex, fact, unknown_fact};
use super::super::facts::Fact;
use super::super::faults::{At, Faults, Located};
use super::super::shape::RawGuard;
use crate::matching::LexiconId;

/// Longest distance, in words.
const MAX_WITHIN: f64 = 100.0;

/// Compiles guards and remembers what they need.
#[derive(Default)]
pub(super) struct GuardCompiler {
    used: FxHashSet<LexiconId>,
    facts: BTreeSet<Fact>,
    /// Lexicons with a term that can be hit whatever else is there.
    free: Vec<LexiconId>,
    /// Lexicon, lexicons of which a term of it needs one, where the term stands.
    needs: Vec<(LexiconId, Vec<LexiconId>, At)>,
}

impl GuardCompiler {
    /// Compiles one guard.
    pub(super) fn compile(&mut self, raw: &RawGuard, index: &LexiconIndex, faults: &mut Faults<'_>) -> Guard {
        if raw.lexicons.is_empty() && raw.facts.is_empty() {
            faults.add(Code::EmptyGuard, raw.at, "the guard names neither lexicons nor facts");
        } else if raw.lexicons.is_empty()
            && let Some(within) = &raw.within
        {
            faults.add(Code::PointlessDistance, within.at, "`within` without `lexicons`");
        }
        let mut guard = Guard { lexicons: Default::default(), facts: Default::default(), within: None };
        for name in &raw.lexicons {
            match index.get(&name.value) {
                Some(lexicon) => guard.lexicons.push(lexicon),
                None => faults.add_unknown(Code::UnknownLexicon, name, "lexicon", index.names()),
            }
        }
        for name in &raw.facts {
            match fact(&name.value) {
                Some(fact) => {
                    if fact.rests_on_hits() {
                        faults.add(Code::LateFact, name.at, format!("`{}` rests on lexicon hits", name.value));
                    }
                    self.facts.insert(fact);
                    guard.facts.push(fact);
                }
                None => {
                    let unknown = unknown_fact(&name.value);
                    let hint = unknown.hint.unwrap_or_else(|| unknown.code.remedy().to_owned());
                    faults.add_with_hint(unknown.code, name.at, unknown.message, hint);
                }
            }
        }
        guard.within = raw.within.as_ref().and_then(|within| parse_within(within, faults));
        self.used.extend(guard.lexicons.iter().copied());
        guard
    }

    /// A lexicon has a term that needs nothing.
    pub(super) fn note_free_term(&mut self, lexicon: LexiconId) {
        if self.free.last() != Some(&lexicon) {
            self.free.push(lexicon);
        }
    }

    /// A lexicon has a term that needs something.
    pub(super) fn note_needs(&mut self, lexicon: LexiconId, needs: &Guard, at: At) {
        if needs.facts.is_empty() && !needs.lexicons.is_empty() {
            self.needs.push((lexicon, needs.lexicons.to_vec(), at));
        } else {
            // A fact can always be present; an empty guard is a fault of its own.
            self.note_free_term(lexicon);
        }
    }

    /// Reports terms that only vouch for each other: "snow" needs "ice" and "ice" needs "snow", so that two words of
    /// the weather would pass for drugs. A lexicon stands if a term of it needs nothing, or needs one that stands.
    pub(super) fn report_cycles(&self, lexicons: usize, faults: &mut Faults<'_>) {
        let mut needed_by: Vec<Vec<LexiconId>> = vec![Vec::new(); lexicons];
        for (lexicon, needed, _) in &self.needs {
            for needed in needed {
                if let Some(waiting) = needed_by.get_mut(usize::from(needed.0)) {
                    waiting.push(*lexicon);
                }
            }
        }
        let mut stands = vec![false; lexicons];
        let mut queue = self.free.clone();
        while let Some(lexicon) = queue.pop() {
            match stands.get_mut(usize::from(lexicon.0)) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            queue.extend(needed_by.get(usize::from(lexicon.0)).into_iter().flatten());
        }
        let stands = |lexicon: &LexiconId| stands.get(usize::from(lexicon.0)).copied().unwrap_or(true);
        for (_, needed, at) in &self.needs {
            if !needed.iter().any(stands) {
                faults.add(Code::GuardCycle, *at, "what vouches for this term needs vouching itself, in a circle");
            }
        }
    }

    /// Lexicons and facts that guards name.
    pub(super) fn into_used(self) -> (FxHashSet<LexiconId>, BTreeSet<Fact>) {
        (self.used, self.facts)
    }
}

fn parse_within(within: &Located<f64>, faults: &mut Faults<'_>) -> Option<u8> {
    let words = within.value;
    if words.fract() == 0.0 && (0.0..=MAX_WITHIN).contains(&words) {
        return Some(words as u8);
    }
    faults.add(Code::BadWithin, within.at, format!("a distance of {words} words is out of range"));
    None
}

//! The compiled automaton: one trie over folded terms, and what each end of a key means.
//!
//! Not here: building it, walking it. Kept true: immutable; every index it holds exists.

use rustc_hash::FxHashMap;

use super::endings::{Endings, LanguageIndex, Takers};
use super::find::Search;
use super::idset::LexiconSet;
use super::matcher::{Form, Hit, LexiconId, TermId};
use super::memory::Memory;
use super::phrases::Phrases;
use super::sightings;
use super::trie::{Node, Trie};
use crate::domain::{Concealment, Concealments};
use crate::text::Document;

/// What is found when a key's last byte is met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// A term, or a part of phrases.
    pub(super) target: Target,
    /// How the last word meets the text.
    pub(super) form: Form,
    /// Whose endings a stem takes.
    pub(super) language: LanguageIndex,
    /// The same, as one that takes endings.
    pub(super) taker: Takers,
    /// True if disguised writing counts.
    pub(super) disguisable: bool,
    /// True for one written word that is several when folded: "ak47" is met as "AK 47" and "AK-47", not where more stands between.
    pub(super) tight: bool,
    /// True if no term with these letters is written with accents: accents in the text are not honest then.
    pub(super) unaccented: bool,
    /// Letters and digits in the key.
    pub(super) letters: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Term(TermId, LexiconId),
    /// `decides` if it is the rarest part of some phrase: none is looked for whose rarest part is not there.
    Part {
        part: u32,
        decides: bool,
    },
}

/// The outputs of one key, by their places.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    /// First those that any longer word may begin with.
    pub(super) start: u32,
    /// Then those that take endings.
    pub(super) stems: u32,
    /// Then those that are a whole word only.
    pub(super) words: u32,
    pub(super) end: u32,
    /// Whose endings the stems take.
    pub(super) takers: Takers,
}

/// What the hits of a term say of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TermRecord {
    pub(super) lexicon: LexiconId,
    /// True if it is found by joining parts.
    pub(super) split: bool,
}

/// The automaton. Immutable, shared by all workers.
#[derive(Debug)]
pub struct Matcher {
    pub(super) trie: Trie,
    pub(super) root: Node,
    /// Root of the terms that are looked for inside words, if there are any.
    pub(super) inner: Option<Node>,
    /// By trie value.
    pub(super) groups: Vec<Group>,
    pub(super) outputs: Vec<Output>,
    pub(super) terms: Vec<TermRecord>,
    pub(super) endings: Endings,
    /// Terms that are a picture.
    pub(super) symbols: FxHashMap<char, Vec<TermId>>,
    pub(super) phrases: Phrases,
    /// Most words that may lie before a word of a key.
    pub(super) longest_phrase: u32,
    /// No other matcher of this process has it: what was remembered of one is not taken for another's.
    pub(super) number: u64,
}

impl Default for Matcher {
    fn default() -> Self {
        super::MatcherBuilder::new().build()
    }
}

impl Matcher {
    /// Appends every hit in `document` to `hits`, in order of position (field, first byte), then lexicon, then term. `memory` changes
    /// how long it takes, and nothing else.
    pub fn find(&self, document: &Document, memory: &mut Memory, hits: &mut Vec<Hit>) {
        self.look(document, memory);
        self.report(document, memory, None, hits);
    }

    /// Looks for every term in `document`; what was met waits in `memory`.
    pub fn look(&self, document: &Document, memory: &mut Memory) {
        let Memory { words, buffers } = memory;
        Search::new(self, document, buffers).run(words);
    }

    /// Appends the hits of what the last `look` met in the same document, in the same order as `find`: those of the lexicons that are wanted (`None`: of
    /// all), and those in second readings of the same words, whether wanted or not.
    pub fn report(&self, document: &Document, memory: &Memory, wanted: Option<&LexiconSet>, hits: &mut Vec<Hit>) {
        sightings::report(self, document, memory, wanted, hits);
    }

    /// Bytes on the heap, roughly.
    pub fn heap_bytes(&self) -> usize {
        self.trie.heap_bytes() + self.outputs.len() * size_of::<Output>() + self.groups.len() * size_of::<Group>()
    }

    /// The same for a key met while searching, with what hides it and the fewest letters of a term that counts then; parts of what only
    /// repeats letters may be short, for they make longer phrases.
    #[inline]
    pub(super) fn meant(
        &self,
        node: Node,
        rest: &str,
        (hidden, least): (Concealments, u8),
        mut meaning: impl FnMut(&Output),
    ) {
        if !node.has_value() || !(rest.is_empty() || node.goes_on()) {
            return;
        }
        self.outputs(node, rest, false, |output| {
            let part = matches!(output.target, Target::Part { .. }) && hidden.contains(Concealment::Repetition);
            if least == 0 || (output.disguisable && (part || output.letters >= least)) {
                meaning(output);
            }
        });
    }

    /// Gives `meaning` what a key that ends here means, where `rest` of the word follows. `whole` if a word may be seen to end here all the same.
    #[inline]
    pub(super) fn outputs(&self, node: Node, rest: &str, whole: bool, mut meaning: impl FnMut(&Output)) {
        let Some(group) = self.trie.value(node).and_then(|value| self.groups.get(value as usize)) else { return };
        let outputs = |from: u32, to: u32| self.outputs.get(from as usize..to as usize).unwrap_or_default();
        if whole || rest.is_empty() {
            return outputs(group.start, group.end).iter().for_each(meaning);
        }
        outputs(group.start, group.stems).iter().for_each(&mut meaning);
        // Most keys begin a longer word: they mean something only if some stem's language ends words so.
        if group.stems == group.words {
            return;
        }
        let takers = self.endings.takers(rest);
        if takers.meets(group.takers) {
            let stems = outputs(group.stems, group.words).iter();
            let allowed = |output: &&Output| self.endings.allow((takers, output.taker), output.language, rest);
            stems.filter(allowed).for_each(meaning);
        }
    }
}

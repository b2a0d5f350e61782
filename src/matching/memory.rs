//! What lasts from text to text: buffers, and what words were found to mean. Most words of a text have been met before.
//!
//! Not here: finding it out (`words`), forgetting it (`text::Lately`). Kept true: what is remembered is what would be found again, of one
//! matcher at a time.

use smallvec::SmallVec;

use super::automaton::Matcher;
use super::find::FoundPart;
use super::idset::{IdSet, LexiconSet};
use super::matcher::TermId;
use super::sightings::Sighting;
use super::words::{self, Manner, Met};
use crate::text::Lately;

/// Bytes for words, twice: room for some 20,000.
const REMEMBERED: usize = 1 << 20;
/// Most words mean nothing or little.
const INLINE: usize = 2;

/// Buffers of a search and its memory of words; one per worker. It serves any matcher, one after the other.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) words: WordMemory,
    pub(super) buffers: Buffers,
}

/// What a search fills and the next one empties.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Parts of phrases, joined when the whole text was seen.
    pub(super) parts: Vec<FoundPart>,
    pub(super) present: IdSet,
    pub(super) hopeful: IdSet,
    /// Terms met, and their lexicons.
    pub(super) sightings: Vec<Sighting>,
    pub(super) lexicons: LexiconSet,
}

impl Memory {
    /// The lexicons of which the last `Matcher::look` met something. Not all of it need make a hit.
    pub fn met(&self) -> &LexiconSet {
        &self.buffers.lexicons
    }

    /// The terms of these lexicons that it met, as often as it met them.
    pub fn terms_met(&self, lexicons: &LexiconSet) -> impl Iterator<Item = TermId> {
        let seen = self.buffers.sightings.iter();
        seen.filter(|sighting| lexicons.contains(sighting.lexicon)).map(|sighting| sighting.term)
    }

    /// How many places it met something in.
    pub fn places_met(&self) -> usize {
        self.buffers.sightings.len()
    }
}

/// What words of one matcher mean.
#[derive(Debug)]
pub(super) struct WordMemory {
    /// Whose they are.
    matcher: u64,
    /// By manner.
    known: [Lately<SmallVec<[Met; INLINE]>>; Manner::COUNT],
    buffer: Vec<Met>,
}

impl Default for WordMemory {
    fn default() -> Self {
        let known = std::array::from_fn(|_| Lately::new(REMEMBERED));
        WordMemory { matcher: 0, known, buffer: Vec::new() }
    }
}

impl WordMemory {
    /// Makes sure that it is of this matcher.
    pub(super) fn serve(&mut self, matcher: &Matcher) {
        if self.matcher != matcher.number {
            self.matcher = matcher.number;
            self.known.iter_mut().for_each(Lately::clear);
        }
    }

    /// What is met in a word of the matcher that it serves.
    pub(super) fn recall(&mut self, matcher: &Matcher, word: &str, manner: Manner) -> &[Met] {
        let WordMemory { known, buffer, .. } = self;
        let Some(known) = known.get_mut(manner.index()) else { return &[] };
        known.get_or(word, || {
            buffer.clear();
            words::read(matcher, word, manner, buffer);
            let beyond = if buffer.len() > INLINE { size_of_val(buffer.as_slice()) } else { 0 };
            (buffer.as_slice().into(), beyond)
        })
    }
}

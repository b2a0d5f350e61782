//! What lasts from text to text: buffers, and what words were found to mean. Most words of a text have been met before.
//!
//! Not here: finding it out (`words`), forgetting it (`text::Lately`). Kept true: what is remembered is what would be found again, of one matcher at a
//! time; it stays where it is from the beginning of one text to the beginning of the next, so a text need only say of its words where that is.

use std::ops::Range;

use super::automaton::Matcher;
use super::find::FoundPart;
use super::idset::{IdSet, LexiconSet};
use super::matcher::TermId;
use super::sightings::Sighting;
use super::words::{self, Manner, Meaning, Open, WholePart, WholeTerm};
use crate::text::Lately;

/// Bytes for words, twice: room for some 20,000.
const REMEMBERED: usize = 1 << 20;

/// Buffers of a search and its memory of words; one per worker. It serves any matcher, one after the other.
#[derive(Debug, Default)]
pub struct Memory {
    pub(super) words: WordMemory,
    pub(super) buffers: Buffers,
}

/// What a search fills and the next one empties.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Words that are terms or parts of phrases by themselves, in order.
    pub(super) words: Vec<MetWord>,
    /// Parts of phrases met in any other way; they are joined when the whole text was seen.
    pub(super) parts: Vec<FoundPart>,
    /// All parts that were met, those among them that decide, and those of phrases that have all their parts.
    pub(super) present: IdSet,
    pub(super) deciding: Vec<u32>,
    pub(super) hopeful: IdSet,
    /// Terms met in any other way.
    pub(super) sightings: Vec<Sighting>,
    /// The lexicons of all of them.
    pub(super) lexicons: LexiconSet,
}

/// A word of the text that is something by itself.
#[derive(Clone, Debug)]
pub(super) struct MetWord {
    pub(super) token: u32,
    manner: Manner,
    terms: Range<u32>,
    parts: Range<u32>,
}

impl Memory {
    /// The lexicons of which the last `Matcher::look` met something. Not all of it need make a hit.
    pub fn met(&self) -> &LexiconSet {
        &self.buffers.lexicons
    }

    /// The terms of these lexicons that it met, as often as it met them.
    pub fn terms_met(&self, lexicons: &LexiconSet) -> impl Iterator<Item = TermId> {
        let whole = self.words_met().flat_map(|(_, terms)| terms).map(|term| (term.lexicon, term.term));
        let others = self.buffers.sightings.iter().map(|sighting| (sighting.lexicon, sighting.term));
        whole.chain(others).filter(|(lexicon, _)| lexicons.contains(*lexicon)).map(|(_, term)| term)
    }

    /// How many places it met something in.
    pub fn places_met(&self) -> usize {
        self.buffers.sightings.len() + self.words_met().map(|(_, terms)| terms.len()).sum::<usize>()
    }

    /// The words that are terms by themselves, in order, with these terms.
    pub(super) fn words_met(&self) -> impl Iterator<Item = (&MetWord, &[WholeTerm])> {
        self.buffers.words.iter().map(|met| (met, self.words.terms(met)))
    }
}

impl Buffers {
    /// A part of phrases is met.
    pub(super) fn has_part(&mut self, part: u32, decides: bool) {
        if self.present.insert(part) && decides {
            self.deciding.push(part);
        }
    }
}

/// What words of one matcher mean.
#[derive(Debug)]
pub(super) struct WordMemory {
    /// Whose they are.
    matcher: u64,
    /// How many texts it has served.
    text: u64,
    by_manner: [Words; Manner::COUNT],
    buffer: Meaning,
}

/// Words of one manner. What they mean lies side by side, by generation: a word that is met copies nothing.
#[derive(Debug)]
struct Words {
    known: Lately<Known>,
    young: Meaning,
    old: Meaning,
}

/// Where it lies what a word means.
#[derive(Clone, Debug, Default)]
struct Known {
    terms: Range<u32>,
    parts: Range<u32>,
    open: Range<u32>,
    /// The last text that it was met in.
    text: u64,
}

/// What is met in a word.
pub(super) struct Recalled<'a> {
    pub(super) terms: &'a [WholeTerm],
    pub(super) parts: &'a [WholePart],
    pub(super) open: &'a [Open],
    /// True if the text has not had it before.
    pub(super) is_new: bool,
    manner: Manner,
    places: (Range<u32>, Range<u32>),
}

impl Recalled<'_> {
    /// For who wants to see its terms and parts later.
    pub(super) fn met_at(&self, token: u32) -> MetWord {
        let (terms, parts) = self.places.clone();
        MetWord { token, manner: self.manner, terms, parts }
    }
}

impl Default for WordMemory {
    fn default() -> Self {
        let words = |_| Words { known: Lately::new(REMEMBERED), young: Meaning::default(), old: Meaning::default() };
        WordMemory { matcher: 0, text: 0, by_manner: std::array::from_fn(words), buffer: Meaning::default() }
    }
}

impl WordMemory {
    /// Begins a text, and makes sure that it is of this matcher.
    pub(super) fn serve(&mut self, matcher: &Matcher) {
        self.text += 1;
        let another = self.matcher != matcher.number;
        self.matcher = matcher.number;
        for Words { known, young, old } in &mut self.by_manner {
            if another {
                known.clear();
                old.clear();
            } else if known.turn() {
                std::mem::swap(young, old);
            } else {
                continue;
            }
            young.clear();
        }
    }

    /// What is met in a word of the matcher that it serves.
    pub(super) fn recall(&mut self, matcher: &Matcher, word: &str, manner: Manner) -> Option<Recalled<'_>> {
        let WordMemory { by_manner, buffer, text, .. } = self;
        let Words { known, young, old } = by_manner.get_mut(manner.index())?;
        let known = known.get_or(word, |before| {
            let known = if let Some(before) = before {
                Known { text: before.text, ..young.take_in(old, &before) }
            } else {
                buffer.clear();
                words::read(matcher, word, manner, buffer);
                young.take_in(buffer, &buffer.all())
            };
            let bytes = known.terms.len() * size_of::<WholeTerm>()
                + known.parts.len() * size_of::<WholePart>()
                + known.open.len() * size_of::<Open>();
            (known, bytes)
        });
        let is_new = known.text != *text;
        known.text = *text;
        Some(Recalled {
            terms: part(&young.terms, &known.terms),
            parts: part(&young.parts, &known.parts),
            open: part(&young.open, &known.open),
            is_new,
            manner,
            places: (known.terms.clone(), known.parts.clone()),
        })
    }

    /// The terms that a word of the last text is.
    fn terms(&self, met: &MetWord) -> &[WholeTerm] {
        self.by_manner.get(met.manner.index()).map_or(&[], |words| part(&words.young.terms, &met.terms))
    }

    /// The parts of phrases that a word of the last text is.
    pub(super) fn parts(&self, met: &MetWord) -> &[WholePart] {
        self.by_manner.get(met.manner.index()).map_or(&[], |words| part(&words.young.parts, &met.parts))
    }
}

impl Meaning {
    /// Appends what a word means of whom the meaning is known there.
    fn take_in(&mut self, from: &Meaning, known: &Known) -> Known {
        Known {
            terms: append(&mut self.terms, part(&from.terms, &known.terms)),
            parts: append(&mut self.parts, part(&from.parts, &known.parts)),
            open: append(&mut self.open, part(&from.open, &known.open)),
            text: 0,
        }
    }

    fn all(&self) -> Known {
        let (terms, parts, open) = (self.terms.len() as u32, self.parts.len() as u32, self.open.len() as u32);
        Known { terms: 0..terms, parts: 0..parts, open: 0..open, text: 0 }
    }
}

fn append<T: Copy>(all: &mut Vec<T>, more: &[T]) -> Range<u32> {
    let start = all.len() as u32;
    all.extend_from_slice(more);
    start..all.len() as u32
}

fn part<'a, T>(all: &'a [T], range: &Range<u32>) -> &'a [T] {
    all.get(range.start as usize..range.end as usize).unwrap_or_default()
}

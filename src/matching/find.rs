//! The search: what each word means by itself, then what goes on beyond it, then phrases.
//!
//! Not here: single words (`words`), disguised ones (`disguise`, `rearranged`), joining phrases over gaps (`phrases`). Kept true: what was found
//! before changes no hit.

use super::automaton::{Matcher, Target};
use super::matcher::{Form, Hit, TermId};
use super::memory::{Buffers, WordMemory};
use super::order;
use super::phrases::{Partials, Phrases, Piece};
use super::trie::Node;
use super::words::{Manner, Met, Way};
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::{Document, Token};

pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) document: &'a Document,
    pub(super) hits: &'a mut Vec<Hit>,
    buffers: &'a mut Buffers,
    first_hit: usize,
    /// Readings before this one have been looked at.
    next_reading: usize,
}

/// A part of phrases met in the text.
#[derive(Clone, Copy, Debug)]
pub(super) enum FoundPart {
    /// In plain words: where that is and what hides it is asked if it may become a phrase.
    Plain { part: u32, found: Found, end: u32, unaccented: bool },
    /// In second readings.
    Read(Piece),
}

impl FoundPart {
    fn part(&self) -> u32 {
        match self {
            FoundPart::Plain { part, .. } => *part,
            FoundPart::Read(piece) => piece.part,
        }
    }

    fn first_token(&self) -> u32 {
        match self {
            FoundPart::Plain { found, .. } => found.first,
            FoundPart::Read(piece) => piece.first_token,
        }
    }
}

/// A key met in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Token in which it begins.
    pub(super) first: u32,
    /// Folded byte at which it begins.
    pub(super) start: u32,
    /// Token in which it ends.
    pub(super) last: u32,
    /// Folded byte after it.
    pub(super) end: u32,
    /// How it was hidden beside what its tokens tell; only terms that may be disguised count then.
    pub(super) hidden: Concealments,
    /// Fewest letters of a term that may be found so.
    pub(super) least: u8,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        matcher: &'a Matcher,
        document: &'a Document,
        buffers: &'a mut Buffers,
        hits: &'a mut Vec<Hit>,
    ) -> Self {
        buffers.parts.clear();
        let first_hit = hits.len();
        Search { matcher, document, hits, buffers, first_hit, next_reading: 0 }
    }

    pub(super) fn run(mut self, words: &mut WordMemory) {
        let tokens = self.document.tokens();
        words.serve(self.matcher);
        for (index, token) in tokens.iter().enumerate() {
            let index = index as u32;
            if self.next_reading < self.document.readings().len() {
                self.read_up_to(index);
            }
            for met in words.recall(self.matcher, self.document.word(token), Manner::of(token)) {
                self.meet(met, index, token);
            }
        }
        self.read_up_to(tokens.len() as u32);
        self.join();
        self.symbols();
        order::arrange(self.matcher, self.hits, self.first_hit);
    }

    /// Looks at the readings that begin at or before a token.
    fn read_up_to(&mut self, token: u32) {
        while let Some(reading) = self.document.readings().get(self.next_reading)
            && reading.tokens.start <= token
        {
            self.next_reading += 1;
            self.reading(self.next_reading - 1, reading);
        }
    }

    /// Puts what was met in a word where the word stands, and goes on where it is open.
    fn meet(&mut self, met: &Met, index: u32, token: &Token) {
        let place = |start: u8, end: u32, way: Way| {
            let start = token.folded_start + u32::from(start);
            Found { first: index, start, last: index, end, hidden: way.hides(), least: way.least() }
        };
        match *met {
            Met::Key { target, way, unaccented, start, end, covered } => {
                let found = place(start, token.folded_start + u32::from(end), way);
                self.found(target, found, token.folded_start + u32::from(covered), unaccented);
            }
            Met::Open { node, way, start } if self.is_open(node, token.folded_end) => {
                self.follow(node, place(start, token.folded_end, way));
            }
            Met::Open { .. } => {}
        }
    }

    /// True if a key goes on from `node`, where a word ends, with what comes next: nearly all that are open there end with their word.
    fn is_open(&self, node: Node, end: u32) -> bool {
        let (bytes, trie) = (self.document.folded().as_bytes(), &self.matcher.trie);
        let goes_on = |byte: &u8| trie.step(node, *byte).is_some();
        // After the space, or with the next word as if there were none (`glued`).
        let next = bytes.get(end as usize..).unwrap_or_default().get(..2).unwrap_or_default();
        next.iter().any(goes_on)
    }

    /// Follows the folded text from where `found` ends; words are separated by one space, and no key has a line feed.
    pub(super) fn follow(&mut self, mut node: Node, mut found: Found) {
        let bytes = self.document.folded().as_bytes();
        let matcher = self.matcher;
        for byte in bytes.iter().skip(found.end as usize) {
            if matches!(byte, b' ' | b'\n') && found.hidden.is_empty() {
                self.glued(node, found);
            }
            match matcher.trie.step(node, *byte) {
                Some(next) => node = next,
                None => return,
            }
            found.end += 1;
            if *byte == b' ' {
                found.last += 1;
                if self.token(found.last).is_some_and(|token| token.traits.is_doubled()) {
                    self.stretched(node, found);
                }
            }
            if node.has_value() {
                self.key(node, found);
            }
        }
    }

    /// Reports what a key means here.
    pub(super) fn key(&mut self, node: Node, found: Found) {
        let Some(last) = self.token(found.last) else { return };
        let (document, matcher) = (self.document, self.matcher);
        let rest = document.folded().get(found.end as usize..last.folded_end as usize).unwrap_or_default();
        matcher.meant(node, rest, (found.hidden, found.least), |output| {
            let end = if output.form == Form::Stem { last.folded_end } else { found.end };
            self.found(output.target, found, end, output.unaccented);
        });
    }

    /// Reports what a key means that lies where `found` says, its ending up to `end`.
    fn found(&mut self, target: Target, found: Found, end: u32, unaccented: bool) {
        match target {
            Target::Part(part) => self.buffers.parts.push(FoundPart::Plain { part, found, end, unaccented }),
            Target::Term(term) => {
                if let Some(piece) = self.piece(found, end, unaccented) {
                    self.hit(term, piece);
                }
            }
        }
    }

    /// Where a key lies that ends at a folded byte, and what hides it.
    pub(super) fn piece(&self, found: Found, end: u32, unaccented: bool) -> Option<Piece> {
        let (first, mut last) = (self.token(found.first)?, self.token(found.last)?);
        let (mut end_token, mut end) = (found.last + 1, end);
        // What is spread over fields is shown where it begins.
        while last.field != first.field {
            end_token -= 1;
            last = self.token(end_token.checked_sub(1)?)?;
            end = last.folded_end;
        }
        let start = self.document.original_start(first, found.start);
        Some(Piece {
            part: 0,
            first_token: found.first,
            end_token,
            original: ByteSpan::new(start, self.document.original_end(last, end)),
            concealment: self.concealment(unaccented, found),
            reading: None,
        })
    }

    /// What hides the words although they are read plainly.
    fn concealment(&self, unaccented: bool, found: Found) -> Concealments {
        let tokens = self.document.tokens().get(found.first as usize..=found.last as usize).unwrap_or_default();
        tokens.iter().fold(found.hidden, |hidden, token| {
            let accented = unaccented && self.document.is_accented(token, found.start, found.end);
            let accents = if accented { Concealments::of(Concealment::Diacritic) } else { Concealments::NONE };
            hidden.with(token.concealment).with(accents)
        })
    }

    /// Reports what was found in a reading: a term is a hit, a part waits for its phrase.
    pub(super) fn report(&mut self, target: Target, piece: Piece) {
        match target {
            Target::Term(term) => self.hit(term, piece),
            Target::Part(part) => self.buffers.parts.push(FoundPart::Read(Piece { part, ..piece })),
        }
    }

    pub(super) fn hit(&mut self, term: TermId, piece: Piece) {
        let Some(record) = self.matcher.terms.get(term.0 as usize) else { return };
        // A reading may have no token of its own: then the token at its place is that of the next word, if any.
        let reading = piece.reading.and_then(|reading| self.document.readings().get(reading as usize));
        let token = self.token(piece.first_token);
        let Some(field) = reading.map(|reading| reading.field).or(token.map(|token| token.field)) else { return };
        self.hits.push(Hit {
            lexicon: record.lexicon,
            term,
            field,
            first_token: piece.first_token,
            end_token: piece.end_token,
            original: piece.original,
            concealment: piece.concealment,
            reading: piece.reading,
        });
    }

    /// Pictures stand between words: their hits have a place among tokens but none of their own.
    fn symbols(&mut self) {
        let (document, matcher) = (self.document, self.matcher);
        for symbol in document.symbols() {
            for term in matcher.symbols.get(&symbol.picture).into_iter().flatten() {
                let Some(record) = matcher.terms.get(term.0 as usize) else { continue };
                let place = document.tokens_in(symbol.field, symbol.original).start;
                self.hits.push(Hit {
                    lexicon: record.lexicon,
                    term: *term,
                    field: symbol.field,
                    first_token: place,
                    end_token: place,
                    original: symbol.original,
                    concealment: Concealments::NONE,
                    reading: None,
                });
            }
        }
    }

    /// Joins parts to phrases, in the order in which they begin.
    fn join(&mut self) {
        let matcher = self.matcher;
        let mut parts = std::mem::take(&mut self.buffers.parts);
        let Buffers { present, hopeful, .. } = self.buffers;
        matcher.phrases.retain_hopeful(&mut parts, FoundPart::part, (present, hopeful));
        parts.sort_by_key(FoundPart::first_token);
        let mut partials = Partials::new();
        let mut seen = 0;
        for part in &parts {
            let piece = match *part {
                FoundPart::Read(piece) => Some(piece),
                FoundPart::Plain { part, found, end, unaccented } => {
                    self.piece(found, end, unaccented).map(|piece| Piece { part, ..piece })
                }
            };
            let Some(piece) = piece else { continue };
            while seen <= piece.first_token && !partials.is_empty() {
                let after_stop = self.token(seen).is_none_or(|token| token.after_stop);
                Phrases::reach(&mut partials, seen, after_stop);
                seen += 1;
            }
            seen = seen.max(piece.first_token + 1);
            matcher.phrases.advance(&mut partials, piece, |term, joined| self.hit(term, joined));
        }
        self.buffers.parts = parts;
    }

    pub(super) fn token(&self, index: u32) -> Option<&'a Token> {
        self.document.tokens().get(index as usize)
    }
}

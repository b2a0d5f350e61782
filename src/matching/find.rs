//! The search: from each token's start down the trie, then outputs whose form agrees with the text.
//!
//! Not here: disguised words (`disguise`, `rearranged`), joining phrases over gaps (`phrases`). Kept true: an ordinary word falls out after a few bytes; nothing
//! is allocated unless something is found.

use super::automaton::{Matcher, Target};
use super::matcher::{Form, Hit, TermId};
use super::order;
use super::phrases::{Partials, Phrases, Piece};
use super::trie::Node;
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::{Document, Token};

/// Fewest letters of a word inside which parts are looked for away from its start.
const INSIDE_LETTERS: usize = 8;

pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) document: &'a Document,
    pub(super) hits: &'a mut Vec<Hit>,
    /// Parts of phrases, joined when the whole text was seen.
    parts: Vec<FoundPart>,
    first_hit: usize,
    /// Readings before this one have been looked at.
    next_reading: usize,
}

/// Fewest letters of a term that is found in spite of doubled letters; parts make longer phrases.
pub(super) const STRETCHED_LETTERS: u8 = 5;

/// Room for the parts that words of ordinary text are, on average.
const PARTS_PER_WORD: usize = 2;

/// A part of phrases met in the text.
#[derive(Clone, Copy)]
enum FoundPart {
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
#[derive(Clone, Copy)]
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

impl Found {
    /// Nothing yet.
    fn at(token: u32, start: u32) -> Self {
        Found { first: token, start, last: token, end: start, hidden: Concealments::NONE, least: 0 }
    }
}

impl<'a> Search<'a> {
    pub(super) fn new(matcher: &'a Matcher, document: &'a Document, hits: &'a mut Vec<Hit>) -> Self {
        let first_hit = hits.len();
        let parts = Vec::with_capacity(PARTS_PER_WORD * document.tokens().len());
        Search { matcher, document, hits, parts, first_hit, next_reading: 0 }
    }

    pub(super) fn run(mut self) {
        let tokens = self.document.tokens();
        for (index, token) in tokens.iter().enumerate() {
            let index = index as u32;
            if self.next_reading < self.document.readings().len() {
                self.read_up_to(index);
            }
            self.walk(self.matcher.root, index, token.folded_start);
            self.inside(index, token);
            if token.traits.is_doubled() {
                self.stretched(self.matcher.root, Found::at(index, token.folded_start));
            }
            self.backwards(index, token);
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

    /// Follows the folded text from `start`.
    fn walk(&mut self, root: Node, first: u32, start: u32) {
        self.follow(root, Found::at(first, start));
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

    /// Looks for parts away from the start of a long word.
    fn inside(&mut self, index: u32, token: &Token) {
        let Some(root) = self.matcher.inner else { return };
        let word = self.document.word(token);
        if word.len() < INSIDE_LETTERS || (!word.is_ascii() && word.chars().count() < INSIDE_LETTERS) {
            return;
        }
        for (offset, byte) in word.bytes().enumerate().skip(1) {
            if byte & 0xC0 != 0x80 {
                self.walk(root, index, token.folded_start + offset as u32);
            }
        }
    }

    /// Reports what a key means here.
    pub(super) fn key(&mut self, node: Node, found: Found) {
        let Some(last) = self.token(found.last) else { return };
        let (document, matcher) = (self.document, self.matcher);
        let rest = document.folded().get(found.end as usize..last.folded_end as usize).unwrap_or_default();
        if !(rest.is_empty() || node.goes_on()) {
            return;
        }
        matcher.outputs(node, rest, false, |output| {
            let end = if output.form == Form::Stem { last.folded_end } else { found.end };
            let stretched_part =
                matches!(output.target, Target::Part(_)) && found.hidden.contains(Concealment::Repetition);
            let long = output.letters >= found.least || stretched_part;
            if found.least > 0 && !(output.disguisable && long) {
                return;
            }
            match output.target {
                Target::Part(part) => {
                    self.parts.push(FoundPart::Plain { part, found, end, unaccented: output.unaccented });
                }
                Target::Term(term) => {
                    if let Some(piece) = self.piece(found, end, output.unaccented) {
                        self.hit(term, piece);
                    }
                }
            }
        });
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
            Target::Part(part) => self.parts.push(FoundPart::Read(Piece { part, ..piece })),
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
        let mut parts = std::mem::take(&mut self.parts);
        matcher.phrases.retain_hopeful(&mut parts, FoundPart::part);
        parts.sort_by_key(FoundPart::first_token);
        let mut partials = Partials::new();
        let mut seen = 0;
        for part in parts {
            let piece = match part {
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
    }

    pub(super) fn token(&self, index: u32) -> Option<&'a Token> {
        self.document.tokens().get(index as usize)
    }
}

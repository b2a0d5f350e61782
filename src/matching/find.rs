//! The search: from each token's start down the trie, then outputs whose form agrees with the text.
//!
//! Not here: disguised words (`disguise`), joining phrases over gaps (`phrases`). Kept true: an ordinary word falls out after a few bytes; nothing
//! is allocated unless something is found.

use super::automaton::{Matcher, Target};
use super::builder::PART_LETTERS;
use super::endings::LanguageIndex;
use super::matcher::{Form, Hit, TermId};
use super::order;
use super::phrases::{Partials, Phrases, Piece};
use super::trie::Node;
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::{Document, Token};

/// Fewest letters of a word inside which parts are looked for away from its start.
const INSIDE_LETTERS: usize = 8;
/// Fewest letters of a term that is found in spite of doubled letters; parts make longer phrases.
const STRETCHED_LETTERS: u8 = 5;

pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) document: &'a Document,
    pub(super) hits: &'a mut Vec<Hit>,
    /// Parts of phrases that wait to be joined, and a second buffer to join them from.
    pub(super) pieces: Vec<Piece>,
    joining: Vec<Piece>,
    first_hit: usize,
    /// Readings before this one have been looked at.
    next_reading: usize,
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
}

impl<'a> Search<'a> {
    pub(super) fn new(matcher: &'a Matcher, document: &'a Document, hits: &'a mut Vec<Hit>) -> Self {
        let first_hit = hits.len();
        Search { matcher, document, hits, pieces: Vec::new(), joining: Vec::new(), first_hit, next_reading: 0 }
    }

    pub(super) fn run(mut self) {
        let mut partials = Partials::new();
        let tokens = self.document.tokens();
        for (index, token) in tokens.iter().enumerate() {
            let index = index as u32;
            if self.next_reading < self.document.readings().len() {
                self.read_up_to(index);
            }
            self.walk(self.matcher.root, index, token.folded_start);
            self.inside(index, token);
            if token.traits.is_doubled() {
                let (start, hidden) = (token.folded_start, Concealments::NONE);
                self.stretched(self.matcher.root, Found { first: index, start, last: index, end: start, hidden });
            }
            if !partials.is_empty() {
                Phrases::reach(&mut partials, index, token.after_stop);
            }
            if !self.pieces.is_empty() {
                self.join(&mut partials, index);
            }
        }
        self.read_up_to(tokens.len() as u32);
        self.join(&mut partials, u32::MAX);
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
        self.follow(root, Found { first, start, last: first, end: start, hidden: Concealments::NONE });
    }

    /// Follows the folded text from where `found` ends; words are separated by one space, and no key has a line feed.
    pub(super) fn follow(&mut self, mut node: Node, mut found: Found) {
        let bytes = self.document.folded().as_bytes();
        let matcher = self.matcher;
        for byte in bytes.iter().skip(found.end as usize) {
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
        let (Some(first), Some(last)) = (self.token(found.first), self.token(found.last)) else { return };
        let rest = self.document.folded().get(found.end as usize..last.folded_end as usize).unwrap_or_default();
        // Most keys that begin a longer word mean nothing here, so where and how is asked once something fits.
        let mut seen: Option<(u32, Concealments)> = None;
        let mut asked: Option<(LanguageIndex, bool)> = None;
        let endings = &self.matcher.endings;
        let mut may_end = |language| match asked {
            Some((known, allowed)) if known == language => allowed,
            _ => asked.insert((language, endings.allow(language, rest))).1,
        };
        let matcher = self.matcher;
        for output in matcher.outputs(node, rest.is_empty()) {
            let end = match output.form {
                Form::Word if rest.is_empty() => found.end,
                Form::Prefix => found.end,
                Form::Compound if rest.is_empty() || output.letters >= PART_LETTERS => found.end,
                Form::Stem if rest.is_empty() || may_end(output.language) => last.folded_end,
                _ => continue,
            };
            let long = output.letters >= STRETCHED_LETTERS || matches!(output.target, Target::Part(_));
            if !(found.hidden.is_empty() || (output.disguisable && long)) {
                continue;
            }
            // All outputs of a key agree on whether it has accents.
            let (start, concealment) = *seen.get_or_insert_with(|| {
                (self.document.original_start(first, found.start), self.concealment(output.unaccented, found))
            });
            let piece = Piece {
                part: 0,
                first_token: found.first,
                end_token: found.last + 1,
                original: ByteSpan::new(start, self.document.original_end(last, end)),
                concealment,
                reading: None,
            };
            self.report(output.target, piece);
        }
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

    /// A term is a hit; a part waits for its phrase.
    pub(super) fn report(&mut self, target: Target, piece: Piece) {
        match target {
            Target::Term(term) => self.hit(term, piece),
            Target::Part(part) => self.pieces.push(Piece { part, ..piece }),
        }
    }

    fn hit(&mut self, term: TermId, piece: Piece) {
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

    /// Joins the parts that begin at or before a token.
    fn join(&mut self, partials: &mut Partials, token: u32) {
        let matcher = self.matcher;
        let mut pieces = std::mem::replace(&mut self.pieces, std::mem::take(&mut self.joining));
        if !pieces.is_sorted_by_key(|piece| piece.first_token) {
            pieces.sort_by_key(|piece| piece.first_token);
        }
        for piece in pieces.drain(..) {
            if piece.first_token > token {
                self.pieces.push(piece);
            } else {
                matcher.phrases.advance(partials, piece, |term, joined| self.hit(term, joined));
            }
        }
        self.joining = pieces;
    }

    pub(super) fn token(&self, index: u32) -> Option<&'a Token> {
        self.document.tokens().get(index as usize)
    }
}

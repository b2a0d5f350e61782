//! All text of one item, folded into one arena that is reused from item to item.
//!
//! Not here: how characters fold. Kept true: words of different fields never touch (a hard stop lies between).

use std::ops::Range;

use super::lexer;
use super::offsets::Offsets;
use super::readings;
use super::symbols::{self, Symbol};
use crate::domain::{ByteSpan, Concealments};

/// Position of a field in the order in which the fields were pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldIndex(pub u16);

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters only.
    Word,
    /// Digits, with a decimal mark between them if there is one.
    Number,
    /// Letters and digits.
    Mixed,
}

/// What matching wants to know of a token beside its letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenTraits(u8);

impl TokenTraits {
    /// Offsets inside it are in the document's map.
    pub(super) const MAPPED: u8 = 1;
    /// Folding took an accent from a Latin letter.
    pub(super) const ACCENTED: u8 = 1 << 1;
    /// Two equal letters stand side by side.
    pub(super) const DOUBLED: u8 = 1 << 2;
    /// Its field goes on from the one before.
    const SEAM: u8 = 1 << 3;
    /// An opening bracket or a hash stands right before it.
    pub(super) const OPENED: u8 = 1 << 4;
    /// More than one character stands between it and the word before.
    pub(super) const APART: u8 = 1 << 5;

    pub(super) const fn new(bits: u8) -> Self {
        TokenTraits(bits)
    }

    pub(super) const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// True if two equal letters stand side by side in it.
    pub const fn is_doubled(self) -> bool {
        self.has(Self::DOUBLED)
    }

    /// True if an opening bracket or a hash stands right before it: what it says stands apart from what came before.
    pub const fn is_opened(self) -> bool {
        self.has(Self::OPENED)
    }

    /// True if more than one character stands between it and the word before.
    pub const fn is_apart(self) -> bool {
        self.has(Self::APART)
    }

    /// True if it is the first of a field that a word of the field before may go on in.
    pub const fn is_seam(self) -> bool {
        self.has(Self::SEAM)
    }
}

/// A word or number. `folded` is a byte range of `Document::folded`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The field it stands in.
    pub field: FieldIndex,
    /// First byte in the folded text.
    pub folded_start: u32,
    /// One past the last byte in the folded text.
    pub folded_end: u32,
    /// Bytes of the field as sent.
    pub original: ByteSpan,
    /// Letters, digits or both.
    pub kind: TokenKind,
    /// True if a sentence or a field ends before it: phrases do not cross.
    pub after_stop: bool,
    /// How it hides although folding reads it plainly: invisible characters, fancy or boxed letters.
    pub concealment: Concealments,
    /// What matching wants to know.
    pub traits: TokenTraits,
}

/// A second reading of one or several neighbouring tokens that look disguised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The field it stands in.
    pub field: FieldIndex,
    /// The tokens it stands for; empty (but in place) where nothing is a word to plain folding, as with emoji letters.
    pub tokens: Range<u32>,
    /// The plain word, folded.
    pub text: String,
    /// How it was hidden.
    pub concealment: Concealments,
    /// Bytes of the field as sent.
    pub original: ByteSpan,
    /// Its characters, in the document's table.
    pub(super) cells: Range<u32>,
}

/// A character of a reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadingCell {
    /// One past its last byte in the text of the reading.
    pub(crate) text_end: u32,
    /// Bytes of the field as sent.
    pub(crate) original: ByteSpan,
    /// How it is hidden.
    pub(crate) hidden: Concealments,
    /// A joiner was dropped before it.
    pub(crate) joined: bool,
    /// A word may begin here or end before it although nothing was dropped.
    pub(crate) cut: bool,
    /// It has an accent.
    pub(crate) accented: bool,
}

/// Which letters of the European scripts were written, accents and all; languages are told by them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Written([u64; 18]);

impl Written {
    const FIRST: u32 = 0xC0;

    pub(super) fn note(&mut self, c: char) {
        let place = (c as u32).wrapping_sub(Self::FIRST);
        if let Some(bits) = self.0.get_mut(place as usize / 64) {
            *bits |= 1 << (place % 64);
        }
    }

    pub(super) fn has(&self, c: char) -> bool {
        let place = (c as u32).wrapping_sub(Self::FIRST);
        self.0.get(place as usize / 64).is_some_and(|bits| bits & 1 << (place % 64) != 0)
    }
}

/// Where one field lies in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldText {
    /// Byte range of `Document::folded`.
    pub folded: Range<u32>,
    /// Range of `Document::tokens`.
    pub tokens: Range<u32>,
}

/// The folded text of one item. Make one per worker and `clear` it between items.
#[derive(Debug, Default)]
pub struct Document {
    pub(super) folded: String,
    pub(super) tokens: Vec<Token>,
    pub(super) offsets: Offsets,
    /// Original positions of words in the current field that may be disguised.
    pub(super) suspects: Vec<u32>,
    /// The same for words wholly of letters that look Latin.
    pub(super) imitations: Vec<u32>,
    pub(super) cells: Vec<ReadingCell>,
    symbols: Vec<Symbol>,
    pub(super) written: Written,
    pub(super) scratch: readings::Scratch,
    /// The first `reading_count` are valid; the others keep their memory for later.
    readings: Vec<Reading>,
    reading_count: usize,
    fields: Vec<FieldText>,
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the text, keeps the memory.
    pub fn clear(&mut self) {
        self.folded.clear();
        self.tokens.clear();
        self.offsets.clear();
        self.cells.clear();
        self.symbols.clear();
        self.written = Written::default();
        self.reading_count = 0;
        self.fields.clear();
    }

    /// Folds one field and appends it.
    pub fn push_field(&mut self, original: &str) -> FieldIndex {
        let field = FieldIndex(u16::try_from(self.fields.len()).unwrap_or(u16::MAX));
        let first_token = self.tokens.len();
        let scripts = lexer::lex(self, original, field);
        symbols::note(original, field, &mut self.symbols);
        let folded_end = self.folded.len() as u32;
        let folded_start = self.tokens.get(first_token).map_or(folded_end, |token| token.folded_start);
        self.fields
            .push(FieldText { folded: folded_start..folded_end, tokens: first_token as u32..self.tokens.len() as u32 });
        if !self.suspects.is_empty() || !self.imitations.is_empty() {
            readings::read(self, original, field, scripts);
        }
        field
    }

    /// Folds a field of a list, such as the names of choices: words may be cut between them and the field before.
    pub fn push_next_of_list(&mut self, original: &str) -> FieldIndex {
        let first_token = self.tokens.len();
        let field = self.push_field(original);
        if let Some(token) = self.tokens.get_mut(first_token) {
            token.traits.0 |= TokenTraits::SEAM;
        }
        field
    }

    /// Words in lower case, without accents and invisible characters, one space between them, a line feed where a
    /// sentence or a field ends.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Every token, in order.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Second readings, in order of their first token.
    pub fn readings(&self) -> &[Reading] {
        self.readings.get(..self.reading_count).unwrap_or_default()
    }

    /// Pictures, in order.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Every field, in the order pushed.
    pub fn fields(&self) -> &[FieldText] {
        &self.fields
    }

    /// The folded text of a token.
    pub fn word(&self, token: &Token) -> &str {
        self.folded.get(token.folded_start as usize..token.folded_end as usize).unwrap_or_default()
    }

    /// The field and the original bytes of a range of folded bytes: from the character that gave the first byte to
    /// the one that gave the last. `None` if the range is empty, touches no token, or spans fields.
    pub fn original_span(&self, folded: Range<u32>) -> Option<(FieldIndex, ByteSpan)> {
        let first = self.tokens.get(self.tokens.partition_point(|token| token.folded_end <= folded.start))?;
        let last =
            self.tokens.get(self.tokens.partition_point(|token| token.folded_start < folded.end).checked_sub(1)?)?;
        let start = folded.start.max(first.folded_start);
        let end = folded.end.min(last.folded_end);
        let fits = start < end && first.folded_start <= last.folded_start && first.field == last.field;
        fits.then(|| (first.field, ByteSpan::new(self.original_start(first, start), self.original_end(last, end))))
    }

    /// The European letters written so far.
    pub(super) fn written(&self) -> &Written {
        &self.written
    }

    /// The characters of a reading.
    pub(crate) fn cells(&self, reading: &Reading) -> &[ReadingCell] {
        self.cells.get(reading.cells.start as usize..reading.cells.end as usize).unwrap_or_default()
    }

    /// The tokens of a field that share a byte with `original`; empty, where they would be, if there are none.
    pub(crate) fn tokens_in(&self, field: FieldIndex, original: ByteSpan) -> Range<u32> {
        let before = |token: &Token| (token.field, token.original.end()) <= (field, original.start());
        let not_after = |token: &Token| (token.field, token.original.start()) < (field, original.end());
        let start = self.tokens.partition_point(before);
        start as u32..self.tokens.partition_point(not_after).max(start) as u32
    }

    /// A reading to fill in, with memory of an earlier one if there is one.
    pub(super) fn begin_reading(&mut self) -> Reading {
        let mut reading = self.readings.get_mut(self.reading_count).map(std::mem::take).unwrap_or_default();
        reading.text.clear();
        let cells = self.cells.len() as u32;
        Reading { cells: cells..cells, ..reading }
    }

    /// Takes a reading in, unless it says the same as one before; its cells were pushed since `begin_reading`.
    pub(super) fn end_reading(&mut self, mut reading: Reading) {
        reading.cells.end = self.cells.len() as u32;
        let same = |other: &Reading| {
            other.text == reading.text && other.original == reading.original && other.field == reading.field
        };
        let repeated = self.readings().iter().rev().take(2 * readings::MAX_READINGS).any(same);
        match self.readings.get_mut(self.reading_count) {
            Some(slot) => *slot = reading,
            None => self.readings.push(reading),
        }
        self.reading_count += usize::from(!repeated);
    }

    /// First original byte of the character that gave the folded byte `at` of `token`.
    pub(crate) fn original_start(&self, token: &Token, at: u32) -> u32 {
        if token.traits.has(TokenTraits::MAPPED) {
            return self.offsets.start(token, at);
        }
        token.original.start() + (at - token.folded_start)
    }

    /// One past the original character that gave the folded byte before `at`, `at` being past the start of `token`.
    pub(crate) fn original_end(&self, token: &Token, at: u32) -> u32 {
        if at >= token.folded_end {
            return token.original.end();
        }
        if token.traits.has(TokenTraits::MAPPED) {
            return self.offsets.end(token, at);
        }
        token.original.start() + (at - token.folded_start)
    }

    /// True if folding took an accent from a Latin letter of `token` in this folded range.
    pub(crate) fn is_accented(&self, token: &Token, start: u32, end: u32) -> bool {
        token.traits.has(TokenTraits::ACCENTED) && self.offsets.accented(start, end)
    }
}

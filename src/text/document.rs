//! All text of one item, folded into one arena that is reused from item to item.
//!
//! Not here: how characters fold. Kept true: words of different fields never touch (a hard stop lies between).

use std::ops::Range;

use super::lexer;
use super::offsets::Offsets;
use crate::domain::{ByteSpan, Concealments};

/// Position of a field in the order in which the fields were pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The tokens it stands for.
    pub tokens: Range<u32>,
    /// The plain word, folded.
    pub text: String,
    /// How it was hidden.
    pub concealment: Concealments,
    /// Bytes of the field as sent.
    pub original: ByteSpan,
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
    readings: Vec<Reading>,
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
        self.readings.clear();
        self.fields.clear();
    }

    /// Folds one field and appends it.
    pub fn push_field(&mut self, original: &str) -> FieldIndex {
        let field = FieldIndex(u16::try_from(self.fields.len()).unwrap_or(u16::MAX));
        let first_token = self.tokens.len();
        lexer::lex(self, original, field);
        let folded_end = self.folded.len() as u32;
        let folded_start = self.tokens.get(first_token).map_or(folded_end, |token| token.folded_start);
        self.fields
            .push(FieldText { folded: folded_start..folded_end, tokens: first_token as u32..self.tokens.len() as u32 });
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
        &self.readings
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

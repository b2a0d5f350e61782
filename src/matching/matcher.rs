//! What can be looked for and what is found.
//!
//! Not here: the structure that makes it fast (`trie`), building it (`builder`), searching (`find`). Kept true: these
//! are plain values without behaviour.

use crate::domain::{ByteSpan, Concealments};
use crate::text::FieldIndex;

/// No hit is longer, in tokens.
pub const LONGEST_HIT: u32 = 48;

/// Position of a lexicon in its pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LexiconId(pub u16);

/// Position of a term in its pack, over all lexicons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TermId(pub u32);

/// How a word of a term meets the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The whole word.
    Word,
    /// The word may go on in any way; the hit covers what the term says.
    Prefix,
    /// The word may go on with an ending of the term's language (`MatcherBuilder::endings`); the hit covers the ending.
    Stem,
    /// The whole word, or a part of a longer word (German, Dutch, Nordic compounds); the hit covers the part. Parts
    /// have at least 4 letters; away from the word's start they count in words of at least 8 letters only.
    Compound,
}

/// A word of a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TermWord {
    /// As the pack writes it.
    pub text: String,
    /// How it meets the text.
    pub form: Form,
}

/// A term to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The lexicon it belongs to.
    pub lexicon: LexiconId,
    /// One word, or several for a phrase; the builder folds them.
    pub words: Vec<TermWord>,
    /// BCP 47 primary language, or empty for any.
    pub language: String,
    /// True if second readings of disguised words count.
    pub disguisable: bool,
    /// Words that may lie between two neighbouring words of a phrase.
    pub max_gap: u8,
}

/// A term found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The lexicon.
    pub lexicon: LexiconId,
    /// The term.
    pub term: TermId,
    /// The field.
    pub field: FieldIndex,
    /// First token, position in `Document::tokens`.
    pub first_token: u32,
    /// One past the last token.
    pub end_token: u32,
    /// Bytes of the field as sent.
    pub original: ByteSpan,
    /// How it was hidden; empty if written plainly.
    pub concealment: Concealments,
    /// The reading that led to it, position in `Document::readings`.
    pub reading: Option<u32>,
}

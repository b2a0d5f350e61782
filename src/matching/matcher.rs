//! What can be looked for and what is found.
//!
//! Not here: the structure that makes it fast.

use crate::domain::{ByteSpan, Concealments};
use crate::text::{Document, FieldIndex};

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
    /// The word may go on in any way.
    Prefix,
    /// The word may go on with an ending of the term's language (`MatcherBuilder::endings`).
    Stem,
    /// The whole word, or a part of a longer word at either of its ends or inside (German, Dutch, Nordic compounds).
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

/// Collects terms.
#[derive(Debug, Default)]
pub struct MatcherBuilder {
    terms: Vec<Term>,
}

impl MatcherBuilder {
    /// No terms yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Endings that a `Form::Stem` term of this language may take (the empty ending is always allowed).
    pub fn endings(&mut self, language: &str, endings: &[String]) {
        let _ = (language, endings);
    }

    /// Adds a term and gives its position.
    pub fn add(&mut self, term: Term) -> TermId {
        self.terms.push(term);
        TermId(u32::try_from(self.terms.len() - 1).unwrap_or(u32::MAX))
    }

    /// Builds the automaton.
    pub fn build(self) -> Matcher {
        Matcher {}
    }
}

/// The automaton. Immutable, shared by all workers.
#[derive(Debug, Default)]
pub struct Matcher {}

impl Matcher {
    /// Appends every hit in `document` to `hits`, in order of position, then lexicon, then term.
    pub fn find(&self, document: &Document, hits: &mut Vec<Hit>) {
        let _ = (document, hits);
    }
}

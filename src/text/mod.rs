//! Folding: content as words that can be compared, with exact ways back to the original characters.
//!
//! Not here: which words matter (lexicons) and what hiding them means (signals). Kept true: the original is never
//! rewritten; every span that comes back from here slices the original on character boundaries; folding what is
//! folded changes nothing.

mod document;

pub use document::{Document, FieldIndex, FieldText, Reading, Token, TokenKind};

//! Folding: content as words that can be compared, with exact ways back to the original characters.
//!
//! Not here: which words matter (lexicons) and what hiding them means (signals). Kept true: the original is never
//! rewritten; every span that comes back from here slices the original on character boundaries; folding what is
//! folded changes nothing.

mod ascii;
mod cells;
mod disguise;
mod document;
mod function_words;
mod gap;
mod groups;
mod language;
mod lately;
mod letters;
mod lexer;
mod lookalikes;
mod numbers;
mod offsets;
mod random;
mod readings;
mod run;
mod symbols;
mod turned;

#[cfg(test)]
mod tests;

pub use ascii::is_plain;
pub use disguise::Disguise;
pub(crate) use document::ReadingCell;
pub use document::{Document, FieldIndex, FieldText, Reading, Token, TokenKind, TokenTraits};
pub use language::detect;
pub(crate) use lately::Lately;
pub use random::SplitMix;
pub use symbols::{Symbol, picture};

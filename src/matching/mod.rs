//! The lexicon automaton: finds the terms of all lexicons of a pack in a document, word-aware.
//!
//! Not here: what a hit means, guards between hits (the engine). Kept true: the same hits as the naive oracle, in
//! order of position, then lexicon, then term.

mod automaton;
mod builder;
mod disguise;
mod endings;
mod find;
mod idset;
mod matcher;
mod memory;
mod order;
mod phrases;
mod rearranged;
mod sightings;
mod trie;
mod words;

#[cfg(test)]
mod tests;

pub use automaton::Matcher;
pub use builder::MatcherBuilder;
pub use idset::LexiconSet;
pub use matcher::{Form, Hit, LONGEST_HIT, LexiconId, Term, TermId, TermWord};
pub use memory::Memory;

//! The lexicon automaton: finds the terms of all lexicons of a pack in a document, word-aware.
//!
//! Not here: what a hit means, guards between hits (the engine). Kept true: the same hits as the naive oracle, in
//! order of position, then lexicon, then term.

mod matcher;

pub use matcher::{Form, Hit, LexiconId, Matcher, MatcherBuilder, Term, TermId, TermWord};

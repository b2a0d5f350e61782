//! Conditions: a subset of CEL, lowered to native predicates over fact slots.
//!
//! The `cel` crate parses; interpreting its tree would cost microseconds a condition, a predicate costs nanoseconds.
//! Not here: where facts come from. Kept true: a predicate and the `cel` interpreter agree on every condition and
//! every value that facts can have (`tests/policy_conditions.rs`); only what is certain is called unreachable.

mod evaluate;
mod evidence;
mod lower;
mod outcomes;
mod syntax;
mod vocabulary;

#[cfg(test)]
mod tests;

pub(super) use evidence::proof;
pub(super) use lower::lower;
pub(super) use outcomes::{Subjects, outcomes};
pub(super) use vocabulary::{LexiconIndex, Unresolved, Vocabulary, fact, unknown_fact};

use std::ops::Range;

use super::code::Code;

/// Longest condition, in bytes.
const MAX_BYTES: usize = 4096;

/// Most comparisons in one condition.
const MAX_COMPARISONS: usize = 200;

/// Something wrong with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConditionFault {
    pub(super) code: Code,
    /// Bytes of the condition.
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

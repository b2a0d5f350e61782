//! Native evaluation of lowered conditions.
//!
//! Not here: lowering from CEL. Kept true: evaluation reads nothing but the table of values and cannot fail; a slot
//! that does not exist reads as 0.

use super::compiled::{Comparison, Predicate, SlotId};

impl Predicate {
    /// Evaluates over the values of the pack's slots, by `SlotId`.
    pub fn eval(&self, values: &[f64]) -> bool {
        let value = |slot: SlotId| values.get(usize::from(slot.0)).copied().unwrap_or_default();
        match self {
            Predicate::Const(holds) => *holds,
            Predicate::True(slot) => value(*slot) != 0.0,
            Predicate::Compare(slot, comparison, number) => comparison.holds(value(*slot), *number),
            Predicate::CompareSlots(one, comparison, other) => comparison.holds(value(*one), value(*other)),
            Predicate::In(slot, symbols) => symbols.iter().any(|symbol| value(*slot) == f64::from(*symbol)),
            Predicate::All(parts) => parts.iter().all(|part| part.eval(values)),
            Predicate::Any(parts) => parts.iter().any(|part| part.eval(values)),
            Predicate::Not(part) => !part.eval(values),
        }
    }
}

impl Comparison {
    /// Compares two numbers.
    pub fn holds(self, one: f64, other: f64) -> bool {
        match self {
            Comparison::Equal => one == other,
            Comparison::NotEqual => one != other,
            Comparison::Less => one < other,
            Comparison::LessOrEqual => one <= other,
            Comparison::Greater => one > other,
            Comparison::GreaterOrEqual => one >= other,
        }
    }
}

//! Evaluating predicates.
//!
//! Not here: making them. Kept true: never panics; a slot that the values lack counts as 0.

use super::super::compiled::{Comparison, Predicate, Slot, SlotId, SlotTable};
use super::super::facts::FactType;

impl Predicate {
    /// Does it hold? `values` are by `SlotId`: numbers as they are, flags as 0 or 1, texts as `SlotTable::symbol`.
    pub fn eval(&self, values: &[f64]) -> bool {
        match self {
            Predicate::Const(value) => *value,
            Predicate::True(slot) => value(values, *slot) != 0.0,
            Predicate::Compare(slot, comparison, number) => comparison.holds(value(values, *slot), *number),
            Predicate::CompareSlots(a, comparison, b) => comparison.holds(value(values, *a), value(values, *b)),
            Predicate::In(slot, symbols) => {
                let found = value(values, *slot);
                symbols.iter().any(|symbol| f64::from(*symbol) == found)
            }
            Predicate::All(parts) => parts.iter().all(|part| part.eval(values)),
            Predicate::Any(parts) => parts.iter().any(|part| part.eval(values)),
            Predicate::Not(part) => !part.eval(values),
        }
    }

    /// Can it hold, whatever the slots are that `known` gives no value for? True too often, and never false too often.
    pub fn can_hold(&self, known: &impl Fn(SlotId) -> Option<f64>) -> bool {
        self.can_be(true, known)
    }

    fn can_be(&self, wanted: bool, known: &impl Fn(SlotId) -> Option<f64>) -> bool {
        let is = |holds: Option<bool>| holds.is_none_or(|holds| holds == wanted);
        let part = |part: &Predicate| part.can_be(wanted, known);
        match self {
            Predicate::Const(value) => *value == wanted,
            Predicate::True(slot) => is(known(*slot).map(|value| value != 0.0)),
            Predicate::Compare(slot, comparison, number) => {
                is(known(*slot).map(|value| comparison.holds(value, *number)))
            }
            Predicate::CompareSlots(a, comparison, b) => {
                is(known(*a).zip(known(*b)).map(|(a, b)| comparison.holds(a, b)))
            }
            Predicate::In(slot, symbols) => {
                is(known(*slot).map(|found| symbols.iter().any(|symbol| f64::from(*symbol) == found)))
            }
            Predicate::All(parts) if wanted => parts.iter().all(part),
            Predicate::Any(parts) if !wanted => parts.iter().all(part),
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(part),
            Predicate::Not(part) => part.can_be(!wanted, known),
        }
    }

    /// Calls `visit` with every slot mentioned, as often as it is mentioned.
    pub fn for_each_slot(&self, visit: &mut impl FnMut(SlotId)) {
        match self {
            Predicate::Const(_) => {}
            Predicate::True(slot) | Predicate::Compare(slot, ..) | Predicate::In(slot, _) => visit(*slot),
            Predicate::CompareSlots(a, _, b) => {
                visit(*a);
                visit(*b);
            }
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| part.for_each_slot(visit)),
            Predicate::Not(part) => part.for_each_slot(visit),
        }
    }
}

impl Comparison {
    /// Compares two numbers.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::LessOrEqual => a <= b,
            Comparison::Greater => a > b,
            Comparison::GreaterOrEqual => a >= b,
        }
    }

    /// The comparison that holds of (b, a) when this one holds of (a, b).
    pub(super) fn flipped(self) -> Self {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }
}

impl SlotTable {
    /// The value of each slot when nothing is known; by `SlotId`.
    pub fn absent_values(&self) -> Vec<f64> {
        self.slots.iter().map(|slot| slot.absent()).collect()
    }

    /// The value of a text fact: the position of the text among the symbols + 1; 0 for every text that no condition
    /// compares with, the empty one among them.
    pub fn symbol(&self, text: &str) -> f64 {
        // A pack compares with a handful of texts (languages, relationships): a scan is the fastest way.
        self.symbols.iter().position(|symbol| symbol == text).map_or(0.0, |position| (position + 1) as f64)
    }
}

impl Slot {
    /// The value when nothing is known.
    pub fn absent(self) -> f64 {
        match self {
            Slot::Lexicon(..) | Slot::Near(_) => 0.0,
            Slot::Fact(fact) => fact.absent(),
        }
    }

    /// Its type in conditions.
    pub fn fact_type(self) -> FactType {
        match self {
            Slot::Lexicon(..) => FactType::Count,
            Slot::Near(_) => FactType::Flag,
            Slot::Fact(fact) => fact.fact_type(),
        }
    }
}

fn value(values: &[f64], slot: SlotId) -> f64 {
    values.get(usize::from(slot.0)).copied().unwrap_or_default()
}

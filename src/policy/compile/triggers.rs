//! Which facts wake which signals, so that the engine evaluates few conditions per item.
//!
//! Not here: evaluating. Kept true: a condition that holds is unconditional, or one of the facts that it waits for is
//! present (a property test). Most conditions wait for one clause: `content.is_listing && lex.snow > 0 && lex.ski == 0`
//! waits for `lex.snow` alone, because the whole cannot hold without it.

use fixedbitset::FixedBitSet;

use super::super::compiled::{CompiledSignal, Predicate, SignalId, Slot, SlotId, SlotTable};
use super::super::facts::{Fact, Scope};
use super::commonness::Commonness;

/// By slot the signals that wait for it, and the signals that are always evaluated.
pub(super) fn of_signals(
    signals: &[CompiledSignal],
    slots: &SlotTable,
    common: &Commonness,
) -> (Vec<Vec<SignalId>>, FixedBitSet) {
    let waiting = Waiting { slots, absent: slots.absent_values(), common };
    let mut triggers: Vec<Vec<SignalId>> = vec![Vec::new(); slots.slots.len()];
    let mut unconditional = FixedBitSet::with_capacity(signals.len());
    for ((position, signal), id) in signals.iter().enumerate().zip((0..).map(SignalId)) {
        match waiting.of(&signal.predicate) {
            None => unconditional.insert(position),
            Some(awaited) => {
                for slot in awaited {
                    if let Some(waked) = triggers.get_mut(usize::from(slot.0)) {
                        waked.push(id);
                    }
                }
            }
        }
    }
    (triggers, unconditional)
}

struct Waiting<'a> {
    slots: &'a SlotTable,
    absent: Vec<f64>,
    common: &'a Commonness,
}

impl Waiting<'_> {
    /// The facts of which one must be present for the condition to hold, each once; `None` if it holds without any.
    fn of(&self, predicate: &Predicate) -> Option<Vec<SlotId>> {
        if predicate.eval(&self.absent) {
            return None;
        }
        let mut awaited = match predicate {
            // One part that needs a fact makes the whole need it: the part that is woken least often.
            Predicate::All(parts) => parts
                .iter()
                .filter_map(|part| self.of(part))
                .min_by_key(|part| self.frequency(part))
                .unwrap_or_default(),
            // None of the parts holds yet, so each waits for something.
            Predicate::Any(parts) => parts.iter().filter_map(|part| self.of(part)).flatten().collect(),
            clause => {
                let mut mentioned = Vec::new();
                clause.for_each_slot(&mut |slot| mentioned.push(slot));
                mentioned
            }
        };
        awaited.sort_unstable();
        awaited.dedup();
        Some(awaited)
    }

    /// About how many items in a thousand have one of these facts.
    fn frequency(&self, awaited: &[SlotId]) -> u64 {
        let slot = |id: &SlotId| self.slots.slots.get(usize::from(id.0)).copied();
        awaited.iter().filter_map(slot).map(|slot| frequency(slot, self.common)).sum()
    }
}

/// A guess is enough: it only has to prefer what is rare.
fn frequency(slot: Slot, common: &Commonness) -> u64 {
    let of = |lexicon| common.of_lexicon(lexicon);
    match slot {
        Slot::Lexicon(Scope::Hidden | Scope::Targeting, _) => 1,
        // Seldom close together even where both are met.
        Slot::Near(near) => of(near.a).min(of(near.b)) / 2,
        Slot::Lexicon(Scope::Anywhere, lexicon) => of(lexicon),
        Slot::Lexicon(_, lexicon) => of(lexicon) / 2,
        Slot::Fact(Fact::IsListing | Fact::IsPost | Fact::Words | Fact::Language) => 1000,
        Slot::Fact(
            Fact::HasDescription
            | Fact::HasCategory
            | Fact::HasBrand
            | Fact::PriceKnown
            | Fact::PriceAmount
            | Fact::ImageCount,
        ) => 800,
        Slot::Fact(Fact::TraderKnown | Fact::SafetyKnown | Fact::SafetyMissing | Fact::TraderMissing) => 300,
        Slot::Fact(_) => 100,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::matching::LexiconId;
    use crate::policy::Comparison;

    const SLOTS: u16 = 6;

    fn table() -> SlotTable {
        let lexicon = |at| Slot::Lexicon(Scope::Anywhere, LexiconId(at));
        let slots = vec![
            lexicon(0),
            lexicon(1),
            lexicon(2),
            Slot::Fact(Fact::IsListing),
            Slot::Fact(Fact::PriceRatio),
            lexicon(3),
        ];
        SlotTable { slots, ..SlotTable::default() }
    }

    fn predicate() -> impl Strategy<Value = Predicate> {
        let slot = || (0..SLOTS).prop_map(SlotId);
        let comparison = prop::sample::select(vec![
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ]);
        let leaf = prop_oneof![
            any::<bool>().prop_map(Predicate::Const),
            slot().prop_map(Predicate::True),
            (slot(), comparison.clone(), 0..3).prop_map(|(slot, how, number)| Predicate::Compare(
                slot,
                how,
                f64::from(number)
            )),
            (slot(), comparison, slot()).prop_map(|(one, how, other)| Predicate::CompareSlots(one, how, other)),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(Predicate::All),
                prop::collection::vec(inner.clone(), 1..4).prop_map(Predicate::Any),
                inner.prop_map(|part| Predicate::Not(Box::new(part))),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_holds_was_woken(predicate in predicate(), values in prop::collection::vec(0..3u8, usize::from(SLOTS))) {
            let slots = table();
            let waiting = Waiting { absent: slots.absent_values(), slots: &slots, common: &Commonness::default() };
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let present = |slot: &SlotId| values[usize::from(slot.0)] != waiting.absent[usize::from(slot.0)];
            if let Some(awaited) = waiting.of(&predicate) {
                prop_assert!(!predicate.eval(&values) || awaited.iter().any(present), "{:?} waits for {:?}", predicate, awaited);
            }
        }
    }

    #[test]
    fn a_conjunction_waits_for_its_rarest_part() {
        let slots = table();
        let waiting = Waiting { absent: slots.absent_values(), slots: &slots, common: &Commonness::default() };
        let condition = Predicate::All(vec![
            Predicate::True(SlotId(3)),
            Predicate::Compare(SlotId(0), Comparison::Greater, 0.0),
            Predicate::Compare(SlotId(1), Comparison::Equal, 0.0),
        ]);
        assert_eq!(waiting.of(&condition), Some(vec![SlotId(0)]));
        assert_eq!(waiting.of(&Predicate::Const(true)), None);
        assert_eq!(waiting.of(&Predicate::Const(false)), Some(vec![]));
    }
}

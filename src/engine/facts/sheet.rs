//! The table of fact values, and where facts lie in the content.
//!
//! Not here: how any fact is computed. Kept true: a slot is in `present` exactly once and exactly if its value is
//! not its value when absent; at most `PLACES` places are kept for a fact.

use crate::domain::{ByteSpan, Diagnostic};
use crate::matching::LexiconId;
use crate::policy::{Fact, FactType, Near, Slot, SlotId, SlotTable};
use crate::text::FieldIndex;

/// Places kept for one fact: as many as evidence shows.
const PLACES: usize = 16;

/// Where a fact lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Characters of a text field.
    Text(FieldIndex, ByteSpan),
    /// A hit, position among the accepted ones.
    Hit(u32),
    /// `links[i]`, all of it.
    Link(u16),
    /// The state of a field, e.g. `trader.address`.
    State(&'static str),
    /// `variants[i].price`
    VariantPrice(u16),
    /// A claim of a mention, by position: characters of a post.
    Claim(u8, u8),
    /// How the post of a mention leads to the listing.
    Path(u8),
    /// Who promotes it, or whose listing it promotes, by position.
    Party(u8),
    /// A listing at risk that the post promotes, by position.
    Promoted(u8),
    /// `images[i].…` or `media[i].…`, the state of that field.
    Media(u16, &'static str),
}

/// Values by slot, the slots that are present, and places by fact.
#[derive(Debug, Default)]
pub(crate) struct FactSheet {
    values: Vec<f64>,
    present: Vec<SlotId>,
    /// The slots whose value when absent is not 0.
    not_zero: Vec<SlotId>,
    places: Vec<(Fact, Place)>,
    /// How many of them a fact has, by fact.
    placed: Vec<usize>,
    diagnostics: Vec<Diagnostic>,
}

impl FactSheet {
    /// Back to every fact being absent.
    pub(super) fn reset(&mut self, slots: &SlotTable) {
        // A pack has thousands of slots and an item fills a few: only these are emptied.
        for slot in self.present.drain(..).chain(self.not_zero.drain(..)) {
            self.values.get_mut(usize::from(slot.0)).into_iter().for_each(|value| *value = 0.0);
        }
        self.values.resize(slots.slots.len(), 0.0);
        for fact in [Fact::PriceRatio, Fact::VariantSpread, Fact::PriceDearForKind] {
            if let Some(slot) = slot_of(slots, fact)
                && let Some(value) = self.values.get_mut(usize::from(slot.0))
            {
                *value = fact.absent();
                self.not_zero.push(slot);
            }
        }
        self.places.clear();
        self.placed.clear();
        self.placed.resize(Fact::ALL.len(), 0);
        self.diagnostics.clear();
    }

    /// Every value, by slot.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The slots whose value is not their value when absent, in the order in which they were found.
    pub(crate) fn present(&self) -> &[SlotId] {
        &self.present
    }

    /// The value of a slot.
    pub(crate) fn value(&self, slot: SlotId) -> f64 {
        self.values.get(usize::from(slot.0)).copied().unwrap_or_default()
    }

    /// Where a fact lies, in order of position.
    pub(crate) fn places(&self, fact: Fact) -> impl Iterator<Item = Place> {
        self.places.iter().filter(move |(owner, _)| *owner == fact).map(|(_, place)| *place)
    }

    /// What could not be evaluated.
    pub(crate) fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

fn slot_of(slots: &SlotTable, fact: Fact) -> Option<SlotId> {
    slots.by_fact.get(fact as usize).copied().flatten()
}

/// Writes facts into the sheet, if the pack has a place for them.
#[derive(Debug)]
pub(super) struct Recorder<'a> {
    slots: &'a SlotTable,
    sheet: &'a mut FactSheet,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(slots: &'a SlotTable, sheet: &'a mut FactSheet) -> Self {
        Recorder { slots, sheet }
    }

    /// True if the pack asks for the fact.
    pub(super) fn wants(&self, fact: Fact) -> bool {
        slot_of(self.slots, fact).is_some()
    }

    /// True if the pack asks for one of them.
    pub(super) fn wants_any(&self, facts: &[Fact]) -> bool {
        facts.iter().any(|fact| self.wants(*fact))
    }

    /// True if the fact has another value than when absent. Each fact is written once, so this is final after it.
    pub(super) fn is_present(&self, fact: Fact) -> bool {
        slot_of(self.slots, fact).is_some_and(|slot| self.sheet.value(slot) != fact.absent())
    }

    /// The slots written so far.
    pub(super) fn present(&self) -> &[SlotId] {
        self.sheet.present()
    }

    /// Where a fact lies, as far as it was written.
    pub(super) fn places(&self, fact: Fact) -> impl Iterator<Item = Place> {
        self.sheet.places(fact)
    }

    /// The value of a slot; final for facts that rest on the content alone, once these are collected.
    pub(super) fn value(&self, slot: SlotId) -> f64 {
        self.sheet.value(slot)
    }

    /// Writes a number.
    pub(super) fn number(&mut self, fact: Fact, value: f64) {
        if let Some(slot) = slot_of(self.slots, fact)
            && value != fact.absent()
        {
            self.set(slot, value);
        }
    }

    /// Writes a count.
    pub(super) fn count(&mut self, fact: Fact, count: usize) {
        self.number(fact, count as f64);
    }

    /// Writes a flag.
    pub(super) fn flag(&mut self, fact: Fact, holds: bool) {
        self.number(fact, f64::from(u8::from(holds)));
    }

    /// Writes a text, as the pack's symbol for it.
    pub(super) fn text(&mut self, fact: Fact, text: &str) {
        debug_assert_eq!(fact.fact_type(), FactType::Text);
        if self.wants(fact) {
            self.number(fact, self.slots.symbol(text));
        }
    }

    /// Adds one to a slot of a lexicon.
    pub(super) fn add_one(&mut self, slot: SlotId) {
        let before = self.sheet.value(slot);
        if before == 0.0 {
            self.set(slot, 1.0);
        } else if let Some(value) = self.sheet.values.get_mut(usize::from(slot.0)) {
            *value = before + 1.0;
        }
    }

    /// Remembers where a fact lies.
    pub(super) fn place(&mut self, fact: Fact, place: Place) {
        if self.wants(fact)
            && let Some(placed) = self.sheet.placed.get_mut(fact as usize)
            && *placed < PLACES
        {
            *placed += 1;
            self.sheet.places.push((fact, place));
        }
    }

    /// Says that something could not be evaluated.
    pub(super) fn diagnose(&mut self, diagnostic: Diagnostic) {
        self.sheet.diagnostics.push(diagnostic);
    }

    fn set(&mut self, slot: SlotId, value: f64) {
        if let Some(place) = self.sheet.values.get_mut(usize::from(slot.0)) {
            *place = value;
            self.sheet.present.push(slot);
        }
    }
}

/// The name of a slot as a pack writes it.
pub(crate) fn slot_name<'a>(slot: Slot, lexicon: impl Fn(LexiconId) -> &'a str) -> String {
    match slot {
        Slot::Lexicon(scope, id) => format!("{}.{}", scope.as_str(), lexicon(id)),
        Slot::Near(Near { a, b, words, in_order }) => {
            let name = if in_order { "before" } else { "near" };
            format!("{name}({:?}, {:?}, {words})", lexicon(a), lexicon(b))
        }
        Slot::Fact(fact) => fact.as_str().to_owned(),
    }
}

//! The names that a condition may use, and the slots given to those that it does.
//!
//! Not here: what the slots hold at run time. Kept true: a slot exists once, however many conditions mention it.

use rustc_hash::FxHashMap;

use super::super::code::Code;
use super::super::compiled::{Slot, SlotId, SlotTable};
use super::super::facts::{Fact, Scope};
use super::super::suggest::did_you_mean;
use crate::matching::LexiconId;

/// Lexicons by name.
#[derive(Debug, Default)]
pub(crate) struct LexiconIndex {
    ids: FxHashMap<String, LexiconId>,
    /// True for lexicons that a disguised word can hit; by `LexiconId`.
    disguisable: Vec<bool>,
}

impl LexiconIndex {
    /// The lexicons of these names, in order of their ids.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let ids: FxHashMap<_, _> =
            names.into_iter().zip(0..).map(|(name, id)| (name.to_owned(), LexiconId(id))).collect();
        let disguisable = vec![true; ids.len()];
        LexiconIndex { ids, disguisable }
    }

    /// The lexicon of this name.
    pub(crate) fn get(&self, name: &str) -> Option<LexiconId> {
        self.ids.get(name).copied()
    }

    /// Every name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        // Sorted, so that of two equally near names always the same one is suggested.
        let mut names: Vec<&str> = self.ids.keys().map(String::as_str).collect();
        names.sort_unstable();
        names.into_iter()
    }

    /// Notes whether a disguised word can hit a lexicon.
    pub(crate) fn set_disguisable(&mut self, lexicon: LexiconId, disguisable: bool) {
        if let Some(known) = self.disguisable.get_mut(usize::from(lexicon.0)) {
            *known = disguisable;
        }
    }

    /// Can a disguised word hit this lexicon?
    pub(crate) fn is_disguisable(&self, lexicon: LexiconId) -> bool {
        self.disguisable.get(usize::from(lexicon.0)).copied().unwrap_or(true)
    }
}

/// A name that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Names and the slots given out so far.
#[derive(Debug)]
pub(crate) struct Vocabulary<'l> {
    pub(crate) lexicons: &'l LexiconIndex,
    slots: SlotTable,
    known: FxHashMap<Slot, SlotId>,
    symbols: FxHashMap<String, u32>,
}

impl<'l> Vocabulary<'l> {
    pub(crate) fn new(lexicons: &'l LexiconIndex) -> Self {
        Vocabulary { lexicons, slots: SlotTable::default(), known: FxHashMap::default(), symbols: FxHashMap::default() }
    }

    /// What `root.field` means.
    pub(crate) fn resolve(&self, root: &str, field: &str) -> Result<Slot, Unresolved> {
        if let Some(scope) = Scope::ALL.into_iter().find(|scope| scope.as_str() == root) {
            return self.lexicon(field).map(|lexicon| Slot::Lexicon(scope, lexicon));
        }
        let name = format!("{root}.{field}");
        fact(&name).map(Slot::Fact).ok_or_else(|| unknown_fact(&name))
    }

    /// The lexicon of this name.
    pub(crate) fn lexicon(&self, name: &str) -> Result<LexiconId, Unresolved> {
        self.lexicons.get(name).ok_or_else(|| Unresolved {
            code: Code::UnknownLexicon,
            message: format!("unknown lexicon `{name}`"),
            hint: did_you_mean(name, self.lexicons.names()),
        })
    }

    /// Why a bare word means nothing.
    pub(crate) fn unresolved_word(&self, word: &str) -> Unresolved {
        let lexicon = self.lexicons.get(word).map(|_| format!("did you mean `lex.{word}`?"));
        let mut unresolved = unknown_fact(word);
        unresolved.hint = lexicon.or(unresolved.hint);
        unresolved
    }

    /// The slot of a fact, given out at the first mention. `None` if a pack's conditions mention more than fit.
    pub(crate) fn slot(&mut self, slot: Slot) -> Option<SlotId> {
        if let Some(id) = self.known.get(&slot) {
            return Some(*id);
        }
        let id = SlotId(u16::try_from(self.slots.slots.len()).ok()?);
        self.slots.slots.push(slot);
        self.known.insert(slot, id);
        Some(id)
    }

    /// The value that stands for a text: its position among the symbols + 1.
    pub(crate) fn symbol(&mut self, text: &str) -> u32 {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        self.slots.symbols.push(text.to_owned());
        let symbol = u32::try_from(self.slots.symbols.len()).unwrap_or(u32::MAX);
        self.symbols.insert(text.to_owned(), symbol);
        symbol
    }

    /// What a slot holds.
    pub(crate) fn meaning(&self, slot: SlotId) -> Option<Slot> {
        self.slots.slots.get(usize::from(slot.0)).copied()
    }

    /// The slots, with the ways in that the engine uses.
    pub(crate) fn into_slots(mut self, lexicons: usize) -> SlotTable {
        self.slots.by_lexicon = vec![[None; Scope::ALL.len()]; lexicons];
        self.slots.by_fact = vec![None; Fact::ALL.len()];
        self.slots.near = vec![Vec::new(); lexicons];
        for (slot, id) in self.slots.slots.iter().zip((0..).map(SlotId)) {
            match *slot {
                Slot::Lexicon(scope, lexicon) => {
                    let scopes = self.slots.by_lexicon.get_mut(usize::from(lexicon.0));
                    if let Some(place) = scopes.and_then(|scopes| scopes.get_mut(scope as usize)) {
                        *place = Some(id);
                    }
                }
                Slot::Near(near) => {
                    let of_first = self.slots.near.get_mut(usize::from(near.a.0));
                    of_first.into_iter().for_each(|all| all.push((id, near)));
                }
                Slot::Fact(fact) => {
                    if let Some(place) = self.slots.by_fact.get_mut(fact as usize) {
                        *place = Some(id);
                    }
                }
            }
        }
        self.slots
    }
}

/// The fact of this name.
pub(crate) fn fact(name: &str) -> Option<Fact> {
    Fact::ALL.iter().copied().find(|fact| fact.as_str() == name)
}

/// Why a name is no fact.
pub(crate) fn unknown_fact(name: &str) -> Unresolved {
    Unresolved {
        code: Code::UnknownFact,
        message: format!("unknown fact `{name}`"),
        hint: did_you_mean(name, Fact::ALL.iter().map(|fact| fact.as_str())),
    }
}

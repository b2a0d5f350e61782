//! Endings that inflected words may take, per language.
//!
//! Not here: which languages inflect how (the pack's data). Kept true: the empty ending is always allowed.

use rustc_hash::{FxHashMap, FxHashSet};

/// Position of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LanguageIndex(u16);

/// Longest ending that a term without a language takes: longer ones of a foreign language would make other words.
const SHARED_LETTERS: usize = 3;

/// All endings, folded.
#[derive(Debug, Default)]
pub(super) struct Endings {
    languages: FxHashMap<String, LanguageIndex>,
    sets: Vec<FxHashSet<Box<str>>>,
    /// The empty language, once it is known.
    everybody: Option<LanguageIndex>,
    /// By ending, who may take it: one question for all terms that a word begins with.
    takers: FxHashMap<Box<str>, Takers>,
    /// Most of what is asked is the rest of some other word. By length, one bit for the low bits of each last byte.
    last_bytes: [u32; LONGEST_FILTERED + 1],
}

/// Languages that take an ending, as bits: the first for all that share theirs, one for each other, the last for all for which there are no
/// bits left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Takers(u64);

impl Takers {
    const SHARED: Takers = Takers(1);

    const CROWDED: Takers = Takers(1 << 63);

    fn one(language: LanguageIndex) -> Self {
        Takers(2 << language.0.min(62))
    }

    pub(super) fn with(self, other: Takers) -> Self {
        Takers(self.0 | other.0)
    }

    pub(super) fn meets(self, other: Takers) -> bool {
        self.0 & other.0 != 0
    }
}

/// Longer endings, in bytes, share a place of the filter.
const LONGEST_FILTERED: usize = 15;

fn last_bit(ending: &str) -> u32 {
    1 << (ending.as_bytes().last().copied().unwrap_or_default() % 32)
}

impl Endings {
    /// Adds endings to a language. Those of the empty language are everybody's.
    pub(super) fn add(&mut self, language: &str, endings: impl Iterator<Item = String>) {
        let index = self.language(language);
        let Some(set) = self.sets.get_mut(usize::from(index.0)) else { return };
        for ending in endings.filter(|ending| !ending.is_empty()) {
            let takers = self.takers.entry(ending.as_str().into()).or_default();
            *takers = takers.with(Takers::one(index));
            if language.is_empty() || ending.chars().count() <= SHARED_LETTERS {
                *takers = takers.with(Takers::SHARED);
            }
            if let Some(bits) = self.last_bytes.get_mut(ending.len().min(LONGEST_FILTERED)) {
                *bits |= last_bit(&ending);
            }
            set.insert(ending.into());
        }
    }

    /// The position of a language, made if new.
    pub(super) fn language(&mut self, language: &str) -> LanguageIndex {
        if let Some(index) = self.languages.get(language) {
            return *index;
        }
        let index = LanguageIndex(u16::try_from(self.sets.len()).unwrap_or(u16::MAX));
        self.sets.push(FxHashSet::default());
        self.languages.insert(language.to_owned(), index);
        if language.is_empty() {
            self.everybody = Some(index);
        }
        index
    }

    /// A language as one that takes endings. To be asked once all endings are known.
    pub(super) fn taker(&self, language: LanguageIndex) -> Takers {
        self.own(language).map_or(Takers::SHARED, |_| Takers::one(language))
    }

    /// Who may end so.
    pub(super) fn takers(&self, ending: &str) -> Takers {
        let bits = self.last_bytes.get(ending.len().min(LONGEST_FILTERED));
        if bits.is_none_or(|bits| bits & last_bit(ending) == 0) {
            return Takers::default();
        }
        self.takers.get(ending).copied().unwrap_or_default()
    }

    /// True if words of this language may end so, given who may and how the language takes endings. A language without endings of its own,
    /// and the empty one, take those of the empty language and the short ones (up to 3 letters) of all.
    #[inline]
    pub(super) fn allow(&self, (takers, taker): (Takers, Takers), language: LanguageIndex, ending: &str) -> bool {
        let exact = taker != Takers::CROWDED;
        taker.meets(takers) && (exact || self.own(language).is_some_and(|endings| endings.contains(ending)))
    }

    fn own(&self, language: LanguageIndex) -> Option<&FxHashSet<Box<str>>> {
        let own = self.sets.get(usize::from(language.0)).filter(|_| Some(language) != self.everybody);
        own.filter(|endings| !endings.is_empty())
    }
}

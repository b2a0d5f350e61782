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
    sets: Vec<EndingSet>,
    shared: EndingSet,
    /// The empty language, once it is known.
    everybody: Option<LanguageIndex>,
}

/// Endings behind a filter: most of what is asked is the rest of some other word.
#[derive(Debug, Default)]
struct EndingSet {
    endings: FxHashSet<Box<str>>,
    /// By length, one bit for the low bits of each last byte.
    last_bytes: [u32; LONGEST_FILTERED + 1],
}

/// Longer endings, in bytes, share a place of the filter.
const LONGEST_FILTERED: usize = 15;

impl EndingSet {
    fn insert(&mut self, ending: &str) {
        if let Some(bits) = self.last_bytes.get_mut(ending.len().min(LONGEST_FILTERED)) {
            *bits |= last_bit(ending);
        }
        self.endings.insert(ending.into());
    }

    fn contains(&self, ending: &str) -> bool {
        let bits = self.last_bytes.get(ending.len().min(LONGEST_FILTERED));
        bits.is_some_and(|bits| bits & last_bit(ending) != 0) && self.endings.contains(ending)
    }
}

fn last_bit(ending: &str) -> u32 {
    1 << (ending.as_bytes().last().copied().unwrap_or_default() % 32)
}

impl Endings {
    /// Adds endings to a language. Those of the empty language are everybody's.
    pub(super) fn add(&mut self, language: &str, endings: impl Iterator<Item = String>) {
        let index = self.language(language);
        let Some(set) = self.sets.get_mut(usize::from(index.0)) else { return };
        for ending in endings.filter(|ending| !ending.is_empty()) {
            if language.is_empty() || ending.chars().count() <= SHARED_LETTERS {
                self.shared.insert(&ending);
            }
            set.insert(&ending);
        }
    }

    /// The position of a language, made if new.
    pub(super) fn language(&mut self, language: &str) -> LanguageIndex {
        if let Some(index) = self.languages.get(language) {
            return *index;
        }
        let index = LanguageIndex(u16::try_from(self.sets.len()).unwrap_or(u16::MAX));
        self.sets.push(EndingSet::default());
        self.languages.insert(language.to_owned(), index);
        if language.is_empty() {
            self.everybody = Some(index);
        }
        index
    }

    /// True if words of this language may end so. A language without endings of its own, and the empty one, take
    /// those of the empty language and the short ones (up to 3 letters) of all.
    pub(super) fn allow(&self, language: LanguageIndex, ending: &str) -> bool {
        match self.sets.get(usize::from(language.0)) {
            Some(set) if !set.endings.is_empty() && Some(language) != self.everybody => set.contains(ending),
            _ => self.shared.contains(ending),
        }
    }
}

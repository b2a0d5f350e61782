//! Values by word, for the words that were asked for lately: texts repeat words, and what a word means is asked again and again.
//!
//! Not here: what the values are. Kept true: a value is what `make` gave for this word; memory is bounded whatever the words are, between two
//! turns by what was asked for; words that are asked for often stay; nobody can choose words that collide, because each map hashes with a seed
//! of its own.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use smallvec::SmallVec;

/// Bytes of a word that lie with its value: another place in memory costs more than all the rest of a look.
const INLINE: usize = 24;

/// Two generations: words that are asked for again move from the old one to the young, and what is left in the old one when the young is full
/// is forgotten.
#[derive(Debug)]
pub(crate) struct Lately<V> {
    young: HashTable<Kept<V>>,
    old: HashTable<Kept<V>>,
    /// Words come from strangers.
    hasher: DefaultHashBuilder,
    /// Bytes that the young take, roughly, and may take.
    bytes: usize,
    most: usize,
}

#[derive(Debug)]
struct Kept<V> {
    word: SmallVec<[u8; INLINE]>,
    value: V,
}

impl<V> Lately<V> {
    /// One that takes about twice so many bytes at most.
    pub(crate) fn new(most: usize) -> Self {
        let hasher = DefaultHashBuilder::default();
        Lately { young: HashTable::new(), old: HashTable::new(), hasher, bytes: 0, most }
    }

    /// Forgets what nobody asked for again, if there is too much; to be called now and then. True if the young have become the old.
    pub(crate) fn turn(&mut self) -> bool {
        let full = self.bytes > self.most;
        if full {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.bytes = 0;
        }
        full
    }

    /// The value of a word. `make` makes it, of the value that it had among the old or of nothing, and says how many bytes it has on the
    /// heap.
    pub(crate) fn get_or(&mut self, word: &str, make: impl FnOnce(Option<V>) -> (V, usize)) -> &mut V {
        let same = |kept: &Kept<V>| kept.word.as_slice() == word.as_bytes();
        let hash = self.hasher.hash_one(word.as_bytes());
        match self.young.entry(hash, same, |kept| self.hasher.hash_one(kept.word.as_slice())) {
            Entry::Occupied(kept) => &mut kept.into_mut().value,
            Entry::Vacant(place) => {
                let old = self.old.find_entry(hash, same).ok().map(|kept| kept.remove().0);
                let (word, (value, heap)) = match old {
                    Some(old) => (old.word, make(Some(old.value))),
                    None => (word.as_bytes().into(), make(None)),
                };
                let beyond = if word.len() > INLINE { word.len() } else { 0 };
                self.bytes += size_of::<Kept<V>>() + beyond + heap;
                &mut place.insert(Kept { word, value }).into_mut().value
            }
        }
    }

    /// Forgets every word.
    pub(crate) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_asked_for_often_stay_and_memory_is_bounded() {
        let (mut lately, mut found) = (Lately::new(10_000), 0);
        let mut moved = 0;
        for number in 0..10_000 {
            lately.turn();
            for word in ["often".to_owned(), format!("once {number}")] {
                let asked = word.len();
                let value = lately.get_or(&word, |old| {
                    match old {
                        None => found += usize::from(word == "often"),
                        Some(_) => moved += 1,
                    }
                    (word.len(), 100)
                });
                assert_eq!(*value, asked);
            }
            assert!(lately.young.len() <= 100 && lately.old.len() <= 100);
        }
        assert_eq!(found, 1, "it was never forgotten");
        assert!(moved > 10, "it moved each time the young became the old");
        lately.clear();
        assert_eq!(lately.get_or("often", |_| (0, 0)), &0);
    }

    #[test]
    fn one_value_larger_than_all_that_is_allowed_is_kept_until_the_next() {
        let mut lately = Lately::new(10);
        for word in ["one", "two", "three", "one"] {
            assert_eq!(*lately.get_or(word, |_| (word.len(), 1_000_000)), word.len());
            lately.turn();
            assert!(lately.young.len() + lately.old.len() <= 2);
        }
    }
}

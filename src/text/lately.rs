//! Values by word, for the words that were asked for lately: texts repeat words, and what a word means is asked again and again.
//!
//! Not here: what the values are. Kept true: a value is what `find` gave for this word; memory is bounded whatever the words are; words that
//! are asked for often stay; nobody can choose words that collide, because each map hashes with a seed of its own.

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
    bytes: usize,
}

impl<V> Lately<V> {
    /// One that takes about twice so many bytes at most.
    pub(crate) fn new(most: usize) -> Self {
        let hasher = DefaultHashBuilder::default();
        Lately { young: HashTable::new(), old: HashTable::new(), hasher, bytes: 0, most }
    }

    /// The value of a word; `find` finds it, and says how many bytes it has on the heap.
    pub(crate) fn get_or(&mut self, word: &str, find: impl FnOnce() -> (V, usize)) -> &V {
        if self.bytes > self.most {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.bytes = 0;
        }
        let same = |kept: &Kept<V>| kept.word.as_slice() == word.as_bytes();
        let hash = self.hasher.hash_one(word.as_bytes());
        match self.young.entry(hash, same, |kept| self.hasher.hash_one(kept.word.as_slice())) {
            Entry::Occupied(kept) => &kept.into_mut().value,
            Entry::Vacant(place) => {
                let old = self.old.find_entry(hash, same).ok().map(|kept| kept.remove().0);
                let kept = old.unwrap_or_else(|| {
                    let (value, heap) = find();
                    let beyond = if word.len() > INLINE { word.len() } else { 0 };
                    Kept { word: word.as_bytes().into(), value, bytes: size_of::<Kept<V>>() + beyond + heap }
                });
                self.bytes += kept.bytes;
                &place.insert(kept).into_mut().value
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
        for number in 0..10_000 {
            for word in ["often".to_owned(), format!("once {number}")] {
                let asked = word.len();
                let value = lately.get_or(&word, || {
                    found += usize::from(word == "often");
                    (word.len(), 100)
                });
                assert_eq!(*value, asked);
            }
            assert!(lately.young.len() <= 100 && lately.old.len() <= 100);
        }
        assert_eq!(found, 1, "it was never forgotten");
        lately.clear();
        assert_eq!(lately.get_or("often", || (0, 0)), &0);
    }

    #[test]
    fn one_value_larger_than_all_that_is_allowed_is_kept_until_the_next() {
        let mut lately = Lately::new(10);
        for word in ["one", "two", "three", "one"] {
            assert_eq!(*lately.get_or(word, || (word.len(), 1_000_000)), word.len());
            assert!(lately.young.len() + lately.old.len() <= 2);
        }
    }
}

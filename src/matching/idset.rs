//! Sets of small numbers that are emptied as fast as they were filled: buffers to be reused.
//!
//! Not here: what the numbers stand for. Kept true: emptying costs what was put in, not what could be.

use super::matcher::LexiconId;

/// Numbers.
#[derive(Debug, Default)]
pub(super) struct IdSet {
    bits: Vec<u64>,
    /// Places of `bits` that are not zero.
    used: Vec<u32>,
}

impl IdSet {
    pub(super) fn clear(&mut self) {
        for at in self.used.drain(..) {
            self.bits.get_mut(at as usize).into_iter().for_each(|bits| *bits = 0);
        }
    }

    /// True if it is new.
    pub(super) fn insert(&mut self, id: u32) -> bool {
        let place = id as usize / 64;
        if place >= self.bits.len() {
            self.bits.resize(place + 1, 0);
        }
        let Some(bits) = self.bits.get_mut(place) else { return false };
        if *bits == 0 {
            self.used.push(id / 64);
        }
        let new = *bits & bit(id) == 0;
        *bits |= bit(id);
        new
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        self.bits.get(id as usize / 64).is_some_and(|bits| bits & bit(id) != 0)
    }

    /// All of them, in no order that means anything.
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> {
        self.used.iter().flat_map(|at| {
            let mut left = self.bits.get(*at as usize).copied().unwrap_or_default();
            std::iter::from_fn(move || {
                let lowest = left.trailing_zeros();
                left &= left.checked_sub(1)?;
                Some(at * 64 + lowest)
            })
        })
    }
}

/// The bit of a number among 64.
pub(super) fn bit(id: u32) -> u64 {
    1 << (id % 64)
}

/// Lexicons of one pack; a buffer to be reused.
#[derive(Debug, Default)]
pub struct LexiconSet(IdSet);

impl LexiconSet {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds one; true if it is new.
    pub fn insert(&mut self, lexicon: LexiconId) -> bool {
        self.0.insert(u32::from(lexicon.0))
    }

    /// True if it is among them.
    pub fn contains(&self, lexicon: LexiconId) -> bool {
        self.0.contains(u32::from(lexicon.0))
    }

    /// All of them, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = LexiconId> {
        self.0.ids().filter_map(|id| u16::try_from(id).ok().map(LexiconId))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn holds_what_was_put_in_since_it_was_emptied() {
        let mut set = IdSet::default();
        for round in 0..3_u32 {
            let expected: BTreeSet<u32> = (0..200).map(|number| number * number * 7 % 1_031 + round).collect();
            for id in &expected {
                assert!(set.insert(*id) && !set.insert(*id));
            }
            assert_eq!(set.ids().collect::<BTreeSet<_>>(), expected);
            assert!((0..2_000).all(|id| set.contains(id) == expected.contains(&id)));
            set.clear();
            assert_eq!(set.ids().count(), 0);
        }
    }
}

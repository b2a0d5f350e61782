//! Who has events at all: a set of subjects that may say "perhaps" where the truth is "no", and never the reverse.
//!
//! Not here: who fills it (`standings.rs`, the service). Kept true: whoever was entered is found; entering and asking never wait.
//!
//! Most sellers have no events. Without this set each of them would cost a question to the store and a place in the live map, and
//! whoever sends made-up sellers could make us do nothing else. It is a Bloom filter (1970) in blocks of a cache line (Putze, Sanders and
//! Singler, 2009), ten bits for each entered, in layers of doubling size because nobody knows beforehand how many there will be.
//! About one stranger in fifty is asked about for nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use super::key::SubjectKey;

/// Words of a block: a cache line.
const BLOCK: usize = 8;
/// Bits set for an entry.
const PROBES: u32 = 7;
/// Entries that the first layer is made for. Blocks of 512 bits, ten bits an entry: 51 entries a block.
const FIRST: usize = 1 << 16;
const PER_BLOCK: usize = 51;
/// The last layer alone holds 134 million.
const LAYERS: usize = 12;

/// A set of subjects.
#[derive(Debug, Default)]
pub(super) struct Roll {
    layers: [OnceLock<Box<[AtomicU64]>>; LAYERS],
    entered: AtomicUsize,
    complete: AtomicBool,
}

impl Roll {
    /// Enters a subject.
    pub(super) fn enter(&self, key: SubjectKey) {
        if self.may_have(key) {
            return;
        }
        let mut before = self.entered.fetch_add(1, Ordering::Relaxed);
        let mut layer = 0;
        while layer + 1 < LAYERS && before >= FIRST << layer {
            before -= FIRST << layer;
            layer += 1;
        }
        let Some(place) = self.layers.get(layer) else { return };
        let words = place.get_or_init(|| {
            let blocks = (FIRST << layer).div_ceil(PER_BLOCK);
            (0..blocks * BLOCK).map(|_| AtomicU64::new(0)).collect()
        });
        for (word, bit) in places(words, key) {
            word.fetch_or(bit, Ordering::Release);
        }
    }

    /// From now on, who is not here has no events.
    pub(super) fn close(&self) {
        self.complete.store(true, Ordering::Release);
    }

    /// True if it is certain that the subject has no events.
    pub(super) fn rules_out(&self, key: SubjectKey) -> bool {
        self.complete.load(Ordering::Acquire) && !self.may_have(key)
    }

    fn may_have(&self, key: SubjectKey) -> bool {
        self.layers
            .iter()
            .map_while(OnceLock::get)
            .any(|words| places(words, key).all(|(word, bit)| word.load(Ordering::Acquire) & bit != 0))
    }
}

/// The words and bits of a key in a layer: all in one block.
fn places(words: &[AtomicU64], key: SubjectKey) -> impl Iterator<Item = (&AtomicU64, u64)> {
    let (high, low) = key.halves();
    let blocks = words.len() / BLOCK;
    // The upper half of a product: a number below `blocks`, as even as the key's bits.
    let block = ((u128::from(high) * blocks as u128) >> 64) as usize * BLOCK;
    // Nine bits for each probe: which of the 512.
    (0..PROBES).filter_map(move |probe| {
        let bit = (low >> (9 * probe)) as usize % (BLOCK * 64);
        words.get(block + bit / 64).map(|word| (word, 1 << (bit % 64)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SubjectKind;

    fn key(number: usize) -> SubjectKey {
        SubjectKey::of(SubjectKind::Seller, &number.to_string())
    }

    #[test]
    fn whoever_was_entered_is_found_and_few_others_are() {
        let roll = Roll::default();
        // More than two layers hold.
        const ENTERED: usize = 250_000;
        (0..ENTERED).for_each(|number| roll.enter(key(number)));
        assert!(!roll.rules_out(key(ENTERED)), "nothing is certain before the roll is closed");
        roll.close();
        assert!((0..ENTERED).all(|number| !roll.rules_out(key(number))));
        let mistaken = (ENTERED..ENTERED + 20_000).filter(|number| !roll.rules_out(key(*number))).count();
        assert!(mistaken < 1_000, "{mistaken}");
        assert!(roll.layers.iter().map_while(OnceLock::get).count() > 1);
    }

    #[test]
    fn entering_goes_on_after_it_was_closed() {
        let roll = Roll::default();
        roll.close();
        assert!(roll.rules_out(key(1)));
        roll.enter(key(1));
        assert!(!roll.rules_out(key(1)) && roll.rules_out(key(2)));
    }
}

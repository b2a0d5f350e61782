//! How many different creators there were, in 32 bytes: linear counting (Whang, Vander-Zanden and Taylor, 1990).
//!
//! Not here: who they were. Kept true: a function of the set, whatever the order and however often one comes; up to some 300 it
//! is right within a tenth.

/// Bits.
const BITS: u32 = 256;

/// A set of creators, as bits that they have hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sketch([u64; 4]);

impl Sketch {
    /// Adds one.
    pub(super) fn add(&mut self, name: &str) {
        let [word, bit, ..] = *blake3::hash(name.as_bytes()).as_bytes();
        if let Some(word) = self.0.get_mut(usize::from(word % 4)) {
            *word |= 1 << (bit % 64);
        }
    }

    /// About how many.
    pub(super) fn estimate(&self) -> u32 {
        let set: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        let empty = f64::from(BITS - set).max(0.5);
        (f64::from(BITS) * (f64::from(BITS) / empty).ln()).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_near_and_repetition_does_not_count() {
        for many in [1_u32, 2, 10, 100, 300] {
            let mut sketch = Sketch::default();
            for at in 0..2 * many {
                sketch.add(&format!("creator-{}", at % many));
            }
            let near = f64::from(sketch.estimate()) / f64::from(many);
            assert!((0.85..=1.15).contains(&near), "{many}: {near}");
        }
    }
}

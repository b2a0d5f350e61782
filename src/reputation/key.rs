//! The name of a seller or creator in memory: 16 bytes for any identifier.
//!
//! Not here: the identifiers themselves; only the store keeps these. Kept true: equal subjects have equal keys, in every process.
//!
//! Two subjects with one key would share a standing. Among ten million, 128 bits make that happen once in 10^25 tries by chance, and
//! BLAKE3 leaves nobody a better way to find a pair on purpose than 2^64 trials.

use std::hash::{Hash, Hasher};

use crate::domain::{Subject, SubjectKind};

/// Bytes of an identifier, by the contract.
const MAX_ID: usize = 256;

/// The first 128 bits of BLAKE3 over kind and identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SubjectKey([u64; 2]);

impl SubjectKey {
    /// Of a subject.
    pub(super) fn of(kind: SubjectKind, id: &str) -> Self {
        let kind = match kind {
            SubjectKind::Seller => b"s",
            SubjectKind::Creator => b"c",
            SubjectKind::Listing => b"l",
            SubjectKind::Post => b"p",
        };
        // On the stack, because a `Hasher` has two kilobytes to be cleared for every name.
        let mut name = [0; 1 + MAX_ID];
        let digest = match name.get_mut(..=id.len()) {
            Some(name) => {
                let (first, rest) = name.split_at_mut(1);
                first.copy_from_slice(kind);
                rest.copy_from_slice(id.as_bytes());
                blake3::hash(name)
            }
            // The contract has none so long.
            None => blake3::Hasher::new().update(kind).update(id.as_bytes()).finalize(),
        };
        let mut halves = digest
            .as_bytes()
            .chunks_exact(8)
            .map(|bytes| bytes.iter().fold(0_u64, |half, byte| half << 8 | u64::from(*byte)));
        SubjectKey([halves.next().unwrap_or_default(), halves.next().unwrap_or_default()])
    }

    /// Both halves, each as random as the other.
    pub(super) const fn halves(self) -> (u64, u64) {
        (self.0[0], self.0[1])
    }
}

impl From<&Subject> for SubjectKey {
    fn from(subject: &Subject) -> Self {
        SubjectKey::of(subject.kind, &subject.id)
    }
}

impl Hash for SubjectKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0[0]);
    }
}

/// A key is a digest already; hashing it again would be for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Not how keys come, but as good.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, half: u64) {
        self.0 = half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_and_short_ones_are_hashed_alike() {
        for id in ["", "s-1", &"x".repeat(256), &"x".repeat(257)] {
            let digest = blake3::Hasher::new().update(b"s").update(id.as_bytes()).finalize();
            let (high, low) = SubjectKey::of(SubjectKind::Seller, id).halves();
            assert_eq!([high.to_be_bytes(), low.to_be_bytes()].concat(), digest.as_bytes()[..16]);
        }
        assert_ne!(SubjectKey::of(SubjectKind::Seller, "a"), SubjectKey::of(SubjectKind::Creator, "a"));
    }
}

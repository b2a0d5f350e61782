//! Chains: how the digest of an entry covers everything before it.
//!
//! Not here: checking a chain (`verify.rs`), choosing one (the backends). Kept true: an entry's digest covers the chain, the sequence, the
//! kind, the time, the digest before it and the digest of its body, and nothing else, so that an erased body leaves the chain whole.

use std::sync::LazyLock;

use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};

use crate::domain::{Digest, Link, RecordKind, Timestamp};

use super::canonical::Numbered;

/// Separates these digests from every other use of BLAKE3. A new layout gets a new context.
const CONTEXT: &str = "dsa-signal record chain, version 1";

/// The context, hashed once: on its own it costs as much as an entry.
static KEY: LazyLock<ContextKey> = LazyLock::new(|| hash_derive_key_context(CONTEXT));

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Identifier of the chain.
    pub chain: String,
    /// Of the last entry; 0 if there is none.
    pub sequence: u64,
    /// Of the last entry; zero if there is none.
    pub digest: Digest,
}

impl Head {
    /// A chain without entries.
    fn new_chain() -> Self {
        Head { chain: uuid::Uuid::now_v7().to_string(), sequence: 0, digest: Digest::ZERO }
    }

    /// The link of the entry that comes next, and the head moves on to it.
    fn extend(&mut self, kind: RecordKind, recorded_at: Timestamp, body_digest: Digest) -> Link {
        let mut link = Link {
            chain: self.chain.clone(),
            sequence: self.sequence + 1,
            recorded_at,
            previous_digest: self.digest,
            digest: Digest::ZERO,
        };
        link.digest = digest_of(&link, kind, body_digest);
        (self.sequence, self.digest) = (link.sequence, link.digest);
        link
    }
}

/// The end of a chain in the hands of whoever writes it.
#[derive(Clone, Debug)]
pub(in crate::store) struct End {
    /// Where it is.
    pub(in crate::store) head: Head,
    /// When its last entry was recorded; 1970 if there is none.
    pub(in crate::store) recorded_at: Timestamp,
}

impl End {
    /// Of a chain without entries.
    pub(in crate::store) fn new_chain() -> Self {
        End { head: Head::new_chain(), recorded_at: Timestamp::default() }
    }

    /// The link of the entry that comes next, and the end moves on to it.
    ///
    /// Time does not go back within a chain. Where the clock was set back, entries bear the instant of the last one before that, until it has caught
    /// up: they stay in their order for whoever sorts by time, and nobody takes them for older than they are and erases them.
    pub(in crate::store) fn extend(&mut self, kind: RecordKind, now: Timestamp, body_digest: Digest) -> Link {
        self.recorded_at = self.recorded_at.max(now);
        self.head.extend(kind, self.recorded_at, body_digest)
    }
}

/// What the digest of an entry must be.
pub(in crate::store) fn digest_of(link: &Link, kind: RecordKind, body_digest: Digest) -> Digest {
    let mut hasher = blake3::Hasher::new_from_context_key(&KEY);
    // The length stands before the one part that varies in length.
    hasher.update(&(link.chain.len() as u64).to_le_bytes());
    hasher.update(link.chain.as_bytes());
    hasher.update(&link.sequence.to_le_bytes());
    hasher.update(&[kind.number()]);
    hasher.update(&link.recorded_at.seconds.to_le_bytes());
    hasher.update(&link.recorded_at.nanos.to_le_bytes());
    hasher.update(link.previous_digest.bytes());
    hasher.update(body_digest.bytes());
    Digest::new(*hasher.finalize().as_bytes())
}

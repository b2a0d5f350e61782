//! Checking a chain: any edit, deletion or reorder is found, and its row named.
//!
//! Not here: reading entries (the port), replaying them (`service/`). Kept true: one fault does not hide the next; memory grows only
//! with erased entries that no erasure has covered yet.
//!
//! What a chain alone cannot show is the loss of its end together with its head, or a chain rewritten as a whole: whoever can do
//! that can compute digests too. So `decisions verify` prints heads, and takes heads that were kept elsewhere.

use std::fmt;

use crate::domain::{Digest, Record, RecordKind, Timestamp};

use super::canonical::{content_digest, read_record};
use super::chain::{Head, digest_of};
use super::entry::{Entry, Keys};

/// Something in a chain that cannot be so by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Entries are missing before this one.
    Missing {
        /// First one.
        from: u64,
        /// Last one.
        to: u64,
    },
    /// The sequence does not rise here.
    OutOfOrder(u64),
    /// It does not follow on the entry before it.
    Unlinked(u64),
    /// Its digest does not cover what it says of itself (kind, time, place).
    HeaderChanged(u64),
    /// Its body is not the one that was recorded.
    BodyChanged(u64),
    /// What it is found by is not what its body says.
    KeysChanged(u64),
    /// Its body is gone and no erasure accounts for it.
    BodyMissing(u64),
    /// The content beside it is not the one that was decided on.
    ContentChanged(u64),
    /// The chain ends before or behind its head.
    WrongEnd {
        /// Last entry.
        last: u64,
        /// Where the head says that it ends.
        head: u64,
    },
    /// The head's digest is not the last entry's.
    WrongHead(u64),
    /// An entry that was noted down elsewhere is another one or gone.
    NotAsNoted(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Missing { from, to } if from == to => write!(f, "entry {from} is missing"),
            Fault::Missing { from, to } => write!(f, "entries {from} to {to} are missing"),
            Fault::OutOfOrder(at) => write!(f, "entry {at} stands in the wrong place"),
            Fault::Unlinked(at) => write!(f, "entry {at} does not follow on the one before it"),
            Fault::HeaderChanged(at) => write!(f, "entry {at} was changed: its digest does not cover it"),
            Fault::BodyChanged(at) => write!(f, "entry {at} was changed: its body is not the one recorded"),
            Fault::KeysChanged(at) => write!(f, "entry {at} was changed: its columns are not what its body says"),
            Fault::BodyMissing(at) => write!(f, "entry {at} has lost its body, and no erasure accounts for it"),
            Fault::ContentChanged(at) => write!(f, "the content of entry {at} is not the one that was decided on"),
            Fault::WrongEnd { last, head } => write!(f, "the chain ends at entry {last}, and should at {head}"),
            Fault::WrongHead(at) => write!(f, "entry {at} is not the one that the chain should end with"),
            Fault::NotAsNoted(at) => write!(f, "entry {at} is not the one that was noted down"),
        }
    }
}

/// Checks a chain entry by entry.
#[derive(Debug)]
pub struct ChainVerifier {
    head: Head,
    last: u64,
    digest: Digest,
    /// Entries without a body that no erasure has covered yet.
    erased: Vec<(u64, Timestamp)>,
    faults: Vec<Fault>,
}

impl ChainVerifier {
    /// For a chain that should end with this head.
    pub fn new(head: Head) -> Self {
        ChainVerifier { head, last: 0, digest: Digest::ZERO, erased: Vec::new(), faults: Vec::new() }
    }

    /// The sequence of the last entry seen.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Checks the next entry. Gives its record if its body is there and unchanged.
    pub fn next(&mut self, entry: &Entry) -> Option<Record> {
        let at = entry.link.sequence;
        if at <= self.last {
            self.faults.push(Fault::OutOfOrder(at));
            return None;
        }
        if at > self.last + 1 {
            self.faults.push(Fault::Missing { from: self.last + 1, to: at - 1 });
        } else if entry.link.previous_digest != self.digest {
            self.faults.push(Fault::Unlinked(at));
        }
        if digest_of(&entry.link, entry.kind, entry.body_digest) != entry.link.digest {
            self.faults.push(Fault::HeaderChanged(at));
        }
        // From here on as stored, so that one fault is told once.
        (self.last, self.digest) = (at, entry.link.digest);
        self.body(entry)
    }

    fn body(&mut self, entry: &Entry) -> Option<Record> {
        let at = entry.link.sequence;
        let Some(body) = &entry.body else {
            if ERASABLE.contains(&entry.kind) {
                self.erased.push((at, entry.link.recorded_at));
            } else {
                self.faults.push(Fault::BodyMissing(at));
            }
            if entry.keys != Keys::default() {
                self.faults.push(Fault::KeysChanged(at));
            }
            return None;
        };
        let unchanged = content_digest(body) == entry.body_digest;
        let record = read_record(body).ok().filter(|record| unchanged && record.kind() == entry.kind);
        let Some(record) = record else {
            self.faults.push(Fault::BodyChanged(at));
            return None;
        };
        if Keys::of(&record) != entry.keys {
            self.faults.push(Fault::KeysChanged(at));
        }
        if let Record::Erasure(erasure) = &record {
            self.erased.retain(|(_, recorded_at)| *recorded_at >= erasure.before);
        }
        Some(record)
    }

    /// Checks content that is kept beside a decision.
    pub fn content(&mut self, entry: &Entry, record: &Record, bytes: &[u8]) {
        let same = matches!(record, Record::Decision(decision) if decision.content_digest == content_digest(bytes));
        if !same {
            self.faults.push(Fault::ContentChanged(entry.link.sequence));
        }
    }

    /// Notes that an entry is not the one that somebody kept the digest of.
    pub fn not_as_noted(&mut self, sequence: u64) {
        self.faults.push(Fault::NotAsNoted(sequence));
    }

    /// Everything found so far, and nothing twice.
    pub fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// Checks the end of the chain. Gives what was found since the last `take_faults`.
    pub fn finish(mut self) -> Vec<Fault> {
        let head = &self.head;
        if self.last != head.sequence {
            self.faults.push(Fault::WrongEnd { last: self.last, head: head.sequence });
        } else if self.digest != head.digest {
            self.faults.push(Fault::WrongHead(self.last));
        }
        self.faults.extend(self.erased.iter().map(|(at, _)| Fault::BodyMissing(*at)));
        self.faults
    }
}

/// Kinds whose bodies may be erased.
pub(in crate::store) const ERASABLE: [RecordKind; 4] =
    [RecordKind::Decision, RecordKind::Outcome, RecordKind::Notice, RecordKind::Mention];

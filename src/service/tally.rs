//! How many items were allowed, by policy pack and kind, since the last record of it.
//!
//! Not here: when tallies are recorded (`recorder.rs`). Kept true: an item is counted once; what could not be recorded is put back.
//!
//! A lock and not atomics: a count belongs to a pack, packs change, and an atomic of a pack that has just been replaced would
//! lose what arrives late. The lock is held for a few comparisons.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::now;
use crate::domain::{Assessment, Record, SubjectKind, Tally, Timestamp};
use crate::store::Draft;

/// A count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    policy: String,
    kind: SubjectKind,
    allowed: u64,
    since: Timestamp,
}

/// The counts since the last record of them.
#[derive(Debug, Default)]
pub(super) struct TallyBook(Mutex<Vec<Count>>);

impl TallyBook {
    /// Counts an allowed item.
    pub(super) fn count(&self, assessment: &Assessment) {
        let (policy, kind) = (&assessment.policy.digest, assessment.subject.kind);
        let mut counts = self.counts();
        match counts.iter_mut().find(|count| count.kind == kind && count.policy == *policy) {
            Some(count) => count.allowed += 1,
            None => counts.push(Count { policy: policy.clone(), kind, allowed: 1, since: assessment.assessed_at }),
        }
    }

    /// Takes the counts, with a record of each.
    pub(super) fn take(&self) -> Vec<(Count, Draft)> {
        let taken = std::mem::take(&mut *self.counts());
        taken.into_iter().map(|count| (count.clone(), Draft::new(&record(count)))).collect()
    }

    /// Puts back what could not be recorded.
    pub(super) fn put_back(&self, taken: impl Iterator<Item = Count>) {
        let mut counts = self.counts();
        for back in taken {
            match counts.iter_mut().find(|count| count.kind == back.kind && count.policy == back.policy) {
                Some(count) => {
                    count.allowed += back.allowed;
                    count.since = count.since.min(back.since);
                }
                None => counts.push(back),
            }
        }
    }

    fn counts(&self) -> MutexGuard<'_, Vec<Count>> {
        // Nothing in here is ever half done when a thread could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn record(count: Count) -> Record {
    Record::Tally(Tally {
        tally_id: uuid::Uuid::now_v7().to_string(),
        policy_digest: count.policy,
        subject_kind: count.kind,
        allowed: count.allowed,
        since: count.since,
        until: now(),
    })
}

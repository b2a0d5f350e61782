//! How many items were allowed, by policy pack and kind, since the last record of it.
//!
//! Not here: when tallies are recorded (`recorder.rs`), the disk (`ledger.rs`). Kept true: an item is counted once, also if the process is killed or
//! the store does not say whether it has kept a tally: a tally that was closed never changes and keeps its identifier, so recording it
//! again changes nothing.
//!
//! A lock and not atomics: a count belongs to a pack, packs change, and an atomic of a pack that has just been replaced would
//! lose what arrives late. The lock is held for a few comparisons and a write of 8 bytes.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ledger::{Ledger, Slot};
use super::now;
use crate::domain::{Assessment, Record, Tally};
use crate::store::Draft;

/// A count, and where it stands on disk.
#[derive(Debug)]
struct Count {
    tally: Tally,
    slot: Option<Slot>,
}

#[derive(Debug, Default)]
struct Book {
    /// Being counted.
    open: Vec<Count>,
    /// Counted to their end, and not known to be recorded.
    closed: Vec<Count>,
    ledger: Option<Ledger>,
}

/// The counts since the last record of them. By default in memory alone.
#[derive(Debug, Default)]
pub struct TallyBook(Mutex<Book>);

impl TallyBook {
    /// With counts on disk, and those that a process that died has left there.
    pub fn on_disk(folder: &Path) -> io::Result<Self> {
        let (ledger, left) = Ledger::open(folder)?;
        let until = now();
        let closed = left.into_iter().map(|(tally, slot)| Count { tally: Tally { until, ..tally }, slot: Some(slot) });
        let closed = closed.collect();
        Ok(TallyBook(Mutex::new(Book { open: Vec::new(), closed, ledger: Some(ledger) })))
    }

    /// Counts an allowed item.
    pub(super) fn count(&self, assessment: &Assessment) {
        let (policy, kind) = (&assessment.policy.digest, assessment.subject.kind);
        let mut book = self.book();
        let Book { open, ledger, .. } = &mut *book;
        let at = open.iter().position(|one| one.tally.subject_kind == kind && one.tally.policy_digest == *policy);
        let Some(count) = at.and_then(|at| open.get_mut(at)) else {
            let tally = Tally {
                tally_id: uuid::Uuid::now_v7().to_string(),
                policy_digest: policy.clone(),
                subject_kind: kind,
                allowed: 1,
                since: assessment.assessed_at,
                until: assessment.assessed_at,
            };
            let slot = ledger.as_mut().and_then(|ledger| told(ledger.begin(&tally)));
            open.push(Count { tally, slot });
            return;
        };
        count.tally.allowed += 1;
        if let (Some(ledger), Some(slot)) = (ledger, count.slot)
            && told(ledger.count(slot, count.tally.allowed)).is_none()
        {
            count.slot = None; // it goes on in memory
        }
    }

    /// The records of closed tallies. If there are none, those that are open are closed.
    pub(super) fn close(&self) -> Vec<Draft> {
        let mut book = self.book();
        if book.closed.is_empty() {
            book.closed = std::mem::take(&mut book.open);
            let until = now();
            book.closed.iter_mut().for_each(|count| count.tally.until = until.max(count.tally.since));
        }
        book.closed.iter().map(|count| Draft::new(&Record::Tally(count.tally.clone()))).collect()
    }

    /// Notes that the closed tallies are recorded.
    pub(super) fn recorded(&self) {
        let mut book = self.book();
        let Book { closed, ledger, .. } = &mut *book;
        for count in closed.drain(..) {
            if let (Some(ledger), Some(slot)) = (ledger.as_mut(), count.slot) {
                // A place that cannot be emptied is recorded again by the next process, under its identifier: as nothing new.
                let _told = told(ledger.end(slot));
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing in here is ever half done when a thread could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A disk that fails is logged, and counting goes on in memory.
fn told<T>(written: io::Result<T>) -> Option<T> {
    written.inspect_err(|failed| tracing::error!(kind = ?failed.kind(), "a count cannot be kept on disk")).ok()
}

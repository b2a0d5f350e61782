//! The records of sellers and creators, for callers without an async runtime: the command line.
//!
//! Not here: files of events (`cli/`), a running service (`reputation.rs`). Kept true: what `keep` has taken is durable when
//! `finish` answers; two batches are in memory at most.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::{StoredEvents, now};
use crate::domain::{Record, StandingDetail, StandingEvent, Subject};
use crate::policy::StandingRules;
use crate::reputation::{SourceUnavailable, StandingSource, Standings};
use crate::store::{self, Appended, Draft, Location, Store, StoreError};

/// Events of a batch, and so of a commit. Large, because events of many subjects touch a page of an index each, and a commit writes every page
/// that it touched once; no larger, because a service on the same file waits for a commit, and not for long. Two batches are in memory, some 50 MB each.
const BATCH: usize = 64 << 10;
/// In PostgreSQL, whose commits are given up after ten seconds.
const BATCH_AFAR: usize = 16 << 10;

/// Why records could not be used.
#[derive(Debug, thiserror::Error)]
pub enum SellerRecordsError {
    /// Threads could not be started.
    #[error("the threads for the store cannot be started: {0}")]
    Threads(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store, while a standing was read.
    #[error(transparent)]
    Unavailable(#[from] SourceUnavailable),
    /// A defect of ours.
    #[error("keeping events failed on a defect of dsa-signal")]
    Defect,
}

/// What became of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptEvents {
    /// New.
    pub accepted: u64,
    /// Known before.
    pub duplicates: u64,
}

/// An open store.
#[derive(Debug)]
pub struct SellerRecords {
    runtime: Runtime,
    store: Arc<dyn Store>,
    /// One batch is on its way to the disk while the next is made.
    under_way: Option<JoinHandle<Result<KeptEvents, StoreError>>>,
    kept: KeptEvents,
    /// Taken, and not yet on its way.
    waiting: Vec<Draft>,
    batch: usize,
}

impl SellerRecords {
    /// Opens a store.
    pub fn open(location: &Location) -> Result<Self, SellerRecordsError> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let store = runtime.block_on(store::open(location))?;
        let batch = if matches!(location, Location::Postgres(_)) { BATCH_AFAR } else { BATCH };
        let (under_way, kept, waiting) = (None, KeptEvents::default(), Vec::new());
        Ok(SellerRecords { runtime, store, under_way, kept, waiting, batch })
    }

    /// The standing of a subject and what it rests on.
    pub fn standing(&self, subject: &Subject, rules: &StandingRules) -> Result<StandingDetail, SellerRecordsError> {
        self.runtime.block_on(async {
            let source: Arc<dyn StandingSource> = Arc::new(StoredEvents::new(Arc::clone(&self.store)));
            let standings = Standings::new(rules.clone(), source, std::num::NonZeroUsize::MIN);
            Ok(standings.detail(subject, now()).await?)
        })
    }

    /// Takes events.
    pub fn keep(&mut self, events: Vec<StandingEvent>) -> Result<(), SellerRecordsError> {
        self.waiting.extend(events.into_iter().map(|event| Draft::new(&Record::Event(event))));
        if self.waiting.len() >= self.batch { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), SellerRecordsError> {
        let drafts = std::mem::take(&mut self.waiting);
        self.wait()?;
        let store = Arc::clone(&self.store);
        self.under_way = Some(self.runtime.spawn(async move {
            let mut kept = KeptEvents::default();
            for appended in store.append(drafts).await? {
                match appended {
                    Appended::Kept(_) => kept.accepted += 1,
                    Appended::Duplicate => kept.duplicates += 1,
                }
            }
            Ok(kept)
        }));
        Ok(())
    }

    /// Waits until everything that was taken is kept.
    pub fn finish(mut self) -> Result<KeptEvents, SellerRecordsError> {
        self.send()?;
        self.wait()?;
        Ok(self.kept)
    }

    /// Waits for what is under way.
    fn wait(&mut self) -> Result<(), SellerRecordsError> {
        let Some(under_way) = self.under_way.take() else { return Ok(()) };
        let kept = self.runtime.block_on(under_way).map_err(|_panicked| SellerRecordsError::Defect)??;
        self.kept.accepted += kept.accepted;
        self.kept.duplicates += kept.duplicates;
        Ok(())
    }
}

//! The records of sellers and creators, for callers without an async runtime: the command line.
//!
//! Not here: files of events (`cli/`), a running service (`reputation.rs`). Kept true: what `keep` has taken is durable when
//! `finish` answers; only so much is under way as the bound says.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::{StoredEvents, now};
use crate::domain::{Record, StandingDetail, StandingEvent, Subject};
use crate::policy::StandingRules;
use crate::reputation::{SourceUnavailable, StandingSource, Standings};
use crate::store::{self, Appended, Draft, Location, Store, StoreError};

/// Batches under way: while one is on its way to the disk, the next is made.
const UNDER_WAY: usize = 2;
/// Events of a batch, and so of a commit. Large, because events of many subjects touch a page of an index each, and a commit writes every
/// page that it touched once.
const BATCH: usize = 64 << 10;

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
    under_way: VecDeque<JoinHandle<Result<KeptEvents, StoreError>>>,
    kept: KeptEvents,
    /// Taken, and not yet on its way.
    waiting: Vec<StandingEvent>,
}

impl SellerRecords {
    /// Opens a store.
    pub fn open(location: &Location) -> Result<Self, SellerRecordsError> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let store = runtime.block_on(store::open(location))?;
        let (under_way, kept, waiting) = (VecDeque::new(), KeptEvents::default(), Vec::new());
        Ok(SellerRecords { runtime, store, under_way, kept, waiting })
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
    pub fn keep(&mut self, mut events: Vec<StandingEvent>) -> Result<(), SellerRecordsError> {
        self.waiting.append(&mut events);
        if self.waiting.len() >= BATCH { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<(), SellerRecordsError> {
        let events = std::mem::take(&mut self.waiting);
        while self.under_way.len() >= UNDER_WAY {
            self.wait_for_oldest()?;
        }
        let store = Arc::clone(&self.store);
        self.under_way.push_back(self.runtime.spawn(async move {
            let drafts = events.into_iter().map(|event| Draft::new(&Record::Event(event))).collect();
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
        while !self.under_way.is_empty() {
            self.wait_for_oldest()?;
        }
        Ok(self.kept)
    }

    fn wait_for_oldest(&mut self) -> Result<(), SellerRecordsError> {
        let Some(oldest) = self.under_way.pop_front() else { return Ok(()) };
        let kept = self.runtime.block_on(oldest).map_err(|_panicked| SellerRecordsError::Defect)??;
        self.kept.accepted += kept.accepted;
        self.kept.duplicates += kept.duplicates;
        Ok(())
    }
}

//! Reading a subject's events from the source: once, however many ask, and to the end, however soon they give up.
//!
//! Not here: who asks and what for (`standings.rs`). Kept true: a reading that was begun ends in the live map or says why not, even if a
//! caller's patience ends first, so a subject with very many events is slow once and not for ever; only so many readings
//! are under way, and whoever would begin one more is told that the source is not available.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use dashmap::mapref::entry::Entry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Folded;
use super::key::SubjectKey;
use super::source::SourceUnavailable;
use super::standings::{ByKey, Current, Standings};
use crate::domain::Subject;

/// Readings under way: more than any source answers at a time, and few enough to wait for one that hangs.
const AT_A_TIME: usize = 1024;

/// How long a page of a reading may take. A source that has not answered by then will not, and the next one asks anew.
const LONGEST: Duration = Duration::from_secs(10);

/// What came of a reading.
type Read = Result<Arc<Folded>, SourceUnavailable>;

/// The readings under way.
#[derive(Debug)]
pub(super) struct Readings {
    by_key: ByKey<Reading>,
    places: Arc<Semaphore>,
}

/// Events of a subject are being read.
#[derive(Clone, Debug)]
struct Reading {
    result: watch::Receiver<Option<Read>>,
    /// Set when something about the subject was written meanwhile.
    outdated: Arc<AtomicBool>,
}

impl Default for Readings {
    fn default() -> Self {
        Readings { by_key: ByKey::default(), places: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

impl Readings {
    /// Whoever is reading the events of this subject may have missed one.
    pub(super) fn outdate(&self, key: SubjectKey) {
        if let Some(reading) = self.by_key.get(&key) {
            reading.outdated.store(true, Ordering::Release);
        }
    }

    /// Whatever is being read is folded by rules that are in force no longer.
    pub(super) fn outdate_all(&self) {
        self.by_key.iter().for_each(|reading| reading.outdated.store(true, Ordering::Release));
    }

    /// True if nothing is being read.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    fn join_or_begin(&self, standings: &Arc<Standings>, subject: &Subject) -> Result<Reading, SourceUnavailable> {
        let key = SubjectKey::from(subject);
        match self.by_key.entry(key) {
            Entry::Occupied(reading) => Ok(reading.get().clone()),
            Entry::Vacant(place) => {
                let _permit = Arc::clone(&self.places).try_acquire_owned().map_err(|_full| SourceUnavailable)?;
                let (tell, result) = watch::channel(None);
                let reading = Reading { result, outdated: Arc::default() };
                place.insert(reading.clone());
                let (standings, outdated) = (Arc::clone(standings), Arc::clone(&reading.outdated));
                // Once it can be outdated, so that rules which are replaced from now on outdate it.
                let current = standings.current();
                let job = Job { standings, current, key, outdated, _permit };
                tokio::spawn(job.run(subject.clone(), tell));
                Ok(reading)
            }
        }
    }
}

/// The events of a subject, folded; `None` if something was written while they were read: look again.
pub(super) async fn folded(
    standings: &Arc<Standings>,
    subject: &Subject,
) -> Result<Option<Arc<Folded>>, SourceUnavailable> {
    let Reading { mut result, outdated } = standings.readings().join_or_begin(standings, subject)?;
    let read = match result.wait_for(Option::is_some).await {
        Ok(read) => read.clone().unwrap_or(Err(SourceUnavailable)),
        Err(_panicked) => Err(SourceUnavailable),
    };
    if outdated.load(Ordering::Acquire) { Ok(None) } else { read.map(Some) }
}

/// One reading.
struct Job {
    standings: Arc<Standings>,
    /// Where it ends, and by which rules it folds.
    current: Arc<Current>,
    key: SubjectKey,
    outdated: Arc<AtomicBool>,
    _permit: OwnedSemaphorePermit,
}

impl Job {
    async fn run(self, subject: Subject, tell: watch::Sender<Option<Read>>) {
        let read = self.read(&subject).await.map(Arc::new);
        if let Ok(folded) = &read {
            self.standings.keep(&self.current, self.key, Folded::clone(folded));
        }
        drop(self);
        // Last, so that whoever looks again finds nothing of an outdated reading.
        let _nobody_waits = tell.send(Some(read));
    }

    /// For as long as there are pages: ten million events take longer than a source that hangs is waited for.
    async fn read(&self, subject: &Subject) -> Result<Folded, SourceUnavailable> {
        let pages = AtomicUsize::new(0);
        let mut reading = std::pin::pin!(self.standings.fold_from_source(subject, self.current.rules(), &pages));
        loop {
            let before = pages.load(Ordering::Relaxed);
            match tokio::time::timeout(LONGEST, &mut reading).await {
                Ok(read) => return read,
                Err(_elapsed) if pages.load(Ordering::Relaxed) == before => return Err(SourceUnavailable),
                Err(_elapsed) => {}
            }
        }
    }
}

/// After a panic too, so that the next one reads.
impl Drop for Job {
    fn drop(&mut self) {
        self.standings.readings().by_key.remove(&self.key);
        if self.outdated.load(Ordering::Acquire) {
            self.current.drop_live(self.key);
        }
    }
}

#[cfg(test)]
mod tests;

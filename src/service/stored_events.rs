//! Standings over the store: events are kept there, and what other replicas keep there is noticed here.
//!
//! Not here: folding (`reputation/`), SQL. Kept true: an event of another replica makes what is live of its subject be read again; nothing is
//! missed, because reading goes on from a cursor and a notification only wakes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::FxHashSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::{Record, StandingEvent, Subject};
use crate::reputation::{EventPage, SourceAnswer, SourceUnavailable, StandingSource, Standings};
use crate::store::{Appended, Cursor, Draft, Place, Store, StoreError};

/// Between looks when nobody wakes us: another process on the same file cannot.
const ROUND: Duration = Duration::from_millis(500);
/// Between looks in any case, so that a store that changes all the time is not asked all the time.
const PAUSE: Duration = Duration::from_millis(50);
/// Events read at a time.
const PAGE: usize = 1000;
/// Sellers and creators read at a time by who goes through all of them.
const TOLD_AT_A_TIME: usize = 10_000;

/// Events of sellers and creators in a store.
#[derive(Debug)]
pub struct StoredEvents {
    store: Arc<dyn Store>,
    /// What this process has written and its tail has not seen yet: it counts already.
    own: Mutex<FxHashSet<Place>>,
}

impl StoredEvents {
    /// Over a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        StoredEvents { store, own: Mutex::default() }
    }

    /// A tail that begins now. Begin it before anything is read, so that nothing falls between.
    pub async fn tail(self: &Arc<Self>) -> Result<EventTail, StoreError> {
        let mut cursor = Cursor::default();
        for head in self.store.heads().await? {
            cursor.advance(&head.chain, head.sequence);
        }
        Ok(EventTail { events: Arc::clone(self), cursor })
    }

    /// Tells `standings` of everybody who has events, so that strangers cost no question. Takes half a processor at most: there is no
    /// hurry, and calls are being answered. Whoever comes later, the tail tells of.
    async fn tell_of_all(self: Arc<Self>, standings: Arc<Standings>, stop: CancellationToken) {
        let mut last = None;
        while !stop.is_cancelled() {
            let begun = Instant::now();
            match self.store.parties(last.as_ref(), TOLD_AT_A_TIME).await {
                Ok(parties) => {
                    parties.iter().for_each(|party| standings.tell_of(party));
                    last = parties.into_iter().next_back();
                    if last.is_none() {
                        return standings.all_told();
                    }
                    tokio::time::sleep(begun.elapsed()).await;
                }
                // The tail says why.
                Err(_away) => tokio::time::sleep(ROUND).await,
            }
        }
    }

    fn own(&self) -> MutexGuard<'_, FxHashSet<Place>> {
        // A set is whole after every call.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The log has the store's own words for it.
fn unavailable(failed: StoreError) -> SourceUnavailable {
    tracing::warn!(%failed, "events could not be read or kept");
    SourceUnavailable
}

impl StandingSource for StoredEvents {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        let drafts = events.into_iter().map(|event| Draft::new(&Record::Event(event))).collect();
        Box::pin(async move {
            let appended = self.store.append(drafts).await.map_err(unavailable)?;
            let mut own = self.own();
            let new = appended.into_iter().map(|one| match one {
                Appended::Kept(place) => own.insert(place),
                Appended::Duplicate => false,
            });
            Ok(new.collect())
        })
    }

    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        Box::pin(async move {
            let mut after = None;
            loop {
                let read = self.store.standing_events(subject, after.as_ref(), PAGE).await;
                let (events, last) = read.map_err(unavailable)?;
                let events: Vec<StandingEvent> = events.into_iter().map(|recorded| recorded.record).collect();
                page(&events);
                if last.is_none() {
                    return Ok(());
                }
                after = last;
            }
        })
    }
}

/// Reads what other replicas write.
#[derive(Debug)]
pub struct EventTail {
    events: Arc<StoredEvents>,
    cursor: Cursor,
}

impl EventTail {
    /// Tells `standings` of events of others, until `stop`. A store that is away is asked again: what was missed is read then.
    pub async fn run(mut self, standings: Arc<Standings>, stop: CancellationToken) {
        let telling = Arc::clone(&self.events).tell_of_all(Arc::clone(&standings), stop.clone());
        let _telling = AbortOnDropHandle::new(tokio::spawn(telling));
        let mut changes = self.events.store.changes();
        let mut away = false;
        while !stop.is_cancelled() {
            changes.mark_unchanged();
            let read = self.catch_up(&standings).await;
            if let Err(failed) = &read
                && !away
            {
                tracing::warn!(%failed, "events of other replicas cannot be read; trying on");
            }
            away = read.is_err();
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = changes.changed() => tokio::time::sleep(PAUSE).await,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    async fn catch_up(&mut self, standings: &Standings) -> Result<(), StoreError> {
        loop {
            self.pass_own();
            let (events, cursor) = self.events.store.events_since(&self.cursor, PAGE).await?;
            let mut own = self.events.own();
            for event in &events {
                let place = Place { chain: event.link.chain.clone(), sequence: event.link.sequence };
                if !own.remove(&place) {
                    standings.forget(&event.record.subject);
                }
            }
            // Read here before its writer heard of it: nobody will ask for it any more.
            own.retain(|place| place.sequence > cursor.position(&place.chain));
            self.cursor = cursor;
            if events.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// Moves over what this process wrote without reading it, as far as nothing else lies between: a bulk of events comes
    /// by once and not twice.
    fn pass_own(&mut self) {
        let mut own = self.events.own();
        let mut places: Vec<Place> = own.iter().cloned().collect();
        places.sort_unstable();
        for place in places {
            if place.sequence == self.cursor.position(&place.chain) + 1 {
                self.cursor.advance(&place.chain, place.sequence);
                own.remove(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests;

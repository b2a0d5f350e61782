//! Events kept in memory: for tests, and for a service that is told to keep nothing.
//!
//! Not here: durability. Kept true: it behaves as any source does; it grows with every event.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::source::{EventPage, SourceAnswer, StandingSource};
use crate::domain::{StandingEvent, Subject};

/// Events in memory.
#[derive(Debug, Default)]
pub struct MemorySource(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    ids: FxHashSet<String>,
    events: HashMap<Subject, Vec<StandingEvent>>,
}

impl MemorySource {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Nothing in here is ever half done when a thread could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StandingSource for MemorySource {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        let mut kept = self.kept();
        let Kept { ids, events: known } = &mut *kept;
        let mut append = |event: StandingEvent| {
            let new = ids.insert(event.event_id.clone());
            if new {
                known.entry(event.subject.clone()).or_default().push(event);
            }
            new
        };
        let new: Vec<bool> = events.into_iter().map(&mut append).collect();
        Box::pin(std::future::ready(Ok(new)))
    }

    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        page(self.kept().events.get(subject).map_or(&[], Vec::as_slice));
        Box::pin(std::future::ready(Ok(())))
    }
}

//! Where events are kept for good: what this folder asks of whoever keeps them.
//!
//! Not here: the backends (`store/`; for tests and single runs `memory.rs`). Kept true: an event is appended once, whoever reports
//! it how often.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::domain::{StandingEvent, Subject};

/// What a source answers, later.
pub type SourceAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, SourceUnavailable>> + Send + 'a>>;

/// Takes events that were read.
pub type EventPage<'a> = &'a mut (dyn FnMut(&[StandingEvent]) + Send);

/// Keeps events.
pub trait StandingSource: fmt::Debug + Send + Sync {
    /// Keeps events. For each, in the same order: true if it is new, false if its identifier was known. They are durable when
    /// it resolves.
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>>;

    /// Gives all events of a seller or creator to `page`, in any order, only so many at a time that they fit into memory whoever it is.
    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()>;
}

/// Events cannot be read or kept now. Why, the source has logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("events of sellers and creators cannot be read or kept now")]
pub struct SourceUnavailable;

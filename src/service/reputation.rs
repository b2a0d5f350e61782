//! What callers ask and tell about sellers and creators.
//!
//! Not here: folding and keeping (`reputation/`), limits of fields (`wire/`). Kept true: an event that is answered for is kept; an
//! event that cannot have happened yet is refused, because it would count more than any other.

use std::sync::Arc;

use tokio::sync::broadcast;

use super::now;
use crate::domain::{
    ErrorCode, FieldViolation, InvalidContent, ServiceError, StandingDetail, StandingEvent, Subject, Timestamp,
};
use crate::reputation::{SourceUnavailable, Standings};

/// Seconds by which a reporter's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 24 * 3600;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// It is kept and counts.
    Accepted,
    /// Its identifier was known; the first one counts.
    Duplicate,
    /// It was refused.
    Refused(ServiceError),
}

/// Answers questions about standings and takes events. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reputation {
    standings: Arc<Standings>,
}

impl Reputation {
    /// Over the standings that scoring uses.
    pub fn new(standings: Arc<Standings>) -> Self {
        Reputation { standings }
    }

    /// What is known of a subject, and what it rests on. Of whom nothing is known, it says what scoring takes them for.
    pub async fn standing(&self, subject: &Subject) -> Result<StandingDetail, ServiceError> {
        Ok(self.standings.detail(subject, now()).await?)
    }

    /// Takes events. One outcome for each, in the same order. Fails as a whole only if none could be kept.
    pub async fn record(&self, events: Vec<StandingEvent>) -> Result<Vec<EventOutcome>, ServiceError> {
        let now = now();
        let mut outcomes = vec![EventOutcome::Duplicate; events.len()];
        let mut taken = Vec::with_capacity(events.len());
        for (event, outcome) in events.into_iter().zip(&mut outcomes) {
            if has_happened(&event, now) {
                taken.push(event);
            } else {
                *outcome = EventOutcome::Refused(not_yet());
            }
        }
        let mut new = self.standings.record(taken).await?.into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| **outcome == EventOutcome::Duplicate) {
            if new.next().unwrap_or_default() {
                *outcome = EventOutcome::Accepted;
            }
        }
        Ok(outcomes)
    }

    /// Subjects whose standing changes from now on.
    pub fn changes(&self) -> broadcast::Receiver<Arc<Subject>> {
        self.standings.changes()
    }
}

/// False for an event that cannot have happened yet, even if the reporter's clock is a day ahead.
pub fn has_happened(event: &StandingEvent, now: Timestamp) -> bool {
    event.occurred_at.seconds <= now.seconds.saturating_add(CLOCK_SKEW)
}

fn not_yet() -> ServiceError {
    let description = "lies more than a day ahead of the clock of the service".to_owned();
    InvalidContent { violations: vec![FieldViolation { field: "event.occurred_at".to_owned(), description }] }.into()
}

impl From<SourceUnavailable> for ServiceError {
    fn from(unavailable: SourceUnavailable) -> Self {
        ServiceError::new(ErrorCode::Unavailable, format!("{unavailable}; send again, an event counts once"))
    }
}

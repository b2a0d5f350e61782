//! What callers ask and tell about sellers and creators.
//!
//! Not here: folding and keeping (`reputation/`), limits of fields (`wire/`). Kept true: an event that is answered for is kept; an
//! event that cannot have happened yet is refused, because it would count more than any other.

use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::now;
use crate::domain::{
    ErrorCode, FieldViolation, InvalidContent, ServiceError, StandingDetail, StandingEvent, Subject, Timestamp,
};
use crate::reputation::{SourceUnavailable, Standings};

/// Seconds by which a reporter's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 24 * 3600;

/// Standings read at a time for one call.
const READS: usize = 16;

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

    /// Many of them, in the same order. What is no subject keeps its error.
    pub async fn standings(
        &self,
        subjects: Vec<Result<Subject, ServiceError>>,
    ) -> Vec<Result<StandingDetail, ServiceError>> {
        let failed =
            || ServiceError::new(ErrorCode::Internal, "the standing could not be read: a defect of the service");
        let mut found = Vec::with_capacity(subjects.len());
        let mut left = Vec::new();
        for (at, subject) in subjects.into_iter().enumerate() {
            // One whose reading panics stays as it is here.
            found.push(Err(subject.as_ref().map_or_else(Clone::clone, |_| failed())));
            left.extend(subject.map(|subject| (at, subject)));
        }
        let (mut left, mut reading) = (left.into_iter(), JoinSet::new());
        loop {
            for (at, subject) in left.by_ref().take(READS - reading.len()) {
                let this = self.clone();
                reading.spawn(async move { (at, this.standing(&subject).await) });
            }
            let Some(read) = reading.join_next().await else { return found };
            if let Ok((at, standing)) = read
                && let Some(place) = found.get_mut(at)
            {
                *place = standing;
            }
        }
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

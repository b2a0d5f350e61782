//! `ReputationService`: from the wire to the use case and back.
//!
//! Not here: what events count for, where they are kept. Kept true: an event is kept before it is counted in the answer; a stream
//! of events holds one chunk in memory, so a store that is slow slows its sender down; a bad event never ends the stream.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashSet;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::deadline::Deadline;
use super::quota::{self, Allowance};
use super::status;
use super::v1::reputation_service_server::ReputationService;
use crate::domain::{ServiceError, StandingEvent, Subject};
use crate::service::{EventOutcome, Reputation};
use crate::wire::from_proto::{self, Path};
use crate::wire::to_proto;
use crate::wire::v1::{
    BatchGetStandingsRequest, BatchGetStandingsResponse, EventError, GetStandingRequest, GetStandingResponse,
    RecordEventsRequest, RecordEventsResponse, StandingResult, WatchStandingsRequest, WatchStandingsResponse,
    standing_result, watch_standings_response,
};

/// Events that are kept together: enough that a commit costs each of them little, few enough to be held at no cost.
const CHUNK: usize = 1024;
/// Refused events that an answer lists.
const LISTED: usize = 100;
/// Updates that a watcher may be behind before further ones wait in the bounded channel of changes.
const UPDATES: usize = 16;

/// Answers `ReputationService`.
#[derive(Clone, Debug)]
pub(super) struct ReputationHandler {
    /// Knows.
    pub(super) reputation: Reputation,
    /// Cancelled when streams must end.
    pub(super) draining: CancellationToken,
    /// How long a stream of events may be silent.
    pub(super) idle: Duration,
}

#[tonic::async_trait]
impl ReputationService for ReputationHandler {
    type WatchStandingsStream = Pin<Box<dyn Stream<Item = Result<WatchStandingsResponse, Status>> + Send>>;

    async fn get_standing(
        &self,
        request: Request<GetStandingRequest>,
    ) -> Result<Response<GetStandingResponse>, Status> {
        let GetStandingRequest { subject_kind, subject_id } = request.into_inner();
        let subject = from_proto::party(subject_kind, subject_id).map_err(ServiceError::from)?;
        let detail = self.reputation.standing(&subject).await?;
        Ok(Response::new(GetStandingResponse { standing: Some(to_proto::standing_detail(detail)) }))
    }

    async fn batch_get_standings(
        &self,
        request: Request<BatchGetStandingsRequest>,
    ) -> Result<Response<BatchGetStandingsResponse>, Status> {
        let allowance = Allowance::of_call(&request);
        let subjects = request.into_inner().subjects;
        from_proto::batch_size(Path::root("subjects"), subjects.len()).map_err(ServiceError::from)?;
        quota::take(allowance.as_ref(), subjects.len().saturating_sub(1))?; // one was taken for the call
        let read = |(at, subject)| Ok(from_proto::subject(subject, Path::root("subjects").item(at))?);
        let subjects = subjects.into_iter().enumerate().map(read).collect();
        let result = |found| match found {
            Ok(detail) => standing_result::Result::Standing(to_proto::standing_detail(detail)),
            Err(error) => standing_result::Result::Error(status::of_item(&error)),
        };
        let found = self.reputation.standings(subjects).await;
        let results = (0..).zip(found).map(|(index, found)| StandingResult { index, result: Some(result(found)) });
        let results = results.collect();
        Ok(Response::new(BatchGetStandingsResponse { results }))
    }

    async fn record_events(
        &self,
        request: Request<Streaming<RecordEventsRequest>>,
    ) -> Result<Response<RecordEventsResponse>, Status> {
        let allowance = Allowance::of_call(&request);
        let mut messages = request.into_inner();
        let mut tally = Tally::default();
        loop {
            let chunk = tokio::select! {
                biased;
                chunk = gather(&mut messages) => chunk?,
                () = self.draining.cancelled() => return Err(status::draining()),
                () = tokio::time::sleep(self.idle) => return Err(status::idle_stream()),
            };
            if chunk.is_empty() {
                return Ok(Response::new(tally.answer));
            }
            quota::wait(allowance.as_ref(), chunk.len()).await;
            tally.record(&self.reputation, chunk).await?;
        }
    }

    async fn watch_standings(
        &self,
        request: Request<WatchStandingsRequest>,
    ) -> Result<Response<Self::WatchStandingsStream>, Status> {
        let deadline = Deadline::of(&request);
        let watched = from_proto::watched(request.into_inner().subjects).map_err(ServiceError::from)?;
        let watch = Watch {
            changes: self.reputation.changes(),
            reputation: self.reputation.clone(),
            watched: watched.into_iter().collect(),
        };
        let (updates, told) = tokio::sync::mpsc::channel(UPDATES);
        let draining = self.draining.clone();
        tokio::spawn(async move {
            let ended = tokio::select! {
                () = updates.closed() => return, // the caller has gone
                () = draining.cancelled() => status::draining(),
                () = past(deadline) => status::too_late(),
                () = watch.run(&updates) => return,
            };
            let _unread = updates.send(Err(ended)).await;
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(told))))
    }
}

/// Resolves at the deadline; never without one.
async fn past(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// What has arrived, at least one message, at most a chunk; empty at the end of the stream.
async fn gather(messages: &mut Streaming<RecordEventsRequest>) -> Result<Vec<RecordEventsRequest>, Status> {
    let mut chunk = Vec::new();
    loop {
        let next = tokio::select! {
            biased;
            next = messages.next() => next,
            () = std::future::ready(()), if !chunk.is_empty() => return Ok(chunk),
        };
        match next.transpose().map_err(status::unreadable)? {
            Some(message) => chunk.push(message),
            None => return Ok(chunk),
        }
        if chunk.len() == CHUNK {
            return Ok(chunk);
        }
    }
}

/// The answer as it grows.
#[derive(Default)]
struct Tally {
    answer: RecordEventsResponse,
    /// Messages so far.
    seen: u64,
}

impl Tally {
    async fn record(&mut self, reputation: &Reputation, chunk: Vec<RecordEventsRequest>) -> Result<(), Status> {
        let mut names: Vec<(u64, String)> = Vec::with_capacity(chunk.len());
        let mut events: Vec<StandingEvent> = Vec::with_capacity(chunk.len());
        let mut refused: Vec<(u64, String, ServiceError)> = Vec::new();
        for message in chunk {
            let index = self.seen;
            self.seen += 1;
            let name = message.event.as_ref().map(|event| event.event_id.clone()).unwrap_or_default();
            match from_proto::standing_event(message.event, Path::root("event")) {
                Ok(event) => {
                    names.push((index, name));
                    events.push(event);
                }
                Err(invalid) => refused.push((index, name, invalid.into())),
            }
        }
        for ((index, name), outcome) in names.into_iter().zip(reputation.record(events).await?) {
            match outcome {
                EventOutcome::Accepted => self.answer.accepted += 1,
                EventOutcome::Duplicate => self.answer.duplicates += 1,
                EventOutcome::Refused(error) => refused.push((index, name, error)),
            }
        }
        refused.sort_by_key(|(index, ..)| *index);
        self.refuse(refused);
        Ok(())
    }

    fn refuse(&mut self, refused: Vec<(u64, String, ServiceError)>) {
        self.answer.refused += refused.len() as u64;
        let room = LISTED - self.answer.errors.len();
        let listed = refused.into_iter().take(room).map(|(index, name, error)| {
            let end = (0..=name.len().min(256)).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
            let event_id = name.get(..end).unwrap_or_default().to_owned();
            EventError { index, event_id, error: Some(status::of_item(&error)) }
        });
        self.answer.errors.extend(listed);
    }
}

/// One watch.
struct Watch {
    changes: broadcast::Receiver<Arc<Subject>>,
    reputation: Reputation,
    /// Empty = all.
    watched: FxHashSet<Subject>,
}

impl Watch {
    /// Tells changes until nobody listens any more. While the caller does not read, nothing is taken from the changes, and the
    /// oldest of these are lost and counted.
    async fn run(mut self, updates: &tokio::sync::mpsc::Sender<Result<WatchStandingsResponse, Status>>) {
        use watch_standings_response::Update;
        loop {
            let update = match self.changes.recv().await {
                Ok(subject) if !self.watched.is_empty() && !self.watched.contains(&*subject) => continue,
                Ok(subject) => match self.reputation.standing(&subject).await {
                    Ok(detail) => Update::Standing(to_proto::standing_update(Subject::clone(&subject), detail)),
                    // It cannot be told now; that it has changed can.
                    Err(_unavailable) => Update::Missed(1),
                },
                Err(RecvError::Lagged(missed)) => Update::Missed(missed),
                Err(RecvError::Closed) => return,
            };
            if updates.send(Ok(WatchStandingsResponse { update: Some(update) })).await.is_err() {
                return;
            }
        }
    }
}

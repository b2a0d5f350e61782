//! A stream of items in, a stream of answers out: in order of arrival, one answer for each.
//!
//! Not here: scoring, encoding. Kept true: what a stream holds is bounded, in items and in bytes. Nothing is read while the connection does not take answers, so a slow reader slows the sender down (HTTP/2 flow
//! control) and memory stays flat however long the stream is. One bad item never ends the stream. A caller who goes away
//! takes the work along.
//!
//! A caller who waits for each answer has each item scored on the spot, without a handover. A caller who sends ahead has
//! chunks of items scored on as many threads as there are, and gets the answers in the order of the items all the same.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use prost::Message;
use tokio::task::coop;
use tokio::time::Sleep;
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Status, Streaming};

use super::deadline::Deadline;
use super::quota::{self, Allowance};
use super::turns::Turns;
use super::{scoring, status};
use crate::domain::{Content, ErrorCode, ServiceError};
use crate::service::{AsyncScorer, Scored, Unrecorded};
use crate::wire::from_proto::{self, Path};
use crate::wire::to_proto;
use crate::wire::v1::{
    StreamScoreListingsRequest, StreamScoreListingsResponse, StreamScorePostsRequest, StreamScorePostsResponse,
    stream_score_listings_response, stream_score_posts_response,
};

/// Items that one task scores: some 0.3 ms of work, against a microsecond or two for the handover.
const CHUNK: usize = 16;
/// A chunk is closed at this size too: long texts take their time alone.
const CHUNK_BYTES: usize = 16 << 10;
/// Chunks under way: enough for the threads of a large machine to find work in one stream.
const WINDOW: usize = 16;
/// No further chunk is read while so much is under way. One message may still go beyond it.
const WINDOW_BYTES: usize = 1 << 20;
/// Up to so many items are scored on the spot if nothing else is under way.
const ON_THE_SPOT: usize = 2;
/// Chunks still read once the process drains. Items enough for what the flow-control windows hold, so whatever had been
/// received is answered; a bound, so a caller who never pauses cannot hold the process up.
const CHUNKS_AFTER_DRAIN: u32 = 256;

/// What the streams differ in.
pub(super) trait Item: Message + Unpin + 'static {
    /// The answer to it.
    type Answer: Send + Unpin + 'static;

    /// The caller's name for it, and what is to be scored.
    fn open(self) -> (String, Result<Content, ServiceError>);

    /// The answer under the caller's name.
    fn answer(correlation_id: String, scored: Scored) -> Self::Answer;
}

/// Items that came together.
#[derive(Default)]
struct Chunk {
    items: Vec<(String, Result<Content, ServiceError>)>,
    bytes: usize,
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.items.len() >= CHUNK || self.bytes >= CHUNK_BYTES
    }
}

/// A chunk that is being scored.
struct UnderWay<A> {
    answers: AbortOnDropHandle<Vec<A>>,
    bytes: usize,
}

/// The answers to a stream of items.
pub(super) struct Answers<I: Item> {
    items: Streaming<I>,
    scorer: AsyncScorer,
    /// Chunks of all streams take turns, so that a call beside them waits for a few and not for all of them.
    bulk: Arc<Turns>,
    allowance: Option<Allowance>,
    deadline: Option<Instant>,
    /// Wakes the task when the deadline passes while nothing arrives.
    alarm: Option<Pin<Box<Sleep>>>,
    /// How long it may be silent.
    idle: Duration,
    /// Set while nothing is under way and nothing arrives.
    silence: Option<Pin<Box<Sleep>>>,
    draining: CancellationToken,
    /// Wakes the task when the drain begins while nothing arrives.
    drain_begins: Pin<Box<WaitForCancellationFutureOwned>>,
    chunks_left: u32,
    /// Chunks under way, oldest first.
    window: VecDeque<UnderWay<I::Answer>>,
    /// What they hold.
    bytes: usize,
    /// Answers of the oldest chunk.
    answers: std::vec::IntoIter<I::Answer>,
    /// Set once no further item will be read: the stream ends so when what is under way has been answered.
    closed: Option<Result<(), Status>>,
    ended: bool,
}

impl<I: Item> Answers<I> {
    /// Over a request.
    pub(super) fn new(
        request: Request<Streaming<I>>,
        scorer: AsyncScorer,
        bulk: Arc<Turns>,
        (draining, idle): (&CancellationToken, Duration),
    ) -> Self {
        let (deadline, allowance) = (Deadline::of(&request), Allowance::of_call(&request));
        // A token of its own: a shared one would be a lock that all streams meet at.
        let draining = draining.child_token();
        Answers {
            items: request.into_inner(),
            scorer,
            bulk,
            allowance,
            deadline,
            alarm: deadline.map(|at| Box::pin(tokio::time::sleep_until(at.into()))),
            idle,
            silence: None,
            drain_begins: Box::pin(draining.clone().cancelled_owned()),
            draining,
            chunks_left: CHUNKS_AFTER_DRAIN,
            window: VecDeque::new(),
            bytes: 0,
            answers: Vec::new().into_iter(),
            closed: None,
            ended: false,
        }
    }

    fn end(&mut self, how: Result<(), Status>) -> Poll<Option<Result<I::Answer, Status>>> {
        self.ended = true;
        self.window.clear();
        Poll::Ready(how.err().map(Err))
    }

    fn is_overdue(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Reads and starts what has arrived, as far as the window goes.
    fn fill(&mut self, cx: &mut Context<'_>) {
        while self.closed.is_none() && self.window.len() < WINDOW && self.bytes < WINDOW_BYTES && !self.is_overdue() {
            let chunk = self.gather(cx);
            match chunk.items.len() {
                0 => return,
                1..=ON_THE_SPOT if self.window.is_empty() && self.is_short(&chunk) => {
                    self.score_on_the_spot(chunk);
                    if self.answers.len() > 0 {
                        return;
                    }
                }
                _ => self.start(chunk),
            }
        }
    }

    /// What has arrived, up to a chunk.
    fn gather(&mut self, cx: &mut Context<'_>) -> Chunk {
        let mut chunk = Chunk::default();
        if self.draining.is_cancelled() {
            match self.chunks_left.checked_sub(1) {
                Some(left) => self.chunks_left = left,
                None => self.closed = Some(Err(status::draining())),
            }
        }
        while self.closed.is_none() && !chunk.is_full() {
            match Pin::new(&mut self.items).poll_next(cx) {
                Poll::Ready(Some(Ok(item))) => {
                    chunk.bytes += item.encoded_len();
                    let (name, content) = item.open();
                    self.silence = None;
                    // An item too many has an error of its own, and the stream goes on.
                    let allowed = quota::take(self.allowance.as_ref(), 1);
                    chunk.items.push((name, allowed.and(content)));
                }
                Poll::Ready(Some(Err(unreadable))) => self.closed = Some(Err(status::unreadable(unreadable))),
                Poll::Ready(None) => self.closed = Some(Ok(())),
                Poll::Pending => break,
            }
        }
        chunk
    }

    /// May this task score it itself? Not if it is long, and not if somebody's standing has to be asked for.
    fn is_short(&self, chunk: &Chunk) -> bool {
        let short = |content: &Content| self.scorer.is_short(content);
        chunk.bytes < CHUNK_BYTES && chunk.items.iter().all(|(_, content)| content.as_ref().map_or(true, short))
    }

    /// Scores a chunk. What need not be recorded first is answered at once; else the answers come when the record is kept.
    fn score_on_the_spot(&mut self, chunk: Chunk) {
        let Chunk { items, bytes } = chunk;
        let (mut names, mut scored) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
        for (correlation_id, content) in items {
            let one = content.and_then(|content| self.scorer.score_short(content, self.deadline));
            if came_too_late(&one) {
                break;
            }
            scored.push(one);
            names.push(correlation_id);
        }
        if scored.iter().flatten().any(Unrecorded::must_wait) {
            let scorer = self.scorer.clone();
            self.push(bytes, async move { name::<I>(names, scorer.record(scored).await) });
            return;
        }
        let scored = scored.into_iter().map(|one| one.map(Unrecorded::into_assessment)).collect();
        self.answers = name::<I>(names, scored).into_iter();
    }

    fn start(&mut self, chunk: Chunk) {
        let Chunk { items, bytes } = chunk;
        let (scorer, bulk, deadline) = (self.scorer.clone(), Arc::clone(&self.bulk), self.deadline);
        self.push(bytes, async move {
            let turn = bulk.take().await;
            let (mut names, mut scored) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
            for (correlation_id, content) in items {
                let one = match content {
                    Ok(content) => scorer.score_unrecorded(content, deadline).await,
                    Err(invalid) => Err(invalid),
                };
                if came_too_late(&one) {
                    break;
                }
                scored.push(one);
                names.push(correlation_id);
            }
            drop(turn);
            // One commit for the chunk, and chunks of all streams at the same time share it.
            name::<I>(names, scorer.record(scored).await)
        });
    }

    fn push(&mut self, bytes: usize, answers: impl Future<Output = Vec<I::Answer>> + Send + 'static) {
        self.bytes += bytes;
        self.window.push_back(UnderWay { answers: AbortOnDropHandle::new(tokio::spawn(answers)), bytes });
    }

    /// Waits for the oldest chunk under way; false if there is none.
    fn poll_oldest(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Status>> {
        let Some(oldest) = self.window.front_mut() else { return Poll::Ready(Ok(false)) };
        let answers = ready!(Pin::new(&mut oldest.answers).poll(cx)).map_err(|_panicked| status::panicked())?;
        self.bytes = self.bytes.saturating_sub(oldest.bytes);
        self.answers = answers.into_iter();
        self.window.pop_front();
        Poll::Ready(Ok(true))
    }

    /// Nothing is under way and nothing has arrived: ends the stream if there is a reason to, else waits for either.
    fn idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<I::Answer, Status>>> {
        if let Some(how) = self.closed.take() {
            return self.end(how);
        }
        if self.alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(cx).is_ready()) {
            return self.end(Err(deadline_exceeded()));
        }
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.idle)));
        if silence.as_mut().poll(cx).is_ready() {
            return self.end(Err(status::idle_stream()));
        }
        match self.drain_begins.as_mut().poll(cx) {
            Poll::Ready(()) => self.end(Err(status::draining())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<I: Item> Stream for Answers<I> {
    type Item = Result<I::Answer, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            if let Some(answer) = this.answers.next() {
                return Poll::Ready(Some(Ok(answer)));
            }
            if this.is_overdue() {
                return this.end(Err(deadline_exceeded()));
            }
            // Other tasks of this thread get their turn, however fast items arrive.
            ready!(coop::poll_proceed(cx)).made_progress();
            this.fill(cx);
            if this.answers.len() > 0 {
                continue; // scored on the spot
            }
            match ready!(this.poll_oldest(cx)) {
                Ok(true) => {}
                Ok(false) => return this.idle(cx),
                Err(panicked) => return this.end(Err(panicked)),
            }
        }
    }
}

/// The deadline of the stream passed before this item was scored. What was scored before is answered; this item and those after
/// it are not, and the status that ends the stream says why.
fn came_too_late(scored: &Result<Unrecorded, ServiceError>) -> bool {
    matches!(scored, Err(error) if error.code == ErrorCode::DeadlineExceeded)
}

/// Answers under their callers' names.
fn name<I: Item>(names: Vec<String>, scored: Vec<Scored>) -> Vec<I::Answer> {
    names.into_iter().zip(scored).map(|(name, scored)| I::answer(name, scored)).collect()
}

fn deadline_exceeded() -> Status {
    let message = "the deadline of the stream has passed; items without an answer were not scored";
    ServiceError::new(ErrorCode::DeadlineExceeded, message).into()
}

impl Item for StreamScoreListingsRequest {
    type Answer = StreamScoreListingsResponse;

    fn open(self) -> (String, Result<Content, ServiceError>) {
        let named = from_proto::correlation_id(&self.correlation_id).map_err(ServiceError::from);
        (self.correlation_id, named.and_then(|()| scoring::listing(self.listing, Path::root("listing"))))
    }

    fn answer(correlation_id: String, scored: Scored) -> Self::Answer {
        use stream_score_listings_response::Result;
        let result = match scored {
            Ok(assessment) => Result::Assessment(to_proto::assessment(assessment)),
            Err(error) => Result::Error(status::of_item(&error)),
        };
        StreamScoreListingsResponse { correlation_id, result: Some(result) }
    }
}

impl Item for StreamScorePostsRequest {
    type Answer = StreamScorePostsResponse;

    fn open(self) -> (String, Result<Content, ServiceError>) {
        let named = from_proto::correlation_id(&self.correlation_id).map_err(ServiceError::from);
        (self.correlation_id, named.and_then(|()| scoring::post(self.post, Path::root("post"))))
    }

    fn answer(correlation_id: String, scored: Scored) -> Self::Answer {
        use stream_score_posts_response::Result;
        let result = match scored {
            Ok(assessment) => Result::Assessment(to_proto::assessment(assessment)),
            Err(error) => Result::Error(status::of_item(&error)),
        };
        StreamScorePostsResponse { correlation_id, result: Some(result) }
    }
}

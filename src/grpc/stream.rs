//! A stream of items in, a stream of answers out: in order of arrival, one answer for each.
//!
//! Not here: scoring, encoding. Kept true: there is no queue. An item is read from the connection when the answer before it
//! has been taken by the connection, so a slow reader slows the sender down (HTTP/2 flow control) and memory stays flat
//! however long the stream is. One bad item never ends the stream. A caller who goes away takes the work along.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::time::Sleep;
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Request, Status, Streaming};

use super::deadline::Deadline;
use super::{scoring, status};
use crate::domain::{Content, ErrorCode, ServiceError};
use crate::service::{AsyncScorer, Running, Scored, Started};
use crate::wire::from_proto::{self, Path};
use crate::wire::to_proto;
use crate::wire::v1::{
    StreamScoreListingsRequest, StreamScoreListingsResponse, StreamScorePostsRequest, StreamScorePostsResponse,
    stream_score_listings_response, stream_score_posts_response,
};

/// Items answered before other tasks of the thread get their turn: about a millisecond.
const TURN: u32 = 32;
/// Turns that a stream still gets once the process drains. Items enough for what the flow-control windows hold, so whatever
/// had been received is answered; a bound, so a caller who never pauses cannot hold the process up.
const TURNS_AFTER_DRAIN: u32 = 128;

/// What the streams differ in.
pub(super) trait Item: Send + Unpin + 'static {
    /// The answer to it.
    type Answer;

    /// The caller's name for it, and what is to be scored.
    fn open(self) -> (String, Result<Content, ServiceError>);

    /// The answer under the caller's name.
    fn answer(correlation_id: String, scored: Scored) -> Self::Answer;
}

/// The answers to a stream of items.
pub(super) struct Answers<I: Item> {
    items: Streaming<I>,
    scorer: AsyncScorer,
    deadline: Option<Instant>,
    /// Wakes the task when the deadline passes while nothing arrives.
    alarm: Option<Pin<Box<Sleep>>>,
    draining: CancellationToken,
    /// Wakes the task when the drain begins while nothing arrives.
    drain_begins: Pin<Box<WaitForCancellationFutureOwned>>,
    running: Option<(String, Running)>,
    /// Items answered in this turn.
    turn: u32,
    turns_left: u32,
    ended: bool,
}

impl<I: Item> Answers<I> {
    /// Over a request.
    pub(super) fn new(request: Request<Streaming<I>>, scorer: AsyncScorer, draining: &CancellationToken) -> Self {
        let deadline = Deadline::of(&request);
        // A token of its own: a shared one would be a lock that all streams meet at.
        let draining = draining.child_token();
        Answers {
            items: request.into_inner(),
            scorer,
            deadline,
            alarm: deadline.map(|at| Box::pin(tokio::time::sleep_until(at.into()))),
            drain_begins: Box::pin(draining.clone().cancelled_owned()),
            draining,
            running: None,
            turn: 0,
            turns_left: TURNS_AFTER_DRAIN,
            ended: false,
        }
    }

    fn deadline_has_passed(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Nothing has arrived: ends the stream if there is a reason to, else waits for an item or a reason.
    fn idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<I::Answer, Status>>> {
        self.turn = 0;
        if self.alarm.as_mut().is_some_and(|alarm| alarm.as_mut().poll(cx).is_ready()) {
            return self.end(Some(deadline_exceeded()));
        }
        match self.drain_begins.as_mut().poll(cx) {
            Poll::Ready(()) => self.end(Some(status::draining())),
            Poll::Pending => Poll::Pending,
        }
    }

    fn end(&mut self, why: Option<Status>) -> Poll<Option<Result<I::Answer, Status>>> {
        self.ended = true;
        Poll::Ready(why.map(Err))
    }

    /// Finishes the item that runs on the pool, if one does.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<Option<I::Answer>> {
        let Some((_, running)) = &mut self.running else { return Poll::Ready(None) };
        let scored = ready!(running.as_mut().poll(cx));
        let answer = self.running.take().map(|(correlation_id, _)| I::answer(correlation_id, scored));
        Poll::Ready(answer)
    }

    /// Scores an item, or hands it to the pool.
    fn accept(&mut self, item: I) -> Option<I::Answer> {
        let (correlation_id, content) = item.open();
        match content.map(|content| self.scorer.start(content, self.deadline)) {
            Err(invalid) => Some(I::answer(correlation_id, Err(invalid))),
            Ok(Started::Done(scored)) => Some(I::answer(correlation_id, *scored)),
            Ok(Started::Running(running)) => {
                self.running = Some((correlation_id, running));
                None
            }
        }
    }

    /// True if other tasks of this thread should have their turn first.
    fn turn_is_over(&mut self) -> bool {
        self.turn += 1;
        if self.turn <= TURN {
            return false;
        }
        self.turn = 0;
        if self.draining.is_cancelled() {
            self.turns_left = self.turns_left.saturating_sub(1);
        }
        true
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
            if let Some(answer) = ready!(this.poll_running(cx)) {
                return Poll::Ready(Some(Ok(answer)));
            }
            if this.deadline_has_passed() {
                return this.end(Some(deadline_exceeded()));
            }
            if this.turns_left == 0 {
                return this.end(Some(status::draining()));
            }
            if this.turn_is_over() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match Pin::new(&mut this.items).poll_next(cx) {
                Poll::Ready(Some(Ok(item))) => {
                    if let Some(answer) = this.accept(item) {
                        return Poll::Ready(Some(Ok(answer)));
                    }
                }
                Poll::Ready(Some(Err(unreadable))) => return this.end(Some(status::unreadable(unreadable))),
                Poll::Ready(None) => return this.end(None),
                Poll::Pending => return this.idle(cx),
            }
        }
    }
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

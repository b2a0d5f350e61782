//! One call from its headers to the last byte of its answer: counted, bounded, measured.
//!
//! Not here: who may call (`guard.rs`), pages of metrics (`monitor/`). Kept true: what was begun is ended exactly once, however the call ends;
//! a place is held until the answer has left, so that answers nobody takes count against the bound on calls.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use http_body::{Body as HttpBody, Frame};
use tonic::body::Body;
use tonic::codegen::Bytes;
use tonic::codegen::http::{HeaderMap, Response};
use tonic::{Code, Status};
use tracing::Span;

use super::admission::UnsentPlace;
use super::backlog::Backlog;
use super::connection::ConnectionState;
use super::metrics::{EdgeMetrics, Refusal};
use crate::access::Rpc;

/// How many calls are under way, and how long they wait for a thread.
#[derive(Debug)]
pub(super) struct CallBook {
    /// Calls whose answer has not left.
    open: AtomicU32,
    most: u32,
    backlog: Backlog,
    metrics: EdgeMetrics,
}

impl CallBook {
    /// With so many places.
    pub(super) fn new(most: u32, longest_wait: Duration, metrics: EdgeMetrics) -> Arc<CallBook> {
        Arc::new(CallBook { open: AtomicU32::new(0), most, backlog: Backlog::new(longest_wait), metrics })
    }

    /// A call whose headers have been read, or why there is no place for it: then it has cost little but this. A call that watches over the service
    /// always has one.
    pub(super) fn begin(
        self: &Arc<Self>,
        rpc: Rpc,
        connection: Option<Arc<ConnectionState>>,
        must: bool,
    ) -> Result<Call, Refusal> {
        let now = Instant::now();
        let open = self.open.fetch_add(1, Ordering::Relaxed);
        let refused = match must {
            true => None,
            false if open >= self.most => Some(Refusal::Calls),
            false => (!self.backlog.arrives(now)).then_some(Refusal::Wait),
        };
        if let Some(refused) = refused {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return Err(refused);
        }
        if must {
            self.backlog.waits();
        }
        self.metrics.begun();
        let mut arrived = now;
        if let Some(connection) = &connection {
            connection.call_begins();
            arrived = connection.last_read().min(now);
        }
        Ok(Call {
            book: Arc::clone(self),
            connection,
            rpc,
            arrived,
            turn_to_come: true,
            code: None,
            waiting: false,
            span: Span::none(),
        })
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call {
    book: Arc<CallBook>,
    connection: Option<Arc<ConnectionState>>,
    rpc: Rpc,
    arrived: Instant,
    /// No thread has looked at it yet.
    turn_to_come: bool,
    code: Option<Code>,
    /// The answer is whole, and waits for the client to take it.
    waiting: bool,
    /// What the log says of it; none unless somebody wants to know.
    span: Span,
}

impl Call {
    /// Remembers the span of the request: an answer ends when that is long left.
    pub(super) fn in_span(&mut self, span: Span) {
        self.span = span;
    }

    /// True if it has waited for some time, or will: then it is done with more care.
    pub(super) fn is_crowded(&self) -> bool {
        self.book.backlog.is_crowded(self.arrived.elapsed())
    }

    /// When it came.
    pub(super) fn arrived(&self) -> Instant {
        self.arrived
    }

    /// It waits for its client, and not for a thread.
    pub(super) fn step_aside(&mut self) {
        self.turn_to_come = false;
        self.book.backlog.leaves();
    }

    /// It waits for a thread again. False if that would take too long by now.
    pub(super) fn step_back(&mut self) -> bool {
        self.turn_to_come = self.book.backlog.returns(Instant::now());
        self.turn_to_come
    }

    /// A thread has come to it. False if it has waited too long, and is not worth doing any more.
    pub(super) fn turn(&mut self) -> bool {
        self.turn_to_come = false;
        self.book.backlog.turn(self.arrived, Instant::now())
    }

    /// What is called.
    pub(super) fn rpc(&self) -> Rpc {
        self.rpc
    }

    /// Notes that the answer is whole; from now on it is the client's time that passes.
    fn answer_is_whole(&mut self) {
        if let Some(connection) = &self.connection {
            connection.answer_waits();
            self.waiting = true;
        }
    }

    /// Keeps the call with its answer until that has left.
    pub(super) fn with_answer(mut self, response: Response<Body>) -> Response<Body> {
        self.code = code(response.headers());
        if self.code.is_some() {
            return response; // all of it is in the headers
        }
        if !self.rpc.is_stream() {
            self.answer_is_whole();
        }
        let mut response = response;
        let place = response.extensions_mut().remove::<UnsentPlace>();
        response.map(|body| Body::new(Answer { body, rest: Bytes::new(), call: self, _place: place }))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.book.open.fetch_sub(1, Ordering::Relaxed);
        if self.turn_to_come {
            self.book.backlog.leaves();
        }
        if let Some(connection) = &self.connection {
            connection.call_ends(self.waiting);
        }
        // Dropped before its end: the client has gone, or has cut it.
        let code = self.code.unwrap_or(Code::Cancelled);
        self.book.metrics.ended(self.rpc, code, self.arrived.elapsed());
        let duration = self.arrived.elapsed();
        self.span.in_scope(|| tracing::debug!(rpc = self.rpc.name(), ?code, ?duration, "call ended"));
    }
}

fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
}

/// Bytes of a whole answer that are handed over at a time.
const PIECE: usize = 16 << 10;

/// The body of an answer, with its call.
///
/// A whole answer is handed over in pieces, and its last byte alone. hyper waits until the client's window has room for one byte and then hands h2
/// whatever it has, to be kept there for as long as the client likes: with a window opened by a single byte, a megabyte would count as sent.
/// In pieces, no more than one of them is out of sight; and the last byte is asked for only when the client has made room for all before it.
struct Answer {
    body: Body,
    /// What has not been handed over.
    rest: Bytes,
    call: Call,
    _place: Option<UnsentPlace>,
}

impl Answer {
    /// The next piece; there is something left.
    fn piece(&mut self) -> Bytes {
        match self.rest.len() {
            0 | 1 => std::mem::take(&mut self.rest),
            length => self.rest.split_to(PIECE.min(length - 1)),
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(this.piece()))));
        }
        let Some(frame) = ready!(Pin::new(&mut this.body).poll_frame(cx)) else { return Poll::Ready(None) };
        let frame = frame?;
        if let Some(trailers) = frame.trailers_ref() {
            this.call.code = code(trailers);
        }
        if this.call.rpc.is_stream() {
            return Poll::Ready(Some(Ok(frame))); // many small messages, each of which waits for the one before
        }
        Poll::Ready(Some(match frame.into_data() {
            Ok(data) => {
                this.rest = data;
                Ok(Frame::data(this.piece()))
            }
            Err(other) => Ok(other),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn book(most: u32, longest_wait: Duration) -> Arc<CallBook> {
        CallBook::new(most, longest_wait, EdgeMetrics::default())
    }

    #[test]
    fn places_come_back_however_a_call_ends() {
        let book = book(2, Duration::from_secs(1));
        let begin = |must| book.begin(Rpc::UNKNOWN, None, must);
        let (one, two) = (begin(false).unwrap(), begin(false).unwrap());
        assert_eq!(begin(false).err(), Some(Refusal::Calls));
        assert!(begin(true).is_ok(), "health is always answered");
        drop(one);
        let mut three = begin(false).unwrap();
        assert!(three.turn());
        let answered = three.with_answer(Status::not_found("x").into_http());
        drop((two, answered));
        assert_eq!(book.open.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_whole_answer_leaves_in_pieces_and_its_last_byte_alone() {
        let book = book(2, Duration::from_secs(1));
        for (length, expected) in [
            (0, vec![0]),
            (1, vec![1]),
            (2, vec![1, 1]),
            (PIECE + 1, vec![PIECE, 1]),
            (PIECE * 2, vec![PIECE, PIECE - 1, 1]),
        ] {
            let sent: Bytes = (0..length).map(|at| at as u8).collect();
            let body = Body::new(http_body_util::Full::new(sent.clone()).map_err(|never| match never {}));
            let mut answer = Answer { body, rest: Bytes::new(), call: begin(&book), _place: None };
            let (mut pieces, mut whole) = (Vec::new(), Vec::new());
            while let Some(frame) = answer.frame().await {
                let data = frame.unwrap().into_data().unwrap();
                pieces.push(data.len());
                whole.extend_from_slice(&data);
            }
            assert!(pieces == expected || length == 0 && pieces.is_empty(), "{length}: {pieces:?}");
            assert_eq!(whole, sent);
        }
    }

    fn begin(book: &Arc<CallBook>) -> Call {
        book.begin(Rpc::UNKNOWN, None, false).unwrap()
    }
}

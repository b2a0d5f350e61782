//! A connection: bytes in and out, who is at the other end, and when it has had its time.
//!
//! Not here: accepting and handshakes (`incoming.rs`). Kept true: a connection that says nothing, has nothing to do, or does not take its answers
//! ends within its limit, whatever HTTP/2 thinks of it; its place is given back when it is dropped.
//!
//! HTTP/2 has no idea of a slow reader: a client that keeps its window at zero may have as many answers made and kept as there are streams. hyper
//! asks no body for more while the window is shut, so no call notices. The connection does: it looks at its calls whenever it is polled, and at
//! least once a period.
//!
//! TCP has no idea of a last word: a socket closed while bytes wait unread resets the connection, and the reset takes away what the other end had not read
//! yet, the status of its call with it. So a connection that ends first says that it has said all, and reads on for a moment without listening.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::incoming::Place;
use super::metrics::{EdgeMetrics, Outcome};

/// The first bytes of HTTP/2.
const PREFACE: u64 = 24;

/// How long a client may take to notice the end and stop sending.
const LINGER: Duration = Duration::from_secs(1);

/// When a connection has had its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConnectionLimits {
    /// For the TLS handshake, and then for the first bytes.
    pub(super) handshake: Duration,
    /// Without a call.
    pub(super) idle: Duration,
    /// With an answer that is not taken.
    pub(super) send: Duration,
}

impl ConnectionLimits {
    /// How often a connection looks at itself.
    fn period(&self) -> Duration {
        (self.idle.min(self.send).min(self.handshake) / 4).clamp(Duration::from_millis(10), Duration::from_secs(15))
    }
}

/// What is known of a connection, for its calls.
#[derive(Debug)]
pub(super) struct ConnectionState {
    /// The other end.
    pub(super) address: IpAddr,
    /// Names of the client's certificate, which a known authority has signed.
    pub(super) names: Vec<String>,
    opened: Instant,
    /// Calls under way.
    calls: AtomicU32,
    /// Milliseconds since `opened` when the last call ended.
    idle_since: AtomicU64,
    /// Whole answers that wait to be taken.
    waiting: AtomicU32,
    /// Milliseconds since `opened` when an answer was last taken, or the first of them began to wait.
    waiting_since: AtomicU64,
    /// Microseconds since `opened` when something was last read.
    read_at: AtomicU64,
}

impl ConnectionState {
    /// Of a connection that has just been opened.
    pub(super) fn new(address: IpAddr, names: Vec<String>) -> Arc<ConnectionState> {
        Arc::new(ConnectionState {
            address,
            names,
            opened: Instant::now(),
            calls: AtomicU32::new(0),
            idle_since: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
            waiting_since: AtomicU64::new(0),
            read_at: AtomicU64::new(0),
        })
    }

    fn now(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn has_read(&self) {
        let micros = u64::try_from(self.opened.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.read_at.store(micros, Ordering::Relaxed);
    }

    /// When a call that nobody has looked at yet has come, at the latest. hyper makes a task of each call and no more of it than that, so the call itself cannot
    /// know how long it has been in the queue of tasks.
    pub(super) fn last_read(&self) -> Instant {
        self.opened + Duration::from_micros(self.read_at.load(Ordering::Relaxed))
    }

    pub(super) fn call_begins(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn answer_waits(&self) {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.waiting_since.store(self.now(), Ordering::Relaxed);
        }
    }

    /// `answered` if its answer had been waiting.
    pub(super) fn call_ends(&self, answered: bool) {
        if answered {
            self.waiting_since.store(self.now(), Ordering::Relaxed);
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        self.idle_since.store(self.now(), Ordering::Relaxed);
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }

    fn for_longer_than(&self, limit: Duration, since: &AtomicU64) -> bool {
        let passed = self.now().saturating_sub(since.load(Ordering::Relaxed));
        Duration::from_millis(passed) > limit
    }

    /// Why it has had its time, if it has.
    fn verdict(&self, limits: &ConnectionLimits, received: u64) -> Option<Outcome> {
        if received < PREFACE {
            return (self.opened.elapsed() > limits.handshake).then_some(Outcome::Silent);
        }
        if self.calls.load(Ordering::Relaxed) == 0 {
            return self.for_longer_than(limits.idle, &self.idle_since).then_some(Outcome::Idle);
        }
        let waits = self.waiting.load(Ordering::Relaxed) > 0;
        (waits && self.for_longer_than(limits.send, &self.waiting_since)).then_some(Outcome::Stalled)
    }
}

/// Bytes as they are, or behind TLS.
pub(super) enum Transport {
    /// As they are.
    Plain(TcpStream),
    /// Behind TLS; boxed, because its buffers are large.
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection.
pub(super) struct Connection {
    transport: Transport,
    state: Arc<ConnectionState>,
    limits: ConnectionLimits,
    received: u64,
    look: Pin<Box<Sleep>>,
    ended: Option<Outcome>,
    /// Set once all has been said.
    lingering: Option<Pin<Box<Sleep>>>,
    metrics: EdgeMetrics,
    _place: Place,
}

impl Connection {
    /// Around a transport that is ready.
    pub(super) fn new(
        transport: Transport,
        state: Arc<ConnectionState>,
        limits: ConnectionLimits,
        (place, metrics): (Place, EdgeMetrics),
    ) -> Connection {
        metrics.connection(Outcome::Accepted);
        metrics.connection_opened();
        let look = Box::pin(tokio::time::sleep(limits.period()));
        Connection { transport, state, limits, received: 0, look, ended: None, lingering: None, metrics, _place: place }
    }

    /// Reads what nobody wants any more, until the other end is silent or its time is over.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        let socket = match &mut self.transport {
            Transport::Plain(socket) => socket,
            Transport::Tls(stream) => stream.get_mut().0,
        };
        let mut bytes = [0; 4096];
        while lingering.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut *socket).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => break,
            }
        }
        Poll::Ready(())
    }

    /// Looks at itself once a period. True if it has had its time.
    fn has_ended(&mut self, cx: &mut Context<'_>) -> bool {
        while self.ended.is_none() && self.look.as_mut().poll(cx).is_ready() {
            self.ended = self.state.verdict(&self.limits, self.received);
            if let Some(outcome) = self.ended {
                self.metrics.connection(outcome);
                tracing::debug!(?outcome, "connection ended by us");
            }
            self.look.as_mut().reset(tokio::time::Instant::now() + self.limits.period());
        }
        self.ended.is_some()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.metrics.connection_closed();
    }
}

impl Connected for Connection {
    type ConnectInfo = Arc<ConnectionState>;

    fn connect_info(&self) -> Self::ConnectInfo {
        Arc::clone(&self.state)
    }
}

fn timed_out() -> io::Error {
    io::Error::from(io::ErrorKind::TimedOut)
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.has_ended(cx) {
            // An idle one sees a polite end of the stream; there is nothing to be lost on it.
            let idle = this.ended == Some(Outcome::Idle);
            return Poll::Ready(if idle { Ok(()) } else { Err(timed_out()) });
        }
        let before = buffer.filled().len();
        let read = match &mut this.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        let count = buffer.filled().len() - before;
        if count > 0 {
            this.received += count as u64;
            this.state.has_read();
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.has_ended(cx) {
            return Poll::Ready(Err(timed_out()));
        }
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    /// False, so that answers are copied together: where writes are vectored, HTTP/2 sends each message of 256 bytes and more by itself, and what follows it
    /// by itself again; without, from 1024 bytes on. Most answers lie between, and a call of the system costs more than copying a kilobyte.
    fn is_write_vectored(&self) -> bool {
        false
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.has_ended(cx) {
            return Poll::Ready(Err(timed_out()));
        }
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // A client that does not read would hold the farewell up for ever.
        if this.ended.is_some_and(|outcome| outcome != Outcome::Idle) {
            return Poll::Ready(Ok(()));
        }
        if this.lingering.is_none() {
            ready!(match &mut this.transport {
                Transport::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
                Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
            })?;
        }
        this.poll_linger(cx).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_ends_for_one_of_three_reasons() {
        let moment = Duration::from_millis(20);
        let limits = |handshake, idle, send| ConnectionLimits { handshake, idle, send };
        let long = Duration::from_secs(60);
        let state = ConnectionState::new(IpAddr::from([127, 0, 0, 1]), Vec::new());
        std::thread::sleep(moment * 2);
        assert_eq!(state.verdict(&limits(moment, long, long), PREFACE - 1), Some(Outcome::Silent));
        assert_eq!(state.verdict(&limits(moment, long, long), PREFACE), None);
        assert_eq!(state.verdict(&limits(long, moment, long), PREFACE), Some(Outcome::Idle));
        state.call_begins();
        assert_eq!(state.verdict(&limits(long, moment, moment), PREFACE), None, "a call under way may take its time");
        state.answer_waits();
        assert_eq!(state.verdict(&limits(long, moment, moment), PREFACE), None);
        std::thread::sleep(moment * 2);
        assert_eq!(state.verdict(&limits(long, moment, moment), PREFACE), Some(Outcome::Stalled));
        state.call_ends(true);
        assert_eq!(state.verdict(&limits(long, moment, moment), PREFACE), None);
    }
}

//! Accepting connections, as many as there may be.
//!
//! Not here: what a connection may do (`connection.rs`), certificates (`tls.rs`). Kept true: handshakes run beside each other and end in time, so a
//! slow client holds nobody up; a system that is out of files is given a moment and not asked again at once.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dashmap::DashMap;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Sleep;
use tokio_stream::Stream;

use super::connection::{Connection, ConnectionLimits, ConnectionState, Transport};
use super::edge::Edge;
use super::metrics::{EdgeMetrics, Outcome};
use super::tls::{self, TlsHandle};

/// After a failed accept. The reason is almost always that there are no file descriptors left, and the next try would fail as well.
const BREATH: Duration = Duration::from_millis(100);

/// Who is connected.
#[derive(Debug)]
struct Places {
    all: Arc<Semaphore>,
    by_address: DashMap<IpAddr, u32>,
    most_by_address: u32,
}

/// A place for a connection; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
    _one: OwnedSemaphorePermit,
}

impl Places {
    fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Outcome> {
        let one = Arc::clone(&self.all).try_acquire_owned().map_err(|_| Outcome::Full)?;
        let address = network(address);
        let mut count = self.by_address.entry(address).or_insert(0);
        if *count >= self.most_by_address {
            return Err(Outcome::AddressFull);
        }
        *count += 1;
        Ok(Place { places: Arc::clone(self), address, _one: one })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.by_address.remove_if_mut(&self.address, |_, count| {
            *count = count.saturating_sub(1);
            *count == 0
        });
    }
}

/// Whom an address belongs to: whoever has one of IPv6 has 2^64 of them.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
        four => four,
    }
}

/// Connections as they come, ready to be served.
pub(super) struct Incoming {
    listener: TcpListener,
    places: Arc<Places>,
    limits: ConnectionLimits,
    tls: Option<TlsHandle>,
    metrics: EdgeMetrics,
    handshakes: JoinSet<Option<Connection>>,
    breath: Option<Pin<Box<Sleep>>>,
}

impl Incoming {
    /// From a listener.
    pub(super) fn new(listener: TcpListener, edge: &Edge) -> Incoming {
        let limits = &edge.limits;
        let places = Places {
            all: Arc::new(Semaphore::new(limits.connections as usize)),
            by_address: DashMap::new(),
            most_by_address: limits.connections_per_address,
        };
        Incoming {
            listener,
            places: Arc::new(places),
            limits: ConnectionLimits { handshake: limits.handshake, idle: limits.idle, send: limits.send },
            tls: edge.tls.clone(),
            metrics: edge.metrics.clone(),
            handshakes: JoinSet::new(),
            breath: None,
        }
    }

    /// A connection that is ready at once; one with TLS comes when its handshake is done.
    fn open(&mut self, stream: TcpStream, peer: SocketAddr) -> Option<Connection> {
        let place = match self.places.take(peer.ip()) {
            Ok(place) => place,
            Err(full) => {
                self.metrics.connection(full);
                return None;
            }
        };
        // Small answers must not wait for the acknowledgement of the one before. A socket that refuses is served all the same.
        let _best_effort = stream.set_nodelay(true);
        let (limits, metrics) = (self.limits, self.metrics.clone());
        let Some(tls) = &self.tls else {
            let state = ConnectionState::new(peer.ip(), Vec::new());
            return Some(Connection::new(Transport::Plain(stream), state, limits, (place, metrics)));
        };
        let accepting = tls.acceptor().accept(stream);
        self.handshakes.spawn(async move {
            let failed = match tokio::time::timeout(limits.handshake, accepting).await {
                Ok(Ok(stream)) => {
                    let state = ConnectionState::new(peer.ip(), tls::client_names(&stream));
                    let transport = Transport::Tls(Box::new(stream));
                    return Some(Connection::new(transport, state, limits, (place, metrics)));
                }
                Ok(Err(_)) => Outcome::HandshakeFailed,
                Err(_elapsed) => Outcome::HandshakeTimeout,
            };
            metrics.connection(failed);
            None
        });
        None
    }
}

impl Stream for Incoming {
    type Item = std::io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            while let Poll::Ready(Some(shaken)) = this.handshakes.poll_join_next(cx) {
                if let Ok(Some(connection)) = shaken {
                    return Poll::Ready(Some(Ok(connection)));
                }
            }
            if let Some(breath) = &mut this.breath {
                ready!(breath.as_mut().poll(cx));
                this.breath = None;
            }
            match ready!(this.listener.poll_accept(cx)) {
                Ok((stream, peer)) => {
                    if let Some(connection) = this.open(stream, peer) {
                        return Poll::Ready(Some(Ok(connection)));
                    }
                }
                Err(failed) => {
                    this.metrics.connection(Outcome::AcceptFailed);
                    tracing::warn!(kind = ?failed.kind(), "a connection could not be accepted");
                    this.breath = Some(Box::pin(tokio::time::sleep(BREATH)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_whom_the_address_belongs_to() {
        let all = Arc::new(Semaphore::new(3));
        let places = Arc::new(Places { all, by_address: DashMap::new(), most_by_address: 2 });
        let take = |text: &str| places.take(text.parse().unwrap());
        let one = take("2001:db8::1").unwrap();
        let _two = take("2001:db8::2").unwrap();
        assert_eq!(take("2001:db8::3").err(), Some(Outcome::AddressFull));
        let _three = take("::ffff:192.0.2.1").unwrap();
        assert_eq!(take("192.0.2.2").err(), Some(Outcome::Full));
        drop(one);
        assert!(take("2001:db8::4").is_ok());
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), network("192.0.2.1".parse().unwrap()));
    }
}

//! How the server meets its clients: doors, limits, TLS, what is counted.
//!
//! Not here: where the values come from (`app/`). Kept true: the default is a server that asks nobody who they are, which is for loopback and for tests;
//! `app/config` refuses it elsewhere.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::metrics::EdgeMetrics;
use super::tls::TlsHandle;
use crate::access::Gate;
use crate::service::Readiness;

/// What a client may have scored or record: items a second, and how many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaRate {
    /// Items a second.
    pub per_second: NonZeroU32,
    /// Items at once.
    pub burst: NonZeroU32,
}

/// How much of everything there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeLimits {
    /// Connections.
    pub connections: u32,
    /// Connections of one address (IPv6: of one /64).
    pub connections_per_address: u32,
    /// Calls under way, streams and answers that have not been taken included.
    pub calls: u32,
    /// Calls of one connection; further ones wait at the client.
    pub calls_per_connection: u32,
    /// How long a call may wait for its turn while all others wait too.
    pub wait: Duration,
    /// For the TLS handshake, and then for the first bytes.
    pub handshake: Duration,
    /// For a connection without a call.
    pub idle: Duration,
    /// For a client to take an answer.
    pub send: Duration,
    /// For a stream on which nothing arrives.
    pub stream_idle: Duration,
    /// After it, a connection is asked to come back; `None` = never.
    pub age: Option<Duration>,
    /// Of one client; `None` = as much as it likes.
    pub quota: Option<QuotaRate>,
}

impl Default for EdgeLimits {
    fn default() -> Self {
        EdgeLimits {
            connections: 4096,
            connections_per_address: 512,
            calls: 8192,
            calls_per_connection: 1024,
            wait: Duration::from_millis(20),
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(15 * 60),
            send: Duration::from_secs(60),
            stream_idle: Duration::from_secs(3600),
            age: None,
            quota: None,
        }
    }
}

/// Who may come in.
#[derive(Clone, Debug)]
pub struct Doors {
    /// Recognises clients; `None` = everybody may do everything. What it holds may be replaced at any moment.
    pub gate: Option<Arc<ArcSwap<Gate>>>,
    /// Anybody may ask for health.
    pub health_open: bool,
    /// Anybody may ask for descriptors.
    pub reflection_open: bool,
}

impl Default for Doors {
    fn default() -> Self {
        Doors { gate: None, health_open: true, reflection_open: true }
    }
}

/// How the server meets its clients.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Who may come in.
    pub doors: Doors,
    /// How much of everything there may be.
    pub limits: EdgeLimits,
    /// Certificates; `None` = no TLS.
    pub tls: Option<TlsHandle>,
    /// What is counted.
    pub metrics: EdgeMetrics,
    /// How far the process is.
    pub readiness: Readiness,
}

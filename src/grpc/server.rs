//! The server: services, layers, health, reflection, and its end.
//!
//! Not here: binding a port, signals of the operating system (`app.rs`; both are parameters). Kept true: the end goes in
//! steps: health says NOT_SERVING, callers get time to notice, no new connections, calls under way are finished, and all of
//! it within a bound.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::health_server::HealthServer;
use tower::layer::layer_fn;
use tower::util::{MapFutureLayer, MapResponseLayer};

use super::admission::Admission;
use super::decisions::DecisionHandler;
use super::health::{HealthSwitch, health};
use super::layers::{self, BySize};
use super::policy::PolicyHandler;
use super::reputation::ReputationHandler;
use super::scoring::ScoringHandler;
use super::v1::decision_service_server::DecisionServiceServer;
use super::v1::policy_service_server::PolicyServiceServer;
use super::v1::reputation_service_server::ReputationServiceServer;
use super::v1::scoring_service_server::ScoringServiceServer;
use crate::service::{AsyncScorer, Decisions, Reputation};
use crate::wire::DESCRIPTORS;

/// Calls of one connection at a time; further ones wait at the client. Bounds the memory that one client can claim.
const STREAMS_PER_CONNECTION: u32 = 1024;
/// What one stream may have sent ahead, unread. Enough for 8 MB/s over 30 ms of distance.
const STREAM_WINDOW: u32 = 256 << 10;
/// What all streams of a connection may have sent ahead together.
///
/// Far more than one stream's window, for two reasons. A stream whose reader is slow fills its own window; with windows of
/// one size, as is the default, it would fill the connection's as well and block every other call on it. And h2 ends a
/// connection (ENHANCE_YOUR_CALM) on which small DATA frames pile up to half of this size, counting 256 bytes for each:
/// callers who write items of 50 bytes one by one got there long before flow control stopped them.
const CONNECTION_WINDOW: u32 = 16 << 20;
/// A silent connection is asked for a sign of life, so that the remains of a vanished client do not pile up.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(60);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// Names that health knows beside the empty one.
const HEALTH_NAMES: &[&str] = &[
    <ScoringServiceServer<ScoringHandler>>::NAME,
    <ReputationServiceServer<ReputationHandler>>::NAME,
    <DecisionServiceServer<DecisionHandler>>::NAME,
    <PolicyServiceServer<PolicyHandler>>::NAME,
];

/// Largest messages, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageLimits {
    /// Of a unary call or an item of a stream.
    pub message: usize,
    /// Of a batch.
    pub batch: usize,
}

impl Default for MessageLimits {
    fn default() -> Self {
        MessageLimits { message: 4 << 20, batch: 64 << 20 }
    }
}

/// How the server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// Between NOT_SERVING and the end of accepting: time for load balancers to look elsewhere.
    pub grace: Duration,
    /// For calls under way after that; then they are cut.
    pub timeout: Duration,
}

impl Default for Drain {
    fn default() -> Self {
        Drain { grace: Duration::from_secs(1), timeout: Duration::from_secs(30) }
    }
}

/// What the server serves, and within which bounds.
#[derive(Clone, Debug)]
pub struct Services {
    /// Scores; brings its policy along.
    pub scorer: AsyncScorer,
    /// Knows sellers and creators.
    pub reputation: Reputation,
    /// Remembers decisions.
    pub decisions: Decisions,
    /// Largest messages.
    pub limits: MessageLimits,
    /// How it ends.
    pub drain: Drain,
}

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener or the transport failed.
    #[error("the gRPC server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The embedded descriptors cannot be served: a defect of the build.
    #[error("reflection cannot be served: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Serves until `shutdown` resolves and the drain is over.
pub async fn serve(
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    services: Services,
) -> Result<(), ServeError> {
    let draining = CancellationToken::new();
    let (switch, health) = health(HEALTH_NAMES);
    let server = Server::builder()
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .trace_fn(layers::span)
        // The layer added first is the outermost: it sees a request first and a response last.
        .layer(layer_fn(Admission::new)) // its clock starts first, so that time spent below counts
        .layer(MapResponseLayer::new(layers::name_oversized)) // outside of what makes such statuses
        .layer(MapFutureLayer::new(layers::catch_panic)) // innermost: around the handlers and nothing else
        .add_service(scoring(&services, &draining))
        .add_service(reputation(&services, &draining))
        .add_service(decisions(&services, &draining))
        .add_service(PolicyServiceServer::new(PolicyHandler { policy: services.scorer.scorer().policy().clone() }))
        .add_service(HealthServer::new(health))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?); // older grpcurl and Postman speak only this one
    let incoming = TcpIncoming::from(listener)
        .with_nodelay(Some(true)) // small answers must not wait for the acknowledgement of the one before
        .with_keepalive(Some(KEEPALIVE_INTERVAL));
    tokio::select! {
        ended = server.serve_with_incoming_shutdown(incoming, draining.clone().cancelled_owned()) => Ok(ended?),
        () = drain(shutdown, switch, draining, services.drain) => Ok(()),
    }
}

fn scoring(services: &Services, draining: &CancellationToken) -> BySize<ScoringServiceServer<ScoringHandler>> {
    let handler = Arc::new(ScoringHandler { scorer: services.scorer.clone(), draining: draining.clone() });
    let limited = |most| ScoringServiceServer::from_arc(Arc::clone(&handler)).max_decoding_message_size(most);
    BySize { small: limited(services.limits.message), large: limited(services.limits.batch) }
}

fn reputation(services: &Services, draining: &CancellationToken) -> ReputationServiceServer<ReputationHandler> {
    let handler = ReputationHandler { reputation: services.reputation.clone(), draining: draining.clone() };
    ReputationServiceServer::new(handler).max_decoding_message_size(services.limits.message)
}

fn decisions(services: &Services, draining: &CancellationToken) -> DecisionServiceServer<DecisionHandler> {
    let handler = DecisionHandler { decisions: services.decisions.clone(), draining: draining.clone() };
    DecisionServiceServer::new(handler).max_decoding_message_size(services.limits.message)
}

/// Everything that is served is described, health included.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // The details of errors: with these, grpcurl and buf print a BadRequest instead of bytes.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}

/// Goes through the steps of the end. Resolves only when the bound is reached: before it, the server ends by itself.
async fn drain(shutdown: impl Future<Output = ()>, switch: HealthSwitch, draining: CancellationToken, times: Drain) {
    shutdown.await;
    tracing::info!("stopping: health says NOT_SERVING");
    switch.stop_serving();
    tokio::time::sleep(times.grace).await;
    tracing::info!("no new connections; finishing calls under way");
    drop(switch); // ends the health watches
    draining.cancel(); // ends the streams and the accepting
    tokio::time::sleep(times.timeout).await;
    tracing::warn!(timeout = ?times.timeout, "calls under way did not finish in time and were cut");
}

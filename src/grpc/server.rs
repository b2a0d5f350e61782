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
use tonic_health::pb::health_server::HealthServer;
use tower::layer::layer_fn;
use tower::util::{MapFutureLayer, MapResponseLayer};

use super::admission::Admission;
use super::decisions::DecisionHandler;
use super::edge::Edge;
use super::guard::{Guard, Rules};
use super::health::{HealthSwitch, health};
use super::incoming::Incoming;
use super::layers::{self, BySize};
use super::policy::PolicyHandler;
use super::promotions::PromotionHandler;
use super::quota::{Quotas, SWEEP};
use super::reputation::ReputationHandler;
use super::scoring::ScoringHandler;
use super::turns::Turns;
use super::v1::decision_service_server::DecisionServiceServer;
use super::v1::policy_service_server::PolicyServiceServer;
use super::v1::promotion_service_server::PromotionServiceServer;
use super::v1::reputation_service_server::ReputationServiceServer;
use super::v1::scoring_service_server::ScoringServiceServer;
use crate::service::{AsyncScorer, Decisions, PromotionMemory, Reputation};
use crate::wire::DESCRIPTORS;

/// What one stream may have sent ahead, unread. Enough for 8 MB/s over 30 ms of distance.
const STREAM_WINDOW: u32 = 256 << 10;
/// What all streams of a connection may have sent ahead together.
///
/// Far more than one stream's window, for two reasons. A stream whose reader is slow fills its own window; with windows of
/// one size, as is the default, it would fill the connection's as well and block every other call on it. And h2 ends a
/// connection (ENHANCE_YOUR_CALM) on which small DATA frames pile up to half of this size, counting 256 bytes for each:
/// callers who write items of 50 bytes one by one got there long before flow control stopped them.
const CONNECTION_WINDOW: u32 = 16 << 20;
/// Headers of one call together. Tokens of identity providers have two thousand bytes; the gRPC core allows 8 KiB. It also bounds floods of
/// CONTINUATION frames, of which h2 admits what headers of this size can need.
const HEADERS: u32 = 16 << 10;
/// Frames are read whole. It is what HTTP/2 begins with.
const FRAME: u32 = 16 << 10;
/// Streams that a client has reset before anybody looked at them; with one more, the connection ends (CVE-2023-44487, rapid reset).
const RESET_BEFORE_ACCEPTED: usize = 32;
/// Streams that we had to reset because the client broke the protocol on them; with one more, the connection ends (CVE-2025-8671, made you
/// reset).
const RESET_BY_ERROR: usize = 64;
/// A silent connection is asked for a sign of life, so that the remains of a vanished client do not pile up.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(60);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// Chunks of streams that a thread may be asked for at a time: more than one, because some wait for a standing or a disk; few, because each is some tenths of
/// a millisecond for a call that comes after them.
const CHUNKS_BESIDE: usize = 4;

/// Names that health knows beside the empty one.
const HEALTH_NAMES: &[&str] = &[
    <ScoringServiceServer<ScoringHandler>>::NAME,
    <ReputationServiceServer<ReputationHandler>>::NAME,
    <DecisionServiceServer<DecisionHandler>>::NAME,
    <PolicyServiceServer<PolicyHandler>>::NAME,
    <PromotionServiceServer<PromotionHandler>>::NAME,
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
    /// Remembers what posts say of listings.
    pub promotions: Arc<PromotionMemory>,
    /// Largest messages.
    pub limits: MessageLimits,
    /// How it ends.
    pub drain: Drain,
    /// How it meets its clients.
    pub edge: Edge,
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
    let (switch, health) = health(HEALTH_NAMES, services.edge.readiness.clone());
    let quotas = Quotas::new(services.edge.limits.quota);
    let rules = Rules::new(&services.edge, &quotas, threads());
    let limits = &services.edge.limits;
    let mut server = Server::builder()
        .max_concurrent_streams(limits.calls_per_connection)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .http2_max_header_list_size(HEADERS)
        .max_frame_size(FRAME)
        .http2_max_pending_accept_reset_streams(Some(RESET_BEFORE_ACCEPTED))
        .http2_max_local_error_reset_streams(Some(RESET_BY_ERROR));
    if let Some(age) = limits.age {
        server = server.max_connection_age(age);
    }
    let server = server
        .trace_fn(layers::span)
        // The layer added first is the outermost: it sees a request first and a response last.
        .layer(layer_fn(move |inner| Guard::new(inner, Arc::clone(&rules)))) // refuses before anything else is done
        .layer(layer_fn(Admission::new)) // its clock starts next, so that time spent below counts
        .layer(MapResponseLayer::new(layers::name_oversized)) // outside of what makes such statuses
        .layer(MapFutureLayer::new(layers::catch_panic)) // innermost: around the handlers and nothing else
        .add_service(scoring(&services, &draining))
        .add_service(reputation(&services, &draining))
        .add_service(decisions(&services, &draining))
        .add_service(PolicyServiceServer::new(PolicyHandler { policy: services.scorer.scorer().policy().clone() }))
        .add_service(promotions(&services))
        .add_service(HealthServer::new(health))
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?); // older grpcurl and Postman speak only this one
    let incoming = Incoming::new(listener, &services.edge);
    tokio::select! {
        ended = server.serve_with_incoming_shutdown(incoming, draining.clone().cancelled_owned()) => Ok(ended?),
        () = drain(shutdown, switch, draining, services.drain) => Ok(()),
        () = sweep(&quotas) => Ok(()),
    }
}

/// Forgets quiet clients, for as long as the server lives.
async fn sweep(quotas: &Quotas) {
    loop {
        tokio::time::sleep(SWEEP).await;
        quotas.sweep();
    }
}

/// Threads of the runtime that this is called on.
fn threads() -> usize {
    tokio::runtime::Handle::current().metrics().num_workers()
}

fn scoring(services: &Services, draining: &CancellationToken) -> BySize<ScoringServiceServer<ScoringHandler>> {
    let idle = services.edge.limits.stream_idle;
    let (scorer, draining) = (services.scorer.clone(), draining.clone());
    let bulk = Arc::new(Turns::new(CHUNKS_BESIDE * threads()));
    let handler = Arc::new(ScoringHandler { scorer, draining, idle, bulk });
    let limited = |most| ScoringServiceServer::from_arc(Arc::clone(&handler)).max_decoding_message_size(most);
    BySize { small: limited(services.limits.message), large: limited(services.limits.batch) }
}

fn reputation(services: &Services, draining: &CancellationToken) -> ReputationServiceServer<ReputationHandler> {
    let idle = services.edge.limits.stream_idle;
    let handler = ReputationHandler { reputation: services.reputation.clone(), draining: draining.clone(), idle };
    ReputationServiceServer::new(handler).max_decoding_message_size(services.limits.message)
}

fn promotions(services: &Services) -> PromotionServiceServer<PromotionHandler> {
    let handler = PromotionHandler { promotions: Arc::clone(&services.promotions) };
    PromotionServiceServer::new(handler).max_decoding_message_size(services.limits.message)
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
    switch.stop_serving();
    tracing::info!("stopping: health says NOT_SERVING");
    tokio::time::sleep(times.grace).await;
    tracing::info!("no new connections; finishing calls under way");
    drop(switch); // ends the health watches
    draining.cancel(); // ends the streams and the accepting
    tokio::time::sleep(times.timeout).await;
    tracing::warn!(timeout = ?times.timeout, "calls under way did not finish in time and were cut");
}

//! What the edge counts: calls, refusals, connections.
//!
//! Not here: when something happens (`guard.rs`, `calls.rs`, `incoming.rs` say so). Kept true: every series is there from the beginning; labels come from
//! the table of RPCs and from the enums below.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tonic::Code;

use crate::access::Rpc;
use crate::metrics::{Counts, Histograms, Reading, Registry, SECONDS};

/// Names of the codes, in the order of their numbers.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Why a call was not even begun, or not gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nobody knows the caller.
    Unauthenticated,
    /// The caller may not do this.
    PermissionDenied,
    /// The caller's quota is used up.
    Quota,
    /// As many calls are under way as may be.
    Calls,
    /// It has waited too long for its turn.
    Wait,
    /// Too many tokens of this address turned out to be nobody's.
    Guessing,
}

impl Refusal {
    const NAMES: &'static [&'static str] =
        &["unauthenticated", "permission_denied", "quota", "calls", "wait", "guessing"];
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is served.
    Accepted,
    /// There are as many as may be.
    Full,
    /// Its address has as many as it may have.
    AddressFull,
    /// The TLS handshake failed.
    HandshakeFailed,
    /// The TLS handshake took too long.
    HandshakeTimeout,
    /// The system could not accept it.
    AcceptFailed,
    /// It sent nothing in time.
    Silent,
    /// It had no calls for too long.
    Idle,
    /// It did not take its answers.
    Stalled,
}

impl Outcome {
    const NAMES: &'static [&'static str] = &[
        "accepted",
        "full",
        "address_full",
        "handshake_failed",
        "handshake_timeout",
        "accept_failed",
        "silent",
        "idle",
        "stalled",
    ];
}

/// What the edge counts. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct EdgeMetrics {
    calls: Counts,
    durations: Histograms,
    refusals: Counts,
    connections: Counts,
    under_way: Arc<AtomicI64>,
    open_connections: Arc<AtomicI64>,
    /// Seconds since 1970; 0 = no TLS.
    certificate_end: Arc<AtomicU64>,
}

impl Default for EdgeMetrics {
    fn default() -> Self {
        let names: Vec<_> = Rpc::all().map(Rpc::name).collect();
        EdgeMetrics {
            calls: Counts::by_two(("rpc", &names), ("code", &CODES)),
            durations: Histograms::by("rpc", &names, SECONDS),
            refusals: Counts::by("reason", Refusal::NAMES),
            connections: Counts::by("outcome", Outcome::NAMES),
            under_way: Arc::default(),
            open_connections: Arc::default(),
            certificate_end: Arc::default(),
        }
    }
}

impl EdgeMetrics {
    /// Shows them under their names.
    pub fn register(&self, registry: &mut Registry) {
        let calls = "Calls that have ended, by RPC and gRPC code; CANCELLED if the caller went away first";
        registry.register("dsasignal_grpc_calls", calls, self.calls.clone());
        let durations =
            "Time from the headers of a call to the last byte of its answer; of streams, how long they lived";
        registry.register("dsasignal_grpc_call_duration_seconds", durations, self.durations.clone());
        let refusals =
            "Calls refused before any work: by credentials, role, quota, calls under way, waiting time, or guessing";
        registry.register("dsasignal_grpc_refusals", refusals, self.refusals.clone());
        let connections = "Connections by what became of them; idle, silent and stalled ones were accepted before";
        registry.register("dsasignal_grpc_connections", connections, self.connections.clone());
        let under_way = reading(&self.under_way);
        registry.register(
            "dsasignal_grpc_calls_under_way",
            "Calls whose answer has not left; at max_calls they are refused",
            under_way,
        );
        let open = reading(&self.open_connections);
        registry.register(
            "dsasignal_grpc_connections_open",
            "Open connections; at max_connections they are refused",
            open,
        );
        let end = Arc::clone(&self.certificate_end);
        let end = Reading::new(move || end.load(Ordering::Relaxed) as f64);
        let help = "When the certificate in use ends, seconds since 1970; 0 without TLS";
        registry.register("dsasignal_tls_certificate_end_timestamp_seconds", help, end);
    }

    pub(super) fn begun(&self) {
        self.under_way.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn ended(&self, rpc: Rpc, code: Code, duration: Duration) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        self.calls.add(rpc.index() * CODES.len() + code as usize);
        self.durations.observe(rpc.index(), duration.as_secs_f64());
    }

    /// A call that never began.
    pub(super) fn refused_at_once(&self, rpc: Rpc, refusal: Refusal) {
        self.calls.add(rpc.index() * CODES.len() + Code::Unavailable as usize);
        self.refused(refusal);
    }

    pub(super) fn refused(&self, refusal: Refusal) {
        self.refusals.add(refusal as usize);
    }

    pub(super) fn connection(&self, outcome: Outcome) {
        self.connections.add(outcome as usize);
    }

    pub(super) fn connection_opened(&self) {
        self.open_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn connection_closed(&self) {
        self.open_connections.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn certificate_ends(&self, at: u64) {
        self.certificate_end.store(at, Ordering::Relaxed);
    }
}

fn reading(value: &Arc<AtomicI64>) -> Reading {
    let value = Arc::clone(value);
    Reading::new(move || value.load(Ordering::Relaxed) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::page;

    #[test]
    fn codes_stand_at_their_numbers() {
        for (number, name) in (0..).zip(CODES) {
            let spelled: String = format!("{:?}", Code::from_i32(number));
            let spelled = spelled.replace("Ok", "OK").to_uppercase();
            assert_eq!(spelled, name.replace('_', ""), "{number}");
        }
    }

    #[test]
    fn what_happens_is_shown_under_its_name() {
        let (metrics, mut registry) = (EdgeMetrics::default(), Registry::default());
        metrics.register(&mut registry);
        let rpc = Rpc::at("/dsasignal.v1.ScoringService/ScoreListing");
        metrics.begun();
        metrics.begun();
        metrics.ended(rpc, Code::NotFound, Duration::from_millis(3));
        metrics.refused(Refusal::Quota);
        metrics.refused_at_once(rpc, Refusal::Calls);
        metrics.connection(Outcome::Stalled);
        let text = page(&registry);
        for line in [
            "dsasignal_grpc_calls_total{rpc=\"dsasignal.v1.ScoringService/ScoreListing\",code=\"NOT_FOUND\"} 1",
            "dsasignal_grpc_calls_total{rpc=\"dsasignal.v1.ScoringService/ScoreListing\",code=\"UNAVAILABLE\"} 1",
            "dsasignal_grpc_calls_total{rpc=\"unknown\",code=\"OK\"} 0",
            "dsasignal_grpc_refusals_total{reason=\"quota\"} 1",
            "dsasignal_grpc_refusals_total{reason=\"calls\"} 1",
            "dsasignal_grpc_refusals_total{reason=\"guessing\"} 0",
            "dsasignal_grpc_connections_total{outcome=\"stalled\"} 1",
            "dsasignal_grpc_calls_under_way 1.0",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\nin\n{text}");
        }
    }
}

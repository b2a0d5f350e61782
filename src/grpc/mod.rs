//! The gRPC edge: services, streams, statuses, the server.
//!
//! Not here: what is scored and how (`service/`), messages (`wire/`). Kept true: tonic stays in this folder; every error
//! that leaves it was made in `status.rs`; no handler holds an async thread for long or a buffer without a bound.

mod admission;
mod backlog;
mod calls;
mod connection;
mod deadline;
mod decisions;
mod discard;
mod edge;
mod gather;
mod guard;
mod health;
mod incoming;
mod layers;
mod metrics;
mod policy;
mod promotions;
mod quota;
mod refusals;
mod reputation;
mod scoring;
mod server;
mod status;
mod stream;
mod tls;
mod turns;

pub use edge::{Doors, Edge, EdgeLimits, QuotaRate};
pub use metrics::EdgeMetrics;
pub use server::{Drain, MessageLimits, ServeError, Services, serve};
pub use status::ERROR_DOMAIN;
pub use tls::{InvalidTls, TlsBytes, TlsFiles, TlsHandle};

pub mod v1 {
    //! Services and clients of the package `dsasignal.v1`, generated from `proto/` by `build.rs`.
    #![allow(
        missing_docs, // generated methods without a comment in the proto
        unreachable_pub, // generated code writes `pub` everywhere
        reason = "generated code"
    )]
    include!(concat!(env!("OUT_DIR"), "/services/dsasignal.v1.rs"));
}

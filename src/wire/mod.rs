//! The wire: generated messages, and the ways from them to the domain and back.
//!
//! Not here: transport (`grpc/`), files and terminals (`cli/`). Kept true: prost types stop in this folder and in `grpc/`;
//! nothing that breaks the contract's limits becomes domain content; encoding cannot fail.

pub mod from_proto;
pub mod json;
pub mod to_proto;

pub mod v1 {
    //! Messages of the package `dsasignal.v1`, generated from `proto/` by `build.rs`.
    #![allow(
        missing_docs, // enum tables and oneof modules have no comment in the proto to take over
        unreachable_pub, // generated code writes `pub` everywhere
        clippy::doc_lazy_continuation, // comments keep the line breaks of the proto
        clippy::large_enum_variant, // a result is an assessment far more often than an error
        reason = "generated code"
    )]
    include!(concat!(env!("OUT_DIR"), "/dsasignal.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/dsasignal.v1.serde.rs"));
}

/// The compiled contract with its comments, as reflection serves it.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

//! dsa-signal: risk signals for marketplace listings and influencer posts under the EU Digital Services Act.
//!
//! `ARCHITECTURE.md` is the map. Layers use only what stands above them in this list; `tests/architecture.rs` enforces it.

pub mod domain;

pub mod matching;
pub mod metrics;
pub mod model;
pub mod text;

pub mod policy;
pub mod promotion;

pub mod engine;

pub mod reputation;
pub mod store;

pub mod service;

pub mod access;
pub mod wire;

pub mod grpc;

pub mod monitor;

pub mod cli;

pub mod app;

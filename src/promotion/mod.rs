//! What is remembered of promotion: which listings a post leads to, and what posts said about each listing.
//!
//! Not here: what a post claims (`engine/claims.rs`), what contradicts a listing (`engine/facts/promotion.rs`), where mentions are
//! kept for good (`store/`). Kept true: what scoring is told of a listing is a function of the *set* of mentions, not of the order in
//! which they came; memory is bounded in total and for each listing.

mod address;
mod graph;
mod leads;
mod resolver;
mod sketch;

pub use graph::{Learned, PromotionGraph};
pub use leads::{Lead, leads};
pub use resolver::{Redirects, Resolver};

//! From the wire to the domain: every limit of the contract is checked, every violation is told at once, texts move.
//!
//! Not here: the transport's own limits (message sizes, UTF-8), encoding. Kept true: content that comes out of here
//! keeps every limit that `proto/` documents; checking a valid message allocates nothing.
//!
//! Two passes over a message: the first only looks, the second only moves. So the second cannot fail, and no half of a
//! bad message is ever taken apart.

mod check;
mod codes;
mod decision;
mod event;
mod listing;
mod parts;
mod post;
mod promotion;
mod targeting;

use super::{to_proto, v1};
use crate::domain::{InvalidContent, Listing, Post, RiskArea};
use check::Check;
pub use check::Path;
pub use decision::{decision_id, decision_query, notice, outcome, watch};
pub use event::{party, standing_event, subject, watched};
pub use promotion::{links, promotions};
pub use targeting::targeting_plan;

/// Most items of one batch.
pub const BATCH_ITEMS: usize = 1000;

/// A listing. `at` is its path in the request, e.g. `Path::root("listing")`.
pub fn listing(message: Option<v1::Listing>, at: Path<'_>) -> Result<Listing, InvalidContent> {
    let mut check = Check::default();
    let Some(message) = message else {
        check.violation(at, "is required");
        return check.finish(at, Listing::default());
    };
    listing::check(&mut check, at, &message);
    check.finish(at, message).map(listing::convert)
}

/// A post. `at` is its path in the request, e.g. `Path::root("post")`.
pub fn post(message: Option<v1::Post>, at: Path<'_>) -> Result<Post, InvalidContent> {
    let mut check = Check::default();
    let Some(message) = message else {
        check.violation(at, "is required");
        return check.finish(at, Post::default());
    };
    post::check(&mut check, at, &message);
    check.finish(at, message).map(post::convert)
}

/// The number of items of a batch: 1..=1000.
pub fn batch_size(at: Path<'_>, items: usize) -> Result<(), InvalidContent> {
    let mut check = Check::default();
    check.require(items > 0, at, format_args!("is required; 1 to {BATCH_ITEMS} items"));
    check.entries(at, items, BATCH_ITEMS);
    check.finish(at, ())
}

/// The caller's name for an item of a stream: at most 256 bytes.
pub fn correlation_id(id: &str) -> Result<(), InvalidContent> {
    let mut check = Check::default();
    let at = Path::root("correlation_id");
    check.text(at, id, 256);
    check.finish(at, ())
}

/// Which signals are asked for: one area or all, and how many at most.
pub fn signal_filter(request: &v1::ListSignalsRequest) -> Result<(Option<RiskArea>, usize), InvalidContent> {
    let mut check = Check::default();
    check.known::<v1::RiskArea>(Path::root("area"), request.area);
    let size = request.page_size;
    check.require((0..=1000).contains(&size), Path::root("page_size"), format_args!("is {size}; allowed are 0..1000"));
    check.finish(Path::root("request"), ())?;
    let area = RiskArea::ALL.into_iter().find(|area| to_proto::area(*area) == request.area());
    let size = if size == 0 { 100 } else { usize::try_from(size).unwrap_or(100) };
    Ok((area, size))
}

#[cfg(test)]
mod tests;

//! Redirects that callers know, and whose promotions are asked for.
//!
//! Not here: following links (`promotion/`). Kept true: the limits are those that `promotion_service.proto` documents.

use super::BATCH_ITEMS;
use super::check::{Check, Path};
use crate::domain::{InvalidContent, Subject, SubjectKind};
use crate::wire::v1;

/// Longest link, bytes.
const LINK: usize = 2048;

/// Links and where they lead.
pub fn links(request: v1::ReportLinksRequest) -> Result<Vec<(String, String)>, InvalidContent> {
    let (mut check, at) = (Check::default(), Path::root("links"));
    check.require(!request.links.is_empty(), at, format_args!("is required; 1 to {BATCH_ITEMS} links"));
    let look = check.entries(at, request.links.len(), BATCH_ITEMS);
    for (position, one) in request.links.iter().enumerate().take(look) {
        let at = at.item(position);
        for (field, text) in [("link", &one.link), ("target", &one.target)] {
            check.require(!text.is_empty(), at.field(field), format_args!("is required"));
            check.text(at.field(field), text, LINK);
        }
    }
    check.finish(at, ())?;
    Ok(request.links.into_iter().map(|one| (one.link, one.target)).collect())
}

/// Whose promotions, how many of them (1..=1000, 0 = 100), and from where on.
pub fn promotions(request: v1::ListPromotionsRequest) -> Result<(Subject, usize, String), InvalidContent> {
    let mut check = Check::default();
    let v1::ListPromotionsRequest { creator_id, listing_id, page_size, page_token } = request;
    let (kind, id, field) = match (creator_id.is_empty(), listing_id.is_empty()) {
        (_, true) => (SubjectKind::Creator, creator_id, "creator_id"),
        (true, false) => (SubjectKind::Listing, listing_id, "listing_id"),
        (false, false) => {
            check.violation(Path::root("listing_id"), "stands beside creator_id; give one of them");
            (SubjectKind::Creator, creator_id, "creator_id")
        }
    };
    check.id(Path::root(field), &id);
    let page = Path::root("page_size");
    check.require((0..=1000).contains(&page_size), page, format_args!("is {page_size}; allowed are 0..1000"));
    check.text(Path::root("page_token"), &page_token, 256);
    check.finish(Path::root("request"), ())?;
    let size = if page_size == 0 { 100 } else { usize::try_from(page_size).unwrap_or(100) };
    Ok((Subject { kind, id }, size, page_token))
}

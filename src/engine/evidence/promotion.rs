//! Evidence that lies in other content: what a post says of the listing, and the way from the one to the other.
//!
//! Not here: which claims contradict what (`facts/promotion.rs`). Kept true: such evidence names the content in which it lies, and
//! its span slices the field of *that* content.

use super::state;
use crate::domain::{ByteSpan, Evidence, Mention, Promotions, Subject, SubjectKind};

/// The characters of a post that claim something.
pub(super) fn claim(promotions: &Promotions, mention: u8, claim: u8, fact: &str) -> Option<Evidence> {
    let mention = promotions.mentions.get(usize::from(mention))?;
    let claim = mention.claims.claims.get(usize::from(claim))?;
    Some(Evidence {
        span: claim.span,
        original_text: claim.original_text.clone(),
        folded_text: claim.key.clone(),
        related_subject: Some(post(mention)),
        ..state(&claim.field_path, fact)
    })
}

/// Where the post leads to the listing.
pub(super) fn path(promotions: &Promotions, mention: u8, fact: &str) -> Option<Evidence> {
    let mention = promotions.mentions.get(usize::from(mention))?;
    let (original, folded) = match mention.link.as_str() {
        "" => (&mention.listing_id, &mention.listing_id),
        _ => (&mention.link, &mention.listing_id),
    };
    let named = mention.path.starts_with("links[") || mention.path.starts_with("promoted_listing_ids[");
    let end = if named { u32::try_from(original.len()).unwrap_or(u32::MAX) } else { 0 };
    Some(Evidence {
        span: ByteSpan::new(0, end),
        original_text: original.clone(),
        folded_text: folded.clone(),
        related_subject: Some(post(mention)),
        ..state(&mention.path, fact)
    })
}

/// Who promotes it, or whose listing it promotes.
pub(super) fn party(promotions: &Promotions, at: u8, fact: &str) -> Option<Evidence> {
    let party = promotions.parties.get(usize::from(at))?;
    let path = if party.subject.kind == SubjectKind::Creator { "creator_id" } else { "seller_id" };
    Some(Evidence { related_subject: Some(party.subject.clone()), ..state(path, fact) })
}

/// A listing at risk that the post promotes.
pub(super) fn promoted(promotions: &Promotions, at: u8, fact: &str) -> Option<Evidence> {
    let listing = promotions.listings.get(usize::from(at))?;
    Some(Evidence {
        original_text: listing.listing_id.clone(),
        folded_text: listing.area.as_str().to_owned(),
        related_subject: Some(Subject { kind: SubjectKind::Listing, id: listing.listing_id.clone() }),
        ..state(&listing.path, fact)
    })
}

fn post(mention: &Mention) -> Subject {
    Subject { kind: SubjectKind::Post, id: mention.post_id.clone() }
}

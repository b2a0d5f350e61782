//! Mentions and promotions, field by field.
//!
//! Not here: what the fields mean (`domain/promotion.rs`). Kept true: the order of fields never changes within a version.

use std::sync::Arc;

use super::{Canonical, Malformed, Reader, in_order};
use crate::domain::{Claim, Claims, Mention, PartyRate, PromotedListing, Promotions};

in_order! {
    Claim { kind, key, field_path, span, original_text }
    Claims { claims, prices, told, risk, area }
    Mention { mention_id, post_id, creator_id, listing_id, path, link, promotes, at, claims }
    PromotedListing { listing_id, seller_id, path, risk, area, at }
    PartyRate { subject, lower }
    Promotions { mentions, posts, creators, listings, parties }
}

impl<T: Canonical> Canonical for Arc<T> {
    fn write(&self, to: &mut Vec<u8>) {
        T::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::read(from).map(Arc::new)
    }
}

impl<T: Canonical> Canonical for Box<T> {
    fn write(&self, to: &mut Vec<u8>) {
        T::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        T::read(from).map(Box::new)
    }
}

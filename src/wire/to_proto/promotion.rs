//! Promotions, as they are remembered.
//!
//! Not here: the way in (`from_proto/promotion.rs`). Kept true: a claim keeps the place of its characters.

use super::content::money;
use super::{area, timestamp};
use crate::domain::{Claim, ClaimKind, Mention};
use crate::wire::v1;

/// A mention.
pub fn promotion(mention: &Mention) -> v1::Promotion {
    let claims = &mention.claims;
    v1::Promotion {
        post_id: mention.post_id.clone(),
        creator_id: mention.creator_id.clone(),
        listing_id: mention.listing_id.clone(),
        field_path: mention.path.clone(),
        link: mention.link.clone(),
        promoted_at: Some(timestamp(mention.at)),
        claims: claims.claims.iter().map(claim).collect(),
        prices: claims.prices.iter().cloned().map(money).collect(),
        post_risk: claims.risk.get(),
        post_area: claims.area.map_or(v1::RiskArea::Unspecified, area).into(),
    }
}

fn claim(claim: &Claim) -> v1::PromotionClaim {
    v1::PromotionClaim {
        kind: kind(claim.kind).into(),
        key: claim.key.clone(),
        field_path: claim.field_path.clone(),
        start_byte: claim.span.start(),
        end_byte: claim.span.end(),
        original_text: claim.original_text.clone(),
    }
}

const fn kind(kind: ClaimKind) -> v1::ClaimKind {
    match kind {
        ClaimKind::Brand => v1::ClaimKind::Brand,
        ClaimKind::Product => v1::ClaimKind::Product,
        ClaimKind::Choice => v1::ClaimKind::Choice,
        ClaimKind::Tell => v1::ClaimKind::Tell,
        ClaimKind::Quote => v1::ClaimKind::Quote,
    }
}

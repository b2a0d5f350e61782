//! Posts: signs of remuneration and what is known about the audience.
//!
//! Not here: disclosure (`disclosure.rs`). Kept true: an affiliate link counts as a sign whether or not the pack
//! counts such links.

use super::links::Affiliate;
use super::{Place, Recorder};
use crate::domain::{Post, Relationship};
use crate::policy::Fact;

pub(super) fn collect(post: &Post, affiliate: Affiliate, record: &mut Recorder<'_>) {
    let remunerated = matches!(
        post.relationship,
        Relationship::Affiliate | Relationship::Paid | Relationship::Gifted | Relationship::OwnBrand
    );
    let signs = [
        (remunerated, Place::State("relationship")),
        (!post.discount_codes.is_empty(), Place::State("discount_codes")),
        (post.is_advertisement, Place::State("is_advertisement")),
    ];
    for (_, place) in signs.iter().filter(|(holds, _)| *holds) {
        record.place(Fact::Commercial, *place);
    }
    if let Some(place) = affiliate.first {
        record.place(Fact::Commercial, place);
    }
    record.flag(Fact::Commercial, affiliate.first.is_some() || signs.iter().any(|(holds, _)| *holds));
    record.text(Fact::RelationshipName, relationship(post.relationship));
    record.count(Fact::PromotedCount, post.promoted_listing_ids.len());
    record.count(Fact::DiscountCodes, post.discount_codes.len());
    record.number(Fact::MinimumAge, f64::from(post.minimum_age.max(0)));
    record.flag(Fact::IsAdvertisement, post.is_advertisement);
    record.flag(Fact::IsPolitical, post.is_political);
    record.flag(Fact::HasSponsor, !post.sponsor.trim().is_empty());
    record.count(Fact::Hashtags, post.hashtags.len());
    record.count(Fact::TargetingCount, post.targeting.len());
    record.number(Fact::FollowerCount, post.follower_count.max(0) as f64);
}

/// As conditions write it.
pub(crate) const fn relationship(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Unspecified => "",
        Relationship::None => "none",
        Relationship::Affiliate => "affiliate",
        Relationship::Paid => "paid",
        Relationship::Gifted => "gifted",
        Relationship::OwnBrand => "own_brand",
    }
}

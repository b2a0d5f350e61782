//! Posts.
//!
//! Not here: the parts that listings have too. Kept true: the limits are those that `content.proto` documents.

use super::check::{Check, ListLimit, Path};
use super::parts;
use crate::domain::{Post, Relationship, TargetingCriterion};
use crate::wire::v1;

const HASHTAGS: ListLimit = ListLimit { entries: 128, bytes: 256 };
const DISCOUNT_CODES: ListLimit = ListLimit { entries: 32, bytes: 128 };
const PROMOTED: usize = 64;
/// Most targeting criteria.
pub(super) const TARGETING: usize = 128;

pub(super) fn check(check: &mut Check, at: Path<'_>, post: &v1::Post) {
    check.id(at.field("post_id"), &post.post_id);
    check.id(at.field("creator_id"), &post.creator_id);
    check.text(at.field("platform"), &post.platform, 128);
    check.text(at.field("text"), &post.text, 64 << 10);
    check.texts(at.field("hashtags"), &post.hashtags, HASHTAGS);
    check.texts(at.field("links"), &post.links, parts::LINKS);
    check_promoted(check, at.field("promoted_listing_ids"), &post.promoted_listing_ids);
    parts::check_media(check, at.field("media"), &post.media);
    check.known::<v1::Relationship>(at.field("relationship"), post.relationship);
    check.texts(at.field("discount_codes"), &post.discount_codes, DISCOUNT_CODES);
    check_age(check, at.field("minimum_age"), post.minimum_age);
    check_targeting(check, at.field("targeting"), &post.targeting);
    check.text(at.field("sponsor"), &post.sponsor, 512);
    check.language(at.field("language_code"), &post.language_code);
    check.timestamp(at.field("published_at"), post.published_at.as_ref());
    let followers = post.follower_count;
    check.require(followers >= 0, at.field("follower_count"), format_args!("is {followers}; at least 0"));
}

fn check_promoted(check: &mut Check, at: Path<'_>, ids: &[String]) {
    let look = check.entries(at, ids.len(), PROMOTED);
    for (position, id) in ids.iter().enumerate().take(look) {
        check.id(at.item(position), id);
    }
}

pub(super) fn check_age(check: &mut Check, at: Path<'_>, age: i32) {
    check.require((0..=120).contains(&age), at, format_args!("is {age}; allowed are 0..120"));
}

pub(super) fn check_targeting(check: &mut Check, at: Path<'_>, criteria: &[v1::TargetingCriterion]) {
    let look = check.entries(at, criteria.len(), TARGETING);
    for (position, criterion) in criteria.iter().enumerate().take(look) {
        let at = at.item(position);
        check.text(at.field("attribute"), &criterion.attribute, 256);
        check.text(at.field("value"), &criterion.value, 1 << 10);
    }
}

pub(super) fn convert(post: v1::Post) -> Post {
    Post {
        relationship: convert_relationship(post.relationship()),
        post_id: post.post_id,
        creator_id: post.creator_id,
        platform: post.platform,
        text: post.text,
        hashtags: post.hashtags,
        links: post.links,
        promoted_listing_ids: post.promoted_listing_ids,
        media: post.media.into_iter().map(parts::convert_media).collect(),
        disclosure_label: post.disclosure_label,
        discount_codes: post.discount_codes,
        minimum_age: post.minimum_age,
        ai_generated_label: post.ai_generated_label,
        targeting: post.targeting.into_iter().map(convert_criterion).collect(),
        is_advertisement: post.is_advertisement,
        sponsor: post.sponsor,
        language_code: post.language_code,
        published_at: post.published_at.map(parts::convert_timestamp),
        follower_count: post.follower_count,
        is_political: post.is_political,
    }
}

fn convert_relationship(relationship: v1::Relationship) -> Relationship {
    match relationship {
        v1::Relationship::Unspecified => Relationship::Unspecified,
        v1::Relationship::None => Relationship::None,
        v1::Relationship::Affiliate => Relationship::Affiliate,
        v1::Relationship::Paid => Relationship::Paid,
        v1::Relationship::Gifted => Relationship::Gifted,
        v1::Relationship::OwnBrand => Relationship::OwnBrand,
    }
}

pub(super) fn convert_criterion(criterion: v1::TargetingCriterion) -> TargetingCriterion {
    let v1::TargetingCriterion { attribute, value } = criterion;
    TargetingCriterion { attribute, value }
}

//! Listings and posts, field by field.
//!
//! Not here: what the fields mean (`domain/content.rs`). Kept true: the order of fields never changes within a version; content
//! digests that others have kept stay good.

use super::{Canonical, Malformed, Reader, in_order};
use crate::domain::{
    Content, Listing, Media, Money, Post, ProductSafety, TargetingCriterion, TraderInformation, Variant,
};

in_order! {
    Money { currency_code, units, nanos }
    Media { url, alt_text, ocr_text, sha256, pdq_hash, provenance, depicts_real_person }
    TraderInformation {
        name, address, email, phone, register_number, self_certified, verified, pharmacy_licence, country_code,
    }
    ProductSafety {
        manufacturer_name, manufacturer_contact, responsible_person_name, responsible_person_contact, warnings,
        ingredients, ce_marked, registration_number,
    }
    Variant { name, price, attributes }
    Listing {
        listing_id, seller_id, title, description, category_path, brand, gtin, price, reference_price, attributes,
        variants, images, links, ships_from_country, target_countries, language_code, age_restricted, trader,
        product_safety, created_at,
    }
    TargetingCriterion { attribute, value }
    Post [is_political] {
        post_id, creator_id, platform, text, hashtags, links, promoted_listing_ids, media, relationship,
        disclosure_label, discount_codes, minimum_age, ai_generated_label, targeting, is_advertisement, sponsor,
        language_code, published_at, follower_count,
    }
}

impl Canonical for Content {
    fn write(&self, to: &mut Vec<u8>) {
        match self {
            Content::Listing(listing) => {
                to.push(1);
                listing.write(to);
            }
            Content::Post(post) => {
                to.push(if post.is_political { 3 } else { 2 });
                post.write(to);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::read(from)? {
            1 => Listing::read(from).map(Content::Listing),
            2 => Post::read(from).map(Content::Post),
            3 => Post::read(from).map(|post| Content::Post(Post { is_political: true, ..post })),
            _ => Err(Malformed),
        }
    }
}

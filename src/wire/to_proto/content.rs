//! Listings and posts, as they were sent.
//!
//! Not here: the way in (`from_proto/`). Kept true: what went in through `from_proto` comes out equal.

use super::timestamp;
use crate::domain::{
    Listing, Media, Money, Post, ProductSafety, Provenance, Relationship, TargetingCriterion, TraderInformation,
    Variant,
};
use crate::wire::v1;

pub(super) fn listing(listing: Listing) -> v1::Listing {
    v1::Listing {
        listing_id: listing.listing_id,
        seller_id: listing.seller_id,
        title: listing.title,
        description: listing.description,
        category_path: listing.category_path,
        brand: listing.brand,
        gtin: listing.gtin,
        price: listing.price.map(money),
        reference_price: listing.reference_price.map(money),
        attributes: listing.attributes,
        variants: listing.variants.into_iter().map(variant).collect(),
        images: listing.images.into_iter().map(media).collect(),
        links: listing.links,
        ships_from_country: listing.ships_from_country,
        target_countries: listing.target_countries,
        language_code: listing.language_code,
        age_restricted: listing.age_restricted,
        trader: listing.trader.map(trader),
        product_safety: listing.product_safety.map(safety),
        created_at: listing.created_at.map(timestamp),
    }
}

pub(super) fn post(post: Post) -> v1::Post {
    v1::Post {
        post_id: post.post_id,
        creator_id: post.creator_id,
        platform: post.platform,
        text: post.text,
        hashtags: post.hashtags,
        links: post.links,
        promoted_listing_ids: post.promoted_listing_ids,
        media: post.media.into_iter().map(media).collect(),
        relationship: relationship(post.relationship).into(),
        disclosure_label: post.disclosure_label,
        discount_codes: post.discount_codes,
        minimum_age: post.minimum_age,
        ai_generated_label: post.ai_generated_label,
        targeting: post.targeting.into_iter().map(criterion).collect(),
        is_advertisement: post.is_advertisement,
        sponsor: post.sponsor,
        language_code: post.language_code,
        published_at: post.published_at.map(timestamp),
        follower_count: post.follower_count,
        is_political: post.is_political,
    }
}

pub(super) fn money(money: Money) -> v1::Money {
    let Money { currency_code, units, nanos } = money;
    v1::Money { currency_code, units, nanos }
}

fn variant(variant: Variant) -> v1::Variant {
    let Variant { name, price, attributes } = variant;
    v1::Variant { name, price: price.map(money), attributes }
}

fn media(media: Media) -> v1::Media {
    v1::Media {
        url: media.url,
        alt_text: media.alt_text,
        ocr_text: media.ocr_text,
        sha256: media.sha256,
        pdq_hash: media.pdq_hash,
        provenance: provenance(media.provenance).into(),
        depicts_real_person: media.depicts_real_person,
    }
}

fn trader(trader: TraderInformation) -> v1::TraderInformation {
    v1::TraderInformation {
        name: trader.name,
        address: trader.address,
        email: trader.email,
        phone: trader.phone,
        register_number: trader.register_number,
        self_certified: trader.self_certified,
        verified: trader.verified,
        pharmacy_licence: trader.pharmacy_licence,
        country_code: trader.country_code,
    }
}

fn safety(safety: ProductSafety) -> v1::ProductSafety {
    v1::ProductSafety {
        manufacturer_name: safety.manufacturer_name,
        manufacturer_contact: safety.manufacturer_contact,
        responsible_person_name: safety.responsible_person_name,
        responsible_person_contact: safety.responsible_person_contact,
        warnings: safety.warnings,
        ingredients: safety.ingredients,
        ce_marked: safety.ce_marked,
        registration_number: safety.registration_number,
    }
}

fn criterion(criterion: TargetingCriterion) -> v1::TargetingCriterion {
    let TargetingCriterion { attribute, value } = criterion;
    v1::TargetingCriterion { attribute, value }
}

const fn provenance(provenance: Provenance) -> v1::Provenance {
    match provenance {
        Provenance::Unspecified => v1::Provenance::Unspecified,
        Provenance::Camera => v1::Provenance::Camera,
        Provenance::AiGenerated => v1::Provenance::AiGenerated,
        Provenance::AiEdited => v1::Provenance::AiEdited,
        Provenance::C2paVerified => v1::Provenance::C2paVerified,
    }
}

const fn relationship(relationship: Relationship) -> v1::Relationship {
    match relationship {
        Relationship::Unspecified => v1::Relationship::Unspecified,
        Relationship::None => v1::Relationship::None,
        Relationship::Affiliate => v1::Relationship::Affiliate,
        Relationship::Paid => v1::Relationship::Paid,
        Relationship::Gifted => v1::Relationship::Gifted,
        Relationship::OwnBrand => v1::Relationship::OwnBrand,
    }
}

//! Listings and their variants.
//!
//! Not here: the parts that posts have too. Kept true: the limits are those that `content.proto` documents.

use super::check::{Check, ListLimit, MapLimit, Path};
use super::parts;
use crate::domain::{Listing, Variant};
use crate::wire::v1;

const ATTRIBUTES: MapLimit = MapLimit { entries: 64, key: 128, value: 4 << 10 };
const VARIANT_ATTRIBUTES: MapLimit = MapLimit { entries: 32, key: 128, value: 1 << 10 };
const VARIANTS: usize = 256;
const TARGET_COUNTRIES: usize = 64;

pub(super) fn check(check: &mut Check, at: Path<'_>, listing: &v1::Listing) {
    check.id(at.field("listing_id"), &listing.listing_id);
    check.id(at.field("seller_id"), &listing.seller_id);
    check.text(at.field("title"), &listing.title, 1 << 10);
    check.text(at.field("description"), &listing.description, 64 << 10);
    check.texts(at.field("category_path"), &listing.category_path, ListLimit { entries: 16, bytes: 256 });
    check.text(at.field("brand"), &listing.brand, 256);
    check_gtin(check, at.field("gtin"), &listing.gtin);
    check_prices(check, at, listing);
    check.map(at.field("attributes"), &listing.attributes, ATTRIBUTES);
    check_variants(check, at.field("variants"), &listing.variants);
    parts::check_media(check, at.field("images"), &listing.images);
    check.texts(at.field("links"), &listing.links, parts::LINKS);
    check.country(at.field("ships_from_country"), &listing.ships_from_country);
    check_countries(check, at.field("target_countries"), &listing.target_countries);
    check.language(at.field("language_code"), &listing.language_code);
    parts::check_trader(check, at.field("trader"), listing.trader.as_ref());
    parts::check_safety(check, at.field("product_safety"), listing.product_safety.as_ref());
    check.timestamp(at.field("created_at"), listing.created_at.as_ref());
}

/// A wrong check digit is a fact about the offer, not an error of the caller; anything but digits is an error.
fn check_gtin(check: &mut Check, at: Path<'_>, gtin: &str) {
    let digits = gtin.bytes().all(|byte| byte.is_ascii_digit());
    let fits = gtin.is_empty() || (digits && matches!(gtin.len(), 8 | 12 | 13 | 14));
    check.require(fits, at, format_args!("is no GTIN; 8, 12, 13 or 14 digits"));
}

fn check_prices(check: &mut Check, at: Path<'_>, listing: &v1::Listing) {
    parts::check_money(check, at.field("price"), listing.price.as_ref());
    let reference = at.field("reference_price");
    parts::check_money(check, reference, listing.reference_price.as_ref());
    if let (Some(price), Some(usual)) = (&listing.price, &listing.reference_price) {
        let same = price.currency_code == usual.currency_code;
        check.require(same, reference.field("currency_code"), format_args!("is not the currency of the price"));
    }
}

fn check_variants(check: &mut Check, at: Path<'_>, variants: &[v1::Variant]) {
    let look = check.entries(at, variants.len(), VARIANTS);
    for (position, variant) in variants.iter().enumerate().take(look) {
        let at = at.item(position);
        check.text(at.field("name"), &variant.name, 512);
        parts::check_money(check, at.field("price"), variant.price.as_ref());
        check.map(at.field("attributes"), &variant.attributes, VARIANT_ATTRIBUTES);
    }
}

fn check_countries(check: &mut Check, at: Path<'_>, countries: &[String]) {
    let look = check.entries(at, countries.len(), TARGET_COUNTRIES);
    for (position, code) in countries.iter().enumerate().take(look) {
        let at = at.item(position);
        check.require(!code.is_empty(), at, format_args!("is empty"));
        check.country(at, code);
    }
}

pub(super) fn convert(listing: v1::Listing) -> Listing {
    Listing {
        listing_id: listing.listing_id,
        seller_id: listing.seller_id,
        title: listing.title,
        description: listing.description,
        category_path: listing.category_path,
        brand: listing.brand,
        gtin: listing.gtin,
        price: listing.price.map(parts::convert_money),
        reference_price: listing.reference_price.map(parts::convert_money),
        attributes: listing.attributes,
        variants: listing.variants.into_iter().map(convert_variant).collect(),
        images: listing.images.into_iter().map(parts::convert_media).collect(),
        links: listing.links,
        ships_from_country: listing.ships_from_country,
        target_countries: listing.target_countries,
        language_code: listing.language_code,
        age_restricted: listing.age_restricted,
        trader: listing.trader.map(parts::convert_trader),
        product_safety: listing.product_safety.map(parts::convert_safety),
        created_at: listing.created_at.map(parts::convert_timestamp),
    }
}

fn convert_variant(variant: v1::Variant) -> Variant {
    let v1::Variant { name, price, attributes } = variant;
    Variant { name, price: price.map(parts::convert_money), attributes }
}

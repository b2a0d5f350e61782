//! Money, media, trader information, product safety and times: what listings and posts are made of.
//!
//! Not here: which of them a listing or post has. Kept true: `check_*` only looks, `convert_*` only moves.

use super::check::{Check, ListLimit, Path};
use super::codes;
use crate::domain::{Media, Money, ProductSafety, Provenance, Timestamp, TraderInformation};
use crate::wire::v1;

/// Links: so many, each of so many bytes.
pub(super) const LINKS: ListLimit = ListLimit { entries: 64, bytes: 2048 };
const MEDIA: usize = 32;

pub(super) fn check_money(check: &mut Check, at: Path<'_>, money: Option<&v1::Money>) {
    let Some(money) = money else { return };
    let v1::Money { currency_code, units, nanos } = money;
    let currency = codes::is_currency(currency_code);
    check.require(currency, at.field("currency_code"), format_args!("is no ISO 4217 code (e.g. \"EUR\")"));
    let range = (-999_999_999..=999_999_999).contains(nanos);
    check.require(range, at.field("nanos"), format_args!("is {nanos}; allowed are -999999999..999999999"));
    let one_sign = units.signum() * i64::from(nanos.signum()) >= 0;
    check.require(one_sign, at.field("nanos"), format_args!("has another sign than units"));
}

pub(super) fn convert_money(money: v1::Money) -> Money {
    let v1::Money { currency_code, units, nanos } = money;
    Money { currency_code, units, nanos }
}

pub(super) fn check_media(check: &mut Check, at: Path<'_>, media: &[v1::Media]) {
    let look = check.entries(at, media.len(), MEDIA);
    for (position, one) in media.iter().enumerate().take(look) {
        let at = at.item(position);
        check_url(check, at.field("url"), &one.url);
        check.text(at.field("alt_text"), &one.alt_text, 4 << 10);
        check.text(at.field("ocr_text"), &one.ocr_text, 16 << 10);
        check.hash(at.field("sha256"), &one.sha256);
        check.hash(at.field("pdq_hash"), &one.pdq_hash);
        check.known::<v1::Provenance>(at.field("provenance"), one.provenance);
    }
}

/// Nothing, or a scheme, a colon and more. Media are named, never fetched, so a stricter reading would only lose items.
fn check_url(check: &mut Check, at: Path<'_>, url: &str) {
    check.text(at, url, 2048);
    let absolute = url.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !rest.is_empty()
    });
    check.require(url.is_empty() || absolute, at, format_args!("is no absolute URL (e.g. \"https://…\")"));
}

pub(super) fn convert_media(media: v1::Media) -> Media {
    let provenance = match media.provenance() {
        v1::Provenance::Unspecified => Provenance::Unspecified,
        v1::Provenance::Camera => Provenance::Camera,
        v1::Provenance::AiGenerated => Provenance::AiGenerated,
        v1::Provenance::AiEdited => Provenance::AiEdited,
        v1::Provenance::C2paVerified => Provenance::C2paVerified,
    };
    let v1::Media { url, alt_text, ocr_text, sha256, pdq_hash, provenance: _, depicts_real_person } = media;
    Media { url, alt_text, ocr_text, sha256, pdq_hash, provenance, depicts_real_person }
}

pub(super) fn check_trader(check: &mut Check, at: Path<'_>, trader: Option<&v1::TraderInformation>) {
    let Some(trader) = trader else { return };
    check.text(at.field("name"), &trader.name, 512);
    check.text(at.field("address"), &trader.address, 1 << 10);
    check.text(at.field("email"), &trader.email, 320);
    check.text(at.field("phone"), &trader.phone, 64);
    check.text(at.field("register_number"), &trader.register_number, 256);
    check.text(at.field("pharmacy_licence"), &trader.pharmacy_licence, 256);
    check.country(at.field("country_code"), &trader.country_code);
}

pub(super) fn convert_trader(trader: v1::TraderInformation) -> TraderInformation {
    TraderInformation {
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

pub(super) fn check_safety(check: &mut Check, at: Path<'_>, safety: Option<&v1::ProductSafety>) {
    let Some(safety) = safety else { return };
    check.text(at.field("manufacturer_name"), &safety.manufacturer_name, 512);
    check.text(at.field("manufacturer_contact"), &safety.manufacturer_contact, 1 << 10);
    check.text(at.field("responsible_person_name"), &safety.responsible_person_name, 512);
    check.text(at.field("responsible_person_contact"), &safety.responsible_person_contact, 1 << 10);
    check.texts(at.field("warnings"), &safety.warnings, ListLimit { entries: 32, bytes: 4 << 10 });
    check.text(at.field("ingredients"), &safety.ingredients, 16 << 10);
    check.text(at.field("registration_number"), &safety.registration_number, 256);
}

pub(super) fn convert_safety(safety: v1::ProductSafety) -> ProductSafety {
    ProductSafety {
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

pub(super) fn convert_timestamp(timestamp: pbjson_types::Timestamp) -> Timestamp {
    // `check` has seen that nanos are not negative.
    Timestamp { seconds: timestamp.seconds, nanos: timestamp.nanos.unsigned_abs() }
}

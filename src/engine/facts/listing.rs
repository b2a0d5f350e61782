//! What an item is and which of its fields are filled, GTINs, and brands that the brand field does not name.
//!
//! Not here: prices, variants, media (files of their own). Kept true: a brand that the field names in any spelling of
//! the same term is named.

use super::countries::outside_eu;
use super::trader::blank;
use super::{HitSheet, Place, Recorder, diagnostic};
use crate::domain::{Content, Field};
use crate::engine::normalise::Item;
use crate::matching::Hit;
use crate::policy::{Fact, Roles, Scope};

/// The age from which a post counts as shown to adults only.
const ADULT: i32 = 18;

pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) {
    record.text(Fact::Language, &item.language());
    record.count(Fact::Words, item.document.tokens().len());
    match item.content {
        Content::Listing(listing) => {
            record.flag(Fact::IsListing, true);
            record.flag(Fact::AgeRestricted, listing.age_restricted);
            record.flag(Fact::HasDescription, !blank(&listing.description));
            record.flag(Fact::HasCategory, listing.category_path.iter().any(|step| !blank(step)));
            record.flag(Fact::HasBrand, !blank(&listing.brand));
            record.flag(Fact::ShipsFromOutsideEu, outside_eu(&listing.ships_from_country));
            record.count(Fact::ImageCount, listing.images.len());
            gtin(&listing.gtin, record);
        }
        Content::Post(post) => {
            record.flag(Fact::IsPost, true);
            record.flag(Fact::AgeRestricted, post.minimum_age >= ADULT);
            record.count(Fact::ImageCount, post.media.len());
        }
    }
}

fn gtin(gtin: &str, record: &mut Recorder<'_>) {
    let gtin = gtin.trim();
    if gtin.is_empty() || !record.wants_any(&[Fact::GtinPresent, Fact::GtinInvalid]) {
        return;
    }
    record.flag(Fact::GtinPresent, true);
    if gtin_shaped(gtin) {
        record.flag(Fact::GtinInvalid, !check_digit_holds(gtin));
    } else {
        let message = "not 8, 12, 13 or 14 digits; gtin.invalid was not computed";
        record.diagnose(diagnostic("gtin-shape", message, "gtin"));
    }
}

/// True if the text has the length of a GTIN and digits only.
pub(super) fn gtin_shaped(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The check digit of GS1: weights 3 and 1 alternate from the right, starting beside the check digit.
pub(super) fn check_digit_holds(digits: &str) -> bool {
    let sum: u32 =
        digits.bytes().rev().zip([1, 3].into_iter().cycle()).map(|(d, w)| u32::from(d.saturating_sub(b'0')) * w).sum();
    sum.is_multiple_of(10)
}

/// `brand_named.without_field`.
pub(super) fn brand(item: &Item<'_>, roles: &Roles, hits: &HitSheet, record: &mut Recorder<'_>) {
    let Some(role) = roles.brands.filter(|_| record.wants(Fact::BrandWithoutField)) else { return };
    let field = item.fields.iter().position(|source| source.field == Field::Brand);
    let folded_field = field
        .and_then(|at| item.document.fields().get(at))
        .and_then(|place| item.document.folded().get(place.folded.start as usize..place.folded.end as usize));
    let named = |hit: &Hit| {
        hits.in_scope(role, Scope::Brand).any(|(_, in_field)| in_field.term == hit.term)
            || folded_field.is_some_and(|folded| folded.contains(item.folded(hit.field, hit.original)))
    };
    let mut any = false;
    for (at, _) in hits.in_scope(role, Scope::Title).filter(|(_, hit)| !named(hit)) {
        any = true;
        record.place(Fact::BrandWithoutField, Place::Hit(at));
    }
    record.flag(Fact::BrandWithoutField, any);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_real_shapes_hold() {
        for good in ["4006381333931", "96385074", "036000291452", "10614141000415"] {
            assert!(gtin_shaped(good) && check_digit_holds(good), "{good}");
        }
        assert!(!check_digit_holds("4006381333930"));
    }

    #[test]
    fn other_texts_are_not_shaped_like_a_gtin() {
        for text in ["", "123456789", "40063813339x1", "400638133393112"] {
            assert!(!gtin_shaped(text), "{text}");
        }
    }
}

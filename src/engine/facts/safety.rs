//! Product-safety information: what GPSR (Regulation (EU) 2023/988) Art. 19 asks an offer to show and is not there.
//!
//! Not here: sector law. Kept true: nothing is missing where nothing was sent, nor in a category to which the
//! Regulation does not apply (role `gpsr_exempt`: food, medicines, antiques …, Art. 2).

use super::HitSheet;
use super::Recorder;
use super::countries::outside_eu;
use super::trader::{blank, record_missing};
use crate::domain::Listing;
use crate::policy::{Fact, Roles, Scope};

pub(super) fn collect(listing: &Listing, roles: &Roles, hits: &HitSheet, record: &mut Recorder<'_>) {
    let Some(safety) = &listing.product_safety else { return };
    record.flag(Fact::SafetyKnown, true);
    record.flag(Fact::SafetyCeMarked, safety.ce_marked);
    record.flag(Fact::SafetyHasIngredients, !blank(&safety.ingredients));
    record.flag(Fact::SafetyRegistered, !blank(&safety.registration_number));
    let exempt = roles.gpsr_exempt.is_some_and(|role| hits.in_scope(role, Scope::Category).next().is_some());
    if exempt || !record.wants(Fact::SafetyMissing) {
        return;
    }
    // Art. 19(b): a responsible person (Art. 16(1)) is named where the manufacturer is not established in the Union.
    // Where it is established is not sent; the trader's country and the country of dispatch stand for it.
    let trader_outside = listing.trader.as_ref().is_some_and(|trader| outside_eu(&trader.country_code));
    let outside = trader_outside || outside_eu(&listing.ships_from_country);
    let asked = [
        (blank(&safety.manufacturer_name), "product_safety.manufacturer_name"),
        (blank(&safety.manufacturer_contact), "product_safety.manufacturer_contact"),
        (outside && blank(&safety.responsible_person_name), "product_safety.responsible_person_name"),
        (outside && blank(&safety.responsible_person_contact), "product_safety.responsible_person_contact"),
        (safety.warnings.iter().all(|warning| blank(warning)), "product_safety.warnings"),
    ];
    record_missing(Fact::SafetyMissing, &asked, record);
}

//! Trader information: what DSA Art. 30(1) asks for and is not there.
//!
//! Not here: whether the platform had to ask (a signal's condition). Kept true: nothing is missing where nothing was
//! sent: a caller who does not know must not make every trader suspicious.

use super::countries::outside_eu;
use super::{Place, Recorder};
use crate::domain::Listing;
use crate::policy::Fact;

pub(super) fn collect(listing: &Listing, record: &mut Recorder<'_>) {
    let Some(trader) = &listing.trader else { return };
    record.flag(Fact::TraderKnown, true);
    record.flag(Fact::TraderVerified, trader.verified);
    record.flag(Fact::TraderSelfCertified, trader.self_certified);
    record.flag(Fact::TraderPharmacyLicence, !blank(&trader.pharmacy_licence));
    record.flag(Fact::TraderOutsideEu, outside_eu(&trader.country_code));
    if !record.wants(Fact::TraderMissing) {
        return;
    }
    // Letters of Art. 30(1): (a) name, address, telephone number, e-mail; (d) trade register; (e) self-certification.
    // (b) and (c), the identity document and the payment account, never reach this service.
    let asked = [
        (blank(&trader.name), "trader.name"),
        (blank(&trader.address), "trader.address"),
        (blank(&trader.email), "trader.email"),
        (blank(&trader.phone), "trader.phone"),
        (blank(&trader.register_number), "trader.register_number"),
        (!trader.self_certified, "trader.self_certified"),
    ];
    record_missing(Fact::TraderMissing, &asked, record);
}

/// Counts and places the fields that are missing.
pub(super) fn record_missing(fact: Fact, asked: &[(bool, &'static str)], record: &mut Recorder<'_>) {
    record.count(fact, asked.iter().filter(|(missing, _)| *missing).count());
    for (_, path) in asked.iter().filter(|(missing, _)| *missing) {
        record.place(fact, Place::State(path));
    }
}

/// True if the text says nothing.
pub(super) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

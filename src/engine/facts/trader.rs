//! Trader information: what DSA Art. 30(1) asks for and is not there.
//!
//! A field filled with "n/a" or "xxxx" is as good as empty: forms that insist on an answer get one.
//!
//! Not here: whether the platform had to ask (a signal's condition); whether what is given is true. Kept true: nothing is
//! missing where nothing was sent: a caller who does not know must not make every trader suspicious.

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
        (placeholder(&trader.name), "trader.name"),
        (placeholder(&trader.address), "trader.address"),
        (placeholder(&trader.email) || !trader.email.contains('@'), "trader.email"),
        (placeholder(&trader.phone) || digits(&trader.phone) < PHONE_DIGITS, "trader.phone"),
        (placeholder(&trader.register_number), "trader.register_number"),
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

/// The shortest telephone numbers of the Union that reach a trader have five digits.
const PHONE_DIGITS: usize = 5;

/// What forms are filled with by those who will not say, in lower case and without punctuation.
const PLACEHOLDERS: [&str; 28] = [
    "na",
    "none",
    "nil",
    "null",
    "nothing",
    "unknown",
    "tbd",
    "tba",
    "todo",
    "test",
    "dummy",
    "asdf",
    "qwerty",
    "anonymous",
    "private",
    "privat",
    "hidden",
    "undefined",
    "keine",
    "keiner",
    "unbekannt",
    "aucun",
    "ninguno",
    "nessuno",
    "brak",
    "geen",
    "нет",
    "няма",
];

/// So many letters and digits have no placeholder but a sign that is repeated.
const ENOUGH: usize = 12;

/// True if the text is blank or only there because a form insists: no letter or digit, one sign repeated ("xxx", "0000"),
/// digits in their order ("123456"), or a word for nothing.
fn placeholder(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| c.is_alphanumeric());
    if signs.clone().nth(ENOUGH - 1).is_some() {
        return signs.next().is_some_and(|first| signs.all(|sign| sign.to_lowercase().eq(first.to_lowercase())));
    }
    let said: String = signs.flat_map(char::to_lowercase).collect();
    let mut signs = said.chars();
    let repeated = signs.next().is_some_and(|first| signs.clone().next().is_some() && signs.all(|sign| sign == first));
    said.is_empty()
        || repeated
        || "01234567890".contains(&said) && said.len() > 2
        || PLACEHOLDERS.contains(&said.as_str())
}

/// How many digits stand in the text.
fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// True if the text says nothing.
pub(super) fn blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_filled_in_says_nothing() {
        for text in [
            "",
            " ",
            "-",
            "N/A",
            "n. a.",
            "xxxx",
            "00000000",
            "12345678",
            "Unknown",
            "test",
            "keine",
            "…",
            "XxxxXXXXxxxxxxxxx",
        ] {
            assert!(placeholder(text), "{text:?}");
        }
        for text in [
            "x",
            "Ana",
            "Weg 1, 10115 Berlin",
            "Poste restante 1",
            "+49 30 123456",
            "HRB 1",
            "7",
            "12",
            "Нина",
            "xxxxxxxxxxxxxxxx1",
        ] {
            assert!(!placeholder(text), "{text:?}");
        }
    }

    #[test]
    fn a_telephone_number_has_digits_enough_to_reach_somebody() {
        assert!(digits("call me") < PHONE_DIGITS && digits("+1 2") < PHONE_DIGITS);
        assert!(digits("11 22 33") >= PHONE_DIGITS);
    }
}

//! Prices: known, amount, ratio to the usual price, spread over variants.
//!
//! Not here: converting currencies; prices in different currencies are not compared and say so. Kept true: a ratio is
//! positive and finite.

use super::{Place, Recorder, diagnostic};
use crate::domain::{Listing, Money};
use crate::policy::Fact;

pub(super) fn collect(listing: &Listing, record: &mut Recorder<'_>) {
    record.flag(Fact::PriceKnown, listing.price.is_some());
    if let Some(price) = &listing.price {
        record.number(Fact::PriceAmount, price.amount());
    }
    if record.wants(Fact::PriceRatio)
        && let (Some(price), Some(usual)) = (&listing.price, &listing.reference_price)
    {
        if !price.currency_code.eq_ignore_ascii_case(&usual.currency_code) {
            let message = "price and reference_price are in different currencies; price.ratio was not computed";
            record.diagnose(diagnostic("price-currencies-differ", message, "reference_price"));
        } else if let (Some(price), Some(usual)) = (positive(price), positive(usual)) {
            record.number(Fact::PriceRatio, price / usual);
            record.place(Fact::PriceRatio, Place::State("price"));
            record.place(Fact::PriceRatio, Place::State("reference_price"));
        }
    }
    if record.wants(Fact::VariantSpread) {
        spread(listing, record);
    }
}

/// Dearest over cheapest of the variants priced in the currency of the first one that is priced.
fn spread(listing: &Listing, record: &mut Recorder<'_>) {
    let mut cheapest: Option<(u16, f64)> = None;
    let mut dearest: Option<(u16, f64)> = None;
    let mut currency: Option<&str> = None;
    for (at, variant) in (0..).zip(&listing.variants) {
        let Some(price) = &variant.price else { continue };
        let Some(amount) = positive(price) else { continue };
        if !price.currency_code.eq_ignore_ascii_case(currency.get_or_insert(&price.currency_code)) {
            continue;
        }
        if cheapest.is_none_or(|(_, least)| amount < least) {
            cheapest = Some((at, amount));
        }
        if dearest.is_none_or(|(_, most)| amount > most) {
            dearest = Some((at, amount));
        }
    }
    if let (Some((low_at, low)), Some((high_at, high))) = (cheapest, dearest)
        && high > low
    {
        record.number(Fact::VariantSpread, high / low);
        record.place(Fact::VariantSpread, Place::VariantPrice(low_at));
        record.place(Fact::VariantSpread, Place::VariantPrice(high_at));
    }
}

fn positive(money: &Money) -> Option<f64> {
    let amount = money.amount();
    (amount > 0.0 && amount.is_finite()).then_some(amount)
}

//! Prices in running text: a number beside the sign or the word of a currency.
//!
//! Not here: what a price means. Kept true: a number without a currency is no price; at most `MOST` are kept, the first ones.

use crate::domain::Money;

/// Prices kept.
const MOST: usize = 4;

/// Signs and words, in lower case, with the currency. Longer ones first where one begins another.
const CURRENCIES: [(&str, &str); 34] = [
    ("€", "EUR"),
    ("euros", "EUR"),
    ("euroa", "EUR"),
    ("euro", "EUR"),
    ("eurot", "EUR"),
    ("eur", "EUR"),
    ("ευρώ", "EUR"),
    ("евро", "EUR"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("$", "USD"),
    ("usd", "USD"),
    ("złotych", "PLN"),
    ("zlotych", "PLN"),
    ("złote", "PLN"),
    ("zł", "PLN"),
    ("zl", "PLN"),
    ("pln", "PLN"),
    ("kč", "CZK"),
    ("kc", "CZK"),
    ("korun", "CZK"),
    ("czk", "CZK"),
    ("forint", "HUF"),
    ("huf", "HUF"),
    ("ft", "HUF"),
    ("lei", "RON"),
    ("ron", "RON"),
    ("лева", "BGN"),
    ("лв", "BGN"),
    ("bgn", "BGN"),
    ("sek", "SEK"),
    ("dkk", "DKK"),
    ("kronor", "SEK"),
    ("kroner", "DKK"),
];

/// The prices of a text, in order.
pub(super) fn of(text: &str) -> Vec<Money> {
    let mut prices = Vec::new();
    let mut rest = 0;
    while let Some(start) = text.get(rest..).and_then(|tail| tail.find(|c: char| c.is_ascii_digit())) {
        let start = rest + start;
        let tail = text.get(start..).unwrap_or_default();
        let length =
            tail.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '\u{a0}'))).unwrap_or(tail.len());
        let number = tail.get(..length).unwrap_or_default().trim_end_matches(['.', ',', '\u{a0}']);
        let after = tail.get(number.len()..).unwrap_or_default();
        let before = text.get(..start).unwrap_or_default();
        if let (Some(currency), Some((units, nanos))) = (currency(before, after), amount(number)) {
            prices.push(Money { currency_code: currency.to_owned(), units, nanos });
            if prices.len() == MOST {
                break;
            }
        }
        rest = start + length.max(1);
    }
    prices
}

/// The currency that stands right behind the number, or right before it.
fn currency(before: &str, after: &str) -> Option<&'static str> {
    let after = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let word = after.split(|c: char| !(c.is_alphabetic() || matches!(c, '€' | '£' | '$'))).next().unwrap_or_default();
    let word = word.to_lowercase();
    let before = before.trim_end_matches([' ', '\u{a0}']);
    let sign = before.chars().next_back().filter(|c| matches!(c, '€' | '£' | '$')).map(String::from);
    let named = |name: &str| CURRENCIES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    let begins = || word.chars().next().filter(|c| matches!(c, '€' | '£' | '$')).and_then(|c| named(&c.to_string()));
    named(&word).or_else(begins).or_else(|| sign.and_then(|sign| named(&sign)))
}

/// Whole units and billionths. The last point or comma counts as decimal if one or two digits follow.
fn amount(number: &str) -> Option<(i64, i32)> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (whole, fraction) = match number.rsplit_once(['.', ',']) {
        Some((whole, fraction)) if (1..=2).contains(&fraction.len()) => (digits(whole), digits(fraction)),
        _ => (digits(number), String::new()),
    };
    let nanos = if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").parse().ok()? };
    Some((whole.get(..whole.len().min(12))?.parse().ok()?, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, i32, String)> {
        of(text).into_iter().map(|price| (price.units, price.nanos / 10_000_000, price.currency_code)).collect()
    }

    #[test]
    fn prices_are_read_as_people_write_them() {
        for (text, expected) in [
            ("only 39€!", (39, 0, "EUR")),
            ("für 39,90 Euro", (39, 90, "EUR")),
            ("€ 1.299,00 in store", (1299, 0, "EUR")),
            ("za 199 zł", (199, 0, "PLN")),
            ("£12.5", (12, 50, "GBP")),
            ("1490 Kč", (1490, 0, "CZK")),
        ] {
            let (units, cents, code) = expected;
            assert_eq!(read(text), [(units, cents, code.to_owned())], "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_prices() {
        for text in ["size 42", "12 kg", "iPhone 15", "10% off", "", "500 ftalates"] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    #[test]
    fn no_more_than_four_are_kept() {
        assert_eq!(read("1€ 2€ 3€ 4€ 5€").len(), 4);
    }
}

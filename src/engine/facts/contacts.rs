//! Ways to be reached outside the platform, in text: handles, telephone numbers, e-mail addresses.
//!
//! Not here: links (`links.rs`) and the trader's own fields. Kept true: a price, a date or a GTIN is no telephone
//! number; an e-mail address is no handle.

use super::listing::{check_digit_holds, gtin_shaped};
use super::{Place, Recorder};
use crate::domain::{ByteSpan, Content};
use crate::engine::normalise::Item;
use crate::policy::Fact;
use crate::text::{FieldIndex, TokenKind};

/// Words before a number that make it a telephone number, folded; several languages.
const CALL_WORDS: [&str; 30] = [
    "anruf",
    "anrufen",
    "appelez",
    "bel",
    "call",
    "cell",
    "cellulare",
    "chiama",
    "contact",
    "dzwon",
    "fon",
    "handy",
    "kom",
    "llamar",
    "mob",
    "mobil",
    "mobile",
    "movil",
    "numer",
    "phone",
    "portable",
    "ring",
    "signal",
    "sms",
    "tel",
    "telefon",
    "telefono",
    "telephone",
    "viber",
    "whatsapp",
];

/// Letters right before such a number that make it a price or a measure instead.
const MONEY: [char; 6] = ['€', '$', '£', '¥', '₽', '#'];

pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) {
    // In posts a handle is how people name each other, not a way around the platform.
    let handles = matches!(item.content, Content::Listing(_)) && record.wants(Fact::ContactHandle);
    let phones = record.wants(Fact::ContactPhone);
    if !(handles || phones || record.wants(Fact::ContactEmail)) {
        return;
    }
    let (mut handle_count, mut email_count, mut phone_count) = (0, 0, 0);
    for ((at, source), field) in (0..).zip(&item.fields).zip(item.document.fields()) {
        at_signs(source.text, |span, email| {
            let (fact, count) =
                if email { (Fact::ContactEmail, &mut email_count) } else { (Fact::ContactHandle, &mut handle_count) };
            if email || handles {
                *count += 1;
                record.place(fact, Place::Text(FieldIndex(at), span));
            }
        });
        if phones {
            let tokens = item.document.tokens();
            let tokens = tokens.get(field.tokens.start as usize..field.tokens.end as usize).unwrap_or_default();
            let with_digits = tokens.iter().filter(|token| token.kind != TokenKind::Word);
            numbers(source.text, with_digits.map(|token| token.original), |span| {
                phone_count += 1;
                record.place(Fact::ContactPhone, Place::Text(FieldIndex(at), span));
            });
        }
    }
    record.count(Fact::ContactEmail, email_count);
    record.count(Fact::ContactHandle, handle_count);
    record.count(Fact::ContactPhone, phone_count);
}

fn span(start: usize, end: usize) -> ByteSpan {
    ByteSpan::new(u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
}

/// Finds `name@host.tld` (second argument true) and `@name`.
pub(super) fn at_signs(text: &str, mut found: impl FnMut(ByteSpan, bool)) {
    for (at, _) in text.match_indices('@') {
        let (Some(head), Some(tail)) = (text.get(..at), text.get(at + 1..)) else { continue };
        let local = head.bytes().rev().take_while(|byte| is_local(*byte)).count();
        let name = tail.bytes().take_while(|byte| is_local(*byte)).count();
        let Some(name) = tail.get(..name).map(|name| name.trim_end_matches(['.', '-'])) else { continue };
        if local > 0 {
            let domain = name.rsplit_once('.').is_some_and(|(host, ending)| {
                !host.is_empty() && ending.len() >= 2 && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
            });
            if domain {
                found(span(at - local, at + 1 + name.len()), true);
            }
        } else if is_handle(name) && (head.is_empty() || head.ends_with(opens_handle)) {
            found(span(at, at + 1 + name.len()), false);
        }
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%')
}

/// What may stand before a handle. Not "!" or a letter: "V!@gra" hides a letter.
fn opens_handle(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '(' | '[' | '"' | '\'' | ':' | ';' | ',' | '|' | '>' | '“' | '„' | '«' | '-' | '–' | '—')
}

fn is_handle(name: &str) -> bool {
    (3..=32).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
        && name.bytes().filter(u8::is_ascii_alphabetic).count() >= 2
}

/// Finds runs of digits, spaces and marks that are telephone numbers; `places` are where digits stand, in order.
fn numbers(text: &str, places: impl Iterator<Item = ByteSpan>, mut found: impl FnMut(ByteSpan)) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for place in places {
        from = from.max(place.start() as usize);
        let digit = |from: usize| bytes.get(from..place.end() as usize)?.iter().position(u8::is_ascii_digit);
        while let Some(first) = digit(from).map(|first| from + first) {
            let run = bytes.get(first..).unwrap_or_default();
            let mut length = run.iter().take_while(|byte| byte.is_ascii_digit() || is_mark(**byte)).count();
            while length > 0 && !run.get(length - 1).is_some_and(u8::is_ascii_digit) {
                length -= 1;
            }
            from = first + length.max(1);
            let opening =
                bytes.get(..first).map_or(0, |head| head.iter().rev().take_while(|b| matches!(b, b'+' | b'(')).count());
            let start = first - opening;
            if let Some(run) = text.get(start..first + length)
                && is_phone(run, text.get(..start).unwrap_or_default(), text.get(from..).unwrap_or_default())
            {
                found(span(start, first + length));
            }
        }
    }
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')')
}

/// Decides by what the number is made of and what stands around it.
///
/// International: `+` or `00`, then 8 to 15 digits (E.164). National: a leading 0 and 9 to 12 digits in all, as most
/// national plans write it. Anything else of 7 to 12 digits only where a word such as "tel" stands before it.
fn is_phone(run: &str, head: &str, tail: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    let glued = head.ends_with(|c: char| c.is_alphanumeric() || MONEY.contains(&c))
        || tail.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '€' | '$' | '£' | '%'));
    if !(7..=17).contains(&digits) || glued || run.contains("  ") {
        return false;
    }
    let bare: String = run.chars().filter(char::is_ascii_digit).collect();
    if run.starts_with('+') || run.starts_with("(+") {
        return (8..=15).contains(&digits) && !bare.starts_with('0');
    }
    if bare.starts_with("00") && !bare.starts_with("000") {
        return (10..=17).contains(&digits);
    }
    if is_date(run)
        || is_postal_code(run)
        || (run.len() == digits && gtin_shaped(&bare) && check_digit_holds(&bare))
        || digits > 12
    {
        return false;
    }
    is_grouped(run) && (called(head) || (bare.starts_with('0') && (9..=12).contains(&digits)))
}

/// True if the digits stand in one block or in groups of two and more; only the first may be one digit, as in
/// "1 800" and "(0)30". "0.5 0.7 1.0" are measures.
fn is_grouped(run: &str) -> bool {
    let groups = run.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
    let decimal = run.split_once('.').is_some_and(|(whole, part)| whole == "0" && !part.contains(['.', ' ', '-', '/']));
    !decimal && groups.skip(1).all(|group| group.len() >= 2)
}

/// `12.03.2026`, `2026-03-12`, with whatever follows: an hour, another date.
fn is_date(run: &str) -> bool {
    let mut groups = run.split(|c: char| !c.is_ascii_digit()).map(str::len).filter(|len| *len > 0);
    matches!(
        (groups.next(), groups.next(), groups.next()),
        (Some(1 | 2), Some(1 | 2), Some(4)) | (Some(4), Some(1 | 2), Some(1 | 2))
    )
}

/// "06460-3400": a postal code of the United States with its extension.
fn is_postal_code(run: &str) -> bool {
    run.split_once('-').is_some_and(|(area, rest)| {
        area.len() == 5 && rest.len() == 4 && area.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit())
    })
}

/// True if one of the three words before says that a telephone number follows.
fn called(head: &str) -> bool {
    let near = head.len().saturating_sub(48);
    let near =
        (near..head.len()).find(|at| head.is_char_boundary(*at)).and_then(|at| head.get(at..)).unwrap_or_default();
    let mut words = near.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).rev().take(3);
    words.any(|word| CALL_WORDS.iter().any(|call| call.eq_ignore_ascii_case(&unaccented(word))))
}

/// "teléfono", "móvil", "téléphone", "dzwoń" without their accents.
fn unaccented(word: &str) -> String {
    let plain = |c: char| match c {
        'á' => 'a',
        'é' | 'è' => 'e',
        'ó' => 'o',
        'ń' => 'n',
        other => other,
    };
    word.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(text: &str) -> Vec<&str> {
        let mut spans = Vec::new();
        numbers(text, std::iter::once(span(0, text.len())), |span| spans.push(span));
        spans.into_iter().map(|span| span.slice(text).unwrap()).collect()
    }

    fn addresses(text: &str) -> Vec<(&str, bool)> {
        let mut spans = Vec::new();
        at_signs(text, |span, email| spans.push((span, email)));
        spans.into_iter().map(|(span, email)| (span.slice(text).unwrap(), email)).collect()
    }

    #[test]
    fn telephone_numbers_are_found_as_they_are_written() {
        for number in [
            "+49 151 23456789",
            "+33 6 12 34 56 78",
            "0048 601 234 567",
            "0151-23456789",
            "06 12 34 56 78",
            "(0)30 1234567",
            "+1 (415) 555-2671",
        ] {
            let text = format!("Write me {number}.");
            assert_eq!(phones(&text), [number], "{number}");
        }
        assert_eq!(phones("Tel: 601 234 567"), ["601 234 567"]);
        assert_eq!(phones("teléfono 612345678"), ["612345678"]);
    }

    #[test]
    fn prices_dates_codes_and_measures_are_no_telephone_numbers() {
        for text in [
            "601 234 567",
            "12.03.2026",
            "2026-03-12",
            "4006381333931",
            "1.299.000 EUR",
            "ISBN 978-3-16-148410-0",
            "0.5 0.7 1.0 1.5 2.0",
            "SKU0151234567",
            "€0151234567",
            "100 200 300 400",
            "01.01.2026 - 31.12.2026",
            "03.05.2007 10",
            "06460-3400",
            "0.20857236",
            "tel 1.2.1.3.5.0.7",
        ] {
            assert_eq!(phones(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn handles_and_mail_addresses_are_told_apart() {
        assert_eq!(
            addresses("dm @best.shop_1 or best@shop.example."),
            [("@best.shop_1", false), ("best@shop.example", true)]
        );
        assert_eq!(addresses("5 @ 10, a@b, @1, @@x, tiktok.com/@name, V!@gra"), []);
    }
}

//! Codes that callers send: countries, currencies, languages.
//!
//! Not here: what follows from a code (facts). Kept true: the tables are sorted (a test checks it), so a look-up is a
//! binary search over two or three bytes.
//!
//! Tables rather than shapes, because a wrong code is not harmless: `EL` and `UK` have the right shape, and would make
//! Greece and the United Kingdom unknown countries outside the Union.

/// ISO 3166-1 alpha-2, officially assigned, and `XK` (Kosovo), which the Union's institutions use.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC \
    CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD \
    GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH \
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW \
    MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC \
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY \
    UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// ISO 4217: active codes, and those retired since 2010 that old listings still carry.
const CURRENCIES: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR BZD CAD CDF \
    CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR \
    LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB \
    PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB \
    TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF VES VND VUV WST XAD XAF XAG XAU XCD XCG XDR \
    XOF XPD XPF XPT XSU XUA YER ZAR ZMK ZMW ZWG ZWL";

/// True for an ISO 3166-1 alpha-2 code in capital letters.
pub(super) fn is_country(code: &str) -> bool {
    find(COUNTRIES, code, 2)
}

/// True for an ISO 4217 code in capital letters.
pub(super) fn is_currency(code: &str) -> bool {
    find(CURRENCIES, code, 3)
}

/// What a caller who sends this code probably means.
pub(super) fn country_hint(code: &str) -> Option<&'static str> {
    match code {
        "EL" => Some("GR"),
        "UK" => Some("GB"),
        _ => None,
    }
}

/// The shape of BCP 47 (RFC 5646): a primary subtag, then subtags of 1..8 letters and digits, `-` between them.
/// Whether a subtag is registered is left open: a language that we do not know is scored as undetermined.
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    let letters = primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    // "i-klingon" and "x-private" are the only tags whose first part is one letter; they need a second one.
    let length = match primary.len() {
        1 => tag.len() > 2 && matches!(primary, "i" | "I" | "x" | "X"),
        length => (2..=8).contains(&length),
    };
    let rest = subtags
        .all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    tag.len() <= 35 && letters && length && rest
}

/// Binary search in a table of codes of one width with one space between them.
fn find(table: &str, code: &str, width: usize) -> bool {
    let table = table.as_bytes();
    if code.len() != width {
        return false;
    }
    let stride = width + 1;
    let (mut low, mut high) = (0, table.len().div_ceil(stride));
    while low < high {
        let middle = low.midpoint(high);
        let entry = table.get(middle * stride..middle * stride + width).unwrap_or_default();
        match entry.cmp(code.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_every_entry_is_found() {
        for (table, width, count) in [(COUNTRIES, 2, 249 + 1), (CURRENCIES, 3, 186)] {
            let entries: Vec<_> = table.split(' ').collect();
            assert!(entries.is_sorted(), "binary search needs order");
            assert!(entries.iter().all(|entry| entry.len() == width && find(table, entry, width)));
            assert_eq!(entries.len(), count);
        }
    }

    #[test]
    fn codes_that_look_right_are_not_taken_for_codes() {
        for wrong in ["EL", "UK", "EU", "de", "D", "DEU", "ZZ", "A ", ""] {
            assert!(!is_country(wrong), "{wrong}");
        }
        for wrong in ["EURO", "eur", "AAA", "ZZZ", "€", "D E", ""] {
            assert!(!is_currency(wrong), "{wrong}");
        }
    }

    #[test]
    fn language_tags_have_the_shape_of_rfc_5646() {
        for right in
            ["de", "pt-BR", "sr-Latn-RS", "zh-cmn-Hans-CN", "de-CH-1996", "x-klingon", "i-klingon", "und", "ast"]
        {
            assert!(is_language_tag(right), "{right}");
        }
        for wrong in
            ["", "d", "x", "x-", "de-", "-de", "de_AT", "german language", "de--AT", "a-b", "123", "deutschsprache"]
        {
            assert!(!is_language_tag(wrong), "{wrong}");
        }
    }
}

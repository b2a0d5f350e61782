//! Which countries belong to the internal market.
//!
//! Not here: where goods are sold. Kept true: `INTERNAL_MARKET` is sorted.

/// ISO 3166-1 alpha-2 codes of the 27 Member States, of Iceland, Liechtenstein and Norway (EEA), and of the
/// territories with a code of their own where Union law on goods applies (Art. 349 TFEU and Åland). `EL` is how the
/// Union itself writes Greece. Sorted.
const INTERNAL_MARKET: [&str; 38] = [
    "AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MF", "MQ", "MT", "NL", "NO", "PL", "PT", "RE", "RO", "SE", "SI", "SK", "YT",
];

/// True if the code names a country outside the EU and EEA; false if nothing was sent.
pub(super) fn outside_eu(code: &str) -> bool {
    let code = code.trim();
    !code.is_empty() && !INTERNAL_MARKET.iter().any(|member| member.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(INTERNAL_MARKET.is_sorted());
    }

    #[test]
    fn an_unknown_country_is_not_outside() {
        assert!(!outside_eu(""));
        assert!(!outside_eu("de"));
        assert!(!outside_eu("NO"));
        assert!(outside_eu("CN"));
        assert!(outside_eu("GB"));
    }
}

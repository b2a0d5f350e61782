//! Words that follow a number: units of measure and words for pieces, in the languages of the pack.
//!
//! Not here: finding numbers. Kept true: the table is sorted by word, folded as the text is (a test checks both).

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// So many milligrams.
    Milligrams(f64),
    /// So many grams.
    Grams(f64),
    /// So many millilitres.
    Millilitres(f64),
    /// International units of a substance's effect.
    International,
    /// Hundredths.
    Percent,
    /// Tablets, capsules, pieces.
    Pieces,
}

use Unit::{Grams, International, Milligrams, Millilitres, Percent, Pieces};

const OUNCE: f64 = 28.349_523_125;
const POUND: f64 = 453.592_37;

/// Sorted by word.
const UNITS: &[(&str, Unit)] = &[
    ("ampollas", Pieces),
    ("ampoules", Pieces),
    ("amps", Pieces),
    ("ampullen", Pieces),
    ("blister", Pieces),
    ("blisters", Pieces),
    ("bustine", Pieces),
    ("caps", Pieces),
    ("capsulas", Pieces),
    ("capsule", Pieces),
    ("capsules", Pieces),
    ("cl", Millilitres(10.0)),
    ("comp", Pieces),
    ("compresse", Pieces),
    ("comprime", Pieces),
    ("comprimes", Pieces),
    ("comprimidos", Pieces),
    ("count", Pieces),
    ("cp", Pieces),
    ("cpr", Pieces),
    ("cps", Pieces),
    ("ct", Pieces),
    ("dl", Millilitres(100.0)),
    ("dragees", Pieces),
    ("drazetek", Pieces),
    ("fiale", Pieces),
    ("filmtabletten", Pieces),
    ("g", Grams(1.0)),
    ("gelules", Pieces),
    ("gm", Grams(1.0)),
    ("gms", Grams(1.0)),
    ("gr", Grams(1.0)),
    ("gram", Grams(1.0)),
    ("gramm", Grams(1.0)),
    ("gramme", Grams(1.0)),
    ("grammes", Grams(1.0)),
    ("grammi", Grams(1.0)),
    ("grammo", Grams(1.0)),
    ("gramo", Grams(1.0)),
    ("gramos", Grams(1.0)),
    ("gramow", Grams(1.0)),
    ("grams", Grams(1.0)),
    ("gramy", Grams(1.0)),
    ("grs", Grams(1.0)),
    ("gummies", Pieces),
    ("ie", International),
    ("iu", International),
    ("kapseln", Pieces),
    ("kapsulek", Pieces),
    ("kapsulki", Pieces),
    ("kg", Grams(1000.0)),
    ("kgs", Grams(1000.0)),
    ("kilo", Grams(1000.0)),
    ("kilogram", Grams(1000.0)),
    ("kilogramm", Grams(1000.0)),
    ("kilos", Grams(1000.0)),
    ("l", Millilitres(1000.0)),
    ("lb", Grams(POUND)),
    ("lbs", Grams(POUND)),
    ("liter", Millilitres(1000.0)),
    ("liters", Millilitres(1000.0)),
    ("litre", Millilitres(1000.0)),
    ("litres", Millilitres(1000.0)),
    ("litri", Millilitres(1000.0)),
    ("litro", Millilitres(1000.0)),
    ("litros", Millilitres(1000.0)),
    ("litrow", Millilitres(1000.0)),
    ("litry", Millilitres(1000.0)),
    ("mcg", Milligrams(0.001)),
    ("mg", Milligrams(1.0)),
    ("mgs", Milligrams(1.0)),
    ("microgram", Milligrams(0.001)),
    ("microgrammes", Milligrams(0.001)),
    ("microgramos", Milligrams(0.001)),
    ("micrograms", Milligrams(0.001)),
    ("mikrogramm", Milligrams(0.001)),
    ("miligramos", Milligrams(1.0)),
    ("miligramow", Milligrams(1.0)),
    ("milligram", Milligrams(1.0)),
    ("milligramm", Milligrams(1.0)),
    ("milligramme", Milligrams(1.0)),
    ("milligrammes", Milligrams(1.0)),
    ("milligrammi", Milligrams(1.0)),
    ("milligrams", Milligrams(1.0)),
    ("ml", Millilitres(1.0)),
    ("ounce", Grams(OUNCE)),
    ("ounces", Grams(OUNCE)),
    ("oz", Grams(OUNCE)),
    ("pastiglie", Pieces),
    ("pastillas", Pieces),
    ("pastilles", Pieces),
    ("patches", Pieces),
    ("pcs", Pieces),
    ("percent", Percent),
    ("pezzi", Pieces),
    ("pieces", Pieces),
    ("piezas", Pieces),
    ("pillen", Pieces),
    ("pillole", Pieces),
    ("pills", Pieces),
    ("pilules", Pieces),
    ("procent", Percent),
    ("prozent", Percent),
    ("pz", Pieces),
    ("sachets", Pieces),
    ("saszetek", Pieces),
    ("sobres", Pieces),
    ("softgels", Pieces),
    ("st", Pieces),
    ("stk", Pieces),
    ("stuck", Pieces),
    ("stueck", Pieces),
    ("stuks", Pieces),
    ("szt", Pieces),
    ("sztuk", Pieces),
    ("tab", Pieces),
    ("tabl", Pieces),
    ("tablet", Pieces),
    ("tableta", Pieces),
    ("tabletas", Pieces),
    ("tabletek", Pieces),
    ("tabletki", Pieces),
    ("tablets", Pieces),
    ("tabletten", Pieces),
    ("tabs", Pieces),
    ("ud", Pieces),
    ("uds", Pieces),
    ("ug", Milligrams(0.001)),
    ("ui", International),
    ("unidades", Pieces),
    ("units", Pieces),
    ("vials", Pieces),
    ("zapfchen", Pieces),
    ("μg", Milligrams(0.001)),
];

/// The unit that a folded word names.
pub(super) fn unit(word: &str) -> Option<Unit> {
    let at = UNITS.binary_search_by(|(name, _)| name.cmp(&word)).ok()?;
    UNITS.get(at).map(|(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_word_twice() {
        assert!(UNITS.is_sorted_by(|one, next| one.0 < next.0), "{:?}", first_unsorted());
    }

    fn first_unsorted() -> Option<&'static str> {
        UNITS.windows(2).find(|pair| pair[0].0 >= pair[1].0).map(|pair| pair[1].0)
    }

    #[test]
    fn units_scale_to_milligrams_grams_and_millilitres() {
        assert_eq!(unit("mcg"), Some(Milligrams(0.001)));
        assert_eq!(unit("kg"), Some(Grams(1000.0)));
        assert_eq!(unit("cl"), Some(Millilitres(10.0)));
        assert_eq!(unit("cm"), None);
    }
}

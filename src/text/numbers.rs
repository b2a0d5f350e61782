//! Numbers in text: decimal and thousands marks, and units glued to their number.
//!
//! Not here: what an amount means (the engine). Kept true: what these rules make of a word they make of the result
//! again.

use super::letters::{ALONE, DIGIT, INVISIBLE, Letters, MARK};

/// What a point or comma between digits is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Folded to '.'.
    Decimal,
    /// Folded away.
    Thousands,
    /// The number ends before it.
    End,
}

/// The number so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Number {
    thousands: Option<char>,
    decimal: bool,
}

impl Number {
    /// What `mark` is, given the digits before it and the text after it. One to three digits (no leading zero), a mark
    /// and exactly three digits are thousands: "1,000" and "1.000" are both a thousand, "0.125" is an eighth.
    pub(super) fn read(&mut self, leading: &str, mark: char, after: &str) -> Mark {
        let following = digits_at(after);
        if following == 0 || self.decimal {
            return Mark::End;
        }
        let groups = following == 3
            && match self.thousands {
                None => leading.len() <= 3 && !leading.starts_with('0'),
                Some(known) => known == mark,
            };
        if groups {
            self.thousands = Some(mark);
            return Mark::Thousands;
        }
        if self.thousands == Some(mark) {
            return Mark::End;
        }
        self.decimal = true;
        Mark::Decimal
    }
}

/// Digits up to the first other character, at most four are counted.
fn digits_at(text: &str) -> usize {
    let letters = Letters::get();
    let mut digits = 0;
    for c in text.chars() {
        let letter = letters.of(c);
        if letter.is(DIGIT) && !letter.is(ALONE) {
            digits += 1;
        } else if !letter.is(MARK | INVISIBLE) {
            break;
        }
        if digits == 4 {
            break;
        }
    }
    digits
}

/// True if a word is a unit or a multiplication sign, as it is glued to numbers ("100mg", "2x50ml").
pub(super) fn is_unit(word: &str) -> bool {
    word.len() <= 7 && UNITS.binary_search(&word).is_ok()
}

/// Sorted.
const UNITS: [&str; 76] = [
    "ampere", "bar", "ca", "cap", "caps", "cl", "cm", "ct", "dl", "er", "eur", "g", "gb", "gbp", "ghz", "gm", "gr",
    "gram", "grams", "h", "hz", "ie", "in", "inch", "iu", "j", "k", "kap", "kaps", "kg", "km", "kn", "kr", "kw", "l",
    "lb", "lbs", "lei", "lt", "ltr", "m", "mah", "mb", "mcg", "mg", "mhz", "min", "ml", "mm", "mp", "mw", "oz", "pack",
    "pc", "pcs", "pk", "ppm", "pz", "st", "stk", "szt", "tab", "tabl", "tabs", "tb", "ug", "ui", "usd", "v", "w", "x",
    "xs", "zl", "μg", "μl", "μm",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_sorted() {
        assert!(UNITS.is_sorted());
        assert!(is_unit("mg") && is_unit("μg") && !is_unit("you"));
    }

    #[test]
    fn three_digits_after_a_mark_are_thousands_unless_a_zero_leads() {
        let read = |leading, mark, after| Number::default().read(leading, mark, after);
        assert_eq!(read("1", ',', "000"), Mark::Thousands);
        assert_eq!(read("1", '.', "5 g"), Mark::Decimal);
        assert_eq!(read("0", '.', "125"), Mark::Decimal);
        assert_eq!(read("1", '.', " 5"), Mark::End);
        assert_eq!(read("1000", '.', "500"), Mark::Decimal);
    }
}

//! How one character folds: lower case, NFKC, without accents, and what the lexer needs to know of it.
//!
//! Not here: what runs of characters mean (`lexer`), which letters look alike (`lookalikes`). Kept true: folding is
//! per character, so offsets are exact; what a letter folds to are letters that fold to themselves.

use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use unicode_script::{Script, UnicodeScript};

use super::lookalikes;

/// A letter, or a mark that its script cannot do without.
pub(super) const LETTER: u16 = 1;
/// A decimal digit.
pub(super) const DIGIT: u16 = 1 << 1;
/// An accent or another mark that folding removes.
pub(super) const MARK: u16 = 1 << 2;
/// Takes no place on the screen.
pub(super) const INVISIBLE: u16 = 1 << 3;
/// A blank.
pub(super) const SPACE: u16 = 1 << 4;
/// Ends a sentence.
pub(super) const STOP: u16 = 1 << 5;
/// A token of its own: ideographs, raised and circled digits.
pub(super) const ALONE: u16 = 1 << 6;
/// A letter that folding takes an accent or a stroke from.
pub(super) const ACCENTED: u16 = 1 << 7;
/// A Latin letter in fancy dress: mathematical, raised, full width.
pub(super) const STYLED: u16 = 1 << 8;
/// A Latin letter in a circle or a box.
pub(super) const BOXED: u16 = 1 << 9;
/// A Latin letter.
pub(super) const LATIN: u16 = 1 << 10;
/// A letter of a script whose letters are used to imitate Latin ones.
pub(super) const FOREIGN: u16 = 1 << 11;
/// A foreign letter that looks exactly like a Latin one.
pub(super) const IMITATES: u16 = 1 << 12;
/// Hardly met in honest text of the languages served, and looks like a Latin letter.
pub(super) const RARE: u16 = 1 << 13;
/// No letter, but may stand for one: signs and emoji.
pub(super) const SIGN: u16 = 1 << 14;
/// Full width: honest beside ideographs.
pub(super) const WIDE: u16 = 1 << 15;

/// The longest folded form; what would be longer separates words.
const MAX_FOLDED: usize = 5;

/// A character, folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Letter {
    bytes: [u8; MAX_FOLDED],
    len: u8,
    pub(super) flags: u16,
}

impl Letter {
    /// The folded characters; empty unless it is a letter or digit.
    pub(super) fn folded(&self) -> &str {
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Length of the folded characters in bytes.
    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    /// True if it folds to one character of as many bytes as the original has.
    pub(super) fn keeps_length(&self, original: usize) -> bool {
        let lead = self.bytes.first().copied().unwrap_or_default();
        let first = if lead < 0x80 { 1 } else { lead.leading_ones() as usize };
        first == original && self.len() == original
    }

    /// True if it folds to the same.
    pub(super) fn equals(&self, other: &Letter) -> bool {
        self.bytes == other.bytes && self.len == other.len
    }

    /// Appends the folded characters.
    #[inline]
    pub(super) fn append_to(&self, text: &mut String) {
        match (self.len, self.bytes) {
            (1, [byte, ..]) => text.push(char::from(byte)),
            // Two bytes are mostly one Greek or Cyrillic letter; decoding it here is cheaper than checking UTF-8.
            (2, [lead @ 0xC0..=0xDF, next, ..]) => {
                let code = (u32::from(lead) & 0x1F) << 6 | u32::from(next) & 0x3F;
                text.extend(char::from_u32(code));
            }
            _ => text.push_str(self.folded()),
        }
    }

    /// True if any of these flags is set.
    pub(super) const fn is(&self, flags: u16) -> bool {
        self.flags & flags != 0
    }
}

/// Every character by code point, for the ranges that text is mostly made of; the others are folded when met.
#[derive(Debug)]
pub(super) struct Letters {
    low: Vec<Letter>,
    wide: Vec<Letter>,
    math: Vec<Letter>,
}

const LOW_END: u32 = 0x2180;
const WIDE_START: u32 = 0xFF00;
const WIDE_END: u32 = 0xFFF0;
const MATH_START: u32 = 0x1D400;
const MATH_END: u32 = 0x1D800;

static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    let range = |start, end| (start..end).map(|code| char::from_u32(code).map(fold).unwrap_or_default()).collect();
    Letters { low: range(0, LOW_END), wide: range(WIDE_START, WIDE_END), math: range(MATH_START, MATH_END) }
});

impl Letters {
    /// The tables, made at the first call.
    pub(super) fn get() -> &'static Letters {
        &LETTERS
    }

    /// The character, folded.
    #[inline]
    pub(super) fn of(&self, c: char) -> Letter {
        let code = c as u32;
        match self.low.get(code as usize) {
            Some(letter) => *letter,
            None => self.beyond(c, code),
        }
    }

    fn beyond(&self, c: char, code: u32) -> Letter {
        match code {
            0x4E00..=0x9FFF => itself(c, LETTER | ALONE),
            WIDE_START..WIDE_END => self.wide.get((code - WIDE_START) as usize).copied().unwrap_or_default(),
            MATH_START..MATH_END => self.math.get((code - MATH_START) as usize).copied().unwrap_or_default(),
            _ => fold(c),
        }
    }
}

fn fold(c: char) -> Letter {
    if is_invisible(c) {
        return Letter { flags: INVISIBLE, ..Letter::default() };
    }
    if is_accent(c) {
        return Letter { flags: MARK, ..Letter::default() };
    }
    if c.is_whitespace() || c == '\0' {
        let stop = if matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}') { STOP } else { 0 };
        return Letter { flags: SPACE | stop, ..Letter::default() };
    }
    if let Some(letter) = boxed(c) {
        return itself(letter, LETTER | LATIN | BOXED);
    }
    if is_word(c)
        && let Some(letter) = fold_letter(c)
    {
        return letter;
    }
    let stop = if matches!(c, '。' | '！' | '？' | '；' | '…' | '•' | '▪' | '◦' | '‣' | '·') {
        STOP
    } else {
        0
    };
    let sign = if lookalikes::sign(c).is_empty() { 0 } else { SIGN };
    Letter { flags: stop | sign, ..Letter::default() }
}

fn itself(c: char, flags: u16) -> Letter {
    let mut letter = Letter { flags, ..Letter::default() };
    letter.len = c.encode_utf8(&mut letter.bytes).len() as u8; // At most 4.
    letter
}

/// NFKC without accents in lower case, or `None` if something else than letters and digits comes out.
fn fold_letter(c: char) -> Option<Letter> {
    let mut letter = Letter { flags: traits(c), ..Letter::default() };
    let mut folded = String::new();
    letter.flags |= ACCENTED * u16::from(reduce(c, &mut folded));
    let bytes = folded.as_bytes();
    letter.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
    letter.len = bytes.len() as u8; // At most MAX_FOLDED, or the line above had returned.
    if folded.is_empty() || !folded.chars().all(is_word) {
        return None;
    }
    let digits = folded.bytes().filter(u8::is_ascii_digit).count();
    if digits == bytes.len() && digits == 1 {
        letter.flags |= DIGIT | if is_raised_digit(c) { ALONE } else { 0 };
        return Some(letter);
    }
    if digits > 0 {
        return None; // "⑫": honest text counts with it, nothing is written with it.
    }
    letter.flags |= LETTER;
    if folded.chars().any(is_ideograph) {
        letter.flags |= ALONE; // "㊀" and its like; squares of several ideographs separate words.
        if folded.chars().count() > 1 {
            return None;
        }
    }
    if folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
        letter.flags |= LATIN | if is_styled(c) { STYLED } else { 0 };
        letter.flags &= !FOREIGN;
    } else if letter.is(LATIN) && lookalikes::loose(c).is_some() {
        letter.flags |= RARE;
    }
    Some(letter)
}

/// Decomposes, drops marks, lowers, until nothing changes. True if an accent or a stroke was taken away.
fn reduce(c: char, folded: &mut String) -> bool {
    let mut accented = false;
    folded.push(c);
    for _ in 0..4 {
        let mut next = String::new();
        for part in folded.chars() {
            if is_hangul(part) {
                next.push(part);
                continue;
            }
            for piece in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(std::iter::once(part)) {
                if is_accent(piece) {
                    accented = true;
                } else if let Some((plain, stroke)) = special(piece) {
                    accented |= stroke;
                    next.push_str(plain);
                } else {
                    next.extend(piece.to_lowercase());
                }
            }
        }
        if next == *folded {
            break;
        }
        *folded = next;
    }
    accented
}

/// Letters that no decomposition reaches: their plain form, and whether that takes something visible away.
fn special(c: char) -> Option<(&'static str, bool)> {
    Some(match c {
        'ß' | 'ẞ' => ("ss", false),
        'æ' | 'Æ' => ("ae", false),
        'œ' | 'Œ' => ("oe", false),
        'þ' | 'Þ' => ("th", false),
        'ð' | 'Ð' => ("d", false),
        'ı' => ("i", false),
        'ŋ' | 'Ŋ' => ("n", false),
        'ĸ' => ("k", false),
        'ſ' => ("s", false),
        'ς' => ("σ", false),
        'ł' | 'Ł' => ("l", true),
        'ø' | 'Ø' => ("o", true),
        'đ' | 'Đ' => ("d", true),
        'ħ' | 'Ħ' => ("h", true),
        'ŧ' | 'Ŧ' => ("t", true),
        'ƀ' | 'Ƀ' => ("b", true),
        'ɨ' | 'Ɨ' => ("i", true),
        'ƶ' | 'Ƶ' => ("z", true),
        'ǥ' | 'Ǥ' => ("g", true),
        'ⱥ' | 'Ⱥ' => ("a", true),
        'ɇ' | 'Ɇ' => ("e", true),
        'ŉ' => ("n", false),
        '٠'..='٩' => (digit(c as u32 - 0x660), false),
        '۰'..='۹' => (digit(c as u32 - 0x6F0), false),
        _ => return None,
    })
}

fn digit(value: u32) -> &'static str {
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].get(value as usize).copied().unwrap_or("0")
}

fn traits(c: char) -> u16 {
    let script = match c.script() {
        Script::Latin => LATIN,
        Script::Greek | Script::Cyrillic | Script::Armenian | Script::Georgian => FOREIGN,
        script if IMITATORS.contains(&script) => FOREIGN | RARE,
        _ => 0,
    };
    let imitates = if script & FOREIGN != 0 && lookalikes::strict(c).is_some() { IMITATES } else { 0 };
    let rare = if matches!(c, 'ѵ' | 'Ѵ' | 'ԁ' | 'Ԁ' | 'ԛ' | 'Ԛ' | 'ԝ' | 'Ԝ' | 'Ӏ' | 'ӏ') { RARE } else { 0 };
    let rare = if imitates == 0 { 0 } else { rare | script & RARE };
    let wide = if matches!(c as u32, WIDE_START..WIDE_END) { WIDE } else { 0 };
    script & !RARE | imitates | rare | wide
}

/// Scripts that listings in the languages served are not written in, but whose letters look Latin.
const IMITATORS: [Script; 12] = [
    Script::Cherokee,
    Script::Coptic,
    Script::Lisu,
    Script::Canadian_Aboriginal,
    Script::Deseret,
    Script::Osage,
    Script::Old_Italic,
    Script::Gothic,
    Script::Lycian,
    Script::Carian,
    Script::Tifinagh,
    Script::Vai,
];

/// Default-ignorable characters (UAX #44), which no font draws.
fn is_invisible(c: char) -> bool {
    matches!(c as u32,
        0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFF8
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Marks that folding removes. Those of Indic and South-East Asian scripts are kept: their words mean nothing without.
fn is_accent(c: char) -> bool {
    if (c as u32) < 0x300 {
        return false;
    }
    if matches!(c as u32, 0x640 | 0x20D0..=0x20F0 | 0x488 | 0x489 | 0x1AB0..=0x1AFF) {
        return true;
    }
    if matches!(c as u32, 0x3099 | 0x309A) {
        return false; // Voicing marks make other syllables in Japanese.
    }
    CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0
        && matches!(
            c.script(),
            Script::Inherited | Script::Latin | Script::Greek | Script::Cyrillic | Script::Arabic | Script::Hebrew
        )
}

/// Letters, digits, and marks that stay.
fn is_word(c: char) -> bool {
    if matches!(c as u32, 0x2B9..=0x2DF | 0x2EC | 0x2EE) {
        return false; // Primes and apostrophes that count as letters in Unicode.
    }
    c.is_alphanumeric()
        || matches!(c as u32, 0x3300..=0x33FF | 0x3099 | 0x309A)
        || (c as u32 >= 0x300 && !is_accent(c) && CanonicalCombiningClassMapBorrowed::new().get_u8(c) != 0)
}

fn is_ideograph(c: char) -> bool {
    matches!(c.script(), Script::Han | Script::Bopomofo)
}

fn is_hangul(c: char) -> bool {
    matches!(c as u32, 0xAC00..=0xD7A3)
}

fn is_raised_digit(c: char) -> bool {
    matches!(c as u32, 0xB2 | 0xB3 | 0xB9 | 0x2070..=0x2089 | 0x2460..=0x24FF | 0x2776..=0x2793)
}

/// Raised, mathematical, letterlike, Roman-numeral and full-width letters. Not ª, º, ligatures, unit squares.
fn is_styled(c: char) -> bool {
    matches!(c as u32,
        0x2B0..=0x2B8 | 0x2E0..=0x2E4 | 0x1D2C..=0x1D6A | 0x1D78..=0x1DBF | 0x2071 | 0x207F | 0x2090..=0x209C
        | 0x2100..=0x2129 | 0x212C..=0x214F | 0x2160..=0x217F | 0x2C7C | 0xFF21..=0xFF5A | MATH_START..MATH_END)
}

/// The letter in a circle, a box or parentheses. Regional indicators are no letters: two of them are a flag.
fn boxed(c: char) -> Option<char> {
    let offset = match c as u32 {
        code @ 0x24B6..=0x24CF => code - 0x24B6,
        code @ 0x24D0..=0x24E9 => code - 0x24D0,
        code @ 0x249C..=0x24B5 => code - 0x249C,
        code @ 0x1F110..=0x1F129 => code - 0x1F110,
        code @ 0x1F130..=0x1F149 => code - 0x1F130,
        code @ 0x1F150..=0x1F169 => code - 0x1F150,
        code @ 0x1F170..=0x1F189 => code - 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from(b'a') + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> impl Iterator<Item = char> {
        (0..=0x10FFFF).filter_map(char::from_u32)
    }

    #[test]
    fn what_a_letter_folds_to_folds_to_itself() {
        let letters = Letters::get();
        for c in all() {
            for part in letters.of(c).folded().chars() {
                let again = letters.of(part);
                assert_eq!(again.folded(), part.encode_utf8(&mut [0; 4]), "{c:?} U+{:04X} gives {part:?}", c as u32);
                assert_eq!(again.flags & (LETTER | DIGIT), letters.of(c).flags & (LETTER | DIGIT), "{c:?}");
                assert!(!again.is(ALONE) || letters.of(c).is(ALONE), "{c:?} gives a token of its own");
            }
        }
    }

    #[test]
    fn letters_and_digits_have_a_folded_form_and_nothing_else_has() {
        let letters = Letters::get();
        for c in all() {
            let letter = letters.of(c);
            assert_eq!(letter.is(LETTER | DIGIT), letter.len() > 0, "{c:?}");
            assert!(!(letter.is(MARK | INVISIBLE | SPACE) && letter.is(LETTER | DIGIT)), "{c:?}");
        }
    }

    #[test]
    fn the_byte_table_agrees_on_ascii() {
        use crate::text::ascii;
        for byte in 0..128u8 {
            let letter = Letters::get().of(char::from(byte));
            let class = ascii::CLASS[usize::from(byte)];
            assert_eq!(letter.is(LETTER), class & ascii::LETTER != 0, "{byte}");
            assert_eq!(letter.is(DIGIT), class & ascii::DIGIT != 0, "{byte}");
            assert_eq!(letter.is(SPACE), class & ascii::SPACE != 0, "{byte}");
        }
    }

    #[test]
    fn european_letters_lose_case_and_accents() {
        let folded = |text: &str| text.chars().map(|c| Letters::get().of(c).folded().to_owned()).collect::<String>();
        assert_eq!(folded("GÉNÉRIQUE"), "generique");
        assert_eq!(folded("Straße"), "strasse");
        assert_eq!(folded("ŁÓDŹ"), "lodz");
        assert_eq!(folded("Ærøskøbing"), "aeroskobing");
        assert_eq!(folded("İIıi"), "iiii");
        assert_eq!(folded("ΟΔΟΣ ὁδός"), "οδοσοδοσ");
        assert_eq!(folded("Йод"), "иод");
        assert_eq!(folded("𝓥ｉⓐ🅶🅁ª"), "viagra");
    }
}

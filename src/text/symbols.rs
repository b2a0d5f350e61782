//! Pictures in a text: emoji and their older relatives, which fold to nothing but may be read as words.
//!
//! Not here: letters in the shape of pictures (`letters`), what a picture means (the pack). Kept true: text without pictures pays for
//! one search by bytes; a picture's span is its own character, without variation selectors, skin tones and what is joined to it.

use super::document::FieldIndex;
use crate::domain::ByteSpan;

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// The character.
    pub picture: char,
    /// The field.
    pub field: FieldIndex,
    /// Its bytes in the field as sent.
    pub original: ByteSpan,
}

/// First bytes of pictures in UTF-8: U+2000 to U+2FFF, and what lies beyond U+FFFF.
const LEADS: (u8, u8) = (0xE2, 0xF0);

/// Notes the pictures of a field.
pub(super) fn note(original: &str, field: FieldIndex, symbols: &mut Vec<Symbol>) {
    for at in memchr::memchr2_iter(LEADS.0, LEADS.1, original.as_bytes()) {
        let Some(picture) = original.get(at..).and_then(|rest| rest.chars().next()) else { continue };
        if is_picture(picture) {
            let original = ByteSpan::new(at as u32, (at + picture.len_utf8()) as u32);
            symbols.push(Symbol { picture, field, original });
        }
    }
}

/// The picture that a text is, if it is one and nothing else but its variation.
pub fn picture(text: &str) -> Option<char> {
    let mut chars = text.trim().chars().filter(|c| !is_variation(*c));
    chars.next().filter(|first| is_picture(*first) && chars.next().is_none())
}

fn is_picture(c: char) -> bool {
    let pictures = matches!(c, '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}' | '\u{1F300}'..='\u{1FAFF}');
    pictures && !is_variation(c)
}

/// Text or picture, and skin tones.
fn is_variation(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_where_they_stand() {
        let mut symbols = Vec::new();
        let text = "a ❄️b👍🏽 – “x” 🅰 1️⃣💊";
        note(text, FieldIndex(3), &mut symbols);
        let found: Vec<&str> = symbols.iter().filter_map(|symbol| symbol.original.slice(text)).collect();
        assert_eq!(found, ["❄", "👍", "💊"]);
        assert!(symbols.iter().all(|symbol| symbol.field == FieldIndex(3)));
    }

    #[test]
    fn one_picture_is_a_picture() {
        let cases = [
            ("❄️", Some('❄')),
            (" 💊 ", Some('💊')),
            ("👍🏽", Some('👍')),
            ("💊💊", None),
            ("💊x", None),
            ("x", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(picture(text), expected, "{text}");
        }
    }
}

//! Texts as columns of PostgreSQL hold them.
//!
//! Not here: bodies, which are bytes. Kept true: every text reads back as itself. The one that PostgreSQL cannot hold is the one with U+0000, and an
//! identifier may have that: unescaped, one such listing would fail every record that shares its commit.

use std::borrow::Cow;

/// `\` as `\\`, U+0000 as `\0`; anything else as it is.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\0']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', "\\\\").replace('\0', "\\0"))
}

/// What `escaped` was made of.
pub(super) fn unescaped(column: String) -> String {
    if !column.contains('\\') {
        return column;
    }
    let (mut text, mut characters) = (String::with_capacity(column.len()), column.chars());
    while let Some(character) = characters.next() {
        text.push(match (character, character == '\\') {
            (_, true) if characters.next() == Some('0') => '\0',
            (character, _) => character,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_back_as_itself() {
        for text in ["", "l-1", "\0", "\\", "\\0", "a\\\\0\0b", "ö\0\\"] {
            let column = escaped(text);
            assert!(!column.contains('\0'));
            assert_eq!(unescaped(column.into_owned()), text);
        }
    }
}

//! Where in its file a part of a condition was written.
//!
//! Not here: where in the condition it lies (`condition/`). Kept true: a place lies within the condition's own place.

use std::ops::Range;

use super::super::faults::{At, Located};

/// The bytes of the file that bytes of a condition came from. Quotes, block headers and line breaks lie between the
/// two texts, so the characters that are no white space are counted; with escapes, the whole condition is meant.
pub(super) fn place_in_file(written: &str, when: &Located<String>, range: Range<usize>) -> At {
    let header = match written.as_bytes().first() {
        Some(b'"' | b'\'') => 1,
        Some(b'|' | b'>') => written.find('\n').unwrap_or_default(),
        _ => 0,
    };
    let is_text = |c: &char| !c.is_whitespace();
    let place = |byte: usize| {
        let before = when.value.get(..byte)?.chars().filter(is_text).count();
        let body = written.get(header..)?;
        let (found, _) = body.char_indices().filter(|(_, c)| is_text(c)).nth(before)?;
        u32::try_from(header + found).ok()
    };
    let escaped =
        written.starts_with('"') && written.contains('\\') || written.starts_with('\'') && written.contains("''");
    let last = range.end.saturating_sub(1).max(range.start);
    let last = (0..=last).rev().find(|byte| when.value.is_char_boundary(*byte)).unwrap_or_default();
    let last_length = when.value.get(last..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8) as u32;
    match (place(range.start), place(last)) {
        (Some(start), Some(end)) if !escaped => {
            At { start: when.at.start + start, end: when.at.start + end + last_length, ..when.at }
        }
        // A place at the very end: the condition stopped too early.
        (None, _) if !escaped => At { start: when.at.end, ..when.at },
        _ => when.at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_condition_are_found_in_however_it_was_written() {
        // As written, as YAML reads it, the part, what is marked of the written text.
        let cases = [
            ("lex.a > b", "lex.a > b", "b", "b"),
            ("\"lex.a > b\"", "lex.a > b", "lex.a", "lex.a"),
            ("'é && b'", "é && b", "b", "b"),
            ("'a && é'", "a && é", "é", "é"),
            (">-\n  lex.a >\n  b\n", "lex.a > b", "b", "b"),
            ("|\n  a\n  && b\n", "a\n&& b\n", "&& b", "&& b"),
            ("\"a \\u0041 b\"", "a A b", "b", "\"a \\u0041 b\""),
        ];
        for (written, value, part, expected) in cases {
            let start = value.rfind(part).unwrap();
            let at = At { file: 0, start: 100, end: 100 + written.len() as u32 };
            let when = Located { value: value.to_owned(), at };
            let found = place_in_file(written, &when, start..start + part.len());
            let marked = &written[found.start as usize - 100..found.end as usize - 100];
            assert_eq!(marked, expected, "{written}");
        }
    }
}

//! From a line of JSON to what is scored, and what people said about it.
//!
//! Not here: reading files, the JSON mapping (`wire::json`). Kept true: a fault carries a stable code and every violation.

use super::{Place, RawItem};
use crate::domain::{Content, ErrorCode, FieldViolation};
use crate::policy::did_you_mean;
use crate::wire::json::{self, InvalidLine, Label};

/// A line that can be scored.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The post, then the listing: one of them or both.
    pub(crate) contents: Vec<Content>,
    /// What people decided, if the line says so.
    pub(crate) label: Option<Label>,
}

/// Why a line cannot be scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineFault {
    /// For programs.
    pub(crate) code: ErrorCode,
    /// For people.
    pub(crate) message: String,
    /// Field by field, where the contract was broken.
    pub(crate) violations: Vec<FieldViolation>,
}

impl LineFault {
    /// Without violations.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        LineFault { code, message: message.into(), violations: Vec::new() }
    }
}

impl From<InvalidLine> for LineFault {
    fn from(invalid: InvalidLine) -> Self {
        let message = readable(&invalid.to_string());
        let violations = match invalid {
            InvalidLine::Content(content) => content.violations,
            InvalidLine::Json(_) | InvalidLine::Empty | InvalidLine::Label(_) => Vec::new(),
        };
        LineFault { code: ErrorCode::Invalid, message, violations }
    }
}

/// What the parser says, for people: each line is parsed alone, so its "line 1" would mislead; of the names that it expected,
/// the nearest is enough, and none is listed in two spellings.
fn readable(message: &str) -> String {
    let message = message.replace(" at line 1 column ", " at column ");
    let Some((unknown, expected)) = message.split_once(", expected one of ") else { return message };
    let (names, place) = expected.split_once(" at ").unwrap_or((expected, ""));
    let names: Vec<&str> = names.split(", ").map(|name| name.trim_matches('`')).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.contains(char::is_uppercase)).collect();
    let wrong = unknown.split('`').nth(1).unwrap_or_default();
    let advice =
        did_you_mean(wrong, names.iter().copied()).unwrap_or_else(|| format!("known are {}", names.join(", ")));
    format!("{unknown} at {place}; {advice}")
}

/// Reads the content of an item, and its labels if `labelled`.
pub(crate) fn read_row(item: RawItem, labelled: bool) -> (Place, Result<Row, LineFault>) {
    let fallback = format!("line-{}", item.place.line);
    let row = item.json.and_then(|json| {
        let line = json::parse_line_with_ids(&json, &fallback)?;
        let label = if labelled { line.label()? } else { None };
        let contents = [line.post.map(Content::Post), line.listing.map(Content::Listing)];
        Ok(Row { contents: contents.into_iter().flatten().collect(), label })
    });
    (item.place, row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> String {
        let item = RawItem { place: Place { file: None, line: 7 }, json: Ok(json.to_owned()) };
        read_row(item, false).1.unwrap_err().message
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_one_that_was_meant() {
        let found = message(r#"{"listing": {"titel": "x"}}"#);
        assert_eq!(found, "unknown field `titel` at column 20; did you mean `title`?");
    }

    #[test]
    fn a_strange_name_is_answered_with_those_that_are_known_in_one_spelling() {
        let found = message(r#"{"listing": {"zzz": "x"}}"#);
        assert!(
            found.starts_with("unknown field `zzz` at column 18; known are listing_id, seller_id, title, "),
            "{found}"
        );
        assert!(!found.contains("listingId"), "{found}");
    }

    #[test]
    fn other_faults_keep_their_words_and_their_column() {
        assert_eq!(
            message("{\"listing\": 3}"),
            "invalid type: integer `3`, expected struct dsasignal.v1.Listing at column 13"
        );
    }
}

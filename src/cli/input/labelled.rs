//! From a line of JSON to what is scored, and what people said about it.
//!
//! Not here: reading files, the JSON mapping (`wire::json`). Kept true: a fault carries a stable code and every violation.

use super::{Place, RawItem};
use crate::domain::{Content, ErrorCode, FieldViolation};
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
        // Each line is parsed alone, so the parser counts it as line 1; the place says which one it is.
        let message = invalid.to_string().replace(" at line 1 column ", " at column ");
        let violations = match invalid {
            InvalidLine::Content(content) => content.violations,
            InvalidLine::Json(_) | InvalidLine::Empty | InvalidLine::Label(_) => Vec::new(),
        };
        LineFault { code: ErrorCode::Invalid, message, violations }
    }
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

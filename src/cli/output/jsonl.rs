//! JSON Lines: `{"line": 1, "assessment": {…}}` or `{"line": 7, "error": {…}}`, one per item.
//!
//! Not here: the assessment's own JSON (`wire::json`). Kept true: an item that cannot be scored has a line too.

use serde_json::{Map, Value, json};

use super::Outcome;
use crate::cli::input::{LineFault, Place};
use crate::domain::{ErrorCode, FieldViolation};
use crate::wire;

/// One outcome.
pub(super) fn render(outcome: Outcome) -> String {
    let place = place(&outcome.place);
    let result = outcome.result.and_then(|scored| {
        // Every assessment has a JSON form; were that ever untrue, the line would say so instead of vanishing.
        wire::json::assessment(scored.assessment)
            .map_err(|error| LineFault::new(ErrorCode::Internal, format!("has no JSON form: {error}")))
    });
    match result {
        Ok(assessment) => format!("{{{place},\"assessment\":{assessment}}}\n"),
        Err(fault) => format!("{{{place},\"error\":{}}}\n", error(&fault)),
    }
}

fn place(place: &Place) -> String {
    match &place.file {
        Some(file) => format!("\"file\":{},\"line\":{}", Value::from(&**file), place.line),
        None => format!("\"line\":{}", place.line),
    }
}

fn error(fault: &LineFault) -> Value {
    let violation =
        |violation: &FieldViolation| json!({"field": violation.field, "description": violation.description});
    let mut error = Map::new();
    error.insert("code".to_owned(), Value::from(fault.code.as_str()));
    error.insert("message".to_owned(), Value::from(fault.message.as_str()));
    error.insert("violations".to_owned(), fault.violations.iter().map(violation).collect());
    Value::Object(error)
}

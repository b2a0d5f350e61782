//! CSV and TSV: the first line names the columns.
//!
//! Not here: what columns mean (`table.rs`). Kept true: a row of the wrong shape is a fault of that row alone.

use std::io::Read;

use super::super::failure::{Failure, say};
use super::table::Columns;
use super::{Items, LineFault};
use crate::domain::ErrorCode;

/// Opens a file with this character between its cells.
pub(super) fn open(input: impl Read + 'static, name: &str, delimiter: u8) -> Result<Items, Failure> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(input);
    let headers = reader.headers().map_err(|error| Failure::new(format!("{name} cannot be read: {error}")))?;
    let (columns, ignored) = Columns::of(headers.iter())
        .map_err(|advice| Failure::with_hint(format!("{name} has no column that is scored"), advice))?;
    if !ignored.is_empty() {
        say(&format!("{name}: ignored columns: {}", ignored.join(", ")));
    }
    let rows = reader.into_records().map(move |record| match record {
        Ok(record) => {
            let line = record.position().map_or(0, csv::Position::line);
            Ok((line, columns.json(record.iter())))
        }
        Err(error) => {
            let line = error.position().map_or(0, csv::Position::line);
            let message = fault(&error);
            match error.into_kind() {
                csv::ErrorKind::Io(error) => Err(error),
                _ => Ok((line, Err(LineFault::new(ErrorCode::Invalid, message)))),
            }
        }
    });
    Ok(Box::new(rows) as Items)
}

fn fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells where the first line names {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8; save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

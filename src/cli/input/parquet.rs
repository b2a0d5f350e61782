//! Parquet: one row an item, the columns named as in CSV.
//!
//! Not here: what columns mean (`table.rs`). Kept true: row groups are read one after the other, never the whole file.

use std::fs::File;
use std::io;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};

use super::super::failure::{Failure, say};
use super::Items;
use super::table::Columns;

/// Opens a file.
pub(super) fn open(file: File, name: &str) -> Result<Items, Failure> {
    let cannot = |error| Failure::new(format!("{name} cannot be read as Parquet: {error}"));
    let reader = SerializedFileReader::new(file).map_err(cannot)?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let (columns, ignored) = Columns::of(schema.get_fields().iter().map(|field| field.name()))
        .map_err(|advice| Failure::with_hint(format!("{name} has no column that is scored"), advice))?;
    if !ignored.is_empty() {
        say(&format!("{name}: ignored columns: {}", ignored.join(", ")));
    }
    let rows = reader.into_iter().zip(1_u64..).map(move |(row, number)| {
        let row = row.map_err(io::Error::other)?;
        let cells = cells(&row);
        Ok((number, columns.json(cells.iter().map(String::as_str))))
    });
    Ok(Box::new(rows))
}

fn cells(row: &Row) -> Vec<String> {
    let cell = |(_, field): (&String, &Field)| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        // Numbers and flags print as CSV writes them; what else there may be is refused by the field's type.
        other => other.to_string(),
    };
    row.get_column_iter().map(cell).collect()
}

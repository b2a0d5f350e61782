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
        // `2025-01-02 03:04:05.000 +00:00` is RFC 3339 but for its spaces.
        Field::TimestampMillis(_) | Field::TimestampMicros(_) => {
            field.to_string().replacen(' ', "T", 1).replace(' ', "")
        }
        // Numbers and flags print as CSV writes them; what else there may be is refused by the field's type.
        other => other.to_string(),
    };
    row.get_column_iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
    use parquet::arrow::ArrowWriter;
    use serde_json::json;

    use super::*;

    fn written(columns: Vec<(&str, ArrayRef)>) -> File {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
        let batch = batch.unwrap();
        let file = tempfile::tempfile().unwrap();
        let mut writer = ArrowWriter::try_new(file.try_clone().unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        file
    }

    #[test]
    fn typed_columns_become_the_fields_that_they_name() {
        let file = written(vec![
            ("id", Arc::new(StringArray::from(vec!["a", "b"]))),
            ("title", Arc::new(StringArray::from(vec![Some("Tea"), None]))),
            ("price", Arc::new(Float64Array::from(vec![Some(12.5), None]))),
            ("currency_code", Arc::new(StringArray::from(vec!["EUR", "EUR"]))),
            ("age_restricted", Arc::new(BooleanArray::from(vec![false, true]))),
            ("created_at", Arc::new(TimestampMillisecondArray::from(vec![Some(1_735_783_445_500), None]))),
        ]);
        let items: Vec<_> = open(file, "x.parquet").unwrap().map(Result::unwrap).collect();
        let lines: Vec<serde_json::Value> =
            items.iter().map(|(_, json)| serde_json::from_str(json.as_ref().unwrap()).unwrap()).collect();
        let tea = json!({"title": "Tea", "price": {"currency_code": "EUR", "units": 12, "nanos": 500_000_000},
            "age_restricted": false, "created_at": "2025-01-02T02:04:05.500+00:00"});
        assert_eq!(lines[0], json!({"id": "a", "listing": tea}));
        assert_eq!(lines[1], json!({"id": "b", "listing": {"age_restricted": true}}));
        assert_eq!((items[0].0, items[1].0), (1, 2));
    }

    #[test]
    fn what_is_no_parquet_is_refused() {
        assert!(open(tempfile::tempfile().unwrap(), "x.parquet").is_err());
    }
}

//! Parquet: the columns of CSV, typed, Snappy-compressed.
//!
//! Not here: what the columns hold (`flat.rs`). Kept true: rows are written chunk by chunk, so memory does not grow with the
//! file beyond one row group.

use std::fs::File;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::Rendered;
use super::flat::{COLUMNS, FlatRow};
use crate::cli::failure::Failure;
use crate::cli::input::CHUNK;

/// Rows of a row group: what is kept in memory until it is written.
const ROW_GROUP: usize = 64 * CHUNK;

/// A file being written.
pub(crate) struct Columns {
    writer: ArrowWriter<File>,
    schema: Arc<Schema>,
    waiting: Vec<FlatRow>,
}

impl Columns {
    /// Into a file.
    pub(super) fn new(file: File) -> Result<Self, Failure> {
        let field = |name: &&str| match *name {
            "line" => Field::new("line", DataType::UInt64, false),
            "risk" => Field::new("risk", DataType::Float64, true),
            text => Field::new(text, DataType::Utf8, false),
        };
        let schema = Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(failure)?;
        Ok(Columns { writer, schema, waiting: Vec::with_capacity(CHUNK) })
    }

    /// Adds rows in this order.
    pub(super) fn write(&mut self, chunk: impl IntoIterator<Item = Rendered>) -> Result<(), Failure> {
        self.waiting.extend(chunk.into_iter().filter_map(|rendered| match rendered {
            Rendered::Row(row) => Some(*row),
            Rendered::Text(_) => None,
        }));
        if self.waiting.len() >= CHUNK { self.write_batch() } else { Ok(()) }
    }

    /// Writes the end of the file.
    pub(super) fn close(mut self) -> Result<(), Failure> {
        self.write_batch()?;
        self.writer.close().map(|_| ()).map_err(failure)
    }

    fn write_batch(&mut self) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.waiting);
        let text =
            |pick: fn(&FlatRow) -> &str| Arc::new(StringArray::from_iter_values(rows.iter().map(pick))) as ArrayRef;
        let columns = vec![
            text(|row| &row.file),
            Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.line))),
            text(|row| row.kind),
            text(|row| &row.id),
            Arc::new(rows.iter().map(|row| row.risk).collect::<Float64Array>()),
            text(|row| row.level),
            text(|row| row.action),
            text(|row| row.area),
            text(|row| &row.signals),
            text(|row| &row.evidence),
            text(|row| &row.error),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)
            .map_err(|error| Failure::new(format!("the output cannot be written as Parquet: {error}")))?;
        self.writer.write(&batch).map_err(failure)
    }
}

fn failure(error: ParquetError) -> Failure {
    Failure::new(format!("the output cannot be written as Parquet: {error}"))
}

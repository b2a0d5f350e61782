//! CSV (RFC 4180), one row per item.
//!
//! Not here: what the columns hold (`flat.rs`). Kept true: what stands in a cell reads back as it was.

use super::flat::{COLUMNS, FlatRow};

/// The names of the columns.
pub(super) fn header() -> String {
    record(&COLUMNS)
}

/// One row.
pub(super) fn render(row: &FlatRow) -> String {
    let line = row.line.to_string();
    let risk = row.risk.map(|risk| format!("{risk:.6}")).unwrap_or_default();
    let cells = [
        row.file.as_str(),
        &line,
        row.kind,
        &row.id,
        &risk,
        row.level,
        row.action,
        row.area,
        &row.signals,
        &row.evidence,
        &row.error,
    ];
    record(&cells)
}

fn record(cells: &[&str; COLUMNS.len()]) -> String {
    let mut line = String::new();
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            line.push(',');
        }
        if cell.contains(['"', ',', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_hold_separators_are_quoted_and_read_back() {
        let row = FlatRow { id: "a,\"b\"\nc".into(), risk: Some(0.5), line: 3, ..FlatRow::default() };
        let text = header() + &render(&row);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), &COLUMNS[..]);
        let read = reader.records().next().unwrap().unwrap();
        assert_eq!((&read[1], &read[3], &read[4]), ("3", "a,\"b\"\nc", "0.500000"));
    }
}

//! Tables of names and numbers.
//!
//! Not here: what they say. Kept true: cells are made visible here, so that a table never commands the terminal.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};

use super::terminal::{Terminal, visible};

/// A table: text columns stand left, number columns right.
pub(super) struct Columns {
    table: Table,
    numbers: usize,
    terminal: Terminal,
}

impl Columns {
    /// With these names; those from `numbers` on hold numbers.
    pub(super) fn new(names: &[&str], numbers: usize, terminal: Terminal) -> Self {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(terminal.width()).unwrap_or(u16::MAX));
        if terminal.colour() {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let mut columns = Columns { table, numbers, terminal };
        let header: Vec<Cell> = names.iter().enumerate().map(|(at, name)| columns.cell(at, name, true)).collect();
        columns.table.set_header(header);
        columns
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: &[String]) {
        let row: Vec<Cell> = cells.iter().enumerate().map(|(at, text)| self.cell(at, text, false)).collect();
        self.table.add_row(row);
    }

    /// The table, a line end after every line, no spaces before one.
    pub(super) fn render(&self) -> String {
        self.table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    fn cell(&self, at: usize, text: &str, bold: bool) -> Cell {
        let side = if at < self.numbers { CellAlignment::Left } else { CellAlignment::Right };
        let cell = Cell::new(visible(text)).set_alignment(side);
        if bold && self.terminal.colour() { cell.add_attribute(Attribute::Bold) } else { cell }
    }
}

/// A share as per cent; what is not known is `-`.
pub(super) fn percent(share: Option<f64>, decimals: usize) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.decimals$} %", share * 100.0))
}

/// A number with decimals; what is not known is `-`.
pub(super) fn decimal(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.decimals$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_left_and_numbers_right() {
        let mut table = Columns::new(&["AREA", "ROWS"], 1, Terminal::with(false, 60));
        table.row(&["medicine".to_owned(), "7".to_owned()]);
        table.row(&["drug\u{7}".to_owned(), "1,234".to_owned()]);
        assert_eq!(table.render(), " AREA        ROWS\n medicine       7\n drug\\u{7}  1,234\n");
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        assert_eq!(
            (percent(None, 1), percent(Some(0.125), 1), decimal(None, 3)),
            ("-".into(), "12.5 %".into(), "-".into())
        );
    }
}

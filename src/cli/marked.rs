//! Text with the evidence marked where it stands, wrapped to a width.
//!
//! Not here: which characters are evidence. Kept true: spans are bytes of the original, so marking happens before
//! characters are made visible; a line never ends inside a style.

use std::ops::Range;

use anstyle::Style;
use unicode_width::UnicodeWidthChar;

use super::terminal::{RELIEF, Terminal, WORRY, columns, push_visible};

/// What stands around evidence where styles are not shown. Rare in content, unlike `[` or `«`.
const OPEN: &str = "⟦";
const CLOSE: &str = "⟧";

/// What a stretch of characters does to the risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Lowers it.
    Relief,
    /// Raises it; wins where both lie on one character.
    Worry,
}

/// A text of content and its evidence.
#[derive(Clone, Debug, Default)]
pub(crate) struct MarkedText<'a> {
    text: &'a str,
    marks: Vec<(Range<usize>, Mark)>,
}

/// A character as shown.
struct Cell {
    shown: String,
    columns: usize,
    mark: Option<Mark>,
    space: bool,
}

impl<'a> MarkedText<'a> {
    /// Without marks.
    pub(crate) fn new(text: &'a str) -> Self {
        MarkedText { text, marks: Vec::new() }
    }

    /// Marks bytes.
    pub(crate) fn mark(&mut self, bytes: Range<usize>, mark: Mark) {
        if !bytes.is_empty() {
            self.marks.push((bytes, mark));
        }
    }

    /// True if something is marked.
    pub(crate) fn is_marked(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Keeps about `budget` characters, with the first mark among them; what is left out shows as `…`.
    pub(crate) fn lines(&self, terminal: Terminal, width: usize, budget: usize) -> Vec<String> {
        let cells = self.cells(terminal, budget);
        wrap(&cells, width.max(8)).into_iter().map(|line| dress(line, terminal)).collect()
    }

    fn cells(&self, terminal: Terminal, budget: usize) -> Vec<Cell> {
        let window = self.window(budget);
        let mut cells = Vec::new();
        if window.start > 0 {
            cells.push(Cell { shown: "…".to_owned(), columns: 1, mark: None, space: false });
        }
        let mut before = None;
        for (byte, character) in self.text.char_indices().filter(|(byte, _)| window.contains(byte)) {
            let mark = self.mark_at(byte);
            let mut cell = Cell { shown: String::new(), columns: 0, mark, space: character.is_whitespace() };
            if !terminal.colour() && before != mark {
                cell.shown.push_str(if before.is_some() { CLOSE } else { "" });
                cell.shown.push_str(if mark.is_some() { OPEN } else { "" });
            }
            push_visible(&mut cell.shown, character);
            cell.columns = columns(&cell.shown);
            before = mark;
            cells.push(cell);
        }
        let mut end = String::new();
        if !terminal.colour() && before.is_some() {
            end.push_str(CLOSE);
        }
        if window.end < self.text.len() {
            end.push('…');
        }
        if !end.is_empty() {
            let columns = columns(&end);
            cells.push(Cell { shown: end, columns, mark: None, space: false });
        }
        cells
    }

    fn mark_at(&self, byte: usize) -> Option<Mark> {
        self.marks.iter().filter(|(bytes, _)| bytes.contains(&byte)).map(|(_, mark)| *mark).max()
    }

    /// The bytes to show: from a little before the first mark that would otherwise be cut off.
    fn window(&self, budget: usize) -> Range<usize> {
        let length = self.text.chars().count();
        if length <= budget {
            return 0..self.text.len();
        }
        let first = self.marks.iter().map(|(bytes, _)| bytes.start).min().unwrap_or(0);
        let before = self.text.get(..first).unwrap_or_default().chars().count();
        let skipped = if before < budget * 3 / 4 { 0 } else { (before - budget / 4).min(length - budget) };
        let byte = |position: usize| self.text.char_indices().nth(position).map_or(self.text.len(), |(byte, _)| byte);
        byte(skipped)..byte(skipped + budget)
    }
}

/// Breaks between words; words longer than a line are broken where the line ends.
fn wrap(cells: &[Cell], width: usize) -> Vec<&[Cell]> {
    let mut lines = Vec::new();
    let (mut start, mut used, mut last_space) = (0, 0, None);
    let mut position = 0;
    while let Some(cell) = cells.get(position) {
        if used + cell.columns > width && position > start {
            let (end, next) = match last_space {
                _ if cell.space => (position, position + 1),
                Some(space) => (space, space + 1),
                None => (position, position),
            };
            lines.push(cells.get(start..end).unwrap_or_default());
            (start, used, last_space, position) = (next, 0, None, next);
            continue;
        }
        if cell.space {
            last_space = Some(position);
        }
        used += cell.columns;
        position += 1;
    }
    lines.push(cells.get(start..).unwrap_or_default());
    lines
}

fn dress(line: &[Cell], terminal: Terminal) -> String {
    let mut dressed = String::new();
    for run in line.chunk_by(|a, b| a.mark == b.mark) {
        let text: String = run.iter().map(|cell| cell.shown.as_str()).collect();
        dressed.push_str(&terminal.paint(style(run.first().and_then(|cell| cell.mark)), &text));
    }
    dressed
}

fn style(mark: Option<Mark>) -> Style {
    match mark {
        Some(Mark::Worry) => WORRY,
        Some(Mark::Relief) => RELIEF,
        None => Style::new(),
    }
}

/// Wraps a plain text.
pub(crate) fn wrap_plain(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let needed: usize = word.chars().filter_map(UnicodeWidthChar::width).sum();
        if used > 0 && used + 1 + needed > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += needed;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, part: &str) -> Vec<String> {
        lines(text, part, 80)
    }

    fn lines(text: &str, part: &str, width: usize) -> Vec<String> {
        let mut marked = MarkedText::new(text);
        let start = text.find(part).unwrap();
        marked.mark(start..start + part.len(), Mark::Worry);
        marked.lines(Terminal::with(false, width), width, 60)
    }

    #[test]
    fn evidence_is_marked_where_it_stands() {
        assert_eq!(marked("Buy V1@gra now", "V1@gra"), ["Buy ⟦V1@gra⟧ now"]);
        assert_eq!(marked("βιάγρα", "βιάγρα"), ["⟦βιάγρα⟧"]);
    }

    #[test]
    fn escapes_do_not_shift_the_marks() {
        assert_eq!(marked("\u{1b}x via\u{200b}gra y", "via\u{200b}gra"), ["\\u{1b}x ⟦via\\u{200b}gra⟧ y"]);
    }

    #[test]
    fn styles_end_with_the_line() {
        let mut text = MarkedText::new("aaaa bbbbbb cc");
        text.mark(0..14, Mark::Worry);
        let lines = text.lines(Terminal::with(true, 10), 10, 60);
        assert_eq!(lines.len(), 2);
        for line in lines {
            assert_eq!(line.matches("\u{1b}[0m").count(), 1, "{line:?}");
            assert!(!line.ends_with("cc") && !line.ends_with('b'), "{line:?}");
        }
    }

    #[test]
    fn long_texts_are_shown_around_their_first_mark() {
        let text = format!("{}needle{}", "straw ".repeat(40), " straw".repeat(40));
        let shown = marked(&text, "needle").join(" ");
        assert!(shown.starts_with('…') && shown.ends_with('…') && shown.contains("⟦needle⟧"), "{shown}");
        assert!(shown.chars().count() < 70, "{shown}");
    }

    #[test]
    fn lines_break_between_words_and_never_outgrow_the_width() {
        assert_eq!(lines("one two three four", "four", 12), ["one two", "three ⟦four⟧"]);
        assert_eq!(lines("abcdefghijklmnop q", "q", 10), ["abcdefghij", "klmnop ⟦q⟧"]);
        assert_eq!(wrap_plain("one two three", 8), ["one two", "three"]);
    }
}

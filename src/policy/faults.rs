//! Collects what is wrong, and finds line and column for it.
//!
//! Not here: how a diagnostic looks (`diagnostic`), what is wrong (`shape/`, `compile/`). Kept true: however many faults
//! there are, and however long the lines they lie in, collecting them takes time in proportion to the pack.

use super::code::{Code, Severity};
use super::diagnostic::PackDiagnostic;
use super::source::PackSource;
use super::suggest::did_you_mean;

/// Beyond this many errors, and this many warnings, faults are no longer kept: a broken file of 100,000 lines would fill
/// the memory with its echo.
const MAX_KEPT: usize = 1000;

/// Characters of a line that a snippet keeps; longer lines are cut around the place.
const MAX_SNIPPET_CHARS: usize = 400;

/// Bytes of a file of the pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct At {
    /// Position in `PackSource::files`.
    pub(super) file: u16,
    /// First byte.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) at: At,
}

/// Collects faults, and knows the text they lie in.
#[derive(Debug)]
pub(super) struct Faults<'s> {
    source: &'s PackSource,
    /// By file: the byte at which each line starts; made when the first fault of the file is found.
    line_starts: Vec<Option<Vec<u32>>>,
    /// The place whose column was counted last: the next one is often a little further in the same line.
    counted: Counted,
    errors: Vec<PackDiagnostic>,
    warnings: Vec<PackDiagnostic>,
    silent: Vec<Code>,
}

impl<'s> Faults<'s> {
    pub(super) fn new(source: &'s PackSource) -> Self {
        Faults {
            source,
            line_starts: vec![None; source.files().len()],
            counted: Counted::default(),
            errors: Vec::new(),
            warnings: Vec::new(),
            silent: Vec::new(),
        }
    }

    /// Notes a fault.
    pub(super) fn add(&mut self, code: Code, at: At, message: impl Into<String>) {
        self.push(code, at, message.into(), None);
    }

    /// Notes a fault and what to do about it.
    pub(super) fn add_with_hint(&mut self, code: Code, at: At, message: impl Into<String>, hint: impl Into<String>) {
        self.push(code, at, message.into(), Some(hint.into()));
    }

    /// Notes that a name does not exist, and the name that was probably meant.
    pub(super) fn add_unknown<'n>(
        &mut self,
        code: Code,
        name: &Located<String>,
        what: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        if self.keeps(code) {
            let hint = did_you_mean(&name.value, known).unwrap_or_else(|| code.remedy().to_owned());
            self.push(code, name.at, format!("unknown {what} `{}`", name.value), Some(hint));
        }
    }

    /// Notes a fault of a file as a whole.
    pub(super) fn add_file(&mut self, code: Code, file: &str, message: impl Into<String>) {
        if self.keeps(code) {
            let mut fault = PackDiagnostic::of_file(code, file, message.into());
            fault.hint = Some(code.remedy().to_owned());
            self.list(code).push(fault);
        }
    }

    /// The place as `file:line:column`.
    pub(super) fn place(&mut self, at: At) -> String {
        let (line, column) = self.position(at).map_or((0, 0), |position| (position.line, position.column));
        format!("{}:{line}:{column}", self.path(at))
    }

    /// The text at a place.
    pub(super) fn text(&self, at: At) -> &'s str {
        let text = self.source.files().get(usize::from(at.file)).map(|file| file.text.as_str()).unwrap_or_default();
        text.get(at.start as usize..at.end as usize).unwrap_or_default()
    }

    /// Says nothing of this code from now on: it would only be an echo of a file that could not be read.
    pub(super) fn silence(&mut self, codes: &[Code]) {
        self.silent.extend_from_slice(codes);
    }

    /// Has an error been noted?
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Everything noted, by place.
    pub(super) fn into_sorted(self) -> Vec<PackDiagnostic> {
        let mut list = self.errors;
        // Errors have precedence: a flood of warnings must not make a broken pack look whole.
        list.extend(self.warnings.into_iter().take(MAX_KEPT - list.len()));
        list.sort();
        list
    }

    fn push(&mut self, code: Code, at: At, message: String, hint: Option<String>) {
        if !self.keeps(code) {
            return;
        }
        let mut fault = PackDiagnostic::of_file(code, self.path(at), message);
        fault.hint = Some(hint.unwrap_or_else(|| code.remedy().to_owned()));
        if let Some(position) = self.position(at) {
            (fault.line, fault.column) = (position.line, position.column);
            (fault.snippet, fault.marked) = (position.snippet, position.marked);
        }
        self.list(code).push(fault);
    }

    /// Will a fault of this code be kept?
    fn keeps(&mut self, code: Code) -> bool {
        !self.silent.contains(&code) && self.list(code).len() < MAX_KEPT
    }

    fn list(&mut self, code: Code) -> &mut Vec<PackDiagnostic> {
        match code.severity() {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        }
    }

    fn path(&self, at: At) -> &'s str {
        self.source.files().get(usize::from(at.file)).map(|file| file.path.as_str()).unwrap_or_default()
    }

    fn position(&mut self, at: At) -> Option<Position> {
        let text = self.source.files().get(usize::from(at.file))?.text.as_str();
        let starts = self.line_starts.get_mut(usize::from(at.file))?.get_or_insert_with(|| line_starts(text));
        let line = starts.partition_point(|start| *start <= at.start).max(1);
        let start = *starts.get(line - 1)? as usize;
        let end = starts.get(line).map_or(text.len(), |next| *next as usize);
        let text = text.get(start..end)?.trim_end_matches(['\n', '\r']);
        let from = floor_boundary(text, at.start as usize - start);
        let to = floor_boundary(text, (at.end as usize).saturating_sub(start)).max(from);
        let column = self.counted.column((at.file, start), text, from);
        let (snippet, marked) = snippet(text, from, to);
        Some(Position { line: u32::try_from(line).unwrap_or(u32::MAX), column, snippet, marked })
    }
}

/// A place, ready to show.
struct Position {
    line: u32,
    column: u32,
    snippet: String,
    marked: (u32, u32),
}

/// A byte of a line and the characters before it.
#[derive(Debug, Default)]
struct Counted {
    line: (u16, usize),
    byte: usize,
    chars: usize,
}

impl Counted {
    /// The column of a byte, counted from the last place if that was earlier in the same line.
    fn column(&mut self, line: (u16, usize), text: &str, byte: usize) -> u32 {
        if self.line != line || self.byte > byte {
            *self = Counted { line, ..Counted::default() };
        }
        self.chars += text.get(self.byte..byte).unwrap_or_default().chars().count();
        self.byte = byte;
        u32::try_from(self.chars + 1).unwrap_or(u32::MAX)
    }
}

/// The line, cut if it is long, and the bytes of it that are meant.
fn snippet(line: &str, from: usize, to: usize) -> (String, (u32, u32)) {
    let before = line.get(..from).unwrap_or_default();
    // Long lines are shown from a little before the place.
    let kept: usize = before.chars().rev().take(MAX_SNIPPET_CHARS / 2).map(char::len_utf8).sum();
    let window = line.get(from - kept..).unwrap_or_default();
    let cut = window.char_indices().nth(MAX_SNIPPET_CHARS).map_or(window.len(), |(byte, _)| byte);
    let marked = (kept as u32, (kept + to - from).min(cut) as u32);
    (window.get(..cut).unwrap_or_default().to_owned(), marked)
}

fn line_starts(text: &str) -> Vec<u32> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(byte, _)| byte as u32 + 1)).collect()
}

fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

//! What is wrong with a pack, and where: code, place, the line, a hint.
//!
//! Not here: the list of codes (`code`), the checks. Kept true: a diagnostic is complete in itself: it can be shown
//! without the files it speaks of.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::code::{Code, Severity};
use super::source::PackSource;

/// Beyond this many, faults are no longer kept: a broken file of 100,000 lines would fill the memory with its echo.
const MAX_DIAGNOSTICS: usize = 1000;

/// Characters of a line that a snippet keeps; longer lines are cut around the place.
const MAX_SNIPPET_CHARS: usize = 400;

/// One thing wrong with a pack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackDiagnostic {
    /// Path within the pack.
    pub file: String,
    /// From 1; 0 if the file as a whole is meant.
    pub line: u32,
    /// In characters, from 1; 0 if the file as a whole is meant.
    pub column: u32,
    /// Stable code, e.g. `P012`; `docs/POLICY.md` explains each.
    pub code: &'static str,
    /// Does the pack still compile?
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The line, cut if it is long.
    pub snippet: String,
    /// The characters of `snippet` that are meant, as a byte range.
    pub marked: (u32, u32),
    /// What to do about it.
    pub hint: Option<String>,
}

impl PackDiagnostic {
    /// About a file as a whole.
    pub(super) fn of_file(code: Code, file: &str, message: String) -> Self {
        PackDiagnostic {
            file: file.to_owned(),
            line: 0,
            column: 0,
            code: code.as_str(),
            severity: code.severity(),
            message,
            snippet: String::new(),
            marked: (0, 0),
            hint: None,
        }
    }

    /// As a compiler would show it: title, place, the line with the place marked, the hint.
    pub fn render(&self, colour: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let line = usize::try_from(self.line).unwrap_or_default();
        let marked = self.marked.0 as usize..self.marked.1 as usize;
        // A file as a whole has no line to show, and of a cut line the renderer would count wrong columns: then the
        // place stands in the title.
        let shown = self.snippet.get(..marked.start).map(|before| before.chars().count() + 1);
        let is_cut = shown != usize::try_from(self.column).ok();
        let title = match (line, is_cut) {
            (0, _) => format!("{}: {}", self.file, self.message),
            (_, true) => format!("{}:{line}:{}: {}", self.file, self.column, self.message),
            _ => self.message.clone(),
        };
        let mut group = level.primary_title(title).id(self.code).elements(
            (line > 0 && self.snippet.get(marked.clone()).is_some()).then(|| {
                Snippet::source(self.snippet.as_str())
                    .line_start(line)
                    .path((!is_cut).then_some(self.file.as_str()))
                    .annotation(AnnotationKind::Primary.span(marked))
            }),
        );
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// One line: `signals/medicine.yaml:12:9: error[P012]: …`.
impl fmt::Display for PackDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}[{}]: {}", self.severity.as_str(), self.code, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

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
    list: Vec<PackDiagnostic>,
    silent: Vec<&'static str>,
}

impl<'s> Faults<'s> {
    pub(super) fn new(source: &'s PackSource) -> Self {
        Faults { source, line_starts: vec![None; source.files().len()], list: Vec::new(), silent: Vec::new() }
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
        let hint = super::suggest::did_you_mean(&name.value, known).unwrap_or_else(|| code.remedy().to_owned());
        self.push(code, name.at, format!("unknown {what} `{}`", name.value), Some(hint));
    }

    /// Notes a fault of a file as a whole.
    pub(super) fn add_file(&mut self, code: Code, file: &str, message: impl Into<String>) {
        let mut fault = PackDiagnostic::of_file(code, file, message.into());
        fault.hint = Some(code.remedy().to_owned());
        self.keep(fault);
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
        self.silent.extend(codes.iter().map(|code| code.as_str()));
    }

    /// Has an error been noted?
    pub(super) fn has_errors(&self) -> bool {
        self.list.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// Everything noted, by place.
    pub(super) fn into_sorted(mut self) -> Vec<PackDiagnostic> {
        self.list.sort();
        self.list
    }

    fn push(&mut self, code: Code, at: At, message: String, hint: Option<String>) {
        let mut fault = PackDiagnostic::of_file(code, self.path(at), message);
        fault.hint = Some(hint.unwrap_or_else(|| code.remedy().to_owned()));
        if let Some(position) = self.position(at) {
            (fault.line, fault.column) = (position.line, position.column);
            (fault.snippet, fault.marked) = (position.snippet, position.marked);
        }
        self.keep(fault);
    }

    fn keep(&mut self, fault: PackDiagnostic) {
        if self.silent.contains(&fault.code) {
            return;
        }
        // An error always gets a place, else a flood of warnings could make a broken pack look whole.
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(fault);
        } else if fault.severity == Severity::Error
            && let Some(warning) = self.list.iter_mut().find(|kept| kept.severity == Severity::Warning)
        {
            *warning = fault;
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
        Some(Position::new(text.get(start..end)?.trim_end_matches(['\n', '\r']), at, start, line))
    }
}

/// A place, ready to show.
struct Position {
    line: u32,
    column: u32,
    snippet: String,
    marked: (u32, u32),
}

impl Position {
    fn new(line_text: &str, at: At, line_start: usize, line: usize) -> Self {
        let from = floor_boundary(line_text, at.start as usize - line_start);
        let to = floor_boundary(line_text, (at.end as usize).saturating_sub(line_start)).max(from);
        let before = line_text.get(..from).unwrap_or_default();
        // Long lines are shown from a little before the place.
        let kept: usize = before.chars().rev().take(MAX_SNIPPET_CHARS / 2).map(char::len_utf8).sum();
        let window = line_text.get(from - kept..).unwrap_or_default();
        let cut = window.char_indices().nth(MAX_SNIPPET_CHARS).map_or(window.len(), |(byte, _)| byte);
        let marked = (kept as u32, (kept + to - from).min(cut) as u32);
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX),
            snippet: window.get(..cut).unwrap_or_default().to_owned(),
            marked,
        }
    }
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

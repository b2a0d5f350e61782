//! What is wrong with a pack, and where: code, place, the line, a hint.
//!
//! Not here: the list of codes (`code`), collecting faults (`faults`). Kept true: a diagnostic is complete in itself: it can be shown
//! without the files it speaks of.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::code::{Code, Severity};

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

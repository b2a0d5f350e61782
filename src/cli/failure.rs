//! How a command ends, and what it says when it cannot go on.
//!
//! Not here: bad lines of a file (`input`), which never end a command. Kept true: a failure says what to do about it; a
//! reader who closes the pipe is no failure.

use std::fmt;
use std::io;
use std::process::ExitCode;

use super::terminal::{BAD, HINT, Terminal, visible};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Done,
    /// 1: it could not be done, or what was checked is not in order.
    Failed,
    /// 2: done, but some lines could not be read.
    BadLines,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::BadLines => ExitCode::from(2),
        }
    }
}

/// Why a command could not go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// With a sentence, and advice if there is any.
    Because {
        /// What went wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Already told in full (a pack's diagnostics).
    Told,
    /// Whoever read the output has had enough.
    ClosedPipe,
}

impl Failure {
    /// Without advice.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Failure::Because { message: message.into(), hint: None }
    }

    /// With advice.
    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure::Because { message: message.into(), hint: Some(hint.into()) }
    }

    /// While reading or writing something with a name.
    pub(crate) fn io(doing: impl fmt::Display, error: &io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::BrokenPipe => return Failure::ClosedPipe,
            io::ErrorKind::NotFound => Some("check the path; `-` reads the standard input"),
            io::ErrorKind::PermissionDenied => Some("check the permissions of the file and its folder"),
            io::ErrorKind::IsADirectory => Some("name a file, or all of them: DIR/*.jsonl"),
            _ => None,
        };
        Failure::Because { message: format!("{doing}: {error}"), hint: hint.map(str::to_owned) }
    }

    /// Tells it and gives the exit code.
    pub(crate) fn tell(self) -> Exit {
        let terminal = Terminal::stderr();
        match self {
            Failure::Because { message, hint } => {
                say(&format!("{} {}", terminal.paint(BAD, "error:"), visible(&message)));
                if let Some(hint) = hint {
                    say(&format!("  {} {}", terminal.paint(HINT, "hint:"), visible(&hint)));
                }
                Exit::Failed
            }
            Failure::Told => Exit::Failed,
            Failure::ClosedPipe => Exit::Done,
        }
    }
}

/// From writing to the output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::io("the output cannot be written", &error)
    }
}

/// Tells a failure of another part of the process in the same manner: a sentence, and what to do about it.
pub fn report(message: &str, hint: Option<&str>) -> Exit {
    Failure::Because { message: message.to_owned(), hint: hint.map(str::to_owned) }.tell()
}

/// Writes what another part of the process was asked to show.
pub fn show(text: &str) -> Exit {
    use std::io::Write;
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => Exit::Done,
        Err(error) => Failure::from(error).tell(),
    }
}

/// A line for the person at the terminal. If nobody can hear it, it is lost, and that is all that can be done.
pub(crate) fn say(line: &str) {
    use std::io::Write;
    let _unheard = writeln!(io::stderr(), "{line}");
}

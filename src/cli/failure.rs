//! How a command ends.
//!
//! Not here: what commands do.

use std::process::ExitCode;

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

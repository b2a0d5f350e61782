//! `policy check`, `policy test`, `policy explain`, `policy fit`: the life of a pack, seen from the command line.
//!
//! Not here: compiling (`policy/` of the crate), scoring (`engine/`). Kept true: each command's exit code alone answers its
//! question.

mod explain;
mod facts;
mod fit;
mod test;

use super::args::PolicyCommand;
use super::failure::{Exit, Failure};
use super::pack;

/// Runs the command.
pub(super) fn run(command: &PolicyCommand) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::Check { dir } => Ok(if pack::check(dir) { Exit::Done } else { Exit::Failed }),
        PolicyCommand::Test { dir } => test::run(dir.as_deref()),
        PolicyCommand::Explain(args) => explain::run(args),
        PolicyCommand::Fit(args) => fit::run(args),
    }
}

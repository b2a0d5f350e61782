//! The command line: commands over the same use cases as gRPC.
//!
//! Not here: the service itself (`serve` is handed in by whoever wires the process). Kept true: only this folder prints;
//! results go to the standard output, everything else to the standard error.

mod args;
mod failure;

pub use args::{Cli, Command, EvaluateArgs, ExplainArgs, Format, LogFormat, PolicyCommand, ScoreArgs, ServeArgs};
pub use failure::Exit;

//! The command line: commands over the same use cases as gRPC.
//!
//! Not here: the service itself (`serve` is handed in by whoever wires the process). Kept true: only this folder prints;
//! results go to the standard output, everything else to the standard error.

mod args;
mod columns;
mod decisions;
mod evaluate;
mod failure;
mod input;
mod marked;
mod model;
mod output;
mod pack;
mod policy;
mod progress;
mod score;
mod seller;
mod terminal;
mod token;

use std::path::Path;

use clap::Parser;

use crate::policy::CompiledPack;
pub use args::{
    Cli, Command, DecisionFilterArgs, DecisionsCommand, EraseArgs, EvaluateArgs, ExplainArgs, ExportDecisionsArgs,
    FitArgs, Format, ListDecisionsArgs, LogFormat, ModelCommand, NewTokenArgs, PolicyCommand, ScoreArgs, SellerCommand,
    SellerImportArgs, SellerShowArgs, ServeArgs, StoreArgs, TokenCommand, TrainArgs, VerifyArgs,
};
pub use failure::{Exit, report, show};

/// Reads the command line and does what it says. A wrong one is answered with advice and exit code 2.
pub fn run(serve: impl FnOnce(ServeArgs) -> Exit) -> Exit {
    let cli = Cli::parse();
    let result = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => return serve(args),
        Command::Score(args) => score::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Decisions(command) => decisions::run(&command),
        Command::Policy(command) => policy::run(&command),
        Command::Model(command) => model::run(&command),
        Command::Seller(command) => seller::run(&command),
        Command::Token(command) => token::run(&command),
    };
    result.unwrap_or_else(failure::Failure::tell)
}

/// The pack of a folder, or the one inside the binary. What is wrong with it has been told when this fails.
pub fn load_pack(dir: Option<&Path>) -> Result<CompiledPack, Exit> {
    pack::load(dir).map_err(failure::Failure::tell)
}

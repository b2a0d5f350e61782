//! `dsa-signal token`: tokens for clients of the service.
//!
//! Not here: what tokens are (`access/`). Kept true: the token is written to the standard output and nowhere else; its line is one that the
//! service can read, because it has been read here.

use std::io::Write;

use super::Exit;
use super::args::{NewTokenArgs, TokenCommand};
use super::failure::{Failure, say};
use crate::access::{Clients, NewToken};

/// Does what was asked.
pub(super) fn run(command: &TokenCommand) -> Result<Exit, Failure> {
    match command {
        TokenCommand::New(args) => new(args),
    }
}

fn new(args: &NewTokenArgs) -> Result<Exit, Failure> {
    let made = NewToken::random().ok_or_else(|| Failure::new("the system has no randomness to give"))?;
    let expires = args.expires.as_ref().map(|day| format!(" expires={day}")).unwrap_or_default();
    let line = format!("{} {} {}{expires}", args.name, args.role, made.digest);
    Clients::parse(&line).map_err(|invalid| {
        let fault = invalid.faults.first().map_or("", String::as_str);
        Failure::new(fault.trim_start_matches("line 1: "))
    })?;
    writeln!(std::io::stdout(), "{}", made.token)?;
    say(&line);
    Ok(Exit::Done)
}

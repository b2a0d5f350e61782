//! What can be typed after `dsa-signal token`.
//!
//! Not here: what tokens are (`access/token.rs`). Kept true: the examples work.

use clap::{Args, Subcommand};

use crate::access::Roles;

pub(super) const EXAMPLES: &str = "\
Examples:
  dsa-signal token new --name shop-a --role score,read";

const NEW_EXAMPLES: &str = "\
The token goes to the standard output, for the client; its line for the file of clients to the standard error. The token is \
nowhere else: the file has its digest. Roles: score (score and explain content), record (events, outcomes, notices), read (decisions, \
standings, policy), admin (change how the service works). To replace a token, add the line of a new one, change the client, take \
the old line away; the service reads the file again by itself.

Examples:
  dsa-signal token new --name shop-a --role score,read
  dsa-signal token new --name shop-a --role score --expires 2027-01-31
  dsa-signal token new --name shop-a --role score 2>> clients.txt | my-secret-store put dsa-signal-token";

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token, and the line by which the service knows it
    #[command(after_help = NEW_EXAMPLES)]
    New(NewTokenArgs),
}

/// Options of `token new`.
#[derive(Debug, Args)]
pub struct NewTokenArgs {
    /// What the client is called in the file and in quotas: letters, digits, dots, hyphens, underscores
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// What it may do: score, record, read, admin, several between commas
    #[arg(long, value_name = "ROLES")]
    pub role: Roles,
    /// First day on which it is not accepted any more, YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub expires: Option<String>,
}

//! `seller show`, `seller import`: what is remembered of sellers and creators.
//!
//! Not here: folding and keeping (`reputation/`, `store/`). Kept true: both work on the store itself, beside a running service too.

mod import;
mod show;

use super::args::SellerCommand;
use super::failure::{Exit, Failure};
use crate::service::{SellerRecords, SellerRecordsError};
use crate::store::Location;

/// Runs the command.
pub(super) fn run(command: &SellerCommand) -> Result<Exit, Failure> {
    match command {
        SellerCommand::Show(args) => show::run(args),
        SellerCommand::Import(args) => import::run(args),
    }
}

/// Opens the store that was named, or the one in the user's data folder.
fn open(url: Option<&str>) -> Result<SellerRecords, Failure> {
    let location = match url {
        Some(url) => url.parse::<Location>().map_err(SellerRecordsError::from)?,
        None => Location::in_data_folder().ok_or_else(|| {
            Failure::with_hint("this system knows no folder for data", "name a store: --store sqlite:PATH")
        })?,
    };
    Ok(SellerRecords::open(&location)?)
}

impl From<SellerRecordsError> for Failure {
    fn from(error: SellerRecordsError) -> Self {
        Failure::new(error.to_string())
    }
}

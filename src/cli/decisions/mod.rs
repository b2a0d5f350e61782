//! `decisions list`, `show`, `policies`, `verify`, `export`, `erase`: the record, seen from the command line.
//!
//! Not here: reading and checking (`service/`, `store/`). Kept true: all but `erase` change no record; a store that is not there is not made.

mod export;
mod list;
mod verify;

use std::io::{self, Write};

use super::args::{DecisionFilterArgs, DecisionsCommand, EraseArgs, StoreArgs};
use super::failure::{Exit, Failure, say};
use super::progress::grouped;
use super::terminal::{BOLD, Terminal, visible};
use crate::domain::{PolicyVersion, Recorded, Subject, SubjectKind, Timestamp};
use crate::service::{DecisionRecords, RecordsError};
use crate::store::{DecisionQuery, Erase, Location, TimeRange};
use crate::wire::json;

/// Runs the command.
pub(super) fn run(command: &DecisionsCommand) -> Result<Exit, Failure> {
    match command {
        DecisionsCommand::List(args) => list::run(args),
        DecisionsCommand::Policies { store } => policies(store),
        DecisionsCommand::Show { id, store } => show(id, store),
        DecisionsCommand::Verify(args) => verify::run(args),
        DecisionsCommand::Export(args) => export::run(args),
        DecisionsCommand::Erase(args) => erase(args),
    }
}

fn show(id: &str, store: &StoreArgs) -> Result<Exit, Failure> {
    let Some(history) = open(store)?.history(id)? else {
        let hint =
            "an item that was allowed is only counted, unless it was sampled; an old record may have been erased";
        return Err(Failure::with_hint(format!("there is no record of {id}"), hint));
    };
    let text = json::decision_pretty(history).map_err(io::Error::from)?;
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(Exit::Done)
}

/// A process that starts under the pack of the one before is no news.
fn policies(store: &StoreArgs) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let heading = format!("{:<20}  {:<64}  {:<64}  NAME AND VERSION", "IN FORCE SINCE", "DIGEST", "TEXT MODEL");
    writeln!(out, "{}", Terminal::stdout().paint(BOLD, &heading))?;
    let mut versions = open(store)?.policies()?;
    versions
        .dedup_by(|next, last| (&next.record.policy, &next.record.model) == (&last.record.policy, &last.record.model));
    for Recorded { record: PolicyVersion { policy, model, in_force_since, .. }, .. } in versions {
        let since = json::instant_to_the_second(in_force_since);
        let name = visible(&format!("{} {}", policy.name, policy.version));
        writeln!(out, "{since:<20}  {:<64}  {:<64}  {name}", policy.digest, model.digest)?;
    }
    Ok(Exit::Done)
}

fn erase(args: &EraseArgs) -> Result<Exit, Failure> {
    let before = Some(instant(&args.before)?);
    let what = Erase { contents_before: before, records_before: before.filter(|_| !args.contents_only) };
    let erased = open(&args.store)?.erase(&what)?;
    let (contents, records) = (grouped(erased.contents), grouped(erased.records));
    say(&format!("{contents} contents and {records} records erased; events, tallies and all digests stay"));
    Ok(Exit::Done)
}

/// Opens the store that was named, or the one in the user's data folder.
fn open(store: &StoreArgs) -> Result<DecisionRecords, Failure> {
    let location = match &store.store {
        Some(url) => url.parse::<Location>().map_err(|error| Failure::new(error.to_string()))?,
        None => Location::in_data_folder().ok_or_else(|| {
            Failure::with_hint("this system knows no folder for data", "name a store: --store sqlite:PATH")
        })?,
    };
    DecisionRecords::open(&location).map_err(|error| match error {
        RecordsError::Missing(_) => {
            Failure::with_hint(error.to_string(), "`dsa-signal serve` makes it; --store names another one")
        }
        other => other.into(),
    })
}

impl From<RecordsError> for Failure {
    fn from(error: RecordsError) -> Self {
        Failure::new(error.to_string())
    }
}

/// The question that filters ask.
fn query(filter: &DecisionFilterArgs, limit: usize) -> Result<DecisionQuery, Failure> {
    let subject = |kind, id: &Option<String>| id.clone().map(|id| Subject { kind, id });
    let at = |text: &Option<String>| text.as_deref().map(instant).transpose();
    Ok(DecisionQuery {
        at_least: filter.min_action,
        area: filter.area,
        subject: subject(SubjectKind::Listing, &filter.listing).or(subject(SubjectKind::Post, &filter.post)),
        party: subject(SubjectKind::Seller, &filter.seller).or(subject(SubjectKind::Creator, &filter.creator)),
        policy: None,
        recorded: TimeRange { since: at(&filter.since)?, until: at(&filter.until)? },
        before_id: None,
        limit,
    })
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure::with_hint(format!("{text:?} is no time"), "write 2026-11-21 or 2026-11-21T18:00:00Z");
    json::parse_instant(text).ok_or_else(wrong)
}

//! `decisions export`: every decision with its history, as JSON Lines.
//!
//! Not here: finding them. Kept true: a page is in memory and no more; the order is newest first, as in `list`.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::super::args::ExportDecisionsArgs;
use super::super::failure::{Exit, Failure, say};
use super::super::progress::grouped;
use super::super::terminal;
use crate::wire::json;

/// Decisions read at a time.
const PAGE: usize = 500;

/// Runs the command.
pub(super) fn run(args: &ExportDecisionsArgs) -> Result<Exit, Failure> {
    let mut query = super::query(&args.filter, PAGE)?;
    let records = super::open(&args.store)?;
    let mut out: Box<dyn Write> = match &args.output {
        None => Box::new(io::stdout().lock()),
        Some(path) => {
            let file = File::create(path)
                .map_err(|error| Failure::io(format_args!("{} cannot be written", path.display()), &error))?;
            Box::new(BufWriter::new(file))
        }
    };
    let mut exported = 0_u64;
    loop {
        let page = records.list(&query)?;
        for decision in &page {
            // One that was erased since its page was read is none any more.
            let Some(history) = records.history(&decision.record.assessment.assessment_id)? else { continue };
            writeln!(out, "{}", json::decision_history(history).map_err(io::Error::from)?)?;
            exported += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => query.before_id = Some(last.record.assessment.assessment_id.clone()),
            _ => break,
        }
    }
    out.flush()?;
    if args.output.is_some() && terminal::stderr_is_terminal() {
        say(&format!("{} decisions exported", grouped(exported)));
    }
    Ok(Exit::Done)
}

//! `seller import`: events of files into the store.
//!
//! Not here: reading files (`input/`), what a line means (`wire::json`). Kept true: a bad line is told and the rest goes on; an event
//! that is known changes nothing, so a broken import is simply started again.

use std::time::Instant;

use super::super::args::SellerImportArgs;
use super::super::failure::{Exit, Failure, say};
use super::super::input::{LineFault, Place, RawItem, Reader, Source};
use super::super::progress::{Progress, grouped};
use super::super::score::lines;
use super::super::terminal::visible;
use crate::domain::{ErrorCode, StandingEvent};
use crate::service::{has_happened, now};
use crate::wire::json;

/// Runs the command.
pub(super) fn run(args: &SellerImportArgs) -> Result<Exit, Failure> {
    let sources = Source::all(&args.files);
    sources.iter().try_for_each(Source::check)?;
    let bytes: Option<u64> = sources.iter().map(Source::bytes).sum();
    let mut records = super::open(args.store.as_deref())?;
    let mut reader = Reader::new(sources);
    let mut progress = Progress::new(bytes, false);
    let started = Instant::now();
    let (mut faults, mut first) = (0_u64, None);
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        let mut events = Vec::with_capacity(count);
        // One thread reads, checks and hashes more lines than any store takes; a second one would only move memory about.
        for (place, event) in chunk.into_iter().map(read) {
            match event {
                Ok(event) => events.push(event),
                Err(fault) => {
                    faults += 1;
                    first.get_or_insert((place, fault));
                }
            }
        }
        records.keep(events)?;
        progress.advance(count, reader.bytes_read());
    }
    let kept = records.finish()?;
    progress.finish();
    let seconds = started.elapsed().as_secs_f64();
    let rate = (kept.accepted + kept.duplicates) as f64 / seconds.max(1e-3);
    let known =
        if kept.duplicates == 0 { String::new() } else { format!(", {} known before", grouped(kept.duplicates)) };
    say(&format!("{} events imported{known}, in {seconds:.1} s ({}/s)", grouped(kept.accepted), grouped(rate as u64)));
    let Some((place, fault)) = first else { return Ok(Exit::Done) };
    let message = visible(&fault.message);
    say(&format!("{} could not be imported; the first is {place}: {message}", lines(faults)));
    Ok(Exit::BadLines)
}

fn read(item: RawItem) -> (Place, Result<StandingEvent, LineFault>) {
    let event = item.json.and_then(|line| Ok(json::parse_event(&line)?)).and_then(|event| {
        let ahead = || LineFault::new(ErrorCode::Invalid, "occurred_at lies more than a day ahead of the clock");
        if has_happened(&event, now()) { Ok(event) } else { Err(ahead()) }
    });
    (item.place, event)
}

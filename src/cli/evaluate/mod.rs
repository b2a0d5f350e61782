//! `evaluate`: how well a pack does against what people decided.
//!
//! Not here: scoring. Kept true: the same file under the same pack gives the same numbers, whatever the number of threads.

mod compare;
mod grade;
mod json;
mod metrics;
mod plots;
mod report;
mod show;
mod tally;
mod unseen;

use std::io::{self, Write};
use std::time::Instant;

use rayon::prelude::*;

use super::args::EvaluateArgs;
use super::failure::{Exit, Failure, say};
use super::input::{LineFault, Reader, Source};
use super::pack;
use super::progress::Progress;
use super::terminal::Terminal;
use crate::service::Scorer;
pub(super) use grade::Treatment;
use grade::{Graded, grade};
use report::{Fault, Pack, Report};

/// Faults that are listed; all are counted.
const LISTED_FAULTS: usize = 20;

/// What was read.
#[derive(Default)]
struct Lines {
    graded: Vec<Graded>,
    faults: Vec<Fault>,
    fault_count: usize,
}

/// Runs the command.
pub(super) fn run(args: &EvaluateArgs) -> Result<Exit, Failure> {
    let sources = Source::all(std::slice::from_ref(&args.file));
    sources.iter().try_for_each(Source::check)?;
    if args.leave_one_out {
        return unseen::run(args, sources);
    }
    // Before the work: a misspelt name is told at once.
    let earlier = args.compare.as_deref().map(compare::read).transpose()?;
    let scorer = pack::scorer(args.policy.as_deref())?;
    let started = Instant::now();
    let treatment = Treatment { titles_only: args.titles_only, disguise: args.disguise };
    let lines = read(sources, treatment, &scorer)?;
    if lines.graded.is_empty() {
        let first = lines.faults.first().map(|fault| format!("line {}: {}", fault.line, fault.message));
        let message = format!("{} holds no labelled line", args.file.display());
        return Err(Failure::with_hint(message, first.unwrap_or_else(|| "the file is empty".to_owned())));
    }
    let seconds = started.elapsed().as_secs_f64();
    let mut report = report(args, &scorer, &lines);
    report.comparison = earlier.map(|earlier| compare::compare(&earlier, &report, &lines.graded));
    if let Some(folder) = &args.plots {
        plots::draw(folder, &report, &lines.graded)?;
    }
    let mut out = io::stdout().lock();
    if args.json {
        json::write(&report, io::BufWriter::new(&mut out))?;
    } else {
        out.write_all(show::render(&report, Terminal::stdout()).as_bytes())?;
        let rate = super::progress::grouped((report.rows.total as f64 / seconds.max(1e-3)) as u64);
        say(&format!("{seconds:.1} s, {rate} lines/s"));
    }
    Ok(if report.rows.faults == 0 { Exit::Done } else { Exit::BadLines })
}

fn read(sources: Vec<Source>, treatment: Treatment, scorer: &Scorer) -> Result<Lines, Failure> {
    let mut progress = Progress::new(sources.iter().map(Source::bytes).sum(), false);
    let mut reader = Reader::new(sources);
    let mut lines = Lines::default();
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        let graded: Vec<(u64, Result<Graded, LineFault>)> =
            chunk.into_par_iter().map(|item| grade(item, scorer, treatment)).collect();
        for (line, result) in graded {
            lines.add(line, result);
        }
        progress.advance(count, reader.bytes_read());
    }
    progress.finish();
    Ok(lines)
}

impl Lines {
    fn add(&mut self, line: u64, result: Result<Graded, LineFault>) {
        match result {
            Ok(graded) => self.graded.push(graded),
            Err(fault) => {
                self.fault_count += 1;
                if self.faults.len() < LISTED_FAULTS {
                    self.faults.push(Fault { line, code: fault.code.as_str().to_owned(), message: fault.message });
                }
            }
        }
    }
}

fn report(args: &EvaluateArgs, scorer: &Scorer, lines: &Lines) -> Report {
    let Lines { graded, faults, fault_count } = lines;
    let thresholds = tally::Thresholds::of(graded);
    let reference = scorer.policy().snapshot().pack.reference.clone();
    let core = || graded.iter().filter(|row| row.core);
    let doubtful = graded.iter().filter(|row| !row.core);
    let priors = scorer.policy().snapshot().pack.areas.each_ref().map(|area| area.prior);
    let areas = tally::areas(graded, &priors);
    Report {
        policy: Pack { name: reference.name, version: reference.version, digest: reference.digest },
        titles_only: args.titles_only,
        disguise: args.disguise.map(|way| way.as_str().to_owned()),
        rows: tally::rows(graded, *fault_count),
        headline: tally::headline(&areas, graded),
        areas,
        sources: tally::worst_first(tally::groups(core(), &thresholds, |row| row.source.clone())),
        labels: tally::groups(core(), &thresholds, |row| row.kind.clone()),
        languages: tally::groups(core(), &thresholds, |row| row.language.clone()),
        not_core: tally::groups(doubtful, &thresholds, |row| format!("{} / {}", row.source, row.kind)),
        faults: faults.clone(),
        lines_digest: tally::digest(graded),
        comparison: None,
        items: tally::items(graded),
    }
}

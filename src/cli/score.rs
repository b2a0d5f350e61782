//! `score`: every item of the files, in parallel, in order, with flat memory.
//!
//! Not here: reading (`input/`), writing (`output/`). Kept true: a bad line is an outcome like any other; results come in
//! the order of the input; no more than one chunk of items is in memory.

use std::time::Instant;

use rayon::prelude::*;

use super::args::ScoreArgs;
use super::failure::{Exit, Failure, say};
use super::input::{LineFault, Place, RawItem, Reader, Source, read_row};
use super::output::{Outcome, Rendered, Renderer, Scored};
use super::progress::{Progress, grouped};
use super::{pack, terminal};
use crate::service::Scorer;

/// What was done so far.
#[derive(Default)]
struct Tally {
    scored: u64,
    faults: u64,
    first: Option<(Place, LineFault)>,
}

/// What became of one line: none, one or two outcomes.
struct Line {
    rendered: Vec<Rendered>,
    scored: usize,
    fault: Option<(Place, LineFault)>,
}

/// Runs the command.
pub(super) fn run(args: &ScoreArgs) -> Result<Exit, Failure> {
    let sources = Source::all(&args.files);
    sources.iter().try_for_each(Source::check)?;
    let bytes: Option<u64> = sources.iter().map(Source::bytes).sum();
    let output = args.output.as_deref();
    let renderer = Renderer::new(args.format, output);
    let mut writer = renderer.open(output)?;
    let scorer = pack::scorer(args.policy.as_deref())?;
    let mut reader = Reader::new(sources);
    let mut progress = Progress::new(bytes, output.is_none() && terminal::stdout_is_terminal());
    let (mut tally, started) = (Tally::default(), Instant::now());
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        let lines: Vec<Line> =
            chunk.into_par_iter().map(|item| score(item, &scorer, args.min_risk, renderer)).collect();
        for line in lines {
            tally.scored += line.scored as u64;
            if let Some(fault) = line.fault {
                tally.faults += 1;
                tally.first.get_or_insert(fault);
            }
            writer.write(line.rendered)?;
        }
        writer.flush()?;
        progress.advance(count, reader.bytes_read());
    }
    writer.close()?;
    progress.finish();
    Ok(tally.tell(started))
}

fn score(item: RawItem, scorer: &Scorer, min_risk: f64, renderer: Renderer) -> Line {
    let (place, row) = read_row(item, false);
    let contents = match row {
        Ok(row) => row.contents,
        Err(fault) => {
            let outcome = Outcome { place: place.clone(), result: Err(fault.clone()) };
            return Line { rendered: vec![renderer.render(outcome)], scored: 0, fault: Some((place, fault)) };
        }
    };
    let scored = contents.len();
    let rendered = contents.into_iter().filter_map(|content| {
        let assessment = scorer.score(&content);
        let kept = assessment.verdict.risk.get() >= min_risk;
        kept.then(|| renderer.render(Outcome { place: place.clone(), result: Ok(Scored { content, assessment }) }))
    });
    Line { rendered: rendered.collect(), scored, fault: None }
}

impl Tally {
    fn tell(self, started: Instant) -> Exit {
        let seconds = started.elapsed().as_secs_f64();
        if terminal::stderr_is_terminal() && self.scored > 0 {
            let rate = grouped((self.scored as f64 / seconds.max(1e-3)) as u64);
            say(&format!("{} scored in {seconds:.1} s ({rate}/s)", grouped(self.scored)));
        }
        let Some((place, fault)) = self.first else { return Exit::Done };
        let message = terminal::visible(&fault.message);
        say(&format!("{} could not be scored; the first is {place}: {message}", lines(self.faults)));
        Exit::BadLines
    }
}

/// `1 line`, `2 lines`.
pub(super) fn lines(count: u64) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{} lines", grouped(count)) }
}

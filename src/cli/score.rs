//! `score`: every item of the files, in parallel, in order, with flat memory.
//!
//! What a post says counts for the listings behind it in the file and for the one beside it (docs/PROMOTIONS.md).
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
use crate::domain::{Assessment, Content, Mention};
use crate::service::{Campaign, Known};

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
    let campaign = Campaign::new(pack::scorer(args.policy.as_deref())?);
    let mut reader = Reader::new(sources);
    let mut progress = Progress::new(bytes, output.is_none() && terminal::stdout_is_terminal());
    let (mut tally, started) = (Tally::default(), Instant::now());
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        let lines = score(chunk, &campaign, args.min_risk, renderer);
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

/// A line whose post is scored, and whose listing waits for what posts say.
struct Half {
    place: Place,
    post: Option<(Content, Assessment)>,
    said: Vec<Mention>,
    listing: Option<(Content, Known)>,
    fault: Option<LineFault>,
}

/// Posts in parallel, then what they say in the order of the lines, then listings in parallel: so a listing is told of the posts
/// before it and beside it, and of no other.
fn score(chunk: Vec<RawItem>, campaign: &Campaign, min_risk: f64, renderer: Renderer) -> Vec<Line> {
    let mut halves: Vec<Half> = chunk.into_par_iter().map(|item| post(item, campaign)).collect();
    for half in &mut halves {
        campaign.learn(std::mem::take(&mut half.said));
        if let Some((content, known)) = &mut half.listing {
            *known = campaign.known(content);
        }
    }
    halves.into_par_iter().map(|half| listing(half, campaign, min_risk, renderer)).collect()
}

fn post(item: RawItem, campaign: &Campaign) -> Half {
    let (place, row) = read_row(item, false);
    let (mut half, contents) = match row {
        Ok(row) => (Half { place, post: None, said: Vec::new(), listing: None, fault: None }, row.contents),
        Err(fault) => (Half { place, post: None, said: Vec::new(), listing: None, fault: Some(fault) }, Vec::new()),
    };
    for content in contents.into_iter().rev() {
        if let Content::Listing(_) = content {
            half.listing = Some((content, Known::default()));
        } else {
            let (assessment, said) = campaign.post(&content, half.listing.as_ref().map(|(listing, _)| listing));
            (half.post, half.said) = (Some((content, assessment)), said);
        }
    }
    half
}

fn listing(half: Half, campaign: &Campaign, min_risk: f64, renderer: Renderer) -> Line {
    let Half { place, post, listing, fault, .. } = half;
    if let Some(fault) = fault {
        let outcome = Outcome { place: place.clone(), result: Err(fault.clone()) };
        return Line { rendered: vec![renderer.render(outcome)], scored: 0, fault: Some((place, fault)) };
    }
    let listing = listing.map(|(content, known)| {
        let assessment = campaign.listing(&content, known);
        (content, assessment)
    });
    let all: Vec<(Content, Assessment)> = post.into_iter().chain(listing).collect();
    let scored = all.len();
    let rendered = all.into_iter().filter_map(|(content, assessment)| {
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

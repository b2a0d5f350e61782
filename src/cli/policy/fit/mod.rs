//! `policy fit`: labelled lines into differences of a pack's weights.
//!
//! Not here: fitting (`service/fit`), the look of the report (`show.rs`). Kept true: only digits of numbers change, every
//! other byte of the pack stays; what is written compiles; the same lines and pack give the same differences.

mod diff;
mod rewrite;
mod show;

use std::fs;
use std::io::{self, Write};
use std::sync::Arc;

use rayon::prelude::*;

use crate::cli::args::FitArgs;
use crate::cli::evaluate::Treatment;
use crate::cli::failure::{Exit, Failure, say};
use crate::cli::input::{LineFault, RawItem, Reader, Source, read_row};
use crate::cli::pack;
use crate::cli::progress::{Progress, grouped};
use crate::cli::terminal::Terminal;
use crate::domain::Content;
use crate::policy::PackSource;
use crate::service::{FitOptions, JudgedLine, PolicyHandle, Scorer, fired, fit, now};

/// Runs the command.
pub(super) fn run(args: &FitArgs) -> Result<Exit, Failure> {
    let dir = args.policy.as_deref();
    let inputs = Source::all(std::slice::from_ref(&args.file));
    inputs.iter().try_for_each(Source::check)?;
    let (source, pack) = pack::load_with_source(dir)?;
    // Signals have to stand on their own: the model has often learned from these very lines, and it only fills up what
    // signals leave.
    let pack = pack.with_model(None);
    let scorer = Scorer::new(Arc::new(PolicyHandle::new(pack, now())));
    let treatment = Treatment { titles_only: args.titles_only, disguise: None };
    let (lines, faults) = read(inputs, treatment, &scorer)?;
    let fits = fit(&scorer.policy().snapshot().pack, &lines, FitOptions { priors: args.priors });
    if fits.is_empty() {
        let hint = "a labelled line has \"labels\": [\"medicine\"], a clear one \"labels\": []";
        return Err(Failure::with_hint(format!("{} holds no labelled line to fit to", args.file.display()), hint));
    }
    say(show::render(&fits, args.priors, Terminal::stderr()).trim_end());
    let fitted = rewrite::with_fitted_numbers(&source, &fits);
    pack::recheck(dir, &fitted)?;
    write(args, &source, &fitted)?;
    Ok(if faults == 0 { Exit::Done } else { Exit::BadLines })
}

/// The core lines, scored, and how many could not be read.
fn read(inputs: Vec<Source>, treatment: Treatment, scorer: &Scorer) -> Result<(Vec<JudgedLine>, usize), Failure> {
    let mut progress = Progress::new(inputs.iter().map(Source::bytes).sum(), false);
    let mut reader = Reader::new(inputs);
    let (mut lines, mut faults) = (Vec::new(), 0);
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        let judged: Vec<_> = chunk.into_par_iter().map(|item| judge(item, treatment, scorer)).collect();
        for (place, result) in judged {
            match result {
                Ok(found) => lines.extend(found),
                Err(fault) => {
                    faults += 1;
                    say(&format!("{place}: {}; left out", fault.message));
                }
            }
        }
        progress.advance(count, reader.bytes_read());
    }
    progress.finish();
    Ok((lines, faults))
}

/// A line as the fit sees it: nothing of a line that is not core, both sides of a clear pair, neither side of a labelled one, of
/// which nobody said which side it is about.
fn judge(item: RawItem, treatment: Treatment, scorer: &Scorer) -> (String, Result<Vec<JudgedLine>, LineFault>) {
    let number = item.place.line;
    let (place, row) = read_row(item, true);
    let judged = row.map(|row| {
        let Some(label) = row.label.filter(|label| label.core) else { return Vec::new() };
        if row.contents.len() > 1 && !label.areas.is_empty() {
            return Vec::new();
        }
        let judge = |content: Content| JudgedLine {
            source: label.source.clone(),
            areas: label.areas.clone(),
            is_post: matches!(content, Content::Post(_)),
            fired: {
                let verdict = scorer.score(&treatment.apply(content, number)).verdict;
                fired(&scorer.policy().snapshot().pack, &verdict)
            },
        };
        row.contents.into_iter().map(judge).collect()
    });
    (place.to_string(), judged)
}

/// The differences, and with `--apply` the files.
fn write(args: &FitArgs, before: &PackSource, after: &PackSource) -> Result<(), Failure> {
    let pairs = before.files().iter().zip(after.files()).filter(|(before, after)| before.text != after.text);
    let changed: Vec<_> = pairs.collect();
    if changed.is_empty() {
        say("no weight changes");
    }
    let differences: String =
        changed.iter().map(|(before, after)| diff::unified(&before.path, &before.text, &after.text)).collect();
    match &args.output {
        Some(path) => fs::write(path, &differences)
            .map_err(|error| Failure::io(format_args!("{} cannot be written", path.display()), &error))?,
        None => io::stdout().write_all(differences.as_bytes())?,
    }
    let (true, Some(dir)) = (args.apply, &args.policy) else { return Ok(()) };
    for (_, file) in &changed {
        let path = dir.join(&file.path);
        fs::write(&path, &file.text)
            .map_err(|error| Failure::io(format_args!("{} cannot be written", path.display()), &error))?;
    }
    say(&format!("{} files of {} changed", grouped(changed.len() as u64), dir.display()));
    Ok(())
}

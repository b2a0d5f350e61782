//! `evaluate --leave-one-out`: what pack and text model are worth on sources that the model has not seen.
//!
//! The model is trained anew without each source, and that source is scored with it; titles alone, because that is what the
//! model learns from. Not here: training (`service`), the tables (`show.rs`). Kept true: no line is scored with a model that has seen its
//! source; disguised lines are measured at the thresholds of plain ones, as honest sellers do not disguise.

mod show;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::grade::{Graded, Treatment, grade};
use super::json;
use super::metrics::{mean, share};
use super::report::{Pack, RecallAt, Rows};
use super::tally::{self, Thresholds};
use crate::cli::args::{DisguiseWay, EvaluateArgs};
use crate::cli::failure::{Exit, Failure, say};
use crate::cli::input::{RawItem, Reader, Source, read_row};
use crate::cli::terminal::Terminal;
use crate::cli::{model, pack};
use crate::domain::{Action, RiskArea};
use crate::engine::Scratch;
use crate::model::{TextModel, TrainOptions};
use crate::policy::CompiledPack;
use crate::service::{LabelledText, PolicyHandle, Scorer, TrainingSet, now};

/// The measurement. Its JSON is read by scripts: keys are added, never renamed.
#[derive(Debug, Serialize)]
struct UnseenReport {
    policy: Pack,
    /// How words are disguised where they are.
    disguise: String,
    rows: Rows,
    /// With and without the model, plain and disguised.
    runs: Vec<Run>,
}

/// All lines scored in one way.
#[derive(Debug, Serialize)]
struct Run {
    with_model: bool,
    disguised: bool,
    /// Mean over areas of recall, at thresholds set on plain core clear lines.
    macro_recall_at: Vec<RecallAt<Option<f64>>>,
    /// Core lines by area.
    areas: Vec<Recall>,
    /// Labelled core lines by the finer `label`.
    labels: Vec<Recall>,
    /// Share of core clear lines flagged at the same thresholds.
    clear_flagged_at: Vec<RecallAt<Option<f64>>>,
    /// Share of core clear lines at REVIEW or above.
    false_positive_rate_review: Option<f64>,
    /// The source with the largest such share, and the share.
    worst_source_review: Option<(String, f64)>,
}

/// What is found of some lines.
#[derive(Debug, Serialize)]
struct Recall {
    name: String,
    rows: usize,
    recall_at: Vec<RecallAt<Option<f64>>>,
}

/// The core lines that can be read, by source.
#[derive(Default)]
struct Lines {
    items: Vec<(String, RawItem)>,
    texts: Vec<LabelledText>,
    faults: usize,
}

/// Runs the command.
pub(super) fn run(args: &EvaluateArgs, inputs: Vec<Source>) -> Result<Exit, Failure> {
    let dir = args.policy.as_deref();
    let untrained = pack::load_untrained(dir)?;
    let options = TrainOptions::new("blind", model::model_areas(&untrained)?);
    let lines = read(inputs, &untrained)?;
    let cases = model::read(&args.also, &untrained)?;
    let way = args.disguise.unwrap_or(DisguiseWay::Each);
    let treatments = [None, Some(way)].map(|disguise| Treatment { titles_only: true, disguise });

    let set = TrainingSet::new(&lines.texts, &model::examples(&untrained), options.seed);
    let set = set.with_lexicons(&untrained, &lines.texts, &cases, options.seed);
    let bar = model::bar(set.rounds() as u64);
    let blind = set.blind(&options, || bar.inc(1));
    bar.finish_and_clear();

    let reference = untrained.reference.clone();
    let all: BTreeSet<&str> = lines.items.iter().map(|(source, _)| source.as_str()).collect();
    let alone = scorer(dir, None)?;
    let without = treatments.map(|treatment| lines.grade(&all, &alone, treatment));
    let mut with = [Vec::new(), Vec::new()];
    for one in blind {
        let sources: BTreeSet<&str> = one.sources.iter().map(String::as_str).collect();
        let scorer = scorer(dir, Some(one.model))?;
        for (graded, treatment) in with.iter_mut().zip(treatments) {
            graded.extend(lines.grade(&sources, &scorer, treatment));
        }
    }
    let report = UnseenReport {
        policy: Pack { name: reference.name, version: reference.version, digest: reference.digest },
        disguise: way.as_str().to_owned(),
        rows: tally::rows(&without[0], lines.faults),
        runs: [(false, &without), (true, &with)].into_iter().flat_map(|(with, lines)| runs(with, lines)).collect(),
    };
    let mut out = io::stdout().lock();
    if args.json {
        json::write(&report, &mut out)?;
    } else {
        out.write_all(show::render(&report, Terminal::stdout()).as_bytes())?;
    }
    Ok(if lines.faults == 0 { Exit::Done } else { Exit::BadLines })
}

fn scorer(dir: Option<&std::path::Path>, model: Option<TextModel>) -> Result<Scorer, Failure> {
    let pack = pack::load_untrained(dir)?.with_model(model);
    Ok(Scorer::new(Arc::new(PolicyHandle::new(pack, now()))))
}

fn read(inputs: Vec<Source>, pack: &CompiledPack) -> Result<Lines, Failure> {
    let mut scratch = Scratch::default();
    let mut reader = Reader::new(inputs);
    let mut lines = Lines::default();
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            return Ok(lines);
        }
        for item in chunk {
            let (place, row) = read_row(item.clone(), true);
            match row {
                Ok(row) => {
                    let Some(label) = row.label.filter(|label| label.core) else { continue };
                    let contents = row.contents.into_iter();
                    lines.texts.extend(contents.map(|content| model::labelled(&label, content, pack, &mut scratch)));
                    lines.items.push((label.source, item));
                }
                Err(fault) => {
                    lines.faults += 1;
                    say(&format!("{place}: {}; left out", fault.message));
                }
            }
        }
    }
}

impl Lines {
    /// Scores the lines of some sources.
    fn grade(&self, sources: &BTreeSet<&str>, scorer: &Scorer, treatment: Treatment) -> Vec<Graded> {
        let items = self.items.par_iter().filter(|(source, _)| sources.contains(source.as_str()));
        items.filter_map(|(_, item)| grade(item.clone(), scorer, treatment).1.ok()).collect()
    }
}

/// Plain, then disguised, at the thresholds of plain.
fn runs(with_model: bool, [plain, disguised]: &[Vec<Graded>; 2]) -> [Run; 2] {
    let thresholds = Thresholds::of(plain);
    [(false, plain), (true, disguised)].map(|(disguised, graded)| one_run((with_model, disguised), graded, &thresholds))
}

fn one_run((with_model, disguised): (bool, bool), graded: &[Graded], thresholds: &[Thresholds]) -> Run {
    let recall = |name: String, rows: Vec<&Graded>| Recall {
        name,
        rows: rows.len(),
        recall_at: thresholds.iter().map(|at| at.among(&rows)).collect(),
    };
    let of_area = |area: RiskArea| graded.iter().filter(|row| row.labelled().any(|one| one == area)).collect();
    let areas = RiskArea::ALL.into_iter().map(|area| recall(area.as_str().to_owned(), of_area(area)));
    let areas: Vec<Recall> = areas.filter(|recall| recall.rows > 0).collect();
    let kinds: BTreeSet<&str> = graded.iter().filter(|row| !row.is_clear()).map(|row| row.kind.as_str()).collect();
    let of_kind = |kind: &str| graded.iter().filter(|row| !row.is_clear() && row.kind == kind).collect();
    let clear: Vec<&Graded> = graded.iter().filter(|row| row.is_clear()).collect();
    let alarms = clear.iter().filter(|row| row.action >= Action::Review).count();
    let sources = tally::worst_first(tally::groups(clear.iter().copied(), thresholds, |row| row.source.clone()));
    let worst = sources.into_iter().next();
    let average = |at: usize| {
        let of = |pick: fn(&RecallAt<Option<f64>>) -> Option<f64>| {
            mean(areas.iter().map(|area| area.recall_at.get(at).and_then(pick)))
        };
        Some(RecallAt {
            false_positive_rate: *tally::RATES.get(at)?,
            by_area_risk: of(|at| at.by_area_risk),
            by_overall_risk: of(|at| at.by_overall_risk),
        })
    };
    Run {
        with_model,
        disguised,
        macro_recall_at: (0..thresholds.len()).filter_map(average).collect(),
        labels: kinds.into_iter().map(|kind| recall(kind.to_owned(), of_kind(kind))).collect(),
        clear_flagged_at: thresholds.iter().map(|at| at.among(&clear)).collect(),
        false_positive_rate_review: share(alarms, clear.len()),
        worst_source_review: worst.and_then(|worst| Some((worst.name, worst.false_positive_rate_review?))),
        areas,
    }
}

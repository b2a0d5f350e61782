//! Refitting the weights of a pack on lines that people have judged.
//!
//! The model is the fusion itself: per area, log odds are the prior plus, of every group, the strongest signal on each
//! side. What is fitted are the nats of signals, by logistic regression with a ridge that pulls every weight back to what a
//! person wrote, so that a signal that the lines say little about stays where it was. Not here: reading lines, scoring them, writing
//! files. Kept true: signs are held; a signal that fired on no line is untouched; equal lines give equal weights, in
//! whatever order; nothing is changed that does not help on sources which it was not fitted
//! on; no signal learns to hold an item back alone: that is for people to write.

mod coverage;
mod descent;
mod held_out;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

use crate::domain::{Action, Risk, RiskArea, Verdict};
use crate::policy::{CompiledArea, CompiledPack, CompiledSignal, SignalId};
pub use coverage::{Coverage, WorstSource};
use descent::{Limits, Problem, Row, Weights};
pub use held_out::Measured;

/// A line that people have judged and the engine has scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedLine {
    /// Shop or corpus.
    pub source: String,
    /// The areas that it belongs to; none = clear.
    pub areas: Vec<RiskArea>,
    /// True if a post was scored, false if a listing.
    pub is_post: bool,
    /// Signals that fired, whether they spoke for their group or not.
    pub fired: Vec<SignalId>,
}

/// The signals of a pack that fired.
pub fn fired(pack: &CompiledPack, verdict: &Verdict) -> Vec<SignalId> {
    let position = |id: &str| pack.signals.binary_search_by(|signal| signal.id.as_str().cmp(id)).ok();
    let found = verdict.signals.iter().filter_map(|signal| position(&signal.signal_id));
    found.filter_map(|position| u16::try_from(position).ok()).map(SignalId).collect()
}

/// What is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FitOptions {
    /// Fit the priors too, and take the lines in the proportions in which they come. Otherwise the labelled lines of an
    /// area are weighed so that they are as rare as its prior says.
    pub priors: bool,
}

/// What a fit says of an area.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaFit {
    /// The area.
    pub area: RiskArea,
    /// Lines labelled with it.
    pub labelled: usize,
    /// Clear lines.
    pub clear: usize,
    /// How it ended.
    pub outcome: Outcome,
    /// Log odds before any evidence, as written and as fitted.
    pub prior: (f64, f64),
    /// The weights as written, on every line.
    pub before: Measured,
    /// Fitted weights, each line scored with those that were fitted without its source.
    pub after: Measured,
    /// Its signals that fired on some line, by id.
    pub signals: Vec<SignalFit>,
}

/// How the fit of an area ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Weights are fitted, with this ridge.
    Fitted(f64),
    /// On unseen sources no fit was better: lost less, caught no less and raised no more false alarms.
    AsWritten,
    /// Labelled lines come from fewer than two sources: what is fitted to one cannot be tried on another.
    OneSource,
}

/// What a fit says of a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalFit {
    /// Its identifier.
    pub signal_id: String,
    /// Where it fired.
    pub coverage: Coverage,
    /// Nats as written.
    pub before: f64,
    /// Nats as fitted.
    pub after: f64,
}

/// Fits every area that some line is labelled with. Lines of other areas count on neither side of an area: they may
/// rightly belong there too.
pub fn fit(pack: &CompiledPack, lines: &[JudgedLine], options: FitOptions) -> Vec<AreaFit> {
    let areas: Vec<RiskArea> = RiskArea::ALL.into_iter().collect();
    areas.into_par_iter().filter_map(|area| fit_area(pack, area, lines, options)).collect()
}

fn fit_area(pack: &CompiledPack, area: RiskArea, lines: &[JudgedLine], options: FitOptions) -> Option<AreaFit> {
    let compiled = pack.areas.get(area.index())?;
    let prior = compiled.prior?.get();
    let concerns = |line: &&JudgedLine| {
        let scored = if line.is_post { compiled.for_posts } else { compiled.for_listings };
        scored && (line.areas.is_empty() || line.areas.contains(&area))
    };
    let lines: Vec<&JudgedLine> = lines.iter().filter(concerns).collect();
    let labelled = lines.iter().filter(|line| !line.areas.is_empty()).count();
    if labelled == 0 {
        return None;
    }
    let signals: Vec<(SignalId, &CompiledSignal)> = signals_of(pack, area, &lines);
    let limits = Limits { block: block_log_odds(compiled), fits_prior: options.priors };
    let problem = Problem::new(&signals, rows(&signals, &lines), Weights::written(&signals, prior), limits);
    let review = review_threshold(compiled);
    let mut chosen = held_out::choose(&problem, review);
    let weights = match chosen.outcome {
        Outcome::Fitted(ridge) => within_model_limit(compiled, problem.fit(&problem.all(), ridge, &problem.written)),
        Outcome::AsWritten | Outcome::OneSource => problem.written.clone(),
    };
    if weights == problem.written && chosen.outcome != Outcome::OneSource {
        chosen = held_out::Chosen { outcome: Outcome::AsWritten, after: chosen.before, ..chosen };
    }
    let signal = |(at, (id, signal)): (usize, &(SignalId, &CompiledSignal))| SignalFit {
        signal_id: signal.id.clone(),
        coverage: Coverage::of(*id, &lines),
        before: signal.weight.get(),
        after: weights.nats(at),
    };
    Some(AreaFit {
        area,
        labelled,
        clear: lines.len() - labelled,
        outcome: chosen.outcome,
        prior: (prior, weights.prior()),
        before: chosen.before,
        after: chosen.after,
        signals: signals.iter().enumerate().map(signal).collect(),
    })
}

/// The signals of an area that fired on some line, by id.
fn signals_of<'p>(
    pack: &'p CompiledPack,
    area: RiskArea,
    lines: &[&JudgedLine],
) -> Vec<(SignalId, &'p CompiledSignal)> {
    let mut ids: Vec<SignalId> = lines.iter().flat_map(|line| line.fired.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let signal = |id: SignalId| Some((id, pack.signals.get(usize::from(id.0))?));
    ids.into_iter().filter_map(signal).filter(|(_, signal)| signal.area == area).collect()
}

/// One row per line, sources by number in the order of their names.
fn rows(signals: &[(SignalId, &CompiledSignal)], lines: &[&JudgedLine]) -> Vec<Row> {
    let mut sources: Vec<&str> = lines.iter().map(|line| line.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let row = |line: &&JudgedLine| {
        let position = |id: &SignalId| signals.binary_search_by_key(id, |(id, _)| *id).ok();
        Row {
            fired: line.fired.iter().filter_map(position).collect(),
            labelled: !line.areas.is_empty(),
            source: sources.binary_search(&line.source.as_str()).unwrap_or_default(),
            count: 1.0,
        }
    };
    lines.iter().map(row).collect()
}

/// The least risk that puts an item before a person.
fn review_threshold(area: &CompiledArea) -> Risk {
    let step = area.actions.iter().find(|step| step.action >= Action::Review);
    step.map_or(Risk::new(1.0), |step| step.least)
}

/// The log odds from which an item is held back.
fn block_log_odds(area: &CompiledArea) -> f64 {
    let step = area.actions.iter().find(|step| step.action >= Action::Block);
    step.map_or(f64::INFINITY, |step| step.least.nats().get())
}

/// A prior rises no further than the pack's text model, which adds to it, may bear.
fn within_model_limit(area: &CompiledArea, mut weights: Weights) -> Weights {
    if area.model_limit.get() > 0.0 {
        weights.lower_prior_below(block_log_odds(area) - area.model_limit.get());
    }
    weights
}

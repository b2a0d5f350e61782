//! What fitted weights are worth on sources that they were not fitted on, and the ridge that follows from it.
//!
//! Not here: fitting (`descent.rs`). Kept true: a row is never measured with weights that have seen its source; sources are
//! dealt to folds by name, so the same lines give the same folds.

use super::Outcome;
use super::descent::{Balance, Problem, Row, Weights};
use crate::domain::{Nats, Risk};

/// Ridges that are tried, strongest first: each search starts where the one before ended.
const RIDGES: [f64; 8] = [300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1];
/// Folds over which sources without labelled lines are dealt; the others are held out one by one.
const CLEAR_FOLDS: usize = 5;
/// Intervals of risk in which calibration is measured.
const BINS: usize = 10;

/// What weights are worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Mean of minus log likelihood, in nats per line, lines weighed as in the fit.
    pub loss: f64,
    /// Distance of risk and truth over lines on which a signal fired, weighed as in the fit (ECE, ten bins).
    pub calibration_error: f64,
    /// Labelled lines at REVIEW or above.
    pub caught: usize,
    /// Clear lines at REVIEW or above.
    pub false_alarms: usize,
}

/// The ridge that was chosen, and what it is worth.
pub(super) struct Chosen {
    pub(super) outcome: Outcome,
    pub(super) before: Measured,
    pub(super) after: Measured,
}

/// Chooses the ridge by what fitted weights lose on unseen sources, among those that catch no less there and raise no more
/// false alarms. The weights as written are one of the candidates.
pub(super) fn choose(problem: &Problem, review: Risk) -> Chosen {
    let all = problem.all();
    let balance = problem.balance(&all);
    let written = |row: &Row| problem.log_odds(row, &problem.written);
    let before = measure(&all.iter().map(|row| (*row, written(row))).collect::<Vec<_>>(), balance, review);
    let Some(folds) = folds(problem) else {
        return Chosen { outcome: Outcome::OneSource, before, after: before };
    };
    let mut best = Chosen { outcome: Outcome::AsWritten, before, after: before };
    // By fold: where the search with a weaker ridge goes on.
    let mut weights: Vec<Weights> = folds.iter().map(|_| problem.written.clone()).collect();
    for ridge in RIDGES {
        let mut seen = Vec::with_capacity(all.len());
        for (fold, weights) in folds.iter().zip(&mut weights) {
            let (held, rest): (Vec<&Row>, Vec<&Row>) = all.iter().copied().partition(|row| fold.contains(&row.source));
            *weights = problem.fit(&rest, ridge, weights);
            seen.extend(held.into_iter().map(|row| (row, problem.log_odds(row, weights))));
        }
        let after = measure(&seen, balance, review);
        let no_worse = after.caught >= before.caught && after.false_alarms <= before.false_alarms;
        if no_worse && after.loss < best.after.loss {
            best = Chosen { outcome: Outcome::Fitted(ridge), before, after };
        }
    }
    best
}

/// Sources that are held out together; none if labelled lines come from one source alone.
fn folds(problem: &Problem) -> Option<Vec<Vec<usize>>> {
    let mut labelled: Vec<usize> = problem.rows.iter().filter(|row| row.labelled).map(|row| row.source).collect();
    labelled.sort_unstable();
    labelled.dedup();
    if labelled.len() < 2 {
        return None;
    }
    let mut clear: Vec<usize> = problem.rows.iter().map(|row| row.source).collect();
    clear.sort_unstable();
    clear.dedup();
    clear.retain(|source| !labelled.contains(source));
    let mut folds: Vec<Vec<usize>> = labelled.into_iter().map(|source| vec![source]).collect();
    folds.extend((0..CLEAR_FOLDS).map(|fold| clear.iter().copied().skip(fold).step_by(CLEAR_FOLDS).collect()));
    Some(folds)
}

fn measure(rows: &[(&Row, f64)], balance: Balance, review: Risk) -> Measured {
    let (mut weight, mut loss) = (0.0, 0.0);
    let (mut caught, mut false_alarms) = (0.0, 0.0);
    // Weight, risk and truth of each bin.
    let mut bins = [(0.0, 0.0, 0.0); BINS];
    for (row, log_odds) in rows {
        let (counts, risk) = (balance.of(row), Nats::new(*log_odds).risk());
        let truth = if row.labelled { 1.0 } else { 0.0 };
        weight += counts;
        loss += counts * super::descent::surprise(*log_odds, row.labelled);
        if risk >= review {
            let side = if row.labelled { &mut caught } else { &mut false_alarms };
            *side += row.count;
        }
        let bin = ((risk.get() * BINS as f64) as usize).min(BINS - 1);
        if let (false, Some(bin)) = (row.fired.is_empty(), bins.get_mut(bin)) {
            *bin = (bin.0 + counts, bin.1 + counts * risk.get(), bin.2 + counts * truth);
        }
    }
    let fired: f64 = bins.iter().map(|bin| bin.0).sum();
    let distance: f64 = bins.iter().map(|(_, risk, truth)| (risk - truth).abs()).sum();
    Measured {
        loss: if weight > 0.0 { loss / weight } else { 0.0 },
        calibration_error: if fired > 0.0 { distance / fired } else { 0.0 },
        caught: caught as usize,
        false_alarms: false_alarms as usize,
    }
}

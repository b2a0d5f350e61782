//! Logistic regression over the fusion, weight by weight.
//!
//! The sum of an area takes the strongest of each group, so it has corners where no gradient points the way. Weights are
//! written with one decimal anyway: each is moved by such steps, up or down, as long as the loss falls (coordinate descent
//! on a grid). Not here: which lines are held out (`held_out.rs`). Kept true: a weight keeps its sign and its range; the loss never
//! rises; no signal learns to hold an item back alone; equal rows give equal weights, in whatever order.

use smallvec::SmallVec;

use crate::policy::{CompiledSignal, SignalId};

/// Steps per nat: weights are written with one decimal.
const STEPS: f64 = 10.0;
/// Moves that are tried, in steps: fine ones to settle, coarse ones to get over a corner.
const MOVES: [i32; 6] = [1, -1, 5, -5, 20, -20];
/// Least and largest magnitude of a weight, in nats: zero says nothing, and what a pack may say at most.
const RANGE: (f64, f64) = (0.1, 12.0);
/// Log odds that a prior may have.
const PRIORS: (f64, f64) = (-20.0, 20.0);
/// Rounds over all weights at most.
const ROUNDS: usize = 200;
/// Gains below this are rounding.
const LEAST_GAIN: f64 = 1e-9;

/// Lines that are alike: what fired, where they come from, what they are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Positions among the problem's signals.
    pub(super) fired: SmallVec<[usize; 6]>,
    pub(super) labelled: bool,
    pub(super) source: usize,
    /// How many lines.
    pub(super) count: f64,
}

/// Weights as steps away from what is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    written: Vec<f64>,
    written_prior: f64,
    moved: Vec<i32>,
    prior_moved: i32,
}

impl Weights {
    /// As the pack has them.
    pub(super) fn written(signals: &[(SignalId, &CompiledSignal)], prior: f64) -> Self {
        let written: Vec<f64> = signals.iter().map(|(_, signal)| signal.weight.get()).collect();
        Weights { moved: vec![0; written.len()], written, written_prior: prior, prior_moved: 0 }
    }

    /// The weight of a signal; unmoved, exactly what is written.
    pub(super) fn nats(&self, at: usize) -> f64 {
        let written = self.written.get(at).copied().unwrap_or_default();
        moved(written, self.moved.get(at).copied().unwrap_or_default())
    }

    /// Log odds before any evidence.
    pub(super) fn prior(&self) -> f64 {
        moved(self.written_prior, self.prior_moved)
    }

    /// Lowers the prior below a limit, if it has been moved above it.
    pub(super) fn lower_prior_below(&mut self, limit: f64) {
        while self.prior_moved > 0 && self.prior() >= limit {
            self.prior_moved -= 1;
        }
    }

    /// Squared distance of a weight from what is written, in nats.
    fn distance(&self, at: usize) -> f64 {
        (self.nats(at) - self.written.get(at).copied().unwrap_or_default()).powi(2)
    }

    /// May a pack have this weight, does it keep its sign, and does it leave alone what only people decide?
    fn allowed(&self, at: usize, block: f64) -> bool {
        let written = self.written.get(at).copied().unwrap_or_default();
        let nats = self.nats(at);
        let holds_back = nats > written && self.written_prior + written < block && self.prior() + nats >= block;
        nats.signum() == written.signum() && (RANGE.0..=RANGE.1).contains(&nats.abs()) && !holds_back
    }

    /// The same for the prior: whatever was not held back as written, by any one signal, is not.
    fn allowed_prior(&self, block: f64) -> bool {
        let newly = |(at, written): (usize, &f64)| {
            self.written_prior + written < block && self.prior() + self.nats(at) >= block
        };
        let rises = self.prior_moved > 0;
        (PRIORS.0..=PRIORS.1).contains(&self.prior()) && !(rises && self.written.iter().enumerate().any(newly))
    }

    fn shift(&mut self, at: usize, by: i32) {
        if let Some(steps) = self.moved.get_mut(at) {
            *steps += by;
        }
    }
}

fn moved(written: f64, steps: i32) -> f64 {
    // Unmoved it is exact; moved it is rounded to what a person would write.
    if steps == 0 { written } else { ((written + f64::from(steps) / STEPS) * 100.0).round() / 100.0 }
}

/// Fitting one area.
#[derive(Debug)]
pub(super) struct Problem {
    /// Like rows merged, in a fixed order.
    pub(super) rows: Vec<Row>,
    /// Where the search starts and the ridge pulls to.
    pub(super) written: Weights,
    /// By signal: signals of one seat count once. Group, and whether it relaxes.
    seats: Vec<(u16, bool)>,
    /// Log odds at which an item is held back.
    block: f64,
    fits_prior: bool,
}

/// What a fit may change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Log odds at which an item is held back: what does so alone is written by people, not learned.
    pub(super) block: f64,
    /// Is the prior fitted too?
    pub(super) fits_prior: bool,
}

/// How much a line counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Balance {
    labelled: f64,
    clear: f64,
}

impl Balance {
    /// Of a row.
    pub(super) fn of(self, row: &Row) -> f64 {
        row.count * if row.labelled { self.labelled } else { self.clear }
    }
}

impl Problem {
    /// Over these lines.
    pub(super) fn new(
        signals: &[(SignalId, &CompiledSignal)],
        mut rows: Vec<Row>,
        written: Weights,
        limits: Limits,
    ) -> Self {
        let seats: Vec<(u16, bool)> =
            signals.iter().map(|(_, signal)| (signal.group, signal.weight.get() < 0.0)).collect();
        for row in &mut rows {
            // By seat, so that a sum meets each seat once.
            row.fired.sort_unstable_by_key(|at| (seats.get(*at).copied(), *at));
        }
        rows.sort_by(|a, b| (a.source, a.labelled, &a.fired).cmp(&(b.source, b.labelled, &b.fired)));
        rows.dedup_by(|later, first| {
            let alike = (later.source, later.labelled, &later.fired) == (first.source, first.labelled, &first.fired);
            if alike {
                first.count += later.count;
            }
            alike
        });
        Problem { rows, written, seats, block: limits.block, fits_prior: limits.fits_prior }
    }

    /// Every row.
    pub(super) fn all(&self) -> Vec<&Row> {
        self.rows.iter().collect()
    }

    /// How much lines count: labelled ones as rarely as the written prior says, unless priors are fitted from the
    /// proportions of the lines. No line counts more than once.
    pub(super) fn balance(&self, rows: &[&Row]) -> Balance {
        if self.fits_prior {
            return Balance { labelled: 1.0, clear: 1.0 };
        }
        let sum = |labelled| rows.iter().filter(|row| row.labelled == labelled).map(|row| row.count).sum::<f64>();
        let wanted = sum(false) * self.written.written_prior.exp();
        let labelled = wanted / sum(true).max(1.0);
        let most = labelled.max(1.0);
        Balance { labelled: labelled / most, clear: 1.0 / most }
    }

    /// Log odds of a row.
    pub(super) fn log_odds(&self, row: &Row, weights: &Weights) -> f64 {
        let mut sum = weights.prior();
        let mut seat = None;
        let mut strongest = 0.0_f64;
        for at in &row.fired {
            let next = self.seats.get(*at).copied();
            if next != seat {
                sum += strongest;
                (seat, strongest) = (next, 0.0);
            }
            let nats = weights.nats(*at);
            if nats.abs() > strongest.abs() {
                strongest = nats;
            }
        }
        sum + strongest
    }

    /// Minus log likelihood.
    pub(super) fn loss(&self, rows: &[&Row], balance: Balance, weights: &Weights) -> f64 {
        let of_row = |row: &&Row| balance.of(row) * surprise(self.log_odds(row, weights), row.labelled);
        rows.iter().map(of_row).sum()
    }

    /// The weights that lose least on these rows, each held back by the ridge; the search starts at `from`.
    pub(super) fn fit(&self, rows: &[&Row], ridge: f64, from: &Weights) -> Weights {
        let balance = self.balance(rows);
        let concerned =
            |at: usize| -> Vec<&Row> { rows.iter().copied().filter(|row| row.fired.contains(&at)).collect() };
        let concerned: Vec<Vec<&Row>> = (0..self.seats.len()).map(concerned).collect();
        let mut weights = from.clone();
        for _ in 0..ROUNDS {
            let mut better = self.fits_prior && self.move_prior(rows, balance, &mut weights);
            for (at, rows) in concerned.iter().enumerate() {
                better |= !rows.is_empty() && self.move_weight(at, rows, (balance, ridge), &mut weights);
            }
            if !better {
                break;
            }
        }
        weights
    }

    /// Tries every move of one weight and makes the best. Only rows on which the signal fired can change.
    fn move_weight(&self, at: usize, rows: &[&Row], (balance, ridge): (Balance, f64), weights: &mut Weights) -> bool {
        let cost = |weights: &Weights| self.loss(rows, balance, weights) + ridge / 2.0 * weights.distance(at);
        let now = cost(weights);
        let mut best = (now - LEAST_GAIN, 0);
        for by in MOVES {
            weights.shift(at, by);
            if weights.allowed(at, self.block) {
                let there = cost(weights);
                if there < best.0 {
                    best = (there, by);
                }
            }
            weights.shift(at, -by);
        }
        weights.shift(at, best.1);
        best.1 != 0
    }

    fn move_prior(&self, rows: &[&Row], balance: Balance, weights: &mut Weights) -> bool {
        let mut best = (self.loss(rows, balance, weights) - LEAST_GAIN, 0);
        for by in MOVES {
            weights.prior_moved += by;
            if weights.allowed_prior(self.block) {
                let there = self.loss(rows, balance, weights);
                if there < best.0 {
                    best = (there, by);
                }
            }
            weights.prior_moved -= by;
        }
        weights.prior_moved += best.1;
        best.1 != 0
    }
}

/// Minus the logarithm of the probability of what was true, without overflow.
pub(super) fn surprise(log_odds: f64, labelled: bool) -> f64 {
    let against = if labelled { -log_odds } else { log_odds };
    against.max(0.0) + (-against.abs()).exp().ln_1p()
}

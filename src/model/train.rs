//! Training: logistic regression per area by AdaGrad, seeded, bit for bit reproducible.
//!
//! One thread, a fixed order drawn from the seed, f32 sums in that order: the same examples and options give the same
//! file wherever `exp` rounds alike (any one platform). Not here: where examples come from, how they are disguised, which
//! sources are left out. Kept true: a source counts at most `source_cap` rows per label, so that the largest shop does not own the model.

use std::collections::BTreeMap;

use super::file::{Head, ROW, Row, TextModel};
use crate::domain::RiskArea;
use crate::text::SplitMix;

/// One labelled text.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// `Feature::hash` of its features, repeats included.
    pub hashes: Vec<u32>,
    /// The areas it belongs to; none = clear.
    pub areas: Vec<RiskArea>,
    /// Which source it came from, for balancing.
    pub source: u32,
    /// How much it counts, 1 = as one row.
    pub weight: f32,
}

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// Written into the file.
    pub version: String,
    /// Areas to learn, at most 16.
    pub areas: Vec<RiskArea>,
    /// Power of two.
    pub buckets: u32,
    /// Passes over the examples.
    pub epochs: u32,
    /// Step of AdaGrad.
    pub learning_rate: f32,
    /// Pull towards zero of every weight that is touched.
    pub l2: f32,
    /// Rows that one source counts at most, per label.
    pub source_cap: f32,
    /// Share of the total weight that an area's positive examples get.
    pub positive_share: f32,
    /// Order of the examples.
    pub seed: u64,
}

impl TrainOptions {
    /// What the shipped model is trained with.
    pub fn new(version: &str, areas: Vec<RiskArea>) -> Self {
        TrainOptions {
            version: version.to_owned(),
            areas,
            buckets: 1 << 17,
            epochs: 8,
            learning_rate: 0.3,
            l2: 2e-5,
            source_cap: 600.0,
            positive_share: 0.2,
            seed: 1,
        }
    }
}

/// Trains a model. `progress` is called after each epoch with the number of epochs done.
pub fn train(examples: &[Example], options: &TrainOptions, mut progress: impl FnMut(u32)) -> TextModel {
    let mut learner = Learner::new(examples, options);
    let mut order: Vec<u32> = (0..u32::try_from(examples.len()).unwrap_or(u32::MAX)).collect();
    let mut random = SplitMix::new(options.seed);
    for epoch in 0..options.epochs {
        random.shuffle(&mut order);
        for &position in &order {
            if let Some(example) = examples.get(position as usize) {
                learner.step(example, position as usize);
            }
        }
        progress(epoch + 1);
    }
    learner.finish(options)
}

/// Weights in training: f32 rows and the squared gradients that AdaGrad divides by.
struct Learner {
    areas: Vec<RiskArea>,
    mask: usize,
    rate: f32,
    l2: f32,
    weights: Vec<[f32; ROW]>,
    squares: Vec<[f32; ROW]>,
    bias: [f32; ROW],
    bias_squares: [f32; ROW],
    /// Per example and area: how much its error counts.
    importance: Vec<[f32; ROW]>,
}

impl Learner {
    fn new(examples: &[Example], options: &TrainOptions) -> Self {
        let buckets = options.buckets.max(2).next_power_of_two() as usize;
        let areas: Vec<RiskArea> = options.areas.iter().copied().take(ROW).collect();
        let importance = importance(examples, &areas, options);
        Learner {
            mask: buckets - 1,
            rate: options.learning_rate,
            l2: options.l2,
            weights: vec![[0.0; ROW]; buckets],
            squares: vec![[1e-6; ROW]; buckets],
            bias: [0.0; ROW],
            bias_squares: [1e-6; ROW],
            importance,
            areas,
        }
    }

    fn step(&mut self, example: &Example, position: usize) {
        let unit = 1.0 / (example.hashes.len().max(1) as f32).sqrt();
        let mut sums = [0.0_f32; ROW];
        for hash in &example.hashes {
            let row = &self.weights[*hash as usize & self.mask];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += weight;
            }
        }
        let mut gradient = [0.0_f32; ROW];
        for (column, area) in self.areas.iter().enumerate() {
            let probability = 1.0 / (1.0 + (-(self.bias[column] + unit * sums[column])).exp());
            let truth = if example.areas.contains(area) { 1.0 } else { 0.0 };
            gradient[column] = (probability - truth) * self.importance[position][column];
        }
        adagrad(&mut self.bias, &mut self.bias_squares, &gradient, self.rate, 0.0);
        let gradient = gradient.map(|one| one * unit);
        for hash in &example.hashes {
            let bucket = *hash as usize & self.mask;
            adagrad(&mut self.weights[bucket], &mut self.squares[bucket], &gradient, self.rate, self.l2);
        }
    }

    /// Rounds to eight bits: the largest weight of an area becomes 127.
    fn finish(self, options: &TrainOptions) -> TextModel {
        let mut largest = [0.0_f32; ROW];
        for row in &self.weights {
            for (most, weight) in largest.iter_mut().zip(row) {
                *most = most.max(weight.abs());
            }
        }
        let scale = largest.map(|most| if most > 0.0 { most / 127.0 } else { 1.0 });
        let quantise = |row: &[f32; ROW]| -> Row {
            let mut rounded = [0_i8; ROW];
            for (column, out) in rounded.iter_mut().enumerate() {
                *out = (row[column] / scale[column]).round() as i8;
            }
            rounded
        };
        let rows = self.weights.iter().map(quantise).collect();
        // Scores are evidence: the log odds of training without the log odds that training began with.
        let start = (options.positive_share / (1.0 - options.positive_share)).ln();
        let head = |(column, area): (usize, &RiskArea)| Head {
            area: *area,
            bias: self.bias[column] - start,
            scale: scale[column],
        };
        let heads = self.areas.iter().enumerate().map(head).collect();
        TextModel::new(&options.version, heads, rows)
    }
}

/// One step of AdaGrad (Duchi, Hazan, Singer 2011) on a row.
fn adagrad(weights: &mut [f32; ROW], squares: &mut [f32; ROW], gradient: &[f32; ROW], rate: f32, l2: f32) {
    for column in 0..ROW {
        let slope = gradient[column] + l2 * weights[column];
        squares[column] += slope * slope;
        weights[column] -= rate * slope / squares[column].sqrt();
    }
}

/// How much each example counts for each area: its own weight, its source capped, and positives of the area together
/// `positive_share` of the whole.
fn importance(examples: &[Example], areas: &[RiskArea], options: &TrainOptions) -> Vec<[f32; ROW]> {
    let mut rows_of: BTreeMap<(u32, &[RiskArea]), f32> = BTreeMap::new();
    for example in examples {
        *rows_of.entry((example.source, &example.areas)).or_default() += example.weight;
    }
    let capped = |example: &Example| {
        let rows = rows_of.get(&(example.source, example.areas.as_slice())).copied().unwrap_or(1.0);
        example.weight * (options.source_cap / rows.max(1.0)).min(1.0)
    };
    let base: Vec<f32> = examples.iter().map(capped).collect();
    let mut factors = [(1.0_f32, 1.0_f32); ROW];
    for (column, area) in areas.iter().enumerate() {
        let sum = |truth: bool| -> f32 {
            examples.iter().zip(&base).filter(|(e, _)| e.areas.contains(area) == truth).map(|(_, weight)| weight).sum()
        };
        let (positive, negative) = (sum(true), sum(false));
        let share = options.positive_share;
        let wanted = negative * share / (1.0 - share).max(0.01);
        factors[column].0 = if positive > 0.0 { (wanted / positive).clamp(0.1, 20.0) } else { 1.0 };
    }
    let one = |(example, base): (&Example, &f32)| {
        let mut row = [0.0; ROW];
        for (column, area) in areas.iter().enumerate() {
            row[column] = base * if example.areas.contains(area) { factors[column].0 } else { factors[column].1 };
        }
        row
    };
    examples.iter().zip(&base).map(one).collect()
}

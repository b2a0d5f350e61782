//! Training: a network with one hidden layer by Adam, seeded, bit for bit reproducible.
//!
//! One thread, a fixed order drawn from the seed, f32 sums in that order. What is asked of an area's log odds is set on sources that the
//! network has not seen, for who has learned a line by heart is sure of it. Not here: where examples come from.
//! Kept true: the same examples and options give the same network wherever `exp` rounds alike (any one platform).

use rayon::prelude::*;

use super::{HIDDEN, LexiconModel, LexiconRow, MOST, Output, SHIFT, Units};
use crate::domain::RiskArea;
use crate::text::SplitMix;

/// Parts that the sources are dealt into; each is judged by a network that was trained on the others.
const PARTS: u32 = 4;
/// Examples between two steps.
const BATCH: usize = 256;

/// One labelled item.
#[derive(Clone, Debug, PartialEq)]
pub struct LexiconExample {
    /// The lexicons it meets, each once: positions in `LexiconTrainOptions::names`.
    pub met: Vec<LexiconRow>,
    /// The areas it belongs to; none = clear.
    pub areas: Vec<RiskArea>,
    /// Which source it came from.
    pub source: u32,
    /// How much it counts, 1 = as one example.
    pub weight: f32,
}

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct LexiconTrainOptions {
    /// Of the lexicons, sorted.
    pub names: Vec<String>,
    /// Areas to learn, each with enough examples.
    pub areas: Vec<RiskArea>,
    /// Passes over the examples.
    pub epochs: u32,
    /// Step of Adam at the beginning; it falls to nothing.
    pub learning_rate: f32,
    /// Share of the lexicons, and of the hidden units, that are left out of an example at random: no single one may be leant on.
    pub dropout: (f32, f32),
    /// Share of clear examples of unseen sources that may exceed what is asked for, by area.
    pub clear_share: f64,
    /// Order of the examples, and what is left out.
    pub seed: u64,
}

impl LexiconTrainOptions {
    /// What the shipped model is trained with.
    pub fn new(names: Vec<String>, areas: Vec<RiskArea>, seed: u64) -> Self {
        LexiconTrainOptions {
            names,
            areas,
            epochs: 30,
            learning_rate: 5e-3,
            dropout: (0.3, 0.2),
            clear_share: 1e-3,
            seed,
        }
    }

    /// The log odds to be exceeded, by area, so that few clear examples do, of which these are the log odds by area.
    pub fn asked<'a>(&self, clear: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
        let clear: Vec<&[f32]> = clear.collect();
        let of_area = |area: usize| {
            let mut odds: Vec<f32> = clear.iter().filter_map(|odds| odds.get(area).copied()).collect();
            odds.sort_unstable_by(|one, next| next.total_cmp(one));
            // Never less than even odds: with few clear examples the largest of them says little.
            odds.get((odds.len() as f64 * self.clear_share) as usize).copied().unwrap_or_default().max(0.0)
        };
        (0..self.areas.len()).map(of_area).collect()
    }
}

/// The log odds that networks give which have not seen the example's source: by example, by area of the options.
pub fn margins_unseen(examples: &[LexiconExample], options: &LexiconTrainOptions) -> Vec<Vec<f32>> {
    // Neighbouring numbers are neighbours by name, often of one kind.
    let part = |example: &LexiconExample| example.source.wrapping_mul(0x9e37_79b9).rotate_left(7) % PARTS;
    let of_part = |number: u32| {
        let rest: Vec<&LexiconExample> = examples.iter().filter(|one| part(one) != number).collect();
        Learner::train(&rest, options)
    };
    let networks: Vec<Learner> = (0..PARTS).into_par_iter().map(of_part).collect();
    examples.iter().map(|one| networks.get(part(one) as usize).map(|it| it.log_odds(one)).unwrap_or_default()).collect()
}

/// Trains a network on `examples`; asks of each area what few clear ones of `unseen` exceed. `None` if there is no area to learn.
pub fn train_lexicons<'a>(
    examples: &[&LexiconExample],
    unseen: impl Iterator<Item = (&'a LexiconExample, &'a [f32])>,
    options: &LexiconTrainOptions,
) -> Option<LexiconModel> {
    if options.areas.is_empty() || options.names.is_empty() {
        return None;
    }
    let asked = options.asked(unseen.filter(|(one, _)| one.areas.is_empty()).map(|(_, odds)| odds));
    Some(Learner::train(examples, options).finish(options, &asked))
}

type Floats = [f32; HIDDEN];

/// A vector of weights with the moments that Adam (Kingma, Ba 2015) divides by.
#[derive(Clone)]
struct Weights {
    values: Floats,
    mean: Floats,
    square: Floats,
    slope: Floats,
}

impl Weights {
    fn random(random: &mut SplitMix, width: f32) -> Self {
        let zero = [0.0; HIDDEN];
        let values = std::array::from_fn(|_| (uniform(random) * 2.0 - 1.0) * width);
        Weights { values, mean: zero, square: zero, slope: zero }
    }

    fn step(&mut self, rate: f32, (first, second): (f32, f32)) {
        for at in 0..HIDDEN {
            let slope = self.slope[at] + 1e-5 * self.values[at];
            self.mean[at] = 0.9 * self.mean[at] + 0.1 * slope;
            self.square[at] = 0.999 * self.square[at] + 0.001 * slope * slope;
            self.values[at] -= rate * (self.mean[at] / first) / ((self.square[at] / second).sqrt() + 1e-8);
            self.slope[at] = 0.0;
        }
    }
}

/// Weights in training.
struct Learner {
    rows: Vec<Weights>,
    hidden: Weights,
    outputs: Vec<Weights>,
    /// In the first places, one per area.
    biases: Weights,
}

impl Learner {
    fn train(examples: &[&LexiconExample], options: &LexiconTrainOptions) -> Self {
        let mut random = SplitMix::new(options.seed);
        let mut learner = Learner {
            rows: options.names.iter().map(|_| Weights::random(&mut random, 0.17)).collect(),
            hidden: Weights::random(&mut random, 0.0),
            outputs: options.areas.iter().map(|_| Weights::random(&mut random, 0.2)).collect(),
            biases: Weights::random(&mut random, 0.0),
        };
        learner.biases.values = [-4.0; HIDDEN];
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut touched: Vec<u16> = Vec::new();
        let mut decay = (1.0_f32, 1.0_f32);
        for epoch in 0..options.epochs {
            random.shuffle(&mut order);
            let rate = options.learning_rate * (1.0 - epoch as f32 / options.epochs as f32);
            for batch in order.chunks(BATCH) {
                for example in batch.iter().filter_map(|at| examples.get(*at)) {
                    learner.learn(example, options, &mut random, &mut touched);
                }
                decay = (decay.0 * 0.9, decay.1 * 0.999);
                learner.step(rate, (1.0 - decay.0, 1.0 - decay.1), &mut touched);
            }
        }
        learner
    }

    /// Adds the slopes of one example.
    fn learn(
        &mut self,
        example: &LexiconExample,
        options: &LexiconTrainOptions,
        random: &mut SplitMix,
        touched: &mut Vec<u16>,
    ) {
        let (drop_lexicon, drop_unit) = options.dropout;
        let mut sums = self.hidden.values;
        let first = touched.len();
        for row in &example.met {
            if uniform(random) >= drop_lexicon && usize::from(row.0) < self.rows.len() {
                touched.push(row.0);
                add(&mut sums, &self.rows[usize::from(row.0)].values, 1.0 / (1.0 - drop_lexicon));
            }
        }
        // What a hidden unit passes on, as a factor: nothing if it is below zero or left out.
        let passes: Floats = std::array::from_fn(|at| {
            let kept = uniform(random) >= drop_unit;
            if sums[at] > 0.0 && kept { 1.0 / (1.0 - drop_unit) } else { 0.0 }
        });
        let active: Floats = std::array::from_fn(|at| sums[at] * passes[at]);
        let mut back = [0.0; HIDDEN];
        for (at, (output, area)) in self.outputs.iter_mut().zip(&options.areas).enumerate() {
            let odds = self.biases.values[at] + dot(&output.values, &active);
            let truth = if example.areas.contains(area) { 1.0 } else { 0.0 };
            let error = (1.0 / (1.0 + (-odds).exp()) - truth) * example.weight / BATCH as f32;
            add(&mut back, &output.values, error);
            add(&mut output.slope, &active, error);
            self.biases.slope[at] += error;
        }
        for (slope, pass) in back.iter_mut().zip(&passes) {
            *slope *= pass;
        }
        add(&mut self.hidden.slope, &back, 1.0);
        for row in touched.get(first..).unwrap_or_default() {
            add(&mut self.rows[usize::from(*row)].slope, &back, 1.0 / (1.0 - drop_lexicon));
        }
    }

    /// A step by the slopes of a batch. Lexicons that it did not meet stay as they are.
    fn step(&mut self, rate: f32, corrections: (f32, f32), touched: &mut Vec<u16>) {
        touched.sort_unstable();
        touched.dedup();
        for row in touched.drain(..) {
            self.rows[usize::from(row)].step(rate, corrections);
        }
        for weights in self.outputs.iter_mut().chain([&mut self.hidden, &mut self.biases]) {
            weights.step(rate, corrections);
        }
    }

    /// By area of the options.
    fn log_odds(&self, example: &LexiconExample) -> Vec<f32> {
        let mut sums = self.hidden.values;
        for row in example.met.iter().filter_map(|row| self.rows.get(usize::from(row.0))) {
            add(&mut sums, &row.values, 1.0);
        }
        let active = sums.map(|sum| sum.max(0.0));
        self.outputs.iter().zip(self.biases.values).map(|(output, bias)| bias + dot(&output.values, &active)).collect()
    }

    /// Rounds to sixteen bits.
    fn finish(self, options: &LexiconTrainOptions, asked: &[f32]) -> LexiconModel {
        let scale_of = |weights: &[Weights], most: i16| {
            let largest = weights.iter().flat_map(|one| one.values).fold(0.0_f32, |most, value| most.max(value.abs()));
            if largest > 0.0 { largest / f32::from(most) } else { 1.0 }
        };
        let (inner, outer) = (scale_of(&self.rows, i16::MAX), scale_of(&self.outputs, MOST));
        let rounded =
            |weights: &Weights, scale: f32| -> Units { weights.values.map(|value| (value / scale).round() as i16) };
        let output = |(at, (weights, area)): (usize, (&Weights, &RiskArea))| Output {
            area: *area,
            bias: self.biases.values[at] - asked.get(at).copied().unwrap_or_default(),
            weights: rounded(weights, outer),
        };
        LexiconModel {
            names: options.names.clone(),
            rows: self.rows.iter().map(|row| rounded(row, inner)).collect(),
            hidden_bias: self.hidden.values.map(|value| (value / inner).round() as i32),
            outputs: self.outputs.iter().zip(&options.areas).enumerate().map(output).collect(),
            scale: inner * (1_u32 << SHIFT) as f32 * outer,
        }
    }
}

fn add(sums: &mut Floats, values: &Floats, times: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value * times;
    }
}

/// In eight strands, so that it can be done eight at a time; the order is fixed all the same.
fn dot(one: &Floats, other: &Floats) -> f32 {
    let mut strands = [0.0_f32; 8];
    for (left, right) in one.as_chunks::<8>().0.iter().zip(other.as_chunks::<8>().0) {
        for ((strand, a), b) in strands.iter_mut().zip(left).zip(right) {
            *strand += a * b;
        }
    }
    strands.iter().sum()
}

/// From 0 up to 1.
fn uniform(random: &mut SplitMix) -> f32 {
    (random.bits() >> 40) as f32 / (1_u64 << 24) as f32
}

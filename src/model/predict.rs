//! Scores: sums of integer weights over the features of a text.
//!
//! Not here: what a score may do. Kept true: no allocation; the shares of the tokens add up to the score without the
//! bias.

use super::features::{Feature, Features};
use super::file::{ROW, Row, TextModel};
use crate::domain::{Nats, RiskArea};

/// Rows that are added in 16 bits: so many weights of 8 bits cannot overflow them, and twice as many fit a register.
const CHUNK: usize = 256;

/// What the model says about one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaScore {
    /// The area.
    pub area: RiskArea,
    /// Evidence: by how much the text changes the log odds of the area, whatever they were before.
    pub nats: Nats,
}

/// What one token adds to an area's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenShare {
    /// Position in `Document::tokens`.
    pub token: u32,
    /// Signed.
    pub nats: Nats,
}

impl TextModel {
    /// The score of every area of the model, in its order. A text without words gives none.
    pub fn scores<'a>(&'a self, features: &Features) -> impl Iterator<Item = AreaScore> + 'a {
        let items = features.items();
        let mut sums = Sums::default();
        for chunk in items.chunks(CHUNK) {
            let mut narrow = [0_i16; ROW];
            chunk.iter().for_each(|feature| add(&mut narrow, self.row(feature.hash)));
            sums.add(&narrow, chunk.len());
        }
        self.conclude(sums)
    }

    /// What sums of weights say.
    pub(super) fn conclude<'a>(&'a self, Sums { features, sums }: Sums) -> impl Iterator<Item = AreaScore> + 'a {
        let unit = unit(features);
        let heads = if features == 0 { &[] } else { self.heads.as_slice() };
        heads.iter().zip(sums).map(move |(head, sum)| AreaScore {
            area: head.area,
            nats: Nats::new(f64::from(head.bias) + f64::from(head.scale) * f64::from(sum) * unit),
        })
    }

    /// What each token adds to the score of `area`, in the order of the tokens; empty if the model lacks the area.
    pub fn shares(&self, features: &Features, area: RiskArea) -> Vec<TokenShare> {
        let Some((column, head)) = self.heads.iter().enumerate().find(|(_, head)| head.area == area) else {
            return Vec::new();
        };
        let unit = unit(features.items().len());
        let share = |chunk: &[Feature]| -> Option<TokenShare> {
            let sum: i32 = chunk.iter().filter_map(|one| self.row(one.hash).get(column)).map(|w| i32::from(*w)).sum();
            let nats = Nats::new(f64::from(head.scale) * f64::from(sum) * unit);
            chunk.first().map(|first| TokenShare { token: first.token, nats })
        };
        features.items().chunk_by(|a, b| a.token == b.token).filter_map(share).collect()
    }

    /// The weights of a feature.
    pub(super) fn row(&self, hash: u32) -> &Row {
        const NONE: Row = [0; ROW];
        // The number of rows is a power of two, so the mask keeps the index in range.
        self.rows.get(hash as usize & (self.rows.len() - 1)).unwrap_or(&NONE)
    }
}

/// Weights added up, by column, and of how many features.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    features: usize,
    sums: [i32; ROW],
}

impl Sums {
    /// Adds the sums of some features.
    pub(super) fn add(&mut self, narrow: &[i16; ROW], features: usize) {
        self.features += features;
        for (sum, part) in self.sums.iter_mut().zip(narrow) {
            *sum += i32::from(*part);
        }
    }
}

/// Adds the weights of a feature, at most `CHUNK` times.
pub(super) fn add(narrow: &mut [i16; ROW], row: &Row) {
    for (sum, weight) in narrow.iter_mut().zip(row) {
        *sum = sum.wrapping_add(i16::from(*weight));
    }
}

/// Features of a long text count less each, by the square root of their number, so that length alone proves nothing.
fn unit(features: usize) -> f64 {
    1.0 / (features.max(1) as f64).sqrt()
}

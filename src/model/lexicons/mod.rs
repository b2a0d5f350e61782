//! What lexicons mean together: a small network over *which* lexicons an item meets, one margin per risk area.
//!
//! A condition names two or three facts; sellers combine many more than anybody writes down. Lexicons are the same in every language, so
//! what is learned from one language serves all. It knows no words, no order, no numbers and no seller.
//! Not here: what a margin may do (signals of the pack ask for it), finding lexicons, the file format. Kept true: equal sets of lexicons give
//! equal margins on every machine (sums are of integers); lexicons that the model does not know change nothing.

mod bytes;
#[cfg(test)]
mod tests;
mod train;

pub(super) use bytes::{read, write};
pub use train::{LexiconExample, LexiconTrainOptions, margins_unseen, train_lexicons};

use smallvec::SmallVec;

use crate::domain::{Nats, RiskArea};

/// Hidden units: twice as many found no more on sources that were left out.
const HIDDEN: usize = 64;

/// Weights of one lexicon towards each hidden unit, or of each hidden unit towards one area.
type Units = [i16; HIDDEN];

/// What a hidden unit passes on: so many bits less than it sums up, and so much at most. Sixteen of the largest weights reach it, and with
/// outputs as small as this, sums of products stay within 32 bits.
const SHIFT: u32 = 7;
const MOST: i16 = (1 << 12) - 1;

/// One area.
#[derive(Clone, Debug, PartialEq)]
struct Output {
    area: RiskArea,
    /// Log odds of nothing met, less what is asked for.
    bias: f32,
    /// From -`MOST` to `MOST`.
    weights: Units,
}

/// A trained network. Immutable, shared by all workers.
#[derive(Clone, Debug, PartialEq)]
pub struct LexiconModel {
    /// Of the lexicons it knows, in the order of `rows`.
    names: Vec<String>,
    rows: Vec<Units>,
    /// In units of `rows`.
    hidden_bias: [i32; HIDDEN],
    outputs: Vec<Output>,
    /// Log odds of one unit that is passed on times one of an output.
    scale: f32,
}

/// Position of a lexicon that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LexiconRow(pub u16);

/// Sums towards the hidden units.
#[derive(Clone, Copy, Debug)]
pub struct Impression([i32; HIDDEN]);

impl LexiconModel {
    /// Where each of these lexicons stands in the model, if it does.
    pub fn rows_of<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Option<LexiconRow>> {
        let known = |name: &str| self.names.binary_search_by(|one| one.as_str().cmp(name)).ok();
        names.map(|name| known(name).and_then(|at| u16::try_from(at).ok()).map(LexiconRow)).collect()
    }

    /// The areas it speaks of.
    pub fn areas(&self) -> impl Iterator<Item = RiskArea> + '_ {
        self.outputs.iter().map(|output| output.area)
    }

    /// What these lexicons, each once, make it see.
    pub fn impression(&self, met: impl Iterator<Item = LexiconRow>) -> Impression {
        let mut seen = Impression(self.hidden_bias);
        met.for_each(|row| self.change(&mut seen, row, 1));
        seen
    }

    /// By how many nats each area's log odds exceed what is asked for, if they do, in the order of its areas.
    pub fn margins(&self, seen: &Impression) -> SmallVec<[(RiskArea, Nats); 4]> {
        let active = seen.active();
        let margins = self.outputs.iter().map(|output| (output.area, self.margin(output, &active)));
        margins.filter(|(_, margin)| *margin > Nats::ZERO).collect()
    }

    /// What a lexicon that was met adds to an area's margin: what is lost without it.
    pub fn share(&self, seen: &Impression, row: LexiconRow, area: RiskArea) -> Nats {
        let Some(output) = self.outputs.iter().find(|output| output.area == area) else { return Nats::ZERO };
        let mut without = *seen;
        self.change(&mut without, row, -1);
        Nats::new(self.margin(output, &seen.active()).get() - self.margin(output, &without.active()).get())
    }

    fn change(&self, Impression(sums): &mut Impression, row: LexiconRow, times: i32) {
        let Some(row) = self.rows.get(usize::from(row.0)) else { return };
        for (sum, weight) in sums.iter_mut().zip(row) {
            // A file may hold any biases; weights of sixteen bits overflow nothing.
            *sum = sum.wrapping_add(times * i32::from(*weight));
        }
    }

    fn margin(&self, output: &Output, active: &Units) -> Nats {
        let products =
            active.iter().zip(&output.weights).map(|(passed, weight)| i32::from(*passed) * i32::from(*weight));
        Nats::new(f64::from(output.bias) + f64::from(self.scale) * f64::from(products.sum::<i32>()))
    }
}

impl Impression {
    /// What hidden units pass on.
    fn active(&self) -> Units {
        let mut active = [0; HIDDEN];
        for (passed, sum) in active.iter_mut().zip(&self.0) {
            *passed = (sum >> SHIFT).clamp(0, i32::from(MOST)) as i16;
        }
        active
    }
}

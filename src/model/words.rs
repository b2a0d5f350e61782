//! Scores of texts whose words have mostly been met before: what a word adds by itself is remembered.
//!
//! Not here: what features are, what a score is. Kept true: the scores are those of `TextModel::scores`, bit for bit, because sums are of
//! integers; what is remembered is of one model at a time, and bounded.

use super::features::{for_each_word, of_pair, of_word};
use super::file::{ROW, TextModel};
use super::predict::{AreaScore, Sums, add};
use crate::text::{Document, Lately};

/// Bytes for words, twice: room for some 25,000.
const REMEMBERED: usize = 1 << 20;

/// What words add to the scores of a model; one per worker. It serves any model, one after the other.
#[derive(Debug)]
pub struct WordMemory {
    /// Digest of the model.
    model: String,
    known: Lately<WordSums>,
}

impl Default for WordMemory {
    fn default() -> Self {
        WordMemory { model: String::new(), known: Lately::new(REMEMBERED) }
    }
}

#[derive(Clone, Copy, Debug)]
struct WordSums {
    hash: u32,
    /// A word of 32 letters has a hundred: sums of weights of 8 bits fit 16.
    features: u16,
    sums: [i16; ROW],
}

impl TextModel {
    /// The score of every area of the model, in its order. A text without words gives none. `memory` changes how long it takes, and
    /// nothing else.
    pub fn scores_of<'a>(
        &'a self,
        document: &Document,
        memory: &mut WordMemory,
    ) -> impl Iterator<Item = AreaScore> + use<'a> {
        if memory.model != self.digest() {
            memory.known.clear();
            memory.model = self.digest().to_owned();
        }
        memory.known.turn();
        let mut sums = Sums::default();
        for_each_word(document, |word, previous, _| {
            let of_word = memory.recall(self, word);
            sums.add(&of_word.sums, usize::from(of_word.features));
            if let Some(previous) = previous {
                let mut narrow = [0; ROW];
                add(&mut narrow, self.row(of_pair(previous, of_word.hash)));
                sums.add(&narrow, 1);
            }
            of_word.hash
        });
        self.conclude(sums)
    }
}

impl WordMemory {
    fn recall(&mut self, model: &TextModel, word: &str) -> WordSums {
        let find = || {
            let mut found = WordSums { hash: 0, features: 0, sums: [0; ROW] };
            found.hash = of_word(word, &mut |hash| {
                found.features += 1;
                add(&mut found.sums, model.row(hash));
            });
            (found, 0)
        };
        *self.known.get_or(word, |old| old.map_or_else(find, |old| (old, 0)))
    }
}

//! The learned text model: a linear model over hashed words and letter sequences, one score per risk area; and beside it what
//! lexicons mean together (`lexicons/`).
//!
//! It knows words in context that no lexicon lists, and nothing else: no prices, no missing fields, no seller.
//! Not here: what a score may do (the pack bounds it), lexicons, I/O. Kept true: equal text gives equal scores on
//! every machine (sums are of integers), and every score is a sum over tokens, so it can be shown in the text.

mod features;
mod file;
mod lexicons;
mod predict;
#[cfg(test)]
mod tests;
mod train;
mod words;

pub use features::{Feature, Features, WINDOW};
pub use file::{InvalidModel, TextModel};
pub use lexicons::{
    Impression, LexiconExample, LexiconModel, LexiconRow, LexiconTrainOptions, margins_unseen, train_lexicons,
};
pub use predict::{AreaScore, TokenShare};
pub use train::{Example, TrainOptions, train};
pub use words::WordMemory;

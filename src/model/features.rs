//! Which features a text has: words, pairs of neighbouring words, letter sequences inside words; hashed.
//!
//! Numbers, case and punctuation are left out on purpose: they tell shops apart, not goods. A word that looks
//! disguised is read as the plain word it may stand for, so that hiding a word hides it from nobody.
//! Not here: weights. Kept true: the features depend on the folded text alone, and only on its first `WINDOW` tokens.

use crate::text::{Document, Token, TokenKind};

/// Tokens that are looked at: a title and the beginning of a description.
pub const WINDOW: usize = 128;
/// Letters of the shortest and longest sequences, word boundaries included.
const GRAMS: std::ops::RangeInclusive<usize> = 3..=5;
/// A longer "word" is no word; its beginning is enough.
const LONGEST_WORD: usize = 32;

/// A hashed feature and the token that it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Hash; the model masks it to its number of buckets.
    pub hash: u32,
    /// Position in `Document::tokens`.
    pub token: u32,
}

/// The features of one text; a buffer to be reused.
#[derive(Clone, Debug, Default)]
pub struct Features {
    items: Vec<Feature>,
    word: Vec<char>,
}

impl Features {
    /// Of hashes that were extracted before; where they came from is forgotten.
    pub fn from_hashes(hashes: &[u32]) -> Self {
        Features { items: hashes.iter().map(|hash| Feature { hash: *hash, token: 0 }).collect(), word: Vec::new() }
    }

    /// All of them, in the order of the tokens.
    pub fn items(&self) -> &[Feature] {
        &self.items
    }

    /// Replaces the content by the features of `document`'s first tokens.
    pub fn extract(&mut self, document: &Document) {
        self.items.clear();
        let mut previous: Option<u32> = None;
        let mut readings = document.readings().iter().peekable();
        let mut skip_until = 0;
        for (position, token) in document.tokens().iter().take(WINDOW).enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            if token.after_stop {
                previous = None;
            }
            if position < skip_until {
                continue;
            }
            while readings.next_if(|reading| reading.tokens.start < position).is_some() {}
            // Of several readings the first is the likeliest; one over no token stands beside the words (emoji letters).
            let mut read = false;
            while let Some(reading) = readings.next_if(|reading| reading.tokens.start == position) {
                if !read {
                    previous = reading.text.split(' ').fold(previous, |before, word| self.word(word, before, position));
                    read = !reading.tokens.is_empty();
                    skip_until = reading.tokens.end;
                }
            }
            if !read {
                previous = plain_word(document, token).and_then(|word| self.word(word, previous, position));
            }
        }
    }

    /// Adds a word's features and gives its hash, for the pair with the next one.
    fn word(&mut self, word: &str, previous: Option<u32>, token: u32) -> Option<u32> {
        self.word.clear();
        self.word.push('<');
        self.word.extend(word.chars().take(LONGEST_WORD));
        self.word.push('>');
        let whole = hash(b'w', &self.word);
        self.items.push(Feature { hash: whole, token });
        if let Some(previous) = previous {
            self.items.push(Feature { hash: mix(previous.rotate_left(7) ^ whole ^ 0x9e37_79b9), token });
        }
        for length in GRAMS {
            // The whole word is a feature already.
            if length >= self.word.len() {
                break;
            }
            for gram in self.word.windows(length) {
                self.items.push(Feature { hash: hash(b'g', gram), token });
            }
        }
        Some(whole)
    }
}

fn plain_word<'a>(document: &'a Document, token: &Token) -> Option<&'a str> {
    match token.kind {
        TokenKind::Word | TokenKind::Mixed => Some(document.word(token)),
        TokenKind::Number => None,
    }
}

/// FNV-1a over code points, with a tag for the kind of feature, then a finaliser that spreads it over all bits.
fn hash(tag: u8, letters: &[char]) -> u32 {
    let mut state = 0x811c_9dc5_u32 ^ u32::from(tag);
    for letter in letters {
        state = (state ^ u32::from(*letter)).wrapping_mul(0x0100_0193);
    }
    mix(state)
}

/// The finaliser of MurmurHash3 (Appleby): every bit of the input reaches every bit of the output.
const fn mix(mut state: u32) -> u32 {
    state ^= state >> 16;
    state = state.wrapping_mul(0x85eb_ca6b);
    state ^= state >> 13;
    state = state.wrapping_mul(0xc2b2_ae35);
    state ^ (state >> 16)
}

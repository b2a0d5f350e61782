//! Which features a text has: words, pairs of neighbouring words, letter sequences inside words; hashed.
//!
//! Numbers, case and punctuation are left out on purpose: they tell shops apart, not goods. A word that looks
//! disguised is read as the plain word it may stand for, so that hiding a word hides it from nobody.
//! Not here: weights. Kept true: the features depend on the folded text alone, and only on its first `WINDOW` tokens.

use crate::text::{Document, Token, TokenKind};

/// Tokens that are looked at: a title and the beginning of a description. Twice as many cost twice the time and found no more.
pub const WINDOW: usize = 64;
/// Letters of the shortest sequences, word boundaries included.
const SHORTEST_GRAM: usize = 3;
/// Letters of the longest.
const LONGEST_GRAM: usize = 5;
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
}

impl Features {
    /// Of hashes that were extracted before; where they came from is forgotten.
    pub fn from_hashes(hashes: &[u32]) -> Self {
        Features { items: hashes.iter().map(|hash| Feature { hash: *hash, token: 0 }).collect() }
    }

    /// All of them, in the order of the tokens.
    pub fn items(&self) -> &[Feature] {
        &self.items
    }

    /// Replaces the content by the features of `document`'s first tokens.
    pub fn extract(&mut self, document: &Document) {
        self.items.clear();
        for_each_word(document, |word, previous, token| {
            let mut take = |hash| self.items.push(Feature { hash, token });
            let whole = of_word(word, &mut take);
            if let Some(previous) = previous {
                take(of_pair(previous, whole));
            }
            whole
        });
    }
}

/// Gives `take` the words of a document's first tokens, each with the hash that `take` gave for the word before it, if that is its
/// neighbour, and with its token.
pub(super) fn for_each_word(document: &Document, mut take: impl FnMut(&str, Option<u32>, u32) -> u32) {
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
                previous = reading.text.split(' ').fold(previous, |before, word| Some(take(word, before, position)));
                read = !reading.tokens.is_empty();
                skip_until = reading.tokens.end;
            }
        }
        if !read {
            previous = plain_word(document, token).map(|word| take(word, previous, position));
        }
    }
}

/// Gives `take` the features of a word by itself, and the caller its hash, for pairs.
pub(super) fn of_word(word: &str, take: &mut impl FnMut(u32)) -> u32 {
    let mut buffer = [0_u32; LONGEST_WORD + 2];
    let letters = bounded(word, &mut buffer);
    let whole = mix(letters.iter().fold(start(b'w'), |state, letter| absorb(state, *letter)));
    take(whole);
    // The whole word is a feature already, so a sequence is shorter; a longer one goes on where a shorter ended.
    let sequences = letters.len() > LONGEST_GRAM;
    for window in letters.windows(SHORTEST_GRAM + 2).take_while(|_| sequences) {
        let [a, b, c, d, e] = *window else { break };
        let three = absorb(absorb(absorb(start(b'g'), a), b), c);
        let four = absorb(three, d);
        [three, four, absorb(four, e)].into_iter().for_each(|state| take(mix(state)));
    }
    // What is left at the end, or all of a short word.
    let from = if sequences { letters.len() - (LONGEST_GRAM - 1) } else { 0 };
    for rest in (from..letters.len()).filter_map(|from| letters.get(from..)) {
        let mut state = start(b'g');
        for (letter, length) in rest.iter().zip(1..letters.len()) {
            state = absorb(state, *letter);
            if length >= SHORTEST_GRAM {
                take(mix(state));
            }
        }
    }
    whole
}

/// The feature of two neighbouring words, of their hashes.
pub(super) fn of_pair(previous: u32, whole: u32) -> u32 {
    mix(previous.rotate_left(7) ^ whole ^ 0x9e37_79b9)
}

/// The code points of a word between its boundaries, as far as they fit.
fn bounded<'a>(word: &str, buffer: &'a mut [u32; LONGEST_WORD + 2]) -> &'a [u32] {
    let [first, inner @ .., _] = buffer;
    *first = u32::from('<');
    let mut length = 0;
    if word.is_ascii() {
        for (place, byte) in inner.iter_mut().zip(word.bytes()) {
            *place = u32::from(byte);
        }
        length = word.len().min(LONGEST_WORD);
    } else {
        for (place, letter) in inner.iter_mut().zip(word.chars()) {
            *place = u32::from(letter);
            length += 1;
        }
    }
    if let Some(last) = buffer.get_mut(length + 1) {
        *last = u32::from('>');
    }
    buffer.get(..length + 2).unwrap_or_default()
}

fn plain_word<'a>(document: &'a Document, token: &Token) -> Option<&'a str> {
    match token.kind {
        TokenKind::Word | TokenKind::Mixed => Some(document.word(token)),
        TokenKind::Number => None,
    }
}

/// FNV-1a over code points begins, with a tag for the kind of feature.
const fn start(tag: u8) -> u32 {
    0x811c_9dc5 ^ tag as u32
}

/// FNV-1a goes on by a code point.
const fn absorb(state: u32, letter: u32) -> u32 {
    (state ^ letter).wrapping_mul(0x0100_0193)
}

/// Spreads a state over all bits, the low ones first: multiplication carries upwards only, and the model masks from below.
const fn mix(state: u32) -> u32 {
    (state ^ (state >> 15)).wrapping_mul(0x9e37_79b1).rotate_right(15)
}

//! Words cut by spaces or spread over the names of choices, and words written from their end.
//!
//! Not here: letters that stand for others (`disguise`). Kept true: only long terms that may be disguised are found so; most words fall out of the trie after a
//! few letters, in either direction.

use super::automaton::{Matcher, Output, Target};
use super::find::{Found, Search};
use super::matcher::Form;
use super::trie::Node;
use crate::domain::{Concealment, Concealments};

/// Fewest letters of a term that is found in two pieces: short ones arise by chance where two words meet ("results that differ in").
const HALVED_LETTERS: u8 = 10;
/// The same in more pieces.
const SCATTERED_LETTERS: u8 = 8;
/// The same if it is spread over the names of choices, which seldom make a word together.
const SPREAD_LETTERS: u8 = 6;
/// Most spaces in a word.
const MOST_GAPS: u32 = 5;
/// Readings before a place that are asked whether they hold it: all that one group of letters has, so that the work stays linear.
const NEAREST: usize = 32;
/// Fewest letters of a term that is read backwards: "reward" is no drawer, and there are more such pairs of short words.
const REVERSED_LETTERS: u8 = 6;

impl Search<'_> {
    /// Looks for keys that go on from `node`, where a word ends, as if no space followed: "Sil de na fil". One space is a slip of the pen, and an
    /// honest one in most compounds; more of them hide something, and so does a word that goes on in the name of the next choice.
    pub(super) fn glued(&mut self, mut node: Node, begun: Found) {
        let (document, matcher) = (self.document, self.matcher);
        let hidden = Concealments::of(Concealment::Spacing);
        let mut found = Found { least: HALVED_LETTERS, hidden, ..begun };
        for gap in 1..=MOST_GAPS {
            let Some(token) = self.token(found.last + 1) else { return };
            if token.after_stop && !token.traits.is_seam() {
                return;
            }
            let mut bytes = document.word(token).bytes();
            let Some(next) = bytes.try_fold(node, |node, byte| matcher.trie.step(node, byte)) else { return };
            node = next;
            found = Found { last: found.last + 1, end: token.folded_end, ..found };
            if gap > 1 || token.after_stop {
                found.least = found.least.min(if token.after_stop { SPREAD_LETTERS } else { SCATTERED_LETTERS });
            }
            if node.has_value() && !self.is_read_as_one(found) {
                self.key(node, found);
            }
        }
    }

    /// True if it is no space that cuts the word: then a second reading tells more of it.
    fn is_read_as_one(&self, found: Found) -> bool {
        let readings = self.document.readings();
        let begun = readings.partition_point(|reading| reading.tokens.start <= found.first);
        let nearest = readings.get(..begun).unwrap_or_default().iter().rev().take(NEAREST);
        nearest.into_iter().any(|reading| reading.tokens.end > found.last)
    }
}

/// Gives `meaning` the terms that a whole word is when it is read from its end, with its ending.
pub(super) fn backwards(matcher: &Matcher, word: &str, mut meaning: impl FnMut(&Output)) {
    if word.len() < usize::from(REVERSED_LETTERS) {
        return;
    }
    let (mut node, mut buffer) = (matcher.root, [0; 4]);
    for (before, c) in word.char_indices().rev() {
        let mut bytes = c.encode_utf8(&mut buffer).bytes();
        let Some(next) = bytes.try_fold(node, |node, byte| matcher.trie.step(node, byte)) else { return };
        node = next;
        if node.has_value() && word.len() - before >= usize::from(REVERSED_LETTERS) {
            let ending: String = word.get(..before).unwrap_or_default().chars().rev().collect();
            matcher.outputs(node, &ending, false, |output| {
                let term = matches!(output.target, Target::Term(..)) && output.letters >= REVERSED_LETTERS;
                if term && output.disguisable && (ending.is_empty() || output.form == Form::Stem) {
                    meaning(output);
                }
            });
        }
    }
}

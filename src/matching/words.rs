//! What a word means by itself, wherever it stands.
//!
//! Not here: what goes on in the next word (`find`), second readings (`disguise`), remembering (`memory`). Kept true: it depends on the
//! word's letters and its `Manner` alone; an ordinary word falls out of the trie after a few bytes.

use super::automaton::{Matcher, Output, Target};
use super::disguise::stretches;
use super::matcher::{Form, LexiconId, TermId};
use super::rearranged::backwards;
use super::trie::Node;
use crate::domain::{Concealment, Concealments};
use crate::text::{Token, TokenKind};

/// Fewest letters of a word inside which parts are looked for away from its start.
const INSIDE_LETTERS: usize = 8;

/// What of a token decides, beside its letters, how its word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// Two equal letters stand side by side.
    doubled: bool,
    /// It has no digits.
    letters: bool,
}

impl Manner {
    pub(super) const COUNT: usize = 4;

    pub(super) fn of(token: &Token) -> Self {
        Manner { doubled: token.traits.is_doubled(), letters: token.kind == TokenKind::Word }
    }

    /// Its place among all.
    pub(super) fn index(self) -> usize {
        usize::from(self.doubled) << 1 | usize::from(self.letters)
    }
}

/// How the letters of a key stand in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    /// Some letters were doubled.
    Stretched,
    /// From the end to the start.
    Backwards,
}

impl Way {
    /// What hides a word that stands so.
    pub(super) fn hides(self) -> Concealments {
        match self {
            Way::Plain => Concealments::NONE,
            Way::Stretched => Concealments::of(Concealment::Repetition),
            Way::Backwards => Concealments::of(Concealment::Reversed),
        }
    }

    /// Fewest letters of a term that is found so; parts make longer phrases.
    pub(super) fn least(self) -> u8 {
        match self {
            Way::Plain | Way::Backwards => 0,
            Way::Stretched => STRETCHED_LETTERS,
        }
    }
}

/// Fewest letters of a term that is found in spite of doubled letters.
const STRETCHED_LETTERS: u8 = 5;

/// A term that is met in a word, by itself. Bytes count from the start of the word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WholeTerm {
    pub(super) term: TermId,
    pub(super) lexicon: LexiconId,
    pub(super) key: Key,
}

/// Where a key lies in a word: `end` is past the key, `covered` past its ending too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) way: Way,
    pub(super) unaccented: bool,
    pub(super) start: u8,
    pub(super) end: u8,
    pub(super) covered: u8,
}

/// A part of phrases that is met in a word, by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct WholePart {
    pub(super) part: u32,
    /// It is the rarest part of some phrase.
    pub(super) decides: bool,
    pub(super) key: Key,
}

/// The word ends within longer keys: `spaced` is where a space leads, `NOWHERE` if no phrase goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Open {
    pub(super) node: Node,
    pub(super) spaced: Node,
    pub(super) way: Way,
    pub(super) start: u8,
}

/// What words mean by themselves.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) terms: Vec<WholeTerm>,
    pub(super) parts: Vec<WholePart>,
    pub(super) open: Vec<Open>,
}

/// Appends what a word means by itself.
pub(super) fn read(matcher: &Matcher, word: &str, manner: Manner, meaning: &mut Meaning) {
    let mut reader = Reader { matcher, word, meaning };
    reader.plainly(matcher.root, 0);
    reader.inside();
    if manner.doubled {
        stretches(&matcher.trie, word, matcher.root, &mut |node, at| reader.at(node, Way::Stretched, 0, at));
    }
    if manner.letters {
        backwards(matcher, word, |output| reader.whole(output, Way::Backwards));
    }
}

struct Reader<'a> {
    matcher: &'a Matcher,
    word: &'a str,
    meaning: &'a mut Meaning,
}

impl Reader<'_> {
    /// The letters from `start` on.
    fn plainly(&mut self, mut node: Node, start: usize) {
        for (byte, at) in self.word.bytes().skip(start).zip(start + 1..) {
            match self.matcher.trie.step(node, byte) {
                Some(next) => node = next,
                None => return,
            }
            if node.has_value() || at == self.word.len() {
                self.at(node, Way::Plain, start, at);
            }
        }
    }

    /// Looks for parts away from the start of a long word.
    fn inside(&mut self) {
        let (word, Some(root)) = (self.word, self.matcher.inner) else { return };
        if word.len() < INSIDE_LETTERS || (!word.is_ascii() && word.chars().count() < INSIDE_LETTERS) {
            return;
        }
        for (offset, byte) in word.bytes().enumerate().skip(1) {
            if byte & 0xC0 != 0x80 {
                self.plainly(root, offset);
            }
        }
    }

    /// Notes what it means to have come to `node` by the letters from `start` to `at`.
    fn at(&mut self, node: Node, way: Way, start: usize, at: usize) {
        let (matcher, rest) = (self.matcher, self.word.get(at..).unwrap_or_default());
        matcher.meant(node, rest, (way.hides(), way.least()), |output| {
            let covered = if output.form == Form::Stem { self.word.len() } else { at };
            self.meaning.add(output, way, (start, at, covered));
        });
        if rest.is_empty() && !node.is_leaf() {
            let spaced = matcher.trie.step(node, b' ').unwrap_or(Node::NOWHERE);
            self.meaning.open.push(Open { node, spaced, way, start: byte(start) });
        }
    }

    /// Notes that a term is the whole word.
    fn whole(&mut self, output: &Output, way: Way) {
        let end = self.word.len();
        self.meaning.add(&Output { unaccented: false, ..*output }, way, (0, end, end));
    }
}

impl Meaning {
    pub(super) fn clear(&mut self) {
        self.terms.clear();
        self.parts.clear();
        self.open.clear();
    }

    fn add(&mut self, output: &Output, way: Way, (start, end, covered): (usize, usize, usize)) {
        let Output { target, unaccented, .. } = *output;
        let key = Key { way, unaccented, start: byte(start), end: byte(end), covered: byte(covered) };
        match target {
            Target::Term(term, lexicon) => self.terms.push(WholeTerm { term, lexicon, key }),
            Target::Part { part, decides } => self.parts.push(WholePart { part, decides, key }),
        }
    }
}

/// A place in a word; words have 128 bytes at most.
fn byte(at: usize) -> u8 {
    u8::try_from(at).unwrap_or(u8::MAX)
}

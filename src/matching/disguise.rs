//! Disguised words: second readings and stretched letters, walked through the same trie.
//!
//! Not here: how text is read a second time (`text`). Kept true: only terms that may be disguised are found so; a
//! reading that is no word falls out of the trie after a few letters; phrases go on from readings to plain words and
//! back.

use super::automaton::{Output, Target};
use super::find::{Found, Search};
use super::matcher::Form;
use super::phrases::Piece;
use super::trie::{Node, Trie};
use super::words::Way;
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::{Reading, ReadingCell, Token};

/// Fewest letters of a term that is found in a second reading.
const READ_LETTERS: u8 = 4;
/// The same if it was only cut, by fewer than `CUTS` joiners: hyphens are honest in many words.
const JOINED_LETTERS: u8 = 5;
/// The same amid letters that stand one by one: "p o r r i d g e" spells one word, and there is no telling where others begin in it. First with such letters
/// on one side ("r e v i s t a" has a medicine in it), then on both ("e s p e c i a l i s t a").
const AMID_LETTERS: [u8; 2] = [7, 8];
/// Words of one letter, which stand before another without being part of it: "a v i a g r a".
const ONE_LETTER_WORDS: [char; 13] = ['a', 'e', 'i', 'o', 'u', 'y', 'à', 'и', 'в', 'с', 'к', 'у', 'о'];
const CUTS: usize = 3;

/// What came before, in a phrase.
#[derive(Clone, Copy)]
struct Path {
    first_token: u32,
    original: ByteSpan,
    concealment: Concealments,
    reading: Option<u32>,
    cuts: usize,
    /// On how many sides letters go on that stand one by one.
    amid: usize,
}

impl Search<'_> {
    /// Looks for keys that go on from `node` through the token in which `begun` ends, one with doubled letters, as if some of them stood
    /// alone.
    pub(super) fn stretched(&mut self, node: Node, begun: Found) {
        let (document, matcher) = (self.document, self.matcher);
        let Some(token) = self.token(begun.last) else { return };
        let hidden = begun.hidden.with(Way::Stretched.hides());
        stretches(&matcher.trie, document.word(token), node, &mut |node, at| {
            let end = token.folded_start + at as u32;
            let found = Found { end, hidden, least: Way::Stretched.least(), ..begun };
            self.key(node, found);
            if end == token.folded_end {
                self.follow(node, found);
            }
        });
    }

    /// Looks for terms in a reading, alone and as a word of a phrase.
    pub(super) fn reading(&mut self, index: usize, reading: &Reading) {
        let matcher = self.matcher;
        let mut start = 0;
        for (number, cell) in self.document.cells(reading).iter().enumerate() {
            if number == 0 || cell.joined || cell.cut {
                self.read(index, reading, Place::start(matcher.root, start), None);
            }
            start = cell.text_end as usize;
        }
        let first = reading.tokens.start;
        let Some(token) = self.token(first) else { return };
        if reading.tokens.is_empty() || token.original.start() != reading.original.start() {
            return;
        }
        let mut before = first;
        while before > first.saturating_sub(matcher.longest_phrase) && !self.token(before).is_none_or(|t| t.after_stop)
        {
            before -= 1;
            self.read_after(index, reading, before);
        }
    }

    /// Plain words from `start` up to the reading, then the reading.
    fn read_after(&mut self, index: usize, reading: &Reading, start: u32) {
        let document = self.document;
        let (Some(first), Some(token)) = (self.token(start), self.token(reading.tokens.start)) else { return };
        let between = first.folded_start as usize..token.folded_start as usize;
        let mut bytes = document.folded().as_bytes().get(between).unwrap_or_default().iter();
        let Some(node) = bytes.try_fold(self.matcher.root, |node, byte| self.matcher.trie.step(node, *byte)) else {
            return;
        };
        let tokens = document.tokens().get(start as usize..reading.tokens.start as usize).unwrap_or_default();
        let path = Path {
            first_token: start,
            original: tokens.iter().fold(first.original, |span, token| span.cover(token.original)),
            concealment: tokens.iter().fold(Concealments::NONE, |hidden, token| hidden.with(token.concealment)),
            reading: None,
            cuts: 0,
            amid: 0,
        };
        self.read(index, reading, Place::start(node, 0), Some(path));
    }

    /// Walks a reading from `start`; reports terms that end in it and goes on with phrases that do not.
    fn read(&mut self, index: usize, reading: &Reading, start: Place, path: Option<Path>) {
        let document = self.document;
        let matcher = self.matcher;
        let cells = document.cells(reading);
        let from = cells.partition_point(|cell| (cell.text_end as usize) <= start.at);
        elastic(&matcher.trie, &reading.text, start, &mut |place| {
            let ends = place.at > start.at && place.node.has_value();
            let goes_on = place.at == reading.text.len();
            if !ends && !goes_on {
                return;
            }
            let to = cells.partition_point(|cell| (cell.text_end as usize) < place.at) + 1;
            let Some(read) = cells.get(from..to) else { return };
            let whole = read.last().is_some_and(|cell| cell.text_end as usize == place.at)
                && cells.get(to).is_none_or(|next| next.joined || next.cut);
            let here = extend(path, index, read, self.document.tokens_in(reading.field, span(read)).start);
            let here = if place.skipped { with(here, Concealment::Repetition) } else { here };
            let before = is_amid(cells, from) && !is_word(reading, cells.get(..from).unwrap_or_default());
            let here = Path { amid: usize::from(before) + usize::from(is_amid(cells, to)), ..here };
            if ends {
                self.read_key(place, reading, cells.get(to..).unwrap_or_default(), (here, whole));
            }
            if goes_on && let Some(next) = matcher.trie.step(place.node, b' ') {
                self.go_on(next, reading.tokens.end, here);
            }
        });
    }

    /// Reports what a key that ends in a reading means.
    fn read_key(&mut self, place: Place, reading: &Reading, rest: &[ReadingCell], (here, whole): (Path, bool)) {
        let ending = reading.text.get(place.at..).unwrap_or_default();
        let matcher = self.matcher;
        matcher.outputs(place.node, ending, whole, |output| {
            let inflected = output.form == Form::Stem && !whole;
            let original = if inflected { here.original.cover(span(rest)) } else { here.original };
            if is_found(output, &here) {
                self.report_read(output, Path { original, ..here }, reading);
            }
        });
    }

    fn report_read(&mut self, output: &Output, here: Path, reading: &Reading) {
        let hidden = here.concealment.contains(Concealment::Diacritic) && !output.unaccented;
        let concealment = if hidden { without_accents(here.concealment) } else { here.concealment };
        let tokens = self.document.tokens_in(reading.field, here.original);
        // A word without a token of its own (emoji letters) has no place among its neighbours: gaps cannot be counted from it, and the
        // token at its place may lie beyond a stop.
        if tokens.is_empty() && matches!(output.target, Target::Part { .. }) {
            return;
        }
        let end_token = tokens.end.max(here.first_token);
        let (first_token, original, reading) = (here.first_token, here.original, here.reading);
        self.report(output.target, Piece { first_token, end_token, original, concealment, reading });
    }

    /// Goes on with a phrase at a token: plainly, and through the readings that begin there.
    fn go_on(&mut self, node: Node, token: u32, here: Path) {
        let document = self.document;
        let Some(next) = self.token(token).filter(|next| !next.after_stop) else { return };
        self.go_on_plainly(node, token, here);
        let readings = document.readings();
        let start = readings.partition_point(|reading| reading.tokens.start < token);
        for (index, reading) in readings.iter().enumerate().skip(start) {
            if reading.tokens.start != token {
                break;
            }
            if !reading.tokens.is_empty() && reading.original.start() == next.original.start() {
                self.read(index, reading, Place::start(node, 0), Some(here));
            }
        }
    }

    fn go_on_plainly(&mut self, mut node: Node, index: u32, here: Path) {
        let document = self.document;
        let matcher = self.matcher;
        let Some(token) = self.token(index) else { return };
        let word = document.word(token);
        for (at, byte) in word.bytes().enumerate() {
            let Some(next) = matcher.trie.step(node, byte) else { return };
            node = next;
            if node.has_value() {
                self.plain_key(node, token, at + 1, here);
            }
        }
        if let Some(next) = matcher.trie.step(node, b' ') {
            let here = Path {
                original: here.original.cover(token.original),
                concealment: here.concealment.with(token.concealment),
                ..here
            };
            self.go_on(next, index + 1, here);
        }
    }

    /// Reports what a key means that began in a reading and ends in a plain token.
    fn plain_key(&mut self, node: Node, token: &Token, at: usize, here: Path) {
        let end = token.folded_start + at as u32;
        let rest = self.document.word(token).get(at..).unwrap_or_default();
        let matcher = self.matcher;
        matcher.outputs(node, rest, false, |output| {
            let end = if output.form == Form::Stem { token.folded_end } else { end };
            if !is_found(output, &here) {
                return;
            }
            let part = ByteSpan::new(token.original.start(), self.document.original_end(token, end));
            let original = here.original.cover(part);
            let end_token = self.document.tokens_in(token.field, original).end;
            let concealment = here.concealment.with(token.concealment);
            let (first_token, reading) = (here.first_token, here.reading);
            self.report(output.target, Piece { first_token, end_token, original, concealment, reading });
        });
    }
}

/// True if a term is long enough for the way in which it was hidden.
fn is_found(output: &Output, here: &Path) -> bool {
    let only_cut = here.concealment == Concealments::of(Concealment::Spacing) && here.cuts < CUTS;
    let part = matches!(output.target, Target::Part { .. });
    let least = if only_cut { JOINED_LETTERS } else { READ_LETTERS };
    let least_amid = here.amid.checked_sub(1).and_then(|sides| AMID_LETTERS.get(sides)).copied().unwrap_or_default();
    output.disguisable && (part || output.letters >= least) && output.letters >= least_amid
}

/// True if the letters on both sides of the place before a cell stand one by one, like all letters of the word they spell.
fn is_amid(cells: &[ReadingCell], at: usize) -> bool {
    let joined = |at: usize| cells.get(at).is_none_or(|cell| at == 0 || cell.joined || cell.cut);
    let alone = |at: usize| joined(at) && joined(at + 1);
    cells.get(at).is_some_and(|cell| at > 0 && cell.joined && !cell.cut) && alone(at - 1) && alone(at)
}

/// True if the first cells of a reading are a word of one letter.
fn is_word(reading: &Reading, first: &[ReadingCell]) -> bool {
    let [only] = first else { return false };
    let letter = reading.text.get(..only.text_end as usize).unwrap_or_default();
    ONE_LETTER_WORDS.iter().any(|word| letter.chars().eq([*word]))
}

/// The path with some cells of a reading added.
fn extend(path: Option<Path>, reading: usize, cells: &[ReadingCell], first_token: u32) -> Path {
    let original = span(cells);
    let new = Path { first_token, original, concealment: Concealments::NONE, reading: None, cuts: 0, amid: 0 };
    let mut path = path.unwrap_or(new);
    path.original = path.original.cover(original);
    path.reading = path.reading.or(u32::try_from(reading).ok());
    for (number, cell) in cells.iter().enumerate() {
        path.concealment = path.concealment.with(cell.hidden);
        if cell.joined && number > 0 {
            path.cuts += 1;
            path = with(path, Concealment::Spacing);
        }
        if cell.accented {
            path = with(path, Concealment::Diacritic);
        }
    }
    path
}

fn with(path: Path, way: Concealment) -> Path {
    Path { concealment: path.concealment.with(Concealments::of(way)), ..path }
}

fn without_accents(all: Concealments) -> Concealments {
    Concealment::HIDDEN
        .into_iter()
        .filter(|way| *way != Concealment::Diacritic && all.contains(*way))
        .fold(Concealments::NONE, |rest, way| rest.with(Concealments::of(way)))
}

fn span(cells: &[ReadingCell]) -> ByteSpan {
    let mut spans = cells.iter().map(|cell| cell.original);
    let first = spans.next().unwrap_or_default();
    spans.fold(first, ByteSpan::cover)
}

/// A state of an elastic walk.
#[derive(Clone, Copy)]
struct Place {
    node: Node,
    /// Byte in the word.
    at: usize,
    previous: Option<char>,
    /// Letters were skipped.
    skipped: bool,
    /// The last one was.
    skipping: bool,
}

impl Place {
    fn start(node: Node, at: usize) -> Self {
        Place { node, at, previous: None, skipped: false, skipping: false }
    }
}

/// Walks a word with doubled letters in every way that leaves some of them out, from `node`; gives `visit` the places reached and the bytes read.
pub(super) fn stretches(trie: &Trie, word: &str, node: Node, visit: &mut dyn FnMut(Node, usize)) {
    // What is found before the first letter is skipped, is found plainly.
    let mut plain = Place::start(node, 0);
    for (at, c) in word.char_indices() {
        let after = at + c.len_utf8();
        if plain.previous == Some(c) {
            let skipped = Place { at: after, skipped: true, skipping: true, ..plain };
            elastic(trie, word, skipped, &mut |place| visit(place.node, place.at));
        }
        let mut bytes = word.as_bytes().get(at..after).unwrap_or_default().iter();
        let Some(node) = bytes.try_fold(plain.node, |node, byte| trie.step(node, *byte)) else { return };
        plain = Place { node, at: after, previous: Some(c), ..plain };
    }
}

/// Walks a word in every way that skips letters equal to the one before them. Of each run of equal letters the first
/// ones are walked and the others skipped, so the ways are as many as the letters, not their subsets.
fn elastic(trie: &Trie, word: &str, mut place: Place, visit: &mut dyn FnMut(Place)) {
    loop {
        visit(place);
        let Some(c) = word.get(place.at..).and_then(|rest| rest.chars().next()) else { return };
        let at = place.at + c.len_utf8();
        let repeats = place.previous == Some(c);
        let skip = Place { at, previous: Some(c), skipped: true, skipping: true, ..place };
        if repeats && place.skipping {
            place = skip;
            continue;
        }
        if repeats {
            elastic(trie, word, skip, visit);
        }
        let mut bytes = word.as_bytes().get(place.at..at).unwrap_or_default().iter();
        let Some(node) = bytes.try_fold(place.node, |node, byte| trie.step(node, *byte)) else { return };
        place = Place { node, at, previous: Some(c), skipping: false, ..place };
    }
}

//! The search: what each word means by itself, then what goes on beyond it, then phrases.
//!
//! Not here: single words (`words`), disguised ones (`disguise`, `rearranged`), joining phrases over gaps (`phrases`), making hits (`sightings`). Kept
//! true: what was found before changes nothing.

use super::automaton::{Matcher, Target};
use super::matcher::{Form, TermId};
use super::memory::{Buffers, WordMemory};
use super::phrases::{Partials, Phrases, Piece};
use super::sightings::{Lies, Sighting};
use super::trie::Node;
use super::words::{Key, Manner, Open, Way};
use crate::domain::Concealments;
use crate::text::{Document, Token};

pub(super) struct Search<'a> {
    pub(super) matcher: &'a Matcher,
    pub(super) document: &'a Document,
    buffers: &'a mut Buffers,
    /// Readings before this one have been looked at.
    next_reading: usize,
}

/// A part of phrases met in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundPart {
    part: u32,
    lies: Lies,
}

/// A key met in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Token in which it begins.
    pub(super) first: u32,
    /// Folded byte at which it begins.
    pub(super) start: u32,
    /// Token in which it ends.
    pub(super) last: u32,
    /// Folded byte after it.
    pub(super) end: u32,
    /// How it was hidden beside what its tokens tell; only terms that may be disguised count then.
    pub(super) hidden: Concealments,
    /// Fewest letters of a term that may be found so.
    pub(super) least: u8,
}

impl<'a> Search<'a> {
    pub(super) fn new(matcher: &'a Matcher, document: &'a Document, buffers: &'a mut Buffers) -> Self {
        buffers.words.clear();
        buffers.parts.clear();
        buffers.present.clear();
        buffers.deciding.clear();
        buffers.sightings.clear();
        buffers.lexicons.clear();
        Search { matcher, document, buffers, next_reading: 0 }
    }

    pub(super) fn run(mut self, words: &mut WordMemory) {
        let tokens = self.document.tokens();
        words.serve(self.matcher);
        for (index, token) in tokens.iter().enumerate() {
            let index = index as u32;
            if self.next_reading < self.document.readings().len() {
                self.read_up_to(index);
            }
            let word = words.recall(self.matcher, self.document.word(token), Manner::of(token));
            let Some(recalled) = word else { continue };
            if recalled.is_new {
                recalled.terms.iter().for_each(|term| _ = self.buffers.lexicons.insert(term.lexicon));
                recalled.parts.iter().for_each(|part| self.buffers.has_part(part.part, part.decides));
            }
            if !(recalled.terms.is_empty() && recalled.parts.is_empty()) {
                self.buffers.words.push(recalled.met_at(index));
            }
            for open in recalled.open {
                self.beyond(open, index, token);
            }
        }
        self.read_up_to(tokens.len() as u32);
        self.join(words);
        self.pictures();
    }

    fn pictures(&mut self) {
        let matcher = self.matcher;
        for (at, symbol) in (0..).zip(self.document.symbols()) {
            for term in matcher.symbols.get(&symbol.picture).into_iter().flatten() {
                self.term(*term, Lies::Picture(at));
            }
        }
    }

    /// Looks at the readings that begin at or before a token.
    fn read_up_to(&mut self, token: u32) {
        while let Some(reading) = self.document.readings().get(self.next_reading)
            && reading.tokens.start <= token
        {
            self.next_reading += 1;
            self.reading(self.next_reading - 1, reading);
        }
    }

    /// Goes on behind a word that ends within longer keys.
    fn beyond(&mut self, Open { node, spaced, way, start }: &Open, index: u32, token: &Token) {
        let bytes = self.document.folded().as_bytes().get(token.folded_end as usize..).unwrap_or_default();
        let [separator, next, ..] = bytes else { return };
        let (trie, found) = (&self.matcher.trie, found(index, token, (*start, token.folded_end), *way));
        // Nearly all keys that are open here end with their word: the first letter of the next one tells.
        if found.hidden.is_empty() && trie.step(*node, *next).is_some() {
            self.glued(*node, found);
        }
        if *separator == b' ' && self.leads_on(*spaced, bytes.get(1..).unwrap_or_default(), index + 1) {
            self.next_word(*spaced, found);
        }
    }

    /// False if no key goes on with the word that these bytes begin: mostly its first two letters tell, and whoever asks has no need to go there.
    fn leads_on(&self, node: Node, bytes: &[u8], word: u32) -> bool {
        let trie = &self.matcher.trie;
        let Some(first) = bytes.first().and_then(|byte| trie.step(node, *byte)) else { return false };
        match bytes.get(1) {
            None | Some(b' ' | b'\n') => true,
            Some(second) => {
                let doubled = || self.token(word).is_some_and(|token| token.traits.is_doubled());
                first.has_value() || trie.step(first, *second).is_some() || doubled()
            }
        }
    }

    /// Follows the folded text from where `found` ends; words are separated by one space, and no key has a line feed.
    pub(super) fn follow(&mut self, mut node: Node, mut found: Found) {
        let bytes = self.document.folded().as_bytes();
        let matcher = self.matcher;
        for byte in bytes.iter().skip(found.end as usize) {
            if matches!(byte, b' ' | b'\n') && found.hidden.is_empty() {
                self.glued(node, found);
            }
            match matcher.trie.step(node, *byte) {
                Some(next) => node = next,
                None => return,
            }
            if *byte == b' ' {
                return self.next_word(node, found);
            }
            found.end += 1;
            if node.has_value() {
                self.key(node, found);
            }
        }
    }

    /// Goes on with the word after the one in which `found` ends, from where the space between them leads; no key ends with a space.
    fn next_word(&mut self, node: Node, found: Found) {
        let found = Found { end: found.end + 1, last: found.last + 1, ..found };
        if self.token(found.last).is_some_and(|token| token.traits.is_doubled()) {
            self.stretched(node, found);
        }
        self.follow(node, found);
    }

    /// Reports what a key means here.
    pub(super) fn key(&mut self, node: Node, found: Found) {
        let Some(last) = self.token(found.last) else { return };
        let (document, matcher) = (self.document, self.matcher);
        let rest = document.folded().get(found.end as usize..last.folded_end as usize).unwrap_or_default();
        matcher.meant(node, rest, (found.hidden, found.least), |output| {
            let end = if output.form == Form::Stem { last.folded_end } else { found.end };
            if !output.tight || self.is_tight(found) {
                self.found(output.target, found, end, output.unaccented);
            }
        });
    }

    /// True if at most one character stands between the words of a key.
    fn is_tight(&self, found: Found) -> bool {
        let tokens = self.document.tokens().get(found.first as usize + 1..=found.last as usize).unwrap_or_default();
        tokens.iter().all(|token| !token.traits.is_apart())
    }

    /// Reports what a key means that lies where `found` says, its ending up to `end`.
    fn found(&mut self, target: Target, found: Found, end: u32, unaccented: bool) {
        self.met(target, Lies::Plain { found, end, unaccented });
    }

    /// Reports what was found in a reading.
    pub(super) fn report(&mut self, target: Target, piece: Piece) {
        self.met(target, Lies::At(piece));
    }

    /// A term that no key names: a phrase or a picture.
    fn term(&mut self, term: TermId, lies: Lies) {
        if let Some(record) = self.matcher.terms.get(term.0 as usize) {
            self.met(Target::Term(term, record.lexicon), lies);
        }
    }

    /// A term is seen, a part waits for its phrase.
    fn met(&mut self, target: Target, lies: Lies) {
        match target {
            Target::Part { part, decides } => {
                self.buffers.has_part(part, decides);
                self.buffers.parts.push(FoundPart { part, lies });
            }
            Target::Term(term, lexicon) => {
                self.buffers.lexicons.insert(lexicon);
                self.buffers.sightings.push(Sighting { term, lexicon, lies });
            }
        }
    }

    /// Joins parts to phrases, in the order in which they begin.
    fn join(&mut self, words: &WordMemory) {
        let (matcher, tokens) = (self.matcher, self.document.tokens());
        let Buffers { words: met, parts, present, deciding, hopeful, .. } = &mut *self.buffers;
        matcher.phrases.hopeful(deciding, present, hopeful);
        if hopeful.is_empty() {
            return;
        }
        parts.retain(|found| hopeful.contains(found.part));
        for (met, token) in met.iter().filter_map(|met| Some((met, tokens.get(met.token as usize)?))) {
            let hopeful = words.parts(met).iter().filter(|whole| hopeful.contains(whole.part));
            let found = |part, key| FoundPart { part, lies: Lies::whole(key, met.token, token) };
            parts.extend(hopeful.map(|whole| found(whole.part, whole.key)));
        }
        // Readings come first where both begin: one that has no token of its own lies before the token that it is counted to.
        parts.sort_by_key(|found| found.lies.first_token());
        let parts = std::mem::take(parts);
        let mut partials = Partials::new();
        let mut seen = 0;
        for FoundPart { part, lies } in &parts {
            let Some(piece) = lies.piece(self.document) else { continue };
            while seen <= piece.first_token && !partials.is_empty() {
                let after_stop = self.token(seen).is_none_or(|token| token.after_stop);
                Phrases::reach(&mut partials, seen, after_stop);
                seen += 1;
            }
            seen = seen.max(piece.first_token + 1);
            matcher.phrases.advance(&mut partials, (*part, piece), |term, joined| self.term(term, Lies::At(joined)));
        }
        self.buffers.parts = parts;
    }

    pub(super) fn token(&self, index: u32) -> Option<&'a Token> {
        self.document.tokens().get(index as usize)
    }
}

/// What lies in a word, from a byte of it on, to a folded byte.
fn found(index: u32, token: &Token, (start, end): (u8, u32), way: Way) -> Found {
    let start = token.folded_start + u32::from(start);
    Found { first: index, start, last: index, end, hidden: way.hides(), least: way.least() }
}

impl Lies {
    /// Of what a word is by itself.
    pub(super) fn whole(key: Key, index: u32, token: &Token) -> Lies {
        let Key { way, unaccented, start, end, covered } = key;
        let found = found(index, token, (start, token.folded_start + u32::from(end)), way);
        Lies::Plain { found, end: token.folded_start + u32::from(covered), unaccented }
    }
}

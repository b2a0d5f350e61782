//! Terms in, automaton out.
//!
//! Not here: searching. Kept true: terms are folded exactly as text is, so what is written as in the pack is found.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::automaton::{Group, Matcher, Output, Target, TermRecord};
use super::endings::{Endings, Takers};
use super::matcher::{Form, Term, TermId, TermWord};
use super::phrases::Phrases;
use super::trie::{Entry, Trie};
use crate::text::{Document, TokenKind, picture};

/// Collects terms.
#[derive(Debug, Default)]
pub struct MatcherBuilder {
    terms: Vec<Term>,
    endings: Endings,
    unmatchable: Vec<TermId>,
    /// Terms that are a picture.
    symbols: FxHashMap<char, Vec<TermId>>,
    folder: Document,
}

/// Words between two words of a phrase at most, whatever the pack asks for: bounds the work per token.
const MAX_GAP: u8 = 16;
/// Plain words at most before the first disguised word of a phrase.
const MOST_BEFORE: u32 = 6;
/// Fewest letters of a part inside a longer word.
const PART_LETTERS: u8 = 4;

impl MatcherBuilder {
    /// No terms yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Endings that a `Form::Stem` term of this language may take (the empty ending is always allowed). Terms without
    /// a language, or of one without endings, take the endings of language "" and those of all languages that have at
    /// most 3 letters.
    pub fn endings(&mut self, language: &str, endings: &[String]) {
        let folded: Vec<String> = endings.iter().map(|ending| self.fold(ending).concat()).collect();
        self.endings.add(language, folded.into_iter());
    }

    /// Adds a term and gives its position. A term is words, or one picture (emoji). One of which a word has no letter or digit is never
    /// found; it is listed by `unmatchable`.
    pub fn add(&mut self, term: Term) -> TermId {
        let id = TermId(u32::try_from(self.terms.len()).unwrap_or(u32::MAX));
        let symbol = match term.words.as_slice() {
            [word] => picture(&word.text),
            _ => None,
        };
        if let Some(picture) = symbol {
            self.symbols.entry(picture).or_default().push(id);
        } else if term.words.is_empty() || term.words.iter().any(|word| self.fold(&word.text).is_empty()) {
            self.unmatchable.push(id);
        }
        self.terms.push(term);
        id
    }

    /// Terms added so far that fold to nothing.
    pub fn unmatchable(&self) -> &[TermId] {
        &self.unmatchable
    }

    /// Builds the automaton.
    pub fn build(mut self) -> Matcher {
        let mut keys = Keys::default();
        let mut parts = Parts::default();
        let terms = std::mem::take(&mut self.terms);
        let mut records = Vec::with_capacity(terms.len());
        for (index, term) in terms.iter().enumerate() {
            let id = TermId(index as u32);
            let split = term.words.len() > 1
                && (term.max_gap > 0 || term.words.iter().rev().skip(1).any(|word| word.form != Form::Word));
            records.push(TermRecord { lexicon: term.lexicon, split });
            if self.unmatchable.binary_search(&id).is_ok() || self.is_symbol(id, term) {
                continue;
            }
            if split {
                self.add_split(id, term, &mut keys, &mut parts);
            } else {
                self.add_whole(id, term, &mut keys);
            }
        }
        self.assemble(keys, parts, records)
    }

    fn is_symbol(&self, id: TermId, term: &Term) -> bool {
        let picture = term.words.first().and_then(|word| picture(&word.text));
        picture.and_then(|picture| self.symbols.get(&picture)).is_some_and(|terms| terms.contains(&id))
    }

    fn add_whole(&mut self, id: TermId, term: &Term, keys: &mut Keys) {
        let form = term.words.last().map_or(Form::Word, |word| word.form);
        let output = Output {
            target: Target::Term(id),
            form,
            language: self.endings.language(&term.language),
            taker: Takers::default(),
            disguisable: term.disguisable,
            unaccented: true,
            letters: 0,
        };
        let written: Vec<&str> = term.words.iter().map(|word| word.text.as_str()).collect();
        self.add_keys(&written.join(" "), output, keys);
    }

    fn add_split(&mut self, id: TermId, term: &Term, keys: &mut Keys, parts: &mut Parts) {
        let gap = term.max_gap.min(MAX_GAP);
        let mut path = Vec::with_capacity(term.words.len());
        for word in &term.words {
            let (part, new) = parts.get(word, term);
            path.push(part);
            if new {
                let output = Output {
                    target: Target::Part(part),
                    form: word.form,
                    language: self.endings.language(&term.language),
                    taker: Takers::default(),
                    disguisable: term.disguisable,
                    unaccented: true,
                    letters: 0,
                };
                self.add_keys(&word.text, output, keys);
            }
        }
        parts.phrases.add(gap, &path, id);
    }

    /// Adds a key for each way of writing it.
    fn add_keys(&mut self, written: &str, output: Output, keys: &mut Keys) {
        let accented = self.is_accented(written);
        let mut ways = vec![self.fold(written).join(" ")];
        if let Some(spelt) = spelt_out(written) {
            ways.push(self.fold(&spelt).join(" "));
        }
        ways.dedup();
        for key in ways {
            let letters = u8::try_from(key.chars().filter(|c| c.is_alphanumeric()).count()).unwrap_or(u8::MAX);
            let entry = keys.entries.entry(key).or_default();
            entry.accented |= accented;
            entry.outputs.push(Output { letters, ..output });
        }
    }

    fn assemble(self, keys: Keys, mut parts: Parts, terms: Vec<TermRecord>) -> Matcher {
        parts.phrases.finish();
        let mut groups = Vec::new();
        let mut outputs: Vec<Output> = Vec::new();
        let mut sorted: Vec<Entry<'_>> = Vec::new();
        let mut inner: Vec<Entry<'_>> = Vec::new();
        let endings = &self.endings;
        let mut group = |mut found: Vec<Output>| {
            found.iter_mut().for_each(|output| output.taker = endings.taker(output.language));
            found.sort_by_key(goes_on);
            let place = |class: GoesOn| found.partition_point(|output| goes_on(output) < class) as u32;
            let start = outputs.len() as u32;
            let (stems, words) = (start + place(GoesOn::WithEndings), start + place(GoesOn::Never));
            let inflected = found.iter().filter(|output| output.form == Form::Stem);
            let takers = inflected.fold(Takers::default(), |takers, output| takers.with(output.taker));
            outputs.append(&mut found);
            groups.push(Group { start, stems, words, end: outputs.len() as u32, takers });
            (groups.len() as u32 - 1, words > start)
        };
        let is_part = |output: &&Output| output.form == Form::Compound && output.letters >= PART_LETTERS;
        for (key, entry) in &keys.entries {
            let all = entry.outputs.iter().map(|output| Output { unaccented: !entry.accented, ..*output });
            let all: Vec<Output> = all.collect();
            let parts: Vec<Output> = all.iter().filter(is_part).copied().collect();
            let (value, goes_on) = group(all);
            sorted.push((key.as_bytes(), value, goes_on));
            if !parts.is_empty() && !key.contains(' ') {
                let (value, goes_on) = group(parts);
                inner.push((key.as_bytes(), value, goes_on));
            }
        }
        let spaces = |key: &String| key.bytes().filter(|byte| *byte == b' ').count() as u32;
        let longest_phrase = keys.entries.keys().map(spaces).max().unwrap_or(0).min(MOST_BEFORE);
        let mut trie = Trie::default();
        let root = trie.add(&sorted);
        let inner = (!inner.is_empty()).then(|| trie.add(&inner));
        Matcher {
            trie,
            root,
            inner,
            groups,
            outputs,
            terms,
            endings: self.endings,
            symbols: self.symbols,
            phrases: parts.phrases,
            longest_phrase,
        }
    }

    /// The tokens of a text, folded.
    fn fold(&mut self, text: &str) -> Vec<String> {
        self.folder.clear();
        self.folder.push_field(text);
        self.folder.tokens().iter().map(|token| self.folder.word(token).to_owned()).collect()
    }

    /// True if folding takes accents from it.
    fn is_accented(&mut self, text: &str) -> bool {
        self.folder.clear();
        self.folder.push_field(text);
        let document = &self.folder;
        document.tokens().iter().any(|token| {
            token.kind != TokenKind::Number && document.is_accented(token, token.folded_start, token.folded_end)
        })
    }
}

/// How a longer word may begin with a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GoesOn {
    Anyhow,
    WithEndings,
    Never,
}

fn goes_on(output: &Output) -> GoesOn {
    match output.form {
        Form::Prefix => GoesOn::Anyhow,
        Form::Compound if output.letters >= PART_LETTERS => GoesOn::Anyhow,
        Form::Stem => GoesOn::WithEndings,
        Form::Compound | Form::Word => GoesOn::Never,
    }
}

/// Keys in order, with what ends there.
#[derive(Default)]
struct Keys {
    entries: BTreeMap<String, KeyEntry>,
}

#[derive(Default)]
struct KeyEntry {
    accented: bool,
    outputs: Vec<Output>,
}

/// Words of split phrases, each known once.
#[derive(Default)]
struct Parts {
    known: FxHashMap<(TermWord, String, bool), u32>,
    phrases: Phrases,
}

impl Parts {
    fn get(&mut self, word: &TermWord, term: &Term) -> (u32, bool) {
        let next = self.known.len() as u32;
        // Only endings are a language's own: "de" is one part in six languages.
        let language = if word.form == Form::Stem { term.language.clone() } else { String::new() };
        let part = *self.known.entry((word.clone(), language, term.disguisable)).or_insert(next);
        (part, part == next)
    }
}

/// Umlauts and Nordic letters as they are written where a keyboard lacks them; `None` if there are none.
fn spelt_out(text: &str) -> Option<String> {
    let mut spelt = String::with_capacity(text.len() + 4);
    for c in text.chars() {
        match c {
            'ä' | 'Ä' => spelt.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => spelt.push_str("oe"),
            'ü' | 'Ü' => spelt.push_str("ue"),
            'å' | 'Å' => spelt.push_str("aa"),
            other => spelt.push(other),
        }
    }
    (spelt != text).then_some(spelt)
}

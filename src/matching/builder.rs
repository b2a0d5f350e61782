//! Terms in, automaton out.
//!
//! Not here: searching. Kept true: terms are folded exactly as text is, so what is written as in the pack is found.

use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use super::automaton::{Group, Matcher, Output, Target, TermRecord};
use super::endings::{Endings, Takers};
use super::matcher::{Form, Term, TermId, TermWord};
use super::phrases::Phrases;
use super::trie::{Entry, Trie};
use crate::text::{Document, TokenKind, is_plain, picture};

/// Collects terms.
#[derive(Debug, Default)]
pub struct MatcherBuilder {
    records: Vec<TermRecord>,
    keys: Keys,
    parts: Parts,
    endings: Endings,
    unmatchable: Vec<TermId>,
    /// Terms that are a picture.
    symbols: FxHashMap<char, Vec<TermId>>,
    folder: Document,
}

/// Matchers built so far, and one: a memory begins with nobody's.
static BUILT: AtomicU64 = AtomicU64::new(1);

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
    pub fn add(&mut self, term: &Term) -> TermId {
        let id = TermId(u32::try_from(self.records.len()).unwrap_or(u32::MAX));
        let split = term.words.len() > 1
            && (term.max_gap > 0 || term.words.iter().rev().skip(1).any(|word| word.form != Form::Word));
        self.records.push(TermRecord { lexicon: term.lexicon, split });
        let symbol = match term.words.as_slice() {
            [word] => picture(&word.text),
            _ => None,
        };
        if let Some(picture) = symbol {
            self.symbols.entry(picture).or_default().push(id);
        } else if term.words.is_empty() || term.words.iter().any(|word| self.is_nothing(&word.text)) {
            self.unmatchable.push(id);
        } else if split {
            self.add_split(id, term);
        } else {
            self.add_whole(id, term);
        }
        id
    }

    /// Terms added so far that fold to nothing.
    pub fn unmatchable(&self) -> &[TermId] {
        &self.unmatchable
    }

    fn add_whole(&mut self, id: TermId, term: &Term) {
        let form = term.words.last().map_or(Form::Word, |word| word.form);
        let output = self.output(Target::Term(id, term.lexicon), form, term);
        match term.words.as_slice() {
            [word] => self.add_keys(&word.text, output),
            words => {
                let written: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                self.add_keys(&written.join(" "), output);
            }
        }
    }

    fn add_split(&mut self, id: TermId, term: &Term) {
        let gap = term.max_gap.min(MAX_GAP);
        let mut path = Vec::with_capacity(term.words.len());
        for word in &term.words {
            let (part, new) = self.parts.get(word, term);
            path.push(part);
            if new {
                let output = self.output(Target::Part { part, decides: false }, word.form, term);
                self.add_keys(&word.text, output);
            }
        }
        self.parts.phrases.add(gap, &path, id);
    }

    fn output(&mut self, target: Target, form: Form, term: &Term) -> Output {
        let language = self.endings.language(&term.language);
        let (taker, disguisable) = (Takers::default(), term.disguisable);
        Output { target, form, language, taker, disguisable, tight: false, unaccented: true, letters: 0 }
    }

    /// Adds a key for each way of writing it.
    fn add_keys(&mut self, written: &str, output: Output) {
        if is_plain(written) {
            return self.keys.add(written, false, output);
        }
        let key = self.fold(written).join(" ");
        let output = Output { tight: key.contains(' ') && !written.trim().contains(char::is_whitespace), ..output };
        let accented = self.folder.tokens().iter().any(|token| {
            token.kind != TokenKind::Number && self.folder.is_accented(token, token.folded_start, token.folded_end)
        });
        self.keys.add(&key, accented, output);
        if let Some(spelt) = spelt_out(written) {
            let spelt = self.fold(&spelt).join(" ");
            if spelt != key {
                self.keys.add(&spelt, accented, output);
            }
        }
    }

    /// Builds the automaton.
    pub fn build(self) -> Matcher {
        let MatcherBuilder { records, mut keys, mut parts, endings, symbols, .. } = self;
        parts.phrases.finish();
        keys.sort();
        let mut groups = Vec::new();
        let mut outputs: Vec<Output> = Vec::new();
        let mut group = |mut found: Vec<Output>| {
            for output in &mut found {
                output.taker = endings.taker(output.language);
                if let Target::Part { part, decides } = &mut output.target {
                    *decides = parts.phrases.is_rarest(*part);
                }
            }
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
        let (mut sorted, mut inner): (Vec<Entry<'_>>, Vec<Entry<'_>>) = (Vec::new(), Vec::new());
        let mut longest_phrase = 0;
        for same in keys.list.chunk_by(|one, next| keys.text(one) == keys.text(next)) {
            let Some(key) = same.first().map(|key| keys.text(key)) else { continue };
            let unaccented = !same.iter().any(|key| key.accented);
            let all: Vec<Output> = same.iter().map(|key| Output { unaccented, ..key.output }).collect();
            let parts: Vec<Output> = all.iter().filter(is_part).copied().collect();
            let (value, goes_on) = group(all);
            sorted.push((key.as_bytes(), value, goes_on));
            if !parts.is_empty() && !key.contains(' ') {
                let (value, goes_on) = group(parts);
                inner.push((key.as_bytes(), value, goes_on));
            }
            longest_phrase = longest_phrase.max(key.bytes().filter(|byte| *byte == b' ').count() as u32);
        }
        let mut trie = Trie::default();
        let root = trie.add(&sorted);
        let inner = (!inner.is_empty()).then(|| trie.add(&inner));
        trie.finish();
        outputs.shrink_to_fit();
        groups.shrink_to_fit();
        let longest_phrase = longest_phrase.min(MOST_BEFORE);
        let (terms, phrases) = (records, parts.phrases);
        let number = BUILT.fetch_add(1, Ordering::Relaxed);
        Matcher { trie, root, inner, groups, outputs, terms, endings, symbols, phrases, longest_phrase, number }
    }

    /// The tokens of a text, folded.
    fn fold(&mut self, text: &str) -> Vec<String> {
        self.folder.clear();
        self.folder.push_field(text);
        self.folder.tokens().iter().map(|token| self.folder.word(token).to_owned()).collect()
    }

    /// True if folding leaves nothing of a word.
    fn is_nothing(&mut self, word: &str) -> bool {
        !word.bytes().any(|byte| byte.is_ascii_alphanumeric()) && self.fold(word).is_empty()
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

/// Keys with what ends there, in one piece of memory: a hundred thousand small ones would stay scattered over what lives on.
#[derive(Debug, Default)]
struct Keys {
    letters: String,
    list: Vec<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    start: u32,
    end: u32,
    accented: bool,
    output: Output,
}

impl Keys {
    fn add(&mut self, key: &str, accented: bool, output: Output) {
        let letters = u8::try_from(key.chars().filter(|c| c.is_alphanumeric()).count()).unwrap_or(u8::MAX);
        let start = self.letters.len() as u32;
        self.letters.push_str(key);
        let (end, output) = (self.letters.len() as u32, Output { letters, ..output });
        self.list.push(Key { start, end, accented, output });
    }

    fn text(&self, key: &Key) -> &str {
        self.letters.get(key.start as usize..key.end as usize).unwrap_or_default()
    }

    /// In order of the keys; those of one key in the order in which they came.
    fn sort(&mut self) {
        let Keys { letters, list } = self;
        let text = |key: &Key| letters.get(key.start as usize..key.end as usize);
        list.sort_by(|one, next| text(one).cmp(&text(next)));
    }
}

/// Words of split phrases, each known once.
#[derive(Debug, Default)]
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

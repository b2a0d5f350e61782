//! Lexicons and their terms.
//!
//! Not here: reading a term (`terms`), guards (`guards`), finding terms in text (`matching`). Kept true: lexicons are
//! in order of their ids and terms in order of their lexicons, whatever files they come from.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::code::Code;
use super::super::compiled::{CompiledLexicon, CompiledTerm, Guards, GuardsId};
use super::super::condition::LexiconIndex;
use super::super::facts::Fact;
use super::super::faults::{At, Faults, Located};
use super::super::shape::{Endings, LexiconFile, RawLexicon, RawPack, RawTrap};
use super::guards::GuardCompiler;
use super::terms::{self, Folder, MIN_DISGUISED_LETTERS, ParsedTerm};
use crate::matching::{Form, LexiconId, MatcherBuilder, Term};

/// Two-letter codes of ISO 639-1: the languages of the EU, of its neighbours, and others that traders write in.
const LANGUAGES: [&str; 51] = [
    "ar", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl",
    "he", "hi", "hr", "hu", "is", "it", "ja", "ka", "ko", "lb", "lt", "lv", "mk", "mt", "nb", "nl", "nn", "no", "pl",
    "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "vi", "zh",
];

/// Terms of every language.
const ANY: &str = "any";

/// Most terms of a pack. The embedded one has some ten thousand.
const MAX_TERMS: usize = 1_000_000;

/// Words that CEL keeps for itself: `lex.in` would not parse.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Lexicons, compiled.
pub(super) struct CompiledLexicons<'r> {
    pub(super) index: LexiconIndex,
    /// By `LexiconId`: where its id stands.
    pub(super) places: Vec<At>,
    pub(super) lexicons: Vec<CompiledLexicon>,
    pub(super) terms: Vec<CompiledTerm>,
    pub(super) guards: Vec<Guards>,
    /// The terms as the pack writes them.
    pub(super) surfaces: Vec<&'r str>,
    pub(super) matcher: MatcherBuilder,
    /// Lexicons that guards or `promotion.yaml` name.
    pub(super) guarding: FxHashSet<LexiconId>,
    /// Facts that guards name.
    pub(super) guard_facts: BTreeSet<Fact>,
}

/// Compiles every lexicon.
pub(super) fn compile<'r>(raw: &'r RawPack, faults: &mut Faults<'_>) -> CompiledLexicons<'r> {
    let defined = defined(raw, faults);
    let index = LexiconIndex::new(defined.iter().map(|lexicon| lexicon.id.value.as_str()));
    let mut extensions: FxHashMap<&str, Vec<&LexiconFile>> = FxHashMap::default();
    for extension in &raw.extensions {
        if index.get(&extension.id.value).is_none() {
            faults.add_unknown(Code::UnknownLexicon, &extension.id, "lexicon", index.names());
        }
        extensions.entry(&extension.id.value).or_default().push(&extension.content);
    }
    let mut builder = Builder::new(index, &raw.endings, faults);
    for (lexicon, id) in defined.iter().zip((0..).map(LexiconId)) {
        let more = extensions.remove(lexicon.id.value.as_str()).unwrap_or_default();
        builder.lexicon(lexicon, id, &more, faults);
    }
    builder.finish(&defined, faults)
}

/// The lexicons to compile, by id; of those with the same id the first.
fn defined<'r>(raw: &'r RawPack, faults: &mut Faults<'_>) -> Vec<&'r RawLexicon> {
    let mut seen = FxHashSet::default();
    let mut defined: Vec<&RawLexicon> = Vec::with_capacity(raw.lexicons.len());
    for lexicon in &raw.lexicons {
        let id = lexicon.id.value.as_str();
        if !is_id(id) || RESERVED.contains(&id) {
            faults.add(Code::BadLexiconId, lexicon.id.at, format!("`{id}` cannot be the id of a lexicon"));
        }
        if seen.insert(id) {
            defined.push(lexicon);
        } else {
            faults.add(Code::DuplicateLexicon, lexicon.id.at, format!("the lexicon `{id}` is defined twice"));
        }
    }
    if defined.len() > usize::from(u16::MAX) {
        faults.add_file(Code::TooMany, "pack.yaml", "the pack has more than 65,535 lexicons");
        defined.truncate(usize::from(u16::MAX));
    }
    defined.sort_by(|a, b| a.id.value.cmp(&b.id.value));
    defined
}

/// A lower-case letter, then lower-case letters, digits and `_`.
pub(super) fn is_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// How the terms of one lexicon match.
#[derive(Clone, Copy)]
struct Manner {
    lexicon: LexiconId,
    form: Form,
    disguise: bool,
}

struct Builder<'r> {
    matcher: MatcherBuilder,
    /// Languages with endings.
    inflected: FxHashSet<&'r str>,
    guards: GuardCompiler,
    index: LexiconIndex,
    lexicons: Vec<CompiledLexicon>,
    terms: Vec<CompiledTerm>,
    kept: Vec<Guards>,
    /// Where equal ones are kept.
    known: FxHashMap<Guards, Option<GuardsId>>,
    surfaces: Vec<&'r str>,
    /// Terms of the lexicon at hand, to find those given twice.
    seen: FxHashSet<(String, ParsedTerm)>,
    folder: Folder,
    /// Can disguised words hit the lexicon at hand?
    disguisable: bool,
}

impl<'r> Builder<'r> {
    fn new(index: LexiconIndex, endings: &'r [Endings], faults: &mut Faults<'_>) -> Self {
        let mut matcher = MatcherBuilder::new();
        for Endings { language, endings } in endings {
            check_language(language, false, faults);
            for ending in endings.iter().filter(|ending| !ending.value.chars().all(char::is_alphabetic)) {
                faults.add(Code::FoldsToNothing, ending.at, format!("`{}` is no ending of a word", ending.value));
            }
            let endings: Vec<String> = endings.iter().map(|ending| ending.value.clone()).collect();
            matcher.endings(&language.value, &endings);
        }
        Builder {
            matcher,
            inflected: endings.iter().map(|endings| endings.language.value.as_str()).collect(),
            guards: GuardCompiler::default(),
            index,
            lexicons: Vec::new(),
            terms: Vec::new(),
            kept: Vec::new(),
            known: FxHashMap::default(),
            surfaces: Vec::new(),
            seen: FxHashSet::default(),
            folder: Folder::default(),
            disguisable: false,
        }
    }

    fn lexicon(&mut self, raw: &'r RawLexicon, id: LexiconId, more: &[&'r LexiconFile], faults: &mut Faults<'_>) {
        let manner = Manner {
            lexicon: id,
            form: raw.form.as_ref().map_or(Form::Word, |form| parse_form(form, faults)),
            // Sellers who hide a word hide its context too, so every lexicon is read in disguise unless it says otherwise.
            disguise: raw.disguise.as_ref().is_none_or(|flag| flag.value),
        };
        self.seen.clear();
        self.disguisable = false;
        let mut terms = 0;
        for content in std::iter::once(&raw.content).chain(more.iter().copied()) {
            terms += content.terms.iter().map(|terms| terms.terms.len()).sum::<usize>() + content.traps.len();
            self.content(content, manner, faults);
        }
        if terms == 0 {
            faults.add(Code::EmptyLexicon, raw.id.at, format!("the lexicon `{}` has no terms", raw.id.value));
        } else if manner.disguise
            && !self.disguisable
            && let Some(flag) = &raw.disguise
        {
            let message = format!("no term has a word of {MIN_DISGUISED_LETTERS} letters");
            faults.add(Code::ShortDisguise, flag.at, message);
        }
        self.index.set_disguisable(id, self.disguisable);
        self.lexicons.push(CompiledLexicon {
            id: raw.id.value.clone(),
            negatable: raw.negatable,
            about: raw.about.as_ref().map(|about| about.value.clone()).unwrap_or_default(),
        });
    }

    fn content(&mut self, content: &'r LexiconFile, manner: Manner, faults: &mut Faults<'_>) {
        for terms in &content.terms {
            let language = &terms.language.value;
            check_language(&terms.language, true, faults);
            let mut stems = false;
            for term in &terms.terms {
                let Some(parsed) = parse_term(term, manner.form, faults) else { continue };
                stems |= parsed.has_stem();
                self.guards.note_free_term(manner.lexicon);
                self.add(term, Variant { parsed, language, guards: None }, manner, faults);
            }
            if stems && language != ANY && !self.inflected.contains(language.as_str()) {
                let message = format!("there are stems, but `{language}` has no endings");
                faults.add(Code::StemWithoutEndings, terms.language.at, message);
            }
        }
        for trap in &content.traps {
            self.trap(trap, manner, faults);
        }
    }

    fn trap(&mut self, trap: &'r RawTrap, manner: Manner, faults: &mut Faults<'_>) {
        if trap.needs.is_none() && trap.unless.is_none() {
            faults.add(Code::UnguardedTrap, trap.term.at, format!("nothing guards `{}`", trap.term.value));
        }
        for language in &trap.languages {
            check_language(language, true, faults);
        }
        let needs = trap.needs.as_ref().map(|guard| self.guards.compile(guard, &self.index, faults));
        let unless = trap.unless.as_ref().map(|guard| self.guards.compile(guard, &self.index, faults));
        match &needs {
            Some(needs) => self.guards.note_needs(manner.lexicon, needs, trap.term.at),
            None => self.guards.note_free_term(manner.lexicon),
        }
        let Some(parsed) = parse_term(&trap.term, manner.form, faults) else { return };
        if let Some(flag) = &trap.disguise
            && flag.value
            && !parsed.is_disguisable()
        {
            let message = format!("`{}` has no word of {MIN_DISGUISED_LETTERS} letters", trap.term.value);
            faults.add(Code::ShortDisguise, flag.at, message);
        }
        let manner = Manner { disguise: trap.disguise.as_ref().map_or(manner.disguise, |flag| flag.value), ..manner };
        let languages: Vec<&str> = match trap.languages.as_slice() {
            [] => vec![ANY],
            languages => languages.iter().map(|language| language.value.as_str()).collect(),
        };
        let guards = self.kept(Guards { needs, unless });
        for language in languages {
            self.add(&trap.term, Variant { parsed: parsed.clone(), language, guards }, manner, faults);
        }
    }

    /// Where guards are kept: equal ones once.
    fn kept(&mut self, guards: Guards) -> Option<GuardsId> {
        *self.known.entry(guards).or_insert_with_key(|guards| {
            self.kept.push(guards.clone());
            u32::try_from(self.kept.len()).ok().and_then(NonZeroU32::new).map(GuardsId)
        })
    }

    fn add(&mut self, term: &'r Located<String>, variant: Variant<'_>, manner: Manner, faults: &mut Faults<'_>) {
        let Variant { parsed, language, guards } = variant;
        if !self.seen.insert((language.to_owned(), self.folder.fold(&parsed))) {
            let message = format!("`{}` is already a term of this lexicon in `{language}`", term.value);
            return faults.add(Code::DuplicateTerm, term.at, message);
        }
        if self.terms.len() == MAX_TERMS {
            return faults.add(Code::TooMany, term.at, format!("the pack has more than {MAX_TERMS} terms"));
        }
        let disguisable = manner.disguise && parsed.is_disguisable();
        self.disguisable |= disguisable;
        let tells = language != ANY && !disguisable && parsed.words.len() == 1;
        let id = self.matcher.add(&Term {
            lexicon: manner.lexicon,
            words: parsed.words,
            language: if language == ANY { String::new() } else { language.to_owned() },
            disguisable,
            max_gap: parsed.max_gap,
        });
        if self.matcher.unmatchable().last() == Some(&id) {
            faults.add(Code::FoldsToNothing, term.at, format!("folding leaves nothing of `{}`", term.value));
        }
        // `any` has three letters, and every language two.
        let language = language.as_bytes().try_into().unwrap_or_default();
        self.surfaces.push(term.value.as_str());
        let unaccented = tells.then(|| term.value.is_ascii());
        self.terms.push(CompiledTerm { lexicon: manner.lexicon, language, unaccented, guards });
    }

    fn finish(self, defined: &[&RawLexicon], faults: &mut Faults<'_>) -> CompiledLexicons<'r> {
        self.guards.report_cycles(self.lexicons.len(), faults);
        let (guarding, guard_facts) = self.guards.into_used();
        CompiledLexicons {
            index: self.index,
            places: defined.iter().map(|lexicon| lexicon.id.at).collect(),
            lexicons: self.lexicons,
            terms: self.terms,
            guards: self.kept,
            surfaces: self.surfaces,
            matcher: self.matcher,
            guarding,
            guard_facts,
        }
    }
}

/// A term in one language.
struct Variant<'t> {
    parsed: ParsedTerm,
    language: &'t str,
    guards: Option<GuardsId>,
}

fn parse_term(term: &Located<String>, form: Form, faults: &mut Faults<'_>) -> Option<ParsedTerm> {
    match terms::parse(&term.value, form) {
        Ok(parsed) => Some(parsed),
        Err((code, message)) => {
            faults.add(code, term.at, message);
            None
        }
    }
}

fn parse_form(form: &Located<String>, faults: &mut Faults<'_>) -> Form {
    match form.value.as_str() {
        "word" => Form::Word,
        "prefix" => Form::Prefix,
        "stem" => Form::Stem,
        "compound" => Form::Compound,
        _ => {
            faults.add_unknown(Code::UnknownForm, form, "form", ["word", "prefix", "stem", "compound"]);
            Form::Word
        }
    }
}

fn check_language(language: &Located<String>, any: bool, faults: &mut Faults<'_>) {
    let name = language.value.as_str();
    if !(LANGUAGES.contains(&name) || any && name == ANY) {
        faults.add(Code::UnknownLanguage, language.at, format!("the language `{name}` is unknown"));
    }
}

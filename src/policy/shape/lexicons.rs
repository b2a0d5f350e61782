//! `lexicons/*.yaml`.
//!
//! Not here: whether lexicons, facts, languages and forms exist; how a term is read.

use super::super::faults::{At, Faults, Located};
use super::super::yaml::Node;
use super::RawPack;
use super::fields::{Fields, text, texts};

/// Terms of one language.
#[derive(Debug)]
pub(crate) struct RawTerms {
    pub(crate) language: Located<String>,
    pub(crate) terms: Vec<Located<String>>,
}

/// What a file of lexicons adds to a lexicon: its own, or one of another file.
#[derive(Debug, Default)]
pub(crate) struct LexiconFile {
    pub(crate) terms: Vec<RawTerms>,
    pub(crate) traps: Vec<RawTrap>,
}

/// An entry of `lexicons`.
#[derive(Debug)]
pub(crate) struct RawLexicon {
    pub(crate) id: Located<String>,
    pub(crate) about: Option<Located<String>>,
    pub(crate) form: Option<Located<String>>,
    pub(crate) disguise: Option<Located<bool>>,
    pub(crate) negatable: bool,
    pub(crate) content: LexiconFile,
}

/// An entry of `extend`.
#[derive(Debug)]
pub(crate) struct RawExtension {
    pub(crate) id: Located<String>,
    pub(crate) content: LexiconFile,
}

/// A term that is innocent elsewhere.
#[derive(Debug)]
pub(crate) struct RawTrap {
    pub(crate) term: Located<String>,
    /// Empty = every language.
    pub(crate) languages: Vec<Located<String>>,
    pub(crate) needs: Option<RawGuard>,
    pub(crate) unless: Option<RawGuard>,
    pub(crate) disguise: Option<Located<bool>>,
}

/// What a trap needs or what cancels it.
#[derive(Debug)]
pub(crate) struct RawGuard {
    pub(crate) at: At,
    pub(crate) lexicons: Vec<Located<String>>,
    pub(crate) facts: Vec<Located<String>>,
    pub(crate) within: Option<Located<f64>>,
}

pub(super) fn read_lexicons(mut fields: Fields, _path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    for (id, node) in fields.named("lexicons", faults) {
        pack.lexicons.extend(lexicon(id, node, faults));
    }
    for (id, node) in fields.named("extend", faults) {
        let Some(mut fields) = Fields::of(node, "an extension", faults) else { continue };
        let content = content(&mut fields, faults);
        fields.finish(faults);
        pack.extensions.push(RawExtension { id, content });
    }
    fields.finish(faults);
}

fn lexicon(id: Located<String>, node: Node, faults: &mut Faults<'_>) -> Option<RawLexicon> {
    let mut fields = Fields::of(node, "a lexicon", faults)?;
    let lexicon = RawLexicon {
        id,
        about: fields.need_text("about", faults),
        form: fields.text("form", faults),
        disguise: fields.flag("disguise", faults),
        negatable: fields.flag("negatable", faults).is_some_and(|flag| flag.value),
        content: content(&mut fields, faults),
    };
    fields.finish(faults);
    Some(lexicon)
}

fn content(fields: &mut Fields, faults: &mut Faults<'_>) -> LexiconFile {
    let terms = fields.named("terms", faults);
    let terms = terms
        .into_iter()
        .map(|(language, node)| {
            let terms = texts(node, &language.value, faults);
            RawTerms { language, terms }
        })
        .collect();
    let traps = fields.items("traps", faults);
    LexiconFile { terms, traps: traps.into_iter().filter_map(|node| trap(node, faults)).collect() }
}

fn trap(node: Node, faults: &mut Faults<'_>) -> Option<RawTrap> {
    let mut fields = Fields::of(node, "a trap", faults)?;
    let term = fields.need("term", faults).and_then(|node| text(node, faults));
    let languages = fields.texts("languages", faults).unwrap_or_default();
    let needs = fields.take("needs").and_then(|node| guard(node, faults));
    let unless = fields.take("unless").and_then(|node| guard(node, faults));
    // What the innocent reading is: for people who read the pack.
    fields.text("trap", faults);
    let disguise = fields.flag("disguise", faults);
    fields.finish(faults);
    Some(RawTrap { term: term?, languages, needs, unless, disguise })
}

fn guard(node: Node, faults: &mut Faults<'_>) -> Option<RawGuard> {
    let at = node.at;
    let mut fields = Fields::of(node, "a guard", faults)?;
    let guard = RawGuard {
        at,
        lexicons: fields.texts("lexicons", faults).unwrap_or_default(),
        facts: fields.texts("facts", faults).unwrap_or_default(),
        within: fields.number("within", faults),
    };
    fields.finish(faults);
    Some(guard)
}

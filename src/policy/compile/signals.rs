//! Signals and their examples.
//!
//! Not here: lowering conditions (`condition/`), running examples. Kept true: signals are in order of their ids; a
//! signal that raises a risk names a law and a statement of reasons.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::code::Code;
use super::super::compiled::{CompiledSignal, EvidenceSource, PackExample, Predicate, SignalId, Slot};
use super::super::condition::{self, Subjects, Vocabulary};
use super::super::faults::{Faults, Located};
use super::super::shape::{RawExample, RawSignal, RawSor, SignalFile};
use super::super::sor;
use super::lexicons::is_id;
use super::places::place_in_file;
use super::settings::{CompiledRoles, CompiledSettings, applies_to};
use crate::domain::{LegalBasis, Nats, RiskArea, SpecialCategory};
use crate::matching::LexiconId;

/// Largest magnitude of a weight, in nats: 1 in 160,000.
const MAX_WEIGHT: f64 = 12.0;

/// Words that decide what only people may decide.
const JUDGEMENTS: [&str; 6] = ["illegal", "unlawful", "criminal", "is fake", "is counterfeit", "violates"];

/// What signals refer to.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub(super) settings: &'c CompiledSettings,
    pub(super) laws: &'c FxHashMap<String, LegalBasis>,
    pub(super) roles: &'c CompiledRoles,
}

/// Signals, compiled, and what they use.
pub(super) struct CompiledSignals {
    pub(super) signals: Vec<CompiledSignal>,
    pub(super) examples: Vec<PackExample>,
    pub(super) used_lexicons: FxHashSet<LexiconId>,
    pub(super) used_laws: FxHashSet<String>,
    pub(super) used_groups: FxHashSet<String>,
}

/// Compiles every signal.
pub(super) fn compile(
    files: &[SignalFile],
    context: Context<'_>,
    vocabulary: &mut Vocabulary<'_>,
    faults: &mut Faults<'_>,
) -> CompiledSignals {
    let mut compiler = SignalCompiler {
        context,
        vocabulary,
        faults,
        found: Vec::new(),
        seen: FxHashSet::default(),
        used_lexicons: context.roles.used.clone(),
        used_laws: FxHashSet::default(),
        used_groups: FxHashSet::default(),
    };
    for file in files {
        compiler.file(file);
    }
    compiler.finish()
}

struct SignalCompiler<'c, 'l, 's, 'f> {
    context: Context<'c>,
    vocabulary: &'c mut Vocabulary<'l>,
    faults: &'f mut Faults<'s>,
    found: Vec<(CompiledSignal, Vec<PackExample>)>,
    seen: FxHashSet<String>,
    used_lexicons: FxHashSet<LexiconId>,
    used_laws: FxHashSet<String>,
    used_groups: FxHashSet<String>,
}

impl SignalCompiler<'_, '_, '_, '_> {
    fn file(&mut self, file: &SignalFile) {
        let Some(name) = &file.area else { return };
        let Ok(area) = name.value.parse::<RiskArea>() else {
            let known = RiskArea::ALL.map(RiskArea::as_str);
            return self.faults.add_unknown(Code::UnknownArea, name, "risk area", known);
        };
        if file.path != format!("signals/{area}.yaml") {
            self.faults.add(
                Code::FileName,
                name.at,
                format!("the signals of `{area}` belong in `signals/{area}.yaml`"),
            );
        }
        if self.context.settings.area(area).prior.is_none() {
            self.faults.add(Code::AreaWithoutPrior, name.at, format!("`pack.yaml` gives no prior for `{area}`"));
        }
        for raw in &file.signals {
            self.signal(raw, area);
        }
    }

    fn signal(&mut self, raw: &RawSignal, area: RiskArea) {
        let id = format!("{area}.{}", raw.id.value);
        if !is_id(&raw.id.value) {
            let message = format!("`{}` cannot be the id of a signal", raw.id.value);
            self.faults.add(Code::BadSignalId, raw.id.at, message);
        }
        if !self.seen.insert(id.clone()) {
            self.faults.add(Code::DuplicateSignal, raw.id.at, format!("the signal `{id}` is defined twice"));
        }
        let weight = self.weight(raw);
        let (for_listings, for_posts) = self.subjects(raw, area);
        let group = self.group(raw);
        let predicate = raw
            .when
            .as_ref()
            .and_then(|when| self.condition(when, Subjects { listings: for_listings, posts: for_posts }));
        let evidence = self.evidence(raw, predicate.as_ref());
        self.message(raw);
        let special_category = self.special_category(raw);
        let legal_basis = self.legal_basis(raw, weight);
        let (sor_category, sor_keyword) = self.statement(raw, weight);
        if raw.untested {
            self.faults.add(Code::Untested, raw.id.at, "this signal has no tests");
        }
        let examples = self.examples(&raw.examples);
        let (Some(when), Some(predicate), Some(group)) = (&raw.when, predicate, group) else { return };
        let signal = CompiledSignal {
            id,
            area,
            weight: Nats::new(weight),
            group,
            source: when.value.clone(),
            predicate,
            for_listings,
            for_posts,
            evidence,
            message: raw.message.as_ref().map(|message| message.value.clone()).unwrap_or_default(),
            special_category,
            legal_basis,
            sor_category,
            sor_keyword,
        };
        self.found.push((signal, examples));
    }

    fn weight(&mut self, raw: &RawSignal) -> f64 {
        let Some(weight) = &raw.weight else { return 0.0 };
        if weight.value == 0.0 {
            self.faults.add(Code::ZeroWeight, weight.at, "a weight of zero");
        } else if !(-MAX_WEIGHT..=MAX_WEIGHT).contains(&weight.value) {
            self.faults.add(Code::WeightRange, weight.at, format!("a weight of {} is out of range", weight.value));
        }
        weight.value
    }

    fn subjects(&mut self, raw: &RawSignal, area: RiskArea) -> (bool, bool) {
        let (listings, posts) = applies_to(raw.applies_to.as_deref(), raw.id.at, self.faults);
        let scored = self.context.settings.area(area);
        let (for_listings, for_posts) = (listings && scored.for_listings, posts && scored.for_posts);
        if scored.prior.is_some() && (listings || posts) && !(for_listings || for_posts) {
            let message = format!("`{area}` is not scored for the content that this signal applies to");
            self.faults.add(Code::NothingApplies, raw.id.at, message);
        }
        (for_listings, for_posts)
    }

    fn group(&mut self, raw: &RawSignal) -> Option<u16> {
        let name = raw.group.as_ref()?;
        self.used_groups.insert(name.value.clone());
        let index = &self.context.settings.group_index;
        let group = index.get(&name.value).copied();
        if group.is_none() {
            let known = self.context.settings.groups.iter().map(String::as_str);
            self.faults.add_unknown(Code::UnknownGroup, name, "group", known);
        }
        group
    }

    fn condition(&mut self, when: &Located<String>, subjects: Subjects) -> Option<Predicate> {
        let predicate = match condition::lower(&when.value, self.vocabulary) {
            Ok(predicate) => predicate,
            Err(found) => {
                for fault in found {
                    let at = place_in_file(self.faults.text(when.at), when, fault.at);
                    let hint = fault.hint.unwrap_or_else(|| fault.code.remedy().to_owned());
                    self.faults.add_with_hint(fault.code, at, fault.message, hint);
                }
                return None;
            }
        };
        predicate.for_each_slot(&mut |slot| match self.vocabulary.meaning(slot) {
            Some(Slot::Lexicon(_, lexicon)) => {
                self.used_lexicons.insert(lexicon);
            }
            Some(Slot::Near(near)) => self.used_lexicons.extend([near.a, near.b]),
            Some(Slot::Fact(_)) | None => {}
        });
        // What applies to nothing is a fault of its own.
        if subjects.listings || subjects.posts {
            let possible = condition::outcomes(&predicate, subjects, self.vocabulary);
            if !possible.holds {
                self.faults.add(Code::Unreachable, when.at, "this condition can never hold");
            } else if !possible.fails {
                self.faults.add(Code::AlwaysTrue, when.at, "this condition always holds");
            }
        }
        Some(predicate)
    }

    fn evidence(&mut self, raw: &RawSignal, predicate: Option<&Predicate>) -> Vec<EvidenceSource> {
        let Some(names) = &raw.evidence else {
            return predicate.map(|predicate| condition::proof(predicate, self.vocabulary)).unwrap_or_default();
        };
        names.iter().filter_map(|name| self.evidence_source(name)).collect()
    }

    fn evidence_source(&mut self, name: &Located<String>) -> Option<EvidenceSource> {
        let resolved = match name.value.split_once('.') {
            Some((root, field)) => self.vocabulary.resolve(root, field),
            None => Err(self.vocabulary.unresolved_word(&name.value)),
        };
        match resolved {
            Ok(Slot::Lexicon(scope, lexicon)) => {
                self.used_lexicons.insert(lexicon);
                Some(EvidenceSource::Lexicon(scope, lexicon))
            }
            Ok(Slot::Near(_)) => None,
            Ok(Slot::Fact(fact)) => {
                // Facts without a slot are not computed, and so not located.
                self.vocabulary.slot(Slot::Fact(fact));
                Some(EvidenceSource::Fact(fact))
            }
            Err(unresolved) => {
                let code =
                    if unresolved.code == Code::UnknownLexicon { unresolved.code } else { Code::UnknownEvidence };
                let hint = unresolved.hint.unwrap_or_else(|| code.remedy().to_owned());
                self.faults.add_with_hint(code, name.at, unresolved.message, hint);
                None
            }
        }
    }

    fn message(&mut self, raw: &RawSignal) {
        let Some(message) = &raw.message else { return };
        let lower = message.value.to_lowercase();
        if let Some(judgement) = JUDGEMENTS.into_iter().find(|judgement| lower.contains(judgement)) {
            self.faults.add(Code::Accusation, message.at, format!("the message says \"{judgement}\""));
        }
    }

    fn special_category(&mut self, raw: &RawSignal) -> Option<SpecialCategory> {
        let name = raw.special_category.as_ref()?;
        let category = name.value.parse().ok();
        if category.is_none() {
            let known = SpecialCategory::ALL.map(SpecialCategory::as_str);
            self.faults.add_unknown(Code::UnknownSpecialCategory, name, "special category", known);
        }
        category
    }

    fn legal_basis(&mut self, raw: &RawSignal, weight: f64) -> Vec<LegalBasis> {
        let mut basis = Vec::with_capacity(raw.legal_basis.len());
        for key in &raw.legal_basis {
            match self.context.laws.get(&key.value) {
                Some(law) => {
                    self.used_laws.insert(key.value.clone());
                    basis.push(law.clone());
                }
                None => {
                    let mut known: Vec<&str> = self.context.laws.keys().map(String::as_str).collect();
                    known.sort_unstable();
                    self.faults.add_unknown(Code::UnknownLaw, key, "law", known);
                }
            }
        }
        if weight > 0.0 && raw.legal_basis.is_empty() {
            let message = format!("`{}` raises a risk, but names no law", raw.id.value);
            self.faults.add(Code::NoLegalBasis, raw.id.at, message);
        }
        basis
    }

    fn statement(&mut self, raw: &RawSignal, weight: f64) -> (String, String) {
        let Some(RawSor { category, keyword }) = &raw.sor else {
            if weight > 0.0 {
                let message = format!("`{}` raises a risk, but names no category", raw.id.value);
                self.faults.add(Code::NoStatement, raw.id.at, message);
            }
            return Default::default();
        };
        let found = category.as_ref().map(|name| (name, sor::category(&name.value)));
        if let Some((name, None)) = found {
            let known = sor::SOR_CATEGORIES.iter().map(|category| category.name);
            self.faults.add_unknown(Code::UnknownCategory, name, "category", known);
        }
        if let Some(name) = keyword {
            if !sor::keywords().any(|known| known == name.value) {
                self.faults.add_unknown(Code::UnknownKeyword, name, "keyword", sor::keywords());
            } else if let Some((_, Some(category))) = found
                && !category.keywords.contains(&name.value.as_str())
                && !sor::SOR_KEYWORDS_WITHOUT_CATEGORY.contains(&name.value.as_str())
            {
                let message = format!("`{}` is not listed under `{}`", name.value, category.name);
                self.faults.add(Code::KeywordElsewhere, name.at, message);
            }
        }
        let text = |name: &Option<Located<String>>| name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
        (text(category), text(keyword))
    }

    /// The signal's position is known only when all are sorted.
    fn examples(&mut self, raw: &[RawExample]) -> Vec<PackExample> {
        let example = |raw: &RawExample| PackExample {
            signal: SignalId(0),
            fires: raw.fires,
            content: raw.content.clone(),
            place: self.faults.place(raw.at),
        };
        raw.iter().map(example).collect()
    }

    fn finish(mut self) -> CompiledSignals {
        if self.found.len() > usize::from(u16::MAX) {
            self.faults.add_file(Code::TooMany, "pack.yaml", "the pack has more than 65,535 signals");
            self.found.truncate(usize::from(u16::MAX));
        }
        self.found.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let mut signals = Vec::with_capacity(self.found.len());
        let mut examples = Vec::new();
        for ((signal, own), id) in self.found.into_iter().zip((0..).map(SignalId)) {
            signals.push(signal);
            examples.extend(own.into_iter().map(|example| PackExample { signal: id, ..example }));
        }
        CompiledSignals {
            signals,
            examples,
            used_lexicons: self.used_lexicons,
            used_laws: self.used_laws,
            used_groups: self.used_groups,
        }
    }
}

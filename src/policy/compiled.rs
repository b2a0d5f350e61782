//! The compiled pack: what the engine evaluates.
//!
//! Not here: source, diagnostics. Kept true: every id is an index that exists; every signal has a legal basis unless
//! its weight is negative; thresholds rise with gravity.

use std::num::NonZeroU32;

use fixedbitset::FixedBitSet;
use smallvec::SmallVec;

use super::facts::{Fact, Scope};
use super::promotion::{LinkRules, PromotionRules};
use super::standing::StandingRules;
use crate::domain::{Action, LegalBasis, Level, Nats, PolicyReference, Risk, RiskArea, SpecialCategory};
use crate::matching::{LexiconId, Matcher, TermId};
use crate::model::{LexiconRow, TextModel};

/// Position of a signal in its pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub u16);

/// Position of a fact value in the engine's table for this pack: only facts that some condition, guard or evidence
/// mentions have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId(pub u16);

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Number of distinct terms of a lexicon hit in a scope (for `Hidden`: hit in disguise).
    Lexicon(Scope, LexiconId),
    /// 1 if two hits lie so.
    Near(Near),
    /// A fact of the catalogue.
    Fact(Fact),
}

/// A hit of `a` and a hit of `b` in one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Near {
    /// First lexicon.
    pub a: LexiconId,
    /// Second lexicon.
    pub b: LexiconId,
    /// Words between the two hits at most.
    pub words: u8,
    /// The hit of `a` ends before that of `b` begins; otherwise either may come first.
    pub in_order: bool,
}

/// All slots of a pack, with ways in for the engine.
#[derive(Debug, Default)]
pub struct SlotTable {
    /// By `SlotId`.
    pub slots: Vec<Slot>,
    /// `[lexicon][scope]`.
    pub by_lexicon: Vec<[Option<SlotId>; Scope::ALL.len()]>,
    /// By `Fact`.
    pub by_fact: Vec<Option<SlotId>>,
    /// By first lexicon, every `Slot::Near`.
    pub near: Vec<Vec<(SlotId, Near)>>,
    /// Interned strings of text facts: position + 1 is the value; 0 = any other text (`SlotTable::symbol`).
    pub symbols: Vec<String>,
}

/// A native condition. Evaluates exactly as the CEL expression that it was lowered from.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// A constant.
    Const(bool),
    /// `slot != 0`.
    True(SlotId),
    /// `slot <op> number`.
    Compare(SlotId, Comparison, f64),
    /// `slot <op> slot`.
    CompareSlots(SlotId, Comparison, SlotId),
    /// A text fact is one of these symbols.
    In(SlotId, SmallVec<[u32; 4]>),
    /// All of them.
    All(Vec<Predicate>),
    /// At least one of them.
    Any(Vec<Predicate>),
    /// Not it.
    Not(Box<Predicate>),
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A lexicon.
#[derive(Clone, Debug)]
pub struct CompiledLexicon {
    /// Identifier in conditions.
    pub id: String,
    /// True if a hit right after a negation (role `negation_before`) or right before one (`negation_after`) does not
    /// count: "without", "ohne", "-frei".
    pub negatable: bool,
    /// What it is about.
    pub about: String,
}

/// A second fact that a trap-laden term needs, or must not have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Lexicons of which one hit suffices.
    pub lexicons: SmallVec<[LexiconId; 4]>,
    /// Facts of which one being present suffices.
    pub facts: SmallVec<[Fact; 2]>,
    /// Words between the hits at most; `None` = anywhere in the item.
    pub within: Option<u8>,
}

/// What decides whether the hits of a term count.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Guards {
    /// A hit counts only if this holds.
    pub needs: Option<Guard>,
    /// A hit does not count if this holds.
    pub unless: Option<Guard>,
}

/// Guards by position, counted from one: nothing where there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GuardsId(pub NonZeroU32);

/// A term. There are hundreds of thousands, few have guards and many of these the same: they are kept once, elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct CompiledTerm {
    /// The lexicon.
    pub lexicon: LexiconId,
    /// Two letters of ISO 639-1; zeros = of any language.
    pub language: [u8; 2],
    /// Whether it is written without accents, if accents tell it from words of other languages: it is one word of one language and not
    /// read in disguise.
    pub unaccented: Option<bool>,
    /// What its hits need, and what cancels them.
    pub guards: Option<GuardsId>,
}

/// What a signal shows as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceSource {
    /// Hits of a lexicon in a scope.
    Lexicon(Scope, LexiconId),
    /// Whatever the engine located for the fact.
    Fact(Fact),
}

/// A signal.
#[derive(Clone, Debug)]
pub struct CompiledSignal {
    /// `<area>.<name>`.
    pub id: String,
    /// The area that it counts in.
    pub area: RiskArea,
    /// Nats; negative = mitigating.
    pub weight: Nats,
    /// Position among the pack's groups.
    pub group: u16,
    /// The condition as written.
    pub source: String,
    /// The condition as evaluated.
    pub predicate: Predicate,
    /// Applies to listings.
    pub for_listings: bool,
    /// Applies to posts.
    pub for_posts: bool,
    /// What it shows.
    pub evidence: Vec<EvidenceSource>,
    /// For a person who decides.
    pub message: String,
    /// The special category of personal data that it speaks of.
    pub special_category: Option<SpecialCategory>,
    /// Law that the content may fall under.
    pub legal_basis: Vec<LegalBasis>,
    /// Category of the DSA Transparency Database.
    pub sor_category: String,
    /// Keyword of the DSA Transparency Database.
    pub sor_keyword: String,
}

/// Least risks of the levels above MINIMAL: LOW, ELEVATED, HIGH, CRITICAL, rising.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelThresholds(pub [Risk; 4]);

impl LevelThresholds {
    /// The level of a risk.
    pub fn level(&self, risk: Risk) -> Level {
        let above = self.0.iter().take_while(|least| risk >= **least).count();
        Level::ALL.get(above).copied().unwrap_or(Level::Critical)
    }
}

/// From this risk on, this action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActionThreshold {
    /// Least risk.
    pub least: Risk,
    /// What the pack recommends.
    pub action: Action,
}

/// How one area is scored.
#[derive(Clone, Debug)]
pub struct CompiledArea {
    /// Log odds before any evidence; `None` = the pack does not score this area.
    pub prior: Option<Nats>,
    /// Up to which evidence the text model may fill up what worrying signals say; zero = it is not asked.
    pub model_limit: Nats,
    /// Least risk of each level.
    pub levels: LevelThresholds,
    /// By rising risk.
    pub actions: Vec<ActionThreshold>,
    /// Scored for listings.
    pub for_listings: bool,
    /// Scored for posts.
    pub for_posts: bool,
}

impl CompiledArea {
    /// The gravest action whose threshold the risk reaches.
    pub fn action(&self, risk: Risk) -> Action {
        self.actions.iter().take_while(|step| risk >= step.least).map(|step| step.action).max().unwrap_or_default()
    }
}

/// Lexicons that the engine itself asks for; each is named in `pack.yaml`, none is required.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// Words that negate what follows.
    pub negation_before: Option<LexiconId>,
    /// Words that negate what precedes.
    pub negation_after: Option<LexiconId>,
    /// Brand names.
    pub brands: Option<LexiconId>,
    /// Clear words of disclosure.
    pub disclosure: Option<LexiconId>,
    /// Words that disclose only where they stand apart: "#ad", "AD |".
    pub disclosure_tag: Option<LexiconId>,
    /// Ambiguous words of disclosure.
    pub disclosure_ambiguous: Option<LexiconId>,
    /// Words that say that a targeting criterion is about age.
    pub audience_age: Option<LexiconId>,
    /// Words that say that an age is not the audience's own: that of their children, or one that is left out.
    pub audience_age_apart: Option<LexiconId>,
    /// Words that open a variant code ("option", "style").
    pub variant_code: Option<LexiconId>,
    /// Categories to which GPSR Art. 19 does not apply (food, medicines, antiques …), looked up in the category path.
    pub gpsr_exempt: Option<LexiconId>,
}

impl Roles {
    /// Every role, as `pack.yaml` writes it.
    pub const NAMES: [&'static str; 10] = [
        "negation_before",
        "negation_after",
        "brands",
        "disclosure",
        "disclosure_tag",
        "disclosure_ambiguous",
        "audience_age",
        "audience_age_apart",
        "variant_code",
        "gpsr_exempt",
    ];

    /// The lexicons of all roles that have one.
    pub fn all(&self) -> impl Iterator<Item = LexiconId> {
        let Roles {
            negation_before,
            negation_after,
            brands,
            disclosure,
            disclosure_tag,
            disclosure_ambiguous,
            audience_age,
            audience_age_apart,
            variant_code,
            gpsr_exempt,
        } = *self;
        let negation = [negation_before, negation_after];
        let disclosure = [disclosure, disclosure_tag, disclosure_ambiguous];
        let others = [brands, audience_age, audience_age_apart, variant_code, gpsr_exempt];
        negation.into_iter().chain(disclosure).chain(others).flatten()
    }

    /// The place for a role's lexicon.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Option<LexiconId>> {
        Some(match name {
            "negation_before" => &mut self.negation_before,
            "negation_after" => &mut self.negation_after,
            "brands" => &mut self.brands,
            "disclosure" => &mut self.disclosure,
            "disclosure_tag" => &mut self.disclosure_tag,
            "disclosure_ambiguous" => &mut self.disclosure_ambiguous,
            "audience_age" => &mut self.audience_age,
            "audience_age_apart" => &mut self.audience_age_apart,
            "variant_code" => &mut self.variant_code,
            "gpsr_exempt" => &mut self.gpsr_exempt,
            _ => return None,
        })
    }
}

/// An example inside the pack.
#[derive(Clone, Debug)]
pub struct PackExample {
    /// The signal concerned.
    pub signal: SignalId,
    /// Must it fire?
    pub fires: bool,
    /// A title, or a JSON object `{"listing": …}` / `{"post": …}`; ids may be left out.
    pub content: serde_json::Value,
    /// `signals/medicine.yaml:12:9`.
    pub place: String,
}

/// What words may matter to which signals: a way in for the engine, as `triggers` is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relevance {
    /// By `LexiconId`: the signals that a hit of it may wake.
    pub woken: Vec<Vec<SignalId>>,
    /// Signals that may hold although nothing was met: unconditional ones, and those that wait for a fact that rests on hits.
    pub always: Vec<SignalId>,
    /// By `SignalId`: the lexicons that its condition and its evidence mention.
    pub lexicons: Vec<Vec<LexiconId>>,
}

/// A pack, ready to evaluate. Immutable, shared by all workers.
#[derive(Debug)]
pub struct CompiledPack {
    /// Name, version, digest.
    pub reference: PolicyReference,
    /// The learned text model, if the pack has one.
    pub model: Option<TextModel>,
    /// By `LexiconId`: where the model keeps what it has learned of the lexicon.
    pub learned: Vec<Option<LexiconRow>>,
    /// The automaton of all lexicons.
    pub matcher: Matcher,
    /// By `LexiconId`.
    pub lexicons: Vec<CompiledLexicon>,
    /// By `TermId`.
    pub terms: Vec<CompiledTerm>,
    /// By `GuardsId`.
    pub guards: Vec<Guards>,
    /// Which facts have a place.
    pub slots: SlotTable,
    /// By `SignalId`, sorted by id.
    pub signals: Vec<CompiledSignal>,
    /// By `SlotId`: the signals whose condition may come to hold once this fact is present. Every signal that is not
    /// unconditional waits for a set of facts of which one must be present; facts that it mentions beside do not wake it.
    pub triggers: Vec<Vec<SignalId>>,
    /// Signals whose condition can hold when every fact is absent: always evaluated.
    pub unconditional: FixedBitSet,
    /// What words may matter to which signals.
    pub relevance: Relevance,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// By `RiskArea::index`.
    pub areas: [CompiledArea; RiskArea::COUNT],
    /// Lexicons with a task of their own.
    pub roles: Roles,
    /// `fires:` and `silent:` of every signal.
    pub examples: Vec<PackExample>,
    /// What events count for in the standing of sellers and creators.
    pub standing: StandingRules,
    /// Names of brands and kinds of products that posts claim.
    pub promotion: PromotionRules,
    /// Where listings live, and which links carry another.
    pub links: LinkRules,
}

impl CompiledPack {
    /// The term at a position; positions come from this pack's matcher, so it exists.
    pub fn term(&self, id: TermId) -> Option<&CompiledTerm> {
        self.terms.get(id.0 as usize)
    }

    /// What guards a term.
    pub fn guards_of(&self, term: &CompiledTerm) -> Option<&Guards> {
        self.guards.get(term.guards?.0.get() as usize - 1)
    }

    /// The same pack with another model, or none.
    pub fn with_model(mut self, model: Option<TextModel>) -> Self {
        let names = || self.lexicons.iter().map(|lexicon| lexicon.id.as_str());
        self.learned = model.as_ref().and_then(TextModel::lexicons).map(|it| it.rows_of(names())).unwrap_or_default();
        CompiledPack { model, ..self }
    }
}

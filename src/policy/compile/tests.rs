//! What a small pack compiles to: ids, defaults, guards, thresholds.
//!
//! Not here: faults (`tests/policy/diagnostics/`), conditions (`condition/tests.rs`).

use super::super::compiled::{CompiledPack, EvidenceSource};
use super::super::facts::{Fact, Scope};
use super::super::source::{PackFile, PackSource};
use super::compile;
use crate::domain::{Action, Level, Risk, RiskArea};
use crate::matching::LexiconId;

const SETTINGS: &str = r#"
name: small
version: "7"
levels: {LOW: 0.1, ELEVATED: 0.35, HIGH: 0.6, CRITICAL: 0.9}
actions: {REVIEW: 0.5, DEMOTE: 0.35, BLOCK: 0.97}
areas:
  medicine: {prior: -5}
  drug: {prior: -6, applies_to: [listing], levels: {LOW: 0.2, ELEVATED: 0.3, HIGH: 0.4, CRITICAL: 0.5}, actions: {ESCALATE: 0.5}}
roles: {brands: brand}
groups: {substance: What is offered., claim: What it is said to do.}
"#;

const LEXICONS: &str = r#"
lexicons:
  snow:
    about: Code words.
    traps:
      - {term: snow, languages: [en, de], needs: {lexicons: [brand, pill], facts: [amount.grams], within: 6}, unless: {lexicons: [winter]}}
  winter: {about: Sport., terms: {en: [ski]}}
  pill: {about: Pills., disguise: true, negatable: true, terms: {any: [viagra]}}
extend:
  brand: {terms: {en: [pfizer]}}
"#;

const SIGNALS: &str = r#"
area: medicine
signals:
  - id: second
    weight: -2
    group: claim
    when: lex.winter > 0
    message: m
    evidence: [title.winter, price.ratio]
    tests: {silent: [a title, {listing: {title: t, images: [{alt_text: a}]}}]}
  - id: first
    weight: 5
    group: substance
    when: lex.pill > 0 && hidden.pill == 0 && lex.snow == 0
    message: m
    legal_basis: [act]
    sor: {category: STATEMENT_CATEGORY_SCAMS_AND_FRAUD, keyword: KEYWORD_OTHER}
    tests: {fires: [Viagra]}
"#;

fn pack() -> CompiledPack {
    let files = [
        ("pack.yaml", SETTINGS),
        ("laws.yaml", "act: {act: An act, article: Art. 1, url: 'https://eur-lex.europa.eu/'}"),
        ("lexicons/z.yaml", LEXICONS),
        ("lexicons/a.yaml", "lexicons:\n  brand: {about: Brands., terms: {any: [acme]}}\n"),
        ("signals/medicine.yaml", SIGNALS),
        ("signals/drug.yaml", "area: drug\nsignals: []\n"),
    ];
    let files = files.map(|(path, text)| PackFile { path: path.to_owned(), text: text.to_owned() });
    let (pack, warnings) = compile(&PackSource::from_files(files)).unwrap();
    assert_eq!(warnings, []);
    pack
}

#[test]
fn lexicons_and_signals_are_in_order_of_their_ids() {
    let pack = pack();
    let lexicons: Vec<&str> = pack.lexicons.iter().map(|lexicon| lexicon.id.as_str()).collect();
    assert_eq!(lexicons, ["brand", "pill", "snow", "winter"]);
    let signals: Vec<&str> = pack.signals.iter().map(|signal| signal.id.as_str()).collect();
    assert_eq!(signals, ["medicine.first", "medicine.second"]);
    let terms: Vec<u16> = pack.terms.iter().map(|term| term.lexicon.0).collect();
    assert_eq!(terms, [0, 0, 1, 2, 2, 3]);
    assert_eq!((pack.reference.name.as_str(), pack.reference.version.as_str()), ("small", "7"));
    assert_eq!(pack.roles.brands, Some(LexiconId(0)));
    assert!(pack.lexicons[1].negatable && !pack.lexicons[0].negatable);
}

#[test]
fn a_trap_has_its_guards_in_every_language() {
    let pack = pack();
    for term in &pack.terms[3..5] {
        let needs = pack.guards_of(term).unwrap().needs.as_ref().unwrap();
        assert_eq!(
            (needs.lexicons.as_slice(), needs.facts.as_slice()),
            (&[LexiconId(0), LexiconId(1)][..], &[Fact::Grams][..])
        );
        assert_eq!(needs.within, Some(6));
        let unless = pack.guards_of(term).unwrap().unless.as_ref().unwrap();
        assert_eq!((unless.lexicons.as_slice(), unless.within), (&[LexiconId(3)][..], None));
    }
    // The engine computes facts that have a slot: one that only a guard names needs one too.
    assert!(pack.slots.by_fact[Fact::Grams as usize].is_some());
}

#[test]
fn evidence_is_what_is_named_or_what_the_condition_asks_for() {
    let pack = pack();
    assert_eq!(pack.signals[0].evidence, [EvidenceSource::Lexicon(Scope::Anywhere, LexiconId(1))]);
    let named = [EvidenceSource::Lexicon(Scope::Title, LexiconId(3)), EvidenceSource::Fact(Fact::PriceRatio)];
    assert_eq!(pack.signals[1].evidence, named);
    assert!(pack.slots.by_fact[Fact::PriceRatio as usize].is_some());
}

#[test]
fn an_area_replaces_levels_and_actions_or_takes_the_packs() {
    let pack = pack();
    let medicine = &pack.areas[RiskArea::Medicine.index()];
    let drug = &pack.areas[RiskArea::Drug.index()];
    assert!(medicine.for_listings && medicine.for_posts && drug.for_listings && !drug.for_posts);
    let cases = [
        (0.05, Level::Minimal, Action::Allow, Level::Minimal, Action::Allow),
        (0.25, Level::Low, Action::Allow, Level::Low, Action::Allow),
        (0.35, Level::Elevated, Action::Demote, Level::Elevated, Action::Allow),
        (0.55, Level::Elevated, Action::Review, Level::Critical, Action::Escalate),
        (0.99, Level::Critical, Action::Block, Level::Critical, Action::Escalate),
    ];
    for (risk, level, action, drug_level, drug_action) in cases {
        let risk = Risk::new(risk);
        assert_eq!((medicine.levels.level(risk), medicine.action(risk)), (level, action), "{risk:?}");
        assert_eq!((drug.levels.level(risk), drug.action(risk)), (drug_level, drug_action), "{risk:?}");
    }
    assert_eq!(pack.areas[RiskArea::Food.index()].prior, None);
}

#[test]
fn examples_keep_their_content_and_place() {
    let pack = pack();
    let shown: Vec<String> = pack
        .examples
        .iter()
        .map(|example| format!("{} {} {} {}", example.signal.0, example.fires, example.place, example.content))
        .collect();
    assert_eq!(
        shown,
        [
            r#"0 true signals/medicine.yaml:18:21 "Viagra""#,
            r#"1 false signals/medicine.yaml:10:22 "a title""#,
            r#"1 false signals/medicine.yaml:10:31 {"listing":{"images":[{"alt_text":"a"}],"title":"t"}}"#,
        ]
    );
}

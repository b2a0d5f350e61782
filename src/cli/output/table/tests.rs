//! What a person at a terminal sees.

use std::time::Duration;

use super::*;
use crate::cli::input::LineFault;
use crate::domain::{
    AreaRisk, Assessment, ByteSpan, Concealment, ErrorCode, Listing, ModelReference, PolicyReference, Risk, RiskArea,
    Subject, SubjectKind, Timestamp,
};

fn signal(path: &str, text: &str, part: &str, weight: f64) -> Signal {
    let start = text.find(part).unwrap();
    Signal {
        signal_id: "medicine.x".into(),
        area: RiskArea::Medicine,
        weight: Nats::new(weight),
        contribution: Nats::new(weight),
        group: "g".into(),
        message: "Offers a prescription-only medicine".into(),
        legal_basis: vec![LegalBasis {
            act: "Directive 2001/83/EC".into(),
            article: "Art. 85c".into(),
            url: String::new(),
        }],
        sor_category: String::new(),
        sor_keyword: String::new(),
        evidence: vec![Evidence {
            field_path: path.into(),
            span: ByteSpan::new(start as u32, (start + part.len()) as u32),
            original_text: part.into(),
            folded_text: "viagra".into(),
            concealment: Concealment::Leet,
            fact: "lex.x".into(),
            related_subject: None,
        }],
    }
}

fn outcome(listing: Listing, action: Action, signals: Vec<Signal>) -> Outcome {
    let risk = Risk::new(0.973);
    let verdict = Verdict {
        risk,
        level: Level::Critical,
        action,
        areas: vec![AreaRisk { area: RiskArea::Medicine, risk, level: Level::Critical, action }],
        signals,
        language_code: "en".into(),
        diagnostics: vec![],
    };
    let assessment = Assessment {
        assessment_id: "a".into(),
        subject: Subject { kind: SubjectKind::Listing, id: listing.listing_id.clone() },
        verdict,
        standing: None,
        policy: PolicyReference::default(),
        model: ModelReference::default(),
        assessed_at: Timestamp::default(),
        promotions: None,
        engine_duration: Duration::ZERO,
    };
    let scored = Scored { content: Content::Listing(listing), assessment };
    Outcome { place: Place { file: None, line: 7 }, result: Ok(scored) }
}

#[test]
fn evidence_is_marked_in_the_text_with_signal_and_law_below() {
    let listing = Listing {
        title: "Buy V1@gra 100mg".into(),
        description: "Fast. Also v.i.a.g.r.a here".into(),
        ..Listing::default()
    };
    let signals = vec![
        signal("title", &listing.title, "V1@gra", 4.1),
        signal("description", &listing.description, "v.i.a.g.r.a", -1.0),
    ];
    let shown = header(Terminal::with(false, 80))
        + &render(&outcome(listing, Action::Block, signals), Terminal::with(false, 80));
    let expected = "\
\x20 LINE  RISK  AREA             ACTION    ITEM
     7  0.97  medicine         BLOCK     Buy ⟦V1@gra⟧ 100mg
        description  Fast. Also ⟦v.i.a.g.r.a⟧ here
        +4.1  Offers a prescription-only medicine
              may fall under Directive 2001/83/EC Art. 85c
        -1.0  Offers a prescription-only medicine
              may fall under Directive 2001/83/EC Art. 85c
";
    assert_eq!(shown, expected);
}

#[test]
fn what_is_allowed_takes_one_line_and_content_cannot_command_the_terminal() {
    let listing = Listing { title: "Chair\u{1b}[31m\nred".into(), ..Listing::default() };
    let signals = vec![signal("title", &listing.title, "red", 0.1)];
    let shown = render(&outcome(listing, Action::Allow, signals), Terminal::with(false, 80));
    assert_eq!(shown, "     7  0.97  medicine         ALLOW     Chair\\u{1b}[31m ⟦red⟧\n");
}

#[test]
fn a_line_that_cannot_be_scored_says_why() {
    let result = Err(LineFault::new(ErrorCode::Invalid, "expected value at column 1"));
    let shown = render(&Outcome { place: Place { file: None, line: 12 }, result }, Terminal::with(false, 80));
    assert_eq!(shown, "    12  not scored: expected value at column 1\n");
}

#[test]
fn an_item_without_a_title_is_shown_by_its_identifier() {
    let listing = Listing { listing_id: "l-1".into(), ..Listing::default() };
    let shown = render(&outcome(listing, Action::RequireDisclosure, vec![]), Terminal::with(false, 80));
    assert_eq!(shown, "     7  0.97  medicine         DISCLOSE  l-1\n");
}

#[test]
fn articles_of_one_act_name_it_once() {
    let law = |act: &str, article: &str| LegalBasis { act: act.into(), article: article.into(), url: String::new() };
    let shown =
        super::law(&[law("Directive A", "Art. 1"), law("Directive A", "Art. 2(b)"), law("Regulation B", "Annex I")]);
    assert_eq!(shown.as_deref(), Some("may fall under Directive A Art. 1, Art. 2(b); Regulation B Annex I"));
    assert_eq!(super::law(&[]), None);
}

//! Lines as people write them, and what is said about the wrong ones.

use super::*;
use crate::domain::{PolicyReference, Provenance, Subject, SubjectKind, Timestamp, Verdict};

fn error(line: &str) -> String {
    parse_line(line).unwrap_err().to_string()
}

#[test]
fn both_spellings_enum_names_base64_and_rfc_3339_are_read() {
    let snake = r#"{"listing": {"listing_id": "l", "seller_id": "s", "created_at": "2025-01-02T03:04:05.5+01:00",
        "price": {"currency_code": "CHF", "units": 169, "nanos": 900000000},
        "images": [{"sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "provenance": "PROVENANCE_AI_EDITED"}]}}"#;
    let camel = r#"{"listing": {"listingId": "l", "sellerId": "s", "createdAt": "2025-01-02T02:04:05.500Z",
        "price": {"currencyCode": "CHF", "units": "169", "nanos": 900000000},
        "images": [{"sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "provenance": 3}]}}"#;
    let line = parse_line(snake).unwrap();
    assert_eq!(line, parse_line(camel).unwrap());
    let listing = line.listing.clone().unwrap();
    assert_eq!(listing.created_at, Some(Timestamp { seconds: 1_735_783_445, nanos: 500_000_000 }));
    assert_eq!(listing.images[0].provenance, Provenance::AiEdited);
    assert_eq!(listing.images[0].sha256, [0; 32]);
    assert_eq!((line.label().unwrap(), line.post), (None, None));
}

#[test]
fn labelled_lines_and_pairs_are_read_and_their_own_notes_are_left_alone() {
    let line = r#"{"id": "d-1", "source": "lab", "label": "x", "note": "?", "core": false, "labels": ["drug", "hidden_link"],
        "post": {"post_id": "p", "creator_id": "c"}, "listing": {"listing_id": "l", "seller_id": "s"}}"#;
    let line = parse_line(line).unwrap();
    let label = line.label().unwrap().unwrap();
    let notes = (label.id.as_str(), label.source.as_str(), label.kind.as_str(), label.core);
    assert_eq!(notes, ("d-1", "lab", "x", false));
    assert_eq!(label.areas, [RiskArea::Drug, RiskArea::HiddenLink]);
    assert!(line.post.is_some() && line.listing.is_some());
}

#[test]
fn null_means_not_set() {
    let line = r#"{"listing": {"listing_id": "l", "seller_id": "s", "title": null, "trader": null, "links": null}, "post": null}"#;
    assert_eq!(parse_line(line).unwrap().listing.unwrap().title, "");
}

#[test]
fn what_is_wrong_with_a_line_is_said_by_name() {
    assert!(error("{").starts_with("EOF while parsing an object at line 1 column 1"));
    assert!(error(r#"{"listings": {}}"#).starts_with("has neither \"listing\" nor \"post\""));
    let unknown = error(r#"{"listing": {"listing_id": "l", "titel": "x"}}"#);
    assert!(unknown.starts_with("unknown field `titel`, expected one of `listing_id`"), "{unknown}");
    let kind = error(r#"{"listing": {"title": 7}}"#);
    assert!(kind.contains("invalid type: integer `7`, expected a string at line 1 column"), "{kind}");
    let missing = error(r#"{"listing": {"title": "x"}}"#);
    assert_eq!(missing, "listing.listing_id is required; listing.seller_id is required");
    let labelled = parse_line(r#"{"labels": ["drugs"], "post": {"post_id": "p", "creator_id": "c"}}"#).unwrap();
    let label = labelled.label().unwrap_err().to_string();
    assert!(label.starts_with("label \"drugs\" is no risk area; they are: medicine, food"), "{label}");
}

#[test]
fn missing_identifiers_come_from_the_line_or_its_number_where_that_is_asked_for() {
    let ids = |line: &str| {
        let listing = parse_line_with_ids(line, "line-7").unwrap().listing.unwrap();
        (listing.listing_id, listing.seller_id)
    };
    assert_eq!(ids(r#"{"listing": {}}"#), ("line-7".into(), "line-7".into()));
    assert_eq!(ids(r#"{"id": 12, "listing": {"seller_id": "s"}}"#), ("12".into(), "s".into()));
    assert!(parse_line(r#"{"listing": {}}"#).is_err(), "a request must carry its own");
}

#[test]
fn examples_of_a_pack_may_be_a_title_or_leave_out_identifiers() {
    let title = parse_example(&Value::from("Buy tea")).unwrap();
    assert_eq!(title.id(), "example");
    let post = parse_example(&serde_json::json!({"post": {"text": "x", "hashtags": null}})).unwrap();
    assert!(matches!(post, Content::Post(_)));
    assert!(parse_example(&serde_json::json!({"listing": {"titel": "x"}})).is_err());
}

#[test]
fn an_assessment_is_written_with_every_field_under_the_names_of_the_contract() {
    let subject = Subject { kind: SubjectKind::Listing, id: "l-1".into() };
    let verdict = Verdict {
        risk: Default::default(),
        level: Default::default(),
        action: Default::default(),
        areas: vec![],
        signals: vec![],
        language_code: "de".into(),
        diagnostics: vec![],
    };
    let assessed_at = Timestamp { seconds: 1_735_783_445, nanos: 0 };
    let policy = PolicyReference { name: "default".into(), ..Default::default() };
    let written = assessment(Assessment {
        assessment_id: "a".into(),
        subject,
        verdict,
        standing: None,
        policy,
        model: Default::default(),
        assessed_at,
        promotions: None,
        engine_duration: std::time::Duration::from_micros(12),
    });
    let read: Value = serde_json::from_str(&written.unwrap()).unwrap();
    assert_eq!(read["assessment_id"], "a");
    assert_eq!(read["risk"], 0.0);
    assert_eq!(read["level"], "LEVEL_MINIMAL");
    assert_eq!(read["action"], "ACTION_ALLOW");
    assert_eq!(read["signals"], serde_json::json!([]));
    assert_eq!(read["subject"], serde_json::json!({"kind": "SUBJECT_KIND_LISTING", "id": "l-1"}));
    assert_eq!(read["engine_duration"], "0.000012s");
    assert_eq!(read["assessed_at"], "2025-01-02T02:04:05+00:00");
}

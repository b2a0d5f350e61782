//! Records and content to keep.
//!
//! Not here: assertions. Kept true: every field of a sample differs from its default, so that a field that gets lost is missed.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::time::Duration;

use dsa_signal::domain::{
    Action, AreaRisk, Assessment, ByteSpan, Claim, ClaimKind, Claims, Concealment, Content, Decision, Diagnostic,
    Digest, Erasure, EventKind, Evidence, LegalBasis, Level, Listing, Media, Mention, ModelReference, Money, Nats,
    Notice, NoticeKind, Outcome, OutcomeKind, PartyRate, PolicyReference, PolicyVersion, Post, ProductSafety,
    PromotedListing, Promotions, Provenance, Record, Relationship, Risk, RiskArea, Signal, Standing, StandingEvent,
    Subject, SubjectKind, Tally, TargetingCriterion, Timestamp, TraderInformation, Variant, Verdict,
};
use dsa_signal::store::Draft;
use dsa_signal::store::canonical::{content_bytes, content_digest};

pub const POLICY: &str = "aa11";

pub fn instant(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 5_000 }
}

pub fn seller(id: &str) -> Subject {
    Subject { kind: SubjectKind::Seller, id: id.into() }
}

pub fn listing(id: &str) -> Content {
    let money = |units| Some(Money { currency_code: "EUR".into(), units, nanos: 990_000_000 });
    let attributes = |key: &str| [(key.to_owned(), "ö".to_owned()), ("a".to_owned(), "b".to_owned())].into();
    Content::Listing(Listing {
        listing_id: id.into(),
        seller_id: "s-1".into(),
        title: "V1agra 100mg".into(),
        description: "Ohne Rezept".into(),
        category_path: vec!["Health".into(), "Other".into()],
        brand: "Brand".into(),
        gtin: "4006381333931".into(),
        price: money(-12),
        reference_price: money(40),
        attributes: attributes("colour"),
        variants: vec![Variant { name: "big".into(), price: money(1), attributes: attributes("size") }],
        images: vec![media()],
        links: vec!["https://example.org".into()],
        ships_from_country: "DE".into(),
        target_countries: vec!["FR".into()],
        language_code: "de".into(),
        age_restricted: true,
        trader: Some(TraderInformation {
            name: "T".into(),
            address: "A".into(),
            email: "e@example.org".into(),
            phone: "1".into(),
            register_number: "HRB 1".into(),
            self_certified: true,
            verified: true,
            pharmacy_licence: "P".into(),
            country_code: "DE".into(),
        }),
        product_safety: Some(ProductSafety {
            manufacturer_name: "M".into(),
            manufacturer_contact: "C".into(),
            responsible_person_name: "R".into(),
            responsible_person_contact: "RC".into(),
            warnings: vec!["W".into()],
            ingredients: "I".into(),
            ce_marked: true,
            registration_number: "N".into(),
        }),
        created_at: Some(instant(1)),
    })
}

fn media() -> Media {
    Media {
        url: "https://example.org/1.jpg".into(),
        alt_text: "a".into(),
        ocr_text: "o".into(),
        sha256: vec![1; 32],
        pdq_hash: vec![2; 32],
        provenance: Provenance::AiEdited,
        depicts_real_person: true,
    }
}

pub fn contents() -> [Content; 3] {
    let post = Post {
        post_id: "p-1".into(),
        creator_id: "c-1".into(),
        platform: "example".into(),
        text: "Love it 😀".into(),
        hashtags: vec!["ad".into()],
        links: vec!["https://example.org".into()],
        promoted_listing_ids: vec!["l-1".into()],
        media: vec![media()],
        relationship: Relationship::Affiliate,
        disclosure_label: true,
        discount_codes: vec!["ANNA20".into()],
        minimum_age: 18,
        ai_generated_label: true,
        targeting: vec![TargetingCriterion { attribute: "interest".into(), value: "chairs".into() }],
        is_advertisement: true,
        sponsor: "S".into(),
        language_code: "en".into(),
        published_at: Some(instant(2)),
        follower_count: 1_000_000,
        is_political: false,
    };
    let political = Post { is_political: true, ..post.clone() };
    [listing("l-1"), Content::Post(post), Content::Post(political)]
}

/// A decision to review a listing of a seller.
pub fn decision(id: &str, party: &str) -> Record {
    decision_with(id, party, Action::Review, RiskArea::Medicine)
}

pub fn decision_with(id: &str, party: &str, action: Action, area: RiskArea) -> Record {
    let evidence = Evidence {
        field_path: "title".into(),
        span: ByteSpan::new(0, 6),
        original_text: "V1agra".into(),
        folded_text: "viagra".into(),
        concealment: Concealment::Leet,
        fact: "lex.erection_brand".into(),
        related_subject: Some(Subject { kind: SubjectKind::Post, id: "p-1".into() }),
    };
    let signal = Signal {
        signal_id: "medicine.named".into(),
        area,
        weight: Nats::new(4.5),
        contribution: Nats::new(-0.0),
        group: "substance".into(),
        message: "Names a medicine.".into(),
        legal_basis: vec![LegalBasis {
            act: "Directive 2001/83/EC".into(),
            article: "Art. 85c".into(),
            url: "https".into(),
        }],
        sor_category: "STATEMENT_CATEGORY".into(),
        sor_keyword: "KEYWORD".into(),
        evidence: vec![evidence],
    };
    let verdict = Verdict {
        risk: Risk::new(0.1 + 0.2),
        level: Level::High,
        action,
        areas: vec![AreaRisk { area, risk: Risk::new(0.75), level: Level::Elevated, action: Action::Demote }],
        signals: vec![signal],
        language_code: "de".into(),
        diagnostics: vec![Diagnostic {
            code: "link-unreadable".into(),
            message: "m".into(),
            field_path: "links[0]".into(),
        }],
    };
    let assessment = Assessment {
        assessment_id: id.into(),
        subject: Subject { kind: SubjectKind::Listing, id: format!("listing-of-{id}") },
        verdict,
        standing: Some(Standing {
            mean: 0.1,
            lower: 0.05,
            upper: 0.2,
            effective_events: 3.5,
            strikes: 2,
            trader_verified: true,
        }),
        policy: PolicyReference { name: "default".into(), version: "1".into(), digest: POLICY.into() },
        model: ModelReference { version: "m1".into(), digest: "bb22".into() },
        assessed_at: instant(1_700_000_000),
        promotions: None,
        engine_duration: Duration::new(1, 17),
    };
    let content_digest = content_digest(&content_bytes(&listing("l-1")));
    Record::Decision(Box::new(Decision { assessment, party: seller(party), content_digest }))
}

pub fn outcome(id: &str, decision_id: &str) -> Record {
    Record::Outcome(Outcome {
        outcome_id: id.into(),
        decision_id: decision_id.into(),
        kind: OutcomeKind::Confirmed,
        note: "ok".into(),
        decided_at: instant(1_700_000_000),
    })
}

pub fn notice(id: &str, decision_id: &str) -> Record {
    Record::Notice(Notice {
        notice_id: id.into(),
        subject: Subject { kind: SubjectKind::Listing, id: "l-1".into() },
        decision_id: Some(decision_id.into()),
        kind: NoticeKind::TrustedFlagger,
        area: Some(RiskArea::Weapon),
        explanation: "Looks wrong".into(),
        submitted_at: instant(1_700_000_001),
    })
}

pub fn event(id: &str, party: &str) -> Record {
    Record::Event(StandingEvent {
        event_id: id.into(),
        subject: seller(party),
        kind: EventKind::ContentRemoved,
        area: Some(RiskArea::Drug),
        count: 3,
        occurred_at: instant(1_600_000_000),
    })
}

pub fn tally(id: &str, allowed: u64) -> Record {
    Record::Tally(Tally {
        tally_id: id.into(),
        policy_digest: POLICY.into(),
        subject_kind: SubjectKind::Listing,
        allowed,
        since: instant(10),
        until: instant(20),
    })
}

pub fn policy_version(id: &str, in_force_since: i64) -> Record {
    Record::Policy(PolicyVersion {
        policy_version_id: id.into(),
        policy: PolicyReference { name: "default".into(), version: "2".into(), digest: POLICY.into() },
        model: ModelReference { version: "m".into(), digest: "e".repeat(64) },
        in_force_since: instant(in_force_since),
    })
}

pub fn mention(id: &str) -> Mention {
    Mention {
        mention_id: id.into(),
        post_id: "post".into(),
        creator_id: "creator".into(),
        listing_id: "l-1".into(),
        path: "links[0]".into(),
        link: "https://shop.example/item/1".into(),
        promotes: 2,
        at: instant(1_700_000_003),
        claims: Claims {
            claims: vec![Claim {
                kind: ClaimKind::Product,
                key: "bag".into(),
                field_path: "text".into(),
                span: ByteSpan::new(4, 7),
                original_text: "bag".into(),
            }],
            prices: vec![Money { currency_code: "EUR".into(), units: 39, nanos: 1 }],
            told: Nats::new(4.2),
            risk: Risk::new(0.25),
            area: Some(RiskArea::HiddenLink),
        },
    }
}

/// A decision that was made under promotions.
pub fn promoted_decision(id: &str) -> Record {
    let Record::Decision(mut decision) = decision(id, "s-1") else { return decision(id, "s-1") };
    decision.assessment.promotions = Some(Box::new(Promotions {
        mentions: vec![std::sync::Arc::new(mention("m-1"))],
        posts: 7,
        creators: 3,
        listings: vec![PromotedListing {
            listing_id: "l-2".into(),
            seller_id: "s-2".into(),
            path: "text".into(),
            risk: Risk::new(0.75),
            area: RiskArea::Drug,
            at: instant(3),
        }],
        parties: vec![PartyRate { subject: seller("s-2"), lower: 0.125 }],
    }));
    Record::Decision(decision)
}

pub fn every_kind() -> Vec<Record> {
    let erasure = Erasure { erasure_id: "x-1".into(), before: instant(5), erased: 9 };
    vec![
        decision("d-1", "s-1"),
        outcome("o-1", "d-1"),
        notice("n-1", "d-1"),
        event("e-1", "s-1"),
        tally("t-1", 7),
        Record::Erasure(erasure),
        policy_version("p-1", 11),
        Record::Mention(Box::new(mention("m-1"))),
    ]
}

pub fn drafts(records: &[Record]) -> Vec<Draft> {
    records.iter().map(Draft::new).collect()
}

/// A decision's content digest, whatever record it is.
pub fn digest_of_content(record: &Record) -> Digest {
    match record {
        Record::Decision(decision) => decision.content_digest,
        _ => Digest::ZERO,
    }
}

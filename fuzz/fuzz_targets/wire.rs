//! The wire: whatever bytes a caller sends, they are refused with a reason or become content that can be scored, answered and recorded.
//!
//! The first byte of the input says which message it is, the second how the rest is read: as the bytes of the message, as edits of a valid one, as texts for
//! its fields, or as a line of JSON. Kept true here: no panic; a refusal names a field; content that is accepted is scored without a panic, its
//! answer encodes and decodes to itself, as protobuf and as JSON; JSON and protobuf of one message are accepted or refused alike; what is
//! recorded of it reads back as the same.
//!
//! `cargo +nightly fuzz run wire -- -max_len=8192 -max_total_time=600`
#![no_main]

use std::fmt::Debug;
use std::sync::{Arc, LazyLock};

use dsa_signal::domain::{Content, InvalidContent, Record, Timestamp};
use dsa_signal::engine::{Circumstances, Scratch, review_targeting};
use dsa_signal::policy::{compile, embedded};
use dsa_signal::service::{Known, PolicyHandle, Scorer};
use dsa_signal::store::canonical;
use dsa_signal::wire::from_proto::{self, Path};
use dsa_signal::wire::{json, to_proto, v1};
use libfuzzer_sys::fuzz_target;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

const NOW: Timestamp = Timestamp { seconds: 1_790_000_000, nanos: 1 };

static SCORER: LazyLock<Scorer> = LazyLock::new(|| match compile(&embedded()) {
    Ok((pack, _)) => Scorer::new(Arc::new(PolicyHandle::new(pack, NOW))),
    Err(_) => panic!("the embedded pack compiles"),
});

/// What reaches readers of text in practice, and what readers of text stumble over.
const HOSTILE: [&str; 16] = [
    "\u{202e}agraiv",
    "v\u{200b}i\u{200b}a\u{200b}g\u{200b}r\u{200b}a",
    "\u{0301}\u{0301}\u{0301}",
    "ﷺﷺ",
    "\u{1d4e5}\u{1d4f2}",
    "ѵіаɡга",
    "1e308",
    "99999999999999999999999 EUR",
    "-0.00",
    "http://[::1",
    "https://xn--a/%00?q=%ff#",
    "#ad #AD ＃ad",
    "👨‍👩‍👧‍👦",
    "İıſK",
    "\u{feff}",
    "\r\n\t",
];

fuzz_target!(|input: &[u8]| {
    let [kind, how, rest @ ..] = input else { return };
    match kind % 14 {
        0 => each(*how, rest, listing_of, check_listing),
        1 => each(*how, rest, post_of, check_post),
        2 => each(*how, rest, targeting_of, check_targeting),
        3 => each(*how, rest, event_of, check_event),
        4 => each(*how, rest, outcome_of, |outcome| {
            if let Some(outcome) = accepted(from_proto::outcome(outcome, NOW)) {
                recorded(Record::Outcome(outcome));
            }
        }),
        5 => each(*how, rest, notice_of, |notice| {
            if let Some(notice) = accepted(from_proto::notice(notice, NOW)) {
                same_json(&to_proto::notice(notice.clone()));
                recorded(Record::Notice(notice));
            }
        }),
        6 => each(
            *how,
            rest,
            |_| v1::ListDecisionsRequest::default(),
            |request| {
                accepted(from_proto::decision_query(request.filter, request.page_size));
            },
        ),
        7 => each(
            *how,
            rest,
            |_| v1::WatchDecisionsRequest::default(),
            |request| {
                accepted(from_proto::watch(&request));
            },
        ),
        8 => each(
            *how,
            rest,
            |_| v1::WatchStandingsRequest::default(),
            |request| {
                accepted(from_proto::watched(request.subjects));
            },
        ),
        9 => each(
            *how,
            rest,
            |_| v1::ReportLinksRequest::default(),
            |request| {
                accepted(from_proto::links(request));
            },
        ),
        10 => each(
            *how,
            rest,
            |_| v1::ListPromotionsRequest::default(),
            |request| {
                accepted(from_proto::promotions(request));
            },
        ),
        11 => each(
            *how,
            rest,
            |_| v1::ListSignalsRequest::default(),
            |request| {
                accepted(from_proto::signal_filter(&request));
            },
        ),
        12 => line(&String::from_utf8_lossy(rest)),
        _ => {
            // A stream's item and a batch hold the same messages one deeper.
            if let Ok(item) = v1::StreamScoreListingsRequest::decode(rest) {
                accepted(from_proto::correlation_id(&item.correlation_id));
                check_listing(v1::ScoreListingRequest { listing: item.listing });
            }
            if let Ok(batch) = v1::BatchScorePostsRequest::decode(rest) {
                accepted(from_proto::batch_size(Path::root("posts"), batch.posts.len()));
                batch.posts.into_iter().take(3).for_each(|post| check_post(v1::ScorePostRequest { post: Some(post) }));
            }
        }
    }
});

/// Reads a message in one of three ways, and looks at it.
fn each<M: Message + Default + PartialEq + Debug>(
    how: u8,
    rest: &[u8],
    of_texts: impl Fn(&mut Texts<'_>) -> M,
    check: impl Fn(M),
) {
    let message = match how % 3 {
        0 => M::decode(rest).ok(),
        1 => {
            let mut bytes = of_texts(&mut Texts(&[])).encode_to_vec();
            for edit in rest.chunks_exact(3) {
                let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len().max(1);
                match (edit[2] % 4, bytes.get_mut(at)) {
                    (0, Some(byte)) => *byte ^= edit[2],
                    (1, Some(byte)) => *byte = edit[2],
                    (2, Some(_)) => drop(bytes.remove(at)),
                    _ => bytes.insert(at.min(bytes.len()), edit[2]),
                }
            }
            M::decode(bytes.as_slice()).ok()
        }
        _ => Some(of_texts(&mut Texts(rest))),
    };
    if let Some(message) = message {
        let again = M::decode(message.encode_to_vec().as_slice()).expect("what was decoded encodes");
        assert_eq!(again, message);
        check(message);
    }
}

/// Texts and numbers out of the input: pieces between NULs, or hostile ones by number. At its end there are valid ones.
struct Texts<'a>(&'a [u8]);

impl Texts<'_> {
    fn next(&mut self) -> String {
        let Some(first) = self.0.first() else { return "abc".to_owned() };
        if *first >= 0xf0 {
            self.0 = &self.0[1..];
            let count = self.number().unsigned_abs() as usize % 600;
            return HOSTILE[usize::from(first - 0xf0)].repeat(count);
        }
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let (piece, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        String::from_utf8_lossy(piece).into_owned()
    }

    fn number(&mut self) -> i64 {
        let Some((first, rest)) = self.0.split_first() else { return 1 };
        self.0 = rest;
        match first {
            0xff => i64::MAX,
            0xfe => i64::MIN,
            0xfd => i64::from(i32::MAX),
            0xfc => -1,
            0xfb => 999_999_999,
            small => i64::from(*small),
        }
    }

    fn some<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = if self.0.is_empty() { 1 } else { self.number().unsigned_abs() % 5 };
        (0..count).map(|_| make(self)).collect()
    }

    fn time(&mut self) -> Option<pbjson_types::Timestamp> {
        let (seconds, nanos) = (self.number(), self.number() as i32);
        Some(pbjson_types::Timestamp { seconds, nanos })
    }

    fn money(&mut self) -> Option<v1::Money> {
        let mut currency_code = self.next();
        if currency_code == "abc" {
            currency_code = "EUR".to_owned();
        }
        Some(v1::Money { currency_code, units: self.number(), nanos: self.number() as i32 })
    }

    fn media(&mut self) -> v1::Media {
        v1::Media { alt_text: self.next(), ocr_text: self.next(), ..v1::Media::default() }
    }
}

fn listing_of(texts: &mut Texts<'_>) -> v1::ScoreListingRequest {
    let listing = v1::Listing {
        title: texts.next(),
        description: texts.next(),
        listing_id: texts.next(),
        seller_id: texts.next(),
        category_path: texts.some(Texts::next),
        price: texts.money(),
        brand: texts.next(),
        variants: texts.some(|texts| v1::Variant {
            name: texts.next(),
            price: texts.money(),
            ..v1::Variant::default()
        }),
        images: texts.some(Texts::media),
        links: texts.some(Texts::next),
        attributes: texts.some(|texts| (texts.next(), texts.next())).into_iter().collect(),
        trader: Some(v1::TraderInformation {
            name: texts.next(),
            email: texts.next(),
            ..v1::TraderInformation::default()
        }),
        product_safety: Some(v1::ProductSafety { ingredients: texts.next(), ..v1::ProductSafety::default() }),
        target_countries: texts.some(|_| "DE".to_owned()),
        ..v1::Listing::default()
    };
    v1::ScoreListingRequest { listing: Some(listing) }
}

fn post_of(texts: &mut Texts<'_>) -> v1::ScorePostRequest {
    let post = v1::Post {
        text: texts.next(),
        post_id: texts.next(),
        creator_id: texts.next(),
        hashtags: texts.some(Texts::next),
        links: texts.some(Texts::next),
        media: texts.some(Texts::media),
        sponsor: texts.next(),
        discount_codes: texts.some(Texts::next),
        ..v1::Post::default()
    };
    v1::ScorePostRequest { post: Some(post) }
}

fn targeting_of(texts: &mut Texts<'_>) -> v1::CheckAdTargetingRequest {
    let criterion = |texts: &mut Texts<'_>| v1::TargetingCriterion { attribute: texts.next(), value: texts.next() };
    v1::CheckAdTargetingRequest {
        criteria: texts.some(criterion),
        is_political: texts.number() % 2 == 0,
        minimum_age: texts.number() as i32,
    }
}

fn event_of(texts: &mut Texts<'_>) -> v1::RecordEventsRequest {
    let event = v1::StandingEvent {
        event_id: texts.next(),
        subject_id: texts.next(),
        subject_kind: texts.number() as i32,
        kind: texts.number() as i32,
        area: texts.number() as i32,
        count: texts.number() as u32,
        occurred_at: texts.time(),
    };
    v1::RecordEventsRequest { event: Some(event) }
}

fn outcome_of(texts: &mut Texts<'_>) -> v1::RecordOutcomeRequest {
    v1::RecordOutcomeRequest {
        decision_id: texts.next(),
        outcome: texts.number() as i32,
        note: texts.next(),
        decided_at: texts.time(),
        ..v1::RecordOutcomeRequest::default()
    }
}

fn notice_of(texts: &mut Texts<'_>) -> v1::SubmitNoticeRequest {
    v1::SubmitNoticeRequest {
        notice_id: texts.next(),
        subject: Some(v1::Subject { kind: texts.number() as i32, id: texts.next() }),
        kind: texts.number() as i32,
        area: texts.number() as i32,
        explanation: texts.next(),
        submitted_at: texts.time(),
        ..v1::SubmitNoticeRequest::default()
    }
}

fn check_listing(request: v1::ScoreListingRequest) {
    let Some(message) = request.listing else { return };
    let from_json = json_of(&message).map(|text| json::parse_line(&format!("{{\"listing\":{text}}}")));
    let listing = accepted(from_proto::listing(Some(message), Path::root("listing")));
    if let Some(from_json) = from_json {
        assert_eq!(from_json.ok().and_then(|line| line.listing), listing);
    }
    listing.into_iter().for_each(|listing| check_content(Content::Listing(listing)));
}

fn check_post(request: v1::ScorePostRequest) {
    let Some(message) = request.post else { return };
    let from_json = json_of(&message).map(|text| json::parse_line(&format!("{{\"post\":{text}}}")));
    let post = accepted(from_proto::post(Some(message), Path::root("post")));
    if let Some(from_json) = from_json {
        assert_eq!(from_json.ok().and_then(|line| line.post), post);
    }
    post.into_iter().for_each(|post| check_content(Content::Post(post)));
}

/// Scored, explained, answered and kept.
fn check_content(content: Content) {
    assert_eq!(canonical::read_content(&canonical::content_bytes(&content)).ok().as_ref(), Some(&content));
    let (assessment, _) = SCORER.score_claims(&content, Known::default());
    same(&to_proto::assessment(assessment.clone()));
    assert!(json::assessment(assessment).is_ok());
    let (assessment, trace) = SCORER.explain(&content);
    same(&to_proto::trace(trace.clone()));
    assert!(json::explanation(assessment, trace).is_ok());
}

fn check_targeting(request: v1::CheckAdTargetingRequest) {
    let Some(plan) = accepted(from_proto::targeting_plan(request)) else { return };
    let policy = SCORER.policy().snapshot();
    let review = review_targeting(&plan, &policy.pack, Circumstances::default(), &mut Scratch::default());
    assert_eq!(review.criteria.len(), plan.criteria.len());
    review.criteria.into_iter().for_each(|verdict| same(&to_proto::targeting_verdict(verdict)));
}

fn check_event(request: v1::RecordEventsRequest) {
    if let Some(event) = accepted(from_proto::standing_event(request.event, Path::root("event"))) {
        recorded(Record::Event(event));
    }
}

/// A line as files have them.
fn line(text: &str) {
    if let Ok(line) = json::parse_line_with_ids(text, "fallback") {
        let _checked_by_whoever_asks = line.label();
        line.listing.into_iter().for_each(|listing| check_content(Content::Listing(listing)));
        line.post.into_iter().for_each(|post| check_content(Content::Post(post)));
    }
    if let Ok(event) = json::parse_event(text) {
        recorded(Record::Event(event));
    }
    let _an_instant_or_none = json::parse_instant(text).map(json::instant_to_the_second);
}

/// What was accepted; a refusal says of what, unless it says that there is nothing.
fn accepted<T>(read: Result<T, InvalidContent>) -> Option<T> {
    read.inspect_err(|invalid| {
        assert!(
            invalid.violations.iter().all(|one| !one.field.is_empty() && !one.description.is_empty())
                && !invalid.violations.is_empty()
        )
    })
    .ok()
}

fn recorded(record: Record) {
    let bytes = canonical::record_bytes(&record);
    let read = canonical::read_record(&bytes).expect("what was recorded can be read");
    assert_eq!(canonical::record_bytes(&read), bytes);
}

/// An answer of ours is the same on the other side, and in the other form.
fn same<M: Message + Default + PartialEq + Debug + Serialize + DeserializeOwned>(message: &M) {
    assert_eq!(M::decode(message.encode_to_vec().as_slice()).as_ref(), Ok(message));
    same_json(message);
}

fn same_json<M: PartialEq + Debug + Serialize + DeserializeOwned>(message: &M) {
    let text = serde_json::to_string(message).expect("an answer of ours has a JSON form");
    let again = serde_json::from_str::<M>(&text).expect("and is read again");
    let [sent, read] = [message, &again].map(|message| serde_json::to_value(message).expect("as before"));
    assert!(alike(&sent, &read), "{sent}\n{read}");
}

/// The same, but for the last bit of fractions: this reader of JSON is quick and not exact.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let [one, other] = [one, other].map(|number| number.as_f64().unwrap_or(f64::NAN));
            one == other || (one - other).abs() <= one.abs() * 1e-14
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| alike(one, other)))
        }
        _ => one == other,
    }
}

/// A caller's message as JSON; `None` where it has none, as with an enum's number that nobody knows.
fn json_of(message: &impl Serialize) -> Option<String> {
    serde_json::to_string(message).ok()
}

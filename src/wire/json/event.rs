//! Events of sellers and creators, one a line.
//!
//! Not here: files (`cli/`). Kept true: an event of a file passes the same checks as one of a stream. Kinds and areas are written as
//! `standing.yaml` writes them, or as the contract does.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::StrDeserializer;

use super::super::{from_proto, to_proto, v1};
use super::InvalidLine;
use crate::domain::{EventKind, FieldViolation, InvalidContent, RiskArea, StandingDetail, StandingEvent};
use crate::policy::did_you_mean;
use from_proto::Path;

/// A line as it is written. Whose event it is stands under `seller_id`, `creator_id`, or `subject_kind` and `subject_id`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent<'a> {
    #[serde(borrow, default, alias = "eventId")]
    event_id: Cow<'a, str>,
    #[serde(borrow, default, alias = "subjectKind")]
    subject_kind: Cow<'a, str>,
    #[serde(borrow, default, alias = "subjectId")]
    subject_id: Cow<'a, str>,
    #[serde(borrow, default, alias = "sellerId")]
    seller_id: Cow<'a, str>,
    #[serde(borrow, default, alias = "creatorId")]
    creator_id: Cow<'a, str>,
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    area: Cow<'a, str>,
    #[serde(default)]
    count: u32,
    #[serde(borrow, default, alias = "occurredAt")]
    occurred_at: Cow<'a, str>,
}

/// Reads one line.
pub fn parse_event(line: &str) -> Result<StandingEvent, InvalidLine> {
    let raw: RawEvent<'_> = serde_json::from_str(line)?;
    let mut violations = Vec::new();
    let mut violation = |field: &str, description: String| {
        violations.push(FieldViolation { field: field.to_owned(), description });
    };
    let (subject_kind, subject_id) = raw.subject().unwrap_or_else(|description| {
        violation("seller_id", description);
        (v1::SubjectKind::Seller, "-")
    });
    let kind = named(&raw.kind, "EVENT_KIND_", EventKind::ALL, EventKind::as_str).unwrap_or_else(|description| {
        violation("kind", description);
        None
    });
    let area = named(&raw.area, "RISK_AREA_", RiskArea::ALL, RiskArea::as_str).unwrap_or_else(|description| {
        violation("area", description);
        None
    });
    let occurred_at = instant(&raw.occurred_at).unwrap_or_else(|description| {
        violation("occurred_at", description);
        Some(pbjson_types::Timestamp::default())
    });
    let message = v1::StandingEvent {
        event_id: raw.event_id.to_string(),
        subject_kind: subject_kind.into(),
        subject_id: subject_id.to_owned(),
        kind: kind.map_or(0, |kind| to_proto::event_kind(kind).into()),
        area: area.map_or(0, |area| to_proto::area(area).into()),
        count: raw.count,
        occurred_at,
    };
    if violations.is_empty() {
        return Ok(from_proto::standing_event(Some(message), Path::root("event"))?);
    }
    Err(InvalidContent { violations }.into())
}

/// A standing and what it rests on, as one line of JSON.
pub fn standing(detail: StandingDetail) -> serde_json::Result<String> {
    serde_json::to_string(&to_proto::standing_detail(detail))
}

impl RawEvent<'_> {
    fn subject(&self) -> Result<(v1::SubjectKind, &str), String> {
        let given = [&self.seller_id, &self.creator_id, &self.subject_id].map(|id| !id.is_empty());
        match given {
            [true, false, false] => Ok((v1::SubjectKind::Seller, &self.seller_id)),
            [false, true, false] => Ok((v1::SubjectKind::Creator, &self.creator_id)),
            [false, false, true] => match self.subject_kind.as_ref() {
                "" | "seller" | "SUBJECT_KIND_SELLER" => Ok((v1::SubjectKind::Seller, &self.subject_id)),
                "creator" | "SUBJECT_KIND_CREATOR" => Ok((v1::SubjectKind::Creator, &self.subject_id)),
                other => Err(format!("cannot be found: subject_kind is {other:?}; write seller or creator")),
            },
            [false, false, false] => Err("is required; or creator_id, or subject_kind and subject_id".to_owned()),
            _ => Err("is one of several; an event has one seller or one creator".to_owned()),
        }
    }
}

/// A value by its name, in either spelling; `None` if nothing is written.
fn named<T: Copy, const N: usize>(
    text: &str,
    prefix: &str,
    all: [T; N],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, String> {
    let plain = text.strip_prefix(prefix).map_or(Cow::Borrowed(text), |rest| rest.to_ascii_lowercase().into());
    if text.is_empty() || plain == "unspecified" {
        return Ok(None);
    }
    let found = all.into_iter().find(|one| name(*one) == plain);
    found.map(Some).ok_or_else(|| {
        let names = all.map(&name);
        let advice = did_you_mean(&plain, names).unwrap_or_else(|| format!("known are {}", List(&names)));
        format!("is {text:?}; {advice}")
    })
}

/// RFC 3339; a date alone is its first instant in UTC.
fn instant(text: &str) -> Result<Option<pbjson_types::Timestamp>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let whole = if text.len() == 10 { Cow::Owned(format!("{text}T00:00:00Z")) } else { Cow::Borrowed(text) };
    let read = pbjson_types::Timestamp::deserialize(StrDeserializer::<serde::de::value::Error>::new(&whole));
    read.map(Some).map_err(|_| format!("is {text:?}; write an instant like 2026-11-21T18:00:00Z, or a date"))
}

/// Names for people.
struct List<'a>(&'a [&'static str]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SubjectKind, Timestamp};

    #[test]
    fn a_line_may_be_short_or_as_the_contract_writes_it() {
        let short = r#"{"event_id": "e", "seller_id": "s", "kind": "content_removed", "area": "drug", "occurred_at": "2026-01-02"}"#;
        let long = r#"{"eventId": "e", "subjectKind": "SUBJECT_KIND_SELLER", "subjectId": "s", "kind": "EVENT_KIND_CONTENT_REMOVED",
            "area": "RISK_AREA_DRUG", "count": 1, "occurredAt": "2026-01-02T01:00:00+01:00"}"#;
        let event = parse_event(short).unwrap();
        assert_eq!(event, parse_event(long).unwrap());
        assert_eq!((event.kind, event.area, event.count), (EventKind::ContentRemoved, Some(RiskArea::Drug), 1));
        assert_eq!(event.occurred_at, Timestamp { seconds: 1_767_312_000, nanos: 0 });
        let creator = r#"{"event_id": "e", "creator_id": "c", "kind": "suspended", "occurred_at": "2026-01-02"}"#;
        let event = parse_event(creator).unwrap();
        assert_eq!((event.subject.kind, event.subject.id.as_str(), event.area), (SubjectKind::Creator, "c", None));
    }

    #[test]
    fn what_is_wrong_is_told_with_what_was_meant() {
        let message = |line: &str| parse_event(line).unwrap_err().to_string();
        let wrong =
            message(r#"{"event_id": "e", "kind": "content_removd", "area": "drugs", "occurred_at": "yesterday"}"#);
        for part in
            ["seller_id is required", "did you mean `content_removed`?", "did you mean `drug`?", "2026-11-21T18:00:00Z"]
        {
            assert!(wrong.contains(part), "{wrong}");
        }
        assert!(message(r#"{"event_id": "e", "seller_id": "s"}"#).contains("event.kind is required"));
        assert!(message(r#"{"event": "e"}"#).contains("unknown field `event`"));
        let both = r#"{"event_id": "e", "seller_id": "s", "creator_id": "c", "kind": "suspended", "occurred_at": "2026-01-02"}"#;
        assert!(message(both).contains("one seller or one creator"));
    }
}

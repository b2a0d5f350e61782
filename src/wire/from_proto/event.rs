//! Sellers and creators, and what happens to them.
//!
//! Not here: whether an event can have happened yet (the use case knows the time). Kept true: the limits are those that
//! `reputation_service.proto` documents.

use super::check::{Check, Path};
use super::parts;
use crate::domain::{EventKind, InvalidContent, RiskArea, StandingEvent, Subject, SubjectKind};
use crate::wire::{to_proto, v1};

/// Subjects that one watch may name.
const WATCHED: usize = 1000;

/// An event. `at` is its path in the request, e.g. `Path::root("event")`.
pub fn standing_event(message: Option<v1::StandingEvent>, at: Path<'_>) -> Result<StandingEvent, InvalidContent> {
    let mut check = Check::default();
    let Some(message) = message else {
        check.violation(at, "is required");
        return check.finish(at, never());
    };
    check.id(at.field("event_id"), &message.event_id);
    check_party(
        &mut check,
        (at.field("subject_kind"), message.subject_kind),
        at.field("subject_id"),
        &message.subject_id,
    );
    check.known::<v1::EventKind>(at.field("kind"), message.kind);
    check.require(message.kind != 0, at.field("kind"), format_args!("is required"));
    check.known::<v1::RiskArea>(at.field("area"), message.area);
    check.require(message.occurred_at.is_some(), at.field("occurred_at"), format_args!("is required"));
    check.timestamp(at.field("occurred_at"), message.occurred_at.as_ref());
    check.finish(at, message).map(convert)
}

/// The seller or creator that a request names.
pub fn party(kind: i32, id: String) -> Result<Subject, InvalidContent> {
    let mut check = Check::default();
    check_party(&mut check, (Path::root("subject_kind"), kind), Path::root("subject_id"), &id);
    check.finish(Path::root("subject_id"), ())?;
    Ok(Subject { kind: party_kind(kind), id })
}

/// One of the sellers and creators that a request names.
pub fn subject(message: v1::Subject, at: Path<'_>) -> Result<Subject, InvalidContent> {
    let mut check = Check::default();
    check_party(&mut check, (at.field("kind"), message.kind), at.field("id"), &message.id);
    check.finish(at, ())?;
    Ok(Subject { kind: party_kind(message.kind), id: message.id })
}

/// Those whom a watch names; none = all.
pub fn watched(subjects: Vec<v1::Subject>) -> Result<Vec<Subject>, InvalidContent> {
    let (mut check, at) = (Check::default(), Path::root("subjects"));
    let look = check.entries(at, subjects.len(), WATCHED);
    for (position, one) in subjects.iter().enumerate().take(look) {
        let at = at.item(position);
        check_party(&mut check, (at.field("kind"), one.kind), at.field("id"), &one.id);
    }
    check.finish(at, ())?;
    Ok(subjects.into_iter().map(|one| Subject { kind: party_kind(one.kind), id: one.id }).collect())
}

fn check_party(check: &mut Check, (kind_at, kind): (Path<'_>, i32), id_at: Path<'_>, id: &str) {
    let is_party = [v1::SubjectKind::Seller, v1::SubjectKind::Creator].map(i32::from).contains(&kind);
    check.require(is_party, kind_at, format_args!("is required: SUBJECT_KIND_SELLER or SUBJECT_KIND_CREATOR"));
    check.id(id_at, id);
}

fn party_kind(kind: i32) -> SubjectKind {
    if kind == i32::from(v1::SubjectKind::Creator) { SubjectKind::Creator } else { SubjectKind::Seller }
}

fn convert(message: v1::StandingEvent) -> StandingEvent {
    let (kind, area) = (message.kind(), message.area());
    StandingEvent {
        subject: Subject { kind: party_kind(message.subject_kind), id: message.subject_id },
        // `check` has seen that it is one of them.
        kind: EventKind::ALL.into_iter().find(|known| to_proto::event_kind(*known) == kind).unwrap_or(never().kind),
        area: RiskArea::ALL.into_iter().find(|known| to_proto::area(*known) == area),
        count: message.count.max(1),
        occurred_at: message.occurred_at.map(parts::convert_timestamp).unwrap_or_default(),
        event_id: message.event_id,
    }
}

/// What stands in for an event where there is none: it never leaves this file.
fn never() -> StandingEvent {
    StandingEvent {
        event_id: String::new(),
        subject: Subject { kind: SubjectKind::Seller, id: String::new() },
        kind: EventKind::NoticeRejected,
        area: None,
        count: 1,
        occurred_at: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn message() -> v1::StandingEvent {
        v1::StandingEvent {
            event_id: "e-1".into(),
            subject_kind: v1::SubjectKind::Creator.into(),
            subject_id: "c-1".into(),
            kind: v1::EventKind::ContentRemoved.into(),
            area: v1::RiskArea::Influencer.into(),
            count: 0,
            occurred_at: Some(pbjson_types::Timestamp { seconds: 7, nanos: 5 }),
        }
    }

    #[test]
    fn every_kind_comes_through_and_no_count_is_once() {
        for kind in EventKind::ALL {
            let sent = v1::StandingEvent { kind: to_proto::event_kind(kind).into(), ..message() };
            let event = standing_event(Some(sent), Path::root("event")).unwrap();
            assert_eq!((event.kind, event.count, event.area), (kind, 1, Some(RiskArea::Influencer)));
            assert_eq!(event.subject, Subject { kind: SubjectKind::Creator, id: "c-1".into() });
            assert_eq!(event.occurred_at, Timestamp { seconds: 7, nanos: 5 });
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_path() {
        let sent = v1::StandingEvent { area: 99, subject_kind: v1::SubjectKind::Listing.into(), ..Default::default() };
        let faults = standing_event(Some(sent), Path::root("event")).unwrap_err().violations;
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        let expected = ["event_id", "subject_kind", "subject_id", "kind", "area", "occurred_at"];
        assert_eq!(fields, expected.map(|field| format!("event.{field}")));
        assert_eq!(standing_event(None, Path::root("event")).unwrap_err().violations[0].field, "event");
        assert!(party(0, "s".into()).is_err() && party(1, "x".repeat(257)).is_err() && party(2, "c".into()).is_ok());
        assert!(watched(vec![v1::Subject { kind: 1, id: "s".into() }; 1001]).is_err());
    }
}

//! Filters of decisions, outcomes, notices.
//!
//! Not here: whether a decision exists (the use case asks the store). Kept true: the limits are those that `decision_service.proto`
//! documents.

use super::check::{Check, Path};
use super::parts;
use crate::domain::{
    Action, InvalidContent, Notice, NoticeKind, Outcome, OutcomeKind, RiskArea, Subject, SubjectKind, Timestamp,
};
use crate::store::{Cursor, DecisionQuery, TimeRange};
use crate::wire::{to_proto, v1};

/// Longest note on an outcome, bytes.
const NOTE: usize = 4 << 10;
/// Longest explanation of a notice, bytes.
const EXPLANATION: usize = 16 << 10;
/// Longest identifier of an outcome: the event that it causes has one with a word before it.
const OUTCOME_ID: usize = 200;

/// The identifier of a decision.
pub fn decision_id(id: &str) -> Result<(), InvalidContent> {
    let mut check = Check::default();
    check.id(Path::root("decision_id"), id);
    check.finish(Path::root("decision_id"), ())
}

/// Which decisions are asked for, and how many of them: 1..=1000, 0 = 100.
pub fn decision_query(filter: Option<v1::DecisionFilter>, page_size: i32) -> Result<DecisionQuery, InvalidContent> {
    let (mut check, at) = (Check::default(), Path::root("filter"));
    let filter = filter.unwrap_or_default();
    let page = Path::root("page_size");
    check.require((0..=1000).contains(&page_size), page, format_args!("is {page_size}; allowed are 0..1000"));
    check.known::<v1::Action>(at.field("min_action"), filter.min_action);
    check.known::<v1::RiskArea>(at.field("area"), filter.area);
    check_subject(&mut check, at.field("subject"), filter.subject.as_ref(), &[SubjectKind::Listing, SubjectKind::Post]);
    check_subject(&mut check, at.field("party"), filter.party.as_ref(), &[SubjectKind::Seller, SubjectKind::Creator]);
    check.text(at.field("policy_digest"), &filter.policy_digest, 256);
    check.timestamp(at.field("since"), filter.since.as_ref());
    check.timestamp(at.field("until"), filter.until.as_ref());
    check.finish(at, ())?;
    Ok(DecisionQuery {
        at_least: action(filter.min_action()),
        area: area(filter.area()),
        subject: filter.subject.and_then(subject),
        party: filter.party.and_then(subject),
        policy: Some(filter.policy_digest).filter(|digest| !digest.is_empty()),
        recorded: TimeRange {
            since: filter.since.map(parts::convert_timestamp),
            until: filter.until.map(parts::convert_timestamp),
        },
        before_id: None,
        limit: if page_size == 0 { 100 } else { usize::try_from(page_size).unwrap_or(100) },
    })
}

/// Where a watch goes on, and how grave decisions must be.
pub fn watch(request: &v1::WatchDecisionsRequest) -> Result<(Option<Cursor>, Option<Action>), InvalidContent> {
    let mut check = Check::default();
    check.known::<v1::Action>(Path::root("min_action"), request.min_action);
    let cursor = request.resume_token.parse::<Cursor>();
    check.require(cursor.is_ok(), Path::root("resume_token"), format_args!("is not a token of this service"));
    check.finish(Path::root("request"), ())?;
    let cursor = cursor.ok().filter(|_| !request.resume_token.is_empty());
    Ok((cursor, action(request.min_action())))
}

/// What a person decided. `now` stands in where the caller does not say when.
pub fn outcome(request: v1::RecordOutcomeRequest, now: Timestamp) -> Result<Outcome, InvalidContent> {
    let mut check = Check::default();
    check.id(Path::root("decision_id"), &request.decision_id);
    check.known::<v1::OutcomeKind>(Path::root("outcome"), request.outcome);
    check.require(request.outcome != 0, Path::root("outcome"), format_args!("is required"));
    check.text(Path::root("note"), &request.note, NOTE);
    check.text(Path::root("outcome_id"), &request.outcome_id, OUTCOME_ID);
    check.timestamp(Path::root("decided_at"), request.decided_at.as_ref());
    check.finish(Path::root("request"), ())?;
    let sent = request.outcome();
    let known = OutcomeKind::ALL.into_iter().find(|kind| to_proto::outcome_kind(*kind) == sent);
    let kind = known.unwrap_or(OutcomeKind::Rejected); // `check` has seen that it is one of them
    let outcome_id = match request.outcome_id {
        id if id.is_empty() => format!("{}:{kind}", request.decision_id),
        id => id,
    };
    Ok(Outcome {
        outcome_id,
        decision_id: request.decision_id,
        kind,
        note: request.note,
        decided_at: request.decided_at.map_or(now, parts::convert_timestamp),
    })
}

/// Somebody's report. `now` stands in where the caller does not say when.
pub fn notice(request: v1::SubmitNoticeRequest, now: Timestamp) -> Result<Notice, InvalidContent> {
    let mut check = Check::default();
    check.id(Path::root("notice_id"), &request.notice_id);
    let at = Path::root("subject");
    check.require(request.subject.is_some(), at, format_args!("is required"));
    let kinds = [SubjectKind::Listing, SubjectKind::Post, SubjectKind::Seller, SubjectKind::Creator];
    check_subject(&mut check, at, request.subject.as_ref(), &kinds);
    check.text(Path::root("decision_id"), &request.decision_id, 256);
    check.known::<v1::NoticeKind>(Path::root("kind"), request.kind);
    check.require(request.kind != 0, Path::root("kind"), format_args!("is required"));
    check.known::<v1::RiskArea>(Path::root("area"), request.area);
    check.text(Path::root("explanation"), &request.explanation, EXPLANATION);
    check.timestamp(Path::root("submitted_at"), request.submitted_at.as_ref());
    check.finish(Path::root("request"), ())?;
    let (sent, area) = (request.kind(), area(request.area()));
    let known = NoticeKind::ALL.into_iter().find(|kind| to_proto::notice_kind(*kind) == sent);
    let nobody = Subject { kind: SubjectKind::Listing, id: String::new() }; // `check` has seen that there is one
    Ok(Notice {
        notice_id: request.notice_id,
        subject: request.subject.and_then(subject).unwrap_or(nobody),
        decision_id: Some(request.decision_id).filter(|id| !id.is_empty()),
        kind: known.unwrap_or(NoticeKind::Other),
        area,
        explanation: request.explanation,
        submitted_at: request.submitted_at.map_or(now, parts::convert_timestamp),
    })
}

fn check_subject(check: &mut Check, at: Path<'_>, subject: Option<&v1::Subject>, kinds: &[SubjectKind]) {
    let Some(subject) = subject else { return };
    let allowed = kinds.iter().any(|kind| i32::from(to_proto::subject_kind(*kind)) == subject.kind);
    check.require(allowed, at.field("kind"), format_args!("is none that can stand here"));
    check.id(at.field("id"), &subject.id);
}

fn subject(message: v1::Subject) -> Option<Subject> {
    let sent = message.kind();
    let kinds = [SubjectKind::Seller, SubjectKind::Creator, SubjectKind::Listing, SubjectKind::Post];
    let kind = kinds.into_iter().find(|kind| to_proto::subject_kind(*kind) == sent)?;
    Some(Subject { kind, id: message.id })
}

fn action(sent: v1::Action) -> Option<Action> {
    Action::ALL.into_iter().find(|action| to_proto::action(*action) == sent)
}

fn area(sent: v1::RiskArea) -> Option<RiskArea> {
    RiskArea::ALL.into_iter().find(|area| to_proto::area(*area) == sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields<T>(result: Result<T, InvalidContent>) -> Vec<String> {
        result.err().map(|invalid| invalid.violations.into_iter().map(|one| one.field).collect()).unwrap_or_default()
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_path() {
        let subject = Some(v1::Subject { kind: v1::SubjectKind::Seller.into(), id: String::new() });
        let filter = v1::DecisionFilter { min_action: 99, area: 99, subject, ..Default::default() };
        let expected = ["page_size", "filter.min_action", "filter.area", "filter.subject.kind", "filter.subject.id"];
        assert_eq!(fields(decision_query(Some(filter), -1)), expected);
        assert_eq!(
            fields(outcome(v1::RecordOutcomeRequest::default(), Timestamp::default())),
            ["decision_id", "outcome"]
        );
        assert_eq!(
            fields(notice(v1::SubmitNoticeRequest::default(), Timestamp::default())),
            ["notice_id", "subject", "kind"]
        );
        let watched = v1::WatchDecisionsRequest { resume_token: "x".into(), ..Default::default() };
        assert_eq!(fields(watch(&watched)), ["resume_token"]);
    }

    #[test]
    fn without_an_identifier_there_is_one_outcome_of_each_kind_for_a_decision() {
        let request = v1::RecordOutcomeRequest {
            decision_id: "d-1".into(),
            outcome: v1::OutcomeKind::Confirmed.into(),
            ..Default::default()
        };
        let now = Timestamp { seconds: 7, nanos: 0 };
        let outcome = outcome(request, now).unwrap();
        assert_eq!((outcome.outcome_id.as_str(), outcome.decided_at), ("d-1:confirmed", now));
    }
}

//! Decisions with their history.
//!
//! Not here: assessments (`to_proto.rs`). Kept true: digests are written in hexadecimal.

use super::{area, assessment, content, subject, timestamp};
use crate::domain::{Content, Decision, DecisionHistory, Link, Notice, NoticeKind, Outcome, OutcomeKind, Recorded};
use crate::wire::v1;

/// A decision without its history.
pub fn decision(recorded: Recorded<Decision>) -> v1::Decision {
    let Recorded { link, record } = recorded;
    v1::Decision {
        decision_id: record.assessment.assessment_id.clone(),
        assessment: Some(assessment(record.assessment)),
        party: Some(subject(record.party)),
        content_digest: record.content_digest.to_string(),
        digest: link.digest.to_string(),
        previous_digest: link.previous_digest.to_string(),
        link: Some(self::link(link)),
        ..v1::Decision::default()
    }
}

/// A decision with its history.
pub fn decision_history(history: DecisionHistory) -> v1::Decision {
    let mut message = v1::Decision {
        outcomes: history.outcomes.into_iter().map(outcome).collect(),
        notices: history.notices.into_iter().map(|recorded| notice(recorded.record)).collect(),
        ..decision(history.decision)
    };
    match history.content {
        Some(Content::Listing(listing)) => message.listing = Some(content::listing(listing)),
        Some(Content::Post(post)) => message.post = Some(content::post(post)),
        None => {}
    }
    message
}

/// A notice.
pub fn notice(notice: Notice) -> v1::Notice {
    v1::Notice {
        notice_id: notice.notice_id,
        subject: Some(subject(notice.subject)),
        decision_id: notice.decision_id.unwrap_or_default(),
        kind: notice_kind(notice.kind).into(),
        area: notice.area.map(area).unwrap_or_default().into(),
        explanation: notice.explanation,
        submitted_at: Some(timestamp(notice.submitted_at)),
    }
}

fn outcome(recorded: Recorded<Outcome>) -> v1::Outcome {
    let Recorded { link, record } = recorded;
    v1::Outcome {
        outcome_id: record.outcome_id,
        outcome: outcome_kind(record.kind).into(),
        note: record.note,
        decided_at: Some(timestamp(record.decided_at)),
        link: Some(self::link(link)),
    }
}

fn link(link: Link) -> v1::ChainLink {
    v1::ChainLink {
        chain: link.chain,
        sequence: link.sequence,
        recorded_at: Some(timestamp(link.recorded_at)),
        digest: link.digest.to_string(),
        previous_digest: link.previous_digest.to_string(),
    }
}

/// What a person decided.
pub const fn outcome_kind(kind: OutcomeKind) -> v1::OutcomeKind {
    match kind {
        OutcomeKind::Confirmed => v1::OutcomeKind::Confirmed,
        OutcomeKind::Rejected => v1::OutcomeKind::Rejected,
        OutcomeKind::AppealUpheld => v1::OutcomeKind::AppealUpheld,
        OutcomeKind::AppealDismissed => v1::OutcomeKind::AppealDismissed,
    }
}

/// Who reported.
pub const fn notice_kind(kind: NoticeKind) -> v1::NoticeKind {
    match kind {
        NoticeKind::Article16 => v1::NoticeKind::Article16,
        NoticeKind::TrustedFlagger => v1::NoticeKind::TrustedFlagger,
        NoticeKind::Other => v1::NoticeKind::Other,
    }
}

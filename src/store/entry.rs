//! Records as they are stored, and questions about them.
//!
//! Not here: what a record means (`domain/decision.rs`), tables (the backends). Kept true: keys are nothing but what the body says, so
//! that a verifier can hold each of them against it.

use crate::domain::{Action, Digest, Link, Record, RecordKind, RiskArea, Subject, SubjectKind, Timestamp};

/// What an entry can be found by. All of it follows from the body; nothing of it remains when the body is erased.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keys {
    /// Identifier of the record.
    pub id: Option<String>,
    /// Identifier of the decision that it is about.
    pub about: Option<String>,
    /// Listing or post.
    pub subject: Option<Subject>,
    /// Seller or creator.
    pub party: Option<Subject>,
    /// The area of the largest risk.
    pub area: Option<RiskArea>,
    /// What was recommended.
    pub action: Option<Action>,
    /// Digest of the policy pack.
    pub policy: Option<String>,
    /// Items that a tally counts.
    pub amount: Option<i64>,
}

impl Keys {
    /// Of a record.
    pub fn of(record: &Record) -> Self {
        let id = Some(record.id().to_owned());
        match record {
            Record::Decision(decision) => {
                let assessment = &decision.assessment;
                Keys {
                    id,
                    subject: Some(assessment.subject.clone()),
                    party: Some(decision.party.clone()),
                    area: assessment.verdict.areas.first().map(|first| first.area),
                    action: Some(assessment.verdict.action),
                    policy: Some(assessment.policy.digest.clone()),
                    ..Keys::default()
                }
            }
            Record::Outcome(outcome) => Keys { id, about: Some(outcome.decision_id.clone()), ..Keys::default() },
            Record::Notice(notice) => {
                let (about, subject) = (notice.decision_id.clone(), Some(notice.subject.clone()));
                Keys { id, about, subject, area: notice.area, ..Keys::default() }
            }
            Record::Event(event) => {
                Keys { id, party: Some(event.subject.clone()), area: event.area, ..Keys::default() }
            }
            Record::Tally(tally) => {
                let amount = Some(i64::try_from(tally.allowed).unwrap_or(i64::MAX));
                Keys { id, policy: Some(tally.policy_digest.clone()), amount, ..Keys::default() }
            }
            Record::Erasure(_) => Keys { id, ..Keys::default() },
            Record::Mention(mention) => Keys {
                id,
                subject: Some(Subject { kind: SubjectKind::Listing, id: mention.listing_id.clone() }),
                party: Some(Subject { kind: SubjectKind::Creator, id: mention.creator_id.clone() }),
                ..Keys::default()
            },
            Record::Policy(version) => Keys { id, policy: Some(version.policy.digest.clone()), ..Keys::default() },
        }
    }
}

/// A place in a chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Identifier of the chain.
    pub chain: String,
    /// From 1.
    pub sequence: u64,
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where.
    pub link: Link,
    /// What it is about.
    pub kind: RecordKind,
    /// BLAKE3 of the body.
    pub body_digest: Digest,
    /// Canonical bytes; `None` once they are erased.
    pub body: Option<Vec<u8>>,
    /// What it can be found by.
    pub keys: Keys,
}

impl Entry {
    /// Where it is.
    pub fn place(&self) -> Place {
        Place { chain: self.link.chain.clone(), sequence: self.link.sequence }
    }
}

/// From an instant (inclusive) to an instant (exclusive); `None` = without an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// First instant in it.
    pub since: Option<Timestamp>,
    /// First instant behind it.
    pub until: Option<Timestamp>,
}

/// Which decisions to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionQuery {
    /// At least so grave.
    pub at_least: Option<Action>,
    /// The largest risk lies in this area.
    pub area: Option<RiskArea>,
    /// About this listing or post.
    pub subject: Option<Subject>,
    /// About content of this seller or creator.
    pub party: Option<Subject>,
    /// Under this policy pack (digest).
    pub policy: Option<String>,
    /// Recorded in this time.
    pub recorded: TimeRange,
    /// Only identifiers before this one: where the page before ended.
    pub before_id: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// Entries behind a cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// Chain by chain, in the order of each.
    pub entries: Vec<Entry>,
    /// Behind them.
    pub cursor: super::Cursor,
}

/// What to erase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erase {
    /// Contents of decisions recorded before.
    pub contents_before: Option<Timestamp>,
    /// Decisions, outcomes, notices and mentions recorded before, with their contents. Events stay: standings are made of them. So do tallies.
    pub records_before: Option<Timestamp>,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Contents.
    pub contents: u64,
    /// Decisions, outcomes, notices and mentions.
    pub records: u64,
}

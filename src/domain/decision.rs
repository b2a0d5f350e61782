//! What is kept of what was decided: decisions, outcomes, notices, and their places in a chain.
//!
//! Not here: how records become bytes and digests (`store/canonical`), where they are kept (`store/`). Kept true: a record is never
//! changed; whatever is learnt later is a record of its own that names the one before.

use std::fmt;
use std::str::FromStr;

use super::words::words;
use super::{
    Assessment, Content, Mention, ModelReference, PolicyReference, RiskArea, StandingEvent, Subject, SubjectKind,
    Timestamp,
};

/// 32 bytes of BLAKE3. Written in hexadecimal.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first record of a chain has before it.
    pub const ZERO: Digest = Digest([0; 32]);

    /// From bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }

    /// The bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Digest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(());
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * at..2 * at + 2).ok_or(())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| ())?;
        }
        Ok(Digest(bytes))
    }
}

words! {
    /// What a record is about.
    RecordKind {
        /// An assessment that was given as an answer.
        Decision = "decision",
        /// What a person decided about it.
        Outcome = "outcome",
        /// Somebody's report.
        Notice = "notice",
        /// Something that happened to a seller or creator.
        Event = "event",
        /// How many items were allowed without a record of their own.
        Tally = "tally",
        /// That older records were erased.
        Erasure = "erasure",
        /// That a policy pack came into force.
        Policy = "policy",
        /// That a post promotes a listing.
        Mention = "mention",
    }
}

words! {
    /// What a person decided.
    OutcomeKind {
        /// There was a problem.
        Confirmed = "confirmed",
        /// There was none.
        Rejected = "rejected",
        /// A complaint (DSA Art. 20) or dispute (Art. 21) against it went in favour of the seller or creator.
        AppealUpheld = "appeal_upheld",
        /// A complaint or dispute against it failed.
        AppealDismissed = "appeal_dismissed",
    }
}

words! {
    /// Who reported.
    NoticeKind {
        /// Anybody (DSA Art. 16).
        Article16 = "article_16",
        /// A trusted flagger (DSA Art. 22), to be looked at first.
        TrustedFlagger = "trusted_flagger",
        /// By another way.
        Other = "other",
    }
}

/// An assessment that was given as an answer, with what it was about.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The answer. Its `assessment_id` is the identifier of the decision.
    pub assessment: Assessment,
    /// The seller of the listing or the creator of the post.
    pub party: Subject,
    /// Of the canonical bytes of the content, so that content kept elsewhere can be shown to be the same.
    pub content_digest: Digest,
}

/// What a person decided about what a decision flagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Names it for ever; the same identifier again is the same outcome.
    pub outcome_id: String,
    /// The decision.
    pub decision_id: String,
    /// What was decided.
    pub kind: OutcomeKind,
    /// Why, for people. May be empty.
    pub note: String,
    /// When.
    pub decided_at: Timestamp,
}

/// Somebody's report that content may break a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it for ever; the same identifier again is the same notice.
    pub notice_id: String,
    /// The listing, post, seller or creator reported.
    pub subject: Subject,
    /// A decision about it, if the reporter knows one.
    pub decision_id: Option<String>,
    /// Who reported.
    pub kind: NoticeKind,
    /// The area, if the reporter names one.
    pub area: Option<RiskArea>,
    /// In the reporter's words. May be empty.
    pub explanation: String,
    /// When.
    pub submitted_at: Timestamp,
}

/// How many items were allowed under a policy between two instants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Names it for ever.
    pub tally_id: String,
    /// Digest of the pack.
    pub policy_digest: String,
    /// Listings or posts.
    pub subject_kind: SubjectKind,
    /// How many.
    pub allowed: u64,
    /// From here.
    pub since: Timestamp,
    /// Up to here.
    pub until: Timestamp,
}

/// That the bodies of older records of this chain were erased. Their digests stay, so the chain can still be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Names it for ever.
    pub erasure_id: String,
    /// Decisions, outcomes and notices recorded before this instant were erased.
    pub before: Timestamp,
    /// How many.
    pub erased: u64,
}

/// That a policy pack came into force in a process: under which pack a decision was made, its digest says; which pack that
/// digest stood for, and since when, this does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Names it for ever.
    pub policy_version_id: String,
    /// The pack.
    pub policy: PolicyReference,
    /// Its text model.
    pub model: ModelReference,
    /// When.
    pub in_force_since: Timestamp,
}

/// One thing that is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An assessment that was given as an answer.
    Decision(Box<Decision>),
    /// What a person decided about it.
    Outcome(Outcome),
    /// Somebody's report.
    Notice(Notice),
    /// Something that happened to a seller or creator.
    Event(StandingEvent),
    /// How many items were allowed without a record of their own.
    Tally(Tally),
    /// That older records were erased.
    Erasure(Erasure),
    /// That a policy pack came into force.
    Policy(PolicyVersion),
    /// That a post promotes a listing.
    Mention(Box<Mention>),
}

impl Record {
    /// What it is about.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Record::Decision(_) => RecordKind::Decision,
            Record::Outcome(_) => RecordKind::Outcome,
            Record::Notice(_) => RecordKind::Notice,
            Record::Event(_) => RecordKind::Event,
            Record::Tally(_) => RecordKind::Tally,
            Record::Erasure(_) => RecordKind::Erasure,
            Record::Policy(_) => RecordKind::Policy,
            Record::Mention(_) => RecordKind::Mention,
        }
    }

    /// Its identifier, unique among records of its kind.
    pub fn id(&self) -> &str {
        match self {
            Record::Decision(decision) => &decision.assessment.assessment_id,
            Record::Outcome(outcome) => &outcome.outcome_id,
            Record::Notice(notice) => &notice.notice_id,
            Record::Event(event) => &event.event_id,
            Record::Tally(tally) => &tally.tally_id,
            Record::Erasure(erasure) => &erasure.erasure_id,
            Record::Policy(version) => &version.policy_version_id,
            Record::Mention(mention) => &mention.mention_id,
        }
    }
}

/// The place of a record in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Identifier of the chain. A writer extends one chain at a time, and nobody else that one meanwhile.
    pub chain: String,
    /// 1, 2, 3 … without a gap.
    pub sequence: u64,
    /// By the writer's clock, microseconds; may go backwards, the sequence does not.
    pub recorded_at: Timestamp,
    /// Of the record before; zero for the first one.
    pub previous_digest: Digest,
    /// Covers everything above and the record's canonical bytes.
    pub digest: Digest,
}

/// A record in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded<T> {
    /// Where.
    pub link: Link,
    /// What.
    pub record: T,
}

/// A decision with everything that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionHistory {
    /// The decision in its place.
    pub decision: Recorded<Decision>,
    /// The content, if it was kept and has not been erased.
    pub content: Option<Content>,
    /// What people decided, oldest first.
    pub outcomes: Vec<Recorded<Outcome>>,
    /// Reports about it or its subject that name it, oldest first.
    pub notices: Vec<Recorded<Notice>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back_as_it_was_written() {
        let digest = Digest::new(std::array::from_fn(|at| u8::try_from(at * 7).unwrap()));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert!(wrong.parse::<Digest>().is_err(), "{wrong}");
        }
    }
}

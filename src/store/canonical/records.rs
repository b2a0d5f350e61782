//! Records, field by field.
//!
//! Not here: what the fields mean (`domain/decision.rs`, `domain/event.rs`). Kept true: the order of fields never changes within a
//! version; the kind stands first, so that bytes of one kind are never read as another.

use super::{Canonical, Malformed, Reader, in_order};
use crate::domain::{
    Decision, Erasure, Mention, Notice, Outcome, PolicyVersion, Record, RecordKind, StandingEvent, Tally,
};

in_order! {
    Decision { assessment, party, content_digest }
    Outcome { outcome_id, decision_id, kind, note, decided_at }
    Notice { notice_id, subject, decision_id, kind, area, explanation, submitted_at }
    StandingEvent { event_id, subject, kind, area, count, occurred_at }
    Tally { tally_id, policy_digest, subject_kind, allowed, since, until }
    Erasure { erasure_id, before, erased }
    PolicyVersion { policy_version_id, policy, model, in_force_since }
}

impl Canonical for Record {
    fn write(&self, to: &mut Vec<u8>) {
        self.kind().write(to);
        match self {
            Record::Decision(decision) => decision.write(to),
            Record::Outcome(outcome) => outcome.write(to),
            Record::Notice(notice) => notice.write(to),
            Record::Event(event) => event.write(to),
            Record::Tally(tally) => tally.write(to),
            Record::Erasure(erasure) => erasure.write(to),
            Record::Policy(version) => version.write(to),
            Record::Mention(mention) => mention.write(to),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match RecordKind::read(from)? {
            RecordKind::Decision => Record::Decision(Box::new(Decision::read(from)?)),
            RecordKind::Outcome => Record::Outcome(Outcome::read(from)?),
            RecordKind::Notice => Record::Notice(Notice::read(from)?),
            RecordKind::Event => Record::Event(StandingEvent::read(from)?),
            RecordKind::Tally => Record::Tally(Tally::read(from)?),
            RecordKind::Erasure => Record::Erasure(Erasure::read(from)?),
            RecordKind::Policy => Record::Policy(PolicyVersion::read(from)?),
            RecordKind::Mention => Record::Mention(Box::new(Mention::read(from)?)),
        })
    }
}

//! From the domain to the wire. Cannot fail.
//!
//! Not here: errors (`grpc/status.rs`), JSON text (`json.rs`). Kept true: texts move; enums are mapped by name, without a
//! wildcard, so that a new word of the domain does not compile until the contract has it.

use std::time::Duration;

use super::v1;
use crate::domain::{
    Action, AreaRisk, Assessment, Concealment, Diagnostic, Evidence, LegalBasis, Level, RiskArea, Signal, Subject,
    SubjectKind, Timestamp,
};
use crate::engine::CriterionVerdict;
use crate::policy::{CompiledPack, CompiledSignal};
use crate::service::PolicySummary;

mod content;
mod decision;
mod promotion;
mod standing;
mod trace;
pub use decision::{decision, decision_history, notice, notice_kind, outcome_kind};
pub use promotion::promotion;
pub use standing::{event_kind, standing_detail, standing_update};
pub use trace::trace;

/// An assessment.
pub fn assessment(assessment: Assessment) -> v1::Assessment {
    let Assessment { assessment_id, subject, verdict, policy, model, assessed_at, engine_duration, .. } = assessment;
    v1::Assessment {
        assessment_id,
        subject: Some(self::subject(subject)),
        risk: verdict.risk.get(),
        level: level(verdict.level).into(),
        action: action(verdict.action).into(),
        areas: verdict.areas.into_iter().map(area_risk).collect(),
        signals: verdict.signals.into_iter().map(signal).collect(),
        standing: assessment.standing.map(|known| standing::standing(known, assessed_at)),
        policy: Some(v1::PolicyReference { name: policy.name, version: policy.version, digest: policy.digest }),
        model: Some(v1::ModelReference { version: model.version, digest: model.digest }),
        language_code: verdict.language_code,
        diagnostics: verdict.diagnostics.into_iter().map(diagnostic).collect(),
        assessed_at: Some(timestamp(assessed_at)),
        engine_duration: Some(duration(engine_duration)),
    }
}

/// A subject.
pub fn subject(subject: Subject) -> v1::Subject {
    v1::Subject { kind: subject_kind(subject.kind).into(), id: subject.id }
}

/// What a subject is.
pub const fn subject_kind(kind: SubjectKind) -> v1::SubjectKind {
    match kind {
        SubjectKind::Seller => v1::SubjectKind::Seller,
        SubjectKind::Creator => v1::SubjectKind::Creator,
        SubjectKind::Listing => v1::SubjectKind::Listing,
        SubjectKind::Post => v1::SubjectKind::Post,
    }
}

/// An instant.
pub fn timestamp(timestamp: Timestamp) -> pbjson_types::Timestamp {
    // The domain keeps nanos below 10^9, which fits.
    pbjson_types::Timestamp { seconds: timestamp.seconds, nanos: i32::try_from(timestamp.nanos).unwrap_or(0) }
}

/// A risk area.
pub const fn area(area: RiskArea) -> v1::RiskArea {
    match area {
        RiskArea::Medicine => v1::RiskArea::Medicine,
        RiskArea::Food => v1::RiskArea::Food,
        RiskArea::Supplement => v1::RiskArea::Supplement,
        RiskArea::Adult => v1::RiskArea::Adult,
        RiskArea::HiddenLink => v1::RiskArea::HiddenLink,
        RiskArea::Counterfeit => v1::RiskArea::Counterfeit,
        RiskArea::Influencer => v1::RiskArea::Influencer,
        RiskArea::SyntheticMedia => v1::RiskArea::SyntheticMedia,
        RiskArea::Civic => v1::RiskArea::Civic,
        RiskArea::AdTargeting => v1::RiskArea::AdTargeting,
        RiskArea::Traceability => v1::RiskArea::Traceability,
        RiskArea::ProductSafety => v1::RiskArea::ProductSafety,
        RiskArea::Weapon => v1::RiskArea::Weapon,
        RiskArea::Drug => v1::RiskArea::Drug,
        RiskArea::Wildlife => v1::RiskArea::Wildlife,
        RiskArea::Tobacco => v1::RiskArea::Tobacco,
        RiskArea::Precursor => v1::RiskArea::Precursor,
        RiskArea::Fraud => v1::RiskArea::Fraud,
    }
}

fn legal_basis(articles: Vec<LegalBasis>) -> Vec<v1::LegalBasis> {
    articles.into_iter().map(|LegalBasis { act, article, url }| v1::LegalBasis { act, article, url }).collect()
}

/// What the pack says about a criterion.
pub fn targeting_verdict(verdict: CriterionVerdict) -> v1::TargetingVerdict {
    let CriterionVerdict { allowed, special_category, reason, legal_basis } = verdict;
    v1::TargetingVerdict {
        allowed,
        special_category: special_category.map(|one| one.as_str().to_owned()).unwrap_or_default(),
        reason,
        legal_basis: self::legal_basis(legal_basis),
    }
}

/// The pack in force.
pub fn policy(summary: PolicySummary) -> v1::Policy {
    v1::Policy {
        name: summary.reference.name,
        version: summary.reference.version,
        digest: summary.reference.digest,
        loaded_at: Some(timestamp(summary.loaded_at)),
        signal_count: count(summary.signals),
        lexicon_count: count(summary.lexicons),
        term_count: count(summary.terms),
        last_error: summary.last_error,
    }
}

/// A signal as its pack defines it.
pub fn signal_definition(signal: &CompiledSignal, pack: &CompiledPack) -> v1::SignalDefinition {
    v1::SignalDefinition {
        signal_id: signal.id.clone(),
        area: area(signal.area).into(),
        weight_nats: signal.weight.get(),
        group: pack.groups.get(usize::from(signal.group)).cloned().unwrap_or_default(),
        condition: signal.source.clone(),
        message: signal.message.clone(),
        legal_basis: legal_basis(signal.legal_basis.clone()),
        sor_category: signal.sor_category.clone(),
        sor_keyword: signal.sor_keyword.clone(),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

const fn level(level: Level) -> v1::Level {
    match level {
        Level::Minimal => v1::Level::Minimal,
        Level::Low => v1::Level::Low,
        Level::Elevated => v1::Level::Elevated,
        Level::High => v1::Level::High,
        Level::Critical => v1::Level::Critical,
    }
}

/// What a pack recommends.
pub const fn action(action: Action) -> v1::Action {
    match action {
        Action::Allow => v1::Action::Allow,
        Action::RequireDisclosure => v1::Action::RequireDisclosure,
        Action::AgeGate => v1::Action::AgeGate,
        Action::Demote => v1::Action::Demote,
        Action::Review => v1::Action::Review,
        Action::Block => v1::Action::Block,
        Action::Escalate => v1::Action::Escalate,
    }
}

const fn concealment(concealment: Concealment) -> v1::Concealment {
    match concealment {
        Concealment::None => v1::Concealment::None,
        Concealment::Diacritic => v1::Concealment::Diacritic,
        Concealment::Repetition => v1::Concealment::Repetition,
        Concealment::Spacing => v1::Concealment::Spacing,
        Concealment::Leet => v1::Concealment::Leet,
        Concealment::Emoji => v1::Concealment::Emoji,
        Concealment::Confusable => v1::Concealment::Confusable,
        Concealment::ZeroWidth => v1::Concealment::ZeroWidth,
        Concealment::Reversed => v1::Concealment::Reversed,
    }
}

fn area_risk(risk: AreaRisk) -> v1::AreaRisk {
    v1::AreaRisk {
        area: area(risk.area).into(),
        risk: risk.risk.get(),
        level: level(risk.level).into(),
        action: action(risk.action).into(),
    }
}

fn signal(signal: Signal) -> v1::Signal {
    v1::Signal {
        signal_id: signal.signal_id,
        area: area(signal.area).into(),
        weight_nats: signal.weight.get(),
        contribution_nats: signal.contribution.get(),
        group: signal.group,
        message: signal.message,
        legal_basis: legal_basis(signal.legal_basis),
        sor_category: signal.sor_category,
        sor_keyword: signal.sor_keyword,
        evidence: evidence(signal.evidence),
    }
}

fn evidence(pieces: Vec<Evidence>) -> Vec<v1::Evidence> {
    pieces.into_iter().map(one_evidence).collect()
}

fn one_evidence(evidence: Evidence) -> v1::Evidence {
    v1::Evidence {
        field_path: evidence.field_path,
        start_byte: evidence.span.start(),
        end_byte: evidence.span.end(),
        original_text: evidence.original_text,
        folded_text: evidence.folded_text,
        concealment: concealment(evidence.concealment).into(),
        fact: evidence.fact,
        related_subject: evidence.related_subject.map(subject),
    }
}

fn diagnostic(diagnostic: Diagnostic) -> v1::Diagnostic {
    v1::Diagnostic {
        code: diagnostic.code.into_owned(),
        message: diagnostic.message,
        field_path: diagnostic.field_path,
    }
}

fn duration(duration: Duration) -> pbjson_types::Duration {
    pbjson_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(0),
    }
}

#[cfg(test)]
mod tests;

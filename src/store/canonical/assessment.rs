//! Assessments and what they are made of, field by field.
//!
//! Not here: what the fields mean (`domain/assessment.rs`). Kept true: the order of fields never changes within a version.

use std::time::Duration;

use super::{Canonical, Malformed, Reader, in_order};
use crate::domain::{
    AreaRisk, Assessment, ByteSpan, Diagnostic, Evidence, LegalBasis, ModelReference, Nats, PolicyReference, Risk,
    Signal, Standing, Subject, Timestamp, Verdict,
};

in_order! {
    Timestamp { seconds, nanos }
    Subject { kind, id }
    LegalBasis { act, article, url }
    Evidence { field_path, span, original_text, folded_text, concealment, fact, related_subject }
    Signal {
        signal_id, area, weight, contribution, group, message, legal_basis, sor_category, sor_keyword, evidence,
    }
    AreaRisk { area, risk, level, action }
    Diagnostic { code, message, field_path }
    PolicyReference { name, version, digest }
    ModelReference { version, digest }
    Verdict { risk, level, action, areas, signals, language_code, diagnostics }
    Standing { mean, lower, upper, effective_events, strikes, trader_verified }
}

/// What stood in an assessment in version 1. The promotions that it was made under follow at the end of a record of version 2.
impl Canonical for Assessment {
    fn write(&self, to: &mut Vec<u8>) {
        let Assessment {
            assessment_id,
            subject,
            verdict,
            standing,
            promotions: _,
            policy,
            model,
            assessed_at,
            engine_duration,
        } = self;
        assessment_id.write(to);
        subject.write(to);
        verdict.write(to);
        standing.write(to);
        policy.write(to);
        model.write(to);
        assessed_at.write(to);
        engine_duration.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Assessment {
            assessment_id: Canonical::read(from)?,
            subject: Canonical::read(from)?,
            verdict: Canonical::read(from)?,
            standing: Canonical::read(from)?,
            promotions: None,
            policy: Canonical::read(from)?,
            model: Canonical::read(from)?,
            assessed_at: Canonical::read(from)?,
            engine_duration: Canonical::read(from)?,
        })
    }
}

impl Canonical for Risk {
    fn write(&self, to: &mut Vec<u8>) {
        self.get().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        f64::read(from).map(Risk::new)
    }
}

impl Canonical for Nats {
    fn write(&self, to: &mut Vec<u8>) {
        self.get().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        f64::read(from).map(Nats::new)
    }
}

impl Canonical for ByteSpan {
    fn write(&self, to: &mut Vec<u8>) {
        self.start().write(to);
        self.end().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(ByteSpan::new(u32::read(from)?, u32::read(from)?))
    }
}

/// As an instant is: seconds, nanoseconds.
impl Canonical for Duration {
    fn write(&self, to: &mut Vec<u8>) {
        self.as_secs().write(to);
        self.subsec_nanos().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (seconds, nanos) = (u64::read(from)?, u32::read(from)?);
        if nanos < 1_000_000_000 { Ok(Duration::new(seconds, nanos)) } else { Err(Malformed) }
    }
}

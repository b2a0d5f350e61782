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
    Assessment { assessment_id, subject, verdict, standing, policy, model, assessed_at, engine_duration }
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

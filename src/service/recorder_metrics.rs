//! What is known of the answers of this process: actions, risks, time in the engine, and what became of their records.
//!
//! Not here: when something is counted (`recorder.rs`). Kept true: labels are areas, kinds, actions and fates, all of closed lists; of content and of
//! anybody's identity there is nothing.

use std::time::Duration;

use crate::domain::{Action, Assessment, RiskArea, SubjectKind};
use crate::metrics::{Counts, Histograms, Registry, SECONDS, SHARES};

/// From a microsecond: the engine takes some twenty for a listing.
pub(super) const ENGINE: &[f64] =
    &[0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_02, 0.000_04, 0.000_08, 0.000_16, 0.000_32, 0.001, 0.01, 0.1];

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the store.
    Stored,
    /// It waits on this machine's disk.
    Spooled,
    /// It could not be kept, and its answer was not given.
    Refused,
}

/// What is scored.
const KINDS: [&str; 2] = ["listing", "post"];

/// Counts of answers. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub(super) struct RecorderMetrics {
    items: Counts,
    risks: Histograms,
    engine: Histograms,
    records: Counts,
    commits: Histograms,
}

impl Default for RecorderMetrics {
    fn default() -> Self {
        RecorderMetrics {
            items: Counts::by_two(("kind", &KINDS), ("action", &Action::ALL.map(Action::as_str))),
            risks: Histograms::by("area", &RiskArea::ALL.map(RiskArea::as_str), SHARES),
            engine: Histograms::one(ENGINE),
            records: Counts::by("fate", &["stored", "spooled", "refused"]),
            commits: Histograms::one(SECONDS),
        }
    }
}

impl RecorderMetrics {
    /// Shows them under their names.
    pub(super) fn register(&self, registry: &mut Registry) {
        let items = "Items scored, by kind of content and recommended action";
        registry.register("dsasignal_scoring_items", items, self.items.clone());
        let risks = "Risks of scored items by area, 0 to 1; a shift without a new policy means that content or evasion has changed";
        registry.register("dsasignal_scoring_risk", risks, self.risks.clone());
        let engine = "Time of one item in the engine, without waiting, decoding and recording";
        registry.register("dsasignal_scoring_engine_duration_seconds", engine, self.engine.clone());
        let records = "Records by what became of them; of a refused one the answer was not given";
        registry.register("dsasignal_records", records, self.records.clone());
        let commits = "Time that answers waited for the commit of their records";
        registry.register("dsasignal_records_commit_duration_seconds", commits, self.commits.clone());
    }

    /// An item was scored.
    pub(super) fn scored(&self, assessment: &Assessment) {
        let kind = usize::from(assessment.subject.kind == SubjectKind::Post);
        self.items.add(kind * Action::ALL.len() + assessment.verdict.action as usize);
        for area in &assessment.verdict.areas {
            self.risks.observe(area.area.index(), area.risk.get());
        }
        self.engine.observe(0, assessment.engine_duration.as_secs_f64());
    }

    /// Records were kept, or not.
    pub(super) fn kept(&self, fate: Fate, records: usize) {
        self.records.add_many(fate as usize, records as u64);
    }

    /// A commit was waited for.
    pub(super) fn committed(&self, took: Duration) {
        self.commits.observe(0, took.as_secs_f64());
    }
}

//! What an evaluation says. Its JSON (`--json`) is read by scripts: keys are added, never renamed.
//!
//! Not here: how numbers are computed (`metrics.rs`, `tally.rs`). Kept true: what no row can answer is `null`.

use serde::Serialize;

use super::metrics::{OperatingPoint, ReliabilityBin};

/// An evaluation.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The pack that scored.
    pub(super) policy: Pack,
    /// True if only titles (of posts: the text) were scored.
    pub(super) titles_only: bool,
    /// How words were disguised before they were scored.
    pub(super) disguise: Option<&'static str>,
    /// How many lines of which kind.
    pub(super) rows: Rows,
    /// The numbers to compare packs by; core lines alone.
    pub(super) headline: Headline,
    /// Per risk area that some core line is labelled with, in the order of the contract.
    pub(super) areas: Vec<AreaReport>,
    /// Core lines by where they come from, worst false-positive rate first.
    pub(super) sources: Vec<Group>,
    /// Core lines by the finer `label`.
    pub(super) labels: Vec<Group>,
    /// Core lines by primary language.
    pub(super) languages: Vec<Group>,
    /// Lines that are not core, by source and `label`.
    pub(super) not_core: Vec<Group>,
    /// The first lines that could not be read.
    pub(super) faults: Vec<Fault>,
}

/// A policy pack.
#[derive(Debug, Serialize)]
pub(super) struct Pack {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) digest: String,
}

/// How many lines of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Rows {
    /// That could be read.
    pub(super) total: usize,
    /// Of those, core.
    pub(super) core: usize,
    /// Of the core lines, without labels.
    pub(super) core_clear: usize,
    /// Of the core lines, with labels.
    pub(super) core_labelled: usize,
    /// A post and a listing together.
    pub(super) pairs: usize,
    /// That could not be read.
    pub(super) faults: usize,
}

/// Recall at one false-positive rate, thresholds chosen for it: what the ranking is worth whatever the pack's thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct RecallAt<T> {
    /// The rate on core clear lines.
    pub(super) false_positive_rate: f64,
    /// Ranked by the risk of the area itself.
    pub(super) by_area_risk: T,
    /// Ranked by the overall risk.
    pub(super) by_overall_risk: T,
}

/// The numbers to compare packs by.
#[derive(Debug, Serialize)]
pub(super) struct Headline {
    /// Areas that some core line is labelled with; each counts the same in what follows.
    pub(super) areas: usize,
    /// Mean over the areas of recall at REVIEW or above in the right area.
    pub(super) macro_recall_review: Option<f64>,
    /// Mean over the areas of recall at any action above ALLOW in the right area.
    pub(super) macro_recall_flagged: Option<f64>,
    /// Mean over the areas of recall at fixed false-positive rates.
    pub(super) macro_recall_at: Vec<RecallAt<Option<f64>>>,
    /// Mean over the areas of average precision.
    pub(super) macro_average_precision: Option<f64>,
    /// Core clear lines at REVIEW or above in any area.
    pub(super) false_positives_review: usize,
    /// Their share.
    pub(super) false_positive_rate_review: Option<f64>,
    /// Core clear lines with any action above ALLOW.
    pub(super) false_positives_flagged: usize,
    /// Their share.
    pub(super) false_positive_rate_flagged: Option<f64>,
}

/// One risk area: core lines labelled with it against core clear lines. Lines of other areas count on neither side,
/// because they may rightly belong here too.
#[derive(Debug, Serialize)]
pub(super) struct AreaReport {
    pub(super) area: &'static str,
    /// Core lines labelled with it.
    pub(super) rows: usize,
    /// Share of them at REVIEW or above in this area.
    pub(super) recall_review: Option<f64>,
    /// Share of them with any action above ALLOW in this area.
    pub(super) recall_flagged: Option<f64>,
    /// Recall at fixed false-positive rates.
    pub(super) recall_at: Vec<RecallAt<Option<OperatingPoint>>>,
    /// Of the ranking by the area's risk.
    pub(super) average_precision: Option<f64>,
    /// Core clear lines at REVIEW or above in this area.
    pub(super) false_positives_review: usize,
    /// How far risks lie from truth. Means something only if the lines come in the proportions of real life.
    pub(super) expected_calibration_error: Option<f64>,
    /// Mean squared distance of risk and truth.
    pub(super) brier: Option<f64>,
    /// Ten intervals of risk.
    pub(super) reliability: Vec<ReliabilityBin>,
}

/// Lines that share something.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    /// Without labels.
    pub(super) clear_rows: usize,
    /// Of those, at REVIEW or above in any area.
    pub(super) false_positives_review: usize,
    pub(super) false_positive_rate_review: Option<f64>,
    /// Of those, with any action above ALLOW.
    pub(super) false_positives_flagged: usize,
    /// With labels.
    pub(super) labelled_rows: usize,
    /// Of those, at REVIEW or above in one of their areas.
    pub(super) caught_review: usize,
    pub(super) recall_review: Option<f64>,
    /// Of those, with any action above ALLOW in one of their areas.
    pub(super) caught_flagged: usize,
    pub(super) recall_flagged: Option<f64>,
}

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) code: &'static str,
    pub(super) message: String,
}

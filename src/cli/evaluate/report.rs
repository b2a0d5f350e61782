//! What an evaluation says. Its JSON (`--json`) is read by scripts: keys are added, never renamed.
//!
//! Not here: how numbers are computed (`metrics.rs`, `tally.rs`). Kept true: what no row can answer is `null`.

use serde::{Deserialize, Serialize};

use super::metrics::{OperatingPoint, ReliabilityBin};

/// An evaluation.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    /// The pack that scored.
    pub(super) policy: Pack,
    /// True if only titles (of posts: the text) were scored.
    pub(super) titles_only: bool,
    /// How words were disguised before they were scored.
    pub(super) disguise: Option<String>,
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
    /// Names exactly these lines with their labels, whatever is done to them: two runs over the same ones have the same.
    pub(super) lines_digest: String,
    /// What changed since an earlier run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comparison: Option<Comparison>,
    /// Every line that is labelled or above ALLOW; what is not here is clear and allowed.
    pub(super) items: Vec<Item>,
}

/// A policy pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pack {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) digest: String,
}

/// How many lines of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct RecallAt<T> {
    /// The rate on core clear lines.
    pub(super) false_positive_rate: f64,
    /// Ranked by the risk of the area itself.
    pub(super) by_area_risk: T,
    /// Ranked by the overall risk.
    pub(super) by_overall_risk: T,
}

/// The numbers to compare packs by.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
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
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct AreaReport {
    pub(super) area: String,
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
    /// Calibration in the world that the pack expects.
    pub(super) at_prior: Option<AtPrior>,
}

/// Calibration as if labelled lines were as rare as the pack's prior for the area says, over the lines on which something
/// was found: those with a risk above the prior's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct AtPrior {
    /// Risk before any evidence.
    pub(super) prior_risk: f64,
    pub(super) expected_calibration_error: Option<f64>,
    /// Ten intervals of risk.
    pub(super) reliability: Vec<ReliabilityBin>,
}

/// Lines that share something.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
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
    /// Share of the labelled lines that are found, in one of their areas, where so many of *all* core clear lines are flagged.
    pub(super) recall_at: Vec<RecallAt<Option<f64>>>,
    /// Share of *these* clear lines that are flagged at the same thresholds.
    pub(super) clear_flagged_at: Vec<RecallAt<Option<f64>>>,
}

/// One line, as much of it as comparing two runs needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) source: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) labels: Vec<String>,
    pub(super) core: bool,
    /// The area that speaks loudest.
    pub(super) area: Option<String>,
    /// The largest, to four decimals.
    pub(super) risk: f64,
    /// The gravest.
    pub(super) action: String,
    /// The gravest in an area that it is labelled with; of clear lines none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rightful_action: Option<String>,
    /// The largest in an area that it is labelled with, to four decimals; of clear lines none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rightful_risk: Option<f64>,
}

/// What changed since an earlier run; core lines alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Comparison {
    /// The pack of the earlier run.
    pub(super) policy: Pack,
    /// False if the earlier run read other lines; lines are then matched by their ids as far as that goes.
    pub(super) same_lines: bool,
    /// False if the earlier run was in other dress (`--titles-only`, `--disguise`).
    pub(super) same_treatment: bool,
    /// Every number that is no longer the same, largest change first within its kind.
    pub(super) numbers: Vec<NumberChange>,
    /// How many lines crossed REVIEW in which way.
    pub(super) counts: CrossedCounts,
    /// Every line that crossed REVIEW, largest change of risk first within its way.
    pub(super) crossed: Vec<Crossed>,
}

/// A number that is no longer the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct NumberChange {
    /// `headline`, `area`, `source`, `label` or `language`.
    pub(super) kind: String,
    /// Of which area, source …; empty for the headline.
    pub(super) name: String,
    /// The key of the report: `recall_review`, `false_positive_rate_review` …
    pub(super) number: String,
    pub(super) before: Option<f64>,
    pub(super) after: Option<f64>,
}

/// How a line crossed REVIEW.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Crossing {
    /// Clear, and now before a person.
    #[default]
    NewlyFlagged,
    /// Labelled, and no longer before a person in the right area.
    NewlyMissed,
    /// Labelled, and now before a person in the right area.
    NewlyCaught,
    /// Clear, and no longer before a person.
    NoLongerFlagged,
}

/// How many lines crossed REVIEW.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CrossedCounts {
    pub(super) newly_flagged: usize,
    pub(super) newly_missed: usize,
    pub(super) newly_caught: usize,
    pub(super) no_longer_flagged: usize,
}

/// A line that crossed REVIEW.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Crossed {
    pub(super) way: Crossing,
    pub(super) id: String,
    pub(super) source: String,
    pub(super) labels: Vec<String>,
    /// Of clear lines the area that speaks loudest now, else before.
    pub(super) area: Option<String>,
    /// Of clear lines the gravest action, of labelled ones the gravest in the right area.
    pub(super) action_before: String,
    pub(super) action_after: String,
    /// Of clear lines the largest risk, unknown where they were allowed; of labelled ones the largest in the right area.
    pub(super) risk_before: Option<f64>,
    pub(super) risk_after: Option<f64>,
    /// How its title or text begins; empty if this run did not read it.
    pub(super) excerpt: String,
}

/// A line that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) code: String,
    pub(super) message: String,
}

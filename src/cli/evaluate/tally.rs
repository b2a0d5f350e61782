//! From graded lines to the report.
//!
//! Not here: the measures themselves (`metrics.rs`). Kept true: the headline rests on core lines alone; groups come in an
//! order that does not depend on the order of the lines.

use std::collections::BTreeMap;

use super::grade::Graded;
use super::metrics::{average_precision, brier, expected_calibration_error, mean, recall_at, reliability, share};
use super::report::{AreaReport, Group, Headline, RecallAt, Rows};
use crate::domain::{Action, RiskArea};

/// The false-positive rates at which recall is compared.
const RATES: [f64; 3] = [0.01, 0.005, 0.001];
/// Intervals of risk in which calibration is measured.
const BINS: usize = 10;

/// Counts the lines.
pub(super) fn rows(graded: &[Graded], faults: usize) -> Rows {
    let core = graded.iter().filter(|row| row.core);
    let (clear, labelled): (Vec<_>, Vec<_>) = core.partition(|row| row.is_clear());
    Rows {
        total: graded.len(),
        core: clear.len() + labelled.len(),
        core_clear: clear.len(),
        core_labelled: labelled.len(),
        pairs: graded.iter().filter(|row| row.pair).count(),
        faults,
    }
}

/// Every area that some core line is labelled with.
pub(super) fn areas(graded: &[Graded]) -> Vec<AreaReport> {
    let clear: Vec<&Graded> = graded.iter().filter(|row| row.core && row.is_clear()).collect();
    let overall: Vec<f64> = clear.iter().map(|row| row.risk).collect();
    RiskArea::ALL.into_iter().filter_map(|area| one_area(area, graded, &clear, &overall)).collect()
}

fn one_area(area: RiskArea, graded: &[Graded], clear: &[&Graded], overall: &[f64]) -> Option<AreaReport> {
    let has = |row: &&Graded| row.core && row.labels.get(area.index()) == Some(&true);
    let rows: Vec<&Graded> = graded.iter().filter(has).collect();
    if rows.is_empty() {
        return None;
    }
    let risk = |row: &&Graded| row.risks.get(area.index()).copied().unwrap_or_default();
    let action = |row: &&Graded| row.actions.get(area.index()).copied().unwrap_or_default();
    let reaching = |rows: &[&Graded], least: Action| rows.iter().filter(|row| action(row) >= least).count();
    let positives: Vec<f64> = rows.iter().map(risk).collect();
    let negatives: Vec<f64> = clear.iter().map(risk).collect();
    let overall_positives: Vec<f64> = rows.iter().map(|row| row.risk).collect();
    let bins = reliability(BINS, &positives, &negatives);
    let at = |rate| RecallAt {
        false_positive_rate: rate,
        by_area_risk: recall_at(rate, &positives, &negatives),
        by_overall_risk: recall_at(rate, &overall_positives, overall),
    };
    Some(AreaReport {
        area: area.as_str(),
        rows: rows.len(),
        recall_review: share(reaching(&rows, Action::Review), rows.len()),
        recall_flagged: share(reaching(&rows, Action::RequireDisclosure), rows.len()),
        recall_at: RATES.into_iter().map(at).collect(),
        average_precision: average_precision(&positives, &negatives),
        false_positives_review: reaching(clear, Action::Review),
        expected_calibration_error: expected_calibration_error(&bins),
        brier: brier(&positives, &negatives),
        reliability: bins,
    })
}

/// The numbers to compare packs by.
pub(super) fn headline(areas: &[AreaReport], graded: &[Graded]) -> Headline {
    let clear: Vec<&Graded> = graded.iter().filter(|row| row.core && row.is_clear()).collect();
    let reaching = |least: Action| clear.iter().filter(|row| row.action >= least).count();
    let (review, flagged) = (reaching(Action::Review), reaching(Action::RequireDisclosure));
    let recall = |rate: f64| {
        let at = |area: &AreaReport| area.recall_at.iter().find(|at| at.false_positive_rate == rate).copied();
        RecallAt {
            false_positive_rate: rate,
            by_area_risk: mean(areas.iter().map(|area| Some(at(area)?.by_area_risk?.recall))),
            by_overall_risk: mean(areas.iter().map(|area| Some(at(area)?.by_overall_risk?.recall))),
        }
    };
    Headline {
        areas: areas.len(),
        macro_recall_review: mean(areas.iter().map(|area| area.recall_review)),
        macro_recall_flagged: mean(areas.iter().map(|area| area.recall_flagged)),
        macro_recall_at: RATES.into_iter().map(recall).collect(),
        macro_average_precision: mean(areas.iter().map(|area| area.average_precision)),
        false_positives_review: review,
        false_positive_rate_review: share(review, clear.len()),
        false_positives_flagged: flagged,
        false_positive_rate_flagged: share(flagged, clear.len()),
    }
}

/// Lines grouped by a name, by name.
pub(super) fn groups<'a>(rows: impl Iterator<Item = &'a Graded>, name: impl Fn(&Graded) -> String) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for row in rows {
        let group = groups.entry(name(row)).or_default();
        if row.is_clear() {
            group.clear_rows += 1;
            group.false_positives_review += usize::from(row.action >= Action::Review);
            group.false_positives_flagged += usize::from(row.action > Action::Allow);
        } else {
            group.labelled_rows += 1;
            group.caught_review += usize::from(row.rightful_action() >= Action::Review);
            group.caught_flagged += usize::from(row.rightful_action() > Action::Allow);
        }
    }
    let finish = |(name, group): (String, Group)| Group {
        name,
        false_positive_rate_review: share(group.false_positives_review, group.clear_rows),
        recall_review: share(group.caught_review, group.labelled_rows),
        recall_flagged: share(group.caught_flagged, group.labelled_rows),
        ..group
    };
    groups.into_iter().map(finish).collect()
}

/// Worst false-positive rate first, then most false positives, then by name.
pub(super) fn worst_first(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|a, b| {
        let rate = |group: &Group| group.false_positive_rate_review.unwrap_or(-1.0);
        let worse = rate(b).total_cmp(&rate(a));
        worse.then(b.false_positives_review.cmp(&a.false_positives_review)).then(a.name.cmp(&b.name))
    });
    groups
}

#[cfg(test)]
mod tests;

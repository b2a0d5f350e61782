//! From graded lines to the report.
//!
//! Not here: the measures themselves (`metrics.rs`). Kept true: the headline rests on core lines alone; groups come in an
//! order that does not depend on the order of the lines.

use std::collections::BTreeMap;

use super::grade::Graded;
use super::metrics::{
    average_precision, brier, expected_calibration_error, mean, recall_at, reliability, share, threshold,
    weighed_reliability,
};
use super::report::{AreaReport, AtPrior, Group, Headline, Item, RecallAt, Rows};
use crate::domain::{Action, Nats, RiskArea};

/// The false-positive rates at which recall is compared.
pub(super) const RATES: [f64; 3] = [0.01, 0.005, 0.001];
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

/// By `RiskArea::index`: log odds before any evidence, of the areas that the pack scores.
pub(super) type Priors = [Option<Nats>; RiskArea::COUNT];

/// Every area that some core line is labelled with.
pub(super) fn areas(graded: &[Graded], priors: &Priors) -> Vec<AreaReport> {
    let clear: Vec<&Graded> = graded.iter().filter(|row| row.core && row.is_clear()).collect();
    let overall: Vec<f64> = clear.iter().map(|row| row.risk).collect();
    let report = |area: RiskArea| {
        let prior = priors.get(area.index()).copied().flatten();
        let report = one_area(area, graded, &clear, &overall)?;
        let at_prior = prior.and_then(|prior| at_prior(area, prior, graded, &clear));
        Some(AreaReport { at_prior, ..report })
    };
    RiskArea::ALL.into_iter().filter_map(report).collect()
}

fn one_area(area: RiskArea, graded: &[Graded], clear: &[&Graded], overall: &[f64]) -> Option<AreaReport> {
    let has = |row: &&Graded| row.core && row.labels.get(area.index()) == Some(&true);
    let rows: Vec<&Graded> = graded.iter().filter(has).collect();
    if rows.is_empty() {
        return None;
    }
    let risk = |row: &&Graded| row.risk_in(area);
    let reaching = |rows: &[&Graded], least: Action| rows.iter().filter(|row| row.action_in(area) >= least).count();
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
        area: area.as_str().to_owned(),
        rows: rows.len(),
        recall_review: share(reaching(&rows, Action::Review), rows.len()),
        recall_flagged: share(reaching(&rows, Action::RequireDisclosure), rows.len()),
        recall_at: RATES.into_iter().map(at).collect(),
        average_precision: average_precision(&positives, &negatives),
        false_positives_review: reaching(clear, Action::Review),
        expected_calibration_error: expected_calibration_error(&bins),
        brier: brier(&positives, &negatives),
        reliability: bins,
        at_prior: None,
    })
}

fn at_prior(area: RiskArea, prior: Nats, graded: &[Graded], clear: &[&Graded]) -> Option<AtPrior> {
    let prior_risk = prior.risk().get();
    let labelled: Vec<f64> = graded
        .iter()
        .filter(|row| row.core && row.labels.get(area.index()) == Some(&true))
        .map(|row| row.risk_in(area))
        .collect();
    if labelled.is_empty() || clear.is_empty() {
        return None;
    }
    // So many labelled lines for each clear one as the prior expects.
    let weight = clear.len() as f64 * prior.get().exp() / labelled.len() as f64;
    let found = |risk: &f64| *risk > prior_risk + 1e-9;
    let positives: Vec<f64> = labelled.into_iter().filter(found).collect();
    let negatives: Vec<f64> = clear.iter().map(|row| row.risk_in(area)).filter(found).collect();
    let bins = weighed_reliability(BINS, &positives, &negatives, weight);
    Some(AtPrior { prior_risk, expected_calibration_error: expected_calibration_error(&bins), reliability: bins })
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

/// The thresholds at which so many of all core clear lines are flagged.
pub(super) struct Thresholds {
    rate: f64,
    /// By `RiskArea::index`.
    areas: [f64; RiskArea::COUNT],
    overall: f64,
}

impl Thresholds {
    /// One set per rate; none without core clear lines.
    pub(super) fn of(graded: &[Graded]) -> Vec<Thresholds> {
        let clear: Vec<&Graded> = graded.iter().filter(|row| row.core && row.is_clear()).collect();
        let overall: Vec<f64> = clear.iter().map(|row| row.risk).collect();
        let by_area = RiskArea::ALL.map(|area| clear.iter().map(|row| row.risk_in(area)).collect::<Vec<f64>>());
        let at = |rate| {
            let areas = by_area.each_ref().map(|risks| threshold(rate, risks).unwrap_or(f64::INFINITY));
            Some(Thresholds { rate, areas, overall: threshold(rate, &overall)? })
        };
        RATES.into_iter().filter_map(at).collect()
    }

    /// Is the line flagged in one of these areas?
    fn flagged_in(&self, row: &Graded, mut areas: impl Iterator<Item = RiskArea>) -> bool {
        areas.any(|area| self.areas.get(area.index()).is_some_and(|above| row.risk_in(area) > *above))
    }

    /// What these thresholds find among rows: labelled ones in their own areas, clear ones in any.
    pub(super) fn among(&self, rows: &[&Graded]) -> RecallAt<Option<f64>> {
        let in_areas = |row: &&&Graded| match row.is_clear() {
            true => self.flagged_in(row, RiskArea::ALL.into_iter()),
            false => self.flagged_in(row, row.labelled()),
        };
        RecallAt {
            false_positive_rate: self.rate,
            by_area_risk: share(rows.iter().filter(in_areas).count(), rows.len()),
            by_overall_risk: share(rows.iter().filter(|row| row.risk > self.overall).count(), rows.len()),
        }
    }
}

/// Lines grouped by a name, by name.
pub(super) fn groups<'a>(
    rows: impl Iterator<Item = &'a Graded>,
    thresholds: &[Thresholds],
    name: impl Fn(&Graded) -> String,
) -> Vec<Group> {
    let mut groups: BTreeMap<String, [Vec<&Graded>; 2]> = BTreeMap::new();
    for row in rows {
        let [clear, labelled] = groups.entry(name(row)).or_default();
        if row.is_clear() { clear.push(row) } else { labelled.push(row) }
    }
    groups.into_iter().map(|(name, [clear, labelled])| group(name, &clear, &labelled, thresholds)).collect()
}

fn group(name: String, clear: &[&Graded], labelled: &[&Graded], thresholds: &[Thresholds]) -> Group {
    let alarms = |least: Action| clear.iter().filter(|row| row.action >= least).count();
    let caught = |least: Action| labelled.iter().filter(|row| row.rightful_action() >= least).count();
    Group {
        name,
        clear_rows: clear.len(),
        false_positives_review: alarms(Action::Review),
        false_positive_rate_review: share(alarms(Action::Review), clear.len()),
        false_positives_flagged: alarms(Action::RequireDisclosure),
        labelled_rows: labelled.len(),
        caught_review: caught(Action::Review),
        recall_review: share(caught(Action::Review), labelled.len()),
        caught_flagged: caught(Action::RequireDisclosure),
        recall_flagged: share(caught(Action::RequireDisclosure), labelled.len()),
        recall_at: thresholds.iter().map(|at| at.among(labelled)).collect(),
        clear_flagged_at: thresholds.iter().map(|at| at.among(clear)).collect(),
    }
}

/// Worst false-positive rate first, then most false positives, then worst recall, then by name.
pub(super) fn worst_first(mut groups: Vec<Group>) -> Vec<Group> {
    groups.sort_by(|a, b| {
        let rate = |group: &Group| group.false_positive_rate_review.unwrap_or(-1.0);
        let recall = |group: &Group| group.recall_review.unwrap_or(2.0);
        let worse = rate(b).total_cmp(&rate(a)).then(b.false_positives_review.cmp(&a.false_positives_review));
        worse.then(recall(a).total_cmp(&recall(b))).then(a.name.cmp(&b.name))
    });
    groups
}

/// Every line that is labelled or above ALLOW.
pub(super) fn items(graded: &[Graded]) -> Vec<Item> {
    let noted = graded.iter().filter(|row| !row.is_clear() || row.action > Action::Allow);
    noted.map(item).collect()
}

fn item(row: &Graded) -> Item {
    Item {
        id: row.id.clone(),
        source: row.source.clone(),
        labels: row.labelled().map(|area| area.as_str().to_owned()).collect(),
        core: row.core,
        area: row.loudest().map(|area| area.as_str().to_owned()),
        risk: four_decimals(row.risk),
        action: row.action.as_str().to_owned(),
        rightful_action: (!row.is_clear()).then(|| row.rightful_action().as_str().to_owned()),
        rightful_risk: row.labelled().map(|area| four_decimals(row.risk_in(area))).max_by(f64::total_cmp),
    }
}

fn four_decimals(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// BLAKE3 over the ids, sources and labels of the lines, in order.
pub(super) fn digest(graded: &[Graded]) -> String {
    let mut hasher = blake3::Hasher::new();
    for row in graded {
        for part in [&row.id, &row.source] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&row.labels.map(u8::from));
        hasher.update(&[u8::from(row.core)]);
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests;

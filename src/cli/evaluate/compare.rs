//! `evaluate --compare`: what changed since an earlier run, number by number and line by line.
//!
//! Not here: how numbers come about (`tally.rs`). Kept true: a change is told only of what both runs can answer for: lines
//! are matched by their ids, core lines alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::grade::Graded;
use super::report::{
    AreaReport, Comparison, Crossed, CrossedCounts, Crossing, Group, Headline, Item, NumberChange, Report,
};
use crate::cli::failure::Failure;
use crate::domain::Action;

/// Smaller changes are rounding.
const LEAST_CHANGE: f64 = 1e-9;

/// Reads what an earlier run wrote.
pub(super) fn read(path: &Path) -> Result<Report, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::io(format_args!("{} cannot be read", path.display()), &error))?;
    let hint = "compare with what `dsa-signal evaluate FILE --json` wrote";
    let report: Report = serde_json::from_str(&text)
        .map_err(|error| Failure::with_hint(format!("{} is no evaluation: {error}", path.display()), hint))?;
    if report.lines_digest.is_empty() {
        return Err(Failure::with_hint(format!("{} does not say which lines it is about", path.display()), hint));
    }
    Ok(report)
}

/// What changed between two runs. `graded` are the lines of the later one.
pub(super) fn compare(before: &Report, after: &Report, graded: &[Graded]) -> Comparison {
    let crossed = crossed(&before.items, &after.items, graded);
    let count = |way| crossed.iter().filter(|one| one.way == way).count();
    Comparison {
        policy: before.policy.clone(),
        same_lines: before.lines_digest == after.lines_digest,
        same_treatment: (before.titles_only, &before.disguise) == (after.titles_only, &after.disguise),
        numbers: numbers(before, after),
        counts: CrossedCounts {
            newly_flagged: count(Crossing::NewlyFlagged),
            newly_missed: count(Crossing::NewlyMissed),
            newly_caught: count(Crossing::NewlyCaught),
            no_longer_flagged: count(Crossing::NoLongerFlagged),
        },
        crossed,
    }
}

/// Names of numbers with what they are.
type Numbers = Vec<(String, Option<f64>)>;

/// By the name of an area, a source …
type Table = BTreeMap<String, Numbers>;

/// A part of the report and how to find its numbers.
type Kind = (&'static str, fn(&Report) -> Table);

fn numbers(before: &Report, after: &Report) -> Vec<NumberChange> {
    let kinds: [Kind; 5] = [
        ("headline", |report| Table::from([(String::new(), headline(&report.headline))])),
        ("area", |report| report.areas.iter().map(|area| (area.area.clone(), of_area(area))).collect()),
        ("source", |report| of_groups(&report.sources)),
        ("label", |report| of_groups(&report.labels)),
        ("language", |report| of_groups(&report.languages)),
    ];
    let of_kind = |(kind, table): Kind| {
        let mut before = table(before);
        let both = table(after).into_iter().filter_map(|(name, after)| Some((before.remove(&name)?, name, after)));
        let mut changes: Vec<_> = both.flat_map(|(before, name, after)| changed(kind, &name, before, after)).collect();
        changes.sort_by(|a, b| size(b).total_cmp(&size(a)));
        changes
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

fn of_groups(groups: &[Group]) -> Table {
    groups.iter().map(|group| (group.name.clone(), of_group(group))).collect()
}

/// By name, so that the order of the report does not matter.
fn changed(kind: &str, name: &str, before: Numbers, after: Numbers) -> Vec<NumberChange> {
    let before: BTreeMap<String, Option<f64>> = before.into_iter().collect();
    let mut changes: Vec<NumberChange> = Vec::new();
    for (number, after) in after {
        let Some(before) = before.get(&number).copied() else { continue };
        let change = NumberChange { kind: kind.to_owned(), name: name.to_owned(), number, before, after };
        if before.is_some() != after.is_some() || size(&change) > LEAST_CHANGE {
            changes.push(change);
        }
    }
    changes
}

fn size(change: &NumberChange) -> f64 {
    (change.after.unwrap_or_default() - change.before.unwrap_or_default()).abs()
}

fn headline(headline: &Headline) -> Numbers {
    let mut numbers = vec![
        ("macro_recall_review".to_owned(), headline.macro_recall_review),
        ("macro_recall_flagged".to_owned(), headline.macro_recall_flagged),
        ("macro_average_precision".to_owned(), headline.macro_average_precision),
        ("false_positive_rate_review".to_owned(), headline.false_positive_rate_review),
        ("false_positive_rate_flagged".to_owned(), headline.false_positive_rate_flagged),
    ];
    for at in &headline.macro_recall_at {
        let rate = at.false_positive_rate * 100.0;
        numbers.push((format!("macro_recall_at {rate} % by_area_risk"), at.by_area_risk));
        numbers.push((format!("macro_recall_at {rate} % by_overall_risk"), at.by_overall_risk));
    }
    numbers
}

fn of_area(area: &AreaReport) -> Numbers {
    let mut numbers = vec![
        ("recall_review".to_owned(), area.recall_review),
        ("recall_flagged".to_owned(), area.recall_flagged),
        ("false_positives_review".to_owned(), Some(area.false_positives_review as f64)),
        ("average_precision".to_owned(), area.average_precision),
        ("expected_calibration_error".to_owned(), area.expected_calibration_error),
        (
            "at_prior expected_calibration_error".to_owned(),
            area.at_prior.as_ref().and_then(|at| at.expected_calibration_error),
        ),
    ];
    for at in &area.recall_at {
        let rate = at.false_positive_rate * 100.0;
        numbers.push((format!("recall_at {rate} % by_area_risk"), at.by_area_risk.map(|point| point.recall)));
    }
    numbers
}

fn of_group(group: &Group) -> Numbers {
    vec![
        ("false_positive_rate_review".to_owned(), group.false_positive_rate_review),
        ("recall_review".to_owned(), group.recall_review),
        ("recall_flagged".to_owned(), group.recall_flagged),
    ]
}

/// Lines that crossed REVIEW. A clear line that one run does not list was allowed there.
fn crossed(before: &[Item], after: &[Item], graded: &[Graded]) -> Vec<Crossed> {
    let by_id = |items: &[Item]| -> BTreeMap<String, Item> {
        items.iter().filter(|item| item.core).map(|item| (item.id.clone(), item.clone())).collect()
    };
    let (before, after) = (by_id(before), by_id(after));
    let excerpts: BTreeMap<&str, &str> = graded.iter().map(|row| (row.id.as_str(), row.excerpt.as_str())).collect();
    let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut crossed: Vec<Crossed> = Vec::new();
    for id in ids {
        // Without the line in this run, nothing is known of it now.
        let Some(excerpt) = excerpts.get(id.as_str()) else { continue };
        if let Some(mut one) = crossing(before.get(id), after.get(id)) {
            one.excerpt = (*excerpt).to_owned();
            crossed.push(one);
        }
    }
    crossed.sort_by(|a, b| {
        let moved = |one: &Crossed| (one.risk_after.unwrap_or_default() - one.risk_before.unwrap_or_default()).abs();
        a.way.cmp(&b.way).then(moved(b).total_cmp(&moved(a))).then(a.id.cmp(&b.id))
    });
    crossed
}

fn crossing(before: Option<&Item>, after: Option<&Item>) -> Option<Crossed> {
    let item = after.or(before)?;
    // A labelled line is listed whatever became of it: where it is not, that run did not read it, or it had other labels.
    let clear = [before, after].into_iter().flatten().all(|item| item.labels.is_empty());
    if !clear && before.map(|item| &item.labels) != after.map(|item| &item.labels) {
        return None;
    }
    let action = |item: Option<&Item>| {
        let name = item.and_then(|item| item.rightful_action.as_ref().or(Some(&item.action)));
        name.and_then(|name| name.parse::<Action>().ok()).unwrap_or_default()
    };
    let risk = |item: Option<&Item>| item.map(|item| item.rightful_risk.unwrap_or(item.risk));
    let (was, is) = (action(before), action(after));
    let way = match (clear, was >= Action::Review, is >= Action::Review) {
        (true, false, true) => Crossing::NewlyFlagged,
        (true, true, false) => Crossing::NoLongerFlagged,
        (false, true, false) => Crossing::NewlyMissed,
        (false, false, true) => Crossing::NewlyCaught,
        _ => return None,
    };
    Some(Crossed {
        way,
        id: item.id.clone(),
        source: item.source.clone(),
        labels: item.labels.clone(),
        area: item.area.clone().filter(|_| clear),
        action_before: was.as_str().to_owned(),
        action_after: is.as_str().to_owned(),
        risk_before: risk(before),
        risk_after: risk(after),
        excerpt: String::new(),
    })
}

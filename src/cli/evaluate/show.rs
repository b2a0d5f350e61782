//! The report for people.
//!
//! Not here: the numbers. Kept true: everything that is shown is in the JSON too.

mod changes;

use super::metrics::OperatingPoint;
use super::report::{AreaReport, Group, Headline, RecallAt, Report};
use crate::cli::columns::{Columns, decimal, percent};
use crate::cli::progress::grouped;
use crate::cli::terminal::{BAD, BOLD, DIM, Terminal, visible};

/// Groups shown of each kind; the JSON has all.
const GROUPS: usize = 25;

/// The whole report.
pub(super) fn render(report: &Report, terminal: Terminal) -> String {
    let mut text = opening(report, terminal);
    text.push_str(&headline(&report.headline, terminal));
    text.push_str(&title("Areas, against core clear lines", terminal));
    text.push_str(&areas(&report.areas, terminal));
    text.push_str(&calibration(&report.areas, terminal));
    let sections = [
        ("Core lines by source, worst first", &report.sources),
        ("Core lines by label", &report.labels),
        ("Core lines by language", &report.languages),
        ("Lines that are not core", &report.not_core),
    ];
    for (name, list) in sections {
        if !list.is_empty() {
            text.push_str(&title(name, terminal));
            text.push_str(&groups(list, terminal));
        }
    }
    if let Some(comparison) = &report.comparison {
        text.push_str(&changes::render(comparison, terminal));
    }
    for fault in &report.faults {
        let place = terminal.paint(BAD, &format!("line {}:", fault.line));
        text.push_str(&format!("{place} {}\n", visible(&fault.message)));
    }
    text
}

fn opening(report: &Report, terminal: Terminal) -> String {
    let rows = &report.rows;
    let count = |number: usize| grouped(number as u64);
    let mut text = format!(
        "{} lines, {} core: {} clear, {} labelled",
        count(rows.total),
        count(rows.core),
        count(rows.core_clear),
        count(rows.core_labelled)
    );
    if rows.pairs > 0 {
        text.push_str(&format!("; {} pairs", count(rows.pairs)));
    }
    if rows.faults > 0 {
        text.push_str(&terminal.paint(BAD, &format!("; {} could not be read", count(rows.faults))));
    }
    let digest: String = report.policy.digest.chars().take(12).collect();
    let what = if report.titles_only { "titles only" } else { "whole records" };
    let disguise = report.disguise.as_ref().map(|way| format!(", words in disguise: {way}")).unwrap_or_default();
    let pack = format!("pack {} {}, digest {digest}; {what}{disguise}", report.policy.name, report.policy.version);
    format!("{text}\n{}\n", terminal.paint(DIM, &visible(&pack)))
}

fn headline(headline: &Headline, terminal: Terminal) -> String {
    let mut text = title(&format!("Headline: mean over {} areas", headline.areas), terminal);
    let mut line = |name: &str, value: String| text.push_str(&format!(" {name:<46}{value:>9}\n"));
    line("recall at REVIEW or above, in the right area", percent(headline.macro_recall_review, 1));
    line("recall at any action, in the right area", percent(headline.macro_recall_flagged, 1));
    for at in &headline.macro_recall_at {
        let rate = at.false_positive_rate * 100.0;
        line(&format!("recall at {rate} % false positives, by area risk"), percent(at.by_area_risk, 1));
        line(&format!("recall at {rate} % false positives, by overall"), percent(at.by_overall_risk, 1));
    }
    line("average precision", decimal(headline.macro_average_precision, 3));
    line("false positives at REVIEW or above", percent(headline.false_positive_rate_review, 2));
    line("false positives at any action", percent(headline.false_positive_rate_flagged, 2));
    text
}

fn areas(areas: &[AreaReport], terminal: Terminal) -> String {
    let names = ["AREA", "ROWS", "REVIEW", "ANY", "@1 %", "@0.5 %", "@0.1 %", "OVERALL @1 %", "@0.1 %", "AP", "FALSE+"];
    let mut table = Columns::new(&names, 1, terminal);
    for area in areas {
        let recall = |pick: fn(&RecallAt<Option<OperatingPoint>>) -> Option<OperatingPoint>, at: usize| {
            percent(area.recall_at.get(at).and_then(pick).map(|point| point.recall), 1)
        };
        table.row(&[
            area.area.clone(),
            grouped(area.rows as u64),
            percent(area.recall_review, 1),
            percent(area.recall_flagged, 1),
            recall(|at| at.by_area_risk, 0),
            recall(|at| at.by_area_risk, 1),
            recall(|at| at.by_area_risk, 2),
            recall(|at| at.by_overall_risk, 0),
            recall(|at| at.by_overall_risk, 2),
            decimal(area.average_precision, 3),
            grouped(area.false_positives_review as u64),
        ]);
    }
    let note = "REVIEW, ANY: share at REVIEW or above, at any action, in the area. @: recall where so many core clear lines \
                are flagged, by the area's risk, then by the overall one. FALSE+: clear lines at REVIEW in the area.";
    table.render() + &terminal.paint(DIM, &format!(" {note}\n"))
}

fn calibration(areas: &[AreaReport], terminal: Terminal) -> String {
    let mut text =
        title("Calibration: share confirmed among lines of a risk, labelled ones as rare as the prior says", terminal);
    let names = [
        "AREA",
        "ECE AT PRIOR",
        "ECE",
        "BRIER",
        "0-.1",
        ".1-.2",
        ".2-.3",
        ".3-.4",
        ".4-.5",
        ".5-.6",
        ".6-.7",
        ".7-.8",
        ".8-.9",
        ".9-1",
    ];
    let mut table = Columns::new(&names, 1, terminal);
    for area in areas {
        let at_prior = area.at_prior.as_ref();
        let mut cells = vec![
            area.area.clone(),
            decimal(at_prior.and_then(|at| at.expected_calibration_error), 3),
            decimal(area.expected_calibration_error, 3),
            decimal(area.brier, 4),
        ];
        let bins = at_prior.map_or(&area.reliability, |at| &at.reliability);
        cells.extend(bins.iter().map(|bin| decimal((bin.rows > 0).then_some(bin.positive_share), 2)));
        table.row(&cells);
    }
    text.push_str(&table.render());
    text
}

fn groups(groups: &[Group], terminal: Terminal) -> String {
    let names = [
        "NAME", "CLEAR", "FALSE+", "RATE", "AT 1 %", "LABELLED", "CAUGHT", "RECALL", "ANY", "@1 %", "@0.5 %", "@0.1 %",
    ];
    let mut table = Columns::new(&names, 1, terminal);
    let count = |number: usize| grouped(number as u64);
    for group in groups.iter().take(GROUPS) {
        let recall = |at: usize| percent(group.recall_at.get(at).and_then(|at| at.by_area_risk), 1);
        table.row(&[
            if group.name.is_empty() { "(none)".to_owned() } else { group.name.clone() },
            count(group.clear_rows),
            count(group.false_positives_review),
            percent(group.false_positive_rate_review, 2),
            percent(group.clear_flagged_at.first().and_then(|at| at.by_overall_risk), 1),
            count(group.labelled_rows),
            count(group.caught_review),
            percent(group.recall_review, 1),
            percent(group.recall_flagged, 1),
            recall(0),
            recall(1),
            recall(2),
        ]);
    }
    let mut text = table.render();
    if groups.len() > GROUPS {
        let more = format!(" and {} more: --json has all\n", groups.len() - GROUPS);
        text.push_str(&terminal.paint(DIM, &more));
    }
    text
}

fn title(name: &str, terminal: Terminal) -> String {
    format!("\n{}\n", terminal.paint(BOLD, name))
}

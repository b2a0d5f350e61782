//! What changed since an earlier run, for people.
//!
//! Not here: what counts as a change (`compare.rs`). Kept true: what is cut off says how much it was.

use super::title;
use crate::cli::columns::{Columns, percent};
use crate::cli::evaluate::report::{Comparison, Crossed, Crossing, NumberChange};
use crate::cli::progress::grouped;
use crate::cli::terminal::{BAD, DIM, GOOD, HINT, Terminal};

/// Numbers shown of each kind.
const NUMBERS: usize = 12;
/// Lines shown of each way.
const EXAMPLES: usize = 8;

/// The whole comparison.
pub(super) fn render(comparison: &Comparison, terminal: Terminal) -> String {
    let policy = &comparison.policy;
    let mut text = title(&format!("What changed since {} {}", policy.name, policy.version), terminal);
    let mut warn = |sentence: &str| text.push_str(&format!(" {} {sentence}\n", terminal.paint(HINT, "note:")));
    if !comparison.same_lines {
        warn("the earlier run read other lines: what one run lacks is compared with nothing");
    }
    if !comparison.same_treatment {
        warn("the earlier run treated the text in another way (--titles-only, --disguise)");
    }
    if comparison.numbers.is_empty() && comparison.crossed.is_empty() {
        text.push_str(" nothing\n");
    }
    for kind in ["headline", "area", "source", "label", "language"] {
        text.push_str(&numbers(comparison, kind, terminal));
    }
    for (way, name, style) in [
        (Crossing::NewlyFlagged, "clear, newly at REVIEW", BAD),
        (Crossing::NewlyMissed, "labelled, newly missed", BAD),
        (Crossing::NewlyCaught, "labelled, newly caught", GOOD),
        (Crossing::NoLongerFlagged, "clear, no longer at REVIEW", GOOD),
    ] {
        let of_way: Vec<&Crossed> = comparison.crossed.iter().filter(|one| one.way == way).collect();
        if !of_way.is_empty() {
            text.push_str(&format!("\n {} {name}\n", terminal.paint(style, &grouped(of_way.len() as u64))));
            text.push_str(&lines(&of_way, terminal));
        }
    }
    text
}

fn numbers(comparison: &Comparison, kind: &str, terminal: Terminal) -> String {
    let of_kind: Vec<&NumberChange> = comparison.numbers.iter().filter(|change| change.kind == kind).collect();
    if of_kind.is_empty() {
        return String::new();
    }
    let mut table = Columns::new(&[&kind.to_uppercase(), "NUMBER", "BEFORE", "AFTER", "CHANGE"], 2, terminal);
    for change in of_kind.iter().take(NUMBERS) {
        let shown = |number: Option<f64>| match change.number.as_str() {
            "false_positives_review" => number.map_or_else(|| "-".to_owned(), |number| format!("{number:.0}")),
            _ => percent(number, 2),
        };
        let delta = change.before.zip(change.after).map(|(before, after)| after - before);
        let sign = if delta.is_some_and(|delta| delta > 0.0) { "+" } else { "" };
        let cells = [
            change.name.clone(),
            change.number.clone(),
            shown(change.before),
            shown(change.after),
            format!("{sign}{}", shown(delta)),
        ];
        table.row(&cells);
    }
    format!("\n{}{}", table.render(), more(of_kind.len(), NUMBERS, terminal))
}

fn lines(of_way: &[&Crossed], terminal: Terminal) -> String {
    let mut table = Columns::new(&["ID", "SOURCE", "AREA", "TEXT", "BEFORE", "AFTER"], 4, terminal);
    for one in of_way.iter().take(EXAMPLES) {
        let side = |action: &str, risk: Option<f64>| match risk {
            Some(risk) => format!("{action} {risk:.2}"),
            None => action.to_owned(),
        };
        table.row(&[
            one.id.clone(),
            one.source.clone(),
            one.area.clone().unwrap_or_else(|| one.labels.join(", ")),
            one.excerpt.clone(),
            side(&one.action_before, one.risk_before),
            side(&one.action_after, one.risk_after),
        ]);
    }
    table.render() + &more(of_way.len(), EXAMPLES, terminal)
}

fn more(all: usize, shown: usize, terminal: Terminal) -> String {
    if all <= shown {
        return String::new();
    }
    terminal.paint(DIM, &format!(" and {} more: --json has all\n", grouped((all - shown) as u64)))
}

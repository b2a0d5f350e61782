//! The tables of `evaluate --leave-one-out`.
//!
//! Not here: the numbers. Kept true: everything that is shown is in the JSON too.

use super::{Recall, Run, UnseenReport};
use crate::cli::columns::{Columns, percent};
use crate::cli::evaluate::report::RecallAt;
use crate::cli::progress::grouped;
use crate::cli::terminal::{BOLD, DIM, Terminal, visible};

type Pick = fn(&RecallAt<Option<f64>>) -> Option<f64>;

/// Recall by area and by label, then what honest lines pay for it.
pub(super) fn render(report: &UnseenReport, terminal: Terminal) -> String {
    let rows = &report.rows;
    let count = |number: usize| grouped(number as u64);
    let mut text = format!(
        "{} core lines: {} clear, {} labelled; titles only, disguise {}\npack {} {}, every line scored with a model that has not seen its source\n",
        count(rows.core),
        count(rows.core_clear),
        count(rows.core_labelled),
        report.disguise,
        visible(&report.policy.name),
        visible(&report.policy.version),
    );
    let tables: [(&str, Pick); 2] = [
        ("Recall at 1 % false positives, by overall risk", |at| at.by_overall_risk),
        ("Recall at 1 % false positives, by the area's own risk", |at| at.by_area_risk),
    ];
    for (name, pick) in tables {
        text.push_str(&format!("\n{}\n", terminal.paint(BOLD, name)));
        text.push_str(&recalls(report, pick, terminal));
    }
    text.push_str(&format!("\n{}\n", terminal.paint(BOLD, "Core clear lines")));
    text.push_str(&clear(report, terminal));
    let note = " PLAIN: as written. DISGUISED: every word in disguise, at the thresholds of plain lines. + MODEL: signals and \
                text model.\n";
    text + &terminal.paint(DIM, note)
}

fn recalls(report: &UnseenReport, pick: Pick, terminal: Terminal) -> String {
    let names = ["LINES OF", "ROWS", "PLAIN", "+ MODEL", "DISGUISED", "+ MODEL"];
    let mut table = Columns::new(&names, 1, terminal);
    let [Some(plain), Some(disguised), Some(plain_model), Some(disguised_model)] =
        [0, 1, 2, 3].map(|at| report.runs.get(at))
    else {
        return String::new();
    };
    let runs = [plain, plain_model, disguised, disguised_model];
    let first = |list: &[RecallAt<Option<f64>>]| percent(list.first().and_then(pick), 1);
    let kinds: [fn(&Run) -> &Vec<Recall>; 2] = [|run| &run.areas, |run| &run.labels];
    for (kind, of) in ["", "label "].into_iter().zip(kinds) {
        for (at, recall) in of(plain).iter().enumerate() {
            let mut cells = vec![format!("{kind}{}", recall.name), grouped(recall.rows as u64)];
            cells.extend(runs.map(|run| of(run).get(at).map(|recall| first(&recall.recall_at)).unwrap_or_default()));
            table.row(&cells);
        }
        if kind.is_empty() {
            let mut cells = vec!["mean over areas".to_owned(), String::new()];
            cells.extend(runs.map(|run| first(&run.macro_recall_at)));
            table.row(&cells);
        }
    }
    table.render()
}

fn clear(report: &UnseenReport, terminal: Terminal) -> String {
    let names = ["SCORED", "WORST SOURCE AT REVIEW", "ITS RATE", "AT REVIEW", "FLAGGED AT 1 %", "AT 0.1 %"];
    let mut table = Columns::new(&names, 2, terminal);
    for run in &report.runs {
        let dress = if run.disguised { "disguised" } else { "plain" };
        let model = if run.with_model { " + model" } else { "" };
        let flagged = |at: usize| percent(run.clear_flagged_at.get(at).and_then(|at| at.by_overall_risk), 2);
        let (worst, rate) =
            run.worst_source_review.clone().map_or_else(Default::default, |(name, rate)| (name, Some(rate)));
        table.row(&[
            format!("{dress}{model}"),
            worst,
            percent(rate, 2),
            percent(run.false_positive_rate_review, 2),
            flagged(0),
            flagged(2),
        ]);
    }
    table.render()
}

//! An outcome as one row of columns, for CSV and Parquet.
//!
//! Not here: how columns are encoded. Kept true: a row has a place and either an assessment or an error.

use super::{Outcome, Scored};
use crate::cli::input::LineFault;
use crate::domain::{Content, Signal};

/// The columns' names, in order.
pub(super) const COLUMNS: [&str; 11] =
    ["file", "line", "kind", "id", "risk", "level", "action", "area", "signals", "evidence", "error"];

/// One row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FlatRow {
    /// Empty if there is one input only.
    pub(super) file: String,
    /// From 1.
    pub(super) line: u64,
    /// `listing` or `post`; empty for an error, as is everything up to `error`.
    pub(super) kind: &'static str,
    /// The caller's identifier.
    pub(super) id: String,
    /// `None` for an error.
    pub(super) risk: Option<f64>,
    /// Of the riskiest area.
    pub(super) level: &'static str,
    /// The gravest.
    pub(super) action: &'static str,
    /// The riskiest.
    pub(super) area: &'static str,
    /// Identifiers of what fired, largest contribution first, spaces between them.
    pub(super) signals: String,
    /// `field: "characters"`, ` | ` between them.
    pub(super) evidence: String,
    /// `CODE: message`.
    pub(super) error: String,
}

impl FlatRow {
    /// Of an outcome.
    pub(super) fn of(outcome: &Outcome) -> Self {
        let file = outcome.place.file.as_deref().unwrap_or_default().to_owned();
        let row = FlatRow { file, line: outcome.place.line, ..FlatRow::default() };
        match &outcome.result {
            Ok(scored) => row.with(scored),
            Err(fault) => FlatRow { error: error(fault), ..row },
        }
    }

    fn with(self, scored: &Scored) -> Self {
        let verdict = &scored.assessment.verdict;
        let kind = match scored.content {
            Content::Listing(_) => "listing",
            Content::Post(_) => "post",
        };
        let signals: Vec<&str> = verdict.signals.iter().map(|signal| signal.signal_id.as_str()).collect();
        FlatRow {
            kind,
            id: scored.content.id().to_owned(),
            risk: Some(verdict.risk.get()),
            level: verdict.level.as_str(),
            action: verdict.action.as_str(),
            area: verdict.areas.first().map_or("", |top| top.area.as_str()),
            signals: signals.join(" "),
            evidence: evidence(&verdict.signals),
            ..self
        }
    }
}

fn error(fault: &LineFault) -> String {
    format!("{}: {}", fault.code.as_str(), fault.message)
}

/// Every stretch of characters once.
fn evidence(signals: &[Signal]) -> String {
    let mut shown: Vec<String> = Vec::new();
    for piece in signals.iter().flat_map(|signal| &signal.evidence).filter(|piece| !piece.original_text.is_empty()) {
        let text = format!("{}: {:?}", piece.field_path, piece.original_text);
        if !shown.contains(&text) {
            shown.push(text);
        }
    }
    shown.join(" | ")
}

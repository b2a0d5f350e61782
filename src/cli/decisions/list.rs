//! `decisions list`: the newest decisions, a line each.
//!
//! Not here: finding them. Kept true: nothing of an identifier reaches the terminal before its control characters are spelled out.

use std::io::{self, Write};

use super::super::args::ListDecisionsArgs;
use super::super::columns::decimal;
use super::super::failure::{Exit, Failure, say};
use super::super::terminal::{BOLD, Terminal, visible};
use crate::domain::{Decision, Recorded};
use crate::wire::json;

/// Runs the command.
pub(super) fn run(args: &ListDecisionsArgs) -> Result<Exit, Failure> {
    let query = super::query(&args.filter, args.limit)?;
    let decisions = super::open(&args.store)?.list(&query)?;
    let mut out = io::stdout().lock();
    if args.json {
        for decision in decisions {
            writeln!(out, "{}", json::decision(decision).map_err(io::Error::from)?)?;
        }
        return Ok(Exit::Done);
    }
    if decisions.is_empty() {
        say("no decisions are recorded that fit");
        return Ok(Exit::Done);
    }
    let terminal = Terminal::stdout();
    let heading = line(["RECORDED", "RISK", "ACTION", "AREA", "DECISION", "ABOUT", "OF"]);
    writeln!(out, "{}", terminal.paint(BOLD, &heading))?;
    for decision in &decisions {
        writeln!(out, "{}", row(decision))?;
    }
    Ok(Exit::Done)
}

fn row(decision: &Recorded<Decision>) -> String {
    let Recorded { link, record } = decision;
    let verdict = &record.assessment.verdict;
    line([
        &json::instant_to_the_second(link.recorded_at),
        &decimal(Some(verdict.risk.get()), 2),
        verdict.action.as_str(),
        verdict.areas.first().map_or("", |first| first.area.as_str()),
        &record.assessment.assessment_id,
        &visible(&record.assessment.subject.id),
        &visible(&record.party.id),
    ])
}

/// No table of `columns.rs`: that one breaks long cells, and an identifier in two pieces cannot be copied.
fn line([recorded, risk, action, area, decision, about, of]: [&str; 7]) -> String {
    format!("{recorded:<20}  {risk:<4}  {action:<18}  {area:<15}  {decision:<36}  {about}  {of}")
}

//! `seller show`: a standing, and why it is as it is.
//!
//! Not here: the numbers (`reputation/`). Kept true: what is shown comes from the store and the pack's rules, as scoring sees it.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::super::args::SellerShowArgs;
use super::super::columns::{Columns, decimal, percent};
use super::super::failure::{Exit, Failure};
use super::super::pack;
use super::super::terminal::{BOLD, DIM, Terminal, visible};
use crate::domain::{MisuseStage, Standing, StandingDetail, Subject, SubjectKind};
use crate::wire::json;

/// Runs the command.
pub(super) fn run(args: &SellerShowArgs) -> Result<Exit, Failure> {
    let rules = pack::load(args.policy.as_deref())?.standing;
    let records = super::open(args.store.as_deref())?;
    let kind = if args.creator { SubjectKind::Creator } else { SubjectKind::Seller };
    let subject = Subject { kind, id: args.id.clone() };
    let detail = records.standing(&subject, &rules)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", json::standing(detail).map_err(io::Error::from)?)?;
    } else {
        out.write_all(render(&subject, &detail, Terminal::stdout()).as_bytes())?;
    }
    Ok(Exit::Done)
}

fn render(subject: &Subject, detail: &StandingDetail, terminal: Terminal) -> String {
    let Standing { mean, lower, upper, effective_events, strikes, trader_verified } = detail.standing;
    let share = |share| percent(Some(share), 1);
    let mut text = terminal.paint(BOLD, &visible(&subject.id));
    if effective_events == 0.0 && detail.contributions.is_empty() {
        text += &terminal.paint(DIM, "  nothing that counts is known");
    }
    let verified = if trader_verified { "verified" } else { "not verified" };
    // Writing to a text cannot fail.
    let _written = write!(
        text,
        "\n  rate of violation  {}, between {} and {} (90 %)\n  events             {} after decay\n  \
         strikes            {strikes}, {}\n  trader             {verified}\n",
        share(mean),
        share(lower),
        share(upper),
        decimal(Some(effective_events), 1),
        stage(detail.misuse),
    );
    if !detail.areas.is_empty() {
        let mut areas = Columns::new(&["AREA", "RATE", "EVENTS"], 1, terminal);
        for area in &detail.areas {
            areas.row(&[area.area.to_string(), share(area.mean), decimal(Some(area.effective_events), 1)]);
        }
        text += "\n";
        text += &areas.render();
    }
    if !detail.contributions.is_empty() {
        let mut events = Columns::new(&["EVENT", "ADDS TO THE RATE"], 1, terminal);
        for one in &detail.contributions {
            events.row(&[one.event_id.clone(), format!("{:+.2} %", one.contribution * 100.0)]);
        }
        text += "\n";
        text += &events.render();
    }
    text
}

const fn stage(stage: MisuseStage) -> &'static str {
    match stage {
        MisuseStage::None => "nothing due",
        MisuseStage::WarningDue => "a warning is due (DSA Art. 23)",
        MisuseStage::SuspensionDue => "warned, a suspension is due (DSA Art. 23)",
        MisuseStage::Suspended => "suspended (DSA Art. 23)",
    }
}

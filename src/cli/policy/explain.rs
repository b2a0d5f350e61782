//! `policy explain`: one item, and how its assessment came about.
//!
//! Not here: the trace itself (`engine/`), its JSON (`wire::json`). Kept true: everything that is shown comes from the trace;
//! nothing is computed here again.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::facts;
use crate::cli::args::ExplainArgs;
use crate::cli::columns::{Columns, decimal};
use crate::cli::failure::{Exit, Failure};
use crate::cli::input::LineFault;
use crate::cli::output::law;
use crate::cli::pack;
use crate::cli::terminal::{BOLD, DIM, Terminal, visible};
use crate::domain::{Assessment, Content};
use crate::engine::{AreaSum, Counterfactual, EvaluatedSignal, SignalOutcome, Trace};
use crate::wire::json;

/// Bytes of an item at most, as many as one gRPC message may have.
const MAX_ITEM: u64 = 4 << 20;

/// Runs the command.
pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let contents = read(&args.file)?;
    let scorer = pack::scorer(args.policy.as_deref())?;
    let terminal = Terminal::stdout();
    let mut out = io::stdout().lock();
    for content in contents {
        let (assessment, trace) = scorer.explain(&content);
        if args.json {
            writeln!(out, "{}", json::explanation(assessment, trace).map_err(io::Error::from)?)?;
        } else {
            out.write_all(render(&assessment, &trace, terminal).as_bytes())?;
        }
    }
    Ok(Exit::Done)
}

/// The post, then the listing: one of them or both.
fn read(path: &Path) -> Result<Vec<Content>, Failure> {
    let mut text = String::new();
    let name = if path == Path::new("-") { "the standard input".to_owned() } else { path.display().to_string() };
    let input: io::Result<Box<dyn Read>> = if path == Path::new("-") {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(path).map(|file| Box::new(file) as _)
    };
    input
        .and_then(|input| input.take(MAX_ITEM).read_to_string(&mut text))
        .map_err(|error| Failure::io(format_args!("{name} cannot be read"), &error))?;
    let line = json::parse_line_with_ids(&text, "item").map_err(|error| {
        let hint = "the file holds one item: {\"listing\": {…}} or {\"post\": {…}}; for one line of many: sed -n 7p FILE | \
                    dsa-signal policy explain -";
        Failure::with_hint(format!("{name}: {}", LineFault::from(error).message), hint)
    })?;
    Ok([line.post.map(Content::Post), line.listing.map(Content::Listing)].into_iter().flatten().collect())
}

fn render(assessment: &Assessment, trace: &Trace, terminal: Terminal) -> String {
    let mut text = opening(assessment, terminal);
    text.push_str(&facts::fields(&trace.fields, terminal));
    text.push_str(&facts::facts(&trace.facts, terminal));
    text.push_str(&signals(&trace.signals, terminal));
    text.push_str(&messages(assessment, terminal));
    text.push_str(&sums(&trace.areas, terminal));
    text.push_str(&counterfactual(trace.counterfactual.as_ref(), terminal));
    text
}

/// A heading.
pub(super) fn title(name: &str, terminal: Terminal) -> String {
    format!("\n{}\n", terminal.paint(BOLD, name))
}

fn opening(assessment: &Assessment, terminal: Terminal) -> String {
    let verdict = &assessment.verdict;
    let area = verdict.areas.first().map_or("no area", |top| top.area.as_str());
    let what = format!("risk {:.3}, {}, {area}", verdict.risk.get(), verdict.level);
    let style = Terminal::level(verdict.level);
    let action = terminal.paint(Terminal::action(verdict.action), verdict.action.as_str());
    let policy = &assessment.policy;
    let pack = format!("pack {} {}, language {}", policy.name, policy.version, verdict.language_code);
    let (id, what) = (visible(&assessment.subject.id), terminal.paint(style, &what));
    format!("{id}: {what}: {action}\n{}\n", terminal.paint(DIM, &visible(&pack)))
}

fn signals(signals: &[EvaluatedSignal], terminal: Terminal) -> String {
    let mut table = Columns::new(&["OUTCOME", "SIGNAL", "CONDITION", "WEIGHT"], 3, terminal);
    let order = [SignalOutcome::Fired, SignalOutcome::Outweighed, SignalOutcome::Silent];
    for outcome in order {
        for signal in signals.iter().filter(|signal| signal.outcome == outcome) {
            let weight = format!("{:+.1}", signal.weight.get());
            table.row(&[name(outcome).to_owned(), signal.signal_id.clone(), signal.condition.clone(), weight]);
        }
    }
    let skipped = signals.iter().filter(|signal| signal.outcome == SignalOutcome::Skipped).count();
    let mut text = title("Signals considered", terminal) + &table.render();
    if skipped > 0 {
        let note = format!(" {skipped} more were skipped: no fact that they depend on is present\n");
        text.push_str(&terminal.paint(DIM, &note));
    }
    text
}

const fn name(outcome: SignalOutcome) -> &'static str {
    match outcome {
        SignalOutcome::Fired => "fired",
        SignalOutcome::Outweighed => "outweighed",
        SignalOutcome::Silent => "silent",
        SignalOutcome::Skipped => "skipped",
    }
}

fn messages(assessment: &Assessment, terminal: Terminal) -> String {
    let fired = &assessment.verdict.signals;
    if fired.is_empty() {
        return String::new();
    }
    let mut text = title("What they say", terminal);
    for signal in fired {
        text.push_str(&format!(" {:+.1}  {}\n", signal.contribution.get(), visible(&signal.message)));
        if let Some(law) = law(&signal.legal_basis) {
            text.push_str(&terminal.paint(DIM, &format!("       {law}\n")));
        }
    }
    text
}

fn sums(areas: &[AreaSum], terminal: Terminal) -> String {
    let mut table = Columns::new(&["AREA", "PRIOR", "STANDING", "SIGNALS", "MODEL", "LOG ODDS", "RISK"], 1, terminal);
    for sum in areas {
        let nats = |nats: f64| decimal(Some(nats), 2);
        table.row(&[
            sum.area.as_str().to_owned(),
            nats(sum.prior.get()),
            nats(sum.standing.get()),
            nats(sum.signals.get()),
            nats(sum.model.get()),
            nats(sum.total.get()),
            decimal(Some(sum.total.risk().get()), 3),
        ]);
    }
    title("Sums, in nats; risk = 1 / (1 + exp(-log odds))", terminal) + &table.render()
}

fn counterfactual(found: Option<&Counterfactual>, terminal: Terminal) -> String {
    let mut text = title("What would have to change", terminal);
    let Some(found) = found else {
        text.push_str(" nothing: the item is allowed as it is\n");
        return text;
    };
    if !found.sufficient {
        text.push_str(
            " no set of signals suffices: what is known of the seller, or the area itself, is above the threshold\n",
        );
        return text;
    }
    let risk = found.remaining_risk.get();
    text.push_str(&format!(" without the following the item would be allowed (risk {risk:.3}):\n"));
    for id in &found.signal_ids {
        text.push_str(&format!("   {}\n", visible(id)));
    }
    for piece in found.evidence.iter().filter(|piece| !piece.original_text.is_empty()) {
        text.push_str(&terminal.paint(DIM, &format!("   {}\n", facts::evidence(piece))));
    }
    text
}

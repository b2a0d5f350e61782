//! What a fit found, for people.
//!
//! Not here: the differences themselves (`diff.rs`). Kept true: every signal that fired on a line is shown, changed or not.

use crate::cli::columns::{Columns, percent};
use crate::cli::progress::grouped;
use crate::cli::terminal::{BOLD, DIM, Terminal};
use crate::service::{AreaFit, Outcome, SignalFit};

/// Areas, then the signals of each.
pub(super) fn render(fits: &[AreaFit], priors: bool, terminal: Terminal) -> String {
    let mut text = title("Areas: as written, then as fitted, each line measured without its own source", terminal);
    text.push_str(&areas(fits, terminal));
    let balance = match priors {
        true => "Lines are taken in their own proportions.",
        false => "Labelled lines are weighed so that they are as rare as the area's prior says.",
    };
    let note = format!(
        " {balance} RIDGE pulls weights to what is written. LOSS: nats per line. ECE: distance of risk and truth where a \
         signal fired. CAUGHT, FALSE+: labelled, clear lines at REVIEW or above.\n"
    );
    text.push_str(&terminal.paint(DIM, &note));
    for fit in fits {
        text.push_str(&title(&format!("Signals of {} that fired", fit.area), terminal));
        text.push_str(&signals(fit, terminal));
    }
    text
}

fn areas(fits: &[AreaFit], terminal: Terminal) -> String {
    let names = ["AREA", "OUTCOME", "LABELLED", "CLEAR", "PRIOR", "LOSS", "ECE", "CAUGHT", "FALSE+"];
    let mut table = Columns::new(&names, 2, terminal);
    for fit in fits {
        let outcome = match fit.outcome {
            Outcome::Fitted(ridge) => format!("fitted, ridge {ridge}"),
            Outcome::AsWritten => "kept: no fit is better".to_owned(),
            Outcome::OneSource => "kept: labelled by one source".to_owned(),
        };
        let (before, after) = (&fit.before, &fit.after);
        table.row(&[
            fit.area.as_str().to_owned(),
            outcome,
            grouped(fit.labelled as u64),
            grouped(fit.clear as u64),
            arrow(format!("{:.1}", fit.prior.0), format!("{:.1}", fit.prior.1)),
            arrow(format!("{:.4}", before.loss), format!("{:.4}", after.loss)),
            arrow(format!("{:.3}", before.calibration_error), format!("{:.3}", after.calibration_error)),
            arrow(grouped(before.caught as u64), grouped(after.caught as u64)),
            arrow(grouped(before.false_alarms as u64), grouped(after.false_alarms as u64)),
        ]);
    }
    table.render()
}

fn signals(fit: &AreaFit, terminal: Terminal) -> String {
    let names = ["SIGNAL", "WORST SOURCE", "LABELLED", "SHARE", "CLEAR", "LIFT", "NATS"];
    let mut table = Columns::new(&names, 2, terminal);
    for signal in &fit.signals {
        let coverage = &signal.coverage;
        let worst = coverage.worst.as_ref();
        let share = coverage.labelled as f64 / fit.labelled.max(1) as f64;
        // Fired on no clear line, the lift is at least what one such line would make it.
        let least = if coverage.clear == 0 { ">" } else { "" };
        table.row(&[
            signal.signal_id.clone(),
            worst.map(|worst| format!("{} {}/{}", worst.name, worst.fired, worst.clear)).unwrap_or_default(),
            grouped(coverage.labelled as u64),
            percent(Some(share), 1),
            grouped(coverage.clear as u64),
            format!("{least}{:.1}", coverage.lift),
            nats(signal),
        ]);
    }
    table.render()
}

fn nats(signal: &SignalFit) -> String {
    arrow(format!("{:.1}", signal.before), format!("{:.1}", signal.after))
}

/// What stays the same is told once.
fn arrow(before: String, after: String) -> String {
    if before == after { before } else { format!("{before} -> {after}") }
}

fn title(name: &str, terminal: Terminal) -> String {
    format!("\n{}\n", terminal.paint(BOLD, name))
}

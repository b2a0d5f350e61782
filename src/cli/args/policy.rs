//! What can be typed after `dsa-signal policy`.
//!
//! Not here: what packs are (`policy/`), the commands themselves (`cli/policy/`). Kept true: the examples work.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  dsa-signal policy check my-pack              what is wrong, and where
  dsa-signal policy test my-pack               run the examples inside the pack
  dsa-signal policy explain item.json          why an item is scored as it is
  dsa-signal policy fit labelled.jsonl         what weights the lines speak for";

const CHECK_EXAMPLES: &str = "\
Examples:
  dsa-signal policy check my-pack
  dsa-signal policy check policies/default

Exit codes: 0 the pack compiles; 1 it does not.";

const TEST_EXAMPLES: &str = "\
Every `fires` example must fire its signal, every `silent` one must not.

Examples:
  dsa-signal policy test                       the pack inside this binary
  dsa-signal policy test my-pack

Exit codes: 0 every example holds; 1 some do not.";

const EXPLAIN_EXAMPLES: &str = "\
Shows the text as the matcher reads it, every fact, every signal considered with what became of it, the sum behind each \
area, and the smallest set of signals without which the item would be allowed.

Examples:
  dsa-signal policy explain item.json
  dsa-signal policy explain item.json --policy my-pack --json
  echo '{\"listing\": {\"title\": \"Wooden chair\"}}' | dsa-signal policy explain -";

const FIT_EXAMPLES: &str = "\
Signs are held, rare signals stay near what is written, and an area is changed only if that helps on sources that were held \
out. The differences go to the standard output, what was measured to the standard error.

Examples:
  dsa-signal policy fit labelled.jsonl --policy my-pack > weights.diff
  dsa-signal policy fit labelled.jsonl --policy my-pack --titles-only --output weights.diff
  dsa-signal policy fit labelled.jsonl --policy my-pack --apply";

/// What to do with a policy pack.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say what is wrong with a pack, and where
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// The pack's folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Run the examples inside a pack
    #[command(after_help = TEST_EXAMPLES)]
    Test {
        /// The pack's folder [default: the pack inside this binary]
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Show why an item is scored as it is
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
    /// Refit the weights of signals on labelled lines, as differences for a person to read
    #[command(after_help = FIT_EXAMPLES)]
    Fit(FitArgs),
}

/// Options of `policy fit`.
#[derive(Debug, Args)]
pub struct FitArgs {
    /// Labelled lines; `-` reads the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Policy pack to fit [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
    /// Score titles (of posts: the text) alone, so that no field gives away where a line comes from
    #[arg(long)]
    pub titles_only: bool,
    /// Fit the priors too. Only for lines in the proportions of real life; otherwise labelled lines are weighed so that
    /// they are as rare as the priors say
    #[arg(long)]
    pub priors: bool,
    /// Write the differences to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Change the files of the pack
    #[arg(long, requires = "policy")]
    pub apply: bool,
}

/// Options of `policy explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// One item: {"listing": {…}} or {"post": {…}}; `-` reads the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write the assessment and the trace as JSON
    #[arg(long)]
    pub json: bool,
    /// Policy pack to score with [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
}

//! What can be typed behind `decisions`.
//!
//! Not here: what the commands do. Kept true: every one of them ends its help with examples that work.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::{Action, RiskArea};

pub(super) const EXAMPLES: &str = "\
Examples:
  dsa-signal decisions list --min-action BLOCK --since 2026-11-01
  dsa-signal decisions show 01a20039-122c-768c-9b4c-fdf70f485310
  dsa-signal decisions verify
  dsa-signal decisions export --seller s-1 --output evidence.jsonl";

const LIST_EXAMPLES: &str = "\
Examples:
  dsa-signal decisions list
  dsa-signal decisions list --min-action BLOCK --area medicine --limit 20
  dsa-signal decisions list --seller s-1 --since 2026-11-01 --json
  dsa-signal decisions list --store postgres://dsa@db/dsa";

const SHOW_EXAMPLES: &str = "\
Examples:
  dsa-signal decisions show 01a20039-122c-768c-9b4c-fdf70f485310";

const POLICIES_EXAMPLES: &str = "\
Examples:
  dsa-signal decisions policies
  dsa-signal decisions policies --store postgres://dsa@db/dsa";

const VERIFY_EXAMPLES: &str = "\
Follows every chain from its first entry to its last: each digest must cover its entry and the digest before it. Any edit, deletion or reorder \
is named by its entry. What no chain can show by itself is that its end was cut off together with its head: keep the heads that this prints \
where the store's owner cannot reach, and hand them back with --expect.

Examples:
  dsa-signal decisions verify
  dsa-signal decisions verify --replay --policy my-pack
  dsa-signal decisions verify --expect 01a20039-122c-768c-9b4c-fdf70f485310:17:9f86d0…

Exit codes: 0 all is well; 1 something was changed, or does not come out the same.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  dsa-signal decisions export --output decisions.jsonl
  dsa-signal decisions export --seller s-1 --since 2026-01-01 | gzip > evidence.jsonl.gz";

const ERASE_EXAMPLES: &str = "\
Erases contents, decisions, outcomes and notices that were recorded before an instant. Their digests stay, and an entry in each chain says \
what was erased, so that `decisions verify` still proves the rest. Events of sellers and creators stay: standings are made of them.

Examples:
  dsa-signal decisions erase --before 2026-05-01 --contents-only
  dsa-signal decisions erase --before 2024-11-01";

/// What to do with the record of decisions.
#[derive(Debug, Subcommand)]
pub enum DecisionsCommand {
    /// The newest decisions, a line each
    #[command(after_help = LIST_EXAMPLES)]
    List(ListDecisionsArgs),
    /// One decision with its outcomes and notices, as JSON
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Identifier of the decision, which is that of the assessment
        #[arg(value_name = "ID")]
        id: String,
        /// Where records are kept.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Which policy packs came into force, and when: what the digest in a decision stands for
    #[command(after_help = POLICIES_EXAMPLES)]
    Policies {
        /// Where records are kept.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Prove that nothing was changed, or name what was
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Every decision with its outcomes and notices, as JSON Lines
    #[command(after_help = EXPORT_EXAMPLES)]
    Export(ExportDecisionsArgs),
    /// Erase what is old, and leave a chain that can be followed
    #[command(after_help = ERASE_EXAMPLES)]
    Erase(EraseArgs),
}

/// Where records are kept.
#[derive(Clone, Debug, Default, Args)]
pub struct StoreArgs {
    /// Store: sqlite:PATH or postgres://user@host/database [default: the file in your data folder]
    #[arg(long, value_name = "URL", env = "DSA_SIGNAL_STORE", hide_env_values = true)]
    pub store: Option<String>,
}

/// Which decisions.
#[derive(Clone, Debug, Default, Args)]
pub struct DecisionFilterArgs {
    /// At least so grave: REQUIRE_DISCLOSURE, AGE_GATE, DEMOTE, REVIEW, BLOCK, ESCALATE
    #[arg(long, value_name = "ACTION", value_parser = action)]
    pub min_action: Option<Action>,
    /// The largest risk lies in this area
    #[arg(long, value_name = "AREA", value_parser = area)]
    pub area: Option<RiskArea>,
    /// About listings of this seller
    #[arg(long, value_name = "ID", conflicts_with = "creator")]
    pub seller: Option<String>,
    /// About posts of this creator
    #[arg(long, value_name = "ID")]
    pub creator: Option<String>,
    /// About this listing
    #[arg(long, value_name = "ID", conflicts_with = "post")]
    pub listing: Option<String>,
    /// About this post
    #[arg(long, value_name = "ID")]
    pub post: Option<String>,
    /// Recorded at or after: a date, or an instant in RFC 3339
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Recorded before
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// Options of `decisions list`.
#[derive(Debug, Args)]
pub struct ListDecisionsArgs {
    /// Which decisions.
    #[command(flatten)]
    pub filter: DecisionFilterArgs,
    /// Where records are kept.
    #[command(flatten)]
    pub store: StoreArgs,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub limit: usize,
    /// Write one JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `decisions verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Where records are kept.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Score every content that was kept again, and compare byte for byte
    #[arg(long)]
    pub replay: bool,
    /// Policy pack for --replay; decisions under another one are counted and left [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
    /// A head that an earlier run has printed: CHAIN:SEQUENCE:DIGEST. May be given several times
    #[arg(long, value_name = "HEAD")]
    pub expect: Vec<String>,
}

/// Options of `decisions export`.
#[derive(Debug, Args)]
pub struct ExportDecisionsArgs {
    /// Which decisions.
    #[command(flatten)]
    pub filter: DecisionFilterArgs,
    /// Where records are kept.
    #[command(flatten)]
    pub store: StoreArgs,
    /// Write to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Options of `decisions erase`.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Recorded before: a date, or an instant in RFC 3339
    #[arg(long, value_name = "TIME")]
    pub before: String,
    /// Erase contents and keep decisions
    #[arg(long)]
    pub contents_only: bool,
    /// Where records are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

fn action(name: &str) -> Result<Action, String> {
    let known = || Action::ALL.map(Action::as_str).join(", ");
    name.to_ascii_uppercase().parse().map_err(|()| format!("actions are {}", known()))
}

fn area(name: &str) -> Result<RiskArea, String> {
    let known = || RiskArea::ALL.map(RiskArea::as_str).join(", ");
    name.parse().map_err(|()| format!("areas are {}", known()))
}

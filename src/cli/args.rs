//! What can be typed: commands, options, and examples for each.
//!
//! Not here: what commands do. Kept true: every command's `--help` ends with examples that work; an option that the
//! environment can set says so.

mod decisions;
mod policy;
mod token;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::text::Disguise;
pub use decisions::{
    DecisionFilterArgs, DecisionsCommand, EraseArgs, ExportDecisionsArgs, ListDecisionsArgs, StoreArgs, VerifyArgs,
};
pub use policy::{ExplainArgs, FitArgs, PolicyCommand};
pub use token::{NewTokenArgs, TokenCommand};

const EXAMPLES: &str = "\
Examples:
  dsa-signal                                   serve gRPC on 127.0.0.1:50051
  dsa-signal score listings.jsonl              score a file, see what was found
  dsa-signal evaluate labelled.jsonl           compare with what people decided
  dsa-signal policy check my-pack              find what is wrong with a policy pack
  dsa-signal seller show s-1                   what is known of a seller, and why
  dsa-signal decisions verify                  prove that no record was changed
  dsa-signal help score                        more about a command

Exit codes: 0 done; 1 failed; 2 done, but some lines could not be read (or a wrong command line).";

const SERVE_EXAMPLES: &str = "\
Examples:
  dsa-signal serve
  dsa-signal serve --listen 127.0.0.1:50052 --policy my-pack
  dsa-signal serve --listen 0.0.0.0:50051 --tls-certificate cert.pem --tls-key key.pem --clients clients.txt
  dsa-signal serve --store postgres://dsa@127.0.0.1/dsa
  dsa-signal serve --config dsa-signal.toml --print-config
  grpcurl -plaintext 127.0.0.1:50051 list";

const SCORE_EXAMPLES: &str = "\
A line of JSON Lines is {\"listing\": {…}}, {\"post\": {…}}, or both: then the post is scored first, then the listing. What \
posts say counts for listings further down that they lead to, and for the one beside them. Other \
keys (id, source, labels, notes) are left alone. An item without identifiers gets the line's `id`, or its number.
CSV and TSV files name fields of listings (title, description, price, currency_code …) or posts (text, hashtags …) in \
their first line.

Examples:
  dsa-signal score listings.jsonl
  dsa-signal score listings.csv posts.jsonl --min-risk 0.5
  dsa-signal score listings.jsonl --output results.csv
  echo '{\"listing\": {\"title\": \"Wooden chair\"}}' | dsa-signal score
  zcat archive.jsonl.gz | dsa-signal score - --format jsonl > results.jsonl

Exit codes: 0 done; 1 failed; 2 done, but some lines could not be read.";

const EVALUATE_EXAMPLES: &str = "\
A labelled line is {\"id\": …, \"source\": …, \"label\": …, \"core\": true, \"labels\": [\"medicine\"], \"listing\": {…}}: \
`labels` are risk areas, none = clear; `core: false` keeps a line out of the headline; `post` in place of `listing`, or both. \
Every line is scored as its own seller, so nothing leaks from line to line.

Examples:
  dsa-signal evaluate labelled.jsonl
  dsa-signal evaluate labelled.jsonl --titles-only
  dsa-signal evaluate labelled.jsonl --titles-only --disguise each
  dsa-signal evaluate labelled.jsonl --policy my-pack --json > numbers.json
  dsa-signal evaluate labelled.jsonl --policy my-new-pack --compare numbers.json
  dsa-signal evaluate labelled.jsonl --plots curves
  dsa-signal evaluate labelled.jsonl --leave-one-out";

const MODEL_EXAMPLES: &str = "\
Examples:
  dsa-signal model train labelled.jsonl
  dsa-signal model train labelled.jsonl --policy my-pack --output my-pack/text.dsam --version 2026.11";

const SELLER_EXAMPLES: &str = "\
Examples:
  dsa-signal seller import events.jsonl        remember what happened to sellers and creators
  dsa-signal seller show s-1                   what is known of one, and why";

const SELLER_SHOW_EXAMPLES: &str = "\
Examples:
  dsa-signal seller show s-1
  dsa-signal seller show --creator c-1 --json
  dsa-signal seller show s-1 --store postgres://dsa@db/dsa --policy my-pack";

const SELLER_IMPORT_EXAMPLES: &str = "\
A line of JSON Lines is {\"event_id\": …, \"seller_id\": …, \"kind\": \"content_removed\", \"area\": \"counterfeit\", \"count\": 1, \
\"occurred_at\": \"2026-11-21T18:00:00Z\"}; `creator_id` in place of `seller_id` for creators; `area` and `count` may be left out. CSV, TSV \
and Parquet files name the same keys in their columns. docs/POLICY.md lists the kinds. An `event_id` counts once, so an import that broke \
off is simply started again.

Examples:
  dsa-signal seller import events.jsonl
  dsa-signal seller import orders.csv removals.parquet --store sqlite:records.sqlite
  zcat events.jsonl.gz | dsa-signal seller import

Exit codes: 0 done; 1 failed; 2 done, but some lines could not be read.";

/// Scores marketplace listings and influencer posts for risk under the EU Digital Services Act, with the characters and the
/// law behind every signal. It flags for people to decide and declares nothing illegal.
#[derive(Debug, Parser)]
#[command(name = "dsa-signal", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do; without a command, serve.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of `serve`, which is what happens without a command.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve gRPC (the default)
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Score files of listings and posts
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArgs),
    /// Measure against labelled lines: recall, false positives, precision, calibration
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(EvaluateArgs),
    /// List, show, verify, export and erase the record of decisions
    #[command(subcommand, after_help = decisions::EXAMPLES)]
    Decisions(DecisionsCommand),
    /// Check, test and explain policy packs
    #[command(subcommand, after_help = policy::EXAMPLES)]
    Policy(PolicyCommand),
    /// Train the text model of a pack
    #[command(subcommand, after_help = MODEL_EXAMPLES)]
    Model(ModelCommand),
    /// What is known of sellers and creators: show, import
    #[command(subcommand, after_help = SELLER_EXAMPLES)]
    Seller(SellerCommand),
    /// Make tokens for clients of the service
    #[command(subcommand, after_help = token::EXAMPLES)]
    Token(TokenCommand),
}

/// Options of `serve`. What is not given here comes from the environment, then the file, then the defaults.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Where to listen [default: 127.0.0.1:50051; port 0 takes any free port]
    #[arg(long, value_name = "ADDRESS", env = "DSA_SIGNAL_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Where /metrics, /healthz and /readyz are, or `off` [default: 127.0.0.1:9464]
    #[arg(long, value_name = "ADDRESS", env = "DSA_SIGNAL_METRICS_LISTEN")]
    pub metrics_listen: Option<String>,
    /// Certificate and its chain, PEM; read again when it changes
    #[arg(long, value_name = "FILE", env = "DSA_SIGNAL_TLS_CERTIFICATE")]
    pub tls_certificate: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(long, value_name = "FILE", env = "DSA_SIGNAL_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Authorities that sign client certificates, PEM; then every client needs one
    #[arg(long, value_name = "FILE", env = "DSA_SIGNAL_TLS_CLIENT_CA")]
    pub tls_client_ca: Option<PathBuf>,
    /// Clients with their roles (see `dsa-signal token new`); read again when it changes
    #[arg(long, value_name = "FILE", env = "DSA_SIGNAL_CLIENTS")]
    pub clients: Option<PathBuf>,
    /// Serve other machines without TLS: only behind something that has it
    #[arg(long)]
    pub insecure: bool,
    /// Policy pack to score with [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
    /// Where records are kept: memory:, sqlite:PATH or postgres://user@host/database [default: a file in your data folder]
    #[arg(long, value_name = "URL", env = "DSA_SIGNAL_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// TOML file with the same settings
    #[arg(long, value_name = "FILE", env = "DSA_SIGNAL_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print the settings in force and exit
    #[arg(long)]
    pub print_config: bool,
    /// What to log: error, warn, info, debug, trace, or `part=level,…` [default: info]
    #[arg(long, value_name = "FILTER", env = "DSA_SIGNAL_LOG")]
    pub log: Option<String>,
    /// How to log [default: text on a terminal, json elsewhere]
    #[arg(long, value_name = "FORMAT", env = "DSA_SIGNAL_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one object a line.
    Json,
}

/// Options of `score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Files to score: .csv, .tsv, .parquet, anything else is JSON Lines; `-` or none reads the standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// How to write results [default: by the extension of --output; table on a terminal, jsonl elsewhere]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write results to a file
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Policy pack to score with [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
    /// Leave out items with a lower risk (0 to 1)
    #[arg(long, value_name = "RISK", default_value_t = 0.0, hide_default_value = true, value_parser = risk)]
    pub min_risk: f64,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: evidence marked in the text, signals and law below.
    Table,
    /// One object a line: everything.
    Jsonl,
    /// One row an item: the summary.
    Csv,
    /// The columns of csv, typed (needs a build with the feature `parquet`).
    Parquet,
}

/// Options of `evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// Labelled lines; `-` reads the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Score titles (of posts: the text) alone, so that no field gives away where a line comes from
    #[arg(long)]
    pub titles_only: bool,
    /// Write every word of titles, descriptions and posts in disguise first: leet, confusable, spacing, joiner, zero-width,
    /// repetition, diacritic, styled, cut, reversed, turned, or `each` in turn
    #[arg(long, value_name = "WAY", value_parser = disguise)]
    pub disguise: Option<DisguiseWay>,
    /// Train the text model anew without each source and measure on that source, titles only: with and without the model,
    /// plain and disguised. Takes minutes
    #[arg(long, conflicts_with_all = ["compare", "plots"])]
    pub leave_one_out: bool,
    /// With --leave-one-out: labelled lines that are never left out and of which only the meaning of lexicons together is learned
    #[arg(long, value_name = "FILE", requires = "leave_one_out")]
    pub also: Vec<PathBuf>,
    /// Write everything as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Tell what changed since an earlier run, of which this is what --json wrote
    #[arg(long, value_name = "JSON")]
    pub compare: Option<PathBuf>,
    /// Draw precision-recall and calibration curves into this folder, as SVG
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// Policy pack to score with [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
}

/// How words are disguised before they are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisguiseWay {
    /// All lines in one way.
    One(Disguise),
    /// Line by line in turn.
    Each,
}

impl DisguiseWay {
    /// As typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            DisguiseWay::One(way) => way.as_str(),
            DisguiseWay::Each => "each",
        }
    }
}

fn disguise(name: &str) -> Result<DisguiseWay, String> {
    let one = Disguise::ALL.into_iter().find(|way| way.as_str() == name).map(DisguiseWay::One);
    let way = one.or((name == "each").then_some(DisguiseWay::Each));
    let known = || Disguise::ALL.map(Disguise::as_str).join(", ");
    way.ok_or_else(|| format!("ways are {} and each", known()))
}

/// What to do with the records of sellers and creators.
#[derive(Debug, Subcommand)]
pub enum SellerCommand {
    /// Show the standing of a seller or creator, and the events that carry it
    #[command(after_help = SELLER_SHOW_EXAMPLES)]
    Show(SellerShowArgs),
    /// Import events of sellers and creators
    #[command(after_help = SELLER_IMPORT_EXAMPLES)]
    Import(SellerImportArgs),
}

/// Options of `seller show`.
#[derive(Debug, Args)]
pub struct SellerShowArgs {
    /// Identifier of the seller
    #[arg(value_name = "ID")]
    pub id: String,
    /// It is the identifier of a creator
    #[arg(long)]
    pub creator: bool,
    /// Write the standing as JSON
    #[arg(long)]
    pub json: bool,
    /// Where records are kept: sqlite:PATH, postgres://… [default: a file in your data folder]
    #[arg(long, value_name = "URL", env = "DSA_SIGNAL_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Policy pack whose standing.yaml counts [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
}

/// Options of `seller import`.
#[derive(Debug, Args)]
pub struct SellerImportArgs {
    /// Files of events: .csv, .tsv, .parquet, anything else is JSON Lines; `-` or none reads the standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where records are kept: sqlite:PATH, postgres://… [default: a file in your data folder]
    #[arg(long, value_name = "URL", env = "DSA_SIGNAL_STORE", hide_env_values = true)]
    pub store: Option<String>,
}

/// What to do with a text model.
#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// Learn from labelled lines; the same lines and seed give the same file
    #[command(after_help = MODEL_EXAMPLES)]
    Train(TrainArgs),
}

/// Options of `model train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Labelled lines; `-` reads the standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Labelled lines of which only the meaning of lexicons together is learned: cases that were written to make a point
    #[arg(long, value_name = "FILE")]
    pub also: Vec<PathBuf>,
    /// Where to write the model; without it, it is only measured
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Pack whose areas, limits and examples are used [default: the pack inside this binary]
    #[arg(long, value_name = "DIR", env = "DSA_SIGNAL_POLICY")]
    pub policy: Option<PathBuf>,
    /// Version written into the model
    #[arg(long, value_name = "TEXT", default_value = "1")]
    pub version: String,
    /// Order of the lines and choice of disguises
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// Leave out the measurement on sources that were not trained on
    #[arg(long)]
    pub no_report: bool,
}

fn risk(text: &str) -> Result<f64, String> {
    let risk: f64 = text.parse().map_err(|_| "write a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&risk) { Ok(risk) } else { Err("a risk lies between 0 and 1".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_of_serve_work_without_its_name() {
        let cli = Cli::try_parse_from(["dsa-signal", "--listen", "127.0.0.1:0"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.serve.listen, Some(SocketAddr::from(([127, 0, 0, 1], 0))));
    }

    #[test]
    fn every_command_shows_examples() {
        fn check(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n  "), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn every_way_of_disguise_can_be_named() {
        for way in Disguise::ALL {
            assert_eq!(disguise(way.as_str()), Ok(DisguiseWay::One(way)));
        }
        assert_eq!(disguise("each"), Ok(DisguiseWay::Each));
        assert!(disguise("rot13").is_err_and(|advice| advice.contains("zero-width")));
    }

    #[test]
    fn a_risk_is_a_number_from_0_to_1() {
        assert_eq!(risk("0.5"), Ok(0.5));
        assert!(risk("50%").is_err() && risk("1.5").is_err() && risk("NaN").is_err());
    }
}

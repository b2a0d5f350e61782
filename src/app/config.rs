//! The configuration of the service: as written, then as checked.
//!
//! Not here: where the layers come from (`app.rs`), the options of the command line (`cli/`). Kept true: unknown keys of a
//! file are errors; every fault is told at once, by its key; nothing is in force that `--print-config` does not show.
//!
//! Unknown `DSA_SIGNAL_*` variables are left alone: Kubernetes puts `DSA_SIGNAL_PORT` and its like into every pod beside a
//! service of that name.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use crate::cli::LogFormat;
use crate::grpc::{Drain, MessageLimits};
use crate::service::{OnStoreFailure, RecordPolicy};
use crate::store::Location;

/// Some 260 MB when all of it is used.
const LIVE_STANDINGS: NonZeroUsize = match NonZeroUsize::new(2_000_000) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};

/// The configuration in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where gRPC listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Folder of the policy pack; `None` = the one inside the binary.
    pub policy: Option<PathBuf>,
    /// What to log, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// How the server ends.
    pub drain: Drain,
    /// Largest messages.
    pub limits: MessageLimits,
    /// Threads for calls, and as many for long work.
    pub workers: NonZeroUsize,
    /// Sellers and creators whose standing is kept in memory; the others are read when they are needed.
    pub live_standings: NonZeroUsize,
    /// Where records are kept.
    pub store: Location,
    /// What is recorded, and how strictly.
    pub record: RecordPolicy,
    /// Folder for records that wait until the store is back; `None` = there is no such folder.
    pub spool: Option<PathBuf>,
}

/// The configuration as written: text for every key that was given. Each key is a key of the file, and in capitals after
/// `DSA_SIGNAL_` a variable of the environment.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    /// Address to listen on.
    pub listen: Option<Written>,
    /// Folder of the policy pack.
    pub policy: Option<Written>,
    /// What to log.
    pub log: Option<Written>,
    /// `text` or `json`.
    pub log_format: Option<Written>,
    /// Time between NOT_SERVING and the end of accepting, e.g. `1s`.
    pub drain_grace: Option<Written>,
    /// Time for calls under way after that, e.g. `30s`.
    pub drain_timeout: Option<Written>,
    /// Largest unary message or stream item, e.g. `4MiB`.
    pub max_message_size: Option<Written>,
    /// Largest batch, e.g. `64MiB`.
    pub max_batch_size: Option<Written>,
    /// Threads; 0 = as many as there are processors.
    pub workers: Option<Written>,
    /// Sellers and creators in memory, e.g. 2000000.
    pub live_standings: Option<Written>,
    /// `memory:`, `sqlite:PATH` or `postgres://…`.
    pub store: Option<Written>,
    /// `open` or `closed`.
    pub on_store_failure: Option<Written>,
    /// Share of allowed items that are recorded, e.g. `0.01`.
    pub sample_allowed: Option<Written>,
    /// Keep content beside records, `true` or `false`.
    pub store_content: Option<Written>,
    /// Folder for records that wait until the store is back.
    pub spool: Option<Written>,
}

/// A value as written: text, or a number or truth value where the file has one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Written {
    /// `"1s"`
    Text(String),
    /// `4`
    Number(i64),
    /// `0.5`
    Fraction(f64),
    /// `true`
    Flag(bool),
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Written::Text(text) => f.write_str(text),
            Written::Number(number) => number.fmt(f),
            Written::Fraction(number) => number.fmt(f),
            Written::Flag(flag) => flag.fmt(f),
        }
    }
}

impl From<String> for Written {
    fn from(text: String) -> Self {
        Written::Text(text)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct InvalidConfig {
    /// One sentence a fault.
    pub faults: Vec<String>,
}

impl fmt::Display for InvalidConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("\n"))
    }
}

impl RawConfig {
    /// Reads a file's text. The error names the key, the line and the column.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Reads the environment. An empty variable counts as not set.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| variable(name).filter(|text| !text.is_empty()).map(Written::Text);
        RawConfig {
            listen: read("DSA_SIGNAL_LISTEN"),
            policy: read("DSA_SIGNAL_POLICY"),
            log: read("DSA_SIGNAL_LOG"),
            log_format: read("DSA_SIGNAL_LOG_FORMAT"),
            drain_grace: read("DSA_SIGNAL_DRAIN_GRACE"),
            drain_timeout: read("DSA_SIGNAL_DRAIN_TIMEOUT"),
            max_message_size: read("DSA_SIGNAL_MAX_MESSAGE_SIZE"),
            max_batch_size: read("DSA_SIGNAL_MAX_BATCH_SIZE"),
            workers: read("DSA_SIGNAL_WORKERS"),
            live_standings: read("DSA_SIGNAL_LIVE_STANDINGS"),
            store: read("DSA_SIGNAL_STORE"),
            on_store_failure: read("DSA_SIGNAL_ON_STORE_FAILURE"),
            sample_allowed: read("DSA_SIGNAL_SAMPLE_ALLOWED"),
            store_content: read("DSA_SIGNAL_STORE_CONTENT"),
            spool: read("DSA_SIGNAL_SPOOL"),
        }
    }

    /// These values, and `lower` where there is none.
    pub fn over(self, lower: RawConfig) -> RawConfig {
        RawConfig {
            listen: self.listen.or(lower.listen),
            policy: self.policy.or(lower.policy),
            log: self.log.or(lower.log),
            log_format: self.log_format.or(lower.log_format),
            drain_grace: self.drain_grace.or(lower.drain_grace),
            drain_timeout: self.drain_timeout.or(lower.drain_timeout),
            max_message_size: self.max_message_size.or(lower.max_message_size),
            max_batch_size: self.max_batch_size.or(lower.max_batch_size),
            workers: self.workers.or(lower.workers),
            live_standings: self.live_standings.or(lower.live_standings),
            store: self.store.or(lower.store),
            on_store_failure: self.on_store_failure.or(lower.on_store_failure),
            sample_allowed: self.sample_allowed.or(lower.sample_allowed),
            store_content: self.store_content.or(lower.store_content),
            spool: self.spool.or(lower.spool),
        }
    }
}

impl Config {
    /// Checks every value; what was not written gets its default. `on_terminal` decides how logs look if nobody says.
    pub fn check(raw: &RawConfig, on_terminal: bool) -> Result<Self, InvalidConfig> {
        let mut faults = Faults::default();
        let Drain { grace, timeout } = Drain::default();
        let MessageLimits { message, batch } = MessageLimits::default();
        let log_format = if on_terminal { LogFormat::Text } else { LogFormat::Json };
        let record = RecordPolicy::default();
        let spool = raw.spool.as_ref().map(|folder| PathBuf::from(folder.to_string()));
        let config = Config {
            listen: faults.read("listen", &raw.listen, listen, SocketAddr::from(([127, 0, 0, 1], 50051))),
            policy: raw.policy.as_ref().map(|folder| PathBuf::from(folder.to_string())),
            log: faults.read("log", &raw.log, log, "info".to_owned()),
            log_format: faults.read("log_format", &raw.log_format, format, log_format),
            drain: Drain {
                grace: faults.read("drain_grace", &raw.drain_grace, duration, grace),
                timeout: faults.read("drain_timeout", &raw.drain_timeout, duration, timeout),
            },
            limits: MessageLimits {
                message: faults.read("max_message_size", &raw.max_message_size, size, message),
                batch: faults.read("max_batch_size", &raw.max_batch_size, size, batch),
            },
            workers: faults.read("workers", &raw.workers, workers, processors()),
            live_standings: faults.read("live_standings", &raw.live_standings, live_standings, LIVE_STANDINGS),
            store: faults.store(&raw.store),
            record: RecordPolicy {
                on_failure: faults.read("on_store_failure", &raw.on_store_failure, on_failure, record.on_failure),
                sample_allowed: faults.read("sample_allowed", &raw.sample_allowed, share, record.sample_allowed),
                store_content: faults.read("store_content", &raw.store_content, flag, record.store_content),
            },
            spool: spool.or_else(|| Location::data_folder().map(|folder| folder.join("spool"))),
        };
        if faults.0.is_empty() { Ok(config) } else { Err(InvalidConfig { faults: faults.0 }) }
    }
}

/// As a file that gives this configuration.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "listen = \"{}\"", self.listen)?;
        match &self.policy {
            Some(folder) => writeln!(f, "policy = {}", toml::Value::from(folder.display().to_string()))?,
            None => writeln!(f, "# policy = \"DIR\" # not set: the pack inside the binary")?,
        }
        writeln!(f, "log = {}", toml::Value::from(self.log.as_str()))?;
        writeln!(f, "log_format = \"{}\"", format_name(self.log_format))?;
        writeln!(f, "drain_grace = \"{}ms\"", self.drain.grace.as_millis())?;
        writeln!(f, "drain_timeout = \"{}ms\"", self.drain.timeout.as_millis())?;
        writeln!(f, "max_message_size = {}", self.limits.message)?;
        writeln!(f, "max_batch_size = {}", self.limits.batch)?;
        writeln!(f, "workers = {}", self.workers)?;
        writeln!(f, "live_standings = {}", self.live_standings)?;
        writeln!(f, "store = {}", toml::Value::from(self.store.to_string()))?;
        writeln!(f, "on_store_failure = \"{}\"", failure_name(self.record.on_failure))?;
        writeln!(f, "sample_allowed = {:?}", self.record.sample_allowed)?;
        writeln!(f, "store_content = {}", self.record.store_content)?;
        match &self.spool {
            Some(folder) => writeln!(f, "spool = {}", toml::Value::from(folder.display().to_string())),
            None => writeln!(f, "# spool = \"DIR\" # not set, and the system knows no data folder"),
        }
    }
}

/// Collects faults while reading goes on.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn read<T>(&mut self, key: &str, written: &Option<Written>, parse: Parse<T>, default: T) -> T {
        let Some(written) = written else { return default };
        let text = written.to_string();
        parse(&text).unwrap_or_else(|allowed| {
            self.0.push(format!("{key} is {text:?}; {allowed}"));
            default
        })
    }
}

impl Faults {
    /// The store as written; without it, a file in the user's data folder.
    fn store(&mut self, written: &Option<Written>) -> Location {
        let allowed = "write \"memory:\", \"sqlite:PATH\" or \"postgres://user@host/database\"";
        match written.as_ref().map(|written| written.to_string().parse()) {
            Some(Ok(location)) => return location,
            // Not what was written: it may hold a password.
            Some(Err(_)) => self.0.push(format!("store names no store; {allowed}")),
            None => match Location::in_data_folder() {
                Some(location) => return location,
                None => self.0.push(format!("store is not set, and the system knows no data folder; {allowed}")),
            },
        }
        Location::Memory
    }
}

/// Reads a value, or says what is allowed.
type Parse<T> = fn(&str) -> Result<T, String>;

fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, e.g. \"127.0.0.1:50051\" or \"[::]:50051\"".to_owned())
}

fn log(text: &str) -> Result<String, String> {
    let filter = EnvFilter::builder().parse(text).map(|_| text.to_owned());
    filter.map_err(|_| "write a level (error, warn, info, debug, trace) or part=level,…".to_owned())
}

fn format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("write \"text\" or \"json\"".to_owned()),
    }
}

/// As the file writes it.
pub(super) const fn format_name(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    }
}

/// Up to an hour: nobody waits longer for a process to end, and a day is a typing error.
fn duration(text: &str) -> Result<Duration, String> {
    let allowed = || "write a time from 0s to 3600s, e.g. \"500ms\" or \"30s\"".to_owned();
    let (digits, unit) = split_unit(text);
    let count: u64 = digits.parse().map_err(|_| allowed())?;
    let millis = match unit {
        "ms" => Some(count),
        "s" => count.checked_mul(1000),
        "min" => count.checked_mul(60_000),
        _ => None,
    };
    millis.filter(|millis| *millis <= 3_600_000).map(Duration::from_millis).ok_or_else(allowed)
}

/// From one kibibyte, below which nothing useful fits, to what a message of gRPC can have.
fn size(text: &str) -> Result<usize, String> {
    let allowed = || "write a size from 1KiB to 2GiB, e.g. 4194304 or \"4MiB\"".to_owned();
    let (digits, unit) = split_unit(text);
    let count: usize = digits.parse().map_err(|_| allowed())?;
    let bytes = match unit {
        "" => Some(count),
        "KiB" => count.checked_mul(1 << 10),
        "MiB" => count.checked_mul(1 << 20),
        "GiB" => count.checked_mul(1 << 30),
        _ => None,
    };
    bytes.filter(|bytes| (1 << 10..=2 << 30).contains(bytes)).ok_or_else(allowed)
}

fn workers(text: &str) -> Result<NonZeroUsize, String> {
    let allowed = || "write a number of threads from 1 to 1024, or 0 for one a processor".to_owned();
    let count: usize = text.parse().map_err(|_| allowed())?;
    match NonZeroUsize::new(count) {
        None => Ok(processors()),
        Some(count) if count.get() <= 1024 => Ok(count),
        Some(_) => Err(allowed()),
    }
}

/// From a thousand, below which most reads would go to the store, to ten times what the largest marketplace needs. Zero is no
/// way to switch it off: a memory of nothing would look like one that works.
fn live_standings(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse::<usize>().ok().filter(|count| (1_000..=100_000_000).contains(count));
    let allowed =
        || "write a number of sellers and creators from 1000 to 100000000; each takes some 130 bytes".to_owned();
    count.and_then(NonZeroUsize::new).ok_or_else(allowed)
}

fn on_failure(text: &str) -> Result<OnStoreFailure, String> {
    [OnStoreFailure::Open, OnStoreFailure::Closed]
        .into_iter()
        .find(|one| failure_name(*one) == text)
        .ok_or_else(|| "write \"open\" (answer, and keep records on disk) or \"closed\" (refuse)".to_owned())
}

const fn failure_name(on_failure: OnStoreFailure) -> &'static str {
    match on_failure {
        OnStoreFailure::Open => "open",
        OnStoreFailure::Closed => "closed",
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a share from 0 to 1, e.g. 0.01 for one in a hundred".to_owned())
}

fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    (digits, unit.trim_start())
}

#[cfg(test)]
mod tests;

//! The configuration of the service: as written, then as checked.
//!
//! Not here: where the layers come from (`app.rs`), the options of the command line (`cli/`), what single values mean
//! (`config/values.rs`). Kept true: unknown keys of a file are errors; every fault is told at once, by its key; nothing is in force that
//! `--print-config` does not show.
//!
//! Unknown `DSA_SIGNAL_*` variables are left alone: Kubernetes puts `DSA_SIGNAL_PORT` and its like into every pod beside a
//! service of that name.

mod edge;
mod raw;
mod show;
mod values;

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::cli::LogFormat;
use crate::grpc::{Drain, EdgeLimits, MessageLimits};
use crate::service::{RecordPolicy, Retention};
use crate::store::Location;
pub use edge::{AccessConfig, EdgeConfig};
pub use raw::{RawConfig, Written};
use values::Faults;
pub(super) use values::format_name;

/// Listings that posts promote: some 2 KB each when all of it is used.
const LIVE_PROMOTIONS: NonZeroUsize = match NonZeroUsize::new(500_000) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};

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
    /// Where metrics are shown.
    pub metrics_listen: MetricsListen,
    /// Folder of the policy pack; `None` = the one inside the binary.
    pub policy: Option<PathBuf>,
    /// What to log, in the syntax of `tracing_subscriber::filter::Targets`.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// Where traces go; `None` = nowhere.
    pub traces: Option<TracesConfig>,
    /// How the server ends.
    pub drain: Drain,
    /// Largest messages.
    pub limits: MessageLimits,
    /// Threads for calls, and as many for long work.
    pub workers: NonZeroUsize,
    /// Sellers and creators whose standing is kept in memory; the others are read when they are needed.
    pub live_standings: NonZeroUsize,
    /// Listings of which mentions are kept in memory; the store has all of them.
    pub live_promotions: NonZeroUsize,
    /// Where records are kept.
    pub store: Location,
    /// What is recorded, and how strictly.
    pub record: RecordPolicy,
    /// For how long they are kept.
    pub retention: Retention,
    /// Folder for records that wait until the store is back; `None` = there is no such folder.
    pub spool: Option<PathBuf>,
    /// How clients are met.
    pub edge: EdgeConfig,
    /// How much of everything there may be.
    pub edge_limits: EdgeLimits,
}

/// Traces of calls.
#[derive(Clone, Debug, PartialEq)]
pub struct TracesConfig {
    /// The collector, OTLP over gRPC in the clear: it is on this machine or behind a mesh.
    pub endpoint: String,
    /// Of the calls whose caller has not decided, how many are traced, 0 to 1.
    pub share: f64,
}

/// Where metrics are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsListen {
    /// Nobody has said; if another process has the port, this one goes without.
    Default(SocketAddr),
    /// There, or the service does not start.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl Default for MetricsListen {
    fn default() -> Self {
        MetricsListen::Default(SocketAddr::from(([127, 0, 0, 1], 9464)))
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

impl Config {
    /// Checks every value; what was not written gets its default. `on_terminal` decides how logs look if nobody says.
    pub fn check(raw: &RawConfig, on_terminal: bool) -> Result<Self, InvalidConfig> {
        let mut faults = Faults::default();
        let Drain { grace, timeout } = Drain::default();
        let MessageLimits { message, batch } = MessageLimits::default();
        let log_format = if on_terminal { LogFormat::Text } else { LogFormat::Json };
        let record = RecordPolicy::default();
        let listen = faults.read("listen", &raw.listen, values::address, SocketAddr::from(([127, 0, 0, 1], 50051)));
        let config = Config {
            listen,
            metrics_listen: metrics_listen(&mut faults, &raw.metrics_listen),
            policy: values::path(&raw.policy),
            log: faults.read("log", &raw.log, values::log, "info".to_owned()),
            log_format: faults.read("log_format", &raw.log_format, values::format, log_format),
            traces: traces(&mut faults, raw),
            drain: Drain {
                grace: faults.read("drain_grace", &raw.drain_grace, values::duration, grace),
                timeout: faults.read("drain_timeout", &raw.drain_timeout, values::duration, timeout),
            },
            limits: MessageLimits {
                message: faults.read("max_message_size", &raw.max_message_size, values::size, message),
                batch: faults.read("max_batch_size", &raw.max_batch_size, values::size, batch),
            },
            workers: faults.read("workers", &raw.workers, values::workers, values::processors()),
            live_standings: faults.read("live_standings", &raw.live_standings, values::live_standings, LIVE_STANDINGS),
            live_promotions: faults.read(
                "live_promotions",
                &raw.live_promotions,
                values::live_standings,
                LIVE_PROMOTIONS,
            ),
            store: faults.store(&raw.store),
            record: RecordPolicy {
                on_failure: faults.read(
                    "on_store_failure",
                    &raw.on_store_failure,
                    values::on_failure,
                    record.on_failure,
                ),
                sample_allowed: faults.read(
                    "sample_allowed",
                    &raw.sample_allowed,
                    values::share,
                    record.sample_allowed,
                ),
                store_content: faults.read("store_content", &raw.store_content, values::flag, record.store_content),
            },
            retention: Retention {
                contents: faults.read("erase_contents_after", &raw.erase_contents_after, values::days, None),
                records: faults.read("erase_records_after", &raw.erase_records_after, values::days, None),
            },
            spool: values::path(&raw.spool).or_else(|| Location::data_folder().map(|folder| folder.join("spool"))),
            edge: EdgeConfig::check(raw, listen, &mut faults),
            edge_limits: edge::limits(raw, &mut faults),
        };
        if faults.0.is_empty() { Ok(config) } else { Err(InvalidConfig { faults: faults.0 }) }
    }
}

fn traces(faults: &mut Faults, raw: &RawConfig) -> Option<TracesConfig> {
    let share = faults.read("otlp_share", &raw.otlp_share, values::share, 0.01);
    let endpoint = raw.otlp_endpoint.as_ref()?;
    let endpoint = faults.read("otlp_endpoint", &Some(endpoint.clone()), values::http, String::new());
    Some(TracesConfig { endpoint, share })
}

fn metrics_listen(faults: &mut Faults, written: &Option<Written>) -> MetricsListen {
    match written {
        None => MetricsListen::default(),
        Some(_) => match faults.read("metrics_listen", written, values::address_or_off, None) {
            Some(address) => MetricsListen::At(address),
            None => MetricsListen::Off,
        },
    }
}

#[cfg(test)]
mod tests;

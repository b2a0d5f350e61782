//! Values of the configuration: from text, and what is allowed if it is not that.
//!
//! Not here: keys and their defaults (`config.rs`). Kept true: every complaint says what to write instead; nothing overflows.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::filter::Targets;

use super::Written;
use crate::cli::LogFormat;
use crate::service::OnStoreFailure;
use crate::store::Location;

/// Reads a value, or says what is allowed.
pub(super) type Parse<T> = fn(&str) -> Result<T, String>;

/// Collects faults while reading goes on.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<String>);

impl Faults {
    /// A value, or the default; what is wrong with it is told later.
    pub(super) fn read<T>(&mut self, key: &str, written: &Option<Written>, parse: Parse<T>, default: T) -> T {
        let Some(written) = written else { return default };
        let text = written.to_string();
        parse(&text).unwrap_or_else(|allowed| {
            self.0.push(format!("{key} is {text:?}; {allowed}"));
            default
        })
    }

    /// The store as written; without it, a file in the user's data folder.
    pub(super) fn store(&mut self, written: &Option<Written>) -> Location {
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

/// A path as written.
pub(super) fn path(written: &Option<Written>) -> Option<PathBuf> {
    written.as_ref().map(|path| PathBuf::from(path.to_string()))
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, e.g. \"127.0.0.1:50051\" or \"[::]:50051\"".to_owned())
}

/// `None` = nowhere.
pub(super) fn address_or_off(text: &str) -> Result<Option<SocketAddr>, String> {
    match text {
        "off" => Ok(None),
        _ => address(text).map(Some).map_err(|allowed| format!("{allowed}, or \"off\"")),
    }
}

pub(super) fn log(text: &str) -> Result<String, String> {
    let targets: Result<Targets, _> = text.parse();
    targets
        .map(|_| text.to_owned())
        .map_err(|_| "write a level (error, warn, info, debug, trace) or part=level,…".to_owned())
}

pub(super) fn format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("write \"text\" or \"json\"".to_owned()),
    }
}

/// As the file writes it.
pub(in crate::app) const fn format_name(format: LogFormat) -> &'static str {
    match format {
        LogFormat::Text => "text",
        LogFormat::Json => "json",
    }
}

/// Up to an hour: nobody waits longer for a process to end, and a day is a typing error.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
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

/// Seconds.
pub(super) const DAY: u64 = 24 * 3600;

/// From a day, since a typing error here erases, to a hundred years.
pub(super) fn days(text: &str) -> Result<Option<Duration>, String> {
    let days =
        text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok()).filter(|days| (1..=36_525).contains(days));
    let allowed = || "write a number of days from 1d to 36525d, e.g. \"365d\"".to_owned();
    days.map(|days| Some(Duration::from_secs(days * DAY))).ok_or_else(allowed)
}

/// A bound that zero would turn against everybody.
pub(super) fn patience(text: &str) -> Result<Duration, String> {
    let allowed = "write a time from 1ms to 3600s, e.g. \"500ms\" or \"30s\"";
    duration(text).ok().filter(|time| !time.is_zero()).ok_or_else(|| allowed.to_owned())
}

/// From one kibibyte, below which nothing useful fits, to what a message of gRPC can have.
pub(super) fn size(text: &str) -> Result<usize, String> {
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

pub(super) fn workers(text: &str) -> Result<NonZeroUsize, String> {
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
pub(super) fn live_standings(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse::<usize>().ok().filter(|count| (1_000..=100_000_000).contains(count));
    let allowed =
        || "write a number of sellers and creators from 1000 to 100000000; each takes some 130 bytes".to_owned();
    count.and_then(NonZeroUsize::new).ok_or_else(allowed)
}

/// Something that there may be so many of at a time.
pub(super) fn most(text: &str) -> Result<u32, String> {
    let count = text.parse().ok().filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "write a number from 1 to 1000000".to_owned())
}

/// `None` = no quota.
pub(super) fn rate(text: &str) -> Result<Option<NonZeroU32>, String> {
    let count = text.parse().ok().filter(|count| *count <= 10_000_000);
    count.map(NonZeroU32::new).ok_or_else(|| "write a number from 1 to 10000000, or 0 for none".to_owned())
}

/// True for what anybody may do.
pub(super) fn open(text: &str) -> Result<bool, String> {
    match text {
        "open" => Ok(true),
        "closed" => Ok(false),
        _ => Err("write \"open\" (to anybody) or \"closed\" (to known clients)".to_owned()),
    }
}

/// As the file writes it.
pub(super) const fn open_name(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

/// True for certificates that every client must have.
pub(super) fn required(text: &str) -> Result<bool, String> {
    match text {
        "required" => Ok(true),
        "optional" => Ok(false),
        _ => Err("write \"required\" or \"optional\"".to_owned()),
    }
}

pub(super) fn on_failure(text: &str) -> Result<OnStoreFailure, String> {
    [OnStoreFailure::Open, OnStoreFailure::Closed]
        .into_iter()
        .find(|one| failure_name(*one) == text)
        .ok_or_else(|| "write \"open\" (answer, and keep records on disk) or \"closed\" (refuse)".to_owned())
}

pub(super) const fn failure_name(on_failure: OnStoreFailure) -> &'static str {
    match on_failure {
        OnStoreFailure::Open => "open",
        OnStoreFailure::Closed => "closed",
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a share from 0 to 1, e.g. 0.01 for one in a hundred".to_owned())
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "write true or false".to_owned())
}

pub(super) fn text(text: &str) -> Result<String, String> {
    let usable = !text.is_empty() && text.len() <= 256;
    usable.then(|| text.to_owned()).ok_or_else(|| "write 1 to 256 bytes".to_owned())
}

pub(super) fn http(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host());
    url.map(|_| text.to_owned())
        .ok_or_else(|| "write the address of a collector, e.g. \"http://127.0.0.1:4317\"".to_owned())
}

pub(super) fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    (digits, unit.trim_start())
}

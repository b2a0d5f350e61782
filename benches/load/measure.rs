//! What was seen: latencies, codes, seconds, memory.
//!
//! Not here: producing it. Kept true: latency counts from the moment at which a call was due, so that calls which waited for others are not left out
//! (coordinated omission); only answered calls have a latency, refused ones are counted by their code.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tonic::Code;

use super::client::Told;
use super::server::{Server, cpu};

/// What became of the calls of one phase.
pub(crate) struct Tally {
    begun: Instant,
    /// From due to answered, microseconds.
    pub(crate) latency: Histogram<u64>,
    /// From due to sent, microseconds: the client's own lateness.
    pub(crate) lag: Histogram<u64>,
    pub(crate) codes: BTreeMap<i32, u64>,
    /// Refusals that were looked at, and those that said when to come back.
    pub(crate) looked: (u64, u64),
    /// Calls whose connection failed.
    pub(crate) broken: u64,
    /// Calls that the client did not make, because too many were under way.
    pub(crate) unsent: u64,
    /// Answers by the window in which they came.
    pub(crate) windows: Vec<u64>,
    /// Latencies by window, if somebody wants to know.
    pub(crate) by_window: Vec<Histogram<u64>>,
    window: Duration,
}

pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 120_000_000, 3).unwrap()
}

fn micros(time: Duration) -> u64 {
    time.as_micros().max(1) as u64
}

impl Tally {
    pub(crate) fn new(begun: Instant, window: Duration) -> Tally {
        Tally {
            begun,
            latency: histogram(),
            lag: histogram(),
            codes: BTreeMap::new(),
            looked: (0, 0),
            broken: 0,
            unsent: 0,
            windows: Vec::new(),
            by_window: Vec::new(),
            window,
        }
    }

    /// A call that was due then has ended now.
    pub(crate) fn ended(&mut self, due: Instant, told: Result<Told, h2::Error>) {
        let Ok(told) = told else {
            self.broken += 1;
            return;
        };
        *self.codes.entry(told.code as i32).or_default() += 1;
        if let Some(retry) = told.retry_info {
            self.looked = (self.looked.0 + 1, self.looked.1 + u64::from(retry));
        }
        if told.code == Code::Ok {
            self.record(due, 1);
        }
    }

    /// Items of a stream that were due then have been answered now.
    pub(crate) fn answered(&mut self, due: Instant, items: u64) {
        *self.codes.entry(0).or_default() += items;
        self.record(due, items);
    }

    fn record(&mut self, due: Instant, items: u64) {
        let took = micros(due.elapsed());
        self.latency.saturating_record_n(took, items);
        let at = (self.begun.elapsed().as_nanos() / self.window.as_nanos()) as usize;
        while self.by_window.len() <= at {
            self.by_window.push(histogram());
            self.windows.push(0);
        }
        self.by_window[at].saturating_record_n(took, items);
        self.windows[at] += items;
    }

    /// Adds what was seen elsewhere; windows stay those of this one.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.latency.add(&other.latency).unwrap();
        self.lag.add(&other.lag).unwrap();
        other.codes.iter().for_each(|(code, count)| *self.codes.entry(*code).or_default() += count);
        self.looked = (self.looked.0 + other.looked.0, self.looked.1 + other.looked.1);
        (self.broken, self.unsent) = (self.broken + other.broken, self.unsent + other.unsent);
    }

    pub(crate) fn ok(&self) -> u64 {
        self.codes.get(&0).copied().unwrap_or_default()
    }

    pub(crate) fn quantile(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64
    }

    /// What was told beside OK, in words.
    pub(crate) fn refusals(&self) -> String {
        let mut words: Vec<_> = self
            .codes
            .iter()
            .filter(|(code, _)| **code != 0)
            .map(|(code, count)| format!("{:?} {count}", Code::from_i32(*code)))
            .collect();
        for (count, what) in [(self.broken, "broken connection"), (self.unsent, "not sent")] {
            words.extend((count > 0).then(|| format!("{what} {count}")));
        }
        if self.looked.0 > 0 {
            words.push(format!("RetryInfo in {} of {} looked at", self.looked.1, self.looked.0));
        }
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    }
}

/// The four that are always shown, microseconds.
pub(crate) fn quantiles(histogram: &Histogram<u64>) -> String {
    let at = |quantile| histogram.value_at_quantile(quantile);
    format!("p50 {} p90 {} p99 {} p99.9 {} us", at(0.5), at(0.9), at(0.99), at(0.999))
}

/// What a phase cost both sides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    pub(crate) server: Duration,
    pub(crate) client: Duration,
}

/// Looks at the clocks of both sides until `stop`.
pub(crate) struct Meter {
    begun: Instant,
    server: Duration,
    client: Duration,
}

impl Meter {
    pub(crate) fn start(server: &Server) -> Meter {
        Meter { begun: Instant::now(), server: server.cpu(), client: cpu("self") }
    }

    pub(crate) fn stop(self, server: &Server) -> Cost {
        Cost { wall: self.begun.elapsed(), server: server.cpu() - self.server, client: cpu("self") - self.client }
    }
}

impl Cost {
    pub(crate) fn plus(self, other: Cost) -> Cost {
        Cost { wall: self.wall + other.wall, server: self.server + other.server, client: self.client + other.client }
    }

    /// Server's processor time for one item, microseconds.
    pub(crate) fn micros(&self, items: u64) -> f64 {
        self.server.as_secs_f64() * 1e6 / items.max(1) as f64
    }

    /// Processors that the client had.
    pub(crate) fn client_share(&self) -> f64 {
        self.client.as_secs_f64() / self.wall.as_secs_f64()
    }

    pub(crate) fn server_share(&self) -> f64 {
        self.server.as_secs_f64() / self.wall.as_secs_f64()
    }

    /// A word where the client could not have done more: then the figures are its own.
    pub(crate) fn verdict(&self) -> &'static str {
        if self.client_share() > 0.9 { "  CLIENT SATURATED: figures are the client's" } else { "" }
    }
}

/// Resident memory as it goes, watched by a thread.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    max: Arc<AtomicU64>,
    start: u64,
    thread: Option<std::thread::JoinHandle<Vec<(Duration, u64)>>>,
}

impl Watch {
    /// Looks every `period`; of the real server, in a process of its own, so its end is not missed.
    pub(crate) fn start(pid: u32, start: u64, period: Duration) -> Watch {
        let (stop, max) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(start)));
        let (stopped, most) = (Arc::clone(&stop), Arc::clone(&max));
        let thread = std::thread::spawn(move || {
            let (begun, mut seen) = (Instant::now(), Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                if let Some(resident) = resident(pid) {
                    most.fetch_max(resident, Ordering::Relaxed);
                    seen.push((begun.elapsed(), resident));
                }
                std::thread::sleep(period);
            }
            seen
        });
        Watch { stop, max, start, thread: Some(thread) }
    }

    /// What was seen: at first, at most, and all of it.
    pub(crate) fn end(mut self) -> (u64, u64, Vec<(Duration, u64)>) {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.thread.take().unwrap().join().unwrap();
        (self.start, self.max.load(Ordering::Relaxed), seen)
    }
}

fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

/// Bytes in words.
pub(crate) struct MiB(pub(crate) u64);

impl fmt::Display for MiB {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} MiB", self.0 as f64 / f64::from(1 << 20))
    }
}

/// The lowest point of each stretch of time.
pub(crate) fn lowest(points: &[(Duration, u64)], stretch: Duration) -> Vec<(Duration, u64)> {
    let number = |point: &(Duration, u64)| point.0.as_millis() / stretch.as_millis().max(1);
    let stretches = points.chunk_by(|one, next| number(one) == number(next));
    stretches.filter_map(|points| points.iter().copied().min_by_key(|point| point.1)).collect()
}

/// The slope of a straight line through points by least squares, per second.
pub(crate) fn slope(points: &[(Duration, u64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |value: &dyn Fn(&(Duration, u64)) -> f64| points.iter().map(value).sum::<f64>() / count;
    let (x, y) = (mean(&|point| point.0.as_secs_f64()), mean(&|point| point.1 as f64));
    let over: f64 = points.iter().map(|(at, value)| (at.as_secs_f64() - x) * (*value as f64 - y)).sum();
    let under: f64 = points.iter().map(|(at, _)| (at.as_secs_f64() - x).powi(2)).sum();
    if under > 0.0 { over / under } else { 0.0 }
}

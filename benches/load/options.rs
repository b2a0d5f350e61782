//! What was asked for on the command line.
//!
//! Not here: doing it. Kept true: a word that nobody knows is told, so that no run measures something else than was meant.

use std::time::Duration;

pub(crate) const USAGE: &str = "\
cargo bench --bench load -- MODE [options]

  unary     capacity in a closed loop, then latency in an open loop at 85 % of it; null and real
  bidi      listings a second over streams, null and real
  overload  ten times the capacity: goodput, latency of what was admitted, what was refused, memory, recovery
  reload    throughput by the second while the default pack is changed and loaded again and again
  soak      mixed load with reloads and connections that are cut; memory by the minute, errors
  ready     from the start of the process to its first SERVING, and memory after it

  --seconds N      of each measured phase (unary, bidi 5; overload 60; reload 40; soak 1800)
  --rounds N       null and real alternate so often (unary, bidi, ready: 3)
  --rate N         calls a second of the open loop, instead of 85 % of the capacity
  --times N        overload: so many times the capacity (10)
  --bytes N        text of a listing (1000; overload 12000)
  --connections N  HTTP/2 connections (4)
  --in-flight N    calls or items under way in closed loops (32 calls; 1024 items)
  --store memory|sqlite   of the real server (sqlite)
  --set KEY=VALUE  a setting of the real server; may be given several times
  --shared         client and server share all processors; otherwise one each, if there are two
  --server-cores N processors of the server when not shared (1)";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Unary,
    Bidi,
    Overload,
    Reload,
    Soak,
    Ready,
    /// The null server, started by this program itself.
    Null,
}

/// As typed, with defaults where the mode has none of its own.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) mode: Option<Mode>,
    pub(crate) seconds: Option<u64>,
    pub(crate) rounds: usize,
    pub(crate) rate: Option<f64>,
    pub(crate) times: f64,
    pub(crate) bytes: Option<usize>,
    pub(crate) connections: usize,
    pub(crate) in_flight: Option<usize>,
    pub(crate) sqlite: bool,
    pub(crate) shared: bool,
    pub(crate) server_cores: usize,
    /// Settings of the real server.
    pub(crate) set: Vec<(String, String)>,
    /// The null server's answers.
    pub(crate) answers: String,
}

impl Options {
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            mode: None,
            seconds: None,
            rounds: 3,
            rate: None,
            times: 10.0,
            bytes: None,
            connections: 4,
            in_flight: None,
            sqlite: true,
            shared: false,
            server_cores: 1,
            set: Vec::new(),
            answers: String::new(),
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "unary" => options.mode = Some(Mode::Unary),
                "bidi" => options.mode = Some(Mode::Bidi),
                "overload" => options.mode = Some(Mode::Overload),
                "reload" => options.mode = Some(Mode::Reload),
                "soak" => options.mode = Some(Mode::Soak),
                "ready" => options.mode = Some(Mode::Ready),
                "null-server" => (options.mode, options.answers) = (Some(Mode::Null), value()?),
                "--seconds" => options.seconds = Some(number(&value()?)?),
                "--rounds" => options.rounds = number(&value()?)?,
                "--rate" => options.rate = Some(number(&value()?)?),
                "--times" => options.times = number(&value()?)?,
                "--bytes" => options.bytes = Some(number(&value()?)?),
                "--connections" => options.connections = number(&value()?)?,
                "--in-flight" => options.in_flight = Some(number(&value()?)?),
                "--server-cores" => options.server_cores = number(&value()?)?,
                "--store" => {
                    options.sqlite = match value()?.as_str() {
                        "sqlite" => true,
                        "memory" => false,
                        other => return Err(format!("{other} is no store of this tool")),
                    }
                }
                "--set" => {
                    let value = value()?;
                    let (key, value) = value.split_once('=').ok_or("--set wants KEY=VALUE")?;
                    options.set.push((key.to_uppercase(), value.to_owned()));
                }
                "--shared" => options.shared = true,
                "--bench" | "--test" => {} // cargo's own
                other => return Err(format!("{other} is no word of this tool")),
            }
        }
        Ok(options)
    }

    pub(crate) fn time(&self, default: u64) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(default))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number"))
}

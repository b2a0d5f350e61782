//! The modes, one a file.
//!
//! Not here: how load is made (`drive.rs`) and measured (`measure.rs`). Kept true: every mode says first how it is laid out, and with every figure whether the
//! client held it back.

mod overload;
mod ready;
mod reload;
mod soak;
mod steady;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::measure::{Cost, MiB, Tally, quantiles};
use super::options::{Mode, Options};
use super::server::{Server, answers, layout};
use super::{corpus, encode};

/// What throughput is looked at by.
const SECOND: Duration = Duration::from_secs(1);
/// Calls under way in a closed loop, if nobody says.
const CALLERS: usize = 32;
/// Items of streams under way.
const ITEMS: usize = 1024;

pub(crate) async fn run(mode: Mode, options: &Options) {
    println!("{}", layout(options));
    match mode {
        Mode::Unary => steady::unary(options).await,
        Mode::Bidi => steady::bidi(options).await,
        Mode::Overload => overload::run(options).await,
        Mode::Reload => reload::run(options).await,
        Mode::Soak => soak::run(options).await,
        Mode::Ready => ready::run(options).await,
        Mode::Null => {}
    }
}

/// A real server and a null one with its answers, and what both are asked.
struct Pair {
    real: Server,
    null: Server,
    requests: Arc<Vec<Bytes>>,
    items: Arc<Vec<Bytes>>,
}

impl Pair {
    async fn start(options: &Options) -> Pair {
        let listings = corpus::listings(options.bytes.unwrap_or(1000), true);
        let real = Server::real(options, &[]);
        let (answers, flagged) = answers(&real, &listings).await;
        let null = Server::null(options, &answers);
        let (requests, items) = (encode::requests(&listings), encode::items(&listings));
        let bytes = requests.iter().map(Bytes::len).sum::<usize>() / requests.len();
        println!(
            "{bytes} B a request; {flagged} of {} answers are above ALLOW and recorded before they leave",
            answers.len()
        );
        Pair { real, null, requests: Arc::new(requests), items: Arc::new(items) }
    }
}

/// One line of figures.
fn show(what: &str, server: &Server, tally: &Tally, cost: Cost) {
    let rate = tally.ok() as f64 / cost.wall.as_secs_f64();
    println!(
        "{what:9} {:10} {rate:9.0}/s  server CPU {:7.1} us  {}  RSS {}{}",
        server.name,
        cost.micros(tally.ok()),
        quantiles(&tally.latency),
        MiB(server.resident()),
        cost.verdict(),
    );
    let refused = tally.refusals();
    if refused != "none" {
        println!("{:21}not answered: {refused}", "");
    }
}

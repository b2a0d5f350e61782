//! `unary` and `bidi`: what the service does when all is well, beside the null server.
//!
//! Not here: what it does when there is too much (`overload.rs`). Kept true: null and real alternate within a run, so that the machine's mood strikes both; the rate
//! of an open loop is a share of the capacity that was found a moment ago.

use std::time::{Duration, Instant};

use super::super::drive::Load;
use super::super::measure::{Cost, Meter, Tally};
use super::super::options::Options;
use super::super::server::Server;
use super::{CALLERS, ITEMS, Pair, SECOND, show};

/// Of the capacity, in the open loop.
const SHARE: f64 = 0.85;

/// The sum of several rounds.
struct Sum {
    tally: Tally,
    cost: Cost,
}

impl Sum {
    fn new() -> Sum {
        Sum { tally: Tally::new(Instant::now(), SECOND), cost: Cost::default() }
    }

    fn add(&mut self, tally: &Tally, cost: Cost) {
        self.tally.add(tally);
        self.cost = self.cost.plus(cost);
    }

    fn per_second(&self) -> f64 {
        self.tally.ok() as f64 / self.cost.wall.as_secs_f64()
    }

    fn micros(&self) -> f64 {
        self.cost.micros(self.tally.ok())
    }
}

fn ratio(what: &str, null: &Sum, real: &Sum) {
    let at = |quantile| real.tally.quantile(quantile) / null.tally.quantile(quantile);
    println!(
        "{what:9} {:10} {:9.2}    server CPU {:7.2} (added {:.1} us)  p50 {:.2} p90 {:.2} p99 {:.2} p99.9 {:.2}",
        "ratio",
        real.per_second() / null.per_second(),
        real.micros() / null.micros(),
        real.micros() - null.micros(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(0.999),
    );
}

/// What is done to a server in one round; gives the tally of each phase.
async fn unary_round(server: &Server, load: &Load, options: &Options, sums: &mut [Sum; 2]) {
    let time = options.time(5);
    let callers = options.in_flight.unwrap_or(CALLERS);
    let meter = Meter::start(server);
    let closed = load.closed(callers, time, SECOND).await;
    let cost = meter.stop(server);
    sums[0].add(&closed, cost);
    let rate = options.rate.unwrap_or(SHARE * closed.ok() as f64 / cost.wall.as_secs_f64());
    let meter = Meter::start(server);
    let open = load.open(rate, time, SECOND).await;
    sums[1].add(&open, meter.stop(server));
}

pub(crate) async fn unary(options: &Options) {
    let pair = Pair::start(options).await;
    let (mut null, mut real) = ([Sum::new(), Sum::new()], [Sum::new(), Sum::new()]);
    for (server, sums) in (0..options.rounds).flat_map(|_| [(&pair.null, 0), (&pair.real, 1)]) {
        let load = Load::new(server.address, options.connections, &pair.requests).await;
        load.closed(CALLERS, Duration::from_millis(500), SECOND).await; // warm
        unary_round(server, &load, options, if sums == 0 { &mut null } else { &mut real }).await;
    }
    for (at, what) in ["capacity", "open"].into_iter().enumerate() {
        show(what, &pair.null, &null[at].tally, null[at].cost);
        show(what, &pair.real, &real[at].tally, real[at].cost);
        ratio(what, &null[at], &real[at]);
    }
    let lag = |sum: &Sum| sum.tally.lag.value_at_quantile(0.99);
    println!("open loop: the client itself was late by p99 {} us (null), {} us (real)", lag(&null[1]), lag(&real[1]));
}

pub(crate) async fn bidi(options: &Options) {
    let pair = Pair::start(options).await;
    let in_flight = options.in_flight.unwrap_or(ITEMS);
    let (mut null, mut real) = (Sum::new(), Sum::new());
    for (server, is_real) in (0..options.rounds).flat_map(|_| [(&pair.null, false), (&pair.real, true)]) {
        let load = Load::new(server.address, options.connections, &pair.items).await;
        load.streams(in_flight, Duration::from_millis(500), SECOND).await; // warm
        let meter = Meter::start(server);
        let tally = load.streams(in_flight, options.time(5), SECOND).await;
        let sum = if is_real { &mut real } else { &mut null };
        sum.add(&tally, meter.stop(server));
    }
    show("bidi", &pair.null, &null.tally, null.cost);
    show("bidi", &pair.real, &real.tally, real.cost);
    ratio("bidi", &null, &real);
    for (name, sum) in [("null", &null), ("dsa-signal", &real)] {
        let core = 1e6 / sum.micros();
        println!(
            "{name}: {core:.0} listings/s a core of the server; it had {:.2} cores, the client {:.2}",
            sum.cost.server_share(),
            sum.cost.client_share()
        );
    }
}

//! `overload`: ten times the capacity, offered for a minute by callers who do not slow down.
//!
//! Not here: attacks on the protocol (tests/faults.rs). Kept true: goodput and latency are held against what the same client saw of the same server a moment
//! before; what was refused is counted by its status; the client says if it could not offer as much as it was to.

use std::time::Duration;

use super::super::drive::Load;
use super::super::measure::{Meter, MiB, Tally, Watch, quantiles};
use super::super::options::Options;
use super::super::server::Server;
use super::super::{corpus, encode};
use super::{CALLERS, SECOND, show};

/// Windows in which recovery is looked for.
const WINDOW: Duration = Duration::from_millis(100);
/// Of the capacity, for what "unloaded" means and after the overload.
const CALM: f64 = 0.5;

pub(crate) async fn run(options: &Options) {
    // Long and honest, so that the capacity is a few thousand a second and the client can offer ten times as much.
    let listings = corpus::listings(options.bytes.unwrap_or(12_000), false);
    let requests = std::sync::Arc::new(encode::requests(&listings));
    let real = Server::real(options, &[]);
    let load = Load::new(real.address, options.connections, &requests).await;
    let callers = options.in_flight.unwrap_or(CALLERS);
    let short = Duration::from_secs(5);
    load.closed(callers, SECOND, SECOND).await; // warm

    let meter = Meter::start(&real);
    let peak = load.closed(callers, short, SECOND).await;
    let cost = meter.stop(&real);
    let capacity = peak.ok() as f64 / cost.wall.as_secs_f64();
    show("peak", &real, &peak, cost);
    println!("requests of {} B, {} callers", requests[0].len(), callers);

    let meter = Meter::start(&real);
    let calm = load.open(capacity * CALM, short, WINDOW).await;
    show("unloaded", &real, &calm, meter.stop(&real));

    let (rate, time) = (options.rate.unwrap_or(capacity * options.times), options.time(60));
    let watch = Watch::start(real.pid, real.resident(), WINDOW);
    let meter = Meter::start(&real);
    let over = load.open(rate, time, SECOND).await;
    let cost = meter.stop(&real);
    let (start, most, _) = watch.end();
    let end = real.resident();
    show("overload", &real, &over, cost);
    // The first second finds the queue, so that it is shown apart.
    let whole = &over.windows[..over.windows.len().min(time.as_secs() as usize)];
    let goodput = whole.iter().sum::<u64>() as f64 / whole.len() as f64;
    println!(
        "offered {rate:.0}/s; goodput {goodput:.0}/s, {:.1} % of the peak (worst second {:.1} %, first {:.1} %)",
        100.0 * goodput / capacity,
        100.0 * *whole.iter().min().unwrap() as f64 / capacity,
        100.0 * whole[0] as f64 / capacity,
    );
    println!(
        "p99 of admitted calls {:.0} us, {:.2} times the unloaded {:.0} us; in the first second {} us",
        over.quantile(0.99),
        over.quantile(0.99) / calm.quantile(0.99),
        calm.quantile(0.99),
        over.by_window[0].value_at_quantile(0.99),
    );
    println!(
        "client: {:.2} processors, late by p50 {} p99 {} us; server: {:.2} processors{}",
        cost.client_share(),
        over.lag.value_at_quantile(0.5),
        over.lag.value_at_quantile(0.99),
        cost.server_share(),
        cost.verdict(),
    );
    println!("RSS {} at first, {} at most, {} at the end", MiB(start), MiB(most), MiB(end));
    for reason in ["calls", "wait"] {
        let (_, page) = real.served.as_ref().unwrap().page("/metrics");
        let series = format!("dsasignal_grpc_refusals_total{{reason=\"{reason}\"}} ");
        if let Some(count) = page.lines().find_map(|line| line.strip_prefix(&series)) {
            println!("refused for {reason}: {count}");
        }
    }

    let after = load.open(capacity * CALM, short, WINDOW).await;
    recovery(&calm, &after, capacity * CALM);
    println!("RSS {} after {} s of calm", MiB(real.resident()), short.as_secs());
}

/// How long it takes until a window has what an unloaded one has: all that was asked for, as quickly as it was before.
fn recovery(calm: &Tally, after: &Tally, rate: f64) {
    let wanted = rate * WINDOW.as_secs_f64() * 0.95;
    // A window has few calls, so its worst one is held against the worst of the quiet windows but one.
    let mut worst: Vec<_> = calm.by_window.iter().map(|window| window.value_at_quantile(0.99)).collect();
    worst.sort_unstable();
    let bound = worst[worst.len().saturating_sub(2)];
    let well = |at: usize| {
        after.windows.get(at).is_some_and(|count| *count as f64 >= wanted)
            && after.by_window[at].value_at_quantile(0.99) <= bound
    };
    match (0..after.windows.len()).find(|at| well(*at)) {
        Some(at) => println!("recovery: well in window {at} of {} ms", WINDOW.as_millis()),
        None => println!("recovery: NOT within {} windows of {} ms", after.windows.len(), WINDOW.as_millis()),
    }
    println!("after: {}; not answered: {}", quantiles(&after.latency), after.refusals());
}

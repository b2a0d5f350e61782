//! What keeping records costs, by backend: records a second and added latency, one by one, in batches, and by many callers who share
//! commits without knowing of each other.
//!
//! Run with `cargo bench --bench store`; all backends in one run, so the machine's mood strikes all. PostgreSQL is measured where the tests'
//! one is there. Believe the ratios.
#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs, reason = "a bench")]

#[path = "../tests/store/backends.rs"]
mod backends;
#[path = "../tests/store/samples.rs"]
mod samples;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dsa_signal::store::{Appended, Draft, Store};

/// For each measurement.
const SECONDS: u64 = 3;

/// Calls that were made, with the time of each.
struct Calls {
    records: usize,
    wall: Duration,
    latencies: Vec<Duration>,
}

fn draft() -> Draft {
    let record = samples::decision(&uuid::Uuid::now_v7().to_string(), "s-1");
    Draft::new(&record)
}

/// One caller after the other, so many records a call.
async fn call(store: Arc<dyn Store>, batch: usize, until: Instant) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let drafts: Vec<Draft> = (0..batch).map(|_| draft()).collect();
        let begun = Instant::now();
        let kept = store.append(drafts).await.unwrap();
        assert!(kept.iter().all(|one| matches!(one, Appended::Kept(_))));
        latencies.push(begun.elapsed());
    }
    latencies
}

async fn measure(store: &Arc<dyn Store>, callers: usize, batch: usize) -> Calls {
    let begun = Instant::now();
    let until = begun + Duration::from_secs(SECONDS);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..callers {
        running.spawn(call(Arc::clone(store), batch, until));
    }
    let mut latencies: Vec<Duration> = running.join_all().await.into_iter().flatten().collect();
    latencies.sort_unstable();
    Calls { records: latencies.len() * batch, wall: begun.elapsed(), latencies }
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return; // `cargo test --benches` only wants to know that it builds
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        println!("record {} B", draft().body().len());
        for backend in backends::all().await {
            for (callers, batch) in [(1, 1), (1, 16), (1, 100), (1, 1000), (16, 1), (64, 1), (256, 1), (16, 16)] {
                let Calls { records, wall, latencies } = measure(&backend.store, callers, batch).await;
                let at = |share: usize| latencies[(latencies.len() * share / 100).min(latencies.len() - 1)];
                println!(
                    "{:8} {callers:4} callers x {batch:4} records: {:9.0} records/s, a call p50 {:8.0} us, p99 {:8.0} us",
                    backend.name,
                    records as f64 / wall.as_secs_f64(),
                    at(50).as_secs_f64() * 1e6,
                    at(99).as_secs_f64() * 1e6,
                );
            }
        }
    });
}

//! Reading a standing among a million and ten million sellers, and what they take in memory.
//!
//! Beside it, in the same run, what a plain `HashMap<String, Standing>` behind a lock would do: no decay, no bound, no read-through.
//! `cargo bench --bench standing`; ten million need some 5 GB and a few minutes, `SELLERS=1000000` keeps to one million.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a bench reports on the terminal

use std::collections::HashMap;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use dsa_signal::domain::{EventKind, RiskArea, Standing, StandingEvent, Subject, SubjectKind, Timestamp};
use dsa_signal::policy::{compile, embedded};
use dsa_signal::reputation::{EventPage, Live, SourceAnswer, StandingSource, Standings};

const NOW: Timestamp = Timestamp { seconds: 1_795_262_400, nanos: 0 };
const READS: usize = 1_000_000;

/// Makes events up: orders for everybody, and for one in fifty a removal with its area and its strike.
#[derive(Debug)]
struct MadeUp;

impl StandingSource for MadeUp {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        Box::pin(std::future::ready(Ok(vec![true; events.len()])))
    }

    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        let number: i64 = subject.id.trim_start_matches("seller-").parse().unwrap_or_default();
        let event = |id: &str, kind, area| StandingEvent {
            event_id: format!("{number}-{id}"),
            subject: subject.clone(),
            kind,
            area,
            count: 1 + number as u32 % 500,
            occurred_at: Timestamp { seconds: NOW.seconds - number % 31_536_000, nanos: 0 },
        };
        let mut events = vec![event("orders", EventKind::OrdersCompleted, None)];
        if number % 50 == 0 {
            let removed = event("removed", EventKind::ContentRemoved, Some(RiskArea::Counterfeit));
            events.push(StandingEvent { count: 1, ..removed });
        }
        page(&events);
        Box::pin(std::future::ready(Ok(())))
    }
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

fn id(number: usize) -> String {
    format!("seller-{number}")
}

/// Nanoseconds that this thread has spent on a processor: what others do on the machine does not count.
fn busy() -> f64 {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    schedstat.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default()
}

/// Nanoseconds of one read: median of five rounds, on one thread and on each of two at once.
fn measure(ids: &[String], read: impl Fn(&str) -> f64 + Sync) -> [f64; 2] {
    let round = |ids: &[String]| {
        let before = busy();
        black_box(ids.iter().map(|id| read(id)).map(black_box).sum::<f64>());
        (busy() - before) / ids.len() as f64
    };
    [1, 2].map(|threads| {
        let mut rounds: Vec<f64> = (0..5)
            .flat_map(|_| {
                std::thread::scope(|scope| {
                    let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| round(ids))).collect();
                    running.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        rounds.sort_by(f64::total_cmp);
        rounds[rounds.len() / 2]
    })
}

fn main() {
    let most = std::env::var("SELLERS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    let rules = compile(&embedded()).unwrap().0.standing;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    for sellers in [1_000_000, 10_000_000].into_iter().filter(|sellers| *sellers <= most) {
        let ids: Vec<String> = (0..READS).map(|at| id(at.wrapping_mul(2_654_435_761) % sellers)).collect();
        let before = resident_bytes();
        let limit = NonZeroUsize::new(sellers).unwrap();
        let standings = Arc::new(Standings::new(rules.clone(), Arc::new(MadeUp), limit));
        let begun = Instant::now();
        for number in 0..sellers {
            let subject = Subject { kind: SubjectKind::Seller, id: id(number) };
            black_box(runtime.block_on(standings.standing(&subject, NOW)).unwrap());
        }
        let loading = begun.elapsed().as_secs_f64();
        let live_bytes = resident_bytes() - before;
        let live = measure(&ids, |id| match standings.live(SubjectKind::Seller, id, NOW) {
            Live::Known(standing) => standing.lower,
            Live::Unknown | Live::Absent => f64::NAN,
        });
        assert_eq!(standings.live_entries(), sellers);

        let before = resident_bytes();
        let plain: HashMap<String, Standing> = (0..sellers)
            .filter_map(|number| match standings.live(SubjectKind::Seller, &id(number), NOW) {
                Live::Known(standing) => Some((id(number), standing)),
                Live::Unknown | Live::Absent => None,
            })
            .collect();
        let plain_bytes = resident_bytes() - before;
        let plain = RwLock::new(plain);
        let locked = measure(&ids, |id| plain.read().unwrap().get(id).map_or(f64::NAN, |standing| standing.lower));
        let mib = |bytes: usize| bytes >> 20;
        println!("{sellers} sellers, loaded one by one in {loading:.1} s; ns a read on 1 thread, on 2 at once");
        println!("  live standings     {:>6.0} {:>6.0}   {:>5} MiB", live[0], live[1], mib(live_bytes));
        println!("  RwLock<HashMap>    {:>6.0} {:>6.0}   {:>5} MiB", locked[0], locked[1], mib(plain_bytes));
        println!("  ratio              {:>6.2} {:>6.2}", live[0] / locked[0], live[1] / locked[1]);
    }
}

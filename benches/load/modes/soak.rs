//! `soak`: unary calls and streams for a long time, while packs change and connections are cut in the middle of their calls.
//!
//! Not here: loads beyond the capacity (`overload.rs`). Kept true: an error counts unless the connection that it came over was cut by us; memory is looked at after
//! the service is warm.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::task::JoinSet;

use super::super::client::Line;
use super::super::drive::Load;
use super::super::measure::{Meter, MiB, Tally, Watch, lowest, slope};
use super::super::options::Options;
use super::super::server::Server;
use super::super::{corpus, encode};
use super::reload::{change, copy, loads};
use super::{SECOND, show};

/// Calls a second, if nobody says: some way below the capacity, because this is about time and not about load.
const RATE: f64 = 4000.0;
/// Between items of a stream, sixteen at a time: streams that take all they can get belong to `bidi`.
const PAUSE: Duration = Duration::from_millis(10);
/// A connection lives so long before it is cut, give or take.
const LIFE: Duration = Duration::from_secs(2);
/// Between changes of the pack.
const EVERY: Duration = Duration::from_secs(10);
/// Shares of the time that count as warming up.
const WARM: u32 = 5;

/// What those who cut their connections saw.
#[derive(Default)]
struct Cut {
    connections: u64,
    calls: u64,
}

pub(crate) async fn run(options: &Options) {
    let folder = TempDir::new().unwrap();
    let pack = folder.path().join("pack");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/default"), &pack);
    let listings = corpus::listings(options.bytes.unwrap_or(1000), true);
    let (requests, items) = (Arc::new(encode::requests(&listings)), Arc::new(encode::items(&listings)));
    let real = Server::real(options, &["--policy", pack.to_str().unwrap()]);
    let time = options.time(1800);

    let unary = Load::new(real.address, options.connections, &requests).await;
    let streams = Load::new(real.address, 2, &items).await;
    let before = loads(&real);
    let watch = Watch::start(real.pid, real.resident(), Duration::from_millis(500));
    let meter = Meter::start(&real);
    let changing = tokio::spawn(change(pack.join("pack.yaml"), EVERY));
    let mut cutting = JoinSet::new();
    for number in 0..2 {
        cutting.spawn(cut_again_and_again(real.address, Arc::clone(&requests), (number, time)));
    }
    let streaming = tokio::spawn({
        let begun = Instant::now();
        async move {
            let mut all = Tally::new(begun, SECOND);
            while begun.elapsed() < time {
                // A minute each, so that streams begin and end too.
                let next = Duration::from_secs(60).min(time.saturating_sub(begun.elapsed()));
                all.add(&streams.quiet_streams(PAUSE, next).await);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            all
        }
    });
    let calls = unary.open(options.rate.unwrap_or(RATE), time, SECOND).await;
    let streamed = streaming.await.unwrap();
    let cost = meter.stop(&real);
    changing.abort();
    let cut = cutting.join_all().await.into_iter().fold(Cut::default(), |all, one| Cut {
        connections: all.connections + one.connections,
        calls: all.calls + one.calls,
    });
    show("calls", &real, &calls, cost);
    show("streams", &real, &streamed, cost);
    println!(
        "connections cut {}, with {} calls on them; reloads {}",
        cut.connections,
        cut.calls,
        loads(&real) - before
    );
    let errors = |tally: &Tally| {
        tally.codes.iter().filter(|(code, _)| **code != 0).map(|(_, count)| count).sum::<u64>() + tally.broken
    };
    println!("errors that no client caused: {}", errors(&calls) + errors(&streamed));
    let (start, most, seen) = watch.end();
    let warm = time / WARM;
    let points: Vec<_> = seen.into_iter().filter(|(at, _)| *at >= warm).collect();
    // While a pack is loaded there are two; what grows is seen between loads.
    let points = lowest(&points, EVERY);
    println!(
        "RSS {} at first, {} at most, {} at the end; slope {:.1} KiB/min between loads over the last {} s",
        MiB(start),
        MiB(most),
        MiB(real.resident()),
        slope(&points) * 60.0 / 1024.0,
        (time - warm).as_secs(),
    );
    println!("client {:.2} processors, server {:.2}{}", cost.client_share(), cost.server_share(), cost.verdict());
}

/// Connections that end in the middle of what they asked for.
async fn cut_again_and_again(
    address: std::net::SocketAddr,
    requests: Arc<Vec<bytes::Bytes>>,
    (number, time): (u32, Duration),
) -> Cut {
    let (begun, mut cut, mut random) = (Instant::now(), Cut::default(), 0x9e37_79b9_u32 ^ (number + 1));
    while begun.elapsed() < time {
        let line = Line::open(address).await.unwrap();
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        let life = LIFE * (random % 100) / 50;
        let mut calling = JoinSet::new();
        for caller in 0..8 {
            let (line, requests) = (line.clone(), Arc::clone(&requests));
            calling.spawn(async move {
                let mut calls = 0;
                while line.score(requests[(calls * 7 + caller) % requests.len()].clone()).await.is_ok() {
                    calls += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                calls as u64
            });
        }
        tokio::time::sleep(life).await;
        line.cut();
        cut.connections += 1;
        cut.calls += calling.join_all().await.into_iter().sum::<u64>();
    }
    cut
}

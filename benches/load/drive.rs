//! When calls are made: one after the other (closed), or when they are due whatever became of those before (open).
//!
//! Not here: what a call is (`client.rs`), what is kept of it (`measure.rs`). Kept true: an open loop never waits for the server; its beat comes from a thread of
//! its own, because timers of the runtime have milliseconds.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::Code;

use super::client::Line;
use super::measure::Tally;

/// The beat's shortest pause: waking the client costs some microseconds.
const BEAT: Duration = Duration::from_micros(100);
/// Calls under way on a connection; the service allows 1024.
const MOST: usize = 1000;
/// Items of a stream that are written at a time.
const TOGETHER: usize = 16;
/// What is under way at the end gets so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where calls go, and what they carry.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) lines: Vec<Line>,
    pub(crate) bodies: Arc<Vec<Bytes>>,
}

impl Load {
    pub(crate) async fn new(address: SocketAddr, connections: usize, bodies: &Arc<Vec<Bytes>>) -> Load {
        let mut lines = Vec::new();
        for _ in 0..connections {
            lines.push(Line::open(address).await.unwrap());
        }
        Load { lines, bodies: Arc::clone(bodies) }
    }

    fn body(&self, at: usize) -> Bytes {
        self.bodies[at * 31 % self.bodies.len()].clone()
    }

    /// So many callers, each with one call after the other.
    pub(crate) async fn closed(&self, callers: usize, time: Duration, window: Duration) -> Tally {
        let begun = Instant::now();
        let tally = Arc::new(Mutex::new(Tally::new(begun, window)));
        let mut calling = JoinSet::new();
        for caller in 0..callers {
            let (load, tally) = (self.clone(), Arc::clone(&tally));
            calling.spawn(async move {
                let line = &load.lines[caller % load.lines.len()];
                for at in (caller..).step_by(callers) {
                    let due = Instant::now();
                    if due - begun >= time {
                        break;
                    }
                    let told = line.score(load.body(at)).await;
                    let failed = !told.as_ref().is_ok_and(|told| told.code == Code::Ok);
                    tally.lock().unwrap().ended(due, told);
                    if failed {
                        tokio::time::sleep(Duration::from_millis(1)).await; // nobody storms a server that says no
                    }
                }
            });
        }
        calling.join_all().await;
        Arc::into_inner(tally).unwrap().into_inner().unwrap()
    }

    /// So many calls a second, when they are due.
    pub(crate) async fn open(&self, rate: f64, time: Duration, window: Duration) -> Tally {
        let begun = Instant::now() + Duration::from_millis(5);
        let tally = Arc::new(Mutex::new(Tally::new(begun, window)));
        let mut due = beat(begun, rate, time);
        // By connection: one that waits for room on its connection would wait here and not with the server.
        let under_way: Arc<Vec<AtomicUsize>> = Arc::new(self.lines.iter().map(|_| AtomicUsize::new(0)).collect());
        while let Some((first, end)) = due.recv().await {
            for number in first..end {
                let due = begun + Duration::from_secs_f64(number as f64 / rate);
                let at = number % self.lines.len();
                {
                    let mut tally = tally.lock().unwrap();
                    tally.lag.saturating_record(due.elapsed().as_micros().max(1) as u64);
                    if under_way[at].load(Ordering::Relaxed) >= MOST {
                        tally.unsent += 1;
                        continue;
                    }
                }
                under_way[at].fetch_add(1, Ordering::Relaxed);
                let (line, body) = (self.lines[at].clone(), self.body(number));
                let (tally, under_way) = (Arc::clone(&tally), Arc::clone(&under_way));
                tokio::spawn(async move {
                    let told = line.score(body).await;
                    tally.lock().unwrap().ended(due, told);
                    under_way[at].fetch_sub(1, Ordering::Relaxed);
                });
            }
        }
        let end = Instant::now() + PATIENCE;
        let left = || under_way.iter().map(|line| line.load(Ordering::Relaxed) as u64).sum::<u64>();
        while left() > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let left = left();
        // Whoever has not ended keeps the other one, which nobody will look at.
        let mut tally = std::mem::replace(&mut *tally.lock().unwrap(), Tally::new(begun, window));
        tally.broken += left;
        tally
    }

    /// Streams, one a connection, on which a few items are sent, answered, and followed by a pause.
    pub(crate) async fn quiet_streams(&self, pause: Duration, time: Duration) -> Tally {
        self.streaming(TOGETHER * self.lines.len(), time, (Duration::from_secs(1), pause)).await
    }

    /// Streams, one a connection, with so many items under way in all of them. Answers by window.
    pub(crate) async fn streams(&self, in_flight: usize, time: Duration, window: Duration) -> Tally {
        self.streaming(in_flight, time, (window, Duration::ZERO)).await
    }

    async fn streaming(&self, in_flight: usize, time: Duration, (window, pause): (Duration, Duration)) -> Tally {
        let begun = Instant::now();
        let tally = Arc::new(Mutex::new(Tally::new(begun, window)));
        let chunks: Arc<Vec<Bytes>> = Arc::new(self.bodies.chunks(TOGETHER).map(join).collect());
        let each = (in_flight / self.lines.len()).max(TOGETHER);
        let mut streams = JoinSet::new();
        for line in &self.lines {
            let (line, chunks, tally) = (line.clone(), Arc::clone(&chunks), Arc::clone(&tally));
            streams.spawn(async move { stream(&line, &chunks, (each, begun + time, pause), &tally).await });
        }
        for ended in streams.join_all().await {
            if ended.is_err() {
                tally.lock().unwrap().broken += 1;
            }
        }
        Arc::into_inner(tally).unwrap().into_inner().unwrap()
    }
}

fn join(items: &[Bytes]) -> Bytes {
    let mut joined = BytesMut::new();
    items.iter().for_each(|item| joined.extend_from_slice(item));
    joined.freeze()
}

/// Sends until the time is over, never more than the window ahead of the answers.
async fn stream(
    line: &Line,
    chunks: &[Bytes],
    (window, end, pause): (usize, Instant, Duration),
    tally: &Mutex<Tally>,
) -> Result<(), h2::Error> {
    let (mut items, mut answers) = line.stream().await?;
    let (mut sent, mut answered, mut closed) = (0, 0, false);
    let mut times = std::collections::VecDeque::new();
    loop {
        while !closed && sent + TOGETHER <= answered + window {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            closed = Instant::now() >= end;
            let chunk = if closed { Bytes::new() } else { chunks[sent / TOGETHER % chunks.len()].clone() };
            items.send(chunk, closed)?;
            if !closed {
                sent += TOGETHER;
                times.push_back((sent, Instant::now()));
            }
        }
        match answers.more().await? {
            Ok(whole) => {
                answered += whole;
                let mut tally = tally.lock().unwrap();
                while times.front().is_some_and(|(upto, _)| *upto <= answered) {
                    let (_, due) = times.pop_front().unwrap();
                    tally.answered(due, TOGETHER as u64);
                }
            }
            Err(code) => {
                let mut tally = tally.lock().unwrap();
                tally.broken += u64::from(code != Code::Ok || answered != sent);
                return Ok(());
            }
        }
    }
}

/// Which calls are due, as numbers from and to; ends with the time.
fn beat(begun: Instant, rate: f64, time: Duration) -> mpsc::UnboundedReceiver<(usize, usize)> {
    let (sender, due) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let all = (time.as_secs_f64() * rate) as usize;
        let mut next = 0;
        while next < all {
            let at = begun + Duration::from_secs_f64(next as f64 / rate);
            std::thread::sleep(at.saturating_duration_since(Instant::now()).max(BEAT));
            let now = ((Instant::now() - begun).as_secs_f64() * rate) as usize + 1;
            if now > next && sender.send((next, now.min(all))).is_err() {
                return;
            }
            next = next.max(now);
        }
    });
    due
}

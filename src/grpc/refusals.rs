//! When a refusal leaves: at once, unless there are so many that refusing would be all there is time for.
//!
//! Not here: who is refused (`guard.rs`, `backlog.rs`) and with which words (`status.rs`). Kept true: refusals leave in the order in which they
//! were made, so and so many a second; none is held for longer than its `RetryInfo` asks the caller to stay away, nor for more than half of the
//! call's own timeout; how many are held is bounded, and beyond that they leave at once.
//!
//! Callers who come ten times too fast are most of them told no, and what they are told makes room for their next call: HTTP/2 lets a client have
//! so many calls under way on a connection and no more. Answered at once, refusals set the pace of the flood, and at ten microseconds each (a call
//! is read, made a task, answered) they take the time of those who could be served. A refusal that is held keeps its place in the client's window,
//! costs nothing, and what is admitted is admitted at the pace of what can be done.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tonic::codegen::http::HeaderMap;

use super::deadline;
use super::status::RETRY_AFTER;

/// Of a thread's time, between two refusals: a twentieth of it is spent on refusing then, a tenth where machines are slow.
const GAP: Duration = Duration::from_micros(200);

/// Refusals that wait to leave.
#[derive(Debug)]
pub(super) struct Refusals {
    begun: Instant,
    gap: u64,
    /// When the next one may leave, in nanoseconds since `begun`.
    next: AtomicU64,
}

impl Refusals {
    /// For so many threads.
    pub(super) fn new(threads: usize) -> Self {
        let gap = GAP / u32::try_from(threads).unwrap_or(u32::MAX).max(1);
        Refusals { begun: Instant::now(), gap: nanos(gap), next: AtomicU64::new(0) }
    }

    /// Waits until a refusal of a call with these headers may leave.
    pub(super) async fn leave(&self, headers: &HeaderMap) {
        let held = self.hold(Instant::now());
        if !held.is_zero() {
            let patience = deadline::timeout(headers).map_or(RETRY_AFTER, |timeout| timeout / 2);
            tokio::time::sleep(held.min(patience)).await;
        }
    }

    /// For how long a refusal that is made now is held. Zero if there are too many already: then it takes no place in the row.
    fn hold(&self, now: Instant) -> Duration {
        let now = nanos(now.saturating_duration_since(self.begun));
        let latest = now.saturating_add(nanos(RETRY_AFTER));
        let slot = self.next.fetch_update(Relaxed, Relaxed, |next| (next <= latest).then(|| next.max(now) + self.gap));
        slot.map_or(Duration::ZERO, |next| Duration::from_nanos(next.saturating_sub(now)))
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_leave_at_once_and_a_flood_one_by_one() {
        let refusals = Refusals::new(2);
        let mut now = refusals.begun + Duration::from_secs(5);
        for _ in 0..1000 {
            now += GAP / 2;
            assert_eq!(refusals.hold(now), Duration::ZERO);
        }
        let held: Vec<_> = (0..100).map(|_| refusals.hold(now)).collect();
        assert!(held.is_sorted_by(|one, next| *next - *one == GAP / 2), "{held:?}");
        assert_eq!(refusals.hold(now + Duration::from_secs(1)), Duration::ZERO, "the flood is over");
    }

    #[test]
    fn so_many_are_held_and_no_more() {
        let refusals = Refusals::new(1);
        let now = refusals.begun + Duration::from_secs(1);
        let held: Vec<_> = (0..30_000).map(|_| refusals.hold(now)).collect();
        let most = usize::try_from(RETRY_AFTER.as_nanos() / GAP.as_nanos()).unwrap();
        assert_eq!(held.iter().filter(|held| !held.is_zero()).count(), most);
        assert!(held.iter().all(|held| *held <= RETRY_AFTER));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_held_until_the_deadline() {
        let refusals = Refusals::new(1);
        for _ in 0..20_000 {
            refusals.hold(Instant::now());
        }
        let mut headers = HeaderMap::new();
        refusals.next.store(nanos(refusals.begun.elapsed()) + nanos(RETRY_AFTER) - 1, Relaxed);
        headers.insert("grpc-timeout", "100m".parse().unwrap());
        let begun = tokio::time::Instant::now();
        refusals.leave(&headers).await;
        assert!(begun.elapsed() >= Duration::from_millis(50) && begun.elapsed() < Duration::from_millis(60));
    }
}

//! Erasing what is old, as time goes by.
//!
//! Not here: erasing (`store/`), how old is too old (the operator says so). Kept true: nothing younger than the limit is erased, and nothing on the word of
//! a clock that has just jumped; each round erases what has passed the limit since the last one, so no round is long but the first; a store that is away
//! is asked again later.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::now;
use crate::domain::Timestamp;
use crate::store::{Erase, Erased, Store, StoreError};

/// Between rounds. An erasure leaves one record in each chain that it touches: some hundreds a day, where a round a second would leave more
/// than a small shop decides.
const ROUND: Duration = Duration::from_secs(300);

/// More than a clock is set by in the normal course of things.
const JUMP: Duration = Duration::from_secs(120);
/// How long a clock that has jumped is not believed.
const DISTRUST: Duration = Duration::from_secs(24 * 3600);

/// For how long records are kept. What is erased leaves its digest, so that chains can still be followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Content beside decisions; `None` = as long as its decision.
    pub contents: Option<Duration>,
    /// Decisions, outcomes and notices with their content; `None` = for ever.
    pub records: Option<Duration>,
}

impl Retention {
    /// Erases what is too old until `stop`.
    pub async fn run(self, store: Arc<dyn Store>, stop: CancellationToken) {
        if self == Retention::default() {
            return stop.cancelled().await;
        }
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut clock = SteadyClock::new(now(), Instant::now());
        while stop.run_until_cancelled(rounds.tick()).await.is_some() {
            if !clock.is_steady(now(), Instant::now()) {
                continue;
            }
            match self.round(&*store, now()).await {
                Ok(erased) if erased == Erased::default() => {}
                Ok(erased) => tracing::info!(erased.contents, erased.records, "what was too old was erased"),
                Err(failed) => tracing::error!(%failed, "what is too old could not be erased; trying on"),
            }
        }
    }

    async fn round(self, store: &dyn Store, now: Timestamp) -> Result<Erased, StoreError> {
        let before = |kept: Option<Duration>| kept.map(|kept| earlier(now, kept));
        let what = Erase { contents_before: before(self.contents), records_before: before(self.records) };
        store.erase(&what).await
    }
}

/// The wall clock, as far as it can be trusted with something that nobody can undo: for a clock that jumps a year ahead, everything is too old.
#[derive(Debug)]
struct SteadyClock {
    /// The last look, by this clock and by the one that does not jump.
    last: (Timestamp, Instant),
    jumped: Option<Instant>,
}

impl SteadyClock {
    fn new(now: Timestamp, instant: Instant) -> Self {
        SteadyClock { last: (now, instant), jumped: None }
    }

    /// False for a day after a jump: time for somebody to put it right.
    fn is_steady(&mut self, now: Timestamp, instant: Instant) -> bool {
        let (before, looked) = std::mem::replace(&mut self.last, (now, instant));
        let passed = i64::try_from(instant.saturating_duration_since(looked).as_secs()).unwrap_or(i64::MAX);
        let off = now.seconds.saturating_sub(before.seconds).saturating_sub(passed);
        if off.unsigned_abs() > JUMP.as_secs() {
            tracing::error!(seconds = off, "the clock has jumped; for a day nothing is erased for its age");
            self.jumped = Some(instant);
        }
        self.jumped = self.jumped.filter(|jumped| instant.saturating_duration_since(*jumped) < DISTRUST);
        self.jumped.is_none()
    }
}

/// An instant that lies so much before another one.
fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    Timestamp { seconds: at.seconds.saturating_sub(seconds), nanos: at.nanos }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Outcome, OutcomeKind, Record};
    use crate::store::{Draft, Location, open};

    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn a_clock_that_jumps_erases_nothing_for_a_day() {
        let (wall, begun) = (now(), Instant::now());
        let at = |ahead: i64| Timestamp { seconds: wall.seconds + ahead, nanos: 0 };
        let mut clock = SteadyClock::new(wall, begun);
        let year = 365 * 24 * 3600;
        for (passed, ahead, steady) in [
            (300, 300, true),
            (600, 601 + 60, true), // set a little
            (900, year, false),
            (1200, year + 300, false),
            (1500, 1500, false), // put right
            (1500 + 23 * 3600, 1500 + 23 * 3600, false),
            (1500 + 25 * 3600, 1500 + 25 * 3600, true),
            (1800 + 25 * 3600, -year, false),
        ] {
            assert_eq!(clock.is_steady(at(ahead), begun + Duration::from_secs(passed)), steady, "{passed} {ahead}");
        }
    }

    fn outcome(id: &str) -> Draft {
        let (outcome_id, decision_id) = (id.to_owned(), "d".to_owned());
        let (kind, note, decided_at) = (OutcomeKind::Confirmed, String::new(), now());
        Draft::new(&Record::Outcome(Outcome { outcome_id, decision_id, kind, note, decided_at }))
    }

    #[tokio::test]
    async fn only_what_is_older_than_the_limit_is_erased() {
        let store = open(&Location::Memory).await.unwrap();
        store.append(vec![outcome("a"), outcome("b")]).await.unwrap();
        let later = |by: Duration| earlier(now(), Duration::ZERO).seconds + i64::try_from(by.as_secs()).unwrap();
        let at = |by| Timestamp { seconds: later(by), nanos: 0 };
        let month = Retention { contents: None, records: Some(30 * DAY) };
        assert_eq!(month.round(&*store, at(29 * DAY)).await.unwrap().records, 0);
        assert_eq!(month.round(&*store, at(31 * DAY)).await.unwrap().records, 2);
        assert_eq!(month.round(&*store, at(32 * DAY)).await.unwrap().records, 0, "once is enough");
        let contents = Retention { contents: Some(DAY), records: None };
        store.append(vec![outcome("c")]).await.unwrap();
        assert_eq!(contents.round(&*store, at(31 * DAY)).await.unwrap().records, 0);
    }

    #[tokio::test]
    async fn the_first_round_comes_at_once_and_the_end_when_it_is_asked_for() {
        let store = open(&Location::Memory).await.unwrap();
        store.append(vec![outcome("a")]).await.unwrap();
        // Older than nothing at all: everything is too old.
        let nothing = Retention { contents: None, records: Some(Duration::ZERO) };
        let stop = CancellationToken::new();
        let running = tokio::spawn(nothing.run(Arc::clone(&store), stop.clone()));
        for _ in 0..1000 {
            if store.about("d").await.unwrap().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(store.about("d").await.unwrap().is_empty());
        stop.cancel();
        running.await.unwrap();
    }
}

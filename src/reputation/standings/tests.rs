//! Standings over a source that can be slow, held up or away.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::super::MemorySource;
use super::super::source::{EventPage, SourceAnswer};
use super::*;
use crate::domain::{EventKind, RiskArea};
use crate::policy::{compile, embedded};

const NOW: Timestamp = Timestamp { seconds: 1_795_262_400, nanos: 0 };

/// Those of the default pack, compiled once.
fn rules() -> StandingRules {
    static RULES: LazyLock<StandingRules> = LazyLock::new(|| compile(&embedded()).unwrap().0.standing);
    RULES.clone()
}

fn seller(id: &str) -> Subject {
    Subject { kind: SubjectKind::Seller, id: id.to_owned() }
}

fn event(id: usize, subject: &str, kind: EventKind) -> StandingEvent {
    let area = Some(RiskArea::Medicine);
    StandingEvent { event_id: format!("e-{id}"), subject: seller(subject), kind, area, count: 1, occurred_at: NOW }
}

/// Answers when it is let, and counts how often it was asked.
#[derive(Debug)]
struct GatedSource {
    kept: MemorySource,
    gate: Semaphore,
    reads: AtomicUsize,
    away: AtomicBool,
}

impl GatedSource {
    fn open() -> Arc<Self> {
        let gate = Semaphore::new(Semaphore::MAX_PERMITS);
        Arc::new(GatedSource { kept: MemorySource::default(), gate, reads: AtomicUsize::new(0), away: false.into() })
    }

    fn closed() -> Arc<Self> {
        let gate = Semaphore::new(0);
        Arc::new(GatedSource { kept: MemorySource::default(), gate, reads: AtomicUsize::new(0), away: false.into() })
    }
}

impl StandingSource for GatedSource {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(SourceUnavailable)));
        }
        // What is durable is durable before the answer is on its way.
        let appended = self.kept.append(events);
        Box::pin(async move {
            tokio::task::yield_now().await;
            appended.await
        })
    }

    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(SourceUnavailable)));
        }
        // What was read is old by the time it arrives.
        let events = self.kept_of(subject);
        Box::pin(async move {
            tokio::task::yield_now().await;
            if let Ok(passed) = self.gate.acquire().await {
                passed.forget();
            }
            events.chunks(2).for_each(page);
            Ok(())
        })
    }
}

impl GatedSource {
    fn kept_of(&self, subject: &Subject) -> Vec<StandingEvent> {
        let mut events = Vec::new();
        let mut page = |page: &[StandingEvent]| events.extend_from_slice(page);
        drop(self.kept.events_of(subject, &mut page)); // it is ready at once
        events
    }
}

fn standings(source: &Arc<GatedSource>, limit: usize) -> Arc<Standings> {
    let source: Arc<dyn StandingSource> = Arc::<GatedSource>::clone(source);
    Arc::new(Standings::new(rules(), source, NonZeroUsize::new(limit).unwrap()))
}

#[tokio::test]
async fn an_unknown_seller_is_asked_for_once_and_an_event_makes_it_known() {
    let source = GatedSource::open();
    let standings = standings(&source, 100);
    assert_eq!(standings.live(SubjectKind::Seller, "a", NOW), Live::Absent);
    for _ in 0..5 {
        assert_eq!(standings.standing(&seller("a"), NOW).await, Ok(None));
        assert_eq!(standings.live(SubjectKind::Seller, "a", NOW), Live::Unknown);
    }
    assert_eq!(source.reads.load(Ordering::Relaxed), 1);
    let new = standings.record(vec![event(1, "a", EventKind::NoticeConfirmed)]).await;
    assert_eq!(new, Ok(vec![true]));
    let Live::Known(standing) = standings.live(SubjectKind::Seller, "a", NOW) else { panic!("it is live") };
    assert!((standing.mean - 2.0 / 21.0).abs() < 1e-6 && standing.strikes == 1, "{standing:?}");
    assert_eq!(standings.live(SubjectKind::Creator, "a", NOW), Live::Absent, "a creator of that name is another");
}

#[tokio::test]
async fn strangers_are_not_asked_about_once_everybody_was_told_of() {
    let source = GatedSource::open();
    source.append(vec![event(1, "a", EventKind::NoticeConfirmed)]).await.unwrap();
    let standings = standings(&source, 100);
    standings.tell_of(&seller("a"));
    assert_eq!(standings.live(SubjectKind::Seller, "b", NOW), Live::Absent, "not everybody yet");
    standings.all_told();
    assert_eq!(standings.live(SubjectKind::Seller, "a", NOW), Live::Absent);
    assert_eq!(standings.live(SubjectKind::Seller, "b", NOW), Live::Unknown);
    assert_eq!(standings.standing(&seller("b"), NOW).await, Ok(None));
    assert_eq!((source.reads.load(Ordering::Relaxed), standings.live_entries()), (0, 0));
    assert!(standings.standing(&seller("a"), NOW).await.unwrap().is_some());
    // Whoever gets an event here or elsewhere is no stranger any more.
    standings.record(vec![event(2, "b", EventKind::NoticeConfirmed)]).await.unwrap();
    assert!(standings.standing(&seller("b"), NOW).await.unwrap().is_some());
    source.append(vec![event(3, "c", EventKind::NoticeConfirmed)]).await.unwrap();
    standings.forget(&seller("c"));
    assert!(standings.standing(&seller("c"), NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn what_comes_twice_counts_once() {
    let standings = standings(&GatedSource::open(), 100);
    let one = event(1, "a", EventKind::NoticeConfirmed);
    standings.standing(&seller("a"), NOW).await.unwrap();
    assert_eq!(standings.record(vec![one.clone(), one.clone()]).await, Ok(vec![true, false]));
    assert_eq!(standings.record(vec![one]).await, Ok(vec![false]));
    assert_eq!(standings.standing(&seller("a"), NOW).await.unwrap().unwrap().strikes, 1);
}

#[tokio::test]
async fn many_who_ask_at_once_read_once() {
    let source = GatedSource::closed();
    let standings = standings(&source, 100);
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let standings = Arc::clone(&standings);
            tokio::spawn(async move { standings.standing(&seller("a"), NOW).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    source.gate.add_permits(1);
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Ok(None));
    }
    assert_eq!(source.reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_reading_goes_on_when_nobody_waits_for_it_any_more() {
    let source = GatedSource::closed();
    let standings = standings(&source, 100);
    let (first, name) = (Arc::clone(&standings), seller("a"));
    let gave_up = tokio::time::timeout(Duration::from_millis(10), first.standing(&name, NOW)).await;
    assert!(gave_up.is_err());
    source.gate.add_permits(1);
    let begun = Instant::now();
    while standings.live(SubjectKind::Seller, "a", NOW) == Live::Absent {
        assert!(begun.elapsed() < Duration::from_secs(5));
        tokio::task::yield_now().await;
    }
    assert_eq!(source.reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_source_that_hangs_holds_only_so_much() {
    let source = GatedSource::closed();
    let standings = standings(&source, 10_000);
    let ask = async |at: usize| {
        let of = seller(&at.to_string());
        tokio::time::timeout(Duration::from_millis(1), standings.standing(&of, NOW)).await
    };
    let mut refused = 0;
    for at in 0..1100 {
        refused += usize::from(ask(at).await == Ok(Err(SourceUnavailable)));
    }
    assert_eq!(refused, 1100 - 1024);
    source.gate.add_permits(2000);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((standings.live_entries(), ask(1099).await), (1024, Ok(Ok(None))));
}

#[tokio::test]
async fn an_event_that_comes_while_events_are_read_is_not_lost() {
    let source = GatedSource::closed();
    let standings = standings(&source, 100);
    let reader = Arc::clone(&standings);
    let reading = tokio::spawn(async move { reader.standing(&seller("a"), NOW).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    standings.record(vec![event(1, "a", EventKind::NoticeConfirmed)]).await.unwrap();
    source.gate.add_permits(9);
    assert_eq!(reading.await.unwrap().unwrap().unwrap().strikes, 1, "it has read again");
    assert_eq!(standings.standing(&seller("a"), NOW).await.unwrap().unwrap().strikes, 1);
}

#[tokio::test]
async fn what_others_wrote_is_read_after_forgetting() {
    let source = GatedSource::open();
    let standings = standings(&source, 100);
    standings.standing(&seller("a"), NOW).await.unwrap();
    source.append(vec![event(1, "a", EventKind::NoticeConfirmed)]).await.unwrap();
    assert_eq!(standings.standing(&seller("a"), NOW).await, Ok(None));
    standings.forget(&seller("a"));
    assert!(standings.standing(&seller("a"), NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn a_source_that_is_away_is_an_error_and_nothing_counts_half() {
    let source = GatedSource::open();
    let standings = standings(&source, 100);
    standings.standing(&seller("known"), NOW).await.unwrap();
    source.away.store(true, Ordering::Relaxed);
    assert_eq!(standings.standing(&seller("other"), NOW).await, Err(SourceUnavailable));
    assert_eq!(standings.standing(&seller("known"), NOW).await, Ok(None), "what is live stays");
    let one = event(1, "known", EventKind::NoticeConfirmed);
    assert_eq!(standings.record(vec![one.clone()]).await, Err(SourceUnavailable));
    assert_eq!(standings.live(SubjectKind::Seller, "known", NOW), Live::Absent, "who knows what it has kept");
    source.away.store(false, Ordering::Relaxed);
    assert_eq!(standings.record(vec![one]).await, Ok(vec![true]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_and_readers_at_once_leave_what_the_source_has() {
    // Fewer places than subjects, so entries come and go all the time.
    const SUBJECTS: usize = 24;
    let source = GatedSource::open();
    let standings = standings(&source, 8);
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..4 {
        let standings = Arc::clone(&standings);
        tasks.spawn(async move {
            for number in 0..60 {
                let of = (number * 7 + writer) % SUBJECTS;
                // Every event is reported by two writers.
                let id = (writer / 2) * 1000 + number;
                let one = event(id, &of.to_string(), EventKind::NoticeConfirmed);
                standings.record(vec![one]).await.unwrap();
            }
        });
    }
    for reader in 0..4 {
        let standings = Arc::clone(&standings);
        tasks.spawn(async move {
            for number in 0..200 {
                let of = seller(&((number * 5 + reader) % SUBJECTS).to_string());
                standings.standing(&of, NOW).await.unwrap();
                if number % 50 == 0 {
                    standings.forget(&of);
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let mut expected = HashMap::new();
    for of in (0..SUBJECTS).map(|of| seller(&of.to_string())) {
        let events = source.kept_of(&of);
        expected.insert(of, Folded::from_events(&events, &standings.rules()).standing(&standings.rules(), NOW));
    }
    for (of, expected) in expected {
        assert_eq!(standings.standing(&of, NOW).await.unwrap(), expected, "{of:?}");
    }
    assert!(standings.live_entries() <= 8 && standings.readings.is_empty() && standings.writing.is_empty());
}

#[tokio::test]
async fn watchers_hear_of_changes_and_of_what_they_missed() {
    let standings = standings(&GatedSource::open(), 100);
    let mut changes = standings.changes();
    standings.record(vec![event(1, "a", EventKind::OrdersCompleted)]).await.unwrap();
    assert_eq!(*changes.recv().await.unwrap(), seller("a"));
    let many = (2..3000).map(|id| event(id, "b", EventKind::OrdersCompleted)).collect();
    standings.record(many).await.unwrap();
    assert!(matches!(changes.recv().await, Err(broadcast::error::RecvError::Lagged(missed)) if missed > 1000));
}

#[tokio::test]
async fn a_detail_shows_areas_and_the_events_that_carry_it() {
    let standings = standings(&GatedSource::open(), 100);
    let prior = standings.detail(&seller("a"), NOW).await.unwrap();
    assert_eq!((prior.standing.mean, prior.standing.effective_events), (0.05, 0.0));
    assert!(prior.areas.is_empty() && prior.contributions.is_empty());
    let mut events = vec![event(1, "a", EventKind::NoticeConfirmed)];
    events.extend((2..40).map(|id| event(id, "a", EventKind::ContentCleared)));
    standings.record(events).await.unwrap();
    let detail = standings.detail(&seller("a"), NOW).await.unwrap();
    assert_eq!(detail.standing, standings.standing(&seller("a"), NOW).await.unwrap().unwrap());
    assert_eq!((detail.areas.len(), detail.contributions.len(), detail.as_of), (1, 20, NOW));
    assert_eq!(detail.contributions[0].event_id, "e-1");
    assert!(detail.contributions[0].contribution > 0.0 && detail.contributions[1].contribution < 0.0);
}

/// Rules under which a confirmed notice weighs more, is forgotten sooner, and strikes lapse earlier.
fn stricter() -> StandingRules {
    let mut rules = rules();
    rules.prior.bad *= 2.0;
    rules.half_life = crate::policy::HalfLife::days(30);
    rules.strikes.window_days = 7;
    rules
}

#[tokio::test]
async fn other_rules_give_what_a_start_with_them_would() {
    let source = GatedSource::open();
    let standings = standings(&source, 100);
    let old = |id, days: i64| {
        let at = Timestamp { seconds: NOW.seconds - days * 24 * 3600, nanos: 0 };
        StandingEvent { occurred_at: at, ..event(id, "a", EventKind::NoticeConfirmed) }
    };
    standings.record((0..30).map(|id| old(id, id as i64)).collect()).await.unwrap();
    let before = standings.standing(&seller("a"), NOW).await.unwrap().unwrap();
    standings.adopt(stricter());
    assert_eq!(standings.live(SubjectKind::Seller, "a", NOW), Live::Absent, "nothing of the old rules is left");
    standings.record(vec![old(99, 1)]).await.unwrap();
    let after = standings.standing(&seller("a"), NOW).await.unwrap().unwrap();
    let beneath: Arc<dyn StandingSource> = Arc::<GatedSource>::clone(&source);
    let started = Arc::new(Standings::new(stricter(), beneath, NonZeroUsize::new(100).unwrap()));
    assert_eq!(started.standing(&seller("a"), NOW).await.unwrap(), Some(after.clone()));
    assert_eq!(started.detail(&seller("a"), NOW).await, standings.detail(&seller("a"), NOW).await);
    assert!(after.mean != before.mean && after.strikes == 8 && before.strikes == 30, "{before:?} {after:?}");
    standings.adopt(rules());
    standings.adopt(rules());
    assert_eq!(standings.standing(&seller("a"), NOW).await.unwrap().unwrap().strikes, 31);
}

#[tokio::test]
async fn a_reading_begun_under_the_old_rules_is_read_again() {
    let source = GatedSource::closed();
    let standings = standings(&source, 100);
    source.kept.append(vec![event(1, "a", EventKind::NoticeConfirmed)]).await.unwrap();
    let reader = Arc::clone(&standings);
    let reading = tokio::spawn(async move { reader.standing(&seller("a"), NOW).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    standings.adopt(stricter());
    source.gate.add_permits(9);
    let read = reading.await.unwrap().unwrap();
    let events = source.kept_of(&seller("a"));
    let expected = Folded::from_events(&events, &stricter()).standing(&stricter(), NOW);
    assert_eq!((read, standings.standing(&seller("a"), NOW).await.unwrap()), (expected.clone(), expected));
}

#[tokio::test]
async fn a_clock_that_was_set_back_makes_no_event_weigh_more() {
    let standings = standings(&GatedSource::open(), 100);
    let events = (0..40).map(|id| event(id, "a", EventKind::NoticeConfirmed)).collect();
    standings.record(events).await.unwrap();
    let right = standings.detail(&seller("a"), NOW).await.unwrap();
    for years in [1, 5, 40] {
        let back = Timestamp { seconds: NOW.seconds - years * 365 * 24 * 3600, nanos: 0 };
        let wrong = standings.detail(&seller("a"), back).await.unwrap();
        assert!((wrong.standing.effective_events / right.standing.effective_events - 1.0).abs() < 0.01, "{wrong:?}");
        assert!((wrong.areas[0].mean - right.areas[0].mean).abs() < 0.01 && wrong.contributions.len() == 20);
        assert_eq!(wrong.standing.strikes, right.standing.strikes);
    }
}

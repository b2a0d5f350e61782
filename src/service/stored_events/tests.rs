//! Two processes over one store, as two sets of standings over two handles.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use super::*;
use crate::domain::{EventKind, SubjectKind, Timestamp};
use crate::policy::{StandingRules, compile, embedded};
use crate::reputation::Live;
use crate::store::{self, Location};

const NOW: Timestamp = Timestamp { seconds: 1_795_262_400, nanos: 0 };

fn seller(id: &str) -> Subject {
    Subject { kind: SubjectKind::Seller, id: id.to_owned() }
}

fn removal(id: &str, subject: &str) -> StandingEvent {
    let (kind, subject) = (EventKind::ContentRemoved, seller(subject));
    StandingEvent { event_id: id.to_owned(), subject, kind, area: None, count: 1, occurred_at: NOW }
}

/// What one process has.
struct Replica {
    standings: Arc<Standings>,
    events: Arc<StoredEvents>,
    stop: CancellationToken,
}

impl Replica {
    async fn over(store: Arc<dyn Store>) -> Self {
        let events = Arc::new(StoredEvents::new(store));
        let tail = events.tail().await.unwrap();
        static RULES: LazyLock<StandingRules> = LazyLock::new(|| compile(&embedded()).unwrap().0.standing);
        let rules = RULES.clone();
        let source: Arc<dyn StandingSource> = Arc::<StoredEvents>::clone(&events);
        let standings = Arc::new(Standings::new(rules, source, NonZeroUsize::new(1000).unwrap()));
        let stop = CancellationToken::new();
        tokio::spawn(tail.run(Arc::clone(&standings), stop.clone()));
        Replica { standings, events, stop }
    }

    async fn strikes(&self, subject: &str) -> u32 {
        self.standings.standing(&seller(subject), NOW).await.unwrap().map_or(0, |standing| standing.strikes)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn hears(replica: &Replica, subject: &str, strikes: u32) {
    let begun = Instant::now();
    while replica.strikes(subject).await != strikes {
        assert!(begun.elapsed() < Duration::from_secs(20), "not heard");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn two_replicas_agree(one: Arc<dyn Store>, other: Arc<dyn Store>) {
    let (one, other) = (Replica::over(one).await, Replica::over(other).await);
    assert_eq!((one.strikes("a").await, other.strikes("a").await), (0, 0), "now both have it live");
    assert_eq!(one.standings.record(vec![removal("e-1", "a")]).await, Ok(vec![true]));
    assert_eq!(one.strikes("a").await, 1);
    hears(&other, "a", 1).await;
    assert_eq!(other.standings.record(vec![removal("e-1", "a"), removal("e-2", "a")]).await, Ok(vec![false, true]));
    hears(&one, "a", 2).await;
    // Many from both sides at once, some of them reported to both.
    let report = |replica: &Replica, from: usize| {
        let standings = Arc::clone(&replica.standings);
        async move {
            for at in from..from + 60 {
                standings.record(vec![removal(&format!("m-{at}"), "b")]).await.unwrap();
                standings.standing(&seller("b"), NOW).await.unwrap();
            }
        }
    };
    tokio::join!(report(&one, 0), report(&other, 30));
    hears(&one, "b", 90).await;
    hears(&other, "b", 90).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!((one.strikes("b").await, other.strikes("b").await), (90, 90), "and it stays so");
    assert!(one.events.own().is_empty() && other.events.own().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_file_hear_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("records.sqlite"));
    two_replicas_agree(store::open(&location).await.unwrap(), store::open(&location).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sets_of_standings_over_one_store_in_memory_agree() {
    let store = store::open(&Location::Memory).await.unwrap();
    two_replicas_agree(Arc::clone(&store), store).await;
}

#[tokio::test]
async fn what_a_process_wrote_itself_stays_live() {
    let replica = Replica::over(store::open(&Location::Memory).await.unwrap()).await;
    replica.strikes("a").await;
    replica.standings.record((0..50).map(|at| removal(&format!("e-{at}"), "a")).collect()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(matches!(replica.standings.live(SubjectKind::Seller, "a", NOW), Live::Known(_)));
    assert!(replica.events.own().is_empty(), "and nothing is remembered of it for ever");
}

#[tokio::test]
async fn strangers_cost_no_place_once_all_events_were_gone_through() {
    let store = store::open(&Location::Memory).await.unwrap();
    let events = (0..3).map(|at| Draft::new(&Record::Event(removal(&format!("e-{at}"), &format!("s-{at}"))))).collect();
    store.append(events).await.unwrap();
    let replica = Replica::over(store).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    for stranger in 0..100 {
        assert_eq!(replica.strikes(&format!("stranger-{stranger}")).await, 0);
    }
    assert_eq!(replica.standings.live_entries(), 0);
    assert_eq!((replica.strikes("s-0").await, replica.strikes("s-2").await), (1, 1));
}

#[tokio::test]
async fn a_restart_gives_the_same_standing() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::Sqlite(folder.path().join("records.sqlite"));
    let before = {
        let replica = Replica::over(store::open(&location).await.unwrap()).await;
        replica.strikes("a").await;
        for at in 0..20 {
            replica.standings.record(vec![removal(&format!("e-{}", at % 15), "a")]).await.unwrap();
        }
        replica.standings.standing(&seller("a"), NOW).await.unwrap()
    };
    let replica = Replica::over(store::open(&location).await.unwrap()).await;
    assert_eq!(replica.standings.standing(&seller("a"), NOW).await.unwrap(), before);
    assert_eq!(before.unwrap().strikes, 15);
}

//! kill -9 at any moment, under load: what was acknowledged is there, once, and the chain holds.
//!
//! A few rounds by default; `DSA_SIGNAL_CRASH_ROUNDS=200` for as many as one has patience for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "what survives is what is tested")]

#[path = "store/backends.rs"]
mod backends;
#[path = "store/process.rs"]
mod process;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use backends::Backend;
use dsa_signal::domain::{RecordKind, Subject, SubjectKind};
use dsa_signal::grpc::v1::decision_service_client::DecisionServiceClient;
use dsa_signal::grpc::v1::reputation_service_client::ReputationServiceClient;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::store::{Location, TimeRange};
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use process::{Service, kept, listing};
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

/// What the service has acknowledged.
#[derive(Default)]
struct Acknowledged {
    decisions: Mutex<Vec<String>>,
    outcomes: Mutex<Vec<String>>,
    events: Mutex<Vec<String>>,
}

impl Acknowledged {
    fn decided(&self, assessment: Option<v1::Assessment>) -> String {
        let id = assessment.unwrap().assessment_id;
        self.decisions.lock().unwrap().push(id.clone());
        id
    }
}

/// Records everything. Where the store is away for a moment, it refuses: an answer that only waits on disk would be brought to the store
/// by its successor, and be hard to tell from one that was there.
const STRICT: [(&str, &str); 2] = [("DSA_SIGNAL_SAMPLE_ALLOWED", "1"), ("DSA_SIGNAL_ON_STORE_FAILURE", "closed")];

/// One by one, each followed by an outcome. Ends when the service is gone, as all of these do.
async fn unary(channel: Channel, name: String, acknowledged: Arc<Acknowledged>) {
    let mut scoring = ScoringServiceClient::new(channel.clone());
    let mut decisions = DecisionServiceClient::new(channel);
    for number in 0.. {
        let request = v1::ScoreListingRequest { listing: listing(&format!("{name}-{number}"), "s-1", "Wonderpill") };
        let Ok(answer) = scoring.score_listing(request).await else { return };
        let decision_id = acknowledged.decided(answer.into_inner().assessment);
        let outcome = v1::OutcomeKind::Rejected.into();
        let request = v1::RecordOutcomeRequest { decision_id, outcome, ..Default::default() };
        let Ok(answer) = decisions.record_outcome(request).await else { return };
        let outcome = answer.into_inner().decision.unwrap().outcomes.remove(0).outcome_id;
        acknowledged.outcomes.lock().unwrap().push(outcome);
    }
}

/// As fast as flow control lets it.
async fn stream(channel: Channel, name: String, acknowledged: Arc<Acknowledged>) {
    let items = (0..).map(move |number| v1::StreamScoreListingsRequest {
        correlation_id: number.to_string(),
        listing: listing(&format!("{name}-{number}"), "s-1", "Wonderpill"),
    });
    let mut scoring = ScoringServiceClient::new(channel);
    let Ok(answers) = scoring.stream_score_listings(tokio_stream::iter(items)).await else { return };
    let mut answers = answers.into_inner();
    while let Some(Ok(answer)) = answers.next().await {
        if let Some(ItemResult::Assessment(assessment)) = answer.result {
            acknowledged.decided(Some(assessment));
        }
    }
}

/// Thirty at a time.
async fn events(channel: Channel, name: String, acknowledged: Arc<Acknowledged>) {
    let mut reputation = ReputationServiceClient::new(channel);
    for batch in 0.. {
        let ids: Vec<String> = (0..30).map(|number| format!("{name}-{batch}-{number}")).collect();
        let occurred_at = Some(pbjson_types::Timestamp { seconds: 1_700_000_000, nanos: 0 });
        let events: Vec<_> = ids
            .iter()
            .map(|id| v1::RecordEventsRequest {
                event: Some(v1::StandingEvent {
                    event_id: id.clone(),
                    subject_kind: v1::SubjectKind::Seller.into(),
                    subject_id: "s-1".into(),
                    kind: v1::EventKind::OrdersCompleted.into(),
                    occurred_at,
                    ..Default::default()
                }),
            })
            .collect();
        let Ok(answer) = reputation.record_events(tokio_stream::iter(events)).await else { return };
        assert_eq!(answer.into_inner().accepted, 30);
        acknowledged.events.lock().unwrap().extend(ids);
    }
}

/// Serves under load for a while, then kill -9.
async fn round(location: &str, number: usize, acknowledged: &Arc<Acknowledged>) {
    let spool = tempfile::tempdir().unwrap();
    let service =
        Service::start(location, &[&STRICT[..], &[("DSA_SIGNAL_SPOOL", spool.path().to_str().unwrap())]].concat());
    let channel = service.connect().await;
    let mut load = JoinSet::new();
    for caller in 0..4 {
        load.spawn(unary(channel.clone(), format!("u{number}-{caller}"), Arc::clone(acknowledged)));
    }
    load.spawn(stream(channel.clone(), format!("b{number}"), Arc::clone(acknowledged)));
    load.spawn(events(channel, format!("e{number}"), Arc::clone(acknowledged)));
    tokio::time::sleep(some_time()).await;
    service.kill();
    load.join_all().await;
}

/// 20 to 620 ms.
fn some_time() -> Duration {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    Duration::from_millis(20 + u64::from(nanos % 600))
}

fn rounds() -> usize {
    std::env::var("DSA_SIGNAL_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

async fn survives(backend: Backend) {
    let rounds = rounds();
    let location = match &backend.location {
        Location::Postgres(url) => url.clone(),
        other => other.to_string(),
    };
    let acknowledged = Arc::new(Acknowledged::default());
    let begun = Instant::now();
    for number in 0..rounds {
        round(&location, number, &acknowledged).await;
    }
    let backend = backend.reopened().await;
    let kept = kept(&*backend.store).await;
    let mut count = 0;
    for (kind, ids) in [
        (RecordKind::Decision, &acknowledged.decisions),
        (RecordKind::Outcome, &acknowledged.outcomes),
        (RecordKind::Event, &acknowledged.events),
    ] {
        let ids = ids.lock().unwrap();
        for id in ids.iter() {
            assert!(kept.contains(&(kind, id.clone())), "{kind} {id} was acknowledged and is lost");
        }
        count += ids.len();
        print!("{} {kind}s, ", ids.len());
    }
    println!(
        "acknowledged on {} in {rounds} rounds of kill -9, all kept, among {} records; {:.0} s",
        backend.name,
        kept.len(),
        begun.elapsed().as_secs_f64()
    );
    assert!(count > 0, "the load did nothing");
    let seller = Subject { kind: SubjectKind::Seller, id: "s-1".into() };
    assert!(!backend.store.standing_events(&seller, None, 1000).await.unwrap().0.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_survives_being_killed() {
    survives(backends::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_survives_a_killed_service() {
    if let Some(backend) = backends::postgres().await {
        survives(backend).await;
    }
}

/// Allowed items leave no record of their own: each is in a count, whatever happens to the process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_allowed_item_is_counted_by_a_service_that_is_killed() {
    let (backend, spool) = (backends::sqlite().await, tempfile::tempdir().unwrap());
    let location = backend.location.to_string();
    let settings = [("DSA_SIGNAL_SAMPLE_ALLOWED", "0"), ("DSA_SIGNAL_SPOOL", spool.path().to_str().unwrap())];
    let (asked, answered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    for _ in 0..rounds() {
        let service = Service::start(&location, &settings);
        let channel = service.connect().await;
        let mut load = JoinSet::new();
        for _ in 0..4 {
            let (asked, answered) = (Arc::clone(&asked), Arc::clone(&answered));
            let mut scoring = ScoringServiceClient::new(channel.clone());
            load.spawn(async move {
                loop {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let request = v1::ScoreListingRequest { listing: listing("l", "s", "wooden spoon") };
                    let Ok(answer) = scoring.score_listing(request).await else { return };
                    assert_eq!(answer.into_inner().assessment.unwrap().action(), v1::Action::Allow);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        tokio::time::sleep(2 * some_time()).await; // sometimes across a record of the counts
        service.kill();
        load.join_all().await;
    }
    Service::start(&location, &settings).stop(); // records what its predecessor had counted
    let counted = backend.reopened().await.store.allowed(TimeRange::default()).await.unwrap();
    let (asked, answered) = (asked.load(Ordering::Relaxed), answered.load(Ordering::Relaxed));
    println!("{answered} allowed items answered of {asked} asked, {counted} counted");
    assert!(
        answered > 0 && (answered..=asked).contains(&counted),
        "{answered} answered, {counted} counted, {asked} asked"
    );
}

//! kill -9 at any moment, under load: what was acknowledged is there, once, and the chain holds.
//!
//! A few rounds by default; `DSA_SIGNAL_CRASH_ROUNDS=200` for as many as one has patience for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "what survives is what is tested")]

#[path = "store/backends.rs"]
mod backends;

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use backends::Backend;
use dsa_signal::domain::{RecordKind, Subject, SubjectKind};
use dsa_signal::grpc::v1::decision_service_client::DecisionServiceClient;
use dsa_signal::grpc::v1::reputation_service_client::ReputationServiceClient;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::store::{ChainVerifier, Location, Store};
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
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

/// A service with a small pack that records everything. Where the store is away for a moment, it refuses: an answer that only waits on
/// disk would be brought to the store by its successor, and be hard to tell from one that was there.
fn start(location: &str) -> (Child, String) {
    let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/pack");
    let mut process = Command::new(env!("CARGO_BIN_EXE_dsa-signal"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--policy", pack, "--store", location])
        .env("DSA_SIGNAL_SAMPLE_ALLOWED", "1")
        .env("DSA_SIGNAL_ON_STORE_FAILURE", "closed")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("serving gRPC") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the service ended before it served");
    }
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    // Somebody has to read what it logs, or it stops when the pipe is full.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    (process, format!("http://{}", line["address"].as_str().unwrap()))
}

fn listing(name: &str) -> Option<v1::Listing> {
    Some(v1::Listing { listing_id: name.into(), seller_id: "s-1".into(), title: "pills".into(), ..Default::default() })
}

/// One by one, each followed by an outcome. Ends when the service is gone, as all of these do.
async fn unary(channel: Channel, name: String, acknowledged: Arc<Acknowledged>) {
    let mut scoring = ScoringServiceClient::new(channel.clone());
    let mut decisions = DecisionServiceClient::new(channel);
    for number in 0.. {
        let request = v1::ScoreListingRequest { listing: listing(&format!("{name}-{number}")) };
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
        listing: listing(&format!("{name}-{number}")),
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
    let (mut process, address) = start(location);
    let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
    let mut load = JoinSet::new();
    for caller in 0..4 {
        load.spawn(unary(channel.clone(), format!("u{number}-{caller}"), Arc::clone(acknowledged)));
    }
    load.spawn(stream(channel.clone(), format!("b{number}"), Arc::clone(acknowledged)));
    load.spawn(events(channel, format!("e{number}"), Arc::clone(acknowledged)));
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    tokio::time::sleep(Duration::from_millis(20 + u64::from(nanos % 600))).await;
    process.kill().unwrap(); // SIGKILL
    process.wait().unwrap();
    load.join_all().await;
}

/// Every identifier in the store, by kind; the chains checked on the way.
async fn kept(store: &dyn Store) -> HashSet<(RecordKind, String)> {
    let mut kept = HashSet::new();
    for head in store.heads().await.unwrap() {
        let mut verifier = ChainVerifier::new(head.clone());
        loop {
            let entries = store.chain(&head.chain, verifier.last(), 1000).await.unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let record = verifier.next(&entry).expect("a body that is whole");
                assert!(kept.insert((entry.kind, record.id().to_owned())), "{} twice", record.id());
            }
        }
        assert_eq!(verifier.finish(), []);
    }
    kept
}

async fn survives(backend: Backend) {
    let rounds = std::env::var("DSA_SIGNAL_CRASH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
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
    assert!(!backend.store.standing_events(&seller).await.unwrap().is_empty());
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

//! Three replicas on one PostgreSQL: one is killed and started again, PostgreSQL crashes and comes back, and nothing acknowledged is
//! lost; what one is told shows in the scores of the others within a second.
//!
//! Eight seconds by default; `DSA_SIGNAL_REPLICA_SECONDS=60` for as long as one has patience for.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "what survives is what is tested")]

#[path = "store/cluster.rs"]
mod cluster;
#[path = "store/process.rs"]
mod process;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cluster::Cluster;
use dsa_signal::domain::RecordKind;
use dsa_signal::grpc::v1::reputation_service_client::ReputationServiceClient;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::store::{Location, TimeRange, open};
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use process::{Service, kept, listing};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tonic::transport::Channel;

const REPLICAS: usize = 3;
const SELLERS: u64 = 40;

/// What has been acknowledged, and whether to go on.
#[derive(Default)]
struct Run {
    decisions: Mutex<Vec<String>>,
    events: Mutex<Vec<String>>,
    allowed: AtomicU64,
    asked: AtomicU64,
    degraded: AtomicU64,
    over: AtomicBool,
    /// Milliseconds until both other replicas scored with what one was told.
    convergence: Mutex<Vec<u128>>,
}

impl Run {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn answered(&self, assessment: v1::Assessment) {
        if assessment.diagnostics.iter().any(|one| one.code == "degraded") {
            self.degraded.fetch_add(1, Ordering::Relaxed);
        }
        if assessment.action() == v1::Action::Allow {
            self.allowed.fetch_add(1, Ordering::Relaxed);
        } else {
            self.decisions.lock().unwrap().push(assessment.assessment_id);
        }
    }
}

/// A replica that can be killed and started again, with its disk.
struct Replica {
    service: Mutex<Option<Service>>,
    channel: Mutex<Channel>,
    spool: TempDir,
}

impl Replica {
    async fn start(url: &str) -> Self {
        let spool = TempDir::new().unwrap();
        let service = serve(url, &spool);
        let channel = Mutex::new(service.connect().await);
        Replica { service: Mutex::new(Some(service)), channel, spool }
    }

    async fn start_again(&self, url: &str) {
        let service = serve(url, &self.spool);
        let channel = service.connect().await;
        *self.channel.lock().unwrap() = channel;
        *self.service.lock().unwrap() = Some(service);
    }

    fn take(&self) -> Service {
        self.service.lock().unwrap().take().unwrap()
    }

    fn channel(&self) -> Channel {
        self.channel.lock().unwrap().clone()
    }
}

fn serve(url: &str, spool: &TempDir) -> Service {
    let settings = [
        ("DSA_SIGNAL_SAMPLE_ALLOWED", "0"),
        ("DSA_SIGNAL_ON_STORE_FAILURE", "open"),
        ("DSA_SIGNAL_SPOOL", spool.path().to_str().unwrap()),
    ];
    Service::start(url, &settings)
}

/// One by one, flagged and allowed by turns, of sellers about whom events come in.
async fn unary(replica: Arc<Replica>, name: String, run: Arc<Run>) {
    for number in 0_u64.. {
        if run.is_over() {
            return;
        }
        let title = if number % 2 == 0 { "Wonderpill" } else { "wooden spoon" };
        let listing = listing(&format!("{name}-{number}"), &format!("s-{}", number % SELLERS), title);
        run.asked.fetch_add(u64::from(number % 2 == 1), Ordering::Relaxed);
        let answer =
            ScoringServiceClient::new(replica.channel()).score_listing(v1::ScoreListingRequest { listing }).await;
        match answer {
            Ok(answer) => run.answered(answer.into_inner().assessment.unwrap()),
            Err(_away) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Short streams, one after the other, so that each is cut by what happens to its replica at most once.
async fn streams(replica: Arc<Replica>, name: String, run: Arc<Run>) {
    for round in 0_u64.. {
        if run.is_over() {
            return;
        }
        let name = format!("{name}-{round}");
        let items = (0..200).map(move |number| v1::StreamScoreListingsRequest {
            correlation_id: number.to_string(),
            listing: listing(&format!("{name}-{number}"), &format!("s-{}", number % SELLERS), "Wonderpill"),
        });
        let mut scoring = ScoringServiceClient::new(replica.channel());
        if let Ok(answers) = scoring.stream_score_listings(tokio_stream::iter(items)).await {
            let mut answers = answers.into_inner();
            while let Some(Ok(answer)) = answers.next().await {
                if let Some(ItemResult::Assessment(assessment)) = answer.result {
                    run.answered(assessment);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn event(id: &str, seller: &str, kind: v1::EventKind) -> v1::RecordEventsRequest {
    let now = dsa_signal::service::now().seconds;
    v1::RecordEventsRequest {
        event: Some(v1::StandingEvent {
            event_id: id.into(),
            subject_kind: v1::SubjectKind::Seller.into(),
            subject_id: seller.into(),
            kind: kind.into(),
            area: v1::RiskArea::Counterfeit.into(),
            count: 1,
            occurred_at: Some(pbjson_types::Timestamp { seconds: now - 60, nanos: 0 }),
        }),
    }
}

/// Thirty events at a time, of many sellers.
async fn events(replica: Arc<Replica>, name: String, run: Arc<Run>) {
    for batch in 0_u64.. {
        if run.is_over() {
            return;
        }
        let ids: Vec<String> = (0..30).map(|number| format!("{name}-{batch}-{number}")).collect();
        let kinds = [v1::EventKind::OrdersCompleted, v1::EventKind::ContentRemoved];
        let sent: Vec<_> = (ids.iter().zip(0_u64..).zip(kinds.into_iter().cycle()))
            .map(|((id, number), kind)| event(id, &format!("s-{}", (batch + number) % SELLERS), kind))
            .collect();
        let answer = ReputationServiceClient::new(replica.channel()).record_events(tokio_stream::iter(sent)).await;
        if answer.is_ok_and(|answer| answer.into_inner().accepted == 30) {
            run.events.lock().unwrap().extend(ids);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The standing with which a replica scores a seller now.
async fn standing(replica: &Replica, seller: &str) -> Option<v1::Standing> {
    let request = v1::ScoreListingRequest { listing: listing("probe", seller, "wooden spoon") };
    let answer = ScoringServiceClient::new(replica.channel()).score_listing(request).await.ok()?;
    answer.into_inner().assessment?.standing
}

/// Tells one replica of a seller nobody knew, and waits until the others score with it.
async fn probe(replicas: Arc<Vec<Arc<Replica>>>, run: Arc<Run>) {
    for number in 0_usize.. {
        if run.is_over() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let (seller, id) = (format!("probe-{number}"), format!("probe-{number}"));
        let told = &replicas[number % REPLICAS];
        let sent = tokio_stream::iter([event(&id, &seller, v1::EventKind::ContentRemoved)]);
        let answer = ReputationServiceClient::new(told.channel()).record_events(sent).await;
        if !answer.is_ok_and(|answer| answer.into_inner().accepted == 1) {
            continue;
        }
        run.events.lock().unwrap().push(id);
        let begun = Instant::now();
        let others = (0..REPLICAS).filter(|other| *other != number % REPLICAS);
        for other in others {
            // A replica that is down, or without its store, is late by that and by nothing else.
            while standing(&replicas[other], &seller).await.is_none_or(|standing| standing.strikes != 1)
                && !run.is_over()
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        if !run.is_over() {
            run.convergence.lock().unwrap().push(begun.elapsed().as_millis());
        }
    }
}

/// The time until all replicas score every seller with the same standing, events all told.
async fn agree(replicas: &[Arc<Replica>]) -> Duration {
    let begun = Instant::now();
    let sellers: Vec<String> = (0..SELLERS).map(|number| format!("s-{number}")).collect();
    loop {
        let mut differ = Vec::new();
        for seller in &sellers {
            let mut seen = Vec::new();
            for replica in replicas {
                // To the millionth: they are read some milliseconds apart, and what is known fades.
                let part =
                    |one: v1::Standing| (one.strikes, (one.mean * 1e6).round(), (one.effective_events * 1e3).round());
                seen.push(standing(replica, seller).await.map(part));
            }
            if seen.iter().any(|one| one.is_none() || one != &seen[0]) {
                differ.push((seller.clone(), seen));
            }
        }
        if differ.is_empty() {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "replicas do not agree: {differ:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_lose_nothing_and_agree_in_the_end() {
    let seconds =
        std::env::var("DSA_SIGNAL_REPLICA_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(8.0);
    let part = |share: f64| Duration::from_secs_f64(seconds * share);
    let Some(cluster) = Cluster::create() else { return };
    let url = cluster.url();
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(Arc::new(Replica::start(&url).await));
    }
    let (replicas, run, mut load) = (Arc::new(replicas), Arc::new(Run::default()), JoinSet::new());
    for (number, replica) in replicas.iter().enumerate() {
        load.spawn(unary(Arc::clone(replica), format!("u{number}"), Arc::clone(&run)));
        load.spawn(streams(Arc::clone(replica), format!("b{number}"), Arc::clone(&run)));
        load.spawn(events(Arc::clone(replica), format!("e{number}"), Arc::clone(&run)));
    }
    load.spawn(probe(Arc::clone(&replicas), Arc::clone(&run)));

    tokio::time::sleep(part(0.3)).await;
    replicas[1].take().kill();
    tokio::time::sleep(part(0.1)).await;
    replicas[1].start_again(&url).await;
    tokio::time::sleep(part(0.2)).await;
    cluster.crash();
    // Longer than an answer waits for its record.
    tokio::time::sleep(part(0.1).max(Duration::from_secs(3))).await;
    cluster.start();
    tokio::time::sleep(part(0.3)).await;
    run.over.store(true, Ordering::Relaxed);
    load.join_all().await;

    let agreed = agree(&replicas).await;
    replicas.iter().for_each(|replica| replica.take().stop());
    // What waited on a disk at the end is brought by the next process.
    for replica in replicas.iter() {
        let last = serve(&url, &replica.spool);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        last.stop();
    }
    report(&url, &run, agreed).await;
}

async fn report(url: &str, run: &Run, agreed: Duration) {
    let store = open(&Location::Postgres(url.to_owned())).await.unwrap();
    let kept = kept(&*store).await;
    let counted = store.allowed(TimeRange::default()).await.unwrap();
    let (decisions, events) = (run.decisions.lock().unwrap(), run.events.lock().unwrap());
    for (kind, ids) in [(RecordKind::Decision, &decisions), (RecordKind::Event, &events)] {
        let lost = ids.iter().filter(|id| !kept.contains(&(kind, (*id).clone()))).count();
        assert_eq!(lost, 0, "{kind}s that were acknowledged and are lost, of {}", ids.len());
    }
    let (allowed, degraded) = (run.allowed.load(Ordering::Relaxed), run.degraded.load(Ordering::Relaxed));
    assert!(counted >= allowed, "{allowed} items were allowed, and {counted} counted");
    assert!(degraded > 0, "PostgreSQL was gone and nobody noticed");
    let mut times = run.convergence.lock().unwrap().clone();
    times.sort_unstable();
    assert!(!times.is_empty(), "no event was seen by the other replicas");
    println!(
        "{} decisions ({degraded} of them while PostgreSQL was away), {} events and {allowed} allowed items acknowledged, none lost; \
         an event told to one replica was in the scores of both others after {} ms (median of {}), {} ms at the latest; at the \
         end all standings equal after {:.1} s",
        decisions.len(),
        events.len(),
        times[times.len() / 2],
        times.len(),
        times[times.len() - 1],
        agreed.as_secs_f64()
    );
}

//! What the edge costs: `ScoreListing` and `StreamScoreListings` beside a null handler with the same messages.
//!
//! The null server is the same generated service without layers, validation, engine or conversion: it returns, for each
//! request, the very answer that the real one gave. Both run alternately in one process, each on a thread of its own, so the
//! machine's mood strikes both; server CPU is that thread's time on a processor as Linux counts it.
//! Run with `cargo bench --bench rpc`. Believe the ratios.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench that cannot measure has nothing to say")]
#![allow(missing_docs, reason = "a program, not a library")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use dsa_signal::access::{Clients, Gate, NewToken};
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::grpc::{Doors, Drain, Edge, EdgeLimits, MessageLimits, QuotaRate, Services, serve};
use dsa_signal::policy;
use dsa_signal::reputation::{MemorySource, Standings};
use dsa_signal::service::{
    AsyncScorer, Decisions, PolicyHandle, PromotionMemory, RecordPolicy, Recorder, Reputation, Scorer, WorkPool, now,
};
use dsa_signal::store::{Location, open};
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use dsa_signal::wire::v1::*;
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

#[path = "common/corpus.rs"]
mod corpus;
#[path = "common/null.rs"]
mod null_service;

/// Of each listing's text, about.
const BYTES: usize = 980;
const ROUNDS: usize = 5;
const UNARY_CALLS: usize = 12_000;
const UNARY_AT_A_TIME: usize = 32;
const STREAM_ITEMS: usize = 60_000;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A server on a thread of its own.
struct Served {
    address: SocketAddr,
    schedstat: std::path::PathBuf,
}

impl Served {
    fn start<F: Future<Output = ()>>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> Self {
        let (ready, wait) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let thread = std::fs::read_link("/proc/thread-self").unwrap();
                ready.send((listener.local_addr().unwrap(), thread)).unwrap();
                serve(listener).await;
            });
        });
        let (address, thread) = wait.recv().unwrap();
        Served { address, schedstat: std::path::Path::new("/proc").join(thread).join("schedstat") }
    }

    /// With the default pack, and a record of what is answered if there is a folder for it.
    fn real(record: Option<PathBuf>, edge: Edge) -> Self {
        let (pack, _) = policy::compile(&policy::embedded()).ok().unwrap();
        let source = Arc::new(MemorySource::default());
        let standings = Arc::new(Standings::new(pack.standing.clone(), source, NonZeroUsize::new(100_000).unwrap()));
        let scorer = Scorer::new(Arc::new(PolicyHandle::new(pack, now())));
        let scorer = AsyncScorer::new(scorer, WorkPool::new(NonZeroUsize::MIN).unwrap());
        let scorer = scorer.with_standings(Arc::clone(&standings));
        let reputation = Reputation::new(standings);
        Self::start(move |listener| async move {
            let location = record.clone().map_or(Location::Memory, Location::Sqlite);
            let store = open(&location).await.unwrap();
            let decisions = Decisions::new(Arc::clone(&store), reputation.clone());
            let scorer = match record {
                None => scorer,
                Some(_) => {
                    let recorder = Arc::new(Recorder::new(store, RecordPolicy::default(), None));
                    tokio::spawn(Arc::clone(&recorder).run(CancellationToken::new()));
                    scorer.with_recorder(recorder)
                }
            };
            let (limits, drain) = (MessageLimits::default(), Drain::default());
            let half_life = dsa_signal::policy::HalfLife::days(45);
            let (promotions, _) = PromotionMemory::new(half_life, NonZeroUsize::MIN, None);
            let promotions = Arc::new(promotions);
            let services = Services { scorer, reputation, decisions, promotions, limits, drain, edge };
            serve(listener, std::future::pending(), services).await.unwrap();
        })
    }

    fn null(answers: HashMap<String, Assessment>) -> Self {
        Self::start(|listener| null_service::serve(listener, answers))
    }

    /// Time of the server's thread on a processor.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(&self.schedstat).unwrap();
        Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
    }

    async fn client(&self) -> ScoringServiceClient<Channel> {
        ScoringServiceClient::connect(format!("http://{}", self.address)).await.unwrap()
    }
}

/// One run against one server.
#[derive(Clone, Copy)]
struct Run {
    wall: Duration,
    cpu: Duration,
    items: usize,
    p50: Duration,
    p99: Duration,
}

impl Run {
    fn per_second(&self) -> f64 {
        self.items as f64 / self.wall.as_secs_f64()
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.items as f64
    }
}

/// An edge that knows a thousand clients and has a quota that nobody reaches, and the header of one of them.
fn guarded() -> (Edge, MetadataValue<Ascii>) {
    let tokens: Vec<_> = (0..1000).map(|_| NewToken::random().unwrap()).collect();
    let lines: String =
        tokens.iter().zip(0..).map(|(token, at)| format!("shop-{at} score {}\n", token.digest)).collect();
    let gate = Gate::new(Clients::parse(&lines).unwrap(), None);
    let doors = Doors { gate: Some(Arc::new(ArcSwap::from_pointee(gate))), ..Doors::default() };
    let most = NonZeroU32::new(10_000_000).unwrap();
    let quota = Some(QuotaRate { per_second: most, burst: most });
    let limits = EdgeLimits { quota, ..EdgeLimits::default() };
    let header = format!("Bearer {}", tokens[500].token).parse().unwrap();
    (Edge { doors, limits, ..Edge::default() }, header)
}

async fn unary(server: &Served, listings: &Arc<Vec<Listing>>, token: Option<&MetadataValue<Ascii>>) -> Run {
    let (cpu, begun) = (server.cpu(), Instant::now());
    let mut callers = tokio::task::JoinSet::new();
    let client = server.client().await;
    for caller in 0..UNARY_AT_A_TIME {
        let (mut client, listings, token) = (client.clone(), Arc::clone(listings), token.cloned());
        callers.spawn(async move {
            let mut latencies = Vec::new();
            for at in 0..UNARY_CALLS / UNARY_AT_A_TIME {
                let listing = listings[(at * 31 + caller) % listings.len()].clone();
                let begun = Instant::now();
                let mut request = Request::new(ScoreListingRequest { listing: Some(listing) });
                if let Some(token) = &token {
                    request.metadata_mut().insert("authorization", token.clone());
                }
                client.score_listing(request).await.unwrap();
                latencies.push(begun.elapsed());
            }
            latencies
        });
    }
    let mut latencies: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    let (wall, cpu) = (begun.elapsed(), server.cpu() - cpu);
    latencies.sort_unstable();
    let at = |share: usize| latencies[latencies.len() * share / 100];
    Run { wall, cpu, items: latencies.len(), p50: at(50), p99: at(99) }
}

async fn bidi(server: &Served, listings: &Arc<Vec<Listing>>) -> Run {
    let mut client = server.client().await;
    let (cpu, begun) = (server.cpu(), Instant::now());
    let listings = Arc::clone(listings);
    let items = (0..STREAM_ITEMS).map(move |at| StreamScoreListingsRequest {
        correlation_id: at.to_string(),
        listing: Some(listings[at % listings.len()].clone()),
    });
    let mut answers = client.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
    let mut count = 0;
    while let Some(answer) = answers.next().await {
        assert!(matches!(answer.unwrap().result, Some(ItemResult::Assessment(_))));
        count += 1;
    }
    assert_eq!(count, STREAM_ITEMS);
    Run { wall: begun.elapsed(), cpu: server.cpu() - cpu, items: count, p50: Duration::ZERO, p99: Duration::ZERO }
}

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by(|one, other| one.cpu_micros().total_cmp(&other.cpu_micros()));
    runs[runs.len() / 2]
}

fn report(what: &str, (without, null): (&str, &[Run]), (with, real): (&str, &[Run])) {
    let (null, real) = (median(null.to_vec()), median(real.to_vec()));
    for (who, run) in [(without, null), (with, real)] {
        print!("{what:6} {who:11} {:9.0}/s  server CPU {:6.1} us", run.per_second(), run.cpu_micros());
        if run.p99.is_zero() {
            println!();
        } else {
            println!("  p50 {:6.0} us  p99 {:6.0} us", run.p50.as_secs_f64() * 1e6, run.p99.as_secs_f64() * 1e6);
        }
    }
    println!(
        "{what:6} ratio       {:9.2}    server CPU {:6.2}    (added {:.1} us an item)",
        real.per_second() / null.per_second(),
        real.cpu_micros() / null.cpu_micros(),
        real.cpu_micros() - null.cpu_micros(),
    );
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return; // `cargo test --benches` only wants to know that it builds
    }
    let listings = Arc::new(corpus::listings(BYTES, true));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let real = Served::real(None, Edge::default());
        let folder = tempfile::TempDir::new().unwrap();
        let recording = Served::real(Some(folder.path().join("records.sqlite")), Edge::default());
        let (edge, token) = guarded();
        let guarded = Served::real(None, edge);
        let mut answers = HashMap::new();
        let mut client = real.client().await;
        for listing in listings.iter() {
            let request = ScoreListingRequest { listing: Some(listing.clone()) };
            let answer = client.score_listing(request).await.unwrap().into_inner();
            answers.insert(listing.listing_id.clone(), answer.assessment.unwrap());
        }
        let mean = |bytes: usize| bytes / listings.len();
        let asked = mean(listings.iter().map(Message::encoded_len).sum());
        let answered = mean(answers.values().map(Message::encoded_len).sum());
        let engine: Duration = answers
            .values()
            .filter_map(|answer| Duration::try_from(answer.engine_duration.unwrap_or_default()).ok())
            .sum();
        println!("request {asked} B, answer {answered} B, engine {:.1} us (cold)", engine.as_secs_f64() * 1e6 / 256.0);
        let flagged = answers.values().filter(|answer| answer.action() > Action::Allow).count();
        let null = Served::null(answers);
        println!("{flagged} of {} answers are above ALLOW and recorded before they leave", listings.len());
        let (mut nulls, mut reals) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        let (mut recorded, mut known) = ((Vec::new(), Vec::new()), Vec::new());
        for _ in 0..ROUNDS {
            nulls.0.push(unary(&null, &listings, None).await);
            reals.0.push(unary(&real, &listings, None).await);
            recorded.0.push(unary(&recording, &listings, None).await);
            known.push(unary(&guarded, &listings, Some(&token)).await);
            nulls.1.push(bidi(&null, &listings).await);
            reals.1.push(bidi(&real, &listings).await);
            recorded.1.push(bidi(&recording, &listings).await);
        }
        report("unary", ("null", &nulls.0), ("dsa-signal", &reals.0));
        // Limits and metrics are in every row of ours; credentials and quotas only in this one.
        report("unary", ("dsa-signal", &reals.0), ("credentials", &known));
        report("bidi", ("null", &nulls.1), ("dsa-signal", &reals.1));
        // The writer has a thread of its own: its processor time is in the rates, not in the server's.
        report("unary", ("dsa-signal", &reals.0), ("recording", &recorded.0));
        report("bidi", ("dsa-signal", &reals.1), ("recording", &recorded.1));
    });
}

//! Attacks on a real service: raw HTTP/2 from `tests/faults/attacks.py`, ten thousand streams, overload, changes of files and SIGTERM under load.
//!
//! After each, the service must answer others as if nothing had happened. Without python3 and its package `h2`, the raw attacks are skipped with a word about
//! it, or fail where `DSA_SIGNAL_REQUIRE_CLIENTS=1` is set (CI).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot attack has failed")]
#![allow(clippy::print_stderr, reason = "what was seen, and what is missing, is for who runs the test")]

#[path = "support/process.rs"]
mod process;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dsa_signal::domain::RecordKind;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::store::{ChainVerifier, Location, open};
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use process::{Served, command, new_token, replace};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

const MIB: u64 = 1 << 20;
const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/pack");

/// A service that loses patience quickly.
fn impatient() -> Served {
    let mut command = command();
    for (name, value) in [("HANDSHAKE_TIMEOUT", "1s"), ("IDLE_TIMEOUT", "2s"), ("SEND_TIMEOUT", "2s")] {
        command.env(format!("DSA_SIGNAL_{name}"), value);
    }
    Served::start_by(command.args(["--policy", PACK]))
}

/// Runs an attack and gives what it saw; `None` if there is nothing to attack with.
fn attack(served: &Served, name: &str) -> Option<Value> {
    let mut probe = Command::new("python3");
    let probe = probe.args(["-c", "import h2, hpack"]).stdout(Stdio::null()).stderr(Stdio::null());
    let present = probe.status().is_ok_and(|status| status.success());
    let required = std::env::var("DSA_SIGNAL_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    assert!(present || !required, "python3 with h2 is required here");
    if !present {
        eprintln!("skipped: python3 with h2 is not installed");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/attacks.py");
    let (host, port) = (served.address.ip().to_string(), served.address.port().to_string());
    let output = Command::new("python3").arg(script).args([name, &host, &port]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{name}: {said}\n{}", String::from_utf8_lossy(&output.stderr));
    eprintln!("{name}: {said}");
    Some(serde_json::from_str(&said).unwrap())
}

async fn scoring(served: &Served) -> ScoringServiceClient<Channel> {
    ScoringServiceClient::new(
        Channel::from_shared(format!("http://{}", served.address)).unwrap().connect().await.unwrap(),
    )
}

fn listing(name: &str) -> v1::Listing {
    v1::Listing { listing_id: name.into(), seller_id: "s-1".into(), title: "pills".into(), ..Default::default() }
}

/// Others are served at once, and no call is left over.
async fn assert_well(served: &Served) {
    let mut scoring = scoring(served).await;
    let begun = Instant::now();
    let request = v1::ScoreListingRequest { listing: Some(listing("l-1")) };
    scoring.score_listing(request).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    for _ in 0..100 {
        if served.metric("dsasignal_grpc_calls_under_way") < 1.0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} calls are left over", served.metric("dsasignal_grpc_calls_under_way"));
}

fn connections(served: &Served, outcome: &str) -> f64 {
    served.metric(&format!("dsasignal_grpc_connections_total{{outcome=\"{outcome}\"}}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_and_silent_connections_are_closed_in_time() {
    let served = impatient();
    let Some(seen) = attack(&served, "slow_loris") else { return };
    assert_eq!(seen["cut"], 50, "{seen}");
    assert!(seen["seconds"].as_f64().unwrap() < 6.0, "{seen}");
    assert!(connections(&served, "silent") >= 50.0);
    let seen = attack(&served, "half_open").unwrap();
    assert_eq!(seen["closed"], 50, "{seen}");
    assert!(connections(&served, "idle") >= 50.0);
    let seen = attack(&served, "half_request").unwrap();
    assert_eq!(seen["status"], Code::DeadlineExceeded as i32, "{seen}");
    assert!(seen["seconds"].as_f64().unwrap() < 3.0, "{seen}");
    assert_well(&served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_breaks_the_protocol_is_cut_off_and_nobody_else_is() {
    let served = impatient();
    let before = served.resident();
    let Some(seen) = attack(&served, "malformed") else { return };
    for (name, end) in seen.as_object().unwrap() {
        let stopped = end["end"] == "closed" || !end["goaway"].as_array().unwrap().is_empty() || end["resets"] != 0;
        // h2 no longer acts on priorities (RFC 9113), so a stream may depend on itself; it is then closed for being idle.
        assert!(stopped || name == "stream_depends_on_itself", "{name}: {end}");
        assert!(!end["statuses"].as_array().unwrap().contains(&Value::from(0)), "{name} was answered: {end}");
    }
    let seen = attack(&served, "bad_messages").unwrap();
    for (name, status) in seen.as_object().unwrap() {
        let expected: &[Code] = match name.as_str() {
            "right" => &[Code::Ok],
            "says_a_gigabyte" | "says_four_gigabytes" => &[Code::ResourceExhausted],
            "compressed_without_a_word" => &[Code::Internal, Code::Unimplemented],
            _ => &[Code::Internal, Code::InvalidArgument, Code::Unimplemented],
        };
        let expected: Vec<_> = expected.iter().map(|code| Value::from(*code as i32)).collect();
        assert!(expected.contains(status) || (name == "two_messages" && *status == 0), "{name}: {status}");
    }
    assert_eq!(attack(&served, "large_headers").unwrap()["answered"], false);
    assert!(served.resident() < before + 64 * MIB, "{} -> {}", before, served.resident());
    assert_well(&served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_end_their_connection_or_wait_for_it() {
    let served = impatient();
    assert_well(&served).await;
    let before = served.resident();
    let Some(seen) = attack(&served, "continuation_flood") else { return };
    // What was sent is what the client's own system took; that it was told to calm down (11) is what counts.
    assert!(
        seen["end"] == "closed" && (seen["goaway"] == serde_json::json!([11]) || seen["sent"] != 100_000),
        "{seen}"
    );
    let seen = attack(&served, "rapid_reset").unwrap();
    assert!(
        seen["end"] == "closed" || !seen["goaway"].as_array().unwrap().is_empty() || seen["sent"] == 50_000,
        "{seen}"
    );
    let seen = attack(&served, "made_you_reset").unwrap();
    // What is sent after the end is read and thrown away for a moment, so how much was sent says nothing.
    assert!(
        seen["end"] == "closed" && (!seen["goaway"].as_array().unwrap().is_empty() || seen["sent"] != 5_000),
        "{seen}"
    );
    attack(&served, "ping_flood").unwrap();
    attack(&served, "settings_flood").unwrap();
    assert!(served.resident() < before + 64 * MIB, "{} -> {}", before, served.resident());
    assert_well(&served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_end_their_connection() {
    let served = impatient();
    let Some(seen) = attack(&served, "slow_reader") else { return };
    assert_eq!(seen["end"], "closed", "{seen}");
    assert!(seen["seconds"].as_f64().unwrap() < 8.0, "{seen}");
    let seen = attack(&served, "dribble").unwrap();
    assert_eq!(seen["end"], "closed", "{seen}");
    assert!(connections(&served, "stalled") >= 2.0);
    assert_well(&served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_streams_are_held_as_far_as_there_is_room_and_the_rest_is_told() {
    let served = Served::start(&["--policy", PACK]);
    assert_well(&served).await;
    let before = served.resident();
    let mut opening = JoinSet::new();
    for _ in 0..10 {
        let mut scoring = scoring(&served).await;
        opening.spawn(async move {
            let (mut held, mut refused) = (Vec::new(), 0);
            for _ in 0..1000 {
                let (sender, items) = tokio::sync::mpsc::channel::<v1::StreamScoreListingsRequest>(1);
                match scoring.stream_score_listings(ReceiverStream::new(items)).await {
                    Ok(answers) => held.push((sender, answers)),
                    Err(status) => {
                        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
                        refused += 1;
                    }
                }
            }
            (held, refused)
        });
    }
    let opened = opening.join_all().await;
    let held: usize = opened.iter().map(|(held, _)| held.len()).sum();
    let refused: usize = opened.iter().map(|(_, refused)| refused).sum();
    let grown = served.resident().saturating_sub(before);
    eprintln!("{held} streams held, {refused} refused, {} KiB each", grown / 1024 / held as u64);
    assert_eq!((held, refused), (8192, 10_000 - 8192));
    assert!(grown < 256 * MIB, "{grown}");
    drop(opened);
    assert_well(&served).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_keep_their_calls_while_files_change_under_load() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("clients.txt");
    let (token, line) = new_token("shop-a", "score");
    replace(&path, &line);
    let served = Served::start(&["--policy", PACK, "--clients", path.to_str().unwrap()]);
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut load = JoinSet::new();
    for _ in 0..4 {
        let (mut scoring, stop, calls, token) =
            (scoring(&served).await, Arc::clone(&stop), Arc::clone(&calls), token.clone());
        load.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let mut request = Request::new(v1::ScoreListingRequest { listing: Some(listing("l-1")) });
                request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
                scoring.score_listing(request).await?;
                calls.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, Status>(())
        });
    }
    let end = Instant::now() + Duration::from_secs(7);
    for round in 0.. {
        if Instant::now() >= end {
            break;
        }
        // Every other time the file is wrong; the client is in each right one.
        let other = new_token(&format!("other-{round}"), "read").1;
        replace(&path, if round % 2 == 0 { format!("{other}\n{line}\n") } else { format!("half a li {round}") });
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for ended in load.join_all().await {
        ended.unwrap();
    }
    let reloads = served.metric("dsasignal_reloads_total{what=\"access\",outcome=\"changed\"}")
        + served.metric("dsasignal_reloads_total{what=\"access\",outcome=\"failed\"}");
    assert!(reloads >= 2.0 && calls.load(Ordering::Relaxed) > 100, "{reloads} changes, {calls:?} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_sigterm_is_there_after_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let mut command = command();
    command.env("DSA_SIGNAL_STORE", format!("sqlite:{}", path.display()));
    command.env("DSA_SIGNAL_DRAIN_GRACE", "200ms").env("DSA_SIGNAL_DRAIN_TIMEOUT", "10s");
    command.env("DSA_SIGNAL_SAMPLE_ALLOWED", "1");
    let mut served = Served::start_by(command.args(["--policy", PACK]));
    let mut load = JoinSet::new();
    for caller in 0..3 {
        let mut scoring = scoring(&served).await;
        load.spawn(async move {
            let mut ids = Vec::new();
            for number in 0.. {
                let request = v1::ScoreListingRequest { listing: Some(listing(&format!("u{caller}-{number}"))) };
                let Ok(answer) = scoring.score_listing(request).await else { break };
                ids.push(answer.into_inner().assessment.unwrap().assessment_id);
            }
            ids
        });
    }
    for caller in 0..2 {
        let mut scoring = scoring(&served).await;
        load.spawn(async move {
            let items = (0..).map(move |number| v1::StreamScoreListingsRequest {
                correlation_id: number.to_string(),
                listing: Some(listing(&format!("b{caller}-{number}"))),
            });
            let mut answers = scoring.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
            let mut ids = Vec::new();
            while let Some(Ok(answer)) = answers.next().await {
                if let Some(ItemResult::Assessment(assessment)) = answer.result {
                    ids.push(assessment.assessment_id);
                }
            }
            ids
        });
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    served.ask_to_stop();
    let begun = Instant::now();
    assert!(served.ended_within(Duration::from_secs(15)).success());
    assert!(begun.elapsed() < Duration::from_secs(11), "grace and timeout bound the drain: {:?}", begun.elapsed());
    let acknowledged: HashSet<_> = load.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    let kept = decisions(&path).await;
    let lost = acknowledged.iter().filter(|id| !kept.contains(*id)).count();
    assert_eq!(lost, 0, "of {} acknowledged", acknowledged.len());
}

/// Identifiers of all decisions in a file.
async fn decisions(path: &Path) -> HashSet<String> {
    let store = open(&Location::Sqlite(path.to_owned())).await.unwrap();
    let mut ids = HashSet::new();
    for head in store.heads().await.unwrap() {
        let mut verifier = ChainVerifier::new(head.clone());
        loop {
            let entries = store.chain(&head.chain, verifier.last(), 1000).await.unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let id = verifier.next(&entry).unwrap().id().to_owned();
                ids.extend((entry.kind == RecordKind::Decision).then_some(id));
            }
        }
    }
    ids
}

/// What callers were told in one phase of a load.
#[derive(Default)]
struct Told {
    answered: u64,
    codes: BTreeMap<i32, u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_too_much_is_refused_in_part_and_forgotten_at_once() {
    // Few places, so that a test's client can ask for ten times what there is room for.
    let mut command = command();
    let served = Served::start_by(command.args(["--policy", PACK]).env("DSA_SIGNAL_MAX_CALLS", "16"));
    let before = served.resident();
    let seconds = Duration::from_secs(3);
    let peak = load(&served, 16, seconds).await;
    let over = load(&served, 160, seconds).await;
    eprintln!("peak {} answers, overload {} answers and {:?}", peak.answered, over.answered, over.codes);
    // CANCELLED is what the client's own clock says.
    let expected = [Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled].map(|code| code as i32);
    assert!(over.codes.keys().all(|code| expected.contains(code)), "{:?}", over.codes);
    assert!(over.codes.contains_key(&(Code::Unavailable as i32)), "nothing was refused: {:?}", over.codes);
    // The client burns the same two processors, so this is far from the service's own number; it says that goodput does not collapse.
    assert!(over.answered * 10 > peak.answered, "{} of {}", over.answered, peak.answered);
    assert!(served.resident() < before + 64 * MIB);
    assert_well(&served).await;
}

/// So many callers, each with one call after the other, and hardly a pause after a refusal.
async fn load(served: &Served, callers: usize, time: Duration) -> Told {
    let end = Instant::now() + time;
    let mut calling = JoinSet::new();
    for at in 0..callers {
        let endpoint = Endpoint::from_shared(format!("http://{}", served.address)).unwrap();
        calling.spawn(async move {
            let mut scoring = ScoringServiceClient::new(endpoint.connect().await.unwrap());
            let mut told = Told::default();
            while Instant::now() < end {
                // Long ones, so that the service and not the client has too much to do.
                let description = "a chair for the garden ".repeat(2500);
                let listing = v1::Listing { description, ..listing(&format!("l-{at}")) };
                let mut request = Request::new(v1::ScoreListingRequest { listing: Some(listing) });
                request.set_timeout(Duration::from_secs(1));
                match scoring.score_listing(request).await {
                    Ok(_) => told.answered += 1,
                    Err(status) => {
                        // Said by the service, and not by a connection that it has ended.
                        let says_when = status.get_error_details().retry_info().is_some();
                        assert!(status.code() != Code::Unavailable || says_when, "{status:?}");
                        *told.codes.entry(status.code() as i32).or_default() += 1;
                        // What RetryInfo asks for is a second; a client that obeyed would be no overload.
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
            told
        });
    }
    let mut all = Told::default();
    for told in calling.join_all().await {
        all.answered += told.answered;
        told.codes.into_iter().for_each(|(code, count)| *all.codes.entry(code).or_default() += count);
    }
    all
}

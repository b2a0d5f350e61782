//! A wall clock that jumps a century ahead, back, and behind, under a real service with calls on it.
//!
//! Durations are measured by a clock that does not jump, so nothing that lasts may notice: deadlines, quotas, idle connections, streams, looks at files.
//! What is a date follows the wall clock, there and back: a client's expiry, the time of a record. The clock is a small library that is put before the
//! system's; without a C compiler the test is skipped with a word, or fails where `DSA_SIGNAL_REQUIRE_CLIENTS=1` is set (CI).
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot turn the clock has failed")]
#![allow(clippy::print_stderr, reason = "what is missing is for who runs the test")]

#[path = "support/process.rs"]
mod process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::wire::v1;
use process::{Served, command, new_token, replace};
use tempfile::TempDir;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/pack");
const CENTURY: i64 = 100 * 365 * 24 * 3600;
/// Items a second, and at once.
const QUOTA: usize = 5;

/// The clock of a service, in a folder of its own.
struct Clock(PathBuf, PathBuf);

impl Clock {
    fn build(folder: &Path) -> Option<Clock> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/clock.c");
        let library = folder.join("clock.so");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
        let required = std::env::var("DSA_SIGNAL_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
        if !built.is_ok_and(|status| status.success()) {
            assert!(!required, "a C compiler is required here");
            eprintln!("skipped: there is no C compiler");
            return None;
        }
        let clock = Clock(library, folder.join("clock"));
        std::fs::write(&clock.1, 0i64.to_ne_bytes()).unwrap();
        Some(clock)
    }

    fn is_ahead_by(&self, seconds: i64) {
        // In place: the service has the file's page.
        std::fs::OpenOptions::new()
            .write(true)
            .open(&self.1)
            .map(|file| {
                use std::os::unix::fs::FileExt;
                file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
            })
            .unwrap();
    }
}

async fn scoring(served: &Served) -> ScoringServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{}", served.address)).unwrap();
    ScoringServiceClient::new(endpoint.connect().await.unwrap())
}

fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

fn listing(name: &str) -> v1::Listing {
    v1::Listing { listing_id: name.into(), seller_id: "s-1".into(), title: "pills".into(), ..Default::default() }
}

/// Scores once, within two seconds.
async fn score(scoring: &mut ScoringServiceClient<Channel>, token: &str) -> Result<v1::Assessment, Status> {
    let mut request = with_token(v1::ScoreListingRequest { listing: Some(listing("l-1")) }, token);
    request.set_timeout(Duration::from_secs(2));
    Ok(scoring.score_listing(request).await?.into_inner().assessment.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lasts_does_not_notice_a_clock_that_jumps_and_dates_follow_it() {
    let folder = TempDir::new().unwrap();
    let Some(clock) = Clock::build(folder.path()) else { return };
    let [(steady, first), (greedy, second), (dated, third), (late, fourth)] =
        ["steady", "greedy", "dated", "late"].map(|name| new_token(name, "score"));
    let (clients, records) = (folder.path().join("clients.txt"), folder.path().join("records.sqlite"));
    let known = format!("{first}\n{second}\n{third} expires=2090-01-01\n");
    replace(&clients, &known);
    let mut command = command();
    command.env("LD_PRELOAD", &clock.0).env("TEST_CLOCK", &clock.1);
    command.env("DSA_SIGNAL_STORE", format!("sqlite:{}", records.display())).env("DSA_SIGNAL_SAMPLE_ALLOWED", "1");
    command.env("DSA_SIGNAL_QUOTA", QUOTA.to_string()).env("DSA_SIGNAL_QUOTA_BURST", QUOTA.to_string());
    let mut served =
        Served::start_by(command.args(["serve", "--policy", PACK, "--clients", clients.to_str().unwrap()]));

    // Somebody who calls twice a second through all of it, and somebody who has a stream open.
    let stop = Arc::new(AtomicBool::new(false));
    let calling = tokio::spawn({
        let (mut scoring, stop, steady) = (scoring(&served).await, Arc::clone(&stop), steady.clone());
        async move {
            let mut slowest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let begun = Instant::now();
                score(&mut scoring, &steady).await.unwrap();
                slowest = slowest.max(begun.elapsed());
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            slowest
        }
    });
    let mut other = scoring(&served).await;
    let (items, waiting) = tokio::sync::mpsc::channel(1);
    let mut answers =
        other.stream_score_listings(with_token(ReceiverStream::new(waiting), &steady)).await.unwrap().into_inner();
    let mut idle = scoring(&served).await;
    let began = score(&mut idle, &dated).await.unwrap().assessed_at.unwrap().seconds;

    for ahead in [CENTURY, 0, -30 * 365 * 24 * 3600, 3600, 0] {
        // Used up before the jump: neither is it all there again after it, nor is it gone for ever.
        while score(&mut other, &greedy).await.is_ok() {}
        clock.is_ahead_by(ahead);
        let jumped = Instant::now();
        let mut allowed = 0;
        while jumped.elapsed() < Duration::from_secs(2) {
            allowed += usize::from(score(&mut other, &greedy).await.is_ok());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!((QUOTA..=3 * QUOTA).contains(&allowed), "{ahead}: {allowed} in two seconds");

        let item = v1::StreamScoreListingsRequest { correlation_id: "i".into(), listing: Some(listing("l-2")) };
        items.send(item).await.unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(20), answers.next()).await.unwrap().unwrap().unwrap();
        assert!(answer.result.is_some(), "{ahead}");

        // The connection was idle for a moment and not for a century; what expires does so by the date, and only while it is past.
        match score(&mut idle, &dated).await {
            Ok(assessment) => {
                let passed = assessment.assessed_at.unwrap().seconds - began;
                assert!(ahead < CENTURY && (ahead - 5..ahead + 120).contains(&passed), "{ahead}: {passed}");
            }
            Err(status) => assert_eq!((ahead, status.code()), (CENTURY, Code::Unauthenticated)),
        }
    }

    // Files are still looked at.
    replace(&clients, format!("{known}{fourth}\n"));
    let end = Instant::now() + Duration::from_secs(6);
    while score(&mut idle, &late).await.is_err() {
        assert!(Instant::now() < end, "a new client is not known");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let slowest = calling.await.unwrap();
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    drop((items, answers));
    served.ask_to_stop();
    assert!(served.ended_within(Duration::from_secs(20)).success());

    // Records of a time that went back and forth are a chain like any other.
    let store = format!("sqlite:{}", records.display());
    let verified = process::command().args(["decisions", "verify", "--store", &store]).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

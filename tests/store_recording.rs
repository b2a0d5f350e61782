//! What is answered is recorded first: with the store there, away, silent and back; one by one, in batches, over streams.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what is expected of a recorder is what is tested")]

#[path = "store/backends.rs"]
mod backends;
#[path = "store/flaky.rs"]
mod flaky;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dsa_signal::domain::{Action, Content, ErrorCode, Listing, SubjectKind};
use dsa_signal::service::{
    AsyncScorer, DEGRADED, OnStoreFailure, PolicyHandle, RecordPolicy, Recorder, Scored, Spool, now,
};
use dsa_signal::store::{DecisionQuery, Store, TimeRange};
use dsa_signal::wire::v1;
use flaky::Flaky;
use support::{Options, TestServer};
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic_types::StatusExt;

const ALL: RecordPolicy = RecordPolicy { on_failure: OnStoreFailure::Open, sample_allowed: 0.0, store_content: true };

/// Scores under a pack that flags everything, or nothing, and records.
fn scorer(recorder: &Arc<Recorder>, flags: bool) -> AsyncScorer {
    let mut pack = support::pack("aa11");
    if !flags {
        pack.unconditional.clear();
    }
    support::scorer(&Arc::new(PolicyHandle::new(pack, now()))).with_recorder(Arc::clone(recorder))
}

fn listing(number: usize) -> Content {
    Content::Listing(Listing {
        listing_id: format!("l-{number}"),
        seller_id: format!("s-{}", number % 3),
        title: "Wooden chair".into(),
        ..Listing::default()
    })
}

async fn batch(scorer: &AsyncScorer, numbers: std::ops::Range<usize>) -> Vec<Scored> {
    scorer
        .score_batch(numbers.collect(), None, |_| (SubjectKind::Seller, "s-1"), |_, number| Ok(listing(number)))
        .await
        .unwrap()
}

async fn recorded(store: &Arc<dyn Store>) -> usize {
    store.list_decisions(&DecisionQuery { limit: 10_000, ..DecisionQuery::default() }).await.unwrap().len()
}

async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(15);
    while !holds().await {
        assert!(Instant::now() < deadline, "not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_degraded(scored: &Scored) -> bool {
    scored.as_ref().is_ok_and(|one| one.verdict.diagnostics.iter().any(|diagnostic| diagnostic.code == DEGRADED))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_above_allow_is_in_the_store_when_it_is_given() {
    for backend in backends::all().await {
        let recorder = Arc::new(Recorder::new(Arc::clone(&backend.store), ALL, None));
        let scorer = scorer(&recorder, true);
        let assessment = scorer.score(listing(1), None).await.unwrap();
        assert_eq!(assessment.verdict.action, Action::Review);
        let history = backend.store.history(&assessment.assessment_id).await.unwrap().unwrap();
        assert_eq!(history.decision.record.assessment, assessment, "{}", backend.name);
        assert_eq!(history.content, Some(listing(1)));
        let answers = batch(&scorer, 0..200).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(recorded(&backend.store).await, 201);
        let explained = scorer.explain(listing(2), None).await.unwrap().0;
        assert_eq!(
            backend.store.history(&explained.assessment_id).await.unwrap(),
            None,
            "an explanation is no decision"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn allowed_items_are_all_counted_and_some_recorded() {
    let backend = backends::sqlite().await;
    let recorder =
        Arc::new(Recorder::new(Arc::clone(&backend.store), RecordPolicy { sample_allowed: 0.25, ..ALL }, None));
    let scorer = scorer(&recorder, false);
    batch(&scorer, 0..1000).await;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..20 {
        let scorer = scorer.clone();
        callers.spawn(async move {
            for number in 0..50 {
                scorer.score(listing(caller * 100 + number), None).await.unwrap();
            }
        });
    }
    callers.join_all().await;
    // What has been counted when the service ends is recorded then.
    let stop = CancellationToken::new();
    stop.cancel();
    recorder.run(stop).await;
    assert_eq!(backend.store.allowed(TimeRange::default()).await.unwrap(), 2000);
    let sampled = recorded(&backend.store).await;
    assert!((380..620).contains(&sampled), "{sampled} of 2000, expected about 500");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_away_answers_wait_on_disk_and_are_brought_to_it_later() {
    for backend in backends::durable().await {
        let folder = tempfile::TempDir::new().unwrap();
        let flaky = Flaky::over(Arc::clone(&backend.store));
        let spool = Spool::open(folder.path()).unwrap();
        let recorder = Arc::new(Recorder::new(flaky.clone(), ALL, Some(spool)));
        let scorer = scorer(&recorder, true);
        flaky.refuse();
        let answers = batch(&scorer, 0..50).await;
        assert!(answers.iter().all(is_degraded), "{}", backend.name);
        flaky.fall_silent(); // who asked it would wait for two seconds
        let begun = Instant::now();
        assert!(is_degraded(&scorer.score(listing(50), None).await));
        assert!(begun.elapsed() < Duration::from_millis(1_900), "nobody waits for a store that is known to be away");
        assert_eq!(recorded(&backend.store).await, 0);
        // The process dies here, and its successor finds what waits.
        drop((scorer, recorder));
        let spool = Spool::open(folder.path()).unwrap();
        let recorder = Arc::new(Recorder::new(flaky.clone(), ALL, Some(spool)));
        let stop = CancellationToken::new();
        let running = tokio::spawn(Arc::clone(&recorder).run(stop.clone()));
        flaky.come_back();
        eventually(async || recorded(&backend.store).await == 51).await;
        let scorer = self::scorer(&recorder, true);
        eventually(async || !is_degraded(&scorer.score(listing(51), None).await)).await;
        stop.cancel();
        running.await.unwrap();
        let known = answers.into_iter().map(|answer| answer.unwrap().assessment_id);
        for assessment_id in known {
            let history = backend.store.history(&assessment_id).await.unwrap().unwrap();
            assert!(history.content.is_some() && history.decision.record.assessment.verdict.diagnostics.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_counted_while_the_store_was_away_survives_the_process() {
    let folder = tempfile::TempDir::new().unwrap();
    let flaky = Flaky::over(backends::memory().await.store);
    let recorder = || Arc::new(Recorder::new(flaky.clone(), ALL, Some(Spool::open(folder.path()).unwrap())));
    let stopped = || {
        let stop = CancellationToken::new();
        stop.cancel();
        stop
    };
    flaky.refuse();
    let first = recorder();
    batch(&scorer(&first, false), 0..40).await;
    // Told of the store's absence by something that has to be recorded.
    assert!(is_degraded(&scorer(&first, true).score(listing(1), None).await));
    Arc::clone(&first).run(stopped()).await;
    drop(first);
    flaky.come_back();
    recorder().run(stopped()).await;
    assert_eq!(flaky.beneath.allowed(TimeRange::default()).await.unwrap(), 40);
    assert_eq!(recorded(&flaky.beneath).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_says_nothing_costs_one_answer_two_seconds() {
    let folder = tempfile::TempDir::new().unwrap();
    let flaky = Flaky::over(backends::memory().await.store);
    let recorder = Recorder::new(flaky.clone(), ALL, Some(Spool::open(folder.path()).unwrap()));
    let scorer = scorer(&Arc::new(recorder), true);
    flaky.fall_silent();
    let begun = Instant::now();
    assert!(is_degraded(&scorer.score(listing(1), None).await));
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_recorder_refuses_what_it_cannot_record_and_nothing_else() {
    let flaky = Flaky::over(backends::memory().await.store);
    let closed = RecordPolicy { on_failure: OnStoreFailure::Closed, ..ALL };
    let recorder = Arc::new(Recorder::new(flaky.clone(), closed, None));
    let (flagging, allowing) = (scorer(&recorder, true), scorer(&recorder, false));
    flaky.refuse();
    let refused = flagging.score(listing(1), None).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unavailable);
    assert!(!refused.message.contains("refusing"), "a driver's words stay inside: {}", refused.message);
    assert!(batch(&flagging, 0..5).await.iter().all(Result::is_err));
    assert!(batch(&allowing, 0..5).await.iter().all(Result::is_ok), "these need no record");
    let stop = CancellationToken::new();
    let running = tokio::spawn(Arc::clone(&recorder).run(stop.clone()));
    flaky.come_back();
    eventually(async || flagging.score(listing(2), None).await.is_ok()).await;
    stop.cancel();
    running.await.unwrap();
    assert_eq!(flaky.beneath.allowed(TimeRange::default()).await.unwrap(), 5, "counted while the store was away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_one_call_and_a_stream_far_fewer_than_its_items() {
    let backend = backends::sqlite().await;
    let flaky = Flaky::over(Arc::clone(&backend.store));
    let recorder = Arc::new(Recorder::new(flaky.clone(), ALL, None));
    batch(&scorer(&recorder, true), 0..500).await;
    assert_eq!(flaky.appends(), 1);
    let server = TestServer::start_with(Options { recorder: Some(recorder), ..Options::default() }).await;
    let items = (0..500).map(|number| v1::StreamScoreListingsRequest {
        correlation_id: number.to_string(),
        listing: Some(support::listing(number)),
    });
    let mut answers =
        server.scoring().await.stream_score_listings(tokio_stream::iter(items)).await.unwrap().into_inner();
    let mut expected = 0;
    while let Some(answer) = answers.next().await {
        assert_eq!(answer.unwrap().correlation_id, expected.to_string());
        expected += 1;
    }
    assert_eq!(expected, 500);
    assert!(flaky.appends() < 250, "{} calls for 500 items", flaky.appends());
    assert_eq!(recorded(&(flaky as Arc<dyn Store>)).await, 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_grpc_a_strict_recorder_is_unavailable_and_says_when_to_try_again() {
    let flaky = Flaky::over(backends::memory().await.store);
    let closed = RecordPolicy { on_failure: OnStoreFailure::Closed, ..ALL };
    let recorder = Arc::new(Recorder::new(flaky.clone(), closed, None));
    let server = TestServer::start_with(Options { recorder: Some(recorder), ..Options::default() }).await;
    flaky.refuse();
    let request = v1::ScoreListingRequest { listing: Some(support::listing(1)) };
    let status = server.scoring().await.score_listing(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.get_error_details().retry_info().is_some());
    let item = v1::StreamScoreListingsRequest { correlation_id: "1".into(), listing: Some(support::listing(1)) };
    let mut answers =
        server.scoring().await.stream_score_listings(tokio_stream::iter([item])).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap();
    let Some(v1::stream_score_listings_response::Result::Error(error)) = answer.result else { panic!("refused") };
    assert_eq!(error.code, Code::Unavailable as i32, "an item's own error; the stream goes on");
}

//! `ReputationService` against a real server, and what scoring makes of what it was told.

#![allow(clippy::unwrap_used)] // helpers of tests

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dsa_signal::domain::{StandingEvent, Subject};
use dsa_signal::reputation::{EventPage, MemorySource, SourceAnswer, SourceUnavailable, StandingSource};
use dsa_signal::service::now;
use dsa_signal::wire::v1::{self, EventKind, SubjectKind, watch_standings_response::Update};
use support::{Options, TestServer, listing, post};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request};
use tonic_types::StatusExt;

fn event(id: &str, seller: &str, kind: EventKind) -> v1::StandingEvent {
    v1::StandingEvent {
        event_id: id.into(),
        subject_kind: SubjectKind::Seller.into(),
        subject_id: seller.into(),
        kind: kind.into(),
        area: v1::RiskArea::Counterfeit.into(),
        count: 1,
        occurred_at: Some(pbjson_types::Timestamp { seconds: now().seconds - 60, nanos: 0 }),
    }
}

async fn record(server: &TestServer, events: Vec<v1::StandingEvent>) -> v1::RecordEventsResponse {
    let sent = events.into_iter().map(|event| v1::RecordEventsRequest { event: Some(event) });
    server.reputation().await.record_events(tokio_stream::iter(sent)).await.unwrap().into_inner()
}

async fn standing(server: &TestServer, seller: &str) -> v1::Standing {
    let request = v1::GetStandingRequest { subject_kind: SubjectKind::Seller.into(), subject_id: seller.into() };
    server.reputation().await.get_standing(request).await.unwrap().into_inner().standing.unwrap()
}

fn removals(count: usize, seller: &str) -> Vec<v1::StandingEvent> {
    (0..count).map(|at| event(&format!("{seller}-{at}"), seller, EventKind::ContentRemoved)).collect()
}

#[tokio::test]
async fn what_was_recorded_shows_in_the_standing_and_in_the_next_score() {
    let server = TestServer::start().await;
    let score = async || {
        let request = v1::ScoreListingRequest { listing: Some(listing(1)) };
        server.scoring().await.score_listing(request).await.unwrap().into_inner().assessment.unwrap()
    };
    let before = score().await;
    assert_eq!(before.standing, None);
    assert!(before.diagnostics.is_empty(), "{:?}", before.diagnostics);
    let answer = record(&server, removals(8, "s-1")).await;
    assert_eq!((answer.accepted, answer.duplicates, answer.refused), (8, 0, 0));
    let after = score().await;
    let used = after.standing.unwrap();
    assert!(after.risk > before.risk && used.lower > 0.05 && used.strikes == 8, "{used:?}");
    let told = standing(&server, "s-1").await;
    assert!((told.mean - used.mean).abs() < 1e-4);
    assert_eq!(told.misuse_stage(), v1::MisuseStage::WarningDue);
    assert_eq!((told.areas.len(), told.areas[0].area()), (1, v1::RiskArea::Counterfeit));
    assert_eq!(told.contributions.len(), 8);
    assert!(told.contributions.iter().all(|one| one.contribution > 0.0 && one.event_id.starts_with("s-1-")));
    assert!(told.as_of.is_some());
}

#[tokio::test]
async fn every_way_of_scoring_uses_the_standing() {
    let server = TestServer::start().await;
    let mut creator = event("c", "c-1", EventKind::ContentRemoved);
    (creator.subject_kind, creator.count) = (SubjectKind::Creator.into(), 8);
    record(&server, removals(8, "s-1").into_iter().chain([creator]).collect()).await;
    let mut client = server.scoring().await;
    let strikes = |assessment: Option<v1::Assessment>| assessment.unwrap().standing.unwrap().strikes;
    let batch = v1::BatchScoreListingsRequest { listings: vec![listing(1); 3] };
    for result in client.batch_score_listings(batch).await.unwrap().into_inner().results {
        let Some(v1::score_result::Result::Assessment(assessment)) = result.result else { panic!("{result:?}") };
        assert_eq!(strikes(Some(assessment)), 8);
    }
    let long = v1::Listing { description: "A chair for the garden. ".repeat(1000), ..listing(1) };
    let scored = client.score_listing(v1::ScoreListingRequest { listing: Some(long) }).await.unwrap();
    assert_eq!(strikes(scored.into_inner().assessment), 8);
    let explained = client.explain_post(v1::ExplainPostRequest { post: Some(post(1)) }).await.unwrap().into_inner();
    assert_eq!(strikes(explained.assessment), 8);
    assert!(explained.trace.unwrap().areas.iter().all(|sum| sum.standing_nats > 0.5));
    let items = (0..40).map(|at| v1::StreamScorePostsRequest { correlation_id: at.to_string(), post: Some(post(at)) });
    let mut answers = client.stream_score_posts(tokio_stream::iter(items)).await.unwrap().into_inner();
    while let Some(answer) = answers.next().await {
        let Some(v1::stream_score_posts_response::Result::Assessment(one)) = answer.unwrap().result else { panic!() };
        assert_eq!(strikes(Some(one)), 8);
    }
}

#[tokio::test]
async fn nobody_knows_of_whom_nothing_was_told() {
    let server = TestServer::start().await;
    let prior = standing(&server, "nobody").await;
    assert_eq!((prior.mean, prior.effective_events, prior.strikes), (0.05, 0.0, 0));
    assert!(prior.lower < 0.05 && prior.upper > 0.05 && !prior.trader_verified);
    assert_eq!(prior.misuse_stage(), v1::MisuseStage::None);
}

#[tokio::test]
async fn a_bad_event_is_told_in_its_place_and_the_others_count() {
    let server = TestServer::start().await;
    let good = |at: usize| event(&format!("good-{at}"), "s", EventKind::OrdersCompleted);
    let unknown = v1::StandingEvent { kind: 99, ..good(100) };
    let mut future = good(101);
    future.occurred_at = Some(pbjson_types::Timestamp { seconds: now().seconds + 200_000, nanos: 0 });
    let events = vec![good(0), unknown, good(1), v1::StandingEvent::default(), future, good(0)];
    let answer = record(&server, events).await;
    assert_eq!((answer.accepted, answer.duplicates, answer.refused), (2, 1, 3));
    assert_eq!(answer.errors.iter().map(|error| error.index).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(answer.errors[0].event_id, "good-100");
    let error = answer.errors[0].error.as_ref().unwrap();
    assert_eq!(error.code, Code::InvalidArgument as i32);
    assert!(error.message.contains("event.kind"), "{}", error.message);
    assert!(answer.errors[2].error.as_ref().unwrap().message.contains("a day ahead"));
}

#[tokio::test]
async fn a_stream_of_many_events_is_taken_and_its_errors_are_bounded() {
    let server = TestServer::start().await;
    let events = (0..20_000).map(|at| match at % 10 {
        0 => v1::StandingEvent::default(),
        _ => event(&format!("e-{at}"), &format!("s-{}", at % 100), EventKind::OrdersCompleted),
    });
    let answer = record(&server, events.collect()).await;
    assert_eq!((answer.accepted, answer.duplicates, answer.refused, answer.errors.len()), (18_000, 0, 2_000, 100));
    assert_eq!(answer.errors[99].index, 990);
    assert_eq!(record(&server, Vec::new()).await, v1::RecordEventsResponse::default());
}

#[tokio::test]
async fn many_standings_come_in_the_order_of_the_request() {
    let server = TestServer::start().await;
    record(&server, removals(4, "a")).await;
    let subject = |kind: SubjectKind, id: &str| v1::Subject { kind: kind.into(), id: id.into() };
    let subjects = vec![
        subject(SubjectKind::Seller, "b"),
        subject(SubjectKind::Listing, "a"),
        subject(SubjectKind::Seller, "a"),
        subject(SubjectKind::Creator, "a"),
    ];
    let mut client = server.reputation().await;
    let request = v1::BatchGetStandingsRequest { subjects };
    let results = client.batch_get_standings(request).await.unwrap().into_inner().results;
    let strikes: Vec<_> = results
        .iter()
        .map(|result| match result.result.as_ref().unwrap() {
            v1::standing_result::Result::Standing(standing) => Ok(standing.strikes),
            v1::standing_result::Result::Error(error) => Err(error.message.contains("subjects[1].kind")),
        })
        .collect();
    assert_eq!(strikes, [Ok(0), Err(true), Ok(4), Ok(0)]);
    let error = client.batch_get_standings(v1::BatchGetStandingsRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_watch_tells_changes_of_those_who_were_named() {
    let server = TestServer::start().await;
    let watch = async |names: &[&str]| {
        let subjects =
            names.iter().map(|id| v1::Subject { kind: SubjectKind::Seller.into(), id: (*id).into() }).collect();
        let request = v1::WatchStandingsRequest { subjects };
        server.reputation().await.watch_standings(request).await.unwrap().into_inner()
    };
    let (mut all, mut one) = (watch(&[]).await, watch(&["b"]).await);
    record(&server, removals(1, "a")).await;
    record(&server, removals(2, "b")).await;
    let next = async |updates: &mut tonic::Streaming<v1::WatchStandingsResponse>| {
        let update = tokio::time::timeout(Duration::from_secs(5), updates.next()).await.unwrap().unwrap().unwrap();
        let Some(Update::Standing(update)) = update.update else { panic!("{update:?}") };
        (update.subject.unwrap().id, update.standing.unwrap().strikes)
    };
    assert_eq!(next(&mut all).await.0, "a");
    assert_eq!(next(&mut all).await, ("b".into(), 2));
    assert_eq!(next(&mut one).await, ("b".into(), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_who_does_not_read_is_told_how_much_was_missed() {
    let server = TestServer::start().await;
    let mut updates =
        server.reputation().await.watch_standings(v1::WatchStandingsRequest::default()).await.unwrap().into_inner();
    const EVENTS: u64 = 30_000;
    let orders = |at: u64| event(&format!("e-{at}"), &format!("s-{at}"), EventKind::OrdersCompleted);
    record(&server, (0..EVENTS).map(orders).collect()).await;
    let (mut told, mut missed) = (0, 0);
    while told + missed < EVENTS {
        let update = tokio::time::timeout(Duration::from_secs(10), updates.next()).await.unwrap().unwrap().unwrap();
        match update.update.unwrap() {
            Update::Standing(_) => told += 1,
            Update::Missed(count) => missed += count,
        }
    }
    assert!(told > 0 && missed > 0 && told + missed == EVENTS, "{told} {missed}");
}

#[tokio::test]
async fn a_watch_ends_with_its_deadline_and_with_the_server() {
    let mut server = TestServer::start().await;
    let mut client = server.reputation().await;
    let mut request = Request::new(v1::WatchStandingsRequest::default());
    request.set_timeout(Duration::from_millis(200));
    let error = client.watch_standings(request).await.unwrap().into_inner().next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Code::DeadlineExceeded);
    let mut updates = client.watch_standings(v1::WatchStandingsRequest::default()).await.unwrap().into_inner();
    let (send, events) = mpsc::channel(1);
    let recording = tokio::spawn(async move { client.record_events(ReceiverStream::new(events)).await });
    send.send(v1::RecordEventsRequest { event: Some(event("e", "s", EventKind::Suspended)) }).await.unwrap();
    assert!(updates.next().await.unwrap().is_ok());
    server.ask_to_stop();
    assert_eq!(updates.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
    assert_eq!(recording.await.unwrap().unwrap_err().code(), Code::Unavailable);
    server.stopped_within(Duration::from_secs(3)).await;
}

/// Goes away when it is told to.
#[derive(Debug, Default)]
struct Shaky {
    kept: MemorySource,
    away: AtomicBool,
    slow: AtomicBool,
}

impl StandingSource for Shaky {
    fn append(&self, events: Vec<StandingEvent>) -> SourceAnswer<'_, Vec<bool>> {
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(SourceUnavailable)));
        }
        self.kept.append(events)
    }

    fn events_of<'a>(&'a self, subject: &'a Subject, page: EventPage<'a>) -> SourceAnswer<'a, ()> {
        if self.slow.load(Ordering::Relaxed) {
            return Box::pin(async {
                tokio::time::sleep(Duration::from_millis(700)).await;
                Err(SourceUnavailable)
            });
        }
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(std::future::ready(Err(SourceUnavailable)));
        }
        self.kept.events_of(subject, page)
    }
}

#[tokio::test]
async fn a_store_that_is_away_costs_a_diagnostic_and_not_the_score() {
    let source = Arc::new(Shaky::default());
    let server = TestServer::start_with(Options { source: source.clone(), ..Options::default() }).await;
    let mut client = server.scoring().await;
    for (away, slow) in [(true, false), (false, true)] {
        source.away.store(away, Ordering::Relaxed);
        source.slow.store(slow, Ordering::Relaxed);
        let request = v1::ScoreListingRequest { listing: Some(listing(1)) };
        let assessment = client.score_listing(request).await.unwrap().into_inner().assessment.unwrap();
        assert_eq!(assessment.diagnostics[0].code, "standing-unavailable");
        let batch = v1::BatchScoreListingsRequest { listings: vec![listing(1); 3] };
        let results = client.batch_score_listings(batch).await.unwrap().into_inner().results;
        let Some(v1::score_result::Result::Assessment(one)) = &results[2].result else { panic!("{results:?}") };
        assert_eq!(
            (one.diagnostics[0].code.as_str(), one.diagnostics[0].field_path.as_str()),
            ("standing-unavailable", "seller_id")
        );
    }
    source.slow.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(800)).await; // the slow answer comes and is none
    source.away.store(true, Ordering::Relaxed);
    let sent = [v1::RecordEventsRequest { event: Some(event("e", "s-1", EventKind::ContentRemoved)) }];
    let error = server.reputation().await.record_events(tokio_stream::iter(sent.clone())).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.get_error_details().retry_info().is_some());
    source.away.store(false, Ordering::Relaxed);
    let answer = server.reputation().await.record_events(tokio_stream::iter(sent)).await.unwrap().into_inner();
    assert_eq!(answer.accepted, 1);
    let request = v1::ScoreListingRequest { listing: Some(listing(1)) };
    let assessment = client.score_listing(request).await.unwrap().into_inner().assessment.unwrap();
    assert_eq!((assessment.diagnostics.len(), assessment.standing.unwrap().strikes), (0, 1));
}

#[tokio::test]
async fn more_sellers_in_one_batch_than_the_map_holds_are_all_known() {
    let server = TestServer::start().await; // with a thousand places
    let sellers = 0..3000;
    record(
        &server,
        sellers.clone().map(|at| event(&format!("e-{at}"), &format!("s-{at}"), EventKind::ContentRemoved)).collect(),
    )
    .await;
    let mut client = server.scoring().await;
    for start in [0, 1000, 2000] {
        let listings =
            (start..start + 1000).map(|at| v1::Listing { seller_id: format!("s-{at}"), ..listing(at) }).collect();
        let results = client.batch_score_listings(v1::BatchScoreListingsRequest { listings }).await.unwrap();
        for result in results.into_inner().results {
            let Some(v1::score_result::Result::Assessment(one)) = result.result else { panic!("{result:?}") };
            assert!(one.standing.is_some_and(|standing| standing.strikes == 1), "{:?}", one.diagnostics);
        }
    }
}

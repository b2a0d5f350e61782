//! Who may call what: the table against the descriptors, and every RPC of a real server with credentials of every kind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what is expected of a server is what is tested"
)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use dsa_signal::access::{Access, Clients, Gate, NewToken, Role, Rpc};
use dsa_signal::grpc::{Doors, Edge, EdgeLimits, QuotaRate};
use dsa_signal::wire::DESCRIPTORS;
use dsa_signal::wire::v1::{self, stream_score_listings_response};
use prost::Message;
use prost_types::FileDescriptorSet;
use support::{Options, TestServer, listing};
use tokio_stream::StreamExt;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

/// Every RPC that is described: its path, and whether it answers with a stream.
fn described() -> Vec<(String, bool)> {
    let sets = [
        DESCRIPTORS,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let mut rpcs = Vec::new();
    for file in sets.into_iter().flat_map(|set| FileDescriptorSet::decode(set).unwrap().file) {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                rpcs.push((path, method.server_streaming()));
            }
        }
    }
    rpcs
}

#[test]
fn every_rpc_has_a_row_in_the_table_of_roles() {
    let described = described();
    assert!(described.len() > 20, "{described:?}");
    for (path, streams) in &described {
        let rpc = Rpc::at(path);
        assert_ne!(rpc, Rpc::UNKNOWN, "{path} has no row in src/access/rpc.rs: say which role it wants");
        assert_eq!(rpc.is_stream(), *streams, "{path}");
        let expected = match path {
            path if path.starts_with("/dsasignal.") => matches!(rpc.access(), Access::Role(_)),
            path if path.contains(".health.") => rpc.access() == Access::Health,
            _ => rpc.access() == Access::Reflection,
        };
        assert!(expected, "{path} wants {:?}", rpc.access());
    }
}

/// Rows of RPCs that some build describes and others do not yet.
const AHEAD: &[&str] = &[
    "dsasignal.v1.ScoringService/CheckAdTargeting",
    "dsasignal.v1.PromotionService/ReportLinks",
    "dsasignal.v1.PromotionService/ListPromotions",
    "grpc.health.v1.Health/List",
];

#[test]
fn every_row_of_the_table_is_an_rpc() {
    let described: Vec<_> = described().into_iter().map(|(path, _)| path).collect();
    for rpc in Rpc::all().filter(|rpc| *rpc != Rpc::UNKNOWN && !AHEAD.contains(&rpc.name())) {
        assert!(described.contains(&format!("/{}", rpc.name())), "{} is not served", rpc.name());
    }
}

/// A server that knows a client of each role, and one whose token has expired.
async fn closed(limits: EdgeLimits) -> (TestServer, impl Fn(&str) -> String) {
    let tokens: Vec<_> = ["score", "record", "read", "admin", "expired", "stranger"]
        .map(|name| (name, NewToken::random().unwrap()))
        .into_iter()
        .collect();
    let line = |(name, token): &(&str, NewToken)| match *name {
        "stranger" => String::new(),
        "expired" => format!("expired score,record,read,admin {} expires=2020-01-01\n", token.digest),
        role => format!("{role} {role} {}\n", token.digest),
    };
    let clients = Clients::parse(&tokens.iter().map(line).collect::<String>()).unwrap();
    let gate = Some(Arc::new(ArcSwap::from_pointee(Gate::new(clients, None))));
    let doors = Doors { gate, health_open: false, reflection_open: false };
    let server =
        TestServer::start_with(Options { edge: Edge { doors, limits, ..Edge::default() }, ..Options::default() }).await;
    let bearer = move |name: &str| {
        let (_, token) = tokens.iter().find(|(known, _)| *known == name).unwrap();
        format!("Bearer {}", token.token)
    };
    (server, bearer)
}

/// Calls whatever it is with an empty message. `None` if it answers by waiting for more.
async fn call(channel: &Channel, rpc: Rpc, authorization: Option<&str>) -> Option<Status> {
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut request = Request::new(());
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization.parse().unwrap());
    }
    let path = PathAndQuery::try_from(format!("/{}", rpc.name())).unwrap();
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let answered = tokio::time::timeout(Duration::from_secs(2), client.unary(request, path, codec)).await.ok()?;
    Some(answered.map_or_else(|status| status, |_| Status::ok("")))
}

#[tokio::test]
async fn every_rpc_wants_its_role_and_accepts_nothing_else() {
    let (server, bearer) = closed(EdgeLimits::default()).await;
    let channel = server.channel().await;
    let served: Vec<_> = described().into_iter().map(|(path, _)| Rpc::at(&path)).collect();
    for rpc in served {
        let name = rpc.name();
        for wrong in [
            None,
            Some(bearer("stranger")),
            Some("Bearer x".into()),
            Some("Bearer a.b.c".into()),
            Some("Basic eA==".into()),
        ] {
            let status = call(&channel, rpc, wrong.as_deref()).await.expect(name);
            assert_eq!(status.code(), Code::Unauthenticated, "{name} {wrong:?}");
            assert_eq!(reason(&status), "UNAUTHENTICATED");
            let said = if wrong.is_some() { "the credentials are not accepted" } else { "this call needs credentials" };
            assert!(status.message().starts_with(said), "{status:?}");
        }
        let status = call(&channel, rpc, Some(&bearer("expired"))).await.expect(name);
        assert_eq!(
            (status.code(), status.message()),
            (Code::Unauthenticated, "the credentials have expired"),
            "{name}"
        );
        for role in Role::ALL {
            let status = call(&channel, rpc, Some(&bearer(role.as_str()))).await;
            let enough = match rpc.access() {
                Access::Role(wanted) => wanted == role,
                _ => true,
            };
            let refused =
                status.filter(|status| matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied));
            match refused {
                None => assert!(enough, "{name} as {}", role.as_str()),
                Some(status) => {
                    assert!(!enough, "{name} as {}: {status:?}", role.as_str());
                    assert_eq!(
                        (status.code(), reason(&status).as_str()),
                        (Code::PermissionDenied, "PERMISSION_DENIED")
                    );
                }
            }
        }
    }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().expect("every error has an ErrorInfo");
    assert_eq!(info.domain, dsa_signal::grpc::ERROR_DOMAIN);
    info.reason.clone()
}

#[tokio::test]
async fn a_quota_counts_items_whatever_they_come_in() {
    let rate = |count| std::num::NonZeroU32::new(count).unwrap();
    let quota = Some(QuotaRate { per_second: rate(1), burst: rate(10) });
    let (server, bearer) = closed(EdgeLimits { quota, ..EdgeLimits::default() }).await;
    let authorized = |mut request: Request<v1::BatchScoreListingsRequest>| {
        request.metadata_mut().insert("authorization", bearer("score").parse().unwrap());
        request
    };
    let batch =
        |many| authorized(Request::new(v1::BatchScoreListingsRequest { listings: (0..many).map(listing).collect() }));
    let mut scoring = server.scoring().await;
    scoring.batch_score_listings(batch(6)).await.unwrap();
    let refused = scoring.batch_score_listings(batch(6)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::ResourceExhausted, "QUOTA_EXCEEDED"));
    let wait = refused.get_error_details().retry_info().unwrap().retry_delay.unwrap();
    assert!(wait > Duration::from_millis(500) && wait < Duration::from_secs(6), "{wait:?}");
    // What is left goes to a stream: items too many are told so one by one, and the stream goes on.
    let item = |number: usize| v1::StreamScoreListingsRequest {
        correlation_id: number.to_string(),
        listing: Some(listing(number)),
    };
    let mut request = Request::new(tokio_stream::iter((0..20).map(item)));
    request.metadata_mut().insert("authorization", bearer("score").parse().unwrap());
    let answers = scoring.stream_score_listings(request).await.unwrap().into_inner();
    let results: Vec<_> = answers.map(|answer| answer.unwrap().result.unwrap()).collect().await;
    let scored = |result: &&stream_score_listings_response::Result| {
        matches!(result, stream_score_listings_response::Result::Assessment(_))
    };
    assert_eq!(results.len(), 20);
    let scored = results.iter().filter(scored).count();
    assert!((1..=4).contains(&scored), "{scored}");
    // Another client has a quota of its own.
    let status =
        call(&server.channel().await, Rpc::at("/dsasignal.v1.PolicyService/GetPolicy"), Some(&bearer("read"))).await;
    assert_eq!(status.unwrap().code(), Code::Ok);
}

#[tokio::test]
async fn a_stream_of_events_waits_for_its_quota_and_a_silent_one_ends() {
    let rate = |count| std::num::NonZeroU32::new(count).unwrap();
    let quota = Some(QuotaRate { per_second: rate(20), burst: rate(5) });
    let stream_idle = Duration::from_millis(300);
    let limits = EdgeLimits { quota, stream_idle, ..EdgeLimits::default() };
    let server =
        TestServer::start_with(Options { edge: Edge { limits, ..Edge::default() }, ..Options::default() }).await;
    let event = |number: usize| v1::RecordEventsRequest {
        event: Some(v1::StandingEvent {
            event_id: format!("e-{number}"),
            subject_kind: v1::SubjectKind::Seller.into(),
            subject_id: "s-1".into(),
            kind: v1::EventKind::OrdersCompleted.into(),
            occurred_at: Some(pbjson_types::Timestamp { seconds: 1_700_000_000, nanos: 0 }),
            ..Default::default()
        }),
    };
    let begun = std::time::Instant::now();
    let events = tokio_stream::iter((0..15).map(event).collect::<Vec<_>>());
    let answer = server.reputation().await.record_events(events).await.unwrap().into_inner();
    assert_eq!(answer.accepted, 15);
    assert!(begun.elapsed() > Duration::from_millis(400), "ten of them wait for half a second: {:?}", begun.elapsed());
    // What the next calls take has to grow again first.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let (held, silent) = tokio::sync::mpsc::channel::<v1::RecordEventsRequest>(1);
    let silent = tokio_stream::wrappers::ReceiverStream::new(silent);
    let ended = server.reputation().await.record_events(silent).await.unwrap_err();
    assert_eq!((ended.code(), reason(&ended).as_str()), (Code::Unavailable, "UNAVAILABLE"));
    drop(held);
    let (items, silent) = tokio::sync::mpsc::channel(1);
    let item = v1::StreamScoreListingsRequest { correlation_id: "1".into(), listing: Some(listing(1)) };
    items.send(item).await.unwrap();
    let silent = tokio_stream::wrappers::ReceiverStream::new(silent);
    let mut answers = server.scoring().await.stream_score_listings(silent).await.unwrap().into_inner();
    assert!(answers.next().await.unwrap().is_ok());
    let ended = answers.next().await.unwrap().unwrap_err();
    assert!(ended.message().starts_with("nothing has arrived"), "{ended:?}");
}

#[tokio::test]
async fn calls_beyond_the_bound_are_refused_at_once_and_health_is_not() {
    let limits = EdgeLimits { calls: 3, ..EdgeLimits::default() };
    let server =
        TestServer::start_with(Options { edge: Edge { limits, ..Edge::default() }, ..Options::default() }).await;
    let mut scoring = server.scoring().await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let (sender, items) = tokio::sync::mpsc::channel::<v1::StreamScoreListingsRequest>(1);
        let items = tokio_stream::wrappers::ReceiverStream::new(items);
        held.push((sender, scoring.stream_score_listings(items).await.unwrap()));
    }
    let request = || v1::ScoreListingRequest { listing: Some(listing(1)) };
    let refused = scoring.score_listing(request()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "OVERLOADED"));
    assert!(refused.get_error_details().retry_info().is_some());
    let health = call(&server.channel().await, Rpc::at("/grpc.health.v1.Health/Check"), None).await;
    assert_eq!(health.unwrap().code(), Code::Ok);
    held.pop();
    // The end of a stream is noticed when its reset arrives.
    for _ in 0..100 {
        if scoring.score_listing(request()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a place that was given back was not taken");
}

//! The server itself: reflection, health, and an end in steps.

#![allow(clippy::expect_used, reason = "what is expected of a server is what is tested")]

mod support;

use std::time::Duration;

use dsa_signal::grpc::Drain;
use dsa_signal::wire::v1;
use support::{Options, TestServer, listing};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

const SERVICES: [&str; 7] = [
    "dsasignal.v1.DecisionService",
    "dsasignal.v1.PolicyService",
    "dsasignal.v1.PromotionService",
    "dsasignal.v1.ReputationService",
    "dsasignal.v1.ScoringService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
];

/// The two versions of the protocol have the same messages under two names.
macro_rules! reflection {
    ($version:ident, $channel:expr, $ask:expr) => {{
        use tonic_reflection::pb::$version as pb;
        let mut client = pb::server_reflection_client::ServerReflectionClient::new($channel);
        let message_request = Some(pb::server_reflection_request::MessageRequest::from($ask));
        let request = pb::ServerReflectionRequest { host: String::new(), message_request };
        let answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
        answers.into_inner().next().await.unwrap().unwrap().message_response.unwrap()
    }};
}

#[tokio::test]
async fn both_versions_of_reflection_list_every_service() {
    let server = TestServer::start().await;
    let listed = {
        use tonic_reflection::pb::v1::server_reflection_request::MessageRequest::ListServices;
        use tonic_reflection::pb::v1::server_reflection_response::MessageResponse::ListServicesResponse;
        match reflection!(v1, server.channel().await, ListServices(String::new())) {
            ListServicesResponse(list) => list.service.into_iter().map(|one| one.name).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sorted(listed), SERVICES);
    let listed = {
        use tonic_reflection::pb::v1alpha::server_reflection_request::MessageRequest::ListServices;
        use tonic_reflection::pb::v1alpha::server_reflection_response::MessageResponse::ListServicesResponse;
        match reflection!(v1alpha, server.channel().await, ListServices(String::new())) {
            ListServicesResponse(list) => list.service.into_iter().map(|one| one.name).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(sorted(listed), SERVICES.map(|name| name.replace("reflection.v1.", "reflection.v1alpha.")));
}

#[tokio::test]
async fn reflection_hands_out_files_with_their_comments_and_knows_health() {
    use prost::Message;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest::FileContainingSymbol;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse::FileDescriptorResponse;
    let server = TestServer::start().await;
    for symbol in ["dsasignal.v1.Listing.title", "google.rpc.Status", "google.rpc.BadRequest", "grpc.health.v1.Health"]
    {
        let answer = reflection!(v1, server.channel().await, FileContainingSymbol(symbol.to_owned()));
        let FileDescriptorResponse(files) = answer else { panic!("{symbol}: {answer:?}") };
        let bytes = &files.file_descriptor_proto[0];
        assert!(pbjson_types::FileDescriptorProto::decode(bytes.as_slice()).is_ok());
        if symbol.starts_with("dsasignal") {
            assert!(String::from_utf8_lossy(bytes).contains("As shown, markup removed"), "comments are served");
        }
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

fn asking(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn health_knows_every_service_and_no_other() {
    let server = TestServer::start().await;
    let mut health = HealthClient::new(server.channel().await);
    for service in ["", SERVICES[0], SERVICES[1]] {
        let state = health.check(asking(service)).await.unwrap().into_inner().status();
        assert_eq!(state, ServingStatus::Serving, "{service:?}");
    }
    let error = health.check(asking("dsasignal.v1.Nothing")).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    let mut unknown = health.watch(asking("dsasignal.v1.Nothing")).await.unwrap().into_inner();
    assert_eq!(unknown.next().await.unwrap().unwrap().status(), ServingStatus::ServiceUnknown);
}

#[tokio::test]
async fn an_unknown_method_is_unimplemented() {
    let server = TestServer::start().await;
    let mut raw = tonic::client::Grpc::new(server.channel().await);
    raw.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<v1::ScoreListingRequest, v1::ScoreListingResponse>::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/dsasignal.v1.ScoringService/Nothing");
    let error = raw.unary(tonic::Request::new(v1::ScoreListingRequest::default()), path, codec).await.unwrap_err();
    assert_eq!(error.code(), Code::Unimplemented);
}

fn item(at: usize) -> v1::StreamScoreListingsRequest {
    v1::StreamScoreListingsRequest { correlation_id: at.to_string(), listing: Some(listing(at)) }
}

async fn next_id(
    answers: &mut (impl Stream<Item = Result<v1::StreamScoreListingsResponse, tonic::Status>> + Unpin),
) -> Result<String, tonic::Status> {
    answers.next().await.expect("a stream ends with a status").map(|answer| answer.correlation_id)
}

#[tokio::test]
async fn the_end_goes_in_steps_and_nothing_received_is_lost() {
    let drain = Drain { grace: Duration::from_millis(600), timeout: Duration::from_secs(5) };
    let mut server = TestServer::start_with(Options { drain, ..Options::default() }).await;
    let mut health = HealthClient::new(server.channel().await);
    let mut watch = health.watch(asking("")).await.unwrap().into_inner();
    assert_eq!(watch.next().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let mut client = server.scoring().await;
    let (send, items) = mpsc::channel(64);
    for at in 0..10 {
        send.send(item(at)).await.unwrap();
    }
    let mut answers = client.stream_score_listings(ReceiverStream::new(items)).await.unwrap().into_inner();
    for at in 0..10 {
        assert_eq!(next_id(&mut answers).await.unwrap(), at.to_string());
    }

    // Step one: health says so first, and everything still works, new connections included.
    server.ask_to_stop();
    assert_eq!(watch.next().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert_eq!(health.check(asking("")).await.unwrap().into_inner().status(), ServingStatus::NotServing);
    send.send(item(10)).await.unwrap();
    assert_eq!(next_id(&mut answers).await.unwrap(), "10");
    let mut late = server.scoring().await;
    assert!(late.score_listing(v1::ScoreListingRequest { listing: Some(listing(1)) }).await.is_ok());

    // Step two: streams end with a status that says what to do; watches end too.
    let error = next_id(&mut answers).await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(error.get_error_details().retry_info().is_some(), "says when to try again");
    assert!(watch.next().await.is_none_or(|last| last.is_err()));
    let address = server.address;
    server.stopped_within(Duration::from_secs(10)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the port is free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_who_never_pauses_gets_an_answer_for_a_prefix_of_what_was_sent() {
    let mut server = TestServer::start().await;
    let mut client = server.scoring().await;
    let items = tokio_stream::iter((0_usize..).map(item));
    let mut answers = client.stream_score_listings(items).await.unwrap().into_inner();
    let mut count = 0;
    let error = loop {
        match next_id(&mut answers).await {
            Ok(id) => assert_eq!(id, count.to_string()),
            Err(error) => break error,
        }
        count += 1;
        if count == 1000 {
            server.ask_to_stop();
        }
    };
    assert_eq!(error.code(), Code::Unavailable);
    assert!(count >= 1000);
    server.stopped_within(Duration::from_secs(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_never_reads_cannot_hold_the_end_up() {
    let drain = Drain { grace: Duration::ZERO, timeout: Duration::from_millis(500) };
    let server = TestServer::start_with(Options { drain, ..Options::default() }).await;
    let mut client = server.scoring().await;
    let items = tokio_stream::iter((0_usize..).map(item));
    let _never_read = client.stream_score_listings(items).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.stopped_within(Duration::from_secs(3)).await;
}

//! Unary calls and batches against a real server: answers, every violation, limits.

#![allow(clippy::expect_used, reason = "what is expected of a server is what is tested")]

mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dsa_signal::domain::{Content, ErrorCode, ServiceError, SubjectKind};
use dsa_signal::grpc::{ERROR_DOMAIN, MessageLimits};
use dsa_signal::service::{PolicyHandle, now};
use dsa_signal::wire::from_proto::{self, Path};
use dsa_signal::wire::v1;
use dsa_signal::wire::v1::score_result::Result as ItemResult;
use support::{Options, TestServer, is_the_answer, listing, post};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

fn bad_listing() -> v1::Listing {
    v1::Listing {
        seller_id: String::new(),
        title: "x".repeat(1025),
        variants: vec![v1::Variant::default(), v1::Variant { name: "y".repeat(513), ..Default::default() }],
        ships_from_country: "UK".into(),
        ..listing(1)
    }
}

const BAD_FIELDS: [&str; 4] = ["seller_id", "title", "variants[1].name", "ships_from_country"];

fn violations(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let info = details.error_info().expect("every error says who it comes from");
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INVALID", ERROR_DOMAIN));
    let bad_request = details.bad_request().expect("INVALID_ARGUMENT carries a BadRequest");
    bad_request.field_violations.iter().map(|violation| violation.field.clone()).collect()
}

fn paths(root: &str) -> Vec<String> {
    BAD_FIELDS.iter().map(|field| format!("{root}.{field}")).collect()
}

#[tokio::test]
async fn a_listing_and_a_post_are_scored() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let request = v1::ScoreListingRequest { listing: Some(listing(7)) };
    let assessment = client.score_listing(request).await.unwrap().into_inner().assessment.unwrap();
    assert!(is_the_answer(&assessment), "{assessment:?}");
    let subject = assessment.subject.unwrap();
    assert_eq!((subject.kind(), subject.id.as_str()), (v1::SubjectKind::Listing, "l-7"));
    assert_eq!(assessment.assessment_id.len(), 36);
    assert_eq!(assessment.policy.unwrap().name, "hand-made");

    let request = v1::ScorePostRequest { post: Some(post(8)) };
    let assessment = client.score_post(request).await.unwrap().into_inner().assessment.unwrap();
    assert!(is_the_answer(&assessment), "{assessment:?}");
    assert_eq!(assessment.subject.unwrap().kind(), v1::SubjectKind::Post);
}

#[tokio::test]
async fn an_explanation_carries_the_same_answer_and_its_trace() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let answer = client.explain_listing(v1::ExplainListingRequest { listing: Some(listing(7)) }).await.unwrap();
    let v1::ExplainListingResponse { assessment, trace } = answer.into_inner();
    assert!(is_the_answer(&assessment.unwrap()));
    let trace = trace.unwrap();
    assert_eq!(trace.fields[0].field_path, "title");
    assert_eq!(trace.signals.len(), support::SIGNALS);
    assert!(trace.counterfactual.is_some());

    let answer = client.explain_post(v1::ExplainPostRequest { post: Some(post(7)) }).await.unwrap().into_inner();
    assert!(is_the_answer(&answer.assessment.unwrap()) && answer.trace.is_some());
}

#[tokio::test]
async fn every_violation_of_a_request_is_told_at_once() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let bad = Some(bad_listing());
    let error = client.score_listing(v1::ScoreListingRequest { listing: bad.clone() }).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(violations(&error), paths("listing"));
    assert!(error.message().contains("listing.title is 1025 bytes; at most 1024"), "{}", error.message());
    let error = client.explain_listing(v1::ExplainListingRequest { listing: bad }).await.unwrap_err();
    assert_eq!(violations(&error), paths("listing"));
    for error in [
        client.score_listing(v1::ScoreListingRequest::default()).await.unwrap_err(),
        client.explain_listing(v1::ExplainListingRequest::default()).await.unwrap_err(),
    ] {
        assert_eq!(violations(&error), ["listing"]);
    }
    for error in [
        client.score_post(v1::ScorePostRequest::default()).await.unwrap_err(),
        client.explain_post(v1::ExplainPostRequest::default()).await.unwrap_err(),
    ] {
        assert_eq!(violations(&error), ["post"]);
    }
}

#[tokio::test]
async fn a_batch_answers_every_item_in_order_and_bad_ones_with_their_own_error() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let listings = (0..1000).map(|at| if at % 100 == 37 { bad_listing() } else { listing(at) }).collect();
    let answer = client.batch_score_listings(v1::BatchScoreListingsRequest { listings }).await.unwrap();
    let results = answer.into_inner().results;
    assert_eq!(results.len(), 1000);
    for (at, result) in results.into_iter().enumerate() {
        assert_eq!(result.index as usize, at);
        match result.result.unwrap() {
            ItemResult::Assessment(assessment) => {
                assert_ne!(at % 100, 37);
                assert_eq!(assessment.subject.unwrap().id, format!("l-{at}"));
            }
            ItemResult::Error(error) => {
                assert_eq!((at % 100, error.code), (37, Code::InvalidArgument as i32));
                assert!(error.message.contains(&format!("listings[{at}].variants[1].name")), "{}", error.message);
                assert_eq!(error.details.len(), 2, "ErrorInfo and BadRequest");
            }
        }
    }
    let posts = vec![post(0), v1::Post::default(), post(2)];
    let answer = client.batch_score_posts(v1::BatchScorePostsRequest { posts }).await.unwrap().into_inner();
    let good: Vec<_> = answer.results.iter().map(|one| matches!(one.result, Some(ItemResult::Assessment(_)))).collect();
    assert_eq!(good, [true, false, true]);
}

#[tokio::test]
async fn a_batch_has_1_to_1000_items() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let error = client.batch_score_listings(v1::BatchScoreListingsRequest::default()).await.unwrap_err();
    assert_eq!((error.code(), violations(&error)), (Code::InvalidArgument, vec!["listings".into()]));
    let posts = vec![post(1); 1001];
    let error = client.batch_score_posts(v1::BatchScorePostsRequest { posts }).await.unwrap_err();
    assert_eq!((error.code(), violations(&error)), (Code::InvalidArgument, vec!["posts".into()]));
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_as_such_and_batches_have_a_limit_of_their_own() {
    let limits = MessageLimits { message: 64 << 10, batch: 1 << 20 };
    let server = TestServer::start_with(Options { limits, ..Options::default() }).await;
    let mut client = server.scoring().await;
    let large = v1::Listing { description: "x".repeat(70 << 10), ..listing(1) };
    let error = client.score_listing(v1::ScoreListingRequest { listing: Some(large) }).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
    assert!(error.message().contains("the limit is: 65536 bytes"), "{}", error.message());
    assert_eq!(error.get_error_details().error_info().unwrap().reason, "TOO_LARGE");

    let listings: Vec<_> = (0..200).map(listing).collect();
    let answer = client.batch_score_listings(v1::BatchScoreListingsRequest { listings }).await.unwrap();
    assert_eq!(answer.into_inner().results.len(), 200);
    let listings: Vec<_> = (0..1100).map(listing).collect();
    let error = client.batch_score_listings(v1::BatchScoreListingsRequest { listings }).await.unwrap_err();
    assert_eq!(error.code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn many_violations_reach_the_client_within_its_header_limit() {
    let server = TestServer::start().await;
    let mut client = server.scoring().await;
    let variants = vec![v1::Variant { name: "y".repeat(513), ..Default::default() }; 256];
    let request = v1::ScoreListingRequest { listing: Some(v1::Listing { variants, ..listing(1) }) };
    let error = client.score_listing(request).await.unwrap_err();
    let fields = violations(&error);
    assert!(fields.len() > 20, "{}", fields.len());
    assert_eq!(fields[19], "listing.variants[19].name");
}

#[tokio::test]
async fn bytes_that_are_no_such_message_are_refused_without_harm_to_the_connection() {
    let server = TestServer::start().await;
    let channel = server.channel().await;
    let mut raw = tonic::client::Grpc::new(channel.clone());
    raw.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<v1::Subject, v1::ScoreListingResponse>::default();
    let path = tonic::codegen::http::uri::PathAndQuery::from_static("/dsasignal.v1.ScoringService/ScoreListing");
    let not_a_listing = Request::new(v1::Subject { kind: 1, id: "x".into() });
    let error = raw.unary(not_a_listing, path, codec).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal, "what gRPC prescribes for messages that cannot be parsed");
    let mut client = dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient::new(channel);
    assert!(client.score_post(v1::ScorePostRequest { post: Some(post(1)) }).await.is_ok());
}

#[tokio::test]
async fn nothing_is_scored_after_its_deadline() {
    // Below the transport, because a client's own timer hides what the server says.
    let policy = Arc::new(PolicyHandle::new(support::pack("d"), now()));
    let scorer = support::scorer(&policy);
    let content = || Content::Post(from_proto::post(Some(post(1)), Path::root("post")).unwrap());
    let (past, ahead) = (Some(Instant::now()), Some(Instant::now() + Duration::from_secs(60)));
    assert!(scorer.score(content(), ahead).await.is_ok() && scorer.score(content(), None).await.is_ok());
    let prepare = |_, ()| -> Result<Content, ServiceError> { panic!("must not be prepared") };
    for code in [
        scorer.score(content(), past).await.unwrap_err().code,
        scorer.explain(content(), past).await.unwrap_err().code,
        scorer.score_batch(vec![(); 10], past, |()| (SubjectKind::Seller, "s"), prepare).await.unwrap_err().code,
    ] {
        assert_eq!(code, ErrorCode::DeadlineExceeded);
    }
}

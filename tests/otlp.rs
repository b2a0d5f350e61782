//! Traces: a real binary, and a collector that takes what it sends. Only where the binary can: `cargo test --features otlp --test otlp`.
#![cfg(all(unix, feature = "otlp"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot run the binary has failed")]

#[path = "support/process.rs"]
mod process;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::wire::v1;
use http_body_util::{BodyExt, Full};
use process::{Served, command};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Request;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, HeaderValue, Request as HttpRequest, Response as HttpResponse};
use tonic::codegen::{BoxFuture, Bytes, Service};
use tonic::server::NamedService;
use tonic::transport::{Channel, Server};

/// Takes everything and keeps the bytes.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<u8>>>);

impl NamedService for Collector {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl Service<HttpRequest<Body>> for Collector {
    type Response = HttpResponse<Body>;
    type Error = Infallible;
    type Future = BoxFuture<HttpResponse<Body>, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<Body>) -> Self::Future {
        let kept = Arc::clone(&self.0);
        Box::pin(async move {
            let sent = request.into_body().collect().await.unwrap().to_bytes();
            kept.lock().unwrap().extend_from_slice(&sent);
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            // One empty message.
            let body = Full::new(Bytes::from_static(&[0; 5])).with_trailers(std::future::ready(Some(Ok(trailers))));
            let response = HttpResponse::builder().header("content-type", "application/grpc");
            Ok(response.body(Body::new(body)).unwrap())
        })
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_becomes_part_of_its_callers_trace_without_its_content() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::default();
    let serving = Server::builder().add_service(collector.clone());
    tokio::spawn(serving.serve_with_incoming(TcpListenerStream::new(listener)));

    let mut served =
        Served::start_by(command().env("DSA_SIGNAL_OTLP_ENDPOINT", endpoint).env("DSA_SIGNAL_OTLP_SHARE", "0"));
    let channel = Channel::from_shared(format!("http://{}", served.address)).unwrap().connect().await.unwrap();
    let mut scoring = ScoringServiceClient::new(channel);
    let listing = |title: &str| v1::Listing {
        listing_id: "l-77001".into(),
        seller_id: "s-77002".into(),
        title: title.into(),
        ..Default::default()
    };
    let call = |title: &str| Request::new(v1::ScoreListingRequest { listing: Some(listing(title)) });
    let mut traced = call("Wooden chair qqzzxx");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    traced.metadata_mut().insert("traceparent", parent.parse().unwrap());
    let decision = scoring.score_listing(traced).await.unwrap().into_inner().assessment.unwrap().assessment_id;
    let untraced =
        scoring.score_listing(call("Garden table")).await.unwrap().into_inner().assessment.unwrap().assessment_id;
    served.ask_to_stop();
    assert!(served.ended_within(Duration::from_secs(20)).success());

    let sent = collector.0.lock().unwrap().clone();
    let trace = [0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36];
    assert!(holds(&sent, &trace), "the caller's trace goes on");
    assert!(holds(&sent, b"dsasignal.v1.ScoringService/ScoreListing") && holds(&sent, decision.as_bytes()));
    assert!(!holds(&sent, untraced.as_bytes()), "nobody asked for that one");
    for private in ["qqzzxx", "l-77001", "s-77002"] {
        assert!(!holds(&sent, private.as_bytes()), "{private}");
    }
}

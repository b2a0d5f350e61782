//! What happens to every call, whatever it is about.
//!
//! Not here: the order of the layers (`server.rs`). Kept true: no content and no identifier of a person is logged; a panic
//! fails one call and not its whole connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tonic::Code;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Request, Response};
use tonic::codegen::{Service, StdError};
use tonic::server::NamedService;

use super::status;
use crate::access::Rpc;

/// Longest identifier of a request that is taken from a caller, bytes.
const LONGEST_REQUEST_ID: usize = 64;

/// A span named after the method. Its fields are the RPC, the request's identifier (the caller's `x-request-id`, or one of ours) and, once
/// there is one, the decision's.
pub(super) fn span(request: &Request<()>) -> tracing::Span {
    let span = tracing::debug_span!(
        "rpc",
        rpc = Rpc::at(request.uri().path()).name(), // not the path: a caller may write anything there
        request_id = tracing::field::Empty,
        decision_id = tracing::field::Empty,
    );
    if !span.is_disabled() {
        match request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).filter(|id| is_request_id(id)) {
            Some(id) => span.record("request_id", id),
            None => span.record("request_id", uuid::Uuid::now_v7().to_string()),
        };
        #[cfg(feature = "otlp")]
        continue_trace(&span, request.headers());
    }
    span
}

/// Makes the span part of the caller's trace, if its headers name one (W3C Trace Context).
#[cfg(feature = "otlp")]
fn continue_trace(span: &tracing::Span, headers: &HeaderMap) {
    use opentelemetry::propagation::Extractor;
    use tracing_opentelemetry::OpenTelemetrySpanExt;

    struct Headers<'a>(&'a HeaderMap);

    impl Extractor for Headers<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key).and_then(|value| value.to_str().ok())
        }

        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(|key| key.as_str()).collect()
        }
    }

    let context = opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&Headers(headers)));
    // It fails where nobody collects traces, and then there is nothing to be part of.
    let _not_traced = span.set_parent(context);
}

/// True for what may stand in a log: no line end, no quote, nothing long.
fn is_request_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.bytes().all(allowed)
}

/// tonic says OUT_OF_RANGE of a message that is too large; the contract and the other gRPC implementations say
/// RESOURCE_EXHAUSTED. No handler of ours says OUT_OF_RANGE, so it can only be that.
pub(super) fn name_oversized(response: Response<Body>) -> Response<Body> {
    match failure(response.headers()) {
        Some(status) if status.code() == Code::OutOfRange => status::unreadable(status).into_http(),
        _ => response,
    }
}

fn failure(headers: &HeaderMap) -> Option<Status> {
    // Reading the status allocates, and success has none here: it comes in the trailers.
    headers.contains_key("grpc-status").then(|| Status::from_header_map(headers)).flatten()
}

/// Turns a panic into INTERNAL. Without it, a panic would end the connection's task and every other call on it.
pub(super) fn catch_panic<F, E>(future: F) -> Caught<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    Caught(Box::pin(future))
}

/// A call that cannot panic.
pub(super) struct Caught<F>(Pin<Box<F>>);

impl<F, E> Future for Caught<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(_) => {
                tracing::error!("a call panicked");
                Poll::Ready(Ok(status::panicked().into_http()))
            }
        }
    }
}

/// One service with two limits: batches may be larger than everything else. tonic has one limit per service.
#[derive(Clone, Debug)]
pub(super) struct BySize<S> {
    /// Takes every other method.
    pub(super) small: S,
    /// Takes batches.
    pub(super) large: S,
}

impl<S: NamedService> NamedService for BySize<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<Request<Body>> for BySize<S>
where
    S: Service<Request<Body>>,
    S::Error: Into<StdError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Both are the same generated service, which is always ready; asking both keeps the rule of `call`.
        match (self.small.poll_ready(cx)?, self.large.poll_ready(cx)?) {
            (Poll::Ready(()), Poll::Ready(())) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if is_batch(&request) { self.large.call(request) } else { self.small.call(request) }
    }
}

/// True for a call that sends a stream and is answered at its end.
pub(super) fn is_upload<B>(request: &Request<B>) -> bool {
    request.uri().path().ends_with("/RecordEvents")
}

/// True for a call that may carry a large message.
pub(super) fn is_batch<B>(request: &Request<B>) -> bool {
    request.uri().path().rsplit('/').next().is_some_and(|method| method.starts_with("Batch"))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_internal_and_says_that_it_was_not_the_request() {
        let panicking =
            async { if true { panic!("a defect") } else { Ok::<_, Infallible>(Response::new(Body::empty())) } };
        let response = catch_panic(panicking).await.unwrap();
        let status = failure(response.headers()).unwrap();
        assert_eq!((status.code(), status.message()), (Code::Internal, "the call failed on a defect of the service"));
    }

    #[test]
    fn only_plain_identifiers_of_callers_reach_the_log() {
        assert!(is_request_id("4bf92f35-77b3.4da6:a_3"));
        for wrong in ["", "a b", "a\n", "\"", "ä", &"a".repeat(65)] {
            assert!(!is_request_id(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn only_an_oversized_message_changes_its_name() {
        let renamed = |status: Status| {
            failure(name_oversized(status.into_http()).headers())
                .map(|status| (status.code(), status.message().to_owned()))
        };
        let words = "Error, decoded message length too large";
        assert_eq!(renamed(Status::out_of_range(words)), Some((Code::ResourceExhausted, words.into())));
        assert_eq!(renamed(Status::not_found("x")), Some((Code::NotFound, "x".into())));
        assert!(failure(name_oversized(Response::new(Body::empty())).headers()).is_none());
    }
}

//! How long a call may take, and how many batches are taken in at a time.
//!
//! Not here: what is done for a call. Kept true: the clock starts when the headers arrive, so that a slow upload counts; what
//! waits for admission has not been read, so it waits at the caller's side of the connection and holds no memory here.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{Request, Response};

use super::deadline::Deadline;
use super::layers::{is_batch, is_upload};
use super::status;

/// Batches read and scored at a time. With the largest message allowed, 16 of them hold a gibibyte.
const BATCHES: usize = 16;
/// Batches from their admission until their answer has been taken. An answer has a few hundred kilobytes, and a client may be slow or may not mean to
/// take it at all.
const UNSENT: usize = 128;
/// For a call without a deadline, and at most. Nothing here takes a second, so this bounds slow uploads. Streams of answers live
/// on: for them it ends with the headers of the answer. A stream of events has no answer before its end, so it has its caller's
/// deadline only.
const LONGEST: Duration = Duration::from_secs(60);

/// As good as without end, for a stream of events.
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);

/// Admits calls.
#[derive(Clone, Debug)]
pub(super) struct Admission<S> {
    inner: S,
    batches: Arc<Semaphore>,
    unsent: Arc<Semaphore>,
}

/// Rides with an answer until it has been taken; `calls.rs` keeps it.
#[derive(Clone, Debug)]
pub(super) struct UnsentPlace {
    _place: Arc<OwnedSemaphorePermit>,
}

impl<S> Admission<S> {
    /// Around a service.
    pub(super) fn new(inner: S) -> Self {
        Admission { inner, batches: Arc::new(Semaphore::new(BATCHES)), unsent: Arc::new(Semaphore::new(UNSENT)) }
    }
}

impl<S> Service<Request<Body>> for Admission<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let deadline = Deadline::arrived(&request);
        let longest = if is_upload(&request) { FOREVER } else { LONGEST };
        let latest = deadline.or_longest(Instant::now() + longest);
        request.extensions_mut().insert(deadline);
        // The one that was asked whether it is ready does the work; its clone stands in for the next call.
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let places = is_batch(&request).then(|| (Arc::clone(&self.unsent), Arc::clone(&self.batches)));
        Box::pin(async move {
            let admitted = async {
                let Some((unsent, batches)) = places else { return ready.call(request).await };
                // In this order, so that whoever waits for a slow reader holds no place of those who work.
                let unsent = unsent.acquire_owned().await.ok();
                let _place = batches.acquire().await.ok();
                let mut response = ready.call(request).await?;
                if let Some(place) = unsent {
                    response.extensions_mut().insert(UnsentPlace { _place: Arc::new(place) });
                }
                Ok(response)
            };
            match tokio::time::timeout_at(latest.into(), admitted).await {
                Ok(answered) => answered,
                Err(_elapsed) => Ok(status::too_late().into_http()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tonic::{Code, Status};
    use tower::service_fn;

    use super::*;

    fn request(method: &str, timeout: &'static str) -> Request<Body> {
        let uri = format!("/dsasignal.v1.ScoringService/{method}");
        Request::builder().uri(uri).header("grpc-timeout", timeout).body(Body::empty()).unwrap()
    }

    fn code(response: &Response<Body>) -> Option<Code> {
        Status::from_header_map(response.headers()).map(|status| status.code())
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_told_so_by_us() {
        let never = service_fn(|_| std::future::pending::<Result<Response<Body>, Infallible>>());
        let response = Admission::new(never).call(request("ScoreListing", "50m")).await.unwrap();
        assert_eq!(code(&response), Some(Code::DeadlineExceeded));
    }

    #[tokio::test]
    async fn batches_wait_for_their_turn_and_other_calls_do_not() {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let mut admission = Admission::new(service_fn(move |request: Request<Body>| {
            let (counted, batch) = (Arc::clone(&counted), is_batch(&request));
            async move {
                counted.fetch_add(1, Ordering::Relaxed);
                if batch {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Infallible>(Response::new(Body::empty()))
            }
        }));
        let mut batches = tokio::task::JoinSet::new();
        for _ in 0..BATCHES + 3 {
            batches.spawn(admission.call(request("BatchScorePosts", "200m")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(begun.load(Ordering::Relaxed), BATCHES);
        assert_eq!(code(&admission.call(request("ScorePost", "1S")).await.unwrap()), None);
        // The first ones give up their places at their deadline; the others have none left either.
        let codes = batches.join_all().await.into_iter().map(|answer| code(&answer.unwrap()));
        assert!(codes.into_iter().all(|code| code == Some(Code::DeadlineExceeded)));
    }
}

//! HTTP/1 for those who watch over the process: `/metrics`, `/healthz`, `/readyz`.
//!
//! Not here: what is counted (its owners), what ready means (`service/readiness.rs`). Kept true: nothing of content or of anybody's identity is to be had here;
//! slow or many readers cost a bounded amount.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::metrics::{PAGE_TYPE, Registry, page};
use crate::service::{Readiness, Stage};

/// Readers at a time: a Prometheus or two, probes, a person.
const READERS: usize = 32;
/// For a request's headers.
const HEADERS: Duration = Duration::from_secs(5);
/// For a connection: scrapers keep theirs between scrapes and open another one without a word.
const LONGEST: Duration = Duration::from_secs(300);
/// After a failed accept.
const BREATH: Duration = Duration::from_millis(100);

/// What there is to be seen.
#[derive(Clone, Debug)]
pub struct Monitor {
    /// What is counted.
    pub registry: Arc<Registry>,
    /// How far the process is.
    pub readiness: Readiness,
}

/// Answers until `stop`.
pub async fn serve(listener: TcpListener, monitor: Monitor, stop: CancellationToken) {
    let readers = Arc::new(Semaphore::new(READERS));
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match (accepted, Arc::clone(&readers).try_acquire_owned()) {
            (Ok((stream, _)), Ok(place)) => {
                tokio::spawn(stop.clone().run_until_cancelled_owned(answer(stream, monitor.clone(), place)));
            }
            (Ok(_), Err(_)) => {} // one too many: closed at once
            (Err(failed), _) => {
                tracing::warn!(kind = ?failed.kind(), "a connection for metrics could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, monitor: Monitor, _place: OwnedSemaphorePermit) {
    let service = service_fn(move |request: Request<Incoming>| {
        let response = respond(request.method(), request.uri().path(), &monitor);
        async move { Ok::<_, Infallible>(response) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(16 << 10)
        .serve_connection(TokioIo::new(stream), service);
    // A reader who breaks off or takes for ever is not worth a word.
    let _ended = tokio::time::timeout(LONGEST, connection).await;
}

fn respond(method: &Method, path: &str, monitor: &Monitor) -> Response<Full<Bytes>> {
    const TEXT: &str = "text/plain; charset=utf-8";
    let (status, kind, body) = match path {
        "/metrics" | "/healthz" | "/readyz" if method != Method::GET && method != Method::HEAD => {
            (StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET\n".to_owned())
        }
        "/metrics" => (StatusCode::OK, PAGE_TYPE, page(&monitor.registry)),
        // Whoever can answer is alive; what it can do is the other question.
        "/healthz" => (StatusCode::OK, TEXT, "alive\n".to_owned()),
        "/readyz" => match monitor.readiness.stage() {
            Stage::Ready => (StatusCode::OK, TEXT, "ready\n".to_owned()),
            Stage::Starting => (StatusCode::SERVICE_UNAVAILABLE, TEXT, "starting\n".to_owned()),
            Stage::Stopping => (StatusCode::SERVICE_UNAVAILABLE, TEXT, "stopping\n".to_owned()),
        },
        _ => (StatusCode::NOT_FOUND, TEXT, "/metrics, /healthz and /readyz are here\n".to_owned()),
    };
    let response = Response::builder().status(status).header(CONTENT_TYPE, kind).header(CACHE_CONTROL, "no-store");
    let response =
        if status == StatusCode::METHOD_NOT_ALLOWED { response.header(ALLOW, "GET, HEAD") } else { response };
    // Headers from constants cannot be wrong; were they, an empty answer would be.
    response.body(Full::from(body)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(monitor: &Monitor, method: Method, path: &str) -> u16 {
        respond(&method, path, monitor).status().as_u16()
    }

    #[test]
    fn ready_is_what_the_process_says_and_alive_is_who_answers() {
        let monitor = Monitor { registry: Arc::default(), readiness: Readiness::default() };
        assert_eq!(status(&monitor, Method::GET, "/readyz"), 503);
        assert_eq!(status(&monitor, Method::GET, "/healthz"), 200);
        monitor.readiness.reach(Stage::Ready);
        assert_eq!(status(&monitor, Method::HEAD, "/readyz"), 200);
        monitor.readiness.reach(Stage::Stopping);
        assert_eq!(status(&monitor, Method::GET, "/readyz"), 503);
        assert_eq!(status(&monitor, Method::GET, "/healthz"), 200);
    }

    #[test]
    fn there_is_nothing_else() {
        let monitor = Monitor { registry: Arc::default(), readiness: Readiness::default() };
        for path in ["/", "/metrics/", "/debug", "//metrics", "/METRICS"] {
            assert_eq!(status(&monitor, Method::GET, path), 404, "{path}");
        }
        assert_eq!(status(&monitor, Method::POST, "/metrics"), 405);
        let page = respond(&Method::GET, "/metrics", &monitor);
        assert!(page.headers()[CONTENT_TYPE].to_str().unwrap().starts_with("application/openmetrics-text"));
    }
}

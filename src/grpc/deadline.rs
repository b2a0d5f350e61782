//! The caller's deadline.
//!
//! Not here: who stops what (`service/`). Kept true: the clock starts when the headers arrive, so that a slow upload counts.

use std::time::{Duration, Instant};

use tonic::codegen::http;

/// Time kept for the way back: an answer that leaves at the deadline comes after it. It also lets our own
/// DEADLINE_EXCEEDED come before the transport's bare CANCELLED.
const WAY_BACK: Duration = Duration::from_millis(2);
/// A century: longer deadlines are none, and an `Instant` might not hold them.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// When the work for a call is no longer worth doing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline of a call; none if the caller set none.
    pub(super) fn of<T>(request: &tonic::Request<T>) -> Option<Instant> {
        request.extensions().get::<Deadline>().and_then(|deadline| deadline.0)
    }
}

/// Notes the deadline of a request that has just arrived.
pub(super) fn note<B>(mut request: http::Request<B>) -> http::Request<B> {
    let header = request.headers().get("grpc-timeout").and_then(|value| value.to_str().ok());
    if let Some(timeout) = header.and_then(parse).filter(|timeout| *timeout < NEVER) {
        let kept = WAY_BACK.min(timeout / 10);
        let deadline = Instant::now().checked_add(timeout - kept);
        request.extensions_mut().insert(Deadline(deadline));
    }
    request
}

/// At most eight digits and a unit, as the gRPC protocol over HTTP/2 writes it.
fn parse(header: &str) -> Option<Duration> {
    let unit = header.chars().next_back()?;
    let digits = header.strip_suffix(unit)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(count * 3600)),
        'M' => Some(Duration::from_secs(count * 60)),
        'S' => Some(Duration::from_secs(count)),
        'm' => Some(Duration::from_millis(count)),
        'u' => Some(Duration::from_micros(count)),
        'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_as_the_protocol_writes_it() {
        for (header, expected) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("250m", Some(Duration::from_millis(250))),
            ("99999999u", Some(Duration::from_micros(99_999_999))),
            ("0n", Some(Duration::ZERO)),
            ("100000000S", None),
            ("5", None),
            ("S", None),
            ("-1S", None),
            ("+1S", None),
            ("1s", None),
            ("1é", None),
            ("", None),
        ] {
            assert_eq!(parse(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_deadline_is_noted_on_arrival_and_absent_without_a_header() {
        let mut request = http::Request::new(());
        assert!(note(http::Request::new(())).extensions().get::<Deadline>().is_none());
        request.headers_mut().insert("grpc-timeout", http::HeaderValue::from_static("1S"));
        let noted = note(request).extensions().get::<Deadline>().and_then(|deadline| deadline.0).unwrap();
        let left = noted - Instant::now();
        assert!(left > Duration::from_millis(900) && left < Duration::from_secs(1), "{left:?}");
    }
}

//! The caller's deadline.
//!
//! Not here: who notes it (`admission.rs`) and who stops what (`service/`). Kept true: no header can make it overflow.

use std::time::{Duration, Instant};

use tonic::codegen::http;

/// Time kept for the way back: an answer that leaves at the deadline comes after it. It also lets our own
/// DEADLINE_EXCEEDED come before the transport's bare CANCELLED.
const WAY_BACK: Duration = Duration::from_millis(2);
/// A century: longer deadlines are none, and an `Instant` might not hold them.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// When the work for a call is no longer worth doing; `None` if the caller did not say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

/// When a call came that has waited since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrived(pub(super) Instant);

impl Deadline {
    /// Of a request whose headers have just arrived, or did when it says so.
    pub(super) fn arrived<B>(request: &http::Request<B>) -> Self {
        let timeout = timeout(request.headers());
        let kept = |timeout: Duration| WAY_BACK.min(timeout / 10);
        let arrived = request.extensions().get::<Arrived>().map_or_else(Instant::now, |arrived| arrived.0);
        Deadline(timeout.and_then(|timeout| arrived.checked_add(timeout - kept(timeout))))
    }

    /// Of a call, as noted when it arrived.
    pub(super) fn of<T>(request: &tonic::Request<T>) -> Option<Instant> {
        request.extensions().get::<Deadline>().and_then(|deadline| deadline.0)
    }

    /// This one, or `longest` where the caller set none or a later one.
    pub(super) fn or_longest(self, longest: Instant) -> Instant {
        self.0.map_or(longest, |deadline| deadline.min(longest))
    }
}

/// How long the caller waits in all; `None` if it did not say.
pub(super) fn timeout(headers: &http::HeaderMap) -> Option<Duration> {
    let header = headers.get("grpc-timeout").and_then(|value| value.to_str().ok());
    header.and_then(parse).filter(|timeout| *timeout < NEVER)
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
    fn a_deadline_counts_from_arrival_and_keeps_time_for_the_way_back() {
        let mut request = http::Request::new(());
        let longest = Instant::now() + Duration::from_secs(60);
        assert_eq!(Deadline::arrived(&request).or_longest(longest), longest);
        request.headers_mut().insert("grpc-timeout", http::HeaderValue::from_static("1S"));
        let left = Deadline::arrived(&request).or_longest(longest) - Instant::now();
        assert!(left > Duration::from_millis(100) && left < Duration::from_millis(999), "{left:?}");
        let earlier = Instant::now() - Duration::from_millis(500);
        request.extensions_mut().insert(Arrived(earlier));
        let left = Deadline::arrived(&request).or_longest(longest) - earlier;
        assert!(left > Duration::from_millis(900) && left < Duration::from_secs(1), "{left:?}");
        request.headers_mut().insert("grpc-timeout", http::HeaderValue::from_static("99999999H"));
        assert_eq!(Deadline::arrived(&request).or_longest(longest), longest);
    }
}

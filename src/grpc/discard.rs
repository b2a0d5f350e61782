//! What a refused call still sends.
//!
//! Not here: who is refused (`guard.rs`). Kept true: what is thrown away is never more than a little, for a moment.
//!
//! A call that is answered before its message has been read is reset (RFC 9113, 8.1), and what is on its way then arrives at a stream that is no longer there.
//! h2 takes a few dozen such frames for an attack (CVE-2025-8671, made you reset) and ends the connection: at the height of an overload, callers who had done
//! nothing wrong lost all their calls. So a message that is on its way is let in, and then refused.

use std::pin::Pin;
use std::time::Duration;

use http_body::Body as HttpBody;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// A message that was sent at once is here by then, also where there is more to read than can be read at once.
const MOMENT: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(2) };
/// The window of a stream: what a client may have sent without hearing from us.
const LITTLE: usize = 256 << 10;

/// Reads a message to its end and keeps nothing of it; gives up soon.
pub(super) async fn discard(body: Body) {
    if !body.is_end_stream() {
        let _elapsed = tokio::time::timeout(MOMENT, to_its_end(body)).await;
    }
}

async fn to_its_end(mut body: Body) {
    let mut left = LITTLE;
    while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(less) => left = less,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, StreamBody};
    use tokio_stream::{StreamExt, iter};
    use tonic::Status;

    use super::*;

    fn body(pieces: usize, pending: bool) -> Body {
        let pieces = iter((0..pieces).map(|_| Ok::<_, Status>(http_body::Frame::data(Bytes::from_static(&[0; 1024])))));
        match pending {
            true => Body::new(StreamBody::new(pieces.chain(tokio_stream::pending())).boxed_unsync()),
            false => Body::new(StreamBody::new(pieces).boxed_unsync()),
        }
    }

    #[tokio::test]
    async fn it_ends_with_the_message_or_soon() {
        for (pieces, pending, waits) in [(0, false, false), (3, false, false), (1000, true, false), (3, true, true)] {
            let begun = std::time::Instant::now();
            discard(body(pieces, pending)).await;
            assert_eq!(begun.elapsed() >= MOMENT, waits, "{pieces} {pending}");
        }
    }
}

//! The first part of a message, before its call waits for a thread.
//!
//! Not here: the order of things (`guard.rs`). Kept true: what is held of a call that is not begun is bounded; a message comes out as it went in.
//!
//! Clients send the headers of all their calls before the messages of any (HTTP/2 takes turns between streams). A call whose turn came between the two would
//! have nothing to do with it, and a queue of such calls would look like none.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body as HttpBody, Frame};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// As much is waited for: a listing has some kilobytes. What is longer is scored on the pool anyway.
const ENOUGH: usize = 64 << 10;

/// For so long. Then the call goes on and waits for the rest like any other.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until a message is there, or enough of it.
pub(super) async fn gather(body: Body) -> Body {
    let mut gathered = Gathered { frames: VecDeque::new(), bytes: 0, body };
    let _elapsed = tokio::time::timeout(PATIENCE, gathered.fill()).await;
    Body::new(gathered)
}

/// What is there, then the rest.
struct Gathered {
    frames: VecDeque<Result<Frame<Bytes>, Status>>,
    bytes: usize,
    body: Body,
}

impl Gathered {
    async fn fill(&mut self) {
        while self.bytes < ENOUGH && !self.body.is_end_stream() {
            let body = &mut self.body;
            let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await else { return };
            let failed = frame.is_err();
            self.bytes += frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
            self.frames.push_back(frame);
            if failed {
                return;
            }
        }
    }
}

impl HttpBody for Gathered {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.body.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, StreamBody};
    use tokio_stream::iter;

    use super::*;

    #[tokio::test]
    async fn a_message_comes_out_as_it_went_in() {
        for lengths in [vec![], vec![0], vec![5], vec![1000, 1, 0, 70_000], vec![60_000; 4]] {
            let pieces: Vec<_> = lengths.iter().map(|length| Bytes::from(vec![7; *length])).collect();
            let frames = pieces.iter().cloned().map(|piece| Ok::<_, Status>(Frame::data(piece)));
            let body = Body::new(StreamBody::new(iter(frames.collect::<Vec<_>>())));
            let whole = gather(body).await.collect().await.unwrap().to_bytes();
            assert_eq!(whole, pieces.concat(), "{lengths:?}");
        }
    }

    #[tokio::test]
    async fn a_message_that_breaks_off_breaks_off() {
        let frames = vec![Ok(Frame::data(Bytes::from_static(b"a"))), Err(Status::cancelled("gone"))];
        let mut body = gather(Body::new(StreamBody::new(iter(frames)))).await;
        assert!(body.frame().await.unwrap().is_ok());
        assert!(body.frame().await.unwrap().is_err());
    }
}

//! A client that costs little: HTTP/2 as it is (`h2`), requests that were encoded before, answers that are counted and hardly looked at.
//!
//! tonic's own client costs about as much as the service it calls, and two processors are all there are. Not here: when calls are made (`drive.rs`).
//! Kept true: the status of every call is read; of every 64th refusal the details are.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Buf, Bytes};
use h2::client::SendRequest;
use http::{HeaderMap, Method, Request, Uri, Version};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tonic::{Code, Status};
use tonic_types::StatusExt;

const SCORE: &str = "/dsasignal.v1.ScoringService/ScoreListing";
const STREAM: &str = "/dsasignal.v1.ScoringService/StreamScoreListings";
const HEALTH: &str = "/grpc.health.v1.Health/Check";
/// A refusal of so many is looked at.
const LOOK: usize = 64;

/// What a call was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) code: Code,
    /// Whether it says when to come back; `None` = nobody has looked.
    pub(crate) retry_info: Option<bool>,
}

/// An HTTP/2 connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    sender: SendRequest<Bytes>,
    driver: AbortHandle,
    score: Request<()>,
    stream: Request<()>,
    health: Request<()>,
}

static REFUSALS: AtomicUsize = AtomicUsize::new(0);

fn request(address: SocketAddr, path: &str) -> Request<()> {
    let uri: Uri = format!("http://{address}{path}").parse().unwrap();
    let request = Request::builder().method(Method::POST).version(Version::HTTP_2).uri(uri);
    request.header("te", "trailers").header("content-type", "application/grpc").body(()).unwrap()
}

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> std::io::Result<Line> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let mut builder = h2::client::Builder::new();
        builder.initial_window_size(1 << 20).initial_connection_window_size(16 << 20).max_send_buffer_size(4 << 20);
        let (sender, connection) = builder.handshake(socket).await.map_err(std::io::Error::other)?;
        let driver = tokio::spawn(async move { drop(connection.await) }).abort_handle();
        let [score, stream, health] = [SCORE, STREAM, HEALTH].map(|path| request(address, path));
        Ok(Line { sender, driver, score, stream, health })
    }

    /// Ends the connection without a word.
    pub(crate) fn cut(&self) {
        self.driver.abort();
    }

    /// Scores one listing.
    pub(crate) async fn score(&self, body: Bytes) -> Result<Told, h2::Error> {
        Ok(self.call(self.score.clone(), body).await?.0)
    }

    /// Asks for health; the answer's bytes.
    pub(crate) async fn health(&self) -> Result<(Told, Vec<u8>), h2::Error> {
        self.call(self.health.clone(), Bytes::from_static(&[0; 5])).await
    }

    async fn call(&self, request: Request<()>, body: Bytes) -> Result<(Told, Vec<u8>), h2::Error> {
        let mut sender = self.sender.clone().ready().await?;
        let (response, mut send) = sender.send_request(request, false)?;
        // An early refusal may come before the request has left; then there is nobody to send it to.
        let _refused_already = send.send_data(body, true);
        let (head, mut body) = response.await?.into_parts();
        if head.headers.contains_key("grpc-status") {
            return Ok((told(&head.headers), Vec::new()));
        }
        let mut first = Vec::new();
        while let Some(data) = body.data().await {
            let data = data?;
            body.flow_control().release_capacity(data.len())?;
            let room = 16_usize.saturating_sub(first.len()).min(data.len());
            first.extend_from_slice(&data[..room]); // answers come in pieces
        }
        let trailers = body.trailers().await?.unwrap_or_default();
        Ok((told(&trailers), first))
    }

    /// Opens a stream of listings.
    pub(crate) async fn stream(&self) -> Result<(Items, Answers), h2::Error> {
        let mut sender = self.sender.clone().ready().await?;
        let (response, send) = sender.send_request(self.stream.clone(), false)?;
        let (head, body) = response.await?.into_parts();
        if head.headers.contains_key("grpc-status") {
            return Err(h2::Reason::REFUSED_STREAM.into()); // an answer of headers alone
        }
        Ok((Items(send), Answers { body, header: Vec::new(), skip: 0 }))
    }
}

/// The way in.
pub(crate) struct Items(h2::SendStream<Bytes>);

impl Items {
    pub(crate) fn send(&mut self, items: Bytes, last: bool) -> Result<(), h2::Error> {
        self.0.send_data(items, last)
    }
}

/// The way out.
pub(crate) struct Answers {
    body: h2::RecvStream,
    header: Vec<u8>,
    skip: usize,
}

impl Answers {
    /// How many answers have come; `None` at the end, with the code of the stream.
    pub(crate) async fn more(&mut self) -> Result<Result<usize, Code>, h2::Error> {
        let Some(data) = self.body.data().await else {
            let trailers = self.body.trailers().await?.unwrap_or_default();
            return Ok(Err(told(&trailers).code));
        };
        let mut data = data?;
        self.body.flow_control().release_capacity(data.len())?;
        let mut whole = 0;
        while data.has_remaining() {
            if self.skip > 0 {
                let step = self.skip.min(data.remaining());
                data.advance(step);
                self.skip -= step;
                whole += usize::from(self.skip == 0);
                continue;
            }
            self.header.push(data.get_u8());
            if let [_, a, b, c, d] = self.header[..] {
                self.skip = u32::from_be_bytes([a, b, c, d]) as usize;
                self.header.clear();
                assert!(self.skip > 0, "an answer is never empty");
            }
        }
        Ok(Ok(whole))
    }
}

fn told(headers: &HeaderMap) -> Told {
    let code = headers.get("grpc-status").map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
    if code == Code::Ok || !REFUSALS.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOK) {
        return Told { code, retry_info: None };
    }
    let status = Status::from_header_map(headers);
    let retry_info = status.map(|status| status.get_error_details().retry_info().is_some());
    Told { code, retry_info }
}

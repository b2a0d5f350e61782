//! Requests as bytes, encoded before the clock starts.
//!
//! Not here: what they say (`common/corpus.rs`). Kept true: framed as gRPC wants them, so that sending is copying.

use bytes::{BufMut, Bytes, BytesMut};
use dsa_signal::wire::v1::{Listing, ScoreListingRequest, StreamScoreListingsRequest};
use prost::Message;

/// Unary requests, framed.
pub(crate) fn requests(listings: &[Listing]) -> Vec<Bytes> {
    listings.iter().map(|listing| frame(&ScoreListingRequest { listing: Some(listing.clone()) })).collect()
}

/// Items of a stream, framed.
pub(crate) fn items(listings: &[Listing]) -> Vec<Bytes> {
    let item = |(at, listing): (usize, &Listing)| {
        let correlation_id = at.to_string();
        frame(&StreamScoreListingsRequest { correlation_id, listing: Some(listing.clone()) })
    };
    listings.iter().enumerate().map(item).collect()
}

/// A message as gRPC frames it: not compressed, its length, its bytes.
pub(crate) fn frame(message: &impl Message) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.encoded_len());
    framed.put_u8(0);
    framed.put_u32(message.encoded_len() as u32);
    message.encode(&mut framed).unwrap();
    framed.freeze()
}

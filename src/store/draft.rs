//! A record on its way into a store.
//!
//! Not here: its place (the backend gives it). Kept true: bytes, digest and keys are made once, on the caller's thread, so that the
//! one who writes only copies.

use crate::domain::{Content, Digest, Record, RecordKind};

use super::canonical::{self, Malformed};
use super::entry::Keys;

/// A record ready to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub(in crate::store) kind: RecordKind,
    pub(in crate::store) id: String,
    pub(in crate::store) body: Vec<u8>,
    pub(in crate::store) body_digest: Digest,
    pub(in crate::store) keys: Keys,
    pub(in crate::store) content: Option<Vec<u8>>,
}

impl Draft {
    /// Of a record without content.
    pub fn new(record: &Record) -> Self {
        let body = canonical::record_bytes(record);
        Draft {
            kind: record.kind(),
            id: record.id().to_owned(),
            body_digest: canonical::content_digest(&body),
            body,
            keys: Keys::of(record),
            content: None,
        }
    }

    /// With content to be kept beside it.
    pub fn with_content(self, content: &Content) -> Self {
        self.with_content_bytes(canonical::content_bytes(content))
    }

    /// With the canonical bytes of content to be kept beside it.
    pub fn with_content_bytes(mut self, bytes: Vec<u8>) -> Self {
        self.content = Some(bytes);
        self
    }

    /// Canonical bytes of the record.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Canonical bytes of its content, if that is kept.
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// From bytes that `body` and `content` gave.
    pub fn from_bytes(body: &[u8], content: Option<&[u8]>) -> Result<Self, Malformed> {
        let mut draft = Draft::new(&canonical::read_record(body)?);
        draft.content = content.map(<[u8]>::to_vec);
        Ok(draft)
    }
}

//! Canonical bytes: the one encoding of a record, over which digests are computed and in which stores keep it.
//!
//! Not here: digests (`chain.rs`), tables (the backends). Kept true: equal records give equal bytes on every machine; what was
//! written once is read for ever, so a new field or word gets a new version or a new number and none is given twice.
//!
//! | value | bytes |
//! |---|---|
//! | record | the version (1 byte: 1), the kind (1 byte), then its fields in the order of the tables in this folder |
//! | decision made under promotions | the version (1 byte: 2), then as in version 1, then the promotions |
//! | content | the version, 1 = listing, 2 = post or 3 = political post (1 byte), then its fields |
//! | integer | little endian, at its width in the domain; a count is 4 bytes |
//! | float | IEEE 754 binary64, little endian: the bits, so a replay is compared by bits |
//! | boolean | 0 or 1 |
//! | word of a closed list | its number in `words.rs`, 1 byte |
//! | text, bytes | count of bytes, then the bytes (UTF-8) |
//! | list, map | count of entries, then the entries; maps in the order of their keys |
//! | optional value | 0, or 1 and the value |
//! | instant | seconds (8 bytes), nanoseconds (4 bytes) |
//!
//! Written by hand instead of borrowed: no encoding of the ecosystem (protobuf least of all) promises that equal values give
//! equal bytes in its next version, and a chain of digests needs exactly that promise.

mod assessment;
mod content;
mod promotion;
mod records;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::{Content, Digest, Promotions, Record, Verdict};
pub(in crate::store) use words::Numbered;

/// The version that is written.
const VERSION: u8 = 1;

/// The version of decisions that were made under promotions; all others stay what they were.
const PROMOTED: u8 = 2;

/// The bytes are no record of a version that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no record that this version can read")]
pub struct Malformed;

/// Writes and reads a value canonically.
pub(in crate::store) trait Canonical: Sized {
    /// Appends the bytes.
    fn write(&self, to: &mut Vec<u8>);
    /// Takes the bytes.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// Bytes still to be read.
#[derive(Debug)]
pub(in crate::store) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    /// A count of things of at least one byte each, so a wrong count cannot claim more memory than there are bytes.
    fn count(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(u32::read(self)?).map_err(|_| Malformed)?;
        if count <= self.rest.len() { Ok(count) } else { Err(Malformed) }
    }
}

/// The canonical bytes of a record.
pub fn record_bytes(record: &Record) -> Vec<u8> {
    match record {
        Record::Decision(decision) => match &decision.assessment.promotions {
            Some(promotions) => {
                let mut bytes = versioned(record);
                if let Some(version) = bytes.first_mut() {
                    *version = PROMOTED;
                }
                promotions.write(&mut bytes);
                bytes
            }
            None => versioned(record),
        },
        _ => versioned(record),
    }
}

/// The record that these bytes are.
pub fn read_record(bytes: &[u8]) -> Result<Record, Malformed> {
    match bytes.split_first() {
        Some((&PROMOTED, rest)) => read_promoted(rest),
        _ => read_versioned(bytes),
    }
}

fn read_promoted(bytes: &[u8]) -> Result<Record, Malformed> {
    let mut reader = Reader { rest: bytes };
    let Record::Decision(mut decision) = Record::read(&mut reader)? else { return Err(Malformed) };
    decision.assessment.promotions = Some(Box::new(Promotions::read(&mut reader)?));
    if reader.rest.is_empty() { Ok(Record::Decision(decision)) } else { Err(Malformed) }
}

/// The canonical bytes of content.
pub fn content_bytes(content: &Content) -> Vec<u8> {
    versioned(content)
}

/// The content that these bytes are.
pub fn read_content(bytes: &[u8]) -> Result<Content, Malformed> {
    read_versioned(bytes)
}

/// BLAKE3 of the canonical bytes of content.
pub fn content_digest(bytes: &[u8]) -> Digest {
    Digest::new(*blake3::hash(bytes).as_bytes())
}

/// The canonical bytes of what the engine concluded: what a replay must reproduce.
pub fn verdict_bytes(verdict: &Verdict) -> Vec<u8> {
    versioned(verdict)
}

fn versioned(value: &impl Canonical) -> Vec<u8> {
    // Half a million events at once are common, and each waits as its bytes; decisions grow a few times.
    let mut bytes = Vec::with_capacity(160);
    bytes.push(VERSION);
    value.write(&mut bytes);
    bytes
}

fn read_versioned<T: Canonical>(bytes: &[u8]) -> Result<T, Malformed> {
    let mut reader = Reader { rest: bytes };
    if u8::read(&mut reader)? != VERSION {
        return Err(Malformed);
    }
    let value = T::read(&mut reader)?;
    // Bytes behind the value would be bytes that a digest covers and nobody sees.
    if reader.rest.is_empty() { Ok(value) } else { Err(Malformed) }
}

/// A struct whose fields are written in this order. Naming every field makes a new one a question to the compiler; those in
/// brackets are told by the number before the fields.
macro_rules! in_order {
    ($($type:ident $([$($told:ident),*])? { $($field:ident),* $(,)? })*) => { $(
        impl $crate::store::canonical::Canonical for $type {
            fn write(&self, to: &mut Vec<u8>) {
                let $type { $($field,)* $($($told: _),*)? } = self;
                $($crate::store::canonical::Canonical::write($field, to);)*
            }

            fn read(
                from: &mut $crate::store::canonical::Reader<'_>,
            ) -> Result<Self, $crate::store::canonical::Malformed> {
                Ok($type {
                    $($field: $crate::store::canonical::Canonical::read(from)?,)*
                    $($($told: Default::default()),*)?
                })
            }
        }
    )* };
}
use in_order;

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl Canonical for $type {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(<$type>::from_le_bytes(from.array()?))
            }
        }
    )* };
}

integers!(u8, u32, u64, i32, i64);

impl Canonical for f64 {
    fn write(&self, to: &mut Vec<u8>) {
        self.to_bits().write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(f64::from_bits(u64::read(from)?))
    }
}

impl Canonical for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match u8::read(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

fn write_bytes(bytes: &[u8], to: &mut Vec<u8>) {
    write_count(bytes.len(), to);
    to.extend_from_slice(bytes);
}

/// Contents are bounded far below four thousand million of anything.
fn write_count(count: usize, to: &mut Vec<u8>) {
    u32::try_from(count).unwrap_or(u32::MAX).write(to);
}

impl Canonical for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.count()?;
        std::str::from_utf8(from.take(count)?).map(str::to_owned).map_err(|_| Malformed)
    }
}

impl Canonical for Cow<'static, str> {
    fn write(&self, to: &mut Vec<u8>) {
        write_bytes(self.as_bytes(), to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        String::read(from).map(Cow::Owned)
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        write_count(self.len(), to);
        self.iter().for_each(|one| one.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.count()?;
        (0..count).map(|_| T::read(from)).collect()
    }
}

impl Canonical for BTreeMap<String, String> {
    fn write(&self, to: &mut Vec<u8>) {
        write_count(self.len(), to);
        for (key, value) in self {
            key.write(to);
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = from.count()?;
        (0..count).map(|_| Ok((String::read(from)?, String::read(from)?))).collect()
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        bool::read(from)?.then(|| T::read(from)).transpose()
    }
}

impl Canonical for Digest {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.array().map(Digest::new)
    }
}

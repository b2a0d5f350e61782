//! How values of the domain stand in columns of a database.
//!
//! Not here: SQL. Kept true: what was written reads back as itself; a value that cannot be read is a damaged table, not a panic.

use crate::domain::{Digest, Subject, Timestamp};

use super::canonical::Numbered;
use super::error::{StoreError, StoreFault};

const MICROS: i64 = 1_000_000;

/// Microseconds since 1970, rounded down.
pub(in crate::store) fn micros(at: Timestamp) -> i64 {
    at.seconds.saturating_mul(MICROS).saturating_add(i64::from(at.nanos / 1000))
}

/// The instant of microseconds since 1970.
pub(in crate::store) fn from_micros(micros: i64) -> Timestamp {
    let nanos = u32::try_from(micros.rem_euclid(MICROS) * 1000).unwrap_or(0);
    Timestamp { seconds: micros.div_euclid(MICROS), nanos }
}

/// A sequence as databases count.
pub(in crate::store) fn signed(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// A sequence as we count.
pub(in crate::store) fn unsigned(sequence: i64) -> Result<u64, StoreError> {
    u64::try_from(sequence).map_err(|_| damaged("sequence"))
}

/// The number of a word.
pub(in crate::store) fn number(word: &impl Numbered) -> i16 {
    i16::from(word.number())
}

/// The word of a number.
pub(in crate::store) fn word<T: Numbered>(number: i16) -> Result<T, StoreError> {
    u8::try_from(number).ok().and_then(T::word).ok_or_else(|| damaged("word"))
}

/// A digest's 32 bytes.
pub(in crate::store) fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest::new).map_err(|_| damaged("digest"))
}

/// A subject, if both of its columns are set.
pub(in crate::store) fn subject(kind: Option<i16>, id: Option<String>) -> Result<Option<Subject>, StoreError> {
    match (kind, id) {
        (Some(kind), Some(id)) => Ok(Some(Subject { kind: word(kind)?, id })),
        (None, None) => Ok(None),
        _ => Err(damaged("subject")),
    }
}

/// A column holds what we never wrote.
pub(in crate::store) fn damaged(column: &'static str) -> StoreError {
    StoreError::new(StoreFault::Corrupt, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_back_to_the_microsecond_also_before_1970() {
        for at in [Timestamp { seconds: 1_700_000_000, nanos: 123_456_000 }, Timestamp { seconds: -1, nanos: 1000 }] {
            assert_eq!(from_micros(micros(at)), at);
        }
    }
}

//! Rows of `entries`: which columns a question asks for, and what they are read as. The same for every database.
//!
//! Not here: how a driver gives a column (each backend). Kept true: a column that holds what we never wrote is a damaged table, not a panic; an entry
//! is made of a row in this one place, so no backend can read one differently.

use crate::domain::Link;

use super::columns::{damaged, digest, from_micros, subject, unsigned, word};
use super::entry::{Entry, Keys};
use super::error::StoreError;

macro_rules! columns {
    () => {
        "c.chain, e.sequence, e.kind, e.recorded_at, e.previous_digest, e.digest, e.body_digest, e.body, e.id, e.about, \
         e.subject_kind, e.subject_id, e.party_kind, e.party_id, e.area, e.action, e.policy, e.amount"
    };
}

/// Every column of an entry, in the order in which `entry` reads them.
pub(in crate::store) const COLUMNS: &str = columns!();

/// Asks for entries.
pub(in crate::store) const ENTRY: &str =
    concat!("SELECT ", columns!(), " FROM entries e JOIN chains c ON c.number = e.chain");

/// What a driver gives: columns by their position, `None` where they are NULL.
pub(in crate::store) trait Row {
    /// The number of a word.
    fn small(&self, at: usize) -> Result<Option<i16>, StoreError>;
    /// A sequence, an instant, an amount.
    fn big(&self, at: usize) -> Result<Option<i64>, StoreError>;
    /// A digest, a body.
    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError>;
    /// An identifier as it was recorded, whatever the database needed to hold it.
    fn text(&self, at: usize) -> Result<Option<String>, StoreError>;
}

/// The entry of a row of `COLUMNS`.
pub(in crate::store) fn entry(row: &impl Row) -> Result<Entry, StoreError> {
    let digest_at = |at| there(row.bytes(at)?).and_then(digest);
    Ok(Entry {
        link: Link {
            chain: there(row.text(0)?)?,
            sequence: unsigned(there(row.big(1)?)?)?,
            recorded_at: from_micros(there(row.big(3)?)?),
            previous_digest: digest_at(4)?,
            digest: digest_at(5)?,
        },
        kind: word(there(row.small(2)?)?)?,
        body_digest: digest_at(6)?,
        body: row.bytes(7)?.map(<[u8]>::to_vec),
        keys: Keys {
            id: row.text(8)?,
            about: row.text(9)?,
            subject: subject(row.small(10)?, row.text(11)?)?,
            party: subject(row.small(12)?, row.text(13)?)?,
            area: row.small(14)?.map(word).transpose()?,
            action: row.small(15)?.map(word).transpose()?,
            policy: row.text(16)?,
            amount: row.big(17)?,
        },
    })
}

/// What no entry is without.
fn there<T>(column: Option<T>) -> Result<T, StoreError> {
    column.ok_or_else(|| damaged("NULL"))
}

//! Rows of records: many with one statement for as long as none of them is known, else one by one.
//!
//! Not here: transactions, places in a chain (`writer.rs`). Kept true: rows go in as they come, and those before a known one are in when that is told.
//!
//! A statement opens a cursor on the table and on each of its indexes and closes them when it ends, and for a small row that costs as much as the
//! row. Measured with a million events: 32 rows to a statement take a third less time than one, and three times as many gain nothing more.

use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, ToSql, ffi};

use super::super::Draft;
use super::super::columns::{micros, number, signed};
use super::super::error::StoreError;
use super::error;
use crate::domain::Link;

/// Rows of a statement.
pub(super) const ROWS: usize = 32;

/// By position: looking eighteen names up costs more than the insertion.
const COLUMNS: [&str; 18] = [
    "chain",
    "sequence",
    "kind",
    "recorded_at",
    "previous_digest",
    "digest",
    "body_digest",
    "body",
    "id",
    "about",
    "subject_kind",
    "subject_id",
    "party_kind",
    "party_id",
    "area",
    "action",
    "policy",
    "amount",
];

/// Passes over a row that is known.
static ONE: LazyLock<String> = LazyLock::new(|| {
    format!("INSERT INTO entries {} ON CONFLICT (kind, id) WHERE id IS NOT NULL DO NOTHING", values(1))
});

/// Fails at the first row that is known and leaves those before it. Any other way out of half a statement would have SQLite keep a copy of
/// every page that it changes, in a file.
static MANY: LazyLock<String> = LazyLock::new(|| format!("INSERT OR FAIL INTO entries {}", values(ROWS)));

/// The columns, and a parameter for each of so many rows.
fn values(rows: usize) -> String {
    let row = format!("({})", ["?"; COLUMNS.len()].join(", "));
    format!("({}) VALUES {}", COLUMNS.join(", "), vec![row; rows].join(", "))
}

/// What records are written with, looked up once for all of a transaction.
pub(super) struct Insertions<'t> {
    connection: &'t Connection,
    chain: i64,
    one: CachedStatement<'t>,
    many: Option<CachedStatement<'t>>,
    content: CachedStatement<'t>,
}

impl<'t> Insertions<'t> {
    /// Into the chain of this number.
    pub(super) fn prepare(connection: &'t Connection, chain: i64) -> Result<Self, StoreError> {
        let content = "INSERT INTO contents (chain, sequence, recorded_at, content) VALUES (?1, ?2, ?3, ?4)";
        let (one, content) = (prepared(connection, &ONE)?, prepared(connection, content)?);
        Ok(Insertions { connection, chain, one, many: None, content })
    }

    /// Inserts a row; false if it is known.
    pub(super) fn one(&mut self, link: &Link, draft: &Draft) -> Result<bool, StoreError> {
        bind(&mut self.one, 0, (self.chain, link, draft))?;
        let new = self.one.raw_execute().map_err(error)? == 1;
        if new { self.content(link, draft).map(|()| true) } else { Ok(false) }
    }

    /// Inserts `ROWS` rows until one is known; gives how many are in.
    pub(super) fn many(&mut self, rows: &[(Link, &Draft)]) -> Result<usize, StoreError> {
        let mut statement = match self.many.take() {
            Some(prepared) => prepared,
            None => prepared(self.connection, &MANY)?,
        };
        for (at, (link, draft)) in rows.iter().enumerate() {
            bind(&mut statement, at, (self.chain, link, draft))?;
        }
        let new = match statement.raw_execute() {
            Ok(new) => new,
            Err(known) if known.sqlite_extended_error_code() == Some(ffi::SQLITE_CONSTRAINT_UNIQUE) => {
                usize::try_from(self.connection.changes()).unwrap_or(0)
            }
            Err(failed) => return Err(error(failed)),
        };
        self.many = Some(statement);
        rows.iter().take(new).try_for_each(|(link, draft)| self.content(link, draft))?;
        Ok(new)
    }

    fn content(&mut self, link: &Link, draft: &Draft) -> Result<(), StoreError> {
        let Some(content) = &draft.content else { return Ok(()) };
        let values = (self.chain, signed(link.sequence), micros(link.recorded_at), content);
        self.content.execute(values).map(drop).map_err(error)
    }
}

fn prepared<'c>(connection: &'c Connection, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).map_err(error)
}

/// Gives a statement the values of its row number `at`.
fn bind(statement: &mut CachedStatement<'_>, at: usize, row: (i64, &Link, &Draft)) -> Result<(), StoreError> {
    let (chain, link, draft) = row;
    let keys = &draft.keys;
    let values: [&dyn ToSql; COLUMNS.len()] = [
        &chain,
        &signed(link.sequence),
        &number(&draft.kind),
        &micros(link.recorded_at),
        &link.previous_digest.bytes(),
        &link.digest.bytes(),
        &draft.body_digest.bytes(),
        &draft.body,
        &keys.id,
        &keys.about,
        &keys.subject.as_ref().map(|subject| number(&subject.kind)),
        &keys.subject.as_ref().map(|subject| &subject.id),
        &keys.party.as_ref().map(|party| number(&party.kind)),
        &keys.party.as_ref().map(|party| &party.id),
        &keys.area.as_ref().map(number),
        &keys.action.as_ref().map(number),
        &keys.policy,
        &keys.amount,
    ];
    let first = at * COLUMNS.len() + 1;
    let mut numbered = (first..).zip(values);
    numbered.try_for_each(|(at, value)| statement.raw_bind_parameter(at, value)).map_err(error)
}

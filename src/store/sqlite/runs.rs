//! Events of parties, whose index is kept in runs.
//!
//! Not here: the index itself (`migrations/sqlite/0005_runs.sql`). Kept true: every event lies in exactly one run, and runs follow on each other
//! as entries do, so reading them one after the other gives a party's events in their order.
//!
//! One index over all events has each new event touch another page, all over a file that grows. With a hundred thousand sellers that was more than half of
//! SQLite's time and nearly half of what it wrote, of a million events; of four million, three quarters of what it wrote. A run is small enough to stay
//! in the processor's cache while it is written, and is never written again. The price is a look into each run by who reads, two microseconds or
//! more, which is why runs are longer in long chains: 16 looks for a million events, 70 for ten million.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::super::columns::{number, signed, subject};
use super::super::entry::{Entry, Place};
use super::super::error::StoreError;
use super::super::row::COLUMNS;
use super::error;
use super::queries::{count, entries};
use crate::domain::{RecordKind, Subject};

/// Entries of a short run, as a power of two.
const SHORT: i64 = 16;
/// Entries of a long run.
const LONG: i64 = 20;
/// Where long runs begin.
const SHORT_UNTIL: i64 = 1 << 22;

/// The run of an entry, as the index says it: SQLite finds an index of expressions by the same expression.
const RUN: &str = "CASE WHEN e.sequence < 4194304 THEN e.sequence >> 16 ELSE 60 + (e.sequence >> 20) END";

/// The run that a sequence is in.
fn run(sequence: i64) -> i64 {
    if sequence < SHORT_UNTIL {
        sequence >> SHORT
    } else {
        (SHORT_UNTIL >> SHORT) - (SHORT_UNTIL >> LONG) + (sequence >> LONG)
    }
}

/// The number of a chain and its last entry.
type End = (i64, i64);

fn ends(connection: &Connection) -> Result<Vec<End>, StoreError> {
    let mut query = connection.prepare_cached("SELECT number, sequence FROM chains ORDER BY number").map_err(error)?;
    let ends = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(error)?;
    ends.collect::<Result<_, _>>().map_err(error)
}

/// Events of a party behind a place, chain by chain in their order, at most `limit`.
pub(super) fn events_of(
    connection: &Connection,
    party: &Subject,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let sql = events_sql();
    let (behind, after) = match after {
        Some(place) => (chain_number(connection, &place.chain)?, signed(place.sequence)),
        None => (0, 0),
    };
    let mut found = Vec::new();
    for (chain, last) in ends(connection)?.into_iter().filter(|(chain, _)| *chain >= behind) {
        let after = if chain == behind { after } else { 0 };
        let left = count(limit - found.len());
        let values = params![chain, run(after), run(last), party.id, number(&party.kind), after, left];
        found.extend(entries(connection, &sql, values)?);
    }
    Ok(found)
}

/// Events of a party in one chain, run by run: a cross join keeps that order. Within a run, an index has rows in the order of their numbers, and those
/// are given as rows are written. So no page is sorted, and none is read twice. One statement, because beginning a statement costs
/// more than three looks.
fn events_sql() -> String {
    format!(
        "WITH RECURSIVE runs (run) AS (VALUES (?2) UNION ALL SELECT run + 1 FROM runs WHERE run < ?3 ORDER BY 1) \
         SELECT {COLUMNS} FROM chains c CROSS JOIN runs CROSS JOIN entries e WHERE c.number = ?1 AND e.chain = ?1 AND {RUN} = \
         runs.run AND e.party_id = ?4 AND e.party_kind = ?5 AND e.kind = {} AND e.rowid > coalesce((SELECT a.rowid FROM \
         entries a WHERE a.chain = ?1 AND a.sequence = ?6), 0) LIMIT ?7",
        number(&RecordKind::Event)
    )
}

/// The number of a chain; 0, which stands before all, of one that is not here.
fn chain_number(connection: &Connection, chain: &str) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce(max(number), 0) FROM chains WHERE chain = ?1";
    connection.query_row(sql, [chain], |row| row.get(0)).map_err(error)
}

/// Parties with events behind one of them, each once, by their identifiers, at most `limit`.
pub(super) fn parties(
    connection: &Connection,
    after: Option<&Subject>,
    limit: usize,
) -> Result<Vec<Subject>, StoreError> {
    let (id, kind) = after.map_or(("", -1), |after| (after.id.as_str(), number(&after.kind)));
    let mut query = connection.prepare_cached(&parties_sql()).map_err(error)?;
    let mut first = BTreeSet::new();
    for (chain, last) in ends(connection)? {
        for run in 0..=run(last) {
            let mut rows = query.query(params![chain, run, id, kind]).map_err(error)?;
            while let Some(row) = rows.next().map_err(error)? {
                let party: (String, i16) = (row.get(0).map_err(error)?, row.get(1).map_err(error)?);
                // A run has its parties in their order: what comes behind the last one of a full page belongs to a later page.
                if first.len() >= limit && first.last().is_none_or(|last| *last <= party) {
                    break;
                }
                first.insert(party);
                if first.len() > limit {
                    first.pop_last();
                }
            }
        }
    }
    let party = |(id, kind)| subject(Some(kind), Some(id)).transpose();
    first.into_iter().filter_map(party).collect()
}

/// Parties of one run.
fn parties_sql() -> String {
    format!(
        "SELECT e.party_id, e.party_kind FROM entries e WHERE e.chain = ?1 AND {RUN} = ?2 AND e.kind = {} AND \
         (e.party_id, e.party_kind) > (?3, ?4) ORDER BY e.party_id, e.party_kind",
        number(&RecordKind::Event)
    )
}

#[cfg(test)]
mod tests;

//! Questions to the file.
//!
//! Not here: writing, what entries mean, events by their party (`runs.rs`). Kept true: every value goes as a parameter; a row that cannot be read is a damaged file.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::super::Cursor;
use super::super::chain::Head;
use super::super::columns::{damaged, digest, micros, number, signed, unsigned};
use super::super::entry::{DecisionQuery, Entry, Place, Tail, TimeRange};
use super::super::error::StoreError;
use super::super::row::{self, ENTRY, entry};
use super::error;
use crate::domain::RecordKind;

pub(super) fn find(connection: &Connection, kind: RecordKind, id: &str) -> Result<Option<Entry>, StoreError> {
    let found = entries(connection, &format!("{ENTRY} WHERE e.kind = ?1 AND e.id = ?2"), params![number(&kind), id]);
    found.map(|found| found.into_iter().next())
}

pub(super) fn about(connection: &Connection, decision_id: &str) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE e.about = ?1 ORDER BY e.recorded_at, e.chain, e.sequence");
    entries(connection, &sql, params![decision_id])
}

pub(super) fn decisions(connection: &Connection, query: &DecisionQuery) -> Result<Vec<Entry>, StoreError> {
    let mut sql = format!("{ENTRY} WHERE e.kind = {} AND e.id IS NOT NULL", number(&RecordKind::Decision));
    let mut values: Vec<Value> = Vec::new();
    let mut clause = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ?{}", values.len()));
        }
    };
    clause("e.action >=", query.at_least.map(|action| number(&action).into()));
    clause("e.area =", query.area.map(|area| number(&area).into()));
    for (columns, asked) in
        [(["e.subject_kind =", "e.subject_id ="], &query.subject), (["e.party_kind =", "e.party_id ="], &query.party)]
    {
        clause(columns[0], asked.as_ref().map(|subject| number(&subject.kind).into()));
        clause(columns[1], asked.as_ref().map(|subject| subject.id.clone().into()));
    }
    clause("e.policy =", query.policy.clone().map(Value::from));
    clause("e.recorded_at >=", query.recorded.since.map(|since| micros(since).into()));
    clause("e.recorded_at <", query.recorded.until.map(|until| micros(until).into()));
    clause("e.id <", query.before_id.clone().map(Value::from));
    values.push(count(query.limit).into());
    sql.push_str(&format!(" ORDER BY e.id DESC LIMIT ?{}", values.len()));
    entries(connection, &sql, params_from_iter(values))
}

pub(super) fn since(
    connection: &Connection,
    mut cursor: Cursor,
    kinds: &[RecordKind],
    limit: usize,
) -> Result<Tail, StoreError> {
    let kinds = match kinds {
        [one] => format!("e.kind = {}", number(one)), // as partial indexes say it
        many => {
            format!("e.kind IN ({})", many.iter().map(|kind| number(kind).to_string()).collect::<Vec<_>>().join(","))
        }
    };
    let sql = format!(
        "{ENTRY} WHERE c.chain = ?1 AND e.sequence > ?2 AND e.sequence <= ?3 AND {kinds} ORDER BY e.sequence LIMIT ?4"
    );
    let mut found = Vec::new();
    // Heads first: what is committed after them is behind the cursor that we give.
    for head in heads(connection)? {
        let (after, left) = (cursor.position(&head.chain), limit - found.len());
        if head.sequence <= after {
            continue;
        }
        let values = params![head.chain, signed(after), signed(head.sequence), count(left)];
        let rows = entries(connection, &sql, values)?;
        let read = if rows.len() < left { Some(head.sequence) } else { rows.last().map(|last| last.link.sequence) };
        cursor.advance(&head.chain, read.unwrap_or(after));
        found.extend(rows);
    }
    Ok(Tail { entries: found, cursor })
}

pub(super) fn allowed(connection: &Connection, recorded: TimeRange) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(amount), 0) FROM entries WHERE amount IS NOT NULL AND recorded_at >= ?1 \
               AND recorded_at < ?2";
    let range = [recorded.since.map_or(i64::MIN, micros), recorded.until.map_or(i64::MAX, micros)];
    let sum = connection.query_row(sql, range, |row| row.get::<_, i64>(0)).map_err(error)?;
    unsigned(sum)
}

pub(super) fn heads(connection: &Connection) -> Result<Vec<Head>, StoreError> {
    let sql = "SELECT chain, sequence, digest FROM chains ORDER BY number";
    let mut query = connection.prepare_cached(sql).map_err(error)?;
    let mut rows = query.query([]).map_err(error)?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        let get = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?));
        let (chain, sequence, bytes) = get(row).map_err(error)?;
        heads.push(Head { chain, sequence: unsigned(sequence)?, digest: digest(&bytes)? });
    }
    Ok(heads)
}

pub(super) fn chain(connection: &Connection, chain: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE c.chain = ?1 AND e.sequence > ?2 ORDER BY e.sequence LIMIT ?3");
    entries(connection, &sql, params![chain, signed(after), count(limit)])
}

pub(super) fn content(connection: &Connection, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
    let sql =
        "SELECT o.content FROM contents o JOIN chains c ON c.number = o.chain WHERE c.chain = ?1 AND o.sequence = ?2";
    let found = connection.query_row(sql, params![place.chain, signed(place.sequence)], |row| row.get(0));
    found.optional().map_err(error)
}

pub(super) fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub(super) fn entries(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = connection.prepare_cached(sql).map_err(error)?;
    let mut rows = query.query(values).map_err(error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        found.push(entry(row)?);
    }
    Ok(found)
}

impl row::Row for Row<'_> {
    fn small(&self, at: usize) -> Result<Option<i16>, StoreError> {
        self.get(at).map_err(error)
    }

    fn big(&self, at: usize) -> Result<Option<i64>, StoreError> {
        self.get(at).map_err(error)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        self.get_ref(at).map_err(error)?.as_blob_or_null().map_err(|_| damaged("type of a column"))
    }

    fn text(&self, at: usize) -> Result<Option<String>, StoreError> {
        self.get(at).map_err(error)
    }
}

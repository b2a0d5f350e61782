//! Questions to the file.
//!
//! Not here: writing, what entries mean. Kept true: every value goes as a parameter; a row that cannot be read is a damaged file.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::super::Cursor;
use super::super::chain::Head;
use super::super::columns::{digest, from_micros, micros, number, signed, subject, unsigned, word};
use super::super::entry::{DecisionQuery, Entry, Keys, Place, Tail, TimeRange};
use super::super::error::StoreError;
use super::error;
use crate::domain::{Link, RecordKind, Subject};

/// Every column of an entry, in the order in which `entry` reads them.
const ENTRY: &str = "SELECT c.chain, e.sequence, e.kind, e.recorded_at, e.previous_digest, e.digest, e.body_digest, \
                     e.body, e.id, e.about, e.subject_kind, e.subject_id, e.party_kind, e.party_id, e.area, e.action, \
                     e.policy, e.amount FROM entries e JOIN chains c ON c.number = e.chain";

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

pub(super) fn events_of(
    connection: &Connection,
    party: &Subject,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    // Rows are numbered as they are written, and an index has its rows in that order: no page is sorted, and none is read twice.
    let sql = format!(
        "{ENTRY} WHERE e.party_id = ?1 AND e.party_kind = ?2 AND e.kind = {} AND e.rowid > coalesce((SELECT a.rowid FROM \
         entries a JOIN chains n ON n.number = a.chain WHERE n.chain = ?3 AND a.sequence = ?4), 0) ORDER BY e.rowid LIMIT ?5",
        number(&RecordKind::Event)
    );
    let (chain, sequence) = after.map_or(("", 0), |place| (place.chain.as_str(), signed(place.sequence)));
    entries(connection, &sql, params![party.id, number(&party.kind), chain, sequence, count(limit)])
}

pub(super) fn parties(
    connection: &Connection,
    after: Option<&Subject>,
    limit: usize,
) -> Result<Vec<Subject>, StoreError> {
    let (id, kind) = after.map_or(("", -1), |after| (after.id.as_str(), number(&after.kind)));
    let sql = format!(
        "SELECT DISTINCT party_kind, party_id FROM entries WHERE kind = {} AND (party_id, party_kind) > (?1, ?2) \
         ORDER BY party_id, party_kind LIMIT ?3",
        number(&RecordKind::Event)
    );
    let mut query = connection.prepare_cached(&sql).map_err(error)?;
    let mut rows = query.query(params![id, kind, count(limit)]).map_err(error)?;
    let mut parties = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        let (kind, id) = (row.get::<_, Option<i16>>(0).map_err(error)?, row.get(1).map_err(error)?);
        parties.extend(subject(kind, id)?);
    }
    Ok(parties)
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

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn entries(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Entry>, StoreError> {
    let mut query = connection.prepare_cached(sql).map_err(error)?;
    let mut rows = query.query(values).map_err(error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(error)? {
        found.push(entry(row)?);
    }
    Ok(found)
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    /// A column by its position.
    fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
        row.get(at).map_err(error)
    }
    let bytes = |at| get::<Vec<u8>>(row, at).and_then(|bytes| digest(&bytes));
    let optional_number = |at| get::<Option<i16>>(row, at);
    Ok(Entry {
        link: Link {
            chain: get(row, 0)?,
            sequence: unsigned(get(row, 1)?)?,
            recorded_at: from_micros(get(row, 3)?),
            previous_digest: bytes(4)?,
            digest: bytes(5)?,
        },
        kind: word(get(row, 2)?)?,
        body_digest: bytes(6)?,
        body: get(row, 7)?,
        keys: Keys {
            id: get(row, 8)?,
            about: get(row, 9)?,
            subject: subject(optional_number(10)?, get(row, 11)?)?,
            party: subject(optional_number(12)?, get(row, 13)?)?,
            area: optional_number(14)?.map(word).transpose()?,
            action: optional_number(15)?.map(word).transpose()?,
            policy: get(row, 16)?,
            amount: get(row, 17)?,
        },
    })
}

//! Questions to the database.
//!
//! Not here: writing, what entries mean. Kept true: every value goes as a parameter; a row that cannot be read is a damaged table.

use std::borrow::Cow;

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql};

use super::super::Cursor;
use super::super::chain::Head;
use super::super::columns::{damaged, digest, micros, number, signed, subject, unsigned};
use super::super::entry::{DecisionQuery, Entry, Place, Tail, TimeRange};
use super::super::error::StoreError;
use super::super::row::{self, ENTRY, entry};
use super::error;
use super::text::{escaped, unescaped};
use crate::domain::{RecordKind, Subject};

/// Parameters of a query.
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

pub(super) async fn find(client: &Object, kind: RecordKind, id: &str) -> Result<Option<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE e.kind = $1 AND e.id = $2");
    entries(client, &sql, &[&number(&kind), &escaped(id)]).await.map(|found| found.into_iter().next())
}

pub(super) async fn about(client: &Object, decision_id: &str) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE e.about = $1 ORDER BY e.recorded_at, e.chain, e.sequence");
    entries(client, &sql, &[&escaped(decision_id)]).await
}

pub(super) async fn decisions(client: &Object, query: &DecisionQuery) -> Result<Vec<Entry>, StoreError> {
    let mut sql = format!("{ENTRY} WHERE e.kind = {} AND e.id IS NOT NULL", number(&RecordKind::Decision));
    let mut values: Vec<Box<dyn ToSql + Sync + Send>> = Vec::new();
    let mut clause = |condition: &str, value: Option<Box<dyn ToSql + Sync + Send>>| {
        if let Some(value) = value {
            values.push(value);
            sql.push_str(&format!(" AND {condition} ${}", values.len()));
        }
    };
    clause("e.action >=", query.at_least.map(|action| boxed(number(&action))));
    clause("e.area =", query.area.map(|area| boxed(number(&area))));
    clause("e.subject_kind =", query.subject.as_ref().map(|subject| boxed(number(&subject.kind))));
    clause("e.subject_id =", query.subject.as_ref().map(|subject| boxed(escaped(&subject.id).into_owned())));
    clause("e.party_kind =", query.party.as_ref().map(|party| boxed(number(&party.kind))));
    clause("e.party_id =", query.party.as_ref().map(|party| boxed(escaped(&party.id).into_owned())));
    clause("e.policy =", query.policy.as_deref().map(|policy| boxed(escaped(policy).into_owned())));
    clause("e.recorded_at >=", query.recorded.since.map(|since| boxed(micros(since))));
    clause("e.recorded_at <", query.recorded.until.map(|until| boxed(micros(until))));
    clause("e.id <", query.before_id.as_deref().map(|id| boxed(escaped(id).into_owned())));
    values.push(boxed(count(query.limit)));
    sql.push_str(&format!(" ORDER BY e.id DESC LIMIT ${}", values.len()));
    let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    entries(client, &sql, &values).await
}

fn boxed(value: impl ToSql + Sync + Send + 'static) -> Box<dyn ToSql + Sync + Send> {
    Box::new(value)
}

pub(super) async fn events_of(
    client: &Object,
    party: &Subject,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let event = number(&RecordKind::Event);
    let sql = format!(
        "{ENTRY} WHERE e.party_id = $1 AND e.party_kind = $2 AND e.kind = {event} AND (e.chain, e.sequence) > \
         (coalesce((SELECT number FROM chains WHERE chain = $3), 0), $4) ORDER BY e.chain, e.sequence LIMIT $5"
    );
    let (chain, sequence) = after.map_or(("", 0), |place| (place.chain.as_str(), signed(place.sequence)));
    entries(client, &sql, &[&escaped(&party.id), &number(&party.kind), &chain, &sequence, &count(limit)]).await
}

pub(super) async fn parties(
    client: &Object,
    after: Option<&Subject>,
    limit: usize,
) -> Result<Vec<Subject>, StoreError> {
    let (id, kind) = after.map_or((Cow::Borrowed(""), -1), |after| (escaped(&after.id), number(&after.kind)));
    let sql = format!(
        "SELECT DISTINCT party_kind, party_id FROM entries WHERE kind = {} AND (party_id, party_kind) > ($1, $2) \
         ORDER BY party_id, party_kind LIMIT $3",
        number(&RecordKind::Event)
    );
    let statement = client.prepare_cached(&sql).await.map_err(error)?;
    let rows = client.query(&statement, &[&id, &kind, &count(limit)]).await.map_err(error)?;
    let party = |row: &Row| subject(get(row, 0)?, get::<Option<String>>(row, 1)?.map(unescaped));
    rows.iter().filter_map(|row| party(row).transpose()).collect()
}

pub(super) async fn since(
    client: &Object,
    cursor: &Cursor,
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
        "{ENTRY} WHERE c.chain = $1 AND e.sequence > $2 AND e.sequence <= $3 AND {kinds} ORDER BY e.sequence LIMIT $4"
    );
    let (mut found, mut cursor) = (Vec::new(), cursor.clone());
    // Heads first: what is committed after them is behind the cursor that we give.
    for head in heads(client).await? {
        let (after, left) = (cursor.position(&head.chain), limit - found.len());
        if head.sequence <= after {
            continue;
        }
        let values: Values<'_> = &[&head.chain, &signed(after), &signed(head.sequence), &count(left)];
        let rows = entries(client, &sql, values).await?;
        let read = if rows.len() < left { Some(head.sequence) } else { rows.last().map(|last| last.link.sequence) };
        cursor.advance(&head.chain, read.unwrap_or(after));
        found.extend(rows);
    }
    Ok(Tail { entries: found, cursor })
}

pub(super) async fn allowed(client: &Object, recorded: TimeRange) -> Result<u64, StoreError> {
    let sql = "SELECT coalesce(sum(amount), 0)::bigint FROM entries WHERE amount IS NOT NULL AND recorded_at >= $1 \
               AND recorded_at < $2";
    let range = [recorded.since.map_or(i64::MIN, micros), recorded.until.map_or(i64::MAX, micros)];
    let row = client.query_one(sql, &[&range[0], &range[1]]).await.map_err(error)?;
    unsigned(get(&row, 0)?)
}

pub(super) async fn heads(client: &Object) -> Result<Vec<Head>, StoreError> {
    let statement = client.prepare_cached("SELECT chain, sequence, digest FROM chains ORDER BY number");
    let rows = client.query(&statement.await.map_err(error)?, &[]).await.map_err(error)?;
    let head =
        |row: &Row| Ok(Head { chain: get(row, 0)?, sequence: unsigned(get(row, 1)?)?, digest: digest(get(row, 2)?)? });
    rows.iter().map(head).collect()
}

pub(super) async fn chain(client: &Object, chain: &str, after: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("{ENTRY} WHERE c.chain = $1 AND e.sequence > $2 ORDER BY e.sequence LIMIT $3");
    entries(client, &sql, &[&chain, &signed(after), &count(limit)]).await
}

pub(super) async fn content(client: &Object, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
    let sql =
        "SELECT o.content FROM contents o JOIN chains c ON c.number = o.chain WHERE c.chain = $1 AND o.sequence = $2";
    let found = client.query_opt(sql, &[&place.chain, &signed(place.sequence)]).await.map_err(error)?;
    found.map(|row| get(&row, 0)).transpose()
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

async fn entries(client: &Object, sql: &str, values: Values<'_>) -> Result<Vec<Entry>, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(error)?;
    let rows = client.query(&statement, values).await.map_err(error)?;
    rows.iter().map(entry).collect()
}

/// A column by its position.
fn get<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, StoreError> {
    row.try_get(at).map_err(|_| damaged("type of a column"))
}

impl row::Row for Row {
    fn small(&self, at: usize) -> Result<Option<i16>, StoreError> {
        get(self, at)
    }

    fn big(&self, at: usize) -> Result<Option<i64>, StoreError> {
        get(self, at)
    }

    fn bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        get(self, at)
    }

    fn text(&self, at: usize) -> Result<Option<String>, StoreError> {
        get::<Option<String>>(self, at).map(|text| text.map(unescaped))
    }
}

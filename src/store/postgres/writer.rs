//! The task that writes: takes what has come together, commits it at once, answers.
//!
//! Not here: reading. Kept true: an answer is sent after its commit; a commit that fails leaves nothing, or (if the connection
//! broke while it ran) nobody knows, and the same identifiers may be sent again without harm.
//!
//! A chain is chosen by `FOR UPDATE SKIP LOCKED`: the first one that no other replica is writing at this moment. So replicas need no
//! names, no leases and no clean-up after a crash.

use std::collections::HashSet;
use std::time::Duration;

use deadpool_postgres::{Object, Pool, Transaction};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;

use super::super::chain::{End, Head};
use super::super::clock::Clock;
use super::super::columns::{self, digest, from_micros, micros, number, signed, unsigned};
use super::super::entry::{Erase, Erased, Place};
use super::super::error::{StoreError, StoreFault};
use super::super::group::{Group, Job};
use super::super::verify::ERASABLE;
use super::super::{Appended, Draft};
use super::text::{escaped, unescaped};
use super::{connection, error, tail};
use crate::domain::{Erasure, Link, Record};

/// A group takes no further call once it has so many records.
const GROUP: usize = 2048;
/// For a group to be committed. A network that swallows packets must not hold callers for longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Two replicas may be told of one event in the same instant; the second one tries again and finds the first one's.
const ATTEMPTS: usize = 5;

/// A unique identifier was there already; and what the server says to a statement that was sent behind that one.
const TOLD_TWICE: [&str; 2] = ["SQLSTATE 23505", "SQLSTATE 25P02"];

/// Writes on one connection of the pool at a time.
pub(super) struct Writer {
    pool: Pool,
    clock: Clock,
    jobs: mpsc::Receiver<Job>,
    changes: watch::Sender<u64>,
}

impl Writer {
    /// Over a pool.
    pub(super) fn new(pool: Pool, clock: Clock, jobs: mpsc::Receiver<Job>, changes: watch::Sender<u64>) -> Self {
        Writer { pool, clock, jobs, changes }
    }

    /// Works until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut next = self.jobs.recv().await;
        while let Some(job) = next.take() {
            match job {
                Job::Append { drafts, answer } => {
                    let (group, other) = Group::gather(drafts, answer, &mut self.jobs, GROUP);
                    next = other;
                    self.keep(group).await;
                }
                Job::Erase { what, answer } => {
                    let _unheard = answer.send(erase(&self.pool, &self.clock, &what).await);
                }
            }
            self.changes.send_modify(|version| *version += 1);
            if next.is_none() {
                next = self.jobs.recv().await;
            }
        }
    }

    async fn keep(&self, group: Group) {
        let drafts: Vec<&Draft> = group.drafts().collect();
        let late = |_| Err(StoreError::new(StoreFault::Unreachable, "no commit in time"));
        let kept = timeout(PATIENCE, append(&self.pool, &self.clock, &drafts)).await.unwrap_or_else(late);
        group.answer(kept);
    }
}

async fn append(pool: &Pool, clock: &Clock, drafts: &[&Draft]) -> Result<Vec<Appended>, StoreError> {
    let mut client = connection(pool).await?;
    let mut attempt = 1;
    loop {
        match append_once(&mut client, clock, drafts).await {
            Err(failed) if TOLD_TWICE.contains(&failed.detail.as_str()) && attempt < ATTEMPTS => attempt += 1,
            // The server has closed the connection, most often while nobody used it: a new one will do. Should the commit have
            // come through all the same, the same identifiers are the same records.
            Err(failed) if failed.fault == StoreFault::Unreachable && client.is_closed() && attempt == 1 => {
                attempt += 1;
                client = connection(pool).await?;
            }
            other => return other,
        }
    }
}

async fn append_once(client: &mut Object, clock: &Clock, drafts: &[&Draft]) -> Result<Vec<Appended>, StoreError> {
    let transaction = client.transaction().await.map_err(error)?;
    // At once: the driver sends both before it waits for either, and a way there and back is half of a small commit.
    let (mut chain, mut seen) = tokio::try_join!(OpenChain::free(&transaction), known(&transaction, drafts))?;
    let mut answers = Vec::with_capacity(drafts.len());
    let mut kept = Vec::with_capacity(drafts.len());
    for draft in drafts {
        if !seen.insert((number(&draft.kind), draft.id.clone())) {
            answers.push(Appended::Duplicate);
            continue;
        }
        let link = chain.end.extend(draft.kind, clock.now(), draft.body_digest);
        answers.push(Appended::Kept(Place { chain: link.chain.clone(), sequence: link.sequence }));
        kept.push((link, *draft));
    }
    tokio::try_join!(insert(&transaction, chain.number, &kept), chain.close(&transaction))?;
    transaction.commit().await.map_err(error)?;
    Ok(answers)
}

/// Which of them are kept already.
async fn known(transaction: &Transaction<'_>, drafts: &[&Draft]) -> Result<HashSet<(i16, String)>, StoreError> {
    let kinds: Vec<i16> = drafts.iter().map(|draft| number(&draft.kind)).collect();
    let ids: Vec<_> = drafts.iter().map(|draft| escaped(&draft.id)).collect();
    // One look into the index for each, and never (as for a plain join of many) a scan of the whole table.
    let sql = "SELECT d.kind, d.id FROM unnest($1::smallint[], $2::text[]) AS d (kind, id) JOIN LATERAL (SELECT 1 FROM \
               entries e WHERE e.kind = d.kind AND e.id = d.id COLLATE \"C\" AND e.id IS NOT NULL LIMIT 1) known ON true";
    let statement = transaction.prepare_cached(sql).await.map_err(error)?;
    let rows = transaction.query(&statement, &[&kinds, &ids]).await.map_err(error)?;
    Ok(rows.iter().map(|row| (row.get(0), unescaped(row.get(1)))).collect())
}

async fn insert(transaction: &Transaction<'_>, chain: i32, kept: &[(Link, &Draft)]) -> Result<(), StoreError> {
    let sql = "INSERT INTO entries (chain, sequence, kind, recorded_at, previous_digest, digest, body_digest, body, id, about, \
               subject_kind, subject_id, party_kind, party_id, area, action, policy, amount) \
               SELECT $1, * FROM unnest($2::bigint[], $3::smallint[], $4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], \
               $8::bytea[], $9::text[], $10::text[], $11::smallint[], $12::text[], $13::smallint[], $14::text[], \
               $15::smallint[], $16::smallint[], $17::text[], $18::bigint[])";
    macro_rules! column {
        ($of:expr) => {
            &kept.iter().map($of).collect::<Vec<_>>()
        };
    }
    let values: [&(dyn ToSql + Sync); 18] = [
        &chain,
        column!(|(link, _)| signed(link.sequence)),
        column!(|(_, draft)| number(&draft.kind)),
        column!(|(link, _)| micros(link.recorded_at)),
        column!(|(link, _)| link.previous_digest.bytes().as_slice()),
        column!(|(link, _)| link.digest.bytes().as_slice()),
        column!(|(_, draft)| draft.body_digest.bytes().as_slice()),
        column!(|(_, draft)| draft.body.as_slice()),
        column!(|(_, draft)| draft.keys.id.as_deref().map(escaped)),
        column!(|(_, draft)| draft.keys.about.as_deref().map(escaped)),
        column!(|(_, draft)| draft.keys.subject.as_ref().map(|subject| number(&subject.kind))),
        column!(|(_, draft)| draft.keys.subject.as_ref().map(|subject| escaped(&subject.id))),
        column!(|(_, draft)| draft.keys.party.as_ref().map(|party| number(&party.kind))),
        column!(|(_, draft)| draft.keys.party.as_ref().map(|party| escaped(&party.id))),
        column!(|(_, draft)| draft.keys.area.as_ref().map(number)),
        column!(|(_, draft)| draft.keys.action.as_ref().map(number)),
        column!(|(_, draft)| draft.keys.policy.as_deref().map(escaped)),
        column!(|(_, draft)| draft.keys.amount),
    ];
    let statement = transaction.prepare_cached(sql).await.map_err(error)?;
    transaction.execute(&statement, &values).await.map_err(error)?;
    let contents: Vec<(&Link, &[u8])> =
        kept.iter().filter_map(|(link, draft)| Some((link, draft.content.as_deref()?))).collect();
    if contents.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO contents (chain, sequence, recorded_at, content) \
               SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bytea[])";
    let sequences: Vec<i64> = contents.iter().map(|(link, _)| signed(link.sequence)).collect();
    let times: Vec<i64> = contents.iter().map(|(link, _)| micros(link.recorded_at)).collect();
    let bytes: Vec<&[u8]> = contents.iter().map(|(_, content)| *content).collect();
    let statement = transaction.prepare_cached(sql).await.map_err(error)?;
    transaction.execute(&statement, &[&chain, &sequences, &times, &bytes]).await.map(drop).map_err(error)
}

/// The chain that this transaction extends, locked until it ends.
struct OpenChain {
    number: i32,
    end: End,
}

impl OpenChain {
    /// One that nobody else is writing; a new one if there is none.
    async fn free(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let sql = "SELECT number, chain, sequence, digest, recorded_at FROM chains ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED";
        let statement = transaction.prepare_cached(sql).await.map_err(error)?;
        if let Some(row) = transaction.query_opt(&statement, &[]).await.map_err(error)? {
            return Self::of(&row);
        }
        let end = End::new_chain();
        let sql = "INSERT INTO chains (chain, sequence, digest) VALUES ($1, 0, $2) RETURNING number";
        let row =
            transaction.query_one(sql, &[&end.head.chain, &end.head.digest.bytes().as_slice()]).await.map_err(error)?;
        Ok(OpenChain { number: row.get(0), end })
    }

    /// A certain one, once whoever holds it has let go of it.
    async fn wait_for(transaction: &Transaction<'_>, number: i32) -> Result<Self, StoreError> {
        let sql = "SELECT number, chain, sequence, digest, recorded_at FROM chains WHERE number = $1 FOR UPDATE";
        let row = transaction.query_one(sql, &[&number]).await.map_err(error)?;
        Self::of(&row)
    }

    fn of(row: &tokio_postgres::Row) -> Result<Self, StoreError> {
        let head = Head { chain: row.get(1), sequence: unsigned(row.get(2))?, digest: digest(row.get(3))? };
        Ok(OpenChain { number: row.get(0), end: End { head, recorded_at: from_micros(row.get(4)) } })
    }

    /// Moves the head, and tells the other replicas once this is committed.
    async fn close(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = format!(
            "WITH moved AS (UPDATE chains SET sequence = $2, digest = $3, recorded_at = $4 WHERE number = $1) \
             SELECT pg_notify('{}', '')",
            tail::CHANNEL
        );
        let statement = transaction.prepare_cached(&sql).await.map_err(error)?;
        let End { head, recorded_at } = &self.end;
        let values: [&(dyn ToSql + Sync); 4] =
            [&self.number, &signed(head.sequence), &head.digest.bytes().as_slice(), &micros(*recorded_at)];
        transaction.execute(&statement, &values).await.map(drop).map_err(error)
    }
}

/// Chain by chain, each in a transaction of its own: whoever writes waits for one of them at most.
async fn erase(pool: &Pool, clock: &Clock, what: &Erase) -> Result<Erased, StoreError> {
    let mut client = connection(pool).await?;
    let chains = client.query("SELECT number FROM chains ORDER BY number", &[]).await.map_err(error)?;
    let mut erased = Erased::default();
    for chain in chains {
        let transaction = client.transaction().await.map_err(error)?;
        let one = erase_in_chain(&transaction, clock, chain.get(0), what).await?;
        transaction.commit().await.map_err(error)?;
        erased.contents += one.contents;
        erased.records += one.records;
    }
    Ok(erased)
}

async fn erase_in_chain(
    transaction: &Transaction<'_>,
    clock: &Clock,
    number: i32,
    what: &Erase,
) -> Result<Erased, StoreError> {
    let mut chain = OpenChain::wait_for(transaction, number).await?;
    let mut erased = Erased::default();
    if let Some(before) = what.contents_before.max(what.records_before) {
        let sql = "DELETE FROM contents WHERE chain = $1 AND recorded_at < $2";
        erased.contents = transaction.execute(sql, &[&number, &micros(before)]).await.map_err(error)?;
    }
    let Some(before) = what.records_before else { return Ok(erased) };
    let sql = "UPDATE entries SET body = NULL, id = NULL, about = NULL, subject_kind = NULL, subject_id = NULL, \
               party_kind = NULL, party_id = NULL, area = NULL, action = NULL, policy = NULL, amount = NULL \
               WHERE chain = $1 AND recorded_at < $2 AND kind = ANY($3) AND body IS NOT NULL";
    let kinds = ERASABLE.map(|kind| columns::number(&kind)).to_vec();
    erased.records = transaction.execute(sql, &[&number, &micros(before), &kinds]).await.map_err(error)?;
    if erased.records > 0 {
        let erasure_id = uuid::Uuid::now_v7().to_string();
        let erasure = Draft::new(&Record::Erasure(Erasure { erasure_id, before, erased: erased.records }));
        let link = chain.end.extend(erasure.kind, clock.now(), erasure.body_digest);
        insert(transaction, number, &[(link, &erasure)]).await?;
        chain.close(transaction).await?;
    }
    Ok(erased)
}

//! The thread that writes: takes what has come together, commits it at once, answers.
//!
//! Not here: reading. Kept true: an answer is sent after its commit; a commit that fails leaves nothing and fails everybody
//! who shared it.
//!
//! Nobody waits for company: while one commit waits for the disk, the next group gathers by itself.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, watch};

use super::super::chain::{End, Head};
use super::super::clock::Clock;
use super::super::columns::{digest, from_micros, micros, number, signed, unsigned};
use super::super::entry::{Erase, Erased, Place};
use super::super::error::StoreError;
use super::super::group::{Group, Job};
use super::super::verify::ERASABLE;
use super::super::{Appended, Draft};
use super::checkpoint::Checkpointer;
use super::error;
use super::rows::{Insertions, ROWS};
use crate::domain::{Erasure, Link, Record, Timestamp};

/// A group takes no further call once it has so many records: some 10 ms of writing.
const GROUP: usize = 4096;

/// Owns the connection that writes.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) clock: Clock,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) changes: watch::Sender<u64>,
    pub(super) checkpointer: Checkpointer,
}

impl Writer {
    /// Works until nobody can ask any more.
    pub(super) fn run(mut self) {
        let mut next = self.jobs.blocking_recv();
        while let Some(job) = next.take() {
            match job {
                Job::Append { drafts, answer } => {
                    let (group, other) = Group::gather(drafts, answer, &mut self.jobs, GROUP);
                    next = other;
                    let drafts: Vec<&Draft> = group.drafts().collect();
                    let kept = append(&mut self.connection, &self.clock, &drafts);
                    self.checkpointer.committed(drafts.len());
                    group.answer(kept);
                }
                Job::Erase { what, answer } => {
                    let erased = erase(&mut self.connection, &self.clock, &what);
                    let _unheard = answer.send(erased);
                }
            }
            self.changes.send_modify(|version| *version += 1);
            next = next.or_else(|| self.jobs.blocking_recv());
        }
    }
}

fn append(connection: &mut Connection, clock: &Clock, drafts: &[&Draft]) -> Result<Vec<Appended>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let mut chain = OpenChain::first(&transaction, clock)?;
    let answers = chain.keep_all(&mut Insertions::prepare(&transaction, chain.number)?, drafts)?;
    chain.close(&transaction)?;
    transaction.commit().map_err(error)?;
    Ok(answers)
}

/// The chain that this transaction extends. A file has one writer at a time, so its first chain is always free.
struct OpenChain<'c> {
    number: i64,
    end: End,
    clock: &'c Clock,
}

impl<'c> OpenChain<'c> {
    fn first(transaction: &Transaction<'_>, clock: &'c Clock) -> Result<Self, StoreError> {
        let sql = "SELECT number, chain, sequence, digest, recorded_at FROM chains ORDER BY number LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| {
            let (number, chain) = (row.get::<_, i64>(0)?, row.get::<_, String>(1)?);
            Ok((number, chain, row.get::<_, i64>(2)?, row.get::<_, Vec<u8>>(3)?, row.get::<_, i64>(4)?))
        };
        let found = transaction.prepare_cached(sql).and_then(|mut query| query.query_row([], row).optional());
        if let Some((number, chain, sequence, bytes, recorded_at)) = found.map_err(error)? {
            let head = Head { chain, sequence: unsigned(sequence)?, digest: digest(&bytes)? };
            return Ok(OpenChain { number, end: End { head, recorded_at: from_micros(recorded_at) }, clock });
        }
        let end = End::new_chain();
        let sql = "INSERT INTO chains (chain, sequence, digest) VALUES (?1, 0, ?2)";
        transaction.execute(sql, params![end.head.chain, end.head.digest.bytes()]).map_err(error)?;
        Ok(OpenChain { number: transaction.last_insert_rowid(), end, clock })
    }

    /// Keeps records in this order.
    fn keep_all(&mut self, insertions: &mut Insertions<'_>, drafts: &[&Draft]) -> Result<Vec<Appended>, StoreError> {
        let mut answers = Vec::with_capacity(drafts.len());
        let mut known_before = false;
        for rows in drafts.chunks(ROWS) {
            let first = answers.len();
            // Where one is known, the next ones often are too: a file that is imported again.
            if rows.len() == ROWS && !known_before {
                self.keep_rows(insertions, rows, &mut answers)?;
            }
            for draft in rows.iter().skip(answers.len() - first) {
                answers.push(self.keep(insertions, draft)?);
            }
            known_before = answers.iter().skip(first).any(|answer| *answer == Appended::Duplicate);
        }
        Ok(answers)
    }

    /// Keeps records until one is known.
    fn keep_rows(
        &mut self,
        insertions: &mut Insertions<'_>,
        drafts: &[&Draft],
        answers: &mut Vec<Appended>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(ROWS);
        let (end, clock) = (&mut self.end, self.clock);
        rows.extend(drafts.iter().map(|draft| (end.extend(draft.kind, clock.now(), draft.body_digest), *draft)));
        let new = insertions.many(&rows)?;
        if let Some((first_left, _)) = rows.get(new) {
            (end.head.sequence, end.head.digest) = (first_left.sequence - 1, first_left.previous_digest);
        }
        let kept = |(link, _): (Link, _)| Appended::Kept(Place { chain: link.chain, sequence: link.sequence });
        answers.extend(rows.into_iter().take(new).map(kept));
        Ok(())
    }

    fn keep(&mut self, insertions: &mut Insertions<'_>, draft: &Draft) -> Result<Appended, StoreError> {
        let before = (self.end.head.sequence, self.end.head.digest);
        let link = self.end.extend(draft.kind, self.clock.now(), draft.body_digest);
        if insertions.one(&link, draft)? {
            return Ok(Appended::Kept(Place { chain: link.chain, sequence: link.sequence }));
        }
        (self.end.head.sequence, self.end.head.digest) = before;
        Ok(Appended::Duplicate)
    }

    fn close(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "UPDATE chains SET sequence = ?2, digest = ?3, recorded_at = ?4 WHERE number = ?1";
        let End { head, recorded_at } = &self.end;
        let values = params![self.number, signed(head.sequence), head.digest.bytes(), micros(*recorded_at)];
        let updated = transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        updated.map(drop).map_err(error)
    }
}

fn erase(connection: &mut Connection, clock: &Clock, what: &Erase) -> Result<Erased, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let mut erased = Erased::default();
    let contents = what.contents_before.max(what.records_before);
    if let Some(before) = contents {
        let sql = "DELETE FROM contents WHERE recorded_at < ?1";
        erased.contents = transaction.execute(sql, [micros(before)]).map_err(error)? as u64;
    }
    if let Some(before) = what.records_before {
        let mut chain = OpenChain::first(&transaction, clock)?;
        erased.records = erase_records(&transaction, chain.number, before)?;
        if erased.records > 0 {
            let erasure_id = uuid::Uuid::now_v7().to_string();
            let erasure = Record::Erasure(Erasure { erasure_id, before, erased: erased.records });
            chain.keep(&mut Insertions::prepare(&transaction, chain.number)?, &Draft::new(&erasure))?;
        }
        chain.close(&transaction)?;
    }
    transaction.commit().map_err(error)?;
    Ok(erased)
}

fn erase_records(transaction: &Transaction<'_>, chain: i64, before: Timestamp) -> Result<u64, StoreError> {
    let [one, two, three, four] = ERASABLE.map(|kind| number(&kind));
    let sql = "UPDATE entries SET body = NULL, id = NULL, about = NULL, subject_kind = NULL, subject_id = NULL, \
               party_kind = NULL, party_id = NULL, area = NULL, action = NULL, policy = NULL, amount = NULL \
               WHERE chain = ?1 AND recorded_at < ?2 AND kind IN (?3, ?4, ?5, ?6) AND body IS NOT NULL";
    let erased = transaction.execute(sql, params![chain, micros(before), one, two, three, four]);
    erased.map(|rows| rows as u64).map_err(error)
}

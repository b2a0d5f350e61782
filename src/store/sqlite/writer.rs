//! The thread that writes: takes what has come together, commits it at once, answers.
//!
//! Not here: reading. Kept true: an answer is sent after its commit; a commit that fails leaves nothing and fails everybody
//! who shared it.
//!
//! Nobody waits for company: while one commit waits for the disk, the next group gathers by itself.

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::sync::{mpsc, watch};

use super::super::chain::Head;
use super::super::columns::{digest, micros, now, number, signed, unsigned};
use super::super::entry::{Erase, Erased, Place};
use super::super::error::StoreError;
use super::super::group::{Group, Job};
use super::super::verify::ERASABLE;
use super::super::{Appended, Draft};
use super::error;
use crate::domain::{Erasure, Record, Timestamp};

/// A group takes no further call once it has so many records: some 10 ms of writing.
const GROUP: usize = 4096;

/// Owns the connection that writes.
pub(super) struct Writer {
    connection: Connection,
    jobs: mpsc::Receiver<Job>,
    changes: watch::Sender<u64>,
}

impl Writer {
    /// Over a connection.
    pub(super) fn new(connection: Connection, jobs: mpsc::Receiver<Job>, changes: watch::Sender<u64>) -> Self {
        Writer { connection, jobs, changes }
    }

    /// Works until nobody can ask any more.
    pub(super) fn run(mut self) {
        let mut next = self.jobs.blocking_recv();
        while let Some(job) = next.take() {
            match job {
                Job::Append { drafts, answer } => {
                    let (group, other) = Group::gather(drafts, answer, &mut self.jobs, GROUP);
                    next = other;
                    let kept = append(&mut self.connection, group.drafts());
                    group.answer(kept);
                }
                Job::Erase { what, answer } => {
                    let erased = erase(&mut self.connection, &what);
                    let _unheard = answer.send(erased);
                }
            }
            self.changes.send_modify(|version| *version += 1);
            next = next.or_else(|| self.jobs.blocking_recv());
        }
    }
}

fn append<'a>(
    connection: &mut Connection,
    drafts: impl Iterator<Item = &'a Draft>,
) -> Result<Vec<Appended>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let mut chain = OpenChain::first(&transaction)?;
    let answers = {
        let mut insertions = Insertions::prepare(&transaction)?;
        drafts.map(|draft| chain.keep(&mut insertions, draft)).collect::<Result<_, _>>()?
    };
    chain.close(&transaction)?;
    transaction.commit().map_err(error)?;
    Ok(answers)
}

/// What a record is written with, looked up once for all records of a transaction.
struct Insertions<'t> {
    entry: CachedStatement<'t>,
    content: CachedStatement<'t>,
}

impl<'t> Insertions<'t> {
    fn prepare(transaction: &'t Transaction<'_>) -> Result<Self, StoreError> {
        // By position: looking eighteen names up costs more than the insertion.
        let entry = "INSERT INTO entries (chain, sequence, kind, recorded_at, previous_digest, digest, body_digest, body, id, \
                     about, subject_kind, subject_id, party_kind, party_id, area, action, policy, amount) VALUES (?1, ?2, \
                     ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
                     ON CONFLICT (kind, id) WHERE id IS NOT NULL DO NOTHING";
        let content = "INSERT INTO contents (chain, sequence, recorded_at, content) VALUES (?1, ?2, ?3, ?4)";
        let prepare = |sql| transaction.prepare_cached(sql).map_err(error);
        Ok(Insertions { entry: prepare(entry)?, content: prepare(content)? })
    }
}

/// The chain that this transaction extends. A file has one writer at a time, so its first chain is always free.
struct OpenChain {
    number: i64,
    head: Head,
}

impl OpenChain {
    fn first(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let sql = "SELECT number, chain, sequence, digest FROM chains ORDER BY number LIMIT 1";
        let row = |row: &rusqlite::Row<'_>| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, row.get::<_, Vec<u8>>(3)?))
        };
        let found = transaction.prepare_cached(sql).and_then(|mut query| query.query_row([], row).optional());
        if let Some((number, chain, sequence, bytes)) = found.map_err(error)? {
            let head = Head { chain, sequence: unsigned(sequence)?, digest: digest(&bytes)? };
            return Ok(OpenChain { number, head });
        }
        let head = Head::new_chain();
        let sql = "INSERT INTO chains (chain, sequence, digest) VALUES (?1, 0, ?2)";
        transaction.execute(sql, params![head.chain, head.digest.bytes()]).map_err(error)?;
        Ok(OpenChain { number: transaction.last_insert_rowid(), head })
    }

    fn keep(&mut self, insertions: &mut Insertions<'_>, draft: &Draft) -> Result<Appended, StoreError> {
        let before = (self.head.sequence, self.head.digest);
        let link = self.head.extend(draft.kind, now(), draft.body_digest);
        let keys = &draft.keys;
        let values = params![
            self.number,
            signed(link.sequence),
            number(&draft.kind),
            micros(link.recorded_at),
            link.previous_digest.bytes(),
            link.digest.bytes(),
            draft.body_digest.bytes(),
            draft.body,
            keys.id,
            keys.about,
            keys.subject.as_ref().map(|subject| number(&subject.kind)),
            keys.subject.as_ref().map(|subject| &subject.id),
            keys.party.as_ref().map(|party| number(&party.kind)),
            keys.party.as_ref().map(|party| &party.id),
            keys.area.as_ref().map(number),
            keys.action.as_ref().map(number),
            keys.policy,
            keys.amount,
        ];
        if insertions.entry.execute(values).map_err(error)? == 0 {
            (self.head.sequence, self.head.digest) = before;
            return Ok(Appended::Duplicate);
        }
        if let Some(content) = &draft.content {
            let values = params![self.number, signed(link.sequence), micros(link.recorded_at), content];
            insertions.content.execute(values).map_err(error)?;
        }
        Ok(Appended::Kept(Place { chain: link.chain, sequence: link.sequence }))
    }

    fn close(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let sql = "UPDATE chains SET sequence = ?2, digest = ?3 WHERE number = ?1";
        let values = params![self.number, signed(self.head.sequence), self.head.digest.bytes()];
        let updated = transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        updated.map(drop).map_err(error)
    }
}

fn erase(connection: &mut Connection, what: &Erase) -> Result<Erased, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let mut erased = Erased::default();
    let contents = what.contents_before.max(what.records_before);
    if let Some(before) = contents {
        let sql = "DELETE FROM contents WHERE recorded_at < ?1";
        erased.contents = transaction.execute(sql, [micros(before)]).map_err(error)? as u64;
    }
    if let Some(before) = what.records_before {
        let mut chain = OpenChain::first(&transaction)?;
        erased.records = erase_records(&transaction, chain.number, before)?;
        if erased.records > 0 {
            let erasure_id = uuid::Uuid::now_v7().to_string();
            let erasure = Record::Erasure(Erasure { erasure_id, before, erased: erased.records });
            chain.keep(&mut Insertions::prepare(&transaction)?, &Draft::new(&erasure))?;
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

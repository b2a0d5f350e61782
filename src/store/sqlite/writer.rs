//! The thread that writes: takes what has come together, commits it at once, answers.
//!
//! Not here: reading. Kept true: an answer is sent after its commit; a commit that fails leaves nothing and fails everybody
//! who shared it.
//!
//! Nobody waits for company: while one commit waits for the disk, the next group gathers by itself.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params, params};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::chain::Head;
use super::super::columns::{digest, micros, now, number, signed, unsigned};
use super::super::entry::{Erase, Erased, Place};
use super::super::error::StoreError;
use super::super::verify::ERASABLE;
use super::super::{Appended, Draft};
use super::error;
use crate::domain::{Erasure, Record, Timestamp};

/// A group takes no further call once it has so many records: some 10 ms of writing.
const GROUP: usize = 4096;

/// What the writer can be asked to do.
pub(super) enum Job {
    /// Keep records.
    Append {
        /// In this order.
        drafts: Vec<Draft>,
        /// One for each.
        answer: oneshot::Sender<Result<Vec<Appended>, StoreError>>,
    },
    /// Erase records.
    Erase {
        /// Which.
        what: Erase,
        /// How many.
        answer: oneshot::Sender<Result<Erased, StoreError>>,
    },
}

/// An `Append` without its name.
type Append = (Vec<Draft>, oneshot::Sender<Result<Vec<Appended>, StoreError>>);

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
                    let mut group = vec![(drafts, answer)];
                    next = self.gather(&mut group);
                    self.keep(group);
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

    /// Takes what waits. Gives the first job that does not belong into the group.
    fn gather(&mut self, group: &mut Vec<Append>) -> Option<Job> {
        let mut records: usize = group.iter().map(|(drafts, _)| drafts.len()).sum();
        while records < GROUP {
            match self.jobs.try_recv() {
                Ok(Job::Append { drafts, answer }) => {
                    records += drafts.len();
                    group.push((drafts, answer));
                }
                Ok(other) => return Some(other),
                Err(_empty) => return None,
            }
        }
        None
    }

    fn keep(&mut self, group: Vec<Append>) {
        let kept = append(&mut self.connection, group.iter().map(|(drafts, _)| drafts));
        if let Err(error) = &kept {
            tracing::error!(%error, "records were not kept");
        }
        let mut answers = kept.map(Vec::into_iter);
        for (_, answer) in group {
            // Whoever has gone does not miss the answer; what was kept stays kept.
            let _unheard = answer.send(match &mut answers {
                Ok(answers) => Ok(answers.next().unwrap_or_default()),
                Err(error) => Err(error.clone()),
            });
        }
    }
}

fn append<'a>(
    connection: &mut Connection,
    group: impl Iterator<Item = &'a Vec<Draft>>,
) -> Result<Vec<Vec<Appended>>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let mut chain = OpenChain::first(&transaction)?;
    let mut answers = Vec::new();
    for drafts in group {
        answers.push(drafts.iter().map(|draft| chain.keep(&transaction, draft)).collect::<Result<_, _>>()?);
    }
    chain.close(&transaction)?;
    transaction.commit().map_err(error)?;
    Ok(answers)
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

    fn keep(&mut self, transaction: &Transaction<'_>, draft: &Draft) -> Result<Appended, StoreError> {
        let before = self.head.clone();
        let link = self.head.extend(draft.kind, now(), draft.body_digest);
        let sql = "INSERT INTO entries (chain, sequence, kind, recorded_at, previous_digest, digest, body_digest, body, id, \
                   about, subject_kind, subject_id, party_kind, party_id, area, action, policy, amount) VALUES (:chain, \
                   :sequence, :kind, :recorded_at, :previous, :digest, :body_digest, :body, :id, :about, :subject_kind, \
                   :subject_id, :party_kind, :party_id, :area, :action, :policy, :amount) \
                   ON CONFLICT (kind, id) WHERE id IS NOT NULL DO NOTHING";
        let keys = &draft.keys;
        let inserted = transaction.prepare_cached(sql).and_then(|mut statement| {
            statement.execute(named_params! {
                ":chain": self.number,
                ":sequence": signed(link.sequence),
                ":kind": number(&draft.kind),
                ":recorded_at": micros(link.recorded_at),
                ":previous": link.previous_digest.bytes(),
                ":digest": link.digest.bytes(),
                ":body_digest": draft.body_digest.bytes(),
                ":body": draft.body,
                ":id": keys.id,
                ":about": keys.about,
                ":subject_kind": keys.subject.as_ref().map(|subject| number(&subject.kind)),
                ":subject_id": keys.subject.as_ref().map(|subject| &subject.id),
                ":party_kind": keys.party.as_ref().map(|party| number(&party.kind)),
                ":party_id": keys.party.as_ref().map(|party| &party.id),
                ":area": keys.area.as_ref().map(number),
                ":action": keys.action.as_ref().map(number),
                ":policy": keys.policy,
                ":amount": keys.amount,
            })
        });
        if inserted.map_err(error)? == 0 {
            self.head = before;
            return Ok(Appended::Duplicate);
        }
        if let Some(content) = &draft.content {
            let sql = "INSERT INTO contents (chain, sequence, recorded_at, content) VALUES (?1, ?2, ?3, ?4)";
            let values = params![self.number, signed(link.sequence), micros(link.recorded_at), content];
            transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map_err(error)?;
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
            chain.keep(&transaction, &Draft::new(&erasure))?;
        }
        chain.close(&transaction)?;
    }
    transaction.commit().map_err(error)?;
    Ok(erased)
}

fn erase_records(transaction: &Transaction<'_>, chain: i64, before: Timestamp) -> Result<u64, StoreError> {
    let [one, two, three] = ERASABLE.map(|kind| number(&kind));
    let sql = "UPDATE entries SET body = NULL, id = NULL, about = NULL, subject_kind = NULL, subject_id = NULL, \
               party_kind = NULL, party_id = NULL, area = NULL, action = NULL, policy = NULL, amount = NULL \
               WHERE chain = ?1 AND recorded_at < ?2 AND kind IN (?3, ?4, ?5) AND body IS NOT NULL";
    let erased = transaction.execute(sql, params![chain, micros(before), one, two, three]);
    erased.map(|rows| rows as u64).map_err(error)
}

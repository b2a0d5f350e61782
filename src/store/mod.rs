//! The store: where records are kept, in chains that show every change.
//!
//! Not here: what is worth recording (`service/`), SQL (the backends). Kept true: what `append` has answered is on disk; a record
//! is never changed, only erased under an entry that says so; every backend passes `tests/store_conformance.rs`.
//!
//! **Chains.** A record's digest covers its canonical bytes and the digest before it. Whoever writes takes a chain that nobody else
//! is writing, extends it in one transaction and lets go of it: one process alone has one chain, five replicas have at most five,
//! and no chain belongs to a process that could die with it.
//!
//! **Reading on.** A sequence over all chains would have gaps while transactions are open, and a reader who trusts it
//! misses what commits late. A chain has none, because its sequence is given under its lock. So a `Cursor` is a
//! position in each chain, and whoever reads on from it misses nothing.

pub mod canonical;
mod chain;
mod clock;
mod columns;
mod cursor;
mod draft;
mod entry;
mod error;
mod group;
mod location;
mod memory;
mod postgres;
mod reading;
mod row;
mod sqlite;
mod verify;

use std::fmt;
use std::pin::Pin;

use tokio::sync::watch;

use crate::domain::{RecordKind, Subject};

pub use chain::Head;
pub use clock::Clock;
pub use cursor::Cursor;
pub use draft::Draft;
pub use entry::{DecisionQuery, Entry, Erase, Erased, Keys, Place, Tail, TimeRange};
pub use error::{StoreError, StoreFault};
pub use location::{Location, open, open_with};
pub use verify::{ChainVerifier, Fault};

/// What a store answers, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is kept, here.
    Kept(Place),
    /// A record of this kind and identifier was kept before; that one stays.
    Duplicate,
}

/// Where records are kept. Entries come and go as they are stored; `reading.rs` adds what they mean.
///
/// Boxed futures, so that a process can hold `Arc<dyn Store>` and choose its backend at start: an allocation is nothing
/// beside a commit.
pub trait Store: fmt::Debug + Send + Sync {
    /// Keeps records, all or none, in this order in one chain. One answer for each. They are durable when it resolves; drafts of
    /// callers at the same time share a commit.
    fn append(&self, drafts: Vec<Draft>) -> Answer<'_, Vec<Appended>>;

    /// The record of a kind with an identifier.
    fn find<'a>(&'a self, kind: RecordKind, id: &'a str) -> Answer<'a, Option<Entry>>;

    /// Outcomes and notices that name a decision, oldest first.
    fn about<'a>(&'a self, decision_id: &'a str) -> Answer<'a, Vec<Entry>>;

    /// Decisions, newest identifier first.
    fn decisions<'a>(&'a self, query: &'a DecisionQuery) -> Answer<'a, Vec<Entry>>;

    /// Events of a seller or creator behind one of them, chain by chain in the order in which they were recorded, at most `limit`.
    fn events_of<'a>(&'a self, party: &'a Subject, after: Option<&'a Place>, limit: usize) -> Answer<'a, Vec<Entry>>;

    /// Sellers and creators with events behind one of them, in the store's own order, at most `limit`.
    fn parties<'a>(&'a self, after: Option<&'a Subject>, limit: usize) -> Answer<'a, Vec<Subject>>;

    /// Records of some kinds behind a cursor, chain by chain, at most `limit`, and the cursor behind them.
    fn since<'a>(&'a self, cursor: &'a Cursor, kinds: &'a [RecordKind], limit: usize) -> Answer<'a, Tail>;

    /// How many items were allowed, by the tallies recorded in a time.
    fn allowed(&self, recorded: TimeRange) -> Answer<'_, u64>;

    /// Every chain with its last place.
    fn heads(&self) -> Answer<'_, Vec<Head>>;

    /// Entries of one chain behind a sequence, at most `limit`.
    fn chain<'a>(&'a self, chain: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<Entry>>;

    /// The canonical bytes of the content of an entry, if they are kept.
    fn content<'a>(&'a self, place: &'a Place) -> Answer<'a, Option<Vec<u8>>>;

    /// Erases contents and bodies, and records that in each chain concerned.
    fn erase<'a>(&'a self, what: &'a Erase) -> Answer<'a, Erased>;

    /// Changes its value when something was appended, here or (where the backend can tell) by another process.
    fn changes(&self) -> watch::Receiver<u64>;
}

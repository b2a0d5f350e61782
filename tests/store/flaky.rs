//! A store that can be taken away: refuses, or says nothing at all.
//!
//! Not here: assertions. Kept true: while it is there, it is the store beneath.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use dsa_signal::domain::{RecordKind, Subject};
use dsa_signal::store::{
    Answer, Appended, Cursor, DecisionQuery, Draft, Entry, Erase, Erased, Head, Place, Store, StoreError, StoreFault,
    Tail, TimeRange,
};
use tokio::sync::watch;

const THERE: u8 = 0;
const REFUSING: u8 = 1;
const SILENT: u8 = 2;

#[derive(Debug)]
pub struct Flaky {
    pub beneath: Arc<dyn Store>,
    state: AtomicU8,
    appends: AtomicU64,
}

impl Flaky {
    pub fn over(beneath: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Flaky { beneath, state: AtomicU8::new(THERE), appends: AtomicU64::new(0) })
    }

    pub fn refuse(&self) {
        self.state.store(REFUSING, Ordering::SeqCst);
    }

    pub fn fall_silent(&self) {
        self.state.store(SILENT, Ordering::SeqCst);
    }

    pub fn come_back(&self) {
        self.state.store(THERE, Ordering::SeqCst);
    }

    /// Calls of `append` so far.
    pub fn appends(&self) -> u64 {
        self.appends.load(Ordering::SeqCst)
    }

    fn or<'a, T: Send + 'a>(&self, answer: Answer<'a, T>) -> Answer<'a, T> {
        match self.state.load(Ordering::SeqCst) {
            THERE => answer,
            REFUSING => Box::pin(std::future::ready(Err(StoreError {
                fault: StoreFault::Unreachable,
                detail: "refusing".into(),
            }))),
            _ => Box::pin(std::future::pending()),
        }
    }
}

impl Store for Flaky {
    fn append(&self, drafts: Vec<Draft>) -> Answer<'_, Vec<Appended>> {
        self.appends.fetch_add(1, Ordering::SeqCst);
        self.or(self.beneath.append(drafts))
    }
    fn find<'a>(&'a self, kind: RecordKind, id: &'a str) -> Answer<'a, Option<Entry>> {
        self.or(self.beneath.find(kind, id))
    }
    fn about<'a>(&'a self, decision_id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.or(self.beneath.about(decision_id))
    }
    fn decisions<'a>(&'a self, query: &'a DecisionQuery) -> Answer<'a, Vec<Entry>> {
        self.or(self.beneath.decisions(query))
    }
    fn events_of<'a>(&'a self, party: &'a Subject, after: Option<&'a Place>, limit: usize) -> Answer<'a, Vec<Entry>> {
        self.or(self.beneath.events_of(party, after, limit))
    }
    fn parties<'a>(&'a self, after: Option<&'a Subject>, limit: usize) -> Answer<'a, Vec<Subject>> {
        self.or(self.beneath.parties(after, limit))
    }
    fn since<'a>(&'a self, cursor: &'a Cursor, kinds: &'a [RecordKind], limit: usize) -> Answer<'a, Tail> {
        self.or(self.beneath.since(cursor, kinds, limit))
    }
    fn allowed(&self, recorded: TimeRange) -> Answer<'_, u64> {
        self.or(self.beneath.allowed(recorded))
    }
    fn heads(&self) -> Answer<'_, Vec<Head>> {
        self.or(self.beneath.heads())
    }
    fn chain<'a>(&'a self, chain: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<Entry>> {
        self.or(self.beneath.chain(chain, after, limit))
    }
    fn content<'a>(&'a self, place: &'a Place) -> Answer<'a, Option<Vec<u8>>> {
        self.or(self.beneath.content(place))
    }
    fn erase<'a>(&'a self, what: &'a Erase) -> Answer<'a, Erased> {
        self.or(self.beneath.erase(what))
    }
    fn changes(&self) -> watch::Receiver<u64> {
        self.beneath.changes()
    }
}

//! The records of decisions, for callers without an async runtime: the command line.
//!
//! Not here: printing (`cli/`), a running service (`decisions.rs`). Kept true: reading changes no record; a check reads every entry of every
//! chain, a page at a time.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use super::Scorer;
use crate::domain::{Decision, DecisionHistory, PolicyVersion, Record, Recorded};
use crate::store::canonical::read_content;
use crate::store::{
    self, ChainVerifier, DecisionQuery, Entry, Erase, Erased, Fault, Head, Location, Store, StoreError, StoreFault,
};

/// Entries read at a time.
const PAGE: usize = 500;

/// Why records could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// Threads could not be started.
    #[error("the threads for the store cannot be started: {0}")]
    Threads(#[from] std::io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such file.
    #[error("there is no store at {0}")]
    Missing(Location),
}

/// An open store that exists.
#[derive(Debug)]
pub struct DecisionRecords {
    runtime: Runtime,
    store: Arc<dyn Store>,
}

/// What became of one chain.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedChain {
    /// Its end, to be noted down elsewhere.
    pub head: Head,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// What became of replays.
    pub replayed: Replayed,
}

/// What became of replays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Decisions that came out the same, byte for byte.
    pub same: u64,
    /// Sequences of those that did not.
    pub different: Vec<u64>,
    /// Decisions made under another policy pack.
    pub other_policy: u64,
    /// Decisions whose content is not kept.
    pub without_content: u64,
}

/// What to check beside the chains.
#[derive(Debug, Default)]
pub struct Verification<'a> {
    /// Score kept content again with this.
    pub replay: Option<&'a Scorer>,
    /// Ends of chains that were noted down before.
    pub noted: Vec<Head>,
}

impl DecisionRecords {
    /// Opens a store; one that is not there is not made.
    pub fn open(location: &Location) -> Result<Self, RecordsError> {
        if matches!(location, Location::Sqlite(path) if !path.exists()) {
            return Err(RecordsError::Missing(location.clone()));
        }
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let store = runtime.block_on(store::open(location))?;
        Ok(DecisionRecords { runtime, store })
    }

    /// Decisions, newest first.
    pub fn list(&self, query: &DecisionQuery) -> Result<Vec<Recorded<Decision>>, RecordsError> {
        Ok(self.runtime.block_on(self.store.list_decisions(query))?)
    }

    /// A decision with everything that is known about it.
    pub fn history(&self, decision_id: &str) -> Result<Option<DecisionHistory>, RecordsError> {
        Ok(self.runtime.block_on(self.store.history(decision_id))?)
    }

    /// Policy packs that came into force, in the order of time.
    pub fn policies(&self) -> Result<Vec<Recorded<PolicyVersion>>, RecordsError> {
        Ok(self.runtime.block_on(self.store.policy_versions())?)
    }

    /// Erases.
    pub fn erase(&self, what: &Erase) -> Result<Erased, RecordsError> {
        Ok(self.runtime.block_on(self.store.erase(what))?)
    }

    /// Checks every chain. `told` is called with the number of entries, page by page.
    pub fn verify(
        &self,
        what: &Verification<'_>,
        mut told: impl FnMut(usize),
    ) -> Result<Vec<VerifiedChain>, RecordsError> {
        let heads = self.runtime.block_on(self.store.heads())?;
        let mut chains = Vec::new();
        for head in &heads {
            chains.push(self.verify_chain(head, what, &mut told)?);
        }
        // A chain that was noted down and is gone altogether.
        let gone = what.noted.iter().filter(|noted| heads.iter().all(|head| head.chain != noted.chain));
        chains.extend(gone.map(|noted| VerifiedChain {
            head: noted.clone(),
            faults: vec![Fault::Missing { from: 1, to: noted.sequence }],
            replayed: Replayed::default(),
        }));
        Ok(chains)
    }

    fn verify_chain(
        &self,
        head: &Head,
        what: &Verification<'_>,
        told: &mut impl FnMut(usize),
    ) -> Result<VerifiedChain, RecordsError> {
        let noted = what.noted.iter().find(|noted| noted.chain == head.chain);
        let mut verifier = ChainVerifier::new(head.clone());
        let mut replayed = Replayed::default();
        let mut noted_seen = noted.is_none_or(|noted| noted.sequence == 0);
        loop {
            let entries = self.runtime.block_on(self.store.chain(&head.chain, verifier.last(), PAGE))?;
            // What has been appended since the heads were read is none of this check's business.
            let entries: Vec<_> = entries.into_iter().filter(|entry| entry.link.sequence <= head.sequence).collect();
            if entries.is_empty() {
                break;
            }
            told(entries.len());
            for entry in &entries {
                let Some(record) = self.check(&mut verifier, entry)? else { continue };
                if let (Some(scorer), Record::Decision(decision)) = (what.replay, &record) {
                    self.replay(scorer, entry, decision, &mut replayed)?;
                }
            }
            if let Some(found) =
                entries.iter().find(|entry| noted.is_some_and(|noted| noted.sequence == entry.link.sequence))
            {
                noted_seen = noted.is_some_and(|noted| noted.digest == found.link.digest);
            }
        }
        if let (false, Some(noted)) = (noted_seen, noted) {
            verifier.not_as_noted(noted.sequence);
        }
        Ok(VerifiedChain { head: head.clone(), faults: verifier.finish(), replayed })
    }

    fn check(&self, verifier: &mut ChainVerifier, entry: &Entry) -> Result<Option<Record>, RecordsError> {
        let record = verifier.next(entry);
        if let Some(record @ Record::Decision(_)) = &record
            && let Some(bytes) = self.runtime.block_on(self.store.content(&entry.place()))?
        {
            verifier.content(entry, record, &bytes);
        }
        Ok(record)
    }

    fn replay(
        &self,
        scorer: &Scorer,
        entry: &Entry,
        decision: &Decision,
        replayed: &mut Replayed,
    ) -> Result<(), RecordsError> {
        let damaged =
            || StoreError { fault: StoreFault::Corrupt, detail: format!("content of entry {}", entry.link.sequence) };
        let Some(bytes) = self.runtime.block_on(self.store.content(&entry.place()))? else {
            replayed.without_content += 1;
            return Ok(());
        };
        let content = read_content(&bytes).map_err(|_| damaged())?;
        match scorer.reproduces(&content, &decision.assessment) {
            None => replayed.other_policy += 1,
            Some(true) => replayed.same += 1,
            Some(false) => replayed.different.push(entry.link.sequence),
        }
        Ok(())
    }
}

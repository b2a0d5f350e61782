//! What entries mean: the typed half of the port, the same for every backend.
//!
//! Not here: finding entries (the backends). Kept true: an entry whose body cannot be read is a damaged store, named as one; an
//! erased one is no record any more and is left out.

use crate::domain::{
    Decision, DecisionHistory, Link, Mention, Notice, Outcome, PolicyVersion, Record, RecordKind, Recorded,
    StandingEvent, Subject,
};

use super::canonical::{read_content, read_record};
use super::error::{StoreError, StoreFault};
use super::{Cursor, DecisionQuery, Entry, Place, Store};

/// Entries read at a time where all of them are asked for.
const PAGE: usize = 1000;

impl Entry {
    /// The record; `None` if its body was erased.
    pub fn record(&self) -> Result<Option<Recorded<Record>>, StoreError> {
        let Some(body) = &self.body else { return Ok(None) };
        let record = read_record(body).map_err(|_| unreadable(&self.link))?;
        Ok(Some(Recorded { link: self.link.clone(), record }))
    }
}

fn unreadable(link: &Link) -> StoreError {
    StoreError::new(StoreFault::Corrupt, format!("chain {}, entry {}", link.chain, link.sequence))
}

/// The decision in a record, if it is one.
fn decision(recorded: Recorded<Record>) -> Option<Recorded<Decision>> {
    let Recorded { link, record } = recorded;
    match record {
        Record::Decision(decision) => Some(Recorded { link, record: *decision }),
        _ => None,
    }
}

/// Records of entries, erased ones left out.
fn records(entries: &[Entry]) -> impl Iterator<Item = Result<Recorded<Record>, StoreError>> {
    entries.iter().filter_map(|entry| entry.record().transpose())
}

impl dyn Store {
    /// A decision with everything that is known about it.
    pub async fn history(&self, decision_id: &str) -> Result<Option<DecisionHistory>, StoreError> {
        let Some(entry) = self.find(RecordKind::Decision, decision_id).await? else { return Ok(None) };
        let Some(decision) = entry.record()?.and_then(decision) else { return Ok(None) };
        let content = match self.content(&entry.place()).await? {
            Some(bytes) => Some(read_content(&bytes).map_err(|_| unreadable(&entry.link))?),
            None => None,
        };
        let mut history = DecisionHistory { decision, content, outcomes: Vec::new(), notices: Vec::new() };
        for recorded in records(&self.about(decision_id).await?) {
            let Recorded { link, record } = recorded?;
            match record {
                Record::Outcome(outcome) => history.outcomes.push(Recorded::<Outcome> { link, record: outcome }),
                Record::Notice(notice) => history.notices.push(Recorded::<Notice> { link, record: notice }),
                // Nothing else names a decision.
                _ => {}
            }
        }
        Ok(Some(history))
    }

    /// Decisions, newest identifier first.
    pub async fn list_decisions(&self, query: &DecisionQuery) -> Result<Vec<Recorded<Decision>>, StoreError> {
        let entries = self.decisions(query).await?;
        records(&entries).filter_map(|recorded| recorded.map(decision).transpose()).collect()
    }

    /// Events of a seller or creator behind a place, chain by chain in the order in which they were recorded, at most `limit`, and the place
    /// behind which there may be more.
    pub async fn standing_events(
        &self,
        party: &Subject,
        after: Option<&Place>,
        limit: usize,
    ) -> Result<(Vec<Recorded<StandingEvent>>, Option<Place>), StoreError> {
        let entries = self.events_of(party, after, limit).await?;
        let events = records(&entries).filter_map(|recorded| recorded.map(event).transpose());
        let last = entries.last().filter(|_| entries.len() >= limit).map(Entry::place);
        Ok((events.collect::<Result<_, _>>()?, last))
    }

    /// Mentions behind a cursor, at most `limit`, and the cursor behind them. Erased ones are left out.
    pub async fn mentions_since(
        &self,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<(Vec<Recorded<Mention>>, Cursor), StoreError> {
        let tail = self.since(cursor, &[RecordKind::Mention], limit).await?;
        let mentions = records(&tail.entries).filter_map(|recorded| recorded.map(mention).transpose());
        Ok((mentions.collect::<Result<_, _>>()?, tail.cursor))
    }

    /// Events behind a cursor, of everybody, at most `limit`, and the cursor behind them.
    pub async fn events_since(
        &self,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<(Vec<Recorded<StandingEvent>>, Cursor), StoreError> {
        let tail = self.since(cursor, &[RecordKind::Event], limit).await?;
        let events = records(&tail.entries).filter_map(|recorded| recorded.map(event).transpose());
        Ok((events.collect::<Result<_, _>>()?, tail.cursor))
    }

    /// Policy packs that came into force, in the order of time.
    pub async fn policy_versions(&self) -> Result<Vec<Recorded<PolicyVersion>>, StoreError> {
        let (mut cursor, mut versions) = (Cursor::default(), Vec::new());
        loop {
            let tail = self.since(&cursor, &[RecordKind::Policy], PAGE).await?;
            for recorded in records(&tail.entries) {
                let Recorded { link, record } = recorded?;
                if let Record::Policy(version) = record {
                    versions.push(Recorded { link, record: version });
                }
            }
            if tail.entries.len() < PAGE {
                versions.sort_by_key(|version| version.record.in_force_since);
                return Ok(versions);
            }
            cursor = tail.cursor;
        }
    }

    /// Decisions behind a cursor, at most `limit`, and the cursor behind them.
    pub async fn decisions_since(
        &self,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<(Vec<Recorded<Decision>>, Cursor), StoreError> {
        let tail = self.since(cursor, &[RecordKind::Decision], limit).await?;
        let decisions = records(&tail.entries).filter_map(|recorded| recorded.map(decision).transpose());
        Ok((decisions.collect::<Result<_, _>>()?, tail.cursor))
    }
}

fn mention(recorded: Recorded<Record>) -> Option<Recorded<Mention>> {
    let Recorded { link, record } = recorded;
    match record {
        Record::Mention(mention) => Some(Recorded { link, record: *mention }),
        _ => None,
    }
}

fn event(recorded: Recorded<Record>) -> Option<Recorded<StandingEvent>> {
    let Recorded { link, record } = recorded;
    match record {
        Record::Event(event) => Some(Recorded { link, record: event }),
        _ => None,
    }
}

//! The store in memory: for tests, and for whoever wants no record.
//!
//! Not here: durability. Kept true: it answers as the others do, chain included; what it holds dies with the process.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use tokio::sync::watch;

use super::chain::{End, Head};
use super::clock::Clock;
use super::entry::{DecisionQuery, Entry, Erase, Erased, Keys, Place, Tail, TimeRange};
use super::error::{StoreError, StoreFault};
use super::verify::ERASABLE;
use super::{Answer, Appended, Cursor, Draft, Store};
use crate::domain::{Erasure, Link, Record, RecordKind, Subject};

/// Keeps everything in memory.
#[derive(Debug)]
pub(in crate::store) struct MemoryStore {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    clock: Clock,
    end: End,
    entries: Vec<Entry>,
    contents: HashMap<u64, Vec<u8>>,
    places: HashMap<(RecordKind, String), usize>,
}

impl MemoryStore {
    /// Empty.
    pub(in crate::store) fn new(clock: Clock) -> Self {
        let (end, entries) = (End::new_chain(), Vec::new());
        let state = State { clock, end, entries, contents: HashMap::new(), places: HashMap::new() };
        MemoryStore { state: Mutex::new(state), changes: watch::Sender::new(0) }
    }

    fn with<'a, T: Send + 'a>(&self, ask: impl FnOnce(&mut State) -> T) -> Answer<'a, T> {
        let answer = match self.state.lock() {
            Ok(mut state) => Ok(ask(&mut state)),
            Err(_poisoned) => Err(StoreError::new(StoreFault::Defect, "")),
        };
        Box::pin(std::future::ready(answer))
    }
}

impl State {
    fn append(&mut self, draft: Draft) -> Appended {
        let Draft { kind, id, body, body_digest, keys, content } = draft;
        if self.places.contains_key(&(kind, id.clone())) {
            return Appended::Duplicate;
        }
        let link = self.end.extend(kind, self.clock.now(), body_digest);
        if let Some(content) = content {
            self.contents.insert(link.sequence, content);
        }
        self.places.insert((kind, id), self.entries.len());
        let entry = Entry { link, kind, body_digest, body: Some(body), keys };
        let place = entry.place();
        self.entries.push(entry);
        Appended::Kept(place)
    }

    fn all(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.entries.iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    fn erase(&mut self, what: &Erase) -> Erased {
        let mut erased = Erased::default();
        for entry in &mut self.entries {
            let Link { sequence, recorded_at, .. } = entry.link;
            let records = what.records_before.is_some_and(|before| recorded_at < before);
            let contents = what.contents_before.is_some_and(|before| recorded_at < before);
            if (records || contents) && self.contents.remove(&sequence).is_some() {
                erased.contents += 1;
            }
            if records && ERASABLE.contains(&entry.kind) && entry.body.take().is_some() {
                let id = std::mem::take(&mut entry.keys).id.unwrap_or_default();
                self.places.remove(&(entry.kind, id));
                erased.records += 1;
            }
        }
        if let (Some(before), 1..) = (what.records_before, erased.records) {
            let erasure_id = uuid::Uuid::now_v7().to_string();
            let erasure = Record::Erasure(Erasure { erasure_id, before, erased: erased.records });
            self.append(Draft::new(&erasure));
        }
        erased
    }
}

/// True if the instant lies in the range.
fn within(range: TimeRange, link: &Link) -> bool {
    range.since.is_none_or(|since| since <= link.recorded_at)
        && range.until.is_none_or(|until| link.recorded_at < until)
}

fn matches(query: &DecisionQuery, entry: &Entry) -> bool {
    let Keys { id, subject, party, area, action, policy, .. } = &entry.keys;
    /// What is not asked for fits.
    fn fits<T: PartialEq>(asked: &Option<T>, found: &Option<T>) -> bool {
        asked.is_none() || asked == found
    }
    entry.kind == RecordKind::Decision
        && entry.body.is_some()
        && query.at_least.is_none_or(|least| action.is_some_and(|action| action >= least))
        && fits(&query.area, area)
        && fits(&query.subject, subject)
        && fits(&query.party, party)
        && fits(&query.policy, policy)
        && within(query.recorded, &entry.link)
        && query.before_id.as_ref().is_none_or(|before| id.as_ref().is_some_and(|id| id < before))
}

impl Store for MemoryStore {
    fn append(&self, drafts: Vec<Draft>) -> Answer<'_, Vec<Appended>> {
        let answer = self.with(|state| drafts.into_iter().map(|draft| state.append(draft)).collect());
        self.changes.send_modify(|version| *version += 1);
        answer
    }

    fn find<'a>(&'a self, kind: RecordKind, id: &'a str) -> Answer<'a, Option<Entry>> {
        self.with(|state| {
            let at = state.places.get(&(kind, id.to_owned()))?;
            state.entries.get(*at).cloned()
        })
    }

    fn about<'a>(&'a self, decision_id: &'a str) -> Answer<'a, Vec<Entry>> {
        self.with(|state| state.all(|entry| entry.keys.about.as_deref() == Some(decision_id)))
    }

    fn decisions<'a>(&'a self, query: &'a DecisionQuery) -> Answer<'a, Vec<Entry>> {
        self.with(|state| {
            let mut found = state.all(|entry| matches(query, entry));
            found.sort_by(|one, other| other.keys.id.cmp(&one.keys.id));
            found.truncate(query.limit);
            found
        })
    }

    fn events_of<'a>(&'a self, party: &'a Subject, after: Option<&'a Place>, limit: usize) -> Answer<'a, Vec<Entry>> {
        self.with(|state| {
            let after = after.map_or(0, |place| place.sequence);
            let event = |entry: &&Entry| entry.kind == RecordKind::Event && entry.keys.party.as_ref() == Some(party);
            let behind = state.entries.iter().skip_while(|entry| entry.link.sequence <= after);
            behind.filter(event).take(limit).cloned().collect()
        })
    }

    fn parties<'a>(&'a self, after: Option<&'a Subject>, limit: usize) -> Answer<'a, Vec<Subject>> {
        self.with(|state| {
            let events = state.entries.iter().filter(|entry| entry.kind == RecordKind::Event);
            let parties: BTreeSet<&Subject> = events.filter_map(|entry| entry.keys.party.as_ref()).collect();
            parties.into_iter().filter(|party| after.is_none_or(|after| *party > after)).take(limit).cloned().collect()
        })
    }

    fn since<'a>(&'a self, cursor: &'a Cursor, kinds: &'a [RecordKind], limit: usize) -> Answer<'a, Tail> {
        self.with(|state| {
            let after = cursor.position(&state.end.head.chain);
            let wanted = |entry: &Entry| entry.link.sequence > after && kinds.contains(&entry.kind);
            let mut entries = state.all(wanted);
            let all = entries.len() <= limit;
            entries.truncate(limit);
            let last = entries.last().map(|entry| entry.link.sequence);
            let mut cursor = cursor.clone();
            let read = if all { state.end.head.sequence } else { last.unwrap_or(after) };
            cursor.advance(&state.end.head.chain, read);
            Tail { entries, cursor }
        })
    }

    fn allowed(&self, recorded: TimeRange) -> Answer<'_, u64> {
        self.with(|state| {
            let tallies = state.entries.iter().filter(|entry| within(recorded, &entry.link));
            tallies.filter_map(|entry| entry.keys.amount).map(|amount| u64::try_from(amount).unwrap_or(0)).sum()
        })
    }

    fn heads(&self) -> Answer<'_, Vec<Head>> {
        self.with(|state| vec![state.end.head.clone()])
    }

    fn chain<'a>(&'a self, chain: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<Entry>> {
        self.with(|state| {
            let mut found = state.all(|entry| entry.link.chain == chain && entry.link.sequence > after);
            found.truncate(limit);
            found
        })
    }

    fn content<'a>(&'a self, place: &'a Place) -> Answer<'a, Option<Vec<u8>>> {
        self.with(|state| state.contents.get(&place.sequence).filter(|_| state.end.head.chain == place.chain).cloned())
    }

    fn erase<'a>(&'a self, what: &'a Erase) -> Answer<'a, Erased> {
        self.with(|state| state.erase(what))
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

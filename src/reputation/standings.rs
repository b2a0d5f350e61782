//! All standings: the live ones at once, the others after asking the source.
//!
//! Not here: folding (`folded.rs`), bounds (`live.rs`). Kept true: whatever happens at the same time, a live entry holds exactly
//! the events that the source has, or is gone in the next moment.
//!
//! How that is kept, although nothing locks a subject while the source is asked: a new event is folded into a live entry only
//! after the source has it, and an entry is only kept if nothing was written about its subject while its events were
//! being read. A reader who learns that something was reads again; whoever cannot fold forgets the entry.
//! Forgetting is always right, because the next reader asks the source.

use std::hash::BuildHasherDefault;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use tokio::sync::broadcast;

use super::Folded;
use super::breakdown::Breakdown;
use super::key::{KeyHasher, SubjectKey};
use super::live::LiveStandings;
use super::loading::{self, Readings};
use super::roll::Roll;
use super::source::{SourceUnavailable, StandingSource};
use crate::domain::{Standing, StandingDetail, StandingEvent, Subject, SubjectKind, Timestamp};
use crate::policy::StandingRules;

/// Changes that a slow watcher may be behind before it misses some.
const CHANGES_KEPT: usize = 1024;
/// Contributions shown for one standing.
const CONTRIBUTIONS: usize = 20;

pub(super) type ByKey<T> = DashMap<SubjectKey, T, BuildHasherDefault<KeyHasher>>;

/// What is known of a subject without asking anybody.
#[derive(Clone, Debug, PartialEq)]
pub enum Live {
    /// This.
    Known(Standing),
    /// That there is nothing to know.
    Unknown,
    /// Nothing yet: ask `Standings::standing`.
    Absent,
}

/// Rules, and what was folded by them and by no others.
#[derive(Debug)]
pub(super) struct Current {
    rules: Arc<StandingRules>,
    live: LiveStandings,
}

/// Standings of sellers and creators under the rules in force.
#[derive(Debug)]
pub struct Standings {
    current: ArcSwap<Current>,
    limit: NonZeroUsize,
    /// Who has events at all.
    roll: Roll,
    source: Arc<dyn StandingSource>,
    /// Subjects whose events are being read.
    readings: Readings,
    /// Subjects about whom something is being written, and by how many.
    writing: ByKey<usize>,
    changes: broadcast::Sender<Arc<Subject>>,
}

impl Current {
    pub(super) fn rules(&self) -> &StandingRules {
        &self.rules
    }

    pub(super) fn drop_live(&self, key: SubjectKey) {
        self.live.forget(key);
    }
}

impl Standings {
    /// Over a source, with at most so many live entries.
    pub fn new(rules: StandingRules, source: Arc<dyn StandingSource>, limit: NonZeroUsize) -> Self {
        Standings {
            current: ArcSwap::from_pointee(Current { rules: Arc::new(rules), live: LiveStandings::new(limit) }),
            limit,
            roll: Roll::default(),
            source,
            readings: Readings::default(),
            writing: ByKey::default(),
            changes: broadcast::Sender::new(CHANGES_KEPT),
        }
    }

    /// What events count for here.
    pub fn rules(&self) -> Arc<StandingRules> {
        Arc::clone(&self.current.load().rules)
    }

    /// Goes on under other rules: those of a pack that has come into force. From now on a standing is what a start with them would give.
    ///
    /// What was folded cannot be weighed anew, so whoever is asked for is read from the source again.
    pub fn adopt(&self, rules: StandingRules) {
        self.current.store(Arc::new(Current { rules: Arc::new(rules), live: LiveStandings::new(self.limit) }));
        // Those begun under the old rules end in the old map; whoever waits for them looks again.
        self.readings.outdate_all();
    }

    /// Number of live entries, the known and the unknown.
    pub fn live_entries(&self) -> usize {
        self.current.load().live.len()
    }

    /// What is known at once: without I/O, without waiting, without allocating.
    pub fn live(&self, kind: SubjectKind, id: &str, now: Timestamp) -> Live {
        let key = SubjectKey::of(kind, id);
        let current = self.current.load();
        match current.live.read(key, |folded| folded.standing(&current.rules, now)) {
            Some(Some(standing)) => Live::Known(standing),
            Some(None) => Live::Unknown,
            None if self.roll.rules_out(key) => Live::Unknown,
            None => Live::Absent,
        }
    }

    /// Notes that a subject has events. Whoever goes through all that the source has tells each subject, and then `all_told`.
    pub fn tell_of(&self, subject: &Subject) {
        self.roll.enter(subject.into());
    }

    /// Every subject with events was told of, or will be by `record` and `forget`: from now on, nobody asks the source about strangers.
    pub fn all_told(&self) {
        self.roll.close();
    }

    /// The standing of a subject; `None` if there is nothing to know.
    pub async fn standing(
        self: &Arc<Self>,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Option<Standing>, SourceUnavailable> {
        self.read(subject, |folded, rules| folded.standing(rules, now)).await
    }

    /// The standing of a subject and what it rests on. Of whom nothing is known, it is the prior.
    pub async fn detail(&self, subject: &Subject, now: Timestamp) -> Result<StandingDetail, SourceUnavailable> {
        let rules = self.rules();
        let (mut folded, mut breakdown) = (Folded::default(), Breakdown::new(CONTRIBUTIONS));
        let mut page = |events: &[StandingEvent]| {
            for event in events {
                folded.add(event, &rules);
                breakdown.add(event, &rules);
            }
        };
        self.source.events_of(subject, &mut page).await?;
        Ok(StandingDetail {
            standing: folded.standing_or_prior(&rules, now),
            misuse: folded.misuse(&rules, now),
            areas: folded.areas(&rules, now),
            contributions: breakdown.contributions(&folded, &rules, now),
            as_of: now,
        })
    }

    /// Keeps events and lets them count. For each, in the same order: true if it is new.
    ///
    /// Goes on to its end even if nobody waits for it any more: events that are kept have to count.
    pub async fn record(self: &Arc<Self>, events: Vec<StandingEvent>) -> Result<Vec<bool>, SourceUnavailable> {
        let this = Arc::clone(self);
        let recording = tokio::spawn(async move { this.append_and_fold(events).await });
        recording.await.unwrap_or(Err(SourceUnavailable))
    }

    /// Forgets what is live of a subject: somebody else has written about it.
    pub fn forget(&self, subject: &Subject) {
        let key = SubjectKey::from(subject);
        self.roll.enter(key);
        self.readings.outdate(key);
        self.current.load().live.forget(key);
        self.tell(subject);
    }

    /// Subjects whose standing has changed, from now on. Whoever does not keep up is told how many were missed.
    pub fn changes(&self) -> broadcast::Receiver<Arc<Subject>> {
        self.changes.subscribe()
    }

    async fn append_and_fold(&self, events: Vec<StandingEvent>) -> Result<Vec<bool>, SourceUnavailable> {
        let mut writing = Writing::begin(self, &events);
        let new = self.source.append(events.clone()).await?;
        for ((event, key), new) in events.iter().zip(&writing.keys).zip(&new) {
            if *new {
                self.readings.outdate(*key);
                let current = self.current.load();
                current.live.change(*key, |folded| folded.add(event, &current.rules));
            }
        }
        writing.folded = true;
        drop(writing);
        for (event, _) in events.iter().zip(&new).filter(|(_, new)| **new) {
            self.tell(&event.subject);
        }
        Ok(new)
    }

    fn tell(&self, subject: &Subject) {
        if self.changes.receiver_count() > 0 {
            // Fails only if the last watcher has just gone.
            let _told = self.changes.send(Arc::new(subject.clone()));
        }
    }

    /// Looks at the folded events of a subject, reading them first if they are not live.
    async fn read<T>(
        self: &Arc<Self>,
        subject: &Subject,
        look: impl Fn(&Folded, &StandingRules) -> T,
    ) -> Result<T, SourceUnavailable> {
        let key = SubjectKey::from(subject);
        loop {
            let current = self.current.load_full();
            if let Some(found) = current.live.read(key, |folded| look(folded, &current.rules)) {
                return Ok(found);
            }
            if self.roll.rules_out(key) {
                return Ok(look(&Folded::default(), &current.rules));
            }
            if let Some(folded) = loading::folded(self, subject).await? {
                return Ok(look(&folded, &current.rules));
            }
        }
    }

    pub(super) fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    pub(super) fn readings(&self) -> &Readings {
        &self.readings
    }

    /// Folds the events of a subject, and counts the pages in which they come.
    pub(super) async fn fold_from_source(
        &self,
        subject: &Subject,
        rules: &StandingRules,
        pages: &AtomicUsize,
    ) -> Result<Folded, SourceUnavailable> {
        let mut folded = Folded::default();
        let mut page = |events: &[StandingEvent]| {
            events.iter().for_each(|event| folded.add(event, rules));
            pages.fetch_add(1, Ordering::Relaxed);
        };
        self.source.events_of(subject, &mut page).await?;
        Ok(folded)
    }

    /// Keeps what was read, unless an event may be in the source already that is folded only later.
    pub(super) fn keep(&self, current: &Current, key: SubjectKey, folded: Folded) {
        if !self.writing.contains_key(&key) {
            current.live.keep(key, folded);
        }
    }
}

/// Events that are on their way into the source. Should it fail, they may be there all the same, and entries are forgotten.
struct Writing<'a> {
    standings: &'a Standings,
    /// Of each event.
    keys: Vec<SubjectKey>,
    /// False as long as the source may have events that no live entry has.
    folded: bool,
}

impl<'a> Writing<'a> {
    fn begin(standings: &'a Standings, events: &[StandingEvent]) -> Self {
        let keys: Vec<SubjectKey> = events.iter().map(|event| SubjectKey::from(&event.subject)).collect();
        for key in &keys {
            // Before the source has it, so that nobody who asks afterwards takes the subject for a stranger.
            standings.roll.enter(*key);
            *standings.writing.entry(*key).or_default() += 1;
        }
        Writing { standings, keys, folded: false }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        for key in &self.keys {
            if !self.folded {
                self.standings.readings.outdate(*key);
                self.standings.current.load().live.forget(*key);
            }
            if let Entry::Occupied(mut writers) = self.standings.writing.entry(*key) {
                *writers.get_mut() -= 1;
                if *writers.get() == 0 {
                    writers.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Recording what was answered, before the answer leaves.
//!
//! Not here: scoring, stores, the spool's file (`spool.rs`), counting (`tally.rs`). Kept true: an answer above ALLOW is on disk before it is
//! given, or it is not given; allowed items are counted, all of them; nothing goes unrecorded in silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Scored;
use super::party::party;
use super::recorder_metrics::{Fate, RecorderMetrics};
use super::spool::Spool;
use super::tally::TallyBook;
use crate::domain::{
    Action, Assessment, Content, Decision, Diagnostic, ErrorCode, Mention, Record, ServiceError, Subject,
};
use crate::metrics::{Reading, Registry};
use crate::store::canonical::{content_bytes, content_digest};
use crate::store::{Draft, Store, StoreError};

/// How long an answer waits for its record: longer than any healthy commit takes, shorter than callers wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between looks at whether the store is back, and between tallies.
const ROUND: Duration = Duration::from_secs(1);
/// Records that are brought from the spool to the store at a time.
const CATCH_UP: usize = 1000;

/// The code of the diagnostic on answers whose record waits on disk.
pub const DEGRADED: &str = "degraded";

/// What to do with answers while the store is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStoreFailure {
    /// Give them, keep their records on this machine's disk, and say so in a diagnostic.
    #[default]
    Open,
    /// Refuse them until the store is back.
    Closed,
}

/// What is recorded, and how strictly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordPolicy {
    /// While the store is away.
    pub on_failure: OnStoreFailure,
    /// Share of allowed items with a record of their own, 0 to 1. All of them are counted.
    pub sample_allowed: f64,
    /// Keep content beside records, so that they can be replayed.
    pub store_content: bool,
}

impl Default for RecordPolicy {
    fn default() -> Self {
        RecordPolicy { on_failure: OnStoreFailure::Open, sample_allowed: 0.01, store_content: false }
    }
}

/// An answer that may have to be recorded before it is given.
#[derive(Clone, Debug)]
pub struct Unrecorded {
    assessment: Assessment,
    /// Its decision, and the mentions that a post makes.
    drafts: Vec<Draft>,
}

impl Unrecorded {
    /// An assessment with the record that it needs, if it needs one.
    pub(super) fn new(
        recorder: Option<&Recorder>,
        content: &Content,
        assessment: Assessment,
        mentions: Vec<Mention>,
    ) -> Self {
        let mut drafts = Vec::new();
        if let Some(recorder) = recorder {
            drafts.extend(recorder.draft(content, &assessment));
            drafts.extend(mentions.into_iter().map(|mention| Draft::new(&Record::Mention(Box::new(mention)))));
        }
        Unrecorded { drafts, assessment }
    }

    /// True if it must be recorded first.
    pub fn must_wait(&self) -> bool {
        !self.drafts.is_empty()
    }

    /// The assessment, to be looked at.
    pub(super) fn assessment(&self) -> &Assessment {
        &self.assessment
    }

    /// The assessment, for whoever has seen that nothing must wait.
    pub fn into_assessment(self) -> Assessment {
        self.assessment
    }
}

/// How records were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    /// In the store.
    InStore,
    /// On this machine's disk; they will be brought to the store.
    OnDisk,
}

/// Records answers.
#[derive(Debug)]
pub struct Recorder {
    store: Arc<dyn Store>,
    policy: RecordPolicy,
    spool: Option<Spool>,
    tallies: TallyBook,
    metrics: RecorderMetrics,
    /// Set by the first failure, cleared when the store has answered again: meanwhile nobody waits for it.
    away: AtomicBool,
}

impl Recorder {
    /// Over a store. Without a spool, answers are refused while the store is away.
    pub fn new(store: Arc<dyn Store>, policy: RecordPolicy, spool: Option<Spool>) -> Self {
        Recorder {
            store,
            policy,
            spool,
            tallies: TallyBook::default(),
            metrics: RecorderMetrics::default(),
            away: AtomicBool::new(false),
        }
    }

    /// Shows what it counts, and how the store and the spool are.
    pub fn register(self: &Arc<Self>, registry: &mut Registry) {
        self.metrics.register(registry);
        let recorder = Arc::clone(self);
        let up = Reading::new(move || f64::from(u8::from(!recorder.away.load(Ordering::Relaxed))));
        registry.register("dsasignal_store_up", "1 if the store took or gave the last that was asked of it", up);
        let recorder = Arc::clone(self);
        let waiting = Reading::new(move || recorder.spool.as_ref().map_or(0.0, |spool| spool.waiting_bytes() as f64));
        registry.register("dsasignal_spool_waiting_bytes", "Records on disk that wait for the store", waiting);
    }

    /// With these counts of allowed items.
    pub fn with_counts(self, tallies: TallyBook) -> Self {
        Recorder { tallies, ..self }
    }

    /// The record of an answer; `None` if it is counted and nothing more.
    fn draft(&self, content: &Content, assessment: &Assessment) -> Option<Draft> {
        self.metrics.scored(assessment);
        let allowed = assessment.verdict.action == Action::Allow;
        if allowed {
            self.tallies.count(assessment);
            if !self.is_sampled(&assessment.assessment_id) {
                return None;
            }
        }
        let (kind, id) = party(content);
        let bytes = content_bytes(content);
        let decision = Decision {
            assessment: assessment.clone(),
            party: Subject { kind, id: id.to_owned() },
            content_digest: content_digest(&bytes),
        };
        let draft = Draft::new(&Record::Decision(Box::new(decision)));
        Some(if self.policy.store_content { draft.with_content_bytes(bytes) } else { draft })
    }

    /// By the identifier's own randomness, so that nobody has to be asked for more.
    fn is_sampled(&self, assessment_id: &str) -> bool {
        let digest = *blake3::hash(assessment_id.as_bytes()).as_bytes();
        let [a, b, c, d, ..] = digest;
        f64::from(u32::from_le_bytes([a, b, c, d])) < self.policy.sample_allowed * (f64::from(u32::MAX) + 1.0)
    }

    /// Records answers, with one commit for all of them. One result for each, in the same order: what could not be recorded
    /// is not given.
    pub(super) async fn record(&self, answers: Vec<Result<Unrecorded, ServiceError>>) -> Vec<Scored> {
        let mut drafts = Vec::new();
        let mut recorded = Vec::new();
        let mut scored = Vec::with_capacity(answers.len());
        for answer in answers {
            scored.push(answer.map(|Unrecorded { assessment, drafts: own }| {
                recorded.extend((!own.is_empty()).then_some(scored.len()));
                drafts.extend(own);
                assessment
            }));
        }
        if drafts.is_empty() {
            return scored;
        }
        let kept = self.keep(drafts).await;
        for at in recorded {
            match (&kept, scored.get_mut(at)) {
                (Ok(Kept::OnDisk), Some(Ok(assessment))) => mark_degraded(assessment),
                (Err(refused), Some(answer)) => *answer = Err(refused.clone()),
                _ => {}
            }
        }
        scored
    }

    /// Keeps records. They are on disk when it resolves.
    async fn keep(&self, drafts: Vec<Draft>) -> Result<Kept, ServiceError> {
        let (records, begun) = (drafts.len(), Instant::now());
        let kept = self.keep_somewhere(drafts).await;
        self.metrics.committed(begun.elapsed());
        self.metrics.kept(fate(&kept), records);
        kept
    }

    async fn keep_somewhere(&self, drafts: Vec<Draft>) -> Result<Kept, ServiceError> {
        if self.away.load(Ordering::Relaxed) {
            return self.keep_aside(drafts).await;
        }
        // A copy, in case the store fails: by then the drafts have gone to it.
        let copies = if self.spool.is_some() { drafts.clone() } else { Vec::new() };
        match self.append(drafts).await {
            Ok(()) => Ok(Kept::InStore),
            Err(failed) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    tracing::error!(%failed, on_store_failure = ?self.policy.on_failure, "the record store is away");
                }
                self.keep_aside(copies).await
            }
        }
    }

    async fn append(&self, drafts: Vec<Draft>) -> Result<(), Away> {
        match tokio::time::timeout(PATIENCE, self.store.append(drafts)).await {
            Ok(Ok(_appended)) => Ok(()),
            Ok(Err(failed)) => Err(Away::Failed(failed)),
            Err(_elapsed) => Err(Away::Silent),
        }
    }

    async fn keep_aside(&self, drafts: Vec<Draft>) -> Result<Kept, ServiceError> {
        let Some(spool) = &self.spool else { return Err(refused()) };
        spool.write(drafts).await.map_err(|failed| {
            tracing::error!(kind = ?failed.kind(), "the spool cannot be written");
            refused()
        })?;
        Ok(Kept::OnDisk)
    }

    /// Counts, catches up and looks for the store until `stop`, then once more.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(rounds.tick()).await.is_some() {
            self.round().await;
        }
        self.round().await;
    }

    /// One round: a look at the store if it was away, what waits on disk, and the tallies.
    async fn round(&self) {
        let waiting = self.spool.as_ref().is_some_and(Spool::is_waiting);
        if self.away.load(Ordering::Relaxed) || waiting {
            // Still away: then it is tried again, and tallies wait on disk like everything else.
            let _still_away = self.catch_up().await;
        }
        let tallies = self.tallies.close();
        if !tallies.is_empty() && self.keep(tallies).await.is_ok() {
            self.tallies.recorded();
        }
    }

    /// Brings what waits on disk to the store. The same record twice is one record, so a crash halfway does no harm.
    async fn catch_up(&self) -> Result<(), Away> {
        let mut brought = 0;
        if let Some(spool) = &self.spool {
            loop {
                let waiting = spool.read(CATCH_UP).await.map_err(|_| Away::Spool)?;
                // If something was written meanwhile, the next round brings it.
                if waiting.drafts.is_empty() {
                    spool.done(&waiting).await.map_err(|_| Away::Spool)?;
                    break;
                }
                brought += waiting.drafts.len();
                self.append(waiting.drafts.clone()).await?;
                spool.advance(&waiting);
            }
        }
        if brought == 0 {
            let asked = tokio::time::timeout(PATIENCE, self.store.heads()).await;
            asked.map_err(|_| Away::Silent)?.map_err(Away::Failed)?;
        }
        if self.away.swap(false, Ordering::Relaxed) {
            tracing::info!(brought, "the record store is back");
        }
        Ok(())
    }
}

fn fate(kept: &Result<Kept, ServiceError>) -> Fate {
    match kept {
        Ok(Kept::InStore) => Fate::Stored,
        Ok(Kept::OnDisk) => Fate::Spooled,
        Err(_) => Fate::Refused,
    }
}

/// Says on an answer that its record waits on disk.
fn mark_degraded(assessment: &mut Assessment) {
    assessment.verdict.diagnostics.push(Diagnostic {
        code: DEGRADED.into(),
        message: "the record store is away; the record of this answer waits on disk and will be brought to it"
            .to_owned(),
        field_path: String::new(),
    });
}

fn refused() -> ServiceError {
    let message = "the record store is away, and what cannot be recorded is not answered; try again";
    ServiceError::new(ErrorCode::Unavailable, message)
}

/// Why a store did not keep something.
#[derive(Debug, thiserror::Error)]
enum Away {
    #[error("{0}")]
    Failed(StoreError),
    #[error("no answer within two seconds")]
    Silent,
    #[error("the spool cannot be read")]
    Spool,
}

//! Scoring one item: snapshot, engine, circumstances.
//!
//! Not here: validation (the wire did it), encoding.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::PolicyHandle;
use crate::domain::{Assessment, Content, ModelReference, Subject, SubjectKind, Timestamp, Verdict};
use crate::engine::{self, Circumstances, Scratch, Trace};
use crate::policy::CompiledPack;

thread_local! {
    /// One set of buffers per worker thread; the engine never yields, so it cannot be borrowed twice.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Scores content under the policy in force. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scorer {
    policy: Arc<PolicyHandle>,
}

impl Scorer {
    /// Over a policy.
    pub fn new(policy: Arc<PolicyHandle>) -> Self {
        Scorer { policy }
    }

    /// The policy it scores under.
    pub fn policy(&self) -> &Arc<PolicyHandle> {
        &self.policy
    }

    /// Scores one item.
    pub fn score(&self, content: &Content) -> Assessment {
        self.run(content, |pack, circumstances, scratch| (engine::assess(content, pack, circumstances, scratch), ())).0
    }

    /// Scores one item and shows how.
    pub fn explain(&self, content: &Content) -> (Assessment, Trace) {
        self.run(content, |pack, circumstances, scratch| engine::explain(content, pack, circumstances, scratch))
    }

    fn run<T>(
        &self,
        content: &Content,
        evaluate: impl FnOnce(&CompiledPack, Circumstances<'_>, &mut Scratch) -> (Verdict, T),
    ) -> (Assessment, T) {
        let policy = self.policy.snapshot();
        let assessed_at = now();
        let circumstances = Circumstances { now: assessed_at, ..Circumstances::default() };
        let started = Instant::now();
        let (verdict, rest) = SCRATCH.with_borrow_mut(|scratch| evaluate(&policy.pack, circumstances, scratch));
        let assessment = Assessment {
            assessment_id: uuid::Uuid::now_v7().to_string(),
            subject: subject(content),
            verdict,
            standing: None,
            policy: policy.pack.reference.clone(),
            model: ModelReference::default(),
            assessed_at,
            engine_duration: started.elapsed(),
        };
        (assessment, rest)
    }
}

fn subject(content: &Content) -> Subject {
    let kind = match content {
        Content::Listing(_) => SubjectKind::Listing,
        Content::Post(_) => SubjectKind::Post,
    };
    Subject { kind, id: content.id().to_owned() }
}

/// The wall clock, as the domain writes instants.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: since.subsec_nanos() }
}

//! Scoring: snapshot, engine, circumstances; one item or many.
//!
//! Not here: validation (the wire did it), encoding, where standings come from (`party.rs`). Kept true: a batch is scored under one snapshot of the policy and
//! answered in request order; a defect of the engine fails its own item only.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use super::party::STANDING_UNAVAILABLE;
use super::stage_times::StageTimes;
use super::work_pool::{WorkLimit, defect};
use super::{Known, LoadedPolicy, PolicyHandle};
use crate::domain::{
    Assessment, Claims, Content, ServiceError, Subject, SubjectKind, TargetingPlan, Timestamp, Verdict,
};
use crate::engine::{self, Circumstances, CriterionVerdict, Scratch, TargetingReview, Trace};
use crate::model::TextModel;
use crate::policy::CompiledPack;
use crate::store::canonical::verdict_bytes;

/// Content with its assessment, and what it claims if it is a post.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// What was scored.
    pub content: Content,
    /// What was concluded.
    pub assessment: Assessment,
    /// What it says of what it promotes.
    pub claims: Claims,
}

thread_local! {
    /// One set of buffers per worker thread; the engine never yields, so it cannot be borrowed twice.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Scores content under the policy in force. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Scorer {
    policy: Arc<PolicyHandle>,
    stages: StageTimes,
}

impl Scorer {
    /// Over a policy.
    pub fn new(policy: Arc<PolicyHandle>) -> Self {
        Scorer { policy, stages: StageTimes::default() }
    }

    /// The policy it scores under.
    pub fn policy(&self) -> &Arc<PolicyHandle> {
        &self.policy
    }

    /// Where the time goes.
    pub fn stages(&self) -> &StageTimes {
        &self.stages
    }

    /// Scores one item of a seller or creator of whom nothing is known.
    pub fn score(&self, content: &Content) -> Assessment {
        self.score_known(content, Known::default())
    }

    /// Scores one item under what is known of it.
    pub fn score_known(&self, content: &Content, known: Known) -> Assessment {
        score_under(&self.policy.snapshot(), content, known)
    }

    /// Scores one item under what is known of it, and gives what a post claims about what it promotes.
    pub fn score_claims(&self, content: &Content, known: Known) -> (Assessment, Claims) {
        claims_under(&self.policy.snapshot(), content, known, &self.stages)
    }

    /// Scores one item of a seller or creator of whom nothing is known, and shows how.
    pub fn explain(&self, content: &Content) -> (Assessment, Trace) {
        explain_under(&self.policy.snapshot(), content, Known::default())
    }

    /// Scores one item for callers who must outlive a defect of the engine: a panic becomes an error of this item.
    pub fn try_score(&self, content: &Content, known: Known) -> Result<Assessment, ServiceError> {
        guarded(|| score_under(&self.policy.snapshot(), content, known))
    }

    /// Scores one item and gives its claims, for callers who must outlive a defect of the engine.
    pub fn try_score_claims(&self, content: &Content, known: Known) -> Result<(Assessment, Claims), ServiceError> {
        guarded(|| claims_under(&self.policy.snapshot(), content, known, &self.stages))
    }

    /// Explains one item for callers who must outlive a defect of the engine.
    pub fn try_explain(&self, content: &Content, known: Known) -> Result<(Assessment, Trace), ServiceError> {
        guarded(|| explain_under(&self.policy.snapshot(), content, known))
    }

    /// Judges a plan to show an advertisement, for callers who must outlive a defect of the engine.
    pub fn try_review(&self, plan: &TargetingPlan) -> Result<(Vec<CriterionVerdict>, Assessment), ServiceError> {
        let policy = self.policy.snapshot();
        guarded(|| {
            // Nobody has published anything yet, so nobody's standing counts.
            let whole = plan.advertisement(&plan.criteria);
            let (assessment, criteria) = run(&policy, &whole, Known::default(), |pack, circumstances, scratch| {
                let TargetingReview { criteria, verdict } =
                    engine::review_targeting(plan, pack, circumstances, scratch);
                (verdict, criteria)
            });
            (criteria, assessment)
        })
    }

    /// Scores content again as it was scored then: the same standing, the same instant. True if the same verdict comes out,
    /// byte for byte; `None` if the policy in force is another one.
    pub fn reproduces(&self, content: &Content, then: &Assessment) -> Option<bool> {
        let policy = self.policy.snapshot();
        if policy.pack.reference.digest != then.policy.digest {
            return None;
        }
        let circumstances = Circumstances {
            now: then.assessed_at,
            standing: then.standing.as_ref(),
            promotions: then.promotions.as_deref(),
        };
        let mut verdict =
            SCRATCH.with_borrow_mut(|scratch| engine::assess(content, &policy.pack, circumstances, scratch));
        // That a standing could not be read then is a circumstance, told by us and not by the engine.
        let told = then.verdict.diagnostics.iter().filter(|one| one.code == STANDING_UNAVAILABLE);
        verdict.diagnostics.extend(told.cloned());
        Some(verdict_bytes(&verdict) == verdict_bytes(&then.verdict))
    }

    /// Scores many items in parallel on the rayon pool of the calling thread, under one snapshot of the policy.
    ///
    /// `prepare` turns an item into content, or says what is wrong with it; `known` says what is known of it.
    /// There is one result per item, in the same order. The call fails as a whole only if `limit` ends it.
    pub fn score_batch<T: Send>(
        &self,
        items: Vec<T>,
        limit: &WorkLimit,
        prepare: impl Fn(usize, T) -> Result<Content, ServiceError> + Sync,
        known: impl Fn(&Content) -> Known + Sync,
    ) -> Result<Vec<Result<Assessed, ServiceError>>, ServiceError> {
        let policy = self.policy.snapshot();
        let score_one = |(position, item)| {
            limit.check()?;
            let content = match prepare(position, item) {
                Ok(content) => content,
                Err(error) => return Ok(Err(error)),
            };
            let assessed = guarded(|| claims_under(&policy, &content, known(&content), &self.stages));
            Ok(assessed.map(|(assessment, claims)| Assessed { content, assessment, claims }))
        };
        items.into_par_iter().enumerate().map(score_one).collect()
    }
}

fn score_under(policy: &LoadedPolicy, content: &Content, known: Known) -> Assessment {
    let assess = |pack: &CompiledPack, circumstances: Circumstances<'_>, scratch: &mut Scratch| {
        (engine::assess(content, pack, circumstances, scratch), ())
    };
    run(policy, content, known, assess).0
}

fn claims_under(policy: &LoadedPolicy, content: &Content, known: Known, stages: &StageTimes) -> (Assessment, Claims) {
    run(policy, content, known, |pack, circumstances, scratch| match stages.watch() {
        None => engine::assess_claims(content, pack, circumstances, scratch),
        Some(mut watch) => {
            engine::assess_claims_watched(content, pack, circumstances, scratch, |stage| watch.ended(stage))
        }
    })
}

fn explain_under(policy: &LoadedPolicy, content: &Content, known: Known) -> (Assessment, Trace) {
    run(policy, content, known, |pack, circumstances, scratch| engine::explain(content, pack, circumstances, scratch))
}

fn run<T>(
    policy: &LoadedPolicy,
    content: &Content,
    known: Known,
    evaluate: impl FnOnce(&CompiledPack, Circumstances<'_>, &mut Scratch) -> (Verdict, T),
) -> (Assessment, T) {
    let assessed_at = now();
    let Known { standing, promotions } = known;
    let promotions = promotions.filter(|promotions| !promotions.is_empty()).map(Box::new);
    let circumstances =
        Circumstances { now: assessed_at, standing: standing.standing(), promotions: promotions.as_deref() };
    let started = Instant::now();
    let (mut verdict, rest) = SCRATCH.with_borrow_mut(|scratch| evaluate(&policy.pack, circumstances, scratch));
    verdict.diagnostics.extend(standing.diagnostic(content));
    let assessment = Assessment {
        assessment_id: uuid::Uuid::now_v7().to_string(),
        subject: subject(content),
        verdict,
        standing: standing.into_standing(),
        promotions,
        policy: policy.pack.reference.clone(),
        model: policy.pack.model.as_ref().map(TextModel::reference).unwrap_or_default(),
        assessed_at,
        engine_duration: started.elapsed(),
    };
    (assessment, rest)
}

/// The buffers of a panicked evaluation may be in any state, so they are thrown away.
fn guarded<T>(evaluate: impl FnOnce() -> T) -> Result<T, ServiceError> {
    catch_unwind(AssertUnwindSafe(evaluate)).map_err(|_| {
        SCRATCH.set(Scratch::default());
        tracing::error!("the engine panicked; the item was not scored");
        defect()
    })
}

fn subject(content: &Content) -> Subject {
    let kind = match content {
        Content::Listing(_) => SubjectKind::Listing,
        Content::Post(_) => SubjectKind::Post,
    };
    Subject { kind, id: content.id().to_owned() }
}

/// The wall clock, as the domain writes instants.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: since.subsec_nanos() }
}

//! Scoring for callers on async threads: short work at once, long work on the pool.
//!
//! Not here: what scoring is, what recording is. Kept true: an async thread is held for well under a millisecond; nothing is
//! scored whose deadline has passed; what has to be recorded leaves only as `Unrecorded`, or recorded.

use std::sync::Arc;
use std::time::Instant;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::party::{Parties, PartyStanding, party};
use super::recorder::{Recorder, Unrecorded};
use super::scoring::Assessed;
use super::work_pool::deadline_exceeded;
use super::{Known, PromotionMemory, Scorer, WorkLimit, WorkPool};
use crate::domain::{Assessment, Content, ServiceError, SubjectKind, TargetingPlan};
use crate::engine::{CriterionVerdict, Trace};
use crate::reputation::Standings;

/// Text up to this size is scored at once: about 0.3 ms at the budget of 20 us/KB, where a handover to the pool costs
/// some 20 us and a second core.
const AT_ONCE: usize = 16 << 10;

/// The result of one item.
pub type Scored = Result<Assessment, ServiceError>;

/// Scores without holding async threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AsyncScorer {
    pool: WorkPool,
    parties: Parties,
    desk: Desk,
}

/// What one item needs on its way from content to answer. Cheap to clone, so that it goes with long work.
#[derive(Clone, Debug)]
struct Desk {
    scorer: Scorer,
    recorder: Option<Arc<Recorder>>,
    promotions: Option<Arc<PromotionMemory>>,
}

impl AsyncScorer {
    /// With a pool for long work. Nothing is known of anybody, and nothing is recorded.
    pub fn new(scorer: Scorer, pool: WorkPool) -> Self {
        let desk = Desk { scorer, recorder: None, promotions: None };
        AsyncScorer { pool, parties: Parties::default(), desk }
    }

    /// With what is known of sellers and creators.
    pub fn with_standings(self, standings: Arc<Standings>) -> Self {
        AsyncScorer { parties: Parties(Some(standings)), ..self }
    }

    /// With a record of what is answered.
    pub fn with_recorder(self, recorder: Arc<Recorder>) -> Self {
        let desk = Desk { recorder: Some(recorder), ..self.desk };
        AsyncScorer { desk, ..self }
    }

    /// With a memory of what posts say of listings.
    pub fn with_promotions(self, promotions: Arc<PromotionMemory>) -> Self {
        let desk = Desk { promotions: Some(promotions), ..self.desk };
        AsyncScorer { desk, ..self }
    }

    /// What it scores with.
    pub fn scorer(&self) -> &Scorer {
        &self.desk.scorer
    }

    /// Scores one item under what is known at once, for who wants to look: nothing is counted, recorded or learnt.
    pub fn look(&self, content: &Content) -> Scored {
        let standing = self.parties.at_once(party(content)).unwrap_or(PartyStanding::Unavailable);
        self.desk.scorer.try_score(content, self.desk.known(content, standing))
    }

    /// True if scoring it takes so little, and nobody has to be asked, so that an async thread may do it.
    pub fn is_short(&self, content: &Content) -> bool {
        takes_little(content) && self.parties.at_once(party(content)).is_some()
    }

    /// Scores one short item on the spot. `record` it before it is answered.
    pub fn score_short(&self, content: Content, deadline: Option<Instant>) -> Result<Unrecorded, ServiceError> {
        let standing = self.parties.at_once(party(&content)).unwrap_or(PartyStanding::Unavailable);
        self.score_at_once(content, standing, deadline)
    }

    /// Scores one item: on the spot if it is short, else on the pool. `record` it before it is answered. Whoever drops the
    /// future abandons the work.
    pub async fn score_unrecorded(
        &self,
        content: Content,
        deadline: Option<Instant>,
    ) -> Result<Unrecorded, ServiceError> {
        let standing = self.parties.of(party(&content), deadline).await;
        if takes_little(&content) {
            return self.score_at_once(content, standing, deadline);
        }
        let desk = self.desk.clone();
        self.long(deadline, move |_: &WorkLimit| desk.score(content, standing)).await
    }

    /// Scores one item and records the answer.
    pub async fn score(&self, content: Content, deadline: Option<Instant>) -> Scored {
        let unrecorded = self.score_unrecorded(content, deadline).await?;
        if !unrecorded.must_wait() {
            return Ok(unrecorded.into_assessment());
        }
        let mut recorded = self.record(vec![Ok(unrecorded)]).await;
        recorded.pop().unwrap_or_else(|| Err(super::work_pool::defect()))
    }

    /// Records answers, with one commit for all of them. One result for each, in the same order.
    pub async fn record(&self, answers: Vec<Result<Unrecorded, ServiceError>>) -> Vec<Scored> {
        match &self.desk.recorder {
            Some(recorder) => recorder.record(answers).await,
            None => answers.into_iter().map(|answer| answer.map(Unrecorded::into_assessment)).collect(),
        }
    }

    /// Scores one item and shows how. Always on the pool: a trace costs several times a score. It is no decision, and is not recorded.
    pub async fn explain(
        &self,
        content: Content,
        deadline: Option<Instant>,
    ) -> Result<(Assessment, Trace), ServiceError> {
        let standing = self.parties.of(party(&content), deadline).await;
        let desk = self.desk.clone();
        let work = move |_: &WorkLimit| desk.scorer.try_explain(&content, desk.known(&content, standing));
        self.long(deadline, work).await
    }

    /// Judges a plan to show an advertisement. Always on the pool: every criterion is scored apart. It is no decision, and is not
    /// recorded.
    pub async fn review_targeting(
        &self,
        plan: TargetingPlan,
        deadline: Option<Instant>,
    ) -> Result<(Vec<CriterionVerdict>, Assessment), ServiceError> {
        let scorer = self.desk.scorer.clone();
        self.long(deadline, move |_| scorer.try_review(&plan)).await
    }

    /// Scores many items in parallel and records them; see `Scorer::score_batch`. `party` names an item's seller or creator.
    pub async fn score_batch<T: Send + Sync + 'static>(
        &self,
        items: Vec<T>,
        deadline: Option<Instant>,
        party: impl Fn(&T) -> (SubjectKind, &str),
        prepare: impl Fn(usize, T) -> Result<Content, ServiceError> + Send + Sync + 'static,
    ) -> Result<Vec<Scored>, ServiceError> {
        let found = self.parties.of_many(items.iter().map(party), deadline).await;
        let desk = self.desk.clone();
        let work = move |limit: &WorkLimit| {
            let known = |content: &Content| desk.known(content, found.of(content));
            let scored = desk.scorer.score_batch(items, limit, prepare, known)?;
            Ok(scored.into_par_iter().map(|one| one.map(|assessed| desk.finish(assessed))).collect())
        };
        Ok(self.record(self.long(deadline, work).await?).await)
    }

    fn score_at_once(
        &self,
        content: Content,
        standing: PartyStanding,
        deadline: Option<Instant>,
    ) -> Result<Unrecorded, ServiceError> {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(deadline_exceeded());
        }
        self.desk.score(content, standing)
    }

    async fn long<T, W>(&self, deadline: Option<Instant>, work: W) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        W: FnOnce(&WorkLimit) -> Result<T, ServiceError> + Send + 'static,
    {
        let running = self.pool.run(WorkLimit::until(deadline), work);
        match deadline {
            None => running.await,
            // The caller is answered in time even while the work waits for its place.
            Some(deadline) => tokio::time::timeout_at(deadline.into(), running)
                .await
                .unwrap_or_else(|_elapsed| Err(deadline_exceeded())),
        }
    }
}

impl Desk {
    /// What scoring is told of an item.
    fn known(&self, content: &Content, standing: PartyStanding) -> Known {
        let memory = self.promotions.as_ref();
        let promotions = memory.and_then(|memory| memory.known(content, &self.scorer.policy().snapshot().pack.links));
        Known { standing, promotions }
    }

    fn score(&self, content: Content, standing: PartyStanding) -> Result<Unrecorded, ServiceError> {
        let known = self.known(&content, standing);
        let (assessment, claims) = self.scorer.try_score_claims(&content, known)?;
        Ok(self.finish(Assessed { content, assessment, claims }))
    }

    /// What a scored item teaches, and the records that it needs.
    fn finish(&self, assessed: Assessed) -> Unrecorded {
        let Assessed { content, assessment, claims } = assessed;
        let mentions = match (&self.promotions, &content) {
            (Some(memory), Content::Post(post)) => {
                memory.learn(post, &claims, &assessment, &self.scorer.policy().snapshot().pack.links)
            }
            _ => Vec::new(),
        };
        let unrecorded = Unrecorded::new(self.recorder.as_deref(), &content, assessment, mentions);
        if let (Some(memory), Content::Listing(listing)) = (&self.promotions, content) {
            memory.remember(listing, unrecorded.assessment());
        }
        unrecorded
    }
}

fn takes_little(content: &Content) -> bool {
    let mut bytes = 0;
    content.for_each_text(|_, text| bytes += text.len());
    bytes <= AT_ONCE
}

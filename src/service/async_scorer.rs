//! Scoring for callers on async threads: short work at once, long work on the pool.
//!
//! Not here: what scoring is. Kept true: an async thread is held for well under a millisecond; nothing is scored whose
//! deadline has passed.

use std::time::Instant;

use super::work_pool::deadline_exceeded;
use super::{Scorer, WorkLimit, WorkPool};
use crate::domain::{Assessment, Content, ServiceError};
use crate::engine::Trace;

/// Text up to this size is scored at once: about 0.3 ms at the budget of 20 us/KB, where a handover to the pool costs
/// some 20 us and a second core.
const AT_ONCE: usize = 16 << 10;

/// The result of one item.
pub type Scored = Result<Assessment, ServiceError>;

/// Scores without holding async threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AsyncScorer {
    scorer: Scorer,
    pool: WorkPool,
}

impl AsyncScorer {
    /// With a pool for long work.
    pub fn new(scorer: Scorer, pool: WorkPool) -> Self {
        AsyncScorer { scorer, pool }
    }

    /// What it scores with.
    pub fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// True if scoring it takes so little that an async thread may do it.
    pub fn is_short(content: &Content) -> bool {
        let mut bytes = 0;
        content.for_each_text(|_, text| bytes += text.len());
        bytes <= AT_ONCE
    }

    /// Scores one short item on the spot.
    pub fn score_short(&self, content: &Content, deadline: Option<Instant>) -> Scored {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(deadline_exceeded());
        }
        self.scorer.try_score(content)
    }

    /// Scores one item: on the spot if it is short, else on the pool. Whoever drops the future abandons the work.
    pub async fn score(&self, content: Content, deadline: Option<Instant>) -> Scored {
        if Self::is_short(&content) {
            return self.score_short(&content, deadline);
        }
        let scorer = self.scorer.clone();
        self.long(deadline, move |_| scorer.try_score(&content)).await
    }

    /// Scores one item and shows how. Always on the pool: a trace costs several times a score.
    pub async fn explain(
        &self,
        content: Content,
        deadline: Option<Instant>,
    ) -> Result<(Assessment, Trace), ServiceError> {
        let scorer = self.scorer.clone();
        self.long(deadline, move |_| scorer.try_explain(&content)).await
    }

    /// Scores many items in parallel; see `Scorer::score_batch`.
    pub async fn score_batch<T: Send + 'static>(
        &self,
        items: Vec<T>,
        deadline: Option<Instant>,
        prepare: impl Fn(usize, T) -> Result<Content, ServiceError> + Send + Sync + 'static,
    ) -> Result<Vec<Scored>, ServiceError> {
        let scorer = self.scorer.clone();
        self.long(deadline, move |limit| scorer.score_batch(items, limit, prepare)).await
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

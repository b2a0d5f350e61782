//! Scoring for callers on async threads: short work at once, long work on the pool.
//!
//! Not here: what scoring is. Kept true: an async thread is held for well under a millisecond; nothing is scored whose
//! deadline has passed.

use std::pin::Pin;
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

/// An item that runs on the pool. Whoever drops it abandons it.
pub type Running = Pin<Box<dyn Future<Output = Scored> + Send>>;

/// One item under way.
pub enum Started {
    /// It was short.
    Done(Box<Scored>),
    /// It is long.
    Running(Running),
}

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

    /// Scores one item, or starts to.
    pub fn start(&self, content: Content, deadline: Option<Instant>) -> Started {
        if let Err(error) = WorkLimit::until(deadline).check() {
            return Started::Done(Box::new(Err(error)));
        }
        if text_bytes(&content) <= AT_ONCE {
            return Started::Done(Box::new(self.scorer.try_score(&content)));
        }
        let this = self.clone();
        Started::Running(Box::pin(async move {
            let scorer = this.scorer.clone();
            this.long(deadline, move |_| scorer.try_score(&content)).await
        }))
    }

    /// Scores one item.
    pub async fn score(&self, content: Content, deadline: Option<Instant>) -> Scored {
        match self.start(content, deadline) {
            Started::Done(scored) => *scored,
            Started::Running(running) => running.await,
        }
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

fn text_bytes(content: &Content) -> usize {
    let mut bytes = 0;
    content.for_each_text(|_, text| bytes += text.len());
    bytes
}

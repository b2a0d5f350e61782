//! Scoring for callers on async threads: short work at once, long work on the pool.
//!
//! Not here: what scoring is. Kept true: an async thread is held for well under a millisecond; nothing is scored whose
//! deadline has passed.

use std::sync::Arc;
use std::time::Instant;

use super::party::{Parties, PartyStanding, party};
use super::work_pool::deadline_exceeded;
use super::{Scorer, WorkLimit, WorkPool};
use crate::domain::{Assessment, Content, ServiceError, SubjectKind};
use crate::engine::Trace;
use crate::reputation::Standings;

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
    parties: Parties,
}

impl AsyncScorer {
    /// With a pool for long work. Nothing is known of anybody.
    pub fn new(scorer: Scorer, pool: WorkPool) -> Self {
        AsyncScorer { scorer, pool, parties: Parties::default() }
    }

    /// With what is known of sellers and creators.
    pub fn with_standings(self, standings: Arc<Standings>) -> Self {
        AsyncScorer { parties: Parties(Some(standings)), ..self }
    }

    /// What it scores with.
    pub fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// True if scoring it takes so little, and nobody has to be asked, so that an async thread may do it.
    pub fn is_short(&self, content: &Content) -> bool {
        takes_little(content) && self.parties.at_once(party(content)).is_some()
    }

    /// Scores one short item on the spot.
    pub fn score_short(&self, content: &Content, deadline: Option<Instant>) -> Scored {
        let standing = self.parties.at_once(party(content)).unwrap_or(PartyStanding::Unavailable);
        self.score_at_once(content, standing, deadline)
    }

    /// Scores one item: on the spot if it is short, else on the pool. Whoever drops the future abandons the work.
    pub async fn score(&self, content: Content, deadline: Option<Instant>) -> Scored {
        let standing = self.parties.of(party(&content), deadline).await;
        if takes_little(&content) {
            return self.score_at_once(&content, standing, deadline);
        }
        let scorer = self.scorer.clone();
        self.long(deadline, move |_| scorer.try_score(&content, standing)).await
    }

    /// Scores one item and shows how. Always on the pool: a trace costs several times a score.
    pub async fn explain(
        &self,
        content: Content,
        deadline: Option<Instant>,
    ) -> Result<(Assessment, Trace), ServiceError> {
        let standing = self.parties.of(party(&content), deadline).await;
        let scorer = self.scorer.clone();
        self.long(deadline, move |_| scorer.try_explain(&content, standing)).await
    }

    /// Scores many items in parallel; see `Scorer::score_batch`. `party` names an item's seller or creator.
    pub async fn score_batch<T: Send + Sync + 'static>(
        &self,
        items: Vec<T>,
        deadline: Option<Instant>,
        party: impl Fn(&T) -> (SubjectKind, &str),
        prepare: impl Fn(usize, T) -> Result<Content, ServiceError> + Send + Sync + 'static,
    ) -> Result<Vec<Scored>, ServiceError> {
        let found = self.parties.of_many(items.iter().map(party), deadline).await;
        let scorer = self.scorer.clone();
        let standing = move |content: &Content| found.of(content);
        self.long(deadline, move |limit| scorer.score_batch(items, limit, prepare, standing)).await
    }

    fn score_at_once(&self, content: &Content, standing: PartyStanding, deadline: Option<Instant>) -> Scored {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(deadline_exceeded());
        }
        self.scorer.try_score(content, standing)
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

fn takes_little(content: &Content) -> bool {
    let mut bytes = 0;
    content.for_each_text(|_, text| bytes += text.len());
    bytes <= AT_ONCE
}

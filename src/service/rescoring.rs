//! Scores listings again when a post has changed what is known about them.
//!
//! Not here: noticing that (`promotions.rs`). Kept true: one at a time, from a bounded queue; only a listing that comes out worse is
//! recorded, so that those who follow decisions see what changed and nothing else; it is counted once.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{AsyncScorer, ChangedListings, PromotionMemory};
use crate::domain::{Action, Content};

/// Worth telling: a risk that has risen by so much.
const RISEN: f64 = 0.05;
/// Posts of one campaign come together: a listing is looked at once they have.
const GATHER: Duration = Duration::from_millis(20);

/// Scores changed listings again.
#[derive(Debug)]
pub struct Rescoring {
    scorer: AsyncScorer,
    memory: Arc<PromotionMemory>,
    changed: ChangedListings,
}

impl Rescoring {
    /// Over the listings that `memory` tells of.
    pub fn new(scorer: AsyncScorer, memory: Arc<PromotionMemory>, changed: ChangedListings) -> Self {
        Rescoring { scorer, memory, changed }
    }

    /// Until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut waiting = Vec::new();
        while let Some(1..) = stop.run_until_cancelled(self.changed.recv_many(&mut waiting, 64)).await {
            tokio::time::sleep(GATHER).await;
            waiting.sort_unstable();
            waiting.dedup();
            for listing_id in waiting.drain(..) {
                self.again(&listing_id).await;
            }
        }
    }

    async fn again(&self, listing_id: &str) {
        let Some(before) = self.memory.recent(listing_id) else { return };
        let content = Content::Listing(before.listing);
        let Ok(looked) = self.scorer.look(&content) else { return };
        let risen = looked.verdict.risk.get() >= before.risk.get() + RISEN;
        let graver = looked.verdict.action > before.action;
        if looked.verdict.action > Action::Allow && (risen || graver) {
            // Scored once more, and recorded on the way: the answer goes to those who follow decisions.
            if let Err(failed) = self.scorer.score(content, None).await {
                tracing::warn!(code = failed.code.as_str(), "a changed listing could not be scored again");
            }
        }
    }
}

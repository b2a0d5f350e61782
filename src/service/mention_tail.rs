//! Reads mentions from the store: all of them after a start, then what this and other replicas write.
//!
//! Not here: what is made of them (`promotions.rs`). Kept true: nothing is missed, because reading goes on from a cursor and a
//! notification only wakes; a store that is away is asked again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::PromotionMemory;
use crate::store::{Cursor, Store, StoreError};

/// Between looks when nobody wakes us: another process on the same file cannot.
const ROUND: Duration = Duration::from_millis(500);
/// Between looks in any case.
const PAUSE: Duration = Duration::from_millis(50);
/// Mentions read at a time.
const PAGE: usize = 2000;

/// Reads mentions on.
#[derive(Debug)]
pub struct MentionTail {
    store: Arc<dyn Store>,
    memory: Arc<PromotionMemory>,
    cursor: Cursor,
}

impl MentionTail {
    /// From the beginning: a restart knows what was known.
    pub fn new(store: Arc<dyn Store>, memory: Arc<PromotionMemory>) -> Self {
        MentionTail { store, memory, cursor: Cursor::default() }
    }

    /// Until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut changes = self.store.changes();
        let mut away = false;
        while !stop.is_cancelled() {
            changes.mark_unchanged();
            let read = self.catch_up(&stop).await;
            if let Err(failed) = &read
                && !away
            {
                tracing::warn!(%failed, "promotions cannot be read; trying on");
            }
            away = read.is_err();
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = changes.changed() => tokio::time::sleep(PAUSE).await,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    }

    /// Takes half a processor at most: there is no hurry, and calls are being answered.
    async fn catch_up(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        while !stop.is_cancelled() {
            let begun = Instant::now();
            let (mentions, cursor) = self.store.mentions_since(&self.cursor, PAGE).await?;
            let last = cursor == self.cursor || mentions.is_empty();
            self.cursor = cursor;
            mentions.into_iter().for_each(|mention| self.memory.read_back(mention.record));
            if last {
                break;
            }
            tokio::time::sleep(begun.elapsed()).await;
        }
        Ok(())
    }
}

//! Turns: while many calls wait, their work is begun one by one, and connections are read in between.
//!
//! Not here: who is refused (`backlog.rs`). Kept true: what clients have sent is known to us and not to the system's buffers, so that a queue is seen when there is
//! one; a turn ends when its work first waits for something, so nobody waits for a disk or a slow upload of somebody else.
//!
//! Without this, a connection that is read gives a hundred calls to the runtime at once, each a task, and is read again when all of them are done. The others wait in TCP, where
//! nobody counts them and nobody can refuse them: each call that is looked at seems to have just come.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{Semaphore, SemaphorePermit};

/// As many as there are threads.
#[derive(Debug)]
pub(super) struct Turns(Semaphore);

/// The right to begin.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _one: Option<SemaphorePermit<'a>>,
}

impl Turns {
    /// For so many threads.
    pub(super) fn new(threads: usize) -> Self {
        Turns(Semaphore::new(threads.max(1)))
    }

    /// Waits for a turn: first come, first served, and after those who have something to read.
    pub(super) async fn take(&self) -> Turn<'_> {
        let one = self.0.acquire().await.ok(); // never closed
        // The runtime looks for what can be read before it comes back.
        tokio::task::yield_now().await;
        Turn { _one: one }
    }
}

/// Work whose first step is done in a turn.
pub(super) struct InTurn<'a, F> {
    work: Pin<Box<F>>,
    turn: Option<Turn<'a>>,
}

impl<'a, F> InTurn<'a, F> {
    /// Work, and its turn if there is one.
    pub(super) fn new(work: F, turn: Option<Turn<'a>>) -> Self {
        InTurn { work: Box::pin(work), turn }
    }
}

impl<F: Future> Future for InTurn<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let polled = self.work.as_mut().poll(cx);
        self.turn = None;
        polled
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn who_waits_begins_in_order_and_waits_for_nobodys_disk() {
        let (turns, order) = (Arc::new(Turns::new(1)), Arc::new(std::sync::Mutex::new(Vec::new())));
        let mut working = tokio::task::JoinSet::new();
        for number in 0..3 {
            let (turns, order) = (Arc::clone(&turns), Arc::clone(&order));
            working.spawn(async move {
                let turn = turns.take().await;
                let work = async {
                    order.lock().unwrap().push(number);
                    std::future::pending::<()>().await; // waits for a disk, say
                };
                let work = InTurn::new(work, Some(turn));
                let _elapsed = tokio::time::timeout(std::time::Duration::from_millis(50), work).await;
            });
        }
        working.join_all().await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_turn_to_others() {
        let turns = Turns::new(1);
        let first = turns.take().await;
        let mut second = Box::pin(turns.take());
        assert!(futures_pending(second.as_mut()).await);
        drop(second);
        drop(first);
        let _third = turns.take().await;
    }

    async fn futures_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
    }
}

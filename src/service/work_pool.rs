//! Threads for work that is too long for the async threads: batches, traces, very long texts.
//!
//! Not here: what the work is. Kept true: at most as many pieces of work are under way as there are threads, the rest
//! waits outside without a thread; work that nobody waits for any more stops at its next look at the limit; a panic
//! fails one piece of work and nothing else.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::{Semaphore, oneshot};

use crate::domain::{ErrorCode, ServiceError};

/// How long work is worth doing.
#[derive(Clone, Debug, Default)]
pub struct WorkLimit {
    deadline: Option<Instant>,
    abandoned: Arc<AtomicBool>,
}

impl WorkLimit {
    /// Until an instant; `None` = for as long as somebody waits.
    pub fn until(deadline: Option<Instant>) -> Self {
        WorkLimit { deadline, abandoned: Arc::default() }
    }

    /// Fails once the work is no longer worth doing.
    pub fn check(&self) -> Result<(), ServiceError> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(ServiceError::new(ErrorCode::Unavailable, "the caller has gone"));
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(deadline_exceeded()),
            _ => Ok(()),
        }
    }
}

/// What every call says whose time is up.
pub(super) fn deadline_exceeded() -> ServiceError {
    ServiceError::new(ErrorCode::DeadlineExceeded, "the deadline has passed; nothing was scored after it")
}

/// A defect of ours, in words that tell the caller what to do.
pub(super) fn defect() -> ServiceError {
    ServiceError::new(ErrorCode::Internal, "scoring failed on a defect of the service; the item was not scored")
}

/// A bounded set of threads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WorkPool {
    threads: Arc<rayon::ThreadPool>,
    places: Arc<Semaphore>,
}

impl WorkPool {
    /// With so many threads.
    pub fn new(threads: NonZeroUsize) -> Result<Self, rayon::ThreadPoolBuildError> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .thread_name(|number| format!("work-{number}"))
            .build()?;
        let places = Arc::new(Semaphore::new(threads.current_num_threads()));
        Ok(WorkPool { threads: Arc::new(threads), places })
    }

    /// Runs `work` on the pool and waits for it without holding a thread. Whoever drops the future abandons the work.
    pub async fn run<T, W>(&self, limit: WorkLimit, work: W) -> Result<T, ServiceError>
    where
        T: Send + 'static,
        W: FnOnce(&WorkLimit) -> Result<T, ServiceError> + Send + 'static,
    {
        // Never closed, so this fails only if that changes.
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| defect())?;
        let _abandon = AbandonOnDrop(Arc::clone(&limit.abandoned));
        let (answer, answered) = oneshot::channel();
        self.threads.spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| limit.check().and_then(|()| work(&limit))));
            drop(place);
            // Nobody waits any more: then nobody misses the answer either.
            let _ = answer.send(outcome.unwrap_or_else(|_| Err(defect())));
        });
        answered.await.map_err(|_| defect())?
    }
}

/// Tells the work that nobody waits for it. Harmless once the work is done.
struct AbandonOnDrop(Arc<AtomicBool>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn pool() -> WorkPool {
        WorkPool::new(NonZeroUsize::MIN).unwrap()
    }

    #[tokio::test]
    async fn work_comes_back_with_its_answer() {
        assert_eq!(pool().run(WorkLimit::default(), |_| Ok(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn work_past_its_deadline_is_not_done() {
        let limit = WorkLimit::until(Some(Instant::now()));
        let error = pool().run(limit, |_| -> Result<(), _> { panic!("must not run") }).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::DeadlineExceeded);
    }

    #[tokio::test]
    async fn a_panic_fails_one_piece_of_work_and_the_next_one_runs() {
        let pool = pool();
        let error = pool.run(WorkLimit::default(), |_| -> Result<(), _> { panic!("a defect") }).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Internal);
        assert_eq!(pool.run(WorkLimit::default(), |_| Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn abandoned_work_stops_at_its_next_look_and_frees_its_place() {
        let pool = pool();
        let (started, wait_started) = oneshot::channel();
        let (stopped, wait_stopped) = oneshot::channel();
        let running = pool.run(WorkLimit::default(), move |limit| {
            let _ = started.send(());
            while limit.check().is_ok() {
                std::thread::sleep(Duration::from_millis(1));
            }
            let _ = stopped.send(());
            Ok(())
        });
        tokio::select! {
            _ = running => panic!("cannot end by itself"),
            _ = wait_started => {}
        }
        wait_stopped.await.unwrap();
        assert_eq!(pool.run(WorkLimit::default(), |_| Ok(2)).await, Ok(2));
    }
}

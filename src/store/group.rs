//! The queue before a writer: calls that come together while it is busy share its next commit.
//!
//! Not here: committing (each backend does it in its own way). Kept true: calls are kept in the order in which they came; each
//! caller gets exactly the answers to its own records, or the error that all of its group got.

use tokio::sync::{mpsc, oneshot};

use super::entry::{Erase, Erased};
use super::error::{StoreError, StoreFault};
use super::{Answer, Appended, Draft};

/// What became of the records of a call.
type Kept = Result<Vec<Appended>, StoreError>;

/// What a writer can be asked to do.
pub(super) enum Job {
    /// Keep records.
    Append {
        /// In this order.
        drafts: Vec<Draft>,
        /// One for each.
        answer: oneshot::Sender<Kept>,
    },
    /// Erase records.
    Erase {
        /// Which.
        what: Erase,
        /// How many.
        answer: oneshot::Sender<Result<Erased, StoreError>>,
    },
}

/// The calls of one commit.
pub(super) struct Group {
    calls: Vec<(Vec<Draft>, oneshot::Sender<Kept>)>,
}

impl Group {
    /// A first call and whatever waits behind it, until there are `most` records. Gives the first job that does not belong into it.
    pub(super) fn gather(
        drafts: Vec<Draft>,
        answer: oneshot::Sender<Kept>,
        jobs: &mut mpsc::Receiver<Job>,
        most: usize,
    ) -> (Self, Option<Job>) {
        let mut records = drafts.len();
        let mut calls = vec![(drafts, answer)];
        while records < most {
            match jobs.try_recv() {
                Ok(Job::Append { drafts, answer }) => {
                    records += drafts.len();
                    calls.push((drafts, answer));
                }
                Ok(other) => return (Group { calls }, Some(other)),
                Err(_empty) => break,
            }
        }
        (Group { calls }, None)
    }

    /// Every record, in order.
    pub(super) fn drafts(&self) -> impl Iterator<Item = &Draft> {
        self.calls.iter().flat_map(|(drafts, _)| drafts)
    }

    /// Tells every caller what became of its records.
    pub(super) fn answer(self, kept: Kept) {
        if let Err(error) = &kept {
            tracing::error!(%error, "records were not kept");
        }
        let mut answers = kept.map(Vec::into_iter);
        for (drafts, answer) in self.calls {
            // Whoever has gone does not miss the answer; what was kept stays kept.
            let _unheard = answer.send(match &mut answers {
                Ok(answers) => Ok(answers.take(drafts.len()).collect()),
                Err(error) => Err(error.clone()),
            });
        }
    }
}

/// Has a writer do something.
pub(super) fn ask<T: Send + 'static>(
    jobs: &mpsc::Sender<Job>,
    job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
) -> Answer<'_, T> {
    let (answer, answered) = oneshot::channel();
    let job = job(answer);
    Box::pin(async move {
        let gone = || StoreError::new(StoreFault::Defect, "the writer has ended");
        jobs.send(job).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    })
}

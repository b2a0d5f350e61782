//! Moving what was written from the log into the file, on a thread beside the one that writes.
//!
//! Not here: when the log must be moved in any case (`wal_autocheckpoint` of the one who writes). Kept true: nothing waits for it, and nothing is
//! lost without it: what is in the log is durable.
//!
//! After a bulk, the log holds most pages of the indexes. Whoever writes and moves them too stands still for a fifth of the time, and so does
//! everybody who waits for a commit.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::super::error::{StoreError, StoreFault};
use super::connect;

/// Records between two moves: few enough for the log to stay small, so many that a service of single calls is left to the library.
const RECORDS: usize = 128 << 10;

/// Wakes the thread.
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    moving: Option<JoinHandle<()>>,
    /// Since the last move.
    records: usize,
}

impl Checkpointer {
    /// On the file at a path.
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let connection = connect(path)?;
        let (wake, woken) = sync_channel(1);
        let moving = Builder::new().name("store-log".to_owned()).spawn(move || {
            for () in woken {
                // A fault meets the one who writes too, who tells of it.
                let _moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        });
        let moving = moving.map_err(|_| StoreError::new(StoreFault::Defect, "no thread"))?;
        Ok(Checkpointer { wake: Some(wake), moving: Some(moving), records: 0 })
    }

    /// So many records were committed.
    pub(super) fn committed(&mut self, records: usize) {
        self.records += records;
        if self.records >= RECORDS
            && let Some(wake) = &self.wake
        {
            self.records = 0;
            // If it is at work, it moves these with the next.
            let _at_work = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(moving) = self.moving.take() {
            let _panicked = moving.join();
        }
    }
}

//! The policy pack in force, swappable while calls run.
//!
//! Not here: compiling packs. Kept true: readers never wait; a failed load leaves the pack in force untouched and is
//! remembered.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::domain::{PolicyVersion, Timestamp};
use crate::model::TextModel;
use crate::policy::CompiledPack;

/// A pack and when it came into force.
#[derive(Debug)]
pub struct LoadedPolicy {
    /// The pack.
    pub pack: CompiledPack,
    /// When it came into force in this process.
    pub loaded_at: Timestamp,
}

/// Hands out snapshots of the pack in force.
#[derive(Debug)]
pub struct PolicyHandle {
    current: ArcSwap<LoadedPolicy>,
    last_error: ArcSwapOption<String>,
}

impl PolicyHandle {
    /// With a first pack.
    pub fn new(pack: CompiledPack, loaded_at: Timestamp) -> Self {
        PolicyHandle {
            current: ArcSwap::from_pointee(LoadedPolicy { pack, loaded_at }),
            last_error: ArcSwapOption::empty(),
        }
    }

    /// The pack in force now; stays valid however long it is held.
    pub fn snapshot(&self) -> Arc<LoadedPolicy> {
        self.current.load_full()
    }

    /// Puts another pack into force. Calls under way go on with the one before, which is given back: freeing it takes tens of milliseconds, and whoever replaced
    /// it has time for that where the last call to leave it has not.
    pub fn replace(&self, pack: CompiledPack, loaded_at: Timestamp) -> Arc<LoadedPolicy> {
        self.last_error.store(None);
        self.current.swap(Arc::new(LoadedPolicy { pack, loaded_at }))
    }

    /// Remembers why another pack did not come into force.
    pub fn failed(&self, why: String) {
        self.last_error.store(Some(Arc::new(why)));
    }

    /// The record that it came into force.
    pub fn version(&self) -> PolicyVersion {
        let LoadedPolicy { pack, loaded_at } = &*self.snapshot();
        PolicyVersion {
            policy_version_id: uuid::Uuid::now_v7().to_string(),
            policy: pack.reference.clone(),
            model: pack.model.as_ref().map(TextModel::reference).unwrap_or_default(),
            in_force_since: *loaded_at,
        }
    }

    /// Why the last attempt to load another pack failed; empty if it did not.
    pub fn last_error(&self) -> String {
        self.last_error.load().as_deref().cloned().unwrap_or_default()
    }
}

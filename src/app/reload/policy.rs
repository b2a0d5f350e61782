//! The folder of the policy pack: read again while the service runs.
//!
//! Not here: what a pack is (`policy/`), how calls see the one in force (`service/policy_handle.rs`). Kept true: a pack comes into force whole or not at all; calls
//! go on meanwhile as if nothing happened.
//!
//! A folder is changed file by file, so it is compiled only when two looks in a row find the same. Compiling takes a second of a processor, and freeing the pack
//! before some tens of milliseconds: both are done by a thread of low priority, so that on a busy machine the calls come first. The pack inside the
//! binary cannot change.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{ROUND, What};
use crate::app::memory;
use crate::domain::{PolicyVersion, Record};
use crate::metrics::Counts;
use crate::policy::{self, CompiledPack, PackDiagnostic, PackSource, Severity};
use crate::reputation::Standings;
use crate::service::{LoadedPolicy, PolicyHandle, now};
use crate::store::{Draft, Store};

/// A tenth of what a thread of calls gets where there is not enough for both.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;
/// Between looks at whether the last call has left the pack before.
const MOMENT: Duration = Duration::from_millis(100);
/// Faults that are told; `dsa-signal policy check` tells all.
const TOLD: usize = 3;

/// Keeps the pack in force like the one on disk.
pub(in crate::app) struct PolicyFolder {
    folder: PathBuf,
    policy: Arc<PolicyHandle>,
    standings: Arc<Standings>,
    counts: Counts,
    /// What the last look found, and what was made of it.
    seen: Seen,
}

/// Digests, or what stood in the way of one.
#[derive(Default)]
struct Seen {
    last: Option<String>,
    done: Option<String>,
}

impl PolicyFolder {
    /// A folder whose pack is in force.
    pub(super) fn new(
        folder: PathBuf,
        (policy, standings): (Arc<PolicyHandle>, Arc<Standings>),
        counts: Counts,
    ) -> Self {
        let done = Some(policy.snapshot().pack.reference.digest.clone());
        PolicyFolder { folder, policy, standings, counts, seen: Seen { last: done.clone(), done } }
    }

    /// Looks again and again until `stop`, and records what has come into force.
    pub(in crate::app) async fn run(self, store: Arc<dyn Store>, stop: CancellationToken) {
        let (told, mut in_force) = mpsc::channel(1);
        let stopped = stop.clone();
        // Not awaited: a thread that compiles does not hold the end of the process up.
        let thread = std::thread::Builder::new().name("policy".into()).spawn(move || self.look(&told, &stopped));
        if let Err(failed) = thread {
            tracing::error!(kind = ?failed.kind(), "the policy folder is not looked at: there is no thread for it");
            return stop.cancelled().await;
        }
        while let Some(Some(version)) = stop.run_until_cancelled(in_force.recv()).await {
            if let Err(failed) = store.append(vec![Draft::new(&Record::Policy(version))]).await {
                tracing::error!(%failed, "that another policy pack is in force could not be recorded");
            }
        }
        stop.cancelled().await;
    }

    fn look(mut self, told: &mpsc::Sender<PolicyVersion>, stop: &CancellationToken) {
        be_modest();
        while !stop.is_cancelled() {
            std::thread::sleep(ROUND);
            let Some(loaded) = self.round() else { continue };
            self.counts.add(2 * What::Policy as usize + usize::from(loaded.is_err()));
            match loaded {
                Ok(before) => {
                    let version = self.policy.version();
                    tracing::info!(
                        version = version.policy.version,
                        digest = version.policy.digest,
                        "another policy pack is in force"
                    );
                    if told.blocking_send(version).is_err() {
                        return;
                    }
                    free(before, stop);
                    memory::give_back_later();
                }
                Err(why) => {
                    tracing::error!(why, "the changed policy pack is wrong; the one before stays in force");
                    self.policy.failed(why);
                }
            }
        }
    }

    /// One look; `None` if there is nothing to do. Gives the pack that is no longer in force.
    fn round(&mut self) -> Option<Result<Arc<LoadedPolicy>, String>> {
        let source = PackSource::from_dir(&self.folder).map_err(|faults| told(&faults));
        let found = source.as_ref().map_or_else(|why| why.clone(), PackSource::digest);
        let settled = self.seen.last.replace(found.clone()).as_ref() == Some(&found);
        if !settled || self.seen.done.as_ref() == Some(&found) {
            return None;
        }
        self.seen.done = Some(found);
        let compiled = source.and_then(|source| policy::compile(&source).map_err(|faults| told(&faults)));
        Some(compiled.map(|(pack, _)| self.put(pack)))
    }

    fn put(&self, pack: CompiledPack) -> Arc<LoadedPolicy> {
        let before = &self.policy.snapshot().pack;
        if before.promotion.half_life != pack.promotion.half_life {
            tracing::warn!(
                "how posts fade has changed in the policy pack; which of them are kept follows after a restart"
            );
        }
        // First the rules: a call between the two weighs events as the new pack does, which is what any later call does.
        if before.standing != pack.standing {
            self.standings.adopt(pack.standing.clone());
        }
        self.policy.replace(pack, now())
    }
}

/// Waits until no call uses a pack any more, so that it is freed by this thread and not by a call's.
fn free(mut before: Arc<LoadedPolicy>, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match Arc::try_unwrap(before) {
            Ok(alone) => return drop(alone),
            Err(shared) => before = shared,
        }
        std::thread::sleep(MOMENT);
    }
}

/// The first errors, in one line each.
fn told(faults: &[PackDiagnostic]) -> String {
    let mut errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
    let first: Vec<_> = errors.by_ref().take(TOLD).map(ToString::to_string).collect();
    match errors.count() {
        0 => first.join("; "),
        more => format!("{}; and {more} more", first.join("; ")),
    }
}

/// Calls come first.
fn be_modest() {
    #[cfg(target_os = "linux")]
    if let Err(refused) = rustix::process::setpriority_process(None, NICE) {
        // For Linux the calling thread is what is meant. Without it, reloads are felt and nothing else changes.
        tracing::warn!(%refused, "the thread that loads policy packs keeps its priority");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::num::NonZeroUsize;
    use std::path::Path;

    use super::*;
    use crate::reputation::MemorySource;

    const STANDING: &str = "half_life_days: 7\nprior: {bad: 1.0, good: 19.0}\nevents:\n  content_removed: {bad: 1.0}\n\
                            strikes: {window_days: 365, warn_at: 3, suspend_at: 5}\n";

    fn base() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/base")
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let name = to.join(path.file_name().unwrap());
            match path.is_dir() {
                true => copy(&path, &name),
                false => fs::write(name, fs::read(path).unwrap()).unwrap(),
            }
        }
    }

    fn digest(folder: &PolicyFolder) -> String {
        folder.policy.snapshot().pack.reference.digest.clone()
    }

    #[test]
    fn a_changed_folder_is_loaded_when_it_is_quiet_and_a_wrong_one_never() {
        let place = tempfile::TempDir::new().unwrap();
        copy(&base(), place.path());
        let (pack, _) = policy::compile(&PackSource::from_dir(place.path()).unwrap()).unwrap();
        let rules = pack.standing.clone();
        let standings = Standings::new(rules.clone(), Arc::new(MemorySource::default()), NonZeroUsize::MIN);
        let (policy, standings) = (Arc::new(PolicyHandle::new(pack, now())), Arc::new(standings));
        let counts = Counts::by("what", &["x"]);
        let mut folder = PolicyFolder::new(place.path().to_owned(), (policy, Arc::clone(&standings)), counts);
        let first = digest(&folder);
        assert!(folder.round().is_none(), "nothing has changed");

        let path = place.path().join("pack.yaml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}\n# one\n")).unwrap();
        assert!(folder.round().is_none(), "somebody may still be writing");
        fs::write(&path, format!("{text}\n# two\n")).unwrap();
        assert!(folder.round().is_none(), "somebody was");
        assert_eq!(digest(&folder), first);
        assert!(folder.round().unwrap().is_ok());
        let second = digest(&folder);
        assert_ne!(second, first);
        assert!(folder.round().is_none(), "once is enough");

        fs::write(&path, "name: [").unwrap();
        assert!(folder.round().is_none());
        let why = folder.round().unwrap().unwrap_err();
        assert!(why.contains("pack.yaml"), "{why}");
        assert!(folder.round().is_none(), "it is told once");
        assert_eq!(digest(&folder), second);

        fs::write(&path, format!("{text}\n# two\n")).unwrap();
        assert!(folder.round().is_none());
        assert!(folder.round().unwrap().is_ok(), "the one in force again, and known to be right");

        assert_eq!(*standings.rules(), rules);
        fs::write(place.path().join("standing.yaml"), STANDING).unwrap();
        assert!(folder.round().is_none());
        assert!(folder.round().unwrap().is_ok());
        assert_ne!(*standings.rules(), rules, "events are weighed by the pack in force");
        assert_eq!(*standings.rules(), folder.policy.snapshot().pack.standing);
    }

    #[test]
    fn a_pack_is_freed_when_the_last_call_has_left_it() {
        let (pack, _) = policy::compile(&PackSource::from_dir(&base()).unwrap()).unwrap();
        let call = Arc::new(LoadedPolicy { pack, loaded_at: now() });
        let weak = Arc::downgrade(&call);
        let before = Arc::clone(&call);
        let waiting = std::thread::spawn(move || free(before, &CancellationToken::new()));
        std::thread::sleep(MOMENT / 2);
        assert!(!waiting.is_finished());
        drop(call);
        waiting.join().unwrap();
        assert!(weak.upgrade().is_none());
    }
}

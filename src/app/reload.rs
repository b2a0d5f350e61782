//! Files that may change while the service runs: certificates, clients, keys of an identity provider.
//!
//! Not here: what is in them (`grpc/tls.rs`, `access/`), the folder of the policy pack (`reload/policy.rs`). Kept true: what is in force is always whole; a file that is wrong changes nothing, is told once
//! in the log and for as long as it lasts in the metrics.
//!
//! The files are read again every two seconds and compared, byte by byte. Watching for events would be quicker and wrong in the places where it matters:
//! Kubernetes swaps a symbolic link two folders up, and NFS says nothing at all. The files have a few kilobytes.

mod policy;

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use super::config::{AccessConfig, EdgeConfig};
use crate::access::{Clients, Gate, TokenKeys};
use crate::grpc::{Doors, EdgeMetrics, TlsBytes, TlsHandle};
use crate::metrics::{Counts, Reading, Registry};
use crate::reputation::Standings;
use crate::service::PolicyHandle;
pub(super) use policy::PolicyFolder;

/// Between looks.
const ROUND: Duration = Duration::from_secs(2);

/// What is looked after.
#[derive(Clone, Copy)]
enum What {
    Tls,
    Access,
    Policy,
}

impl What {
    const NAMES: [&'static str; 3] = ["tls", "access", "policy"];

    fn name(self) -> &'static str {
        Self::NAMES.get(self as usize).copied().unwrap_or_default()
    }
}

/// Keeps what is in force like what is on disk.
pub struct Reload {
    access: AccessConfig,
    gate: Option<(Arc<ArcSwap<Gate>>, AccessBytes)>,
    tls: Option<(TlsHandle, Option<TlsBytes>)>,
    counts: Counts,
    failing: Arc<[AtomicBool; 2]>,
}

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reload").finish_non_exhaustive() // its bytes are secrets
    }
}

/// The files of an access configuration, as read at one time.
#[derive(Clone, Default, PartialEq, Eq)]
struct AccessBytes {
    clients: Option<String>,
    keys: Option<String>,
}

impl Reload {
    /// Reads everything for the first time. The error is a sentence that names the file.
    pub fn first(edge: &EdgeConfig, metrics: &EdgeMetrics) -> Result<Reload, String> {
        let gate = match edge.access.asks() {
            false => None,
            true => {
                let bytes = read(&edge.access)?;
                Some((Arc::new(ArcSwap::from_pointee(gate(&edge.access, &bytes)?)), bytes))
            }
        };
        let tls = match &edge.tls {
            None => None,
            Some(files) => {
                let bytes = files.read().map_err(|invalid| invalid.to_string())?;
                let handle = TlsHandle::new(files.clone(), &bytes, metrics).map_err(|invalid| invalid.to_string())?;
                Some((handle, Some(bytes)))
            }
        };
        let counts = Counts::by_each_of_two(("what", &What::NAMES), ("outcome", &["changed", "failed"]));
        Ok(Reload { access: edge.access.clone(), gate, tls, counts, failing: Arc::default() })
    }

    /// Who may come in, for the server.
    pub(super) fn doors(&self) -> Doors {
        Doors {
            gate: self.gate.as_ref().map(|(gate, _)| Arc::clone(gate)),
            health_open: self.access.health_open,
            reflection_open: self.access.reflection_open,
        }
    }

    /// Certificates, for the server.
    pub(super) fn tls(&self) -> Option<TlsHandle> {
        self.tls.as_ref().map(|(handle, _)| handle.clone())
    }

    /// Shows what became of changes.
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Changed files by what they hold and what became of them: changed, or failed and left as it was";
        registry.register("dsasignal_reloads", help, self.counts.clone());
        let failing = Arc::clone(&self.failing);
        let help = "1 while a file on disk is wrong and what was read before it is in force";
        let any = Reading::new(move || f64::from(u8::from(failing.iter().any(|one| one.load(Ordering::Relaxed)))));
        registry.register("dsasignal_reload_failing", help, any);
    }

    /// What looks after the folder of a pack that is in force, counted with the rest.
    pub(super) fn policy(
        &self,
        folder: &Path,
        (policy, standings): (&Arc<PolicyHandle>, &Arc<Standings>),
    ) -> PolicyFolder {
        PolicyFolder::new(folder.to_owned(), (Arc::clone(policy), Arc::clone(standings)), self.counts.clone())
    }

    /// Looks again and again until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        if self.gate.is_none() && self.tls.is_none() {
            return stop.cancelled().await;
        }
        let mut rounds = tokio::time::interval(ROUND);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while stop.run_until_cancelled(rounds.tick()).await.is_some() {
            // On a thread that may wait: a network file system may take its time.
            match tokio::task::spawn_blocking(move || {
                self.round();
                self
            })
            .await
            {
                Ok(after) => self = after,
                Err(_panicked) => return,
            }
        }
    }

    fn round(&mut self) {
        if let Some((gate, seen)) = &mut self.gate {
            let outcome = look_at_access(&self.access, gate, seen);
            note(&self.counts, &self.failing, What::Access, outcome);
        }
        if let Some((handle, seen)) = &mut self.tls {
            let outcome = look_at_tls(handle, seen);
            note(&self.counts, &self.failing, What::Tls, outcome);
        }
    }
}

/// `None` if nothing has changed.
type Outcome = Option<Result<(), String>>;

fn look_at_access(access: &AccessConfig, current: &ArcSwap<Gate>, seen: &mut AccessBytes) -> Outcome {
    let bytes = match read(access) {
        Ok(bytes) if bytes == *seen => return None,
        Ok(bytes) => bytes,
        Err(failed) => {
            let known = std::mem::take(seen) == AccessBytes::default();
            return (!known).then_some(Err(failed));
        }
    };
    let made = gate(access, &bytes).map(|gate| current.store(Arc::new(gate)));
    *seen = bytes;
    Some(made)
}

fn look_at_tls(handle: &TlsHandle, seen: &mut Option<TlsBytes>) -> Outcome {
    match handle.files().read() {
        Ok(bytes) if seen.as_ref() == Some(&bytes) => None,
        Ok(bytes) => {
            let made = handle.replace(&bytes).map_err(|invalid| invalid.to_string());
            *seen = Some(bytes);
            Some(made)
        }
        Err(failed) => seen.take().map(|_| Err(failed.to_string())),
    }
}

fn note(counts: &Counts, failing: &[AtomicBool; 2], what: What, outcome: Outcome) {
    let Some(outcome) = outcome else { return };
    let at = what as usize;
    counts.add(2 * at + usize::from(outcome.is_err()));
    if let Some(flag) = failing.get(at) {
        flag.store(outcome.is_err(), Ordering::Relaxed);
    }
    match outcome {
        Ok(()) => tracing::info!(what = what.name(), "changed files are in force"),
        Err(why) => tracing::error!(what = what.name(), why, "changed files are wrong; what was before stays in force"),
    }
}

fn read(access: &AccessConfig) -> Result<AccessBytes, String> {
    let text = |path: &Path| fs::read_to_string(path).map_err(|error| format!("{}: {}", path.display(), error.kind()));
    let clients = access.clients.as_deref().map(text).transpose()?;
    let keys = access.keys.as_ref().map(|(path, _)| text(path)).transpose()?;
    Ok(AccessBytes { clients, keys })
}

fn gate(access: &AccessConfig, bytes: &AccessBytes) -> Result<Gate, String> {
    let named = |path: Option<&Path>, why: String| format!("{}: {why}", path.unwrap_or(Path::new("")).display());
    let clients = Clients::parse(bytes.clients.as_deref().unwrap_or_default())
        .map_err(|invalid| named(access.clients.as_deref(), invalid.to_string()))?;
    let keys = match (&access.keys, &bytes.keys) {
        (Some((path, rules)), Some(text)) => {
            let keys = TokenKeys::parse(text, rules.clone());
            Some(keys.map_err(|invalid| named(Some(path), invalid.to_string()))?)
        }
        _ => None,
    };
    Ok(Gate::new(clients, keys))
}

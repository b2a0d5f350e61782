//! The page of metrics: every owner registers what it counts, here and nowhere else.
//!
//! Not here: counting. Kept true: the registry is complete before anything is served, so a page has every series from the first scrape on.

use std::sync::Arc;

use crate::domain::Timestamp;
use crate::metrics::{Info, Reading, Registry};
use crate::reputation::Standings;
use crate::service::PolicyHandle;

/// What the policy in force is called, and since when.
pub(super) fn policy(registry: &mut Registry, policy: &Arc<PolicyHandle>) {
    let handle = Arc::clone(policy);
    let info = Info::new(move || {
        let pack = &handle.snapshot().pack;
        let model = pack.model.as_ref().map(|model| model.reference().version).unwrap_or_default();
        let reference = pack.reference.clone();
        vec![("name", reference.name), ("version", reference.version), ("digest", reference.digest), ("model", model)]
    });
    registry.register("dsasignal_policy", "The policy pack in force, with the version of its text model", info);
    let handle = Arc::clone(policy);
    let loaded = Reading::new(move || seconds(handle.snapshot().loaded_at));
    let help = "When the policy pack came into force, seconds since 1970";
    registry.register("dsasignal_policy_loaded_timestamp_seconds", help, loaded);
    let handle = Arc::clone(policy);
    let failing = Reading::new(move || f64::from(u8::from(!handle.last_error().is_empty())));
    let help = "1 while the last attempt to load a policy pack has failed and the one before is in force";
    registry.register("dsasignal_policy_failing", help, failing);
}

/// How much of sellers and creators is in memory.
pub(super) fn standings(registry: &mut Registry, standings: &Arc<Standings>) {
    let standings = Arc::clone(standings);
    let live = Reading::new(move || standings.live_entries() as f64);
    registry.register("dsasignal_standings_live", "Sellers and creators in memory; bounded by live_standings", live);
}

/// The process as its system sees it: names that dashboards of all kinds know.
pub(super) fn process(registry: &mut Registry) {
    let resident = "Memory of the process, bytes";
    registry.register("process_resident_memory_bytes", resident, Reading::new(|| resident_bytes().unwrap_or(f64::NAN)));
    let files = Reading::new(|| std::fs::read_dir("/proc/self/fd").map_or(f64::NAN, |files| files.count() as f64));
    registry.register("process_open_fds", "Open file descriptors", files);
    let begun = seconds(crate::service::now());
    let help = "When the process began to serve, seconds since 1970";
    registry.register("process_start_time_seconds", help, Reading::new(move || begun));
}

/// How many files the process may have open; `None` where the system does not say, or says as many as it likes.
pub(super) fn open_files_limit() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// As Linux tells it; `None` elsewhere.
fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kilobytes| kilobytes * 1024.0)
}

fn seconds(at: Timestamp) -> f64 {
    at.seconds as f64
}

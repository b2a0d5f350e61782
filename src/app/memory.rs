//! Memory that loading a policy pack leaves behind goes back to the system: nearly half of what a compilation takes is needed for it alone.
//!
//! Not here: the allocator (`main.rs`). Kept true: nobody waits for it, and without it only more memory stays with the process.

use std::hint::black_box;
use std::time::Duration;

/// The allocator (mimalloc) keeps what was freed for a second, because it is mostly wanted again.
const KEPT: Duration = Duration::from_millis(1_500);

/// Has the allocator look, in a while, for what nobody wanted again: it looks when a thread ends that has allocated something, and a service without
/// calls has no thread that ends.
pub(super) fn give_back_later() {
    let look = || {
        std::thread::sleep(KEPT);
        drop(black_box(Box::new(0_u64)));
    };
    if let Err(failed) = std::thread::Builder::new().name("memory".into()).spawn(look) {
        tracing::debug!(kind = ?failed.kind(), "what loading the policy pack took is given back later");
    }
}

//! Live standings: the folded events of those who were asked for lately, in a bounded concurrent map.
//!
//! Not here: where they come from when they are not here (`standings.rs`). Kept true: a read never waits for I/O and allocates
//! nothing; the map never holds more than its limit; whoever was read lately stays before those who were not.
//!
//! An entry is 64 bytes, key included. The map doubles its shards when they are full to seven eighths, so ten million entries
//! take 1.1 GB, and no number of them takes more than 149 bytes each.

use std::hash::BuildHasherDefault;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use dashmap::DashMap;

use super::Folded;
use super::key::{KeyHasher, SubjectKey};

/// Parts of the map with a lock of their own. Many, because a part that grows is closed while its entries move: with a thousand
/// parts, ten million entries move ten thousand at a time, in a few hundred microseconds.
const SHARDS: usize = 1024;

/// Folded events by subject.
#[derive(Clone, Debug)]
pub(super) struct LiveStandings(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    map: DashMap<SubjectKey, Folded, BuildHasherDefault<KeyHasher>>,
    limit: usize,
    /// Counted here, because asking the map would lock all of it.
    entries: AtomicUsize,
    sweeping: AtomicBool,
}

impl LiveStandings {
    /// With at most so many entries.
    pub(super) fn new(limit: NonZeroUsize) -> Self {
        LiveStandings(Arc::new(Inner {
            map: DashMap::with_capacity_and_hasher_and_shard_amount(0, BuildHasherDefault::default(), SHARDS),
            limit: limit.get(),
            entries: AtomicUsize::new(0),
            sweeping: AtomicBool::new(false),
        }))
    }

    /// Number of entries.
    pub(super) fn len(&self) -> usize {
        self.0.entries.load(Ordering::Relaxed)
    }

    /// Looks at an entry, and notes that somebody did.
    pub(super) fn read<T>(&self, key: SubjectKey, look: impl FnOnce(&Folded) -> T) -> Option<T> {
        self.0.map.view(&key, |_, folded| {
            folded.touch();
            look(folded)
        })
    }

    /// Changes an entry if it is here.
    pub(super) fn change(&self, key: SubjectKey, change: impl FnOnce(&mut Folded)) {
        if let Some(mut folded) = self.0.map.get_mut(&key) {
            change(&mut folded);
        }
    }

    /// Keeps an entry. If the map is full, it does not, and makes room for the next ones.
    pub(super) fn keep(&self, key: SubjectKey, folded: Folded) {
        let inner = &self.0;
        if inner.entries.fetch_add(1, Ordering::Relaxed) >= inner.limit {
            inner.entries.fetch_sub(1, Ordering::Relaxed);
            return self.start_sweeping();
        }
        if inner.map.insert(key, folded).is_some() {
            inner.entries.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Forgets an entry.
    pub(super) fn forget(&self, key: SubjectKey) {
        if self.0.map.remove(&key).is_some() {
            self.0.entries.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Sweeps on a thread of its own: it takes some 20 ns an entry, too long for a call of ten million.
    fn start_sweeping(&self) {
        if self.0.sweeping.swap(true, Ordering::Acquire) {
            return;
        }
        let inner = Arc::clone(&self.0);
        let started = std::thread::Builder::new().name("standing-sweep".to_owned()).spawn(move || {
            inner.sweep();
            inner.sweeping.store(false, Ordering::Release);
        });
        if started.is_err() {
            // The next one who finds no room tries again.
            self.0.sweeping.store(false, Ordering::Release);
        }
    }
}

impl Inner {
    /// Makes room for an eighth (second chance: Corbató 1969): first those go that nobody has read since the last sweep, then,
    /// should they not suffice, any. What goes is lost to nobody: the source has every event.
    fn sweep(&self) {
        let target = self.limit - self.limit.div_ceil(8);
        for _ in 0..2 {
            let mut surplus = self.entries.load(Ordering::Relaxed).saturating_sub(target);
            let mut forgotten = 0;
            self.map.retain(|_, folded| {
                let kept = surplus == 0 || folded.was_touched();
                if !kept {
                    surplus -= 1;
                    forgotten += 1;
                }
                kept
            });
            self.entries.fetch_sub(forgotten, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::domain::SubjectKind;

    fn key(number: usize) -> SubjectKey {
        SubjectKey::of(SubjectKind::Seller, &number.to_string())
    }

    fn swept(live: &LiveStandings) {
        let begun = Instant::now();
        while live.0.sweeping.load(Ordering::Acquire) {
            assert!(begun.elapsed() < Duration::from_secs(10));
            std::thread::yield_now();
        }
    }

    #[test]
    fn the_limit_holds_and_those_who_are_read_stay() {
        let live = LiveStandings::new(NonZeroUsize::new(800).unwrap());
        for number in 0..4_000 {
            live.keep(key(number), Folded::default());
            assert!(live.len() <= 800);
            // The first hundred are asked for all the time.
            live.read(key(number % 100), |_| ());
            swept(&live);
        }
        let here = (0..100).filter(|regular| live.read(key(*regular), |_| ()).is_some()).count();
        assert_eq!(here, 100);
        assert!(live.len() >= 700 && live.0.map.len() == live.len());
    }

    #[test]
    fn a_map_of_one_still_works() {
        let live = LiveStandings::new(NonZeroUsize::MIN);
        for number in 0..50 {
            live.keep(key(number), Folded::default());
            swept(&live);
            assert!(live.len() <= 1);
        }
        live.forget(key(49));
        live.forget(key(49));
        assert!(live.len() <= 1);
    }

    #[test]
    fn keeping_one_twice_counts_once() {
        let live = LiveStandings::new(NonZeroUsize::new(10).unwrap());
        (0..5).for_each(|_| live.keep(key(1), Folded::default()));
        assert_eq!(live.len(), 1);
    }
}

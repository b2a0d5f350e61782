//! Calls that wait for a thread, and how long one that arrives now would wait.
//!
//! Not here: how many calls there may be (`calls.rs`). Kept true: a queue is bounded by time and not by number, because a call may take ten microseconds or a
//! thousand; a pause of the machine sheds nobody; while more arrives than can be done, what is refused is refused before anything is done for it,
//! and what is admitted hardly waits.
//!
//! The rule is CoDel's (Nichols and Jacobson, 2012): one long wait is a pause, waits without end are a queue that only grows. CoDel looks at what leaves the queue.
//! At ten times too much that is late: each call has become a task by then, and whoever is served has waited as long as anybody may. So once the queue is found to
//! stand, new calls are held against what they would wait (Little's law: calls before it, times the pace at which turns come), and the queue becomes
//! short: no longer than the longest wait at first, and much shorter if that means to refuse every other call, because then nobody is helped by waiting. It is
//! over as soon as hardly anybody had to be refused.

use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A queue is standing, and not the machine pausing, if nobody was in time for so many times the longest wait.
const STANDING: u32 = 5;
/// Of the longest wait, what a new call may find before it while every other one is refused. Shorter would leave threads without work between two looks at a
/// connection.
const SHORT: u32 = 6;
/// From this share of the longest wait on, calls take turns (`turns.rs`). Before that it would cost more than it is worth.
const CROWDED: u32 = 4;
/// So few calls are no queue, whatever the pace seems to be: a wrong estimate must not refuse everybody.
const FEW: u32 = 4;
/// The pace is a mean over about so many turns.
const TURNS: u64 = 16;
/// One refusal in so many calls is what chance does to a server that is not overloaded.
const CHANCE: u32 = 20;
/// After so many looks at a queue that is kept short, it is tried whether a longer one would do: callers who come back at once look like many more than they are.
const LOOKS: u32 = 200;

/// How new calls are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// They wait.
    Calm,
    /// The queue stands: none waits longer than the longest wait.
    Shedding,
    /// More than half of them are too many: none waits long.
    Flooded,
}

impl Mood {
    const ALL: [Mood; 3] = [Mood::Calm, Mood::Shedding, Mood::Flooded];
}

/// Calls that wait for their turn.
#[derive(Debug)]
pub(super) struct Backlog {
    longest_wait: Duration,
    begun: Instant,
    waiting: AtomicU32,
    /// Nanoseconds between two turns while calls wait.
    pace: AtomicU64,
    /// When the last turn came, in nanoseconds since `begun`; 0 if nobody waited then.
    last_turn: AtomicU64,
    /// When a call last was in time, in nanoseconds since `begun`.
    last_in_time: AtomicU64,
    /// A `Mood`.
    mood: AtomicU8,
    /// What has happened since the mood began, or since the last look at it.
    since: AtomicU64,
    arrived: AtomicU32,
    refused: AtomicU32,
    looks: AtomicU32,
}

impl Backlog {
    /// Nobody waits.
    pub(super) fn new(longest_wait: Duration) -> Self {
        Backlog {
            longest_wait,
            begun: Instant::now(),
            waiting: AtomicU32::new(0),
            pace: AtomicU64::new(0),
            last_turn: AtomicU64::new(0),
            last_in_time: AtomicU64::new(0),
            mood: AtomicU8::new(Mood::Calm as u8),
            since: AtomicU64::new(0),
            arrived: AtomicU32::new(0),
            refused: AtomicU32::new(0),
            looks: AtomicU32::new(0),
        }
    }

    fn mood(&self) -> Mood {
        Mood::ALL.get(usize::from(self.mood.load(Relaxed))).copied().unwrap_or(Mood::Calm)
    }

    fn nanos(&self, at: Instant) -> u64 {
        nanos(at.saturating_duration_since(self.begun))
    }

    /// A call has arrived at an instant. False if it would wait too long: then it does not wait.
    pub(super) fn arrives(&self, at: Instant) -> bool {
        self.enters(at, 1)
    }

    /// A call that had arrived, and has left to wait for something else, comes back. It counts as one call all the same.
    pub(super) fn returns(&self, at: Instant) -> bool {
        self.enters(at, 0)
    }

    fn enters(&self, at: Instant, calls: u32) -> bool {
        let (waiting, mood) = (self.waiting.load(Relaxed), self.mood());
        let patience = match mood {
            Mood::Calm => self.longest_wait * STANDING,
            Mood::Shedding => self.longest_wait,
            Mood::Flooded => self.longest_wait / SHORT,
        };
        let refused = waiting >= FEW && self.expected(waiting) > nanos(patience);
        if mood != Mood::Calm {
            self.note(at, mood, (calls, refused));
        } else if refused {
            self.shed(at);
        }
        if !refused {
            self.waits();
        }
        !refused
    }

    /// True if calls wait so long, this one did or will, that it is worth some care in which order things are done.
    pub(super) fn is_crowded(&self, waited: Duration) -> bool {
        let waiting = self.waiting.load(Relaxed);
        let bound = self.longest_wait / CROWDED;
        waited > bound || waiting >= FEW && self.expected(waiting) > nanos(bound)
    }

    /// Little's law.
    fn expected(&self, waiting: u32) -> u64 {
        self.pace.load(Relaxed).saturating_mul(u64::from(waiting))
    }

    /// A call waits, whatever there is before it.
    pub(super) fn waits(&self) {
        self.waiting.fetch_add(1, Relaxed);
    }

    /// A call that waited has gone away.
    pub(super) fn leaves(&self) {
        self.waiting.fetch_sub(1, Relaxed);
    }

    /// The turn of a call that arrived then has come. False if that was too late to be worth anything.
    pub(super) fn turn(&self, arrived: Instant, now: Instant) -> bool {
        let (left, now_nanos) = (self.waiting.fetch_sub(1, Relaxed).saturating_sub(1), self.nanos(now).max(1));
        let before = self.last_turn.swap(if left > 0 { now_nanos } else { 0 }, Relaxed);
        if before > 0 {
            self.keep_pace(now_nanos.saturating_sub(before));
        }
        let waited = now.saturating_duration_since(arrived);
        if waited <= self.longest_wait {
            self.last_in_time.store(now_nanos, Relaxed);
            return true;
        }
        let late = now_nanos.saturating_sub(self.last_in_time.load(Relaxed));
        if self.mood() != Mood::Calm || late > nanos(self.longest_wait * STANDING) {
            self.shed(now);
            return false;
        }
        true
    }

    /// Threads may race here; whoever is lost is one sample of many. One turn counts at most as much as what is done on the spot may take: beyond that, the machine has
    /// paused.
    fn keep_pace(&self, turn: u64) {
        let (pace, turn) = (self.pace.load(Relaxed), turn.min(nanos(self.longest_wait / TURNS as u32)));
        self.pace.store((pace * (TURNS - 1) + turn).div_ceil(TURNS), Relaxed);
    }

    /// From now on the queue is bounded.
    fn shed(&self, now: Instant) {
        if self.mood.compare_exchange(Mood::Calm as u8, Mood::Shedding as u8, Relaxed, Relaxed).is_ok() {
            self.look_again(now, 0);
        }
    }

    fn look_again(&self, now: Instant, looks: u32) {
        self.since.store(self.nanos(now), Relaxed);
        self.arrived.store(0, Relaxed);
        self.refused.store(0, Relaxed);
        self.looks.store(looks, Relaxed);
    }

    /// Counts, and looks from time to time how many had to be refused.
    fn note(&self, now: Instant, mood: Mood, (calls, refused): (u32, bool)) {
        let arrived = self.arrived.fetch_add(calls, Relaxed) + calls;
        let refused = self.refused.fetch_add(u32::from(refused), Relaxed) + u32::from(refused);
        let passed = self.nanos(now).saturating_sub(self.since.load(Relaxed));
        if passed <= nanos(self.longest_wait * STANDING) {
            return;
        }
        let looks = self.looks.load(Relaxed) + 1;
        let next = match mood {
            _ if refused.saturating_mul(CHANCE) < arrived => Mood::Calm,
            Mood::Flooded if looks >= LOOKS => Mood::Shedding,
            _ if refused.saturating_mul(2) >= arrived => Mood::Flooded,
            _ => Mood::Shedding,
        };
        self.mood.store(next as u8, Relaxed);
        self.look_again(now, if next == mood { looks } else { 0 });
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_millis(20);

    /// One thread that takes so long for a call, calls that arrive so often, for a while. Gives the longest wait of those who were served, how many were, and how many
    /// were refused, in the last half.
    fn simulate(
        backlog: &Backlog,
        (service, every): (Duration, Duration),
        from: Instant,
        time: Duration,
    ) -> (Duration, u32, u32) {
        let mut queue = std::collections::VecDeque::new();
        let (mut free, mut longest, mut served, mut refused) = (from, Duration::ZERO, 0, 0);
        let calls = time.as_nanos() / every.as_nanos();
        for number in 0..calls as u32 {
            let now = from + every * number;
            while let Some(arrived) = queue.front().copied().filter(|_| free <= now) {
                queue.pop_front();
                let turn = free.max(arrived);
                let counts = turn >= from + time / 2;
                if backlog.turn(arrived, turn) {
                    free = turn + service;
                    longest = longest.max(if counts { turn - arrived } else { Duration::ZERO });
                    served += u32::from(counts);
                } else {
                    refused += u32::from(counts);
                }
            }
            if backlog.arrives(now) {
                queue.push_back(now);
            } else {
                refused += u32::from(now >= from + time / 2);
            }
        }
        for arrived in queue {
            backlog.turn(arrived, free.max(arrived));
        }
        (longest, served, refused)
    }

    #[test]
    fn at_ten_times_too_much_whoever_is_served_hardly_waits_and_no_time_is_lost() {
        let backlog = Backlog::new(WAIT);
        let (service, second) = (Duration::from_micros(300), Duration::from_secs(1));
        let (longest, served, refused) = simulate(&backlog, (service, service / 10), backlog.begun, second);
        assert_eq!(backlog.mood(), Mood::Flooded);
        assert!(longest < WAIT / 3, "{longest:?}");
        assert!(served > 1600, "{served} of 1667");
        assert!(refused > 10_000, "{refused}");
        // A moment later there is half as much as can be done: nobody is refused any more.
        let (longest, _, refused) = simulate(&backlog, (service, service * 2), backlog.begun + second, second);
        assert!(longest < service && refused == 0, "{longest:?} {refused}");
        assert_eq!(backlog.mood(), Mood::Calm);
    }

    #[test]
    fn whoever_was_taken_for_a_flood_and_is_none_is_let_in_again() {
        // Forty callers who come back at once when they are refused: 12 ms of work, which a short queue does not hold and a longer one does.
        let backlog = Backlog::new(WAIT);
        let service = Duration::from_micros(300);
        let (mut now, mut queue) = (backlog.begun, std::collections::VecDeque::new());
        backlog.mood.store(Mood::Flooded as u8, Relaxed);
        backlog.pace.store(nanos(service), Relaxed);
        let mut outside = 40;
        for _ in 0..100_000 {
            let admitted = (0..outside).filter(|_| backlog.arrives(now)).count();
            queue.extend(std::iter::repeat_n(now, admitted));
            outside -= admitted;
            assert!(backlog.turn(queue.pop_front().unwrap(), now));
            now += service;
            outside += 1;
        }
        assert_eq!((backlog.mood(), queue.len()), (Mood::Calm, 39));
    }

    #[test]
    fn a_queue_that_lasts_is_allowed_to_be_as_long_as_the_longest_wait() {
        // Forty callers, each of whom waits for its answer: the thread is never idle, nobody waits longer than 12 ms, and nobody is refused.
        let backlog = Backlog::new(WAIT);
        let (mut now, service) = (backlog.begun, Duration::from_micros(300));
        let mut queue: std::collections::VecDeque<_> = std::iter::repeat_n(now, 40).collect();
        queue.iter().for_each(|_| assert!(backlog.arrives(now)));
        for _ in 0..10_000 {
            let arrived = queue.pop_front().unwrap();
            assert!(backlog.turn(arrived, now));
            now += service;
            assert!(backlog.arrives(now));
            queue.push_back(now);
        }
    }

    #[test]
    fn a_pause_of_the_machine_sheds_nobody() {
        let backlog = Backlog::new(WAIT);
        let (from, service) = (backlog.begun, Duration::from_micros(300));
        simulate(&backlog, (service, service * 3 / 2), from, Duration::from_secs(1));
        // What came in 60 ms is found at once, and worked off faster than more comes.
        let mut now = from + Duration::from_millis(1060);
        let late = now - Duration::from_millis(60);
        let calls: Vec<_> = (0..133).map(|_| backlog.arrives(now)).collect();
        assert!(calls.iter().all(|admitted| *admitted));
        backlog.last_in_time.store(backlog.nanos(late), Relaxed);
        for _ in calls {
            assert!(backlog.turn(now - Duration::from_millis(1), now));
            now += service;
        }
    }

    #[test]
    fn a_queue_that_stands_is_shed_from_its_end_too() {
        let backlog = Backlog::new(WAIT);
        let from = backlog.begun;
        let after = |millis| from + Duration::from_millis(millis);
        (0..9).for_each(|_| backlog.waits());
        assert!(backlog.turn(from, after(1)));
        assert!(backlog.turn(from, after(40)), "somebody was in time a moment ago");
        assert!(!backlog.turn(from, after(150)));
        assert!(backlog.turn(after(140), after(150)), "whoever is in time is served");
        assert!(!backlog.turn(after(100), after(150)), "while shedding, nobody else is");
        backlog.leaves();
        assert_eq!(backlog.waiting.load(Relaxed), 3);
    }

    #[test]
    fn a_few_calls_are_never_refused_at_the_door() {
        let backlog = Backlog::new(WAIT);
        backlog.pace.store(u64::MAX, Relaxed);
        for _ in 0..FEW {
            assert!(backlog.arrives(backlog.begun));
        }
        assert!(!backlog.arrives(backlog.begun));
    }
}

//! Where the time of an item goes in the engine, stage by stage.
//!
//! Not here: the stages (`engine/`), which read no clock: it is read here, whenever a stage says that it has ended. Kept true: of so many items one is timed,
//! because eight looks at a clock cost more than some stages do.

use std::cell::Cell;
use std::time::Instant;

use super::recorder_metrics::ENGINE;
use crate::engine::Stage;
use crate::metrics::{Histograms, Registry};

/// Of so many items of a thread, one is timed.
const EVERY: u32 = 64;

thread_local! {
    static ITEMS: Cell<u32> = const { Cell::new(0) };
}

/// Times of stages. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct StageTimes(Histograms);

impl Default for StageTimes {
    fn default() -> Self {
        StageTimes(Histograms::by("stage", &Stage::ALL.map(Stage::as_str), ENGINE))
    }
}

impl StageTimes {
    /// Shows them under their name.
    pub fn register(&self, registry: &mut Registry) {
        let help = "Time of one stage of the engine, of every 64th item of a thread";
        registry.register("dsasignal_scoring_stage_duration_seconds", help, self.0.clone());
    }

    /// A watch for the next item, if it is the one of many.
    pub(super) fn watch(&self) -> Option<StageWatch<'_>> {
        let number = ITEMS.get();
        ITEMS.set((number + 1) % EVERY);
        (number == 0).then(|| StageWatch { times: &self.0, since: Instant::now() })
    }
}

/// Times one item.
pub(super) struct StageWatch<'a> {
    times: &'a Histograms,
    since: Instant,
}

impl StageWatch<'_> {
    /// A stage has ended, and the next one begins.
    pub(super) fn ended(&mut self, stage: Stage) {
        let now = Instant::now();
        self.times.observe(stage as usize, (now - self.since).as_secs_f64());
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_is_timed_by_every_stage() {
        // On a thread of its own, whose count begins with it.
        std::thread::spawn(|| {
            let times = StageTimes::default();
            for _ in 0..2 * EVERY {
                if let Some(mut watch) = times.watch() {
                    Stage::ALL.into_iter().for_each(|stage| watch.ended(stage));
                }
            }
            for stage in Stage::ALL {
                assert_eq!(times.0.count(stage as usize), 2, "{}", stage.as_str());
            }
        })
        .join()
        .unwrap();
    }
}

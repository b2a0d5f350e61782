//! Whether the process wants calls: one truth for gRPC health and for `/readyz`.
//!
//! Not here: who asks. Kept true: it begins as not ready, becomes ready once and then not again.

use tokio::sync::watch;

/// How far the process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is accepted yet.
    Starting,
    /// Calls are welcome.
    Ready,
    /// Calls are better sent elsewhere.
    Stopping,
}

/// The stage of the process. Cheap to clone; clones tell the same.
#[derive(Clone, Debug)]
pub struct Readiness(watch::Sender<Stage>);

impl Default for Readiness {
    fn default() -> Self {
        Readiness(watch::Sender::new(Stage::Starting))
    }
}

impl Readiness {
    /// The stage now.
    pub fn stage(&self) -> Stage {
        *self.0.borrow()
    }

    /// Goes on to a later stage; never back.
    pub fn reach(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let later = (*now as u8) < stage as u8;
            if later {
                *now = stage;
            }
            later
        });
    }

    /// The stage, and each change of it.
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.0.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_go_one_way() {
        let readiness = Readiness::default();
        assert_eq!(readiness.stage(), Stage::Starting);
        readiness.reach(Stage::Ready);
        readiness.reach(Stage::Stopping);
        readiness.reach(Stage::Ready);
        assert_eq!(readiness.stage(), Stage::Stopping);
    }
}

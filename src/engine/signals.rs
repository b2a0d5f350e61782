//! The fourth stage: which signals fire.
//!
//! Not here: what they add up to (`fuse.rs`). Kept true: a signal whose facts are all absent is not evaluated unless
//! the pack says that its condition can hold then; fired signals come in the order of their ids.

use fixedbitset::FixedBitSet;

use super::facts::FactSheet;
use super::fuse::Fired;
use crate::domain::Content;
use crate::policy::{CompiledPack, CompiledSignal, SignalId};

/// Which signals were looked at and which of them fired.
#[derive(Debug, Default)]
pub(super) struct Firing {
    candidates: FixedBitSet,
    pub(super) fired: Vec<Fired>,
}

impl Firing {
    /// Evaluates the signals that a present fact may have woken.
    pub(super) fn evaluate(&mut self, content: &Content, pack: &CompiledPack, facts: &FactSheet) {
        self.candidates.clone_from(&pack.unconditional);
        self.candidates.grow(pack.signals.len());
        for slot in facts.present() {
            for signal in pack.triggers.get(usize::from(slot.0)).into_iter().flatten() {
                self.candidates.grow_and_insert(usize::from(signal.0));
            }
        }
        self.fired.clear();
        for at in self.candidates.ones() {
            if let Some(signal) = pack.signals.get(at)
                && applies(signal, content, pack)
                && signal.predicate.eval(facts.values())
            {
                self.fired.push(Fired::new(SignalId(u16::try_from(at).unwrap_or(u16::MAX))));
            }
        }
    }

    /// True if the signal's condition was evaluated.
    pub(super) fn was_candidate(&self, signal: SignalId) -> bool {
        self.candidates.contains(usize::from(signal.0))
    }
}

/// True if the signal is about such content and the pack scores its area for such content.
pub(super) fn applies(signal: &CompiledSignal, content: &Content, pack: &CompiledPack) -> bool {
    let for_such = match content {
        Content::Listing(_) => signal.for_listings,
        Content::Post(_) => signal.for_posts,
    };
    for_such && scored(pack, signal.area, content)
}

/// True if the pack scores the area for such content.
pub(super) fn scored(pack: &CompiledPack, area: crate::domain::RiskArea, content: &Content) -> bool {
    pack.areas.get(area.index()).is_some_and(|compiled| {
        compiled.prior.is_some()
            && match content {
                Content::Listing(_) => compiled.for_listings,
                Content::Post(_) => compiled.for_posts,
            }
    })
}

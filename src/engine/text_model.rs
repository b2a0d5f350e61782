//! What the learned text model adds to each area, within what the pack allows it.
//!
//! Not here: the model, how much of its opinion counts beside signals (`fuse.rs`). Kept true: it only ever worries, never
//! relaxes, and never beyond the pack's limit for the area: words that a model has not seen say nothing.

use crate::domain::{Nats, RiskArea};
use crate::model::WordMemory;
use crate::policy::CompiledPack;
use crate::text::Document;

/// By `RiskArea::index`.
pub(super) type Opinion = [Nats; RiskArea::COUNT];

/// Asks the pack's model about a text.
pub(super) fn opinion(pack: &CompiledPack, document: &Document, memory: &mut WordMemory) -> Opinion {
    let mut opinion = [Nats::ZERO; RiskArea::COUNT];
    let Some(model) = &pack.model else { return opinion };
    for score in model.scores_of(document, memory) {
        let limit = pack.areas.get(score.area.index()).map_or(Nats::ZERO, |area| area.model_limit);
        if let Some(place) = opinion.get_mut(score.area.index()) {
            *place = bounded(score.nats, limit);
        }
    }
    opinion
}

/// Worries below the limit, the more the nearer to it: `x / sqrt(1 + (x / limit)²)`. A hard limit would make all that the model is
/// sure of equally risky, and a reviewer's queue would begin with its ties. Only operations that IEEE 754 rounds exactly, so that
/// every machine gives the same bits.
fn bounded(opinion: Nats, limit: Nats) -> Nats {
    let (opinion, limit) = (opinion.get().max(0.0), limit.get());
    if limit <= 0.0 {
        return Nats::ZERO;
    }
    let times = opinion / limit;
    Nats::new(opinion / (1.0 + times * times).sqrt())
}

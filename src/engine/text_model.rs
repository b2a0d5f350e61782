//! What the learned text model adds to each area, within what the pack allows it.
//!
//! Not here: the model, how much of its opinion counts beside signals (`fuse.rs`). Kept true: it only ever worries, never
//! relaxes, and never beyond the pack's limit for the area: words that a model has not seen say nothing.

use crate::domain::{Nats, RiskArea};
use crate::model::Features;
use crate::policy::CompiledPack;
use crate::text::Document;

/// By `RiskArea::index`.
pub(super) type Opinion = [Nats; RiskArea::COUNT];

/// Asks the pack's model about a text; `features` is a buffer.
pub(super) fn opinion(pack: &CompiledPack, document: &Document, features: &mut Features) -> Opinion {
    let mut opinion = [Nats::ZERO; RiskArea::COUNT];
    let Some(model) = &pack.model else { return opinion };
    features.extract(document);
    for score in model.scores(features) {
        let limit = pack.areas.get(score.area.index()).map_or(Nats::ZERO, |area| area.model_limit);
        if let Some(place) = opinion.get_mut(score.area.index()) {
            *place = Nats::new(score.nats.get().clamp(0.0, limit.get().max(0.0)));
        }
    }
    opinion
}

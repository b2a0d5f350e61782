//! The engine: a pure, synchronous function of content, pack, standing and time. It cannot fail.
//!
//! normalise -> match -> facts -> signals -> text model -> fuse -> decide, one module each.
//! Not here: I/O, clocks, locks, recording. Kept true: equal input gives equal output, byte for byte, whatever the
//! scratch held before.

mod claims;
mod counterfactual;
mod decide;
mod evidence;
mod explain;
mod facts;
mod fuse;
mod normalise;
mod signals;
mod targeting;
#[cfg(test)]
mod tests;
mod text_model;
mod trace;

pub use trace::{
    AreaSum, Counterfactual, EvaluatedSignal, FoldedField, FoldedReading, ObservedFact, SignalOutcome, Trace,
};

pub use targeting::{CriterionVerdict, TargetingReview, review_targeting};

use crate::domain::{Claims, Content, Promotions, Standing, Timestamp, Verdict};
use crate::model::Features;
use crate::policy::CompiledPack;
use crate::text::Document;
use evidence::Exhibits;
use facts::{FactSheet, HitSheet};
use fuse::{Background, Sums};
use signals::Firing;
use text_model::Opinion;

/// What the engine is told beside content and pack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Of the seller or creator; `None` = nothing known.
    pub standing: Option<&'a Standing>,
    /// Of a listing: what posts say about it. Of a post: what is known of the listings that it promotes. `None` = nothing.
    pub promotions: Option<&'a Promotions>,
    /// The instant of the assessment.
    pub now: Timestamp,
}

/// Buffers reused from item to item; one per worker.
#[derive(Debug, Default)]
pub struct Scratch {
    document: Document,
    hits: HitSheet,
    facts: FactSheet,
    firing: Firing,
    features: Features,
}

/// The stages, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Fold every text field.
    Normalise,
    /// Find every term of every lexicon.
    Match,
    /// Compute every fact that the pack uses.
    Facts,
    /// Evaluate the signals that a present fact may have woken.
    Signals,
    /// Ask the text model.
    Model,
    /// Add up log odds.
    Fuse,
}

/// Scores one item.
pub fn assess(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> Verdict {
    let run = Run { content, pack, circumstances };
    run.evaluate(scratch, |exhibits, firing, sums| decide::decide(exhibits, &firing.fired, sums))
}

/// Scores a post and gives what it claims about what it promotes. The verdict equals that of `assess`; a listing claims nothing.
pub fn assess_claims(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> (Verdict, Claims) {
    let run = Run { content, pack, circumstances };
    run.evaluate(scratch, |exhibits, firing, sums| {
        let verdict = decide::decide(exhibits, &firing.fired, sums);
        let claims = claims::claims(exhibits, &verdict);
        (verdict, claims)
    })
}

/// Scores one item and shows how. The verdict equals that of `assess`.
pub fn explain(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> (Verdict, Trace) {
    let run = Run { content, pack, circumstances };
    run.evaluate(scratch, |exhibits, firing, sums| {
        (decide::decide(exhibits, &firing.fired, sums), explain::trace(exhibits, firing, sums))
    })
}

/// Runs the stages up to `last` and concludes nothing: shows where the time goes. Gives what the stage found, a number
/// of tokens, hits, facts, signals or areas.
pub fn run_to(last: Stage, content: &Content, pack: &CompiledPack, scratch: &mut Scratch) -> usize {
    let run = Run { content, pack, circumstances: Circumstances::default() };
    let Scratch { document, hits, facts, firing, features } = scratch;
    let item = normalise::normalise(content, run.circumstances, document);
    if last == Stage::Normalise {
        return item.document.tokens().len();
    }
    hits.find(&item, pack);
    if last == Stage::Match {
        return hits.found();
    }
    facts::collect(&item, pack, hits, facts);
    if last == Stage::Facts {
        return facts.present().len();
    }
    firing.evaluate(content, pack, facts);
    if last == Stage::Signals {
        return firing.fired.len();
    }
    let opinion = text_model::opinion(pack, item.document, features);
    if last == Stage::Model {
        return features.items().len();
    }
    run.fuse(opinion, firing).len()
}

/// One evaluation.
struct Run<'a> {
    content: &'a Content,
    pack: &'a CompiledPack,
    circumstances: Circumstances<'a>,
}

impl Run<'_> {
    /// All stages but the last, which `conclude` is.
    fn evaluate<T>(&self, scratch: &mut Scratch, conclude: impl FnOnce(&Exhibits<'_, '_>, &Firing, &Sums) -> T) -> T {
        let Run { content, pack, circumstances } = *self;
        let Scratch { document, hits, facts, firing, features } = scratch;
        let item = normalise::normalise(content, circumstances, document);
        hits.find(&item, pack);
        facts::collect(&item, pack, hits, facts);
        firing.evaluate(content, pack, facts);
        let sums = self.fuse(text_model::opinion(pack, item.document, features), firing);
        conclude(&Exhibits { item: &item, pack, hits, facts }, firing, &sums)
    }

    fn fuse(&self, model: Opinion, firing: &mut Firing) -> Sums {
        let background = Background { standing: fuse::standing_nats(self.circumstances.standing), model };
        fuse::fuse(self.content, self.pack, &mut firing.fired, &background)
    }
}

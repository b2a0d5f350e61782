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
use crate::matching::LexiconId;
use crate::model::WordMemory;
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

/// Buffers reused from item to item, and what words were found to mean; one per worker.
#[derive(Debug, Default)]
pub struct Scratch {
    document: Document,
    hits: HitSheet,
    facts: FactSheet,
    firing: Firing,
    model: WordMemory,
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
    /// Conclude, with evidence.
    Decide,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 7] =
        [Stage::Normalise, Stage::Match, Stage::Facts, Stage::Signals, Stage::Model, Stage::Fuse, Stage::Decide];

    /// As metrics write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Normalise => "normalise",
            Stage::Match => "match",
            Stage::Facts => "facts",
            Stage::Signals => "signals",
            Stage::Model => "model",
            Stage::Fuse => "fuse",
            Stage::Decide => "decide",
        }
    }
}

/// For who does not want to know when stages end: it costs nothing.
fn nobody(_: Stage) {}

/// Scores one item.
pub fn assess(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> Verdict {
    let run = Run { content, pack, circumstances, all_facts: false };
    run.evaluate(scratch, nobody, |exhibits, firing, sums| decide::decide(exhibits, &firing.fired, sums))
}

/// Scores a post and gives what it claims about what it promotes. The verdict equals that of `assess`; a listing claims nothing.
pub fn assess_claims(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> (Verdict, Claims) {
    assess_claims_watched(content, pack, circumstances, scratch, nobody)
}

/// The same, and says of each stage when it has ended: whoever listens may have a clock.
pub fn assess_claims_watched(
    content: &Content,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
    ended: impl FnMut(Stage),
) -> (Verdict, Claims) {
    let run = Run { content, pack, circumstances, all_facts: false };
    run.evaluate(scratch, ended, |exhibits, firing, sums| {
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
    let run = Run { content, pack, circumstances, all_facts: true };
    run.evaluate(scratch, nobody, |exhibits, firing, sums| {
        (decide::decide(exhibits, &firing.fired, sums), explain::trace(exhibits, firing, sums))
    })
}

/// Runs the stages up to `last` and concludes nothing: shows where the time goes. Gives what the stage found, a number
/// of tokens, hits, facts, signals or areas.
pub fn run_to(last: Stage, content: &Content, pack: &CompiledPack, scratch: &mut Scratch) -> usize {
    let run = Run { content, pack, circumstances: Circumstances::default(), all_facts: false };
    let Scratch { document, hits, facts, firing, model } = scratch;
    let item = normalise::normalise(content, run.circumstances, document);
    if last == Stage::Normalise {
        return item.document.tokens().len();
    }
    hits.find(&item, pack);
    if last == Stage::Match {
        return hits.found();
    }
    facts::collect(&item, pack, hits, facts, false);
    if last == Stage::Facts {
        return facts.present().len();
    }
    firing.evaluate(content, pack, facts);
    if last == Stage::Signals {
        return firing.fired.len();
    }
    let opinion = text_model::opinion(pack, item.document, model);
    if last == Stage::Model {
        return opinion.len();
    }
    run.fuse(opinion, firing).len()
}

/// The lexicons of which something is met in an item, whether its hits count or not: what the model learns from.
pub fn lexicons_met(content: &Content, pack: &CompiledPack, scratch: &mut Scratch) -> Vec<LexiconId> {
    let item = normalise::normalise(content, Circumstances::default(), &mut scratch.document);
    scratch.hits.find(&item, pack);
    let mut met: Vec<LexiconId> = scratch.hits.met().iter().collect();
    met.sort_unstable();
    met
}

/// One evaluation.
struct Run<'a> {
    content: &'a Content,
    pack: &'a CompiledPack,
    circumstances: Circumstances<'a>,
    /// Of everything that was met, also of what cannot matter.
    all_facts: bool,
}

impl Run<'_> {
    /// All stages but the last, which `conclude` is.
    fn evaluate<T>(
        &self,
        scratch: &mut Scratch,
        mut ended: impl FnMut(Stage),
        conclude: impl FnOnce(&Exhibits<'_, '_>, &Firing, &Sums) -> T,
    ) -> T {
        let Run { content, pack, circumstances, all_facts } = *self;
        let Scratch { document, hits, facts, firing, model } = scratch;
        let item = normalise::normalise(content, circumstances, document);
        ended(Stage::Normalise);
        hits.find(&item, pack);
        ended(Stage::Match);
        facts::collect(&item, pack, hits, facts, all_facts);
        ended(Stage::Facts);
        firing.evaluate(content, pack, facts);
        ended(Stage::Signals);
        let opinion = text_model::opinion(pack, item.document, model);
        ended(Stage::Model);
        let sums = self.fuse(opinion, firing);
        ended(Stage::Fuse);
        let concluded = conclude(&Exhibits { item: &item, pack, hits, facts }, firing, &sums);
        ended(Stage::Decide);
        concluded
    }

    fn fuse(&self, model: Opinion, firing: &mut Firing) -> Sums {
        let background = Background { standing: fuse::standing_nats(self.circumstances.standing), model };
        fuse::fuse(self.content, self.pack, &mut firing.fired, &background)
    }
}

//! Training the text model: labelled texts into examples, and what the model is worth on sources it has not seen.
//!
//! Not here: the learner (`model/`), reading files. Kept true: an example knows the text alone, never a price, a
//! category or whether a field was sent; measuring never uses a source that was trained on.

mod lexicons;

use rayon::prelude::*;

use self::lexicons::Meetings;
pub use self::lexicons::UnseenHints;
use crate::domain::{Action, Content, Listing, Nats, Post, RiskArea};
use crate::matching::LexiconId;
use crate::model::{Example, Features, TextModel, TrainOptions, train};
use crate::policy::CompiledPack;
use crate::text::{Disguise, Document, SplitMix};

/// How much a disguised copy of a text counts beside the text.
const DISGUISED_WEIGHT: f32 = 0.3;
/// How much an example of the pack counts: it was made up to make a point.
const EXAMPLE_WEIGHT: f32 = 0.5;
/// Sources that are left out at a time when clear sources are measured; labelled ones are left out one by one.
const CLEAR_FOLDS: usize = 8;

/// A text that people have judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledText {
    /// Shop or corpus.
    pub source: String,
    /// The areas it belongs to; none = clear.
    pub areas: Vec<RiskArea>,
    /// Title, or text of a post.
    pub text: String,
    /// The lexicons that all of its fields meet (`engine::lexicons_met`).
    pub met: Vec<LexiconId>,
}

/// The text of content that the model is trained on.
pub fn text_of(content: Content) -> String {
    match content {
        Content::Listing(Listing { title, .. }) => title,
        Content::Post(Post { text, .. }) => text,
    }
}

/// Examples of texts with a disguised copy of each, in a fixed order. The last source number is the pack's own.
#[derive(Debug)]
pub struct TrainingSet {
    examples: Vec<Example>,
    sources: Vec<String>,
    meetings: Option<Meetings>,
}

/// What a model is worth on one source that it was not trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct UnseenSource {
    /// Shop or corpus.
    pub source: String,
    /// Clear texts.
    pub clear: usize,
    /// Clear texts of which the model alone would put a person before them.
    pub false_alarms: usize,
    /// Labelled texts in an area that the model knows.
    pub labelled: usize,
    /// Labelled texts that the model alone would put before a person, in the right area.
    pub caught: usize,
}

/// A model, and the sources that it has not seen.
#[derive(Debug)]
pub struct BlindModel {
    /// Left out of its training.
    pub sources: Vec<String>,
    /// Trained on all others and the pack's examples.
    pub model: TextModel,
}

impl TrainingSet {
    /// From judged texts and the examples of a pack (`fires` and `silent`).
    pub fn new(texts: &[LabelledText], pack_examples: &[LabelledText], seed: u64) -> Self {
        let mut sources: Vec<String> = texts.iter().map(|text| text.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let own = u32::try_from(sources.len()).unwrap_or(u32::MAX);
        let number = |text: &LabelledText| sources.binary_search(&text.source).map_or(own, |at| at as u32);
        let judged = texts.iter().map(|text| (text, number(text), 1.0));
        let all: Vec<_> = judged.chain(pack_examples.iter().map(|text| (text, own, EXAMPLE_WEIGHT))).collect();
        let both = all.par_iter().enumerate().flat_map_iter(|(position, (text, source, weight))| {
            let mut random = SplitMix::new(seed ^ (position as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let way = Disguise::ALL.get(random.below(Disguise::ALL.len())).copied().unwrap_or(Disguise::Leet);
            let disguised = way.apply(&text.text, &mut random);
            let one = |text: &str, areas: &[RiskArea], weight: f32| Example {
                hashes: hashes(text),
                areas: areas.to_vec(),
                source: *source,
                weight,
            };
            [one(&text.text, &text.areas, *weight), one(&disguised, &text.areas, weight * DISGUISED_WEIGHT)]
        });
        TrainingSet { examples: both.collect(), sources, meetings: None }
    }

    /// The same; of the texts that it was made from, and of cases beside them, it also learns what lexicons mean together.
    pub fn with_lexicons(
        mut self,
        pack: &CompiledPack,
        texts: &[LabelledText],
        cases: &[LabelledText],
        seed: u64,
    ) -> Self {
        let own = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let number = |text: &LabelledText| self.sources.binary_search(&text.source).map_or(own, |at| at as u32);
        let lines = texts.iter().map(|text| (text, number(text)));
        self.meetings = Some(Meetings::new(pack, lines, (cases, own.saturating_add(1)), seed));
        self
    }

    /// Number of examples, disguised copies included.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// True if there is nothing to learn from.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Trains on everything.
    pub fn train(&self, options: &TrainOptions, progress: impl FnMut(u32)) -> TextModel {
        let lexicons = self.meetings.as_ref().and_then(|meetings| meetings.train_without(&[]));
        train(&self.examples, options, progress).with_lexicons(lexicons)
    }

    /// What is found by lexicons together in sources that were not trained on; nothing if they are not learned.
    pub fn unseen_hints(&self) -> Vec<UnseenHints> {
        self.meetings.as_ref().map(Meetings::measure).unwrap_or_default()
    }

    /// How many models `unseen` and `blind` train.
    pub fn rounds(&self) -> usize {
        self.folds().len()
    }

    /// Trains without each source in turn and measures on it. `progress` is called once per model trained.
    pub fn unseen(&self, options: &TrainOptions, pack: &CompiledPack, progress: impl Fn() + Sync) -> Vec<UnseenSource> {
        let measure = |fold: &Vec<u32>| {
            let model = self.train_without(fold, options);
            progress();
            fold.iter().map(|source| self.measure(*source, &model, pack)).collect::<Vec<_>>()
        };
        let mut measured: Vec<_> = self.folds().par_iter().flat_map_iter(measure).collect();
        measured.sort_by(|a, b| a.source.cmp(&b.source));
        measured
    }

    /// Trains without each source in turn: every source is in exactly one of the models' blind spots. `progress` is called
    /// once per model trained.
    pub fn blind(&self, options: &TrainOptions, progress: impl Fn() + Sync) -> Vec<BlindModel> {
        let name = |source: &u32| self.sources.get(*source as usize).cloned();
        let without = |fold: &Vec<u32>| {
            let model = self.train_without(fold, options);
            progress();
            BlindModel { sources: fold.iter().filter_map(name).collect(), model }
        };
        self.folds().par_iter().map(without).collect()
    }

    fn train_without(&self, fold: &[u32], options: &TrainOptions) -> TextModel {
        let rest: Vec<Example> = self.examples.iter().filter(|one| !fold.contains(&one.source)).cloned().collect();
        let lexicons = self.meetings.as_ref().and_then(|meetings| meetings.train_without(fold));
        train(&rest, options, |_| ()).with_lexicons(lexicons)
    }

    fn folds(&self) -> Vec<Vec<u32>> {
        let labelled = |source: u32| self.examples.iter().any(|one| one.source == source && !one.areas.is_empty());
        let all = 0..u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        let (alone, clear): (Vec<u32>, Vec<u32>) = all.partition(|source| labelled(*source));
        let mut folds: Vec<Vec<u32>> = alone.into_iter().map(|source| vec![source]).collect();
        folds.extend((0..CLEAR_FOLDS).map(|fold| clear.iter().copied().skip(fold).step_by(CLEAR_FOLDS).collect()));
        folds.retain(|fold| !fold.is_empty());
        folds
    }

    fn measure(&self, source: u32, model: &TextModel, pack: &CompiledPack) -> UnseenSource {
        let name = self.sources.get(source as usize).cloned().unwrap_or_default();
        let mut unseen = UnseenSource { source: name, clear: 0, false_alarms: 0, labelled: 0, caught: 0 };
        let known: Vec<RiskArea> = model.areas().collect();
        for example in self.examples.iter().filter(|one| one.source == source && one.weight >= 1.0) {
            let alarms: Vec<RiskArea> = model
                .scores(&Features::from_hashes(&example.hashes))
                .filter(|score| alone_for_review(pack, score.area, score.nats))
                .map(|score| score.area)
                .collect();
            if example.areas.is_empty() {
                unseen.clear += 1;
                unseen.false_alarms += usize::from(!alarms.is_empty());
            } else if example.areas.iter().any(|area| known.contains(area)) {
                unseen.labelled += 1;
                unseen.caught += usize::from(example.areas.iter().any(|area| alarms.contains(area)));
            }
        }
        unseen
    }
}

/// True if the model's word alone leads to REVIEW or more.
fn alone_for_review(pack: &CompiledPack, area: RiskArea, evidence: Nats) -> bool {
    pack.areas.get(area.index()).is_some_and(|compiled| {
        let limited = evidence.get().min(compiled.model_limit.get());
        let risk = (compiled.prior.unwrap_or_default() + Nats::new(limited)).risk();
        compiled.action(risk) >= Action::Review
    })
}

fn hashes(text: &str) -> Vec<u32> {
    let (mut document, mut features) = (Document::new(), Features::default());
    document.push_field(text);
    features.extract(&document);
    features.items().iter().map(|feature| feature.hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, areas: &[RiskArea], text: &str) -> LabelledText {
        LabelledText { source: source.to_owned(), areas: areas.to_vec(), text: text.to_owned(), met: Vec::new() }
    }

    /// The market comes last, so that leaving it out renumbers and moves nothing.
    fn texts() -> Vec<LabelledText> {
        vec![
            text("a-bazaar", &[RiskArea::Medicine], "blister of tablets"),
            text("b-shop", &[], "oak table"),
            text("c-zoo", &[], "linen curtain"),
            text("z-market", &[RiskArea::Medicine], "strong tablets"),
            text("z-market", &[], "parcel tape"),
        ]
    }

    #[test]
    fn a_blind_model_is_the_one_that_is_trained_without_the_source() {
        let options = TrainOptions::new("1", vec![RiskArea::Medicine]);
        let blind = TrainingSet::new(&texts(), &[], 1).blind(&options, || ());
        let of_market = blind.iter().find(|one| one.sources == ["z-market"]).unwrap();
        let without = TrainingSet::new(&texts()[..3], &[], 1).train(&options, |_| ());
        assert_eq!(of_market.model.to_bytes(), without.to_bytes());
        let all = TrainingSet::new(&texts(), &[], 1).train(&options, |_| ());
        assert_ne!(of_market.model.to_bytes(), all.to_bytes());
    }

    #[test]
    fn every_source_is_in_one_blind_spot() {
        let options = TrainOptions::new("1", vec![RiskArea::Medicine]);
        let set = TrainingSet::new(&texts(), &[], 1);
        let blind = set.blind(&options, || ());
        let mut sources: Vec<&str> = blind.iter().flat_map(|one| one.sources.iter().map(String::as_str)).collect();
        sources.sort_unstable();
        assert_eq!(sources, ["a-bazaar", "b-shop", "c-zoo", "z-market"]);
        assert_eq!(blind.len(), set.rounds());
    }
}

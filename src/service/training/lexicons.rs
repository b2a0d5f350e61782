//! Labelled items as sets of lexicons: what the network over lexicons is trained on, and what it finds in sources it has not seen.
//!
//! Not here: the network (`model/lexicons/`). Kept true: what is asked of an area is set by clear items of sources that the judging network
//! had not seen, and never by a source that is left out.

use std::sync::OnceLock;

use super::LabelledText;
use crate::domain::RiskArea;
use crate::matching::LexiconId;
use crate::model::{LexiconExample, LexiconModel, LexiconRow, LexiconTrainOptions, margins_unseen, train_lexicons};
use crate::policy::{CompiledPack, Fact};

/// With fewer labelled items an area is not learned.
const LEAST_LABELLED: usize = 40;
/// How much a line counts beside a case: there are many of few kinds.
const LINE_WEIGHT: f32 = 0.5;

/// What the network finds of an area in sources that it has not seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenHints {
    /// The area.
    pub area: RiskArea,
    /// Labelled items.
    pub labelled: usize,
    /// Those of which it speaks.
    pub found: usize,
    /// Clear items of which it speaks, of all of the set.
    pub clear: usize,
}

/// Items by the lexicons that they meet.
#[derive(Debug)]
pub(super) struct Meetings {
    examples: Vec<LexiconExample>,
    options: LexiconTrainOptions,
    unseen: OnceLock<Vec<Vec<f32>>>,
}

impl Meetings {
    /// From lines, each with the number of its source, and from cases beside them, whose sources are numbered from `first` on.
    pub(super) fn new<'a>(
        pack: &CompiledPack,
        lines: impl Iterator<Item = (&'a LabelledText, u32)>,
        (cases, first): (&'a [LabelledText], u32),
        seed: u64,
    ) -> Self {
        let mut names: Vec<String> = pack.lexicons.iter().map(|lexicon| lexicon.id.clone()).collect();
        names.sort_unstable();
        let place = |id: &LexiconId| {
            let lexicon = pack.lexicons.get(usize::from(id.0))?;
            names.binary_search(&lexicon.id).ok().and_then(|at| u16::try_from(at).ok()).map(LexiconRow)
        };
        let mut sources: Vec<&str> = cases.iter().map(|text| text.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        let of_case = |text: &LabelledText| first + sources.partition_point(|one| *one < text.source.as_str()) as u32;
        let cases = cases.iter().map(|text| (text, of_case(text), 1.0));
        let examples: Vec<LexiconExample> = lines
            .map(|(text, source)| (text, source, LINE_WEIGHT))
            .chain(cases)
            .map(|(text, source, weight)| LexiconExample {
                met: text.met.iter().filter_map(place).collect(),
                areas: text.areas.clone(),
                source,
                weight,
            })
            .collect();
        let labelled = |area: &RiskArea| examples.iter().filter(|one| one.areas.contains(area)).count();
        let is_learned = |area: &RiskArea| Fact::hint(*area).is_some() && labelled(area) >= LEAST_LABELLED;
        let areas = RiskArea::ALL.into_iter().filter(is_learned).collect();
        Meetings { examples, options: LexiconTrainOptions::new(names, areas, seed), unseen: OnceLock::new() }
    }

    /// A network that has seen none of these sources, nor has what it asks for.
    pub(super) fn train_without(&self, sources: &[u32]) -> Option<LexiconModel> {
        let is_left = |one: &LexiconExample| !sources.contains(&one.source);
        let left: Vec<&LexiconExample> = self.examples.iter().filter(|one| is_left(one)).collect();
        let unseen = self.examples.iter().zip(self.unseen()).filter(|(one, _)| is_left(one));
        train_lexicons(&left, unseen.map(|(one, odds)| (one, odds.as_slice())), &self.options)
    }

    /// What networks find that have not seen the item's source, when they ask for what the final one asks.
    pub(super) fn measure(&self) -> Vec<UnseenHints> {
        let clear = |(one, odds): (&LexiconExample, &Vec<f32>)| one.areas.is_empty().then(|| odds.clone());
        let clear: Vec<Vec<f32>> = self.examples.iter().zip(self.unseen()).filter_map(clear).collect();
        let asked = self.options.asked(clear.iter().map(Vec::as_slice));
        let of_area = |(at, (area, asked)): (usize, (&RiskArea, f32))| {
            let speaks = |odds: &Vec<f32>| odds.get(at).is_some_and(|odds| *odds > asked);
            let all = self.examples.iter().zip(self.unseen()).filter(|(one, _)| one.areas.contains(area));
            let labelled: Vec<bool> = all.map(|(_, odds)| speaks(odds)).collect();
            UnseenHints {
                area: *area,
                labelled: labelled.len(),
                found: labelled.iter().filter(|found| **found).count(),
                clear: clear.iter().filter(|odds| speaks(odds)).count(),
            }
        };
        self.options.areas.iter().zip(asked).enumerate().map(of_area).collect()
    }

    fn unseen(&self) -> &[Vec<f32>] {
        self.unseen.get_or_init(|| margins_unseen(&self.examples, &self.options))
    }
}

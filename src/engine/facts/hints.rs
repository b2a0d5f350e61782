//! What the learned model makes of the lexicons that are met, and which of them weigh most: "glock", "no licence", "crypto" in one post.
//!
//! Not here: the network (`model/lexicons/`), what a hint may do (signals). Kept true: a hint is shown by characters: it is there only if
//! two places in what the item says are hits that count, of lexicons among those that weigh most.

use std::cmp::Reverse;

use smallvec::SmallVec;

use super::hits::HitSheet;
use super::{Place, Recorder};
use crate::domain::{Nats, RiskArea};
use crate::matching::{Hit, LexiconId, LexiconSet};
use crate::model::TextModel;
use crate::policy::{CompiledPack, Fact, Scope};

/// Lexicons that speak for a hint.
const WEIGHTIEST: usize = 6;
/// Places that they must be found in.
const LEAST_PLACES: usize = 2;

/// The hints of one item; a buffer to be reused.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Those of one fact together, weightiest first.
    lexicons: Vec<(Fact, Nats, LexiconId)>,
}

impl Hints {
    /// Asks the model about what was met.
    pub(super) fn weigh(&mut self, pack: &CompiledPack, met: &LexiconSet, facts: &Recorder<'_>) {
        self.lexicons.clear();
        let is_asked = |area: &RiskArea| Fact::hint(*area).is_some_and(|fact| facts.wants(fact));
        let Some(model) = pack.model.as_ref().and_then(TextModel::lexicons) else { return };
        if !RiskArea::ALL.iter().any(is_asked) {
            return;
        }
        let learned = |lexicon: LexiconId| pack.learned.get(usize::from(lexicon.0)).copied().flatten();
        let known = || met.iter().filter_map(|lexicon| Some((lexicon, learned(lexicon)?)));
        let seen = model.impression(known().map(|(_, row)| row));
        for (area, margin) in model.margins(&seen) {
            let Some(fact) = Fact::hint(area).filter(|fact| facts.wants(*fact)) else { continue };
            let share = |(lexicon, row)| (model.share(&seen, row, area), lexicon);
            let mut shares: SmallVec<[(Nats, LexiconId); 64]> = known().map(share).collect();
            shares.retain(|(share, _)| *share > Nats::ZERO);
            shares.sort_unstable_by(|one, next| next.0.get().total_cmp(&one.0.get()).then(one.1.cmp(&next.1)));
            self.lexicons.extend(shares.iter().take(WEIGHTIEST).map(|(_, lexicon)| (fact, margin, *lexicon)));
        }
    }

    /// The lexicons whose hits it must see.
    pub(super) fn lexicons(&self) -> impl Iterator<Item = LexiconId> {
        self.lexicons.iter().map(|(.., lexicon)| *lexicon)
    }
}

/// Writes the hints that can be shown: one hit of each lexicon, of hits that overlap the longest ("no prescription", not "no").
pub(super) fn collect(hits: &HitSheet, record: &mut Recorder<'_>) {
    for of_fact in hits.hints().lexicons.chunk_by(|one, next| one.0 == next.0) {
        let said = |(.., lexicon): &(Fact, Nats, LexiconId)| hits.in_scope(*lexicon, Scope::Anywhere);
        let mut candidates: SmallVec<[(u32, &Hit); 16]> = of_fact.iter().flat_map(said).collect();
        candidates.sort_unstable_by_key(|(at, hit)| (Reverse(hit.original.end() - hit.original.start()), *at));
        let mut shown: SmallVec<[(u32, &Hit); WEIGHTIEST]> = SmallVec::new();
        for (at, hit) in candidates {
            if shown.iter().all(|(_, other)| other.lexicon != hit.lexicon && !overlap(other, hit)) {
                shown.push((at, hit));
            }
        }
        if let Some((fact, margin, _)) = of_fact.first()
            && shown.len() >= LEAST_PLACES
        {
            record.number(*fact, margin.get());
            shown.sort_unstable_by_key(|(at, _)| *at);
            shown.into_iter().for_each(|(at, _)| record.place(*fact, Place::Hit(at)));
        }
    }
}

fn overlap(one: &Hit, other: &Hit) -> bool {
    let (a, b) = (one.original, other.original);
    one.field == other.field && a.start() < b.end() && b.start() < a.end()
}

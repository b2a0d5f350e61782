//! Which of the lexicons that were met may matter: most words of most items concern no signal that can fire.
//!
//! Not here: what wakes a signal (`policy/compile/relevance.rs`), hits. Kept true: whether a signal fires, and what it shows, is the same as if every hit had
//! been looked at. A signal is left out only if its condition cannot hold with what was met, however guards and negation judge it.

use fixedbitset::FixedBitSet;

use super::Recorder;
use super::hints::Hints;
use crate::domain::Content;
use crate::engine::signals::applies;
use crate::matching::{LexiconId, LexiconSet, Memory};
use crate::policy::{CompiledPack, CompiledSignal, Guard, SignalId, Slot, SlotId};

/// The lexicons whose hits are wanted; a buffer to be reused.
#[derive(Debug, Default)]
pub(super) struct Relevant {
    lexicons: LexiconSet,
    asked: FixedBitSet,
    guards: Vec<LexiconId>,
}

impl Relevant {
    /// Chooses, once every fact that rests on the content alone is known.
    pub(super) fn choose(
        &mut self,
        content: &Content,
        pack: &CompiledPack,
        (met, hints, facts): (&Memory, &Hints, &Recorder<'_>),
    ) -> &LexiconSet {
        let Relevant { lexicons, asked, guards } = self;
        lexicons.clear();
        asked.clear();
        asked.grow(pack.signals.len());
        let mut ask = |signals: &[SignalId]| {
            for id in signals {
                let at = usize::from(id.0);
                if asked.put(at) {
                    continue;
                }
                if let Some(signal) = pack.signals.get(at)
                    && applies(signal, content, pack)
                    && can_hold(signal, pack, (met.met(), facts))
                {
                    let mentioned = pack.relevance.lexicons.get(at).into_iter().flatten();
                    mentioned.for_each(|lexicon| _ = lexicons.insert(*lexicon));
                }
            }
        };
        ask(&pack.relevance.always);
        for slot in facts.present() {
            ask(pack.triggers.get(usize::from(slot.0)).map(Vec::as_slice).unwrap_or_default());
        }
        for lexicon in met.met().iter() {
            ask(pack.relevance.woken.get(usize::from(lexicon.0)).map(Vec::as_slice).unwrap_or_default());
        }
        // What facts rest on that are no count of hits.
        let named = |lexicon| pack.promotion.names(lexicon) || pack.promotion.choices.contains(&lexicon);
        for lexicon in
            met.met().iter().filter(|lexicon| named(*lexicon)).chain(pack.roles.all()).chain(hints.lexicons())
        {
            lexicons.insert(lexicon);
        }
        // Words that decide whether a hit counts. These are judged as they stand, so it ends here.
        guards.clear();
        let guarded = |term| pack.term(term).and_then(|term| pack.guards_of(term));
        for of_term in met.terms_met(lexicons).filter_map(guarded) {
            let both = [&of_term.needs, &of_term.unless].into_iter().flatten();
            guards.extend(both.flat_map(|guard: &Guard| guard.lexicons.iter().copied()));
        }
        guards.drain(..).for_each(|lexicon| _ = lexicons.insert(lexicon));
        lexicons
    }
}

/// True unless the condition cannot hold with what was met.
fn can_hold(signal: &CompiledSignal, pack: &CompiledPack, (met, facts): (&LexiconSet, &Recorder<'_>)) -> bool {
    signal.predicate.can_hold(&|slot: SlotId| match pack.slots.slots.get(usize::from(slot.0))? {
        Slot::Lexicon(_, lexicon) => (!met.contains(*lexicon)).then_some(0.0),
        Slot::Near(near) => (!met.contains(near.a) || !met.contains(near.b)).then_some(0.0),
        Slot::Fact(fact) => (!fact.rests_on_hits()).then(|| facts.value(slot)),
    })
}

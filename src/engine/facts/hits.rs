//! Lexicon hits: which of the matcher's hits count, how many distinct terms lie in which scope, which lie close.
//!
//! Not here: finding hits (`matching/`). Kept true:
//! - Guards and negation are judged by the *raw* hits, whatever guards or negations those have themselves. So there
//!   is no order among lexicons and no cycle, and adding a guard to one term never changes another.
//! - A word does not vouch for itself: a guard that is needed must lie outside the hit's own characters. A guard that
//!   cancels may cover them ("snow" within "snow boots").
//! - What a post says and whom it is shown to do not vouch for each other, and neither do two targeting criteria.
//! - A word that differs from a term by its accents is that term in the term's own language only.
//! - Nothing reaches over a field's end; negation does not reach over a sentence's end either.

use smallvec::SmallVec;

use super::hints::Hints;
use super::promotion::is_said_in;
use super::relevance::Relevant;
use super::{Place, Recorder};
use crate::domain::{ByteSpan, Concealments};
use crate::engine::normalise::{Item, scope_bit};
use crate::matching::{Hit, LONGEST_HIT, LexiconId, LexiconSet, Memory, TermId};
use crate::policy::{CompiledPack, Fact, Guard, Near, Scope};
use crate::text::FieldIndex;

/// Words between a negation and what it negates: "without added sugar" negates sugar.
const NEGATION_BEFORE_GAP: u32 = 1;

/// Hits with a way in by lexicon.
#[derive(Debug, Default)]
pub(crate) struct HitIndex {
    /// In order of position, so by first token too.
    hits: Vec<Hit>,
    /// Positions in `hits`, those of one lexicon together and in order: a counting sort, since comparisons cost more than all
    /// the rest of an index.
    order: Vec<u32>,
    /// By lexicon: where its hits begin in `order`, and how many there are.
    places: Vec<(u32, u32)>,
    /// The lexicons that have hits.
    lexicons: Vec<LexiconId>,
}

impl HitIndex {
    fn clear(&mut self) {
        self.hits.clear();
        self.order.clear();
        for lexicon in self.lexicons.drain(..) {
            if let Some(place) = self.places.get_mut(usize::from(lexicon.0)) {
                *place = (0, 0);
            }
        }
    }

    fn index(&mut self, lexicons: usize) {
        let HitIndex { hits, order, places, lexicons: present } = self;
        debug_assert!(hits.is_sorted_by_key(|hit| hit.first_token));
        places.resize(places.len().max(lexicons), (0, 0));
        for hit in hits.iter() {
            if let Some((_, count)) = places.get_mut(usize::from(hit.lexicon.0)) {
                if *count == 0 {
                    present.push(hit.lexicon);
                }
                *count += 1;
            }
        }
        let mut start = 0;
        for lexicon in present.iter() {
            if let Some(place) = places.get_mut(usize::from(lexicon.0)) {
                let count = place.1;
                *place = (start, 0);
                start += count;
            }
        }
        order.resize(hits.len(), 0);
        for (at, hit) in (0..).zip(hits.iter()) {
            if let Some((start, count)) = places.get_mut(usize::from(hit.lexicon.0))
                && let Some(slot) = order.get_mut((*start + *count) as usize)
            {
                *slot = at;
                *count += 1;
            }
        }
    }

    fn contains(&self, lexicon: LexiconId) -> bool {
        self.places.get(usize::from(lexicon.0)).is_some_and(|(_, count)| *count > 0)
    }

    /// The hits of a lexicon, by position, with their own positions among all hits.
    fn of(&self, lexicon: LexiconId) -> impl Iterator<Item = (u32, &Hit)> {
        self.named(self.all_of(lexicon))
    }

    /// The hits of a lexicon that may lie within `words` words of `hit`.
    fn around(&self, hit: &Hit, lexicon: LexiconId, words: u32) -> impl Iterator<Item = (u32, &Hit)> {
        let (field, least) = (hit.field, hit.first_token.saturating_sub(words + LONGEST_HIT));
        let beyond = hit.end_token.saturating_add(words);
        let all = self.all_of(lexicon);
        let begins_before = |at: &u32| self.hits.get(*at as usize).is_some_and(|hit| hit.first_token < least);
        self.named(all.get(all.partition_point(begins_before)..).unwrap_or_default())
            .take_while(move |(_, other)| other.first_token <= beyond)
            .filter(move |(_, other)| other.field == field && other.end_token.saturating_add(words) >= hit.first_token)
    }

    fn named(&self, places: &[u32]) -> impl Iterator<Item = (u32, &Hit)> {
        places.iter().filter_map(|at| self.hits.get(*at as usize).map(|hit| (*at, hit)))
    }

    fn all_of(&self, lexicon: LexiconId) -> &[u32] {
        let Some((start, count)) = self.places.get(usize::from(lexicon.0)) else { return &[] };
        self.order.get(*start as usize..(*start + *count) as usize).unwrap_or_default()
    }
}

/// All hits of one item, and those that count.
#[derive(Debug, Default)]
pub(crate) struct HitSheet {
    raw: HitIndex,
    memory: Memory,
    hints: Hints,
    relevant: Relevant,
    accepted: HitIndex,
    /// Scopes of each accepted hit, as bits.
    scopes: Vec<u16>,
    tally: Vec<(LexiconId, TermId, u16)>,
}

impl HitSheet {
    /// Looks for every term; there are no hits yet.
    pub(crate) fn find(&mut self, item: &Item<'_>, pack: &CompiledPack) {
        pack.matcher.look(item.document, &mut self.memory);
    }

    /// The lexicons met, whether they matter or not.
    pub(crate) fn met(&self) -> &LexiconSet {
        self.memory.met()
    }

    /// What the learned model makes of them.
    pub(super) fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Places in which something was met, whether it matters or not.
    pub(crate) fn found(&self) -> usize {
        self.memory.places_met()
    }

    /// The hits that count, by position.
    pub(crate) fn accepted(&self) -> &[Hit] {
        &self.accepted.hits
    }

    /// The scopes of an accepted hit, as bits.
    pub(super) fn scopes_of(&self, at: u32) -> u16 {
        self.scopes.get(at as usize).copied().unwrap_or_default()
    }

    /// The hits of a lexicon that count in a scope, by position, with their positions among the accepted.
    pub(crate) fn in_scope(&self, lexicon: LexiconId, scope: Scope) -> impl Iterator<Item = (u32, &Hit)> {
        let bit = scope_bit(scope);
        self.accepted.of(lexicon).filter(move |(at, _)| self.scopes.get(*at as usize).is_some_and(|set| set & bit != 0))
    }

    /// The first two hits of these lexicons that lie close enough.
    pub(crate) fn near(&self, Near { a, b, words, in_order }: Near) -> Option<(u32, u32)> {
        if !(self.accepted.contains(a) && self.accepted.contains(b)) {
            return None;
        }
        self.in_scope(a, Scope::Anywhere).find_map(|(at, hit)| {
            let mut close = self.accepted.around(hit, b, u32::from(words));
            let lies_so = |other: &Hit| !in_order || hit.end_token <= other.first_token;
            close
                .find(|(_, other)| lies_so(other) && !nested(hit, other) && !nested(other, hit))
                .map(|(other, _)| (at, other))
        })
    }

    /// Makes hits of what was met: of `all`, or of what may matter. None counts yet.
    pub(super) fn report(&mut self, item: &Item<'_>, pack: &CompiledPack, facts: &Recorder<'_>, all: bool) {
        self.raw.clear();
        self.hints.weigh(pack, self.memory.met(), facts);
        let wanted = (!all).then(|| self.relevant.choose(item.content, pack, (&self.memory, &self.hints, facts)));
        pack.matcher.report(item.document, &self.memory, wanted, &mut self.raw.hits);
    }

    /// Decides which hits count.
    pub(super) fn accept(&mut self, item: &Item<'_>, pack: &CompiledPack, facts: &Recorder<'_>) {
        self.accepted.clear();
        self.scopes.clear();
        if self.raw.hits.is_empty() {
            return;
        }
        drop_letters_of_spelled_words(&mut self.raw.hits);
        drop_readings_of_codes(&mut self.raw.hits, facts);
        let language = item.language();
        self.raw.hits.retain(|hit| !is_of_another_language(item, pack, hit, &language));
        self.raw.index(pack.lexicons.len());
        let judge = Judge { item, pack, facts, raw: &self.raw };
        for hit in self.raw.hits.iter().filter(|hit| judge.counts(hit)) {
            self.accepted.hits.push(*hit);
            let said = item.criterion(hit.field).is_none();
            let disguised = said && !hit.concealment.is_empty() && !judge.read_plainly(hit);
            let hidden = if disguised { scope_bit(Scope::Hidden) } else { 0 };
            self.scopes.push(item.scopes(hit) | hidden);
        }
        self.accepted.index(pack.lexicons.len());
    }
}

/// "v i a g r a": what its letters mean by themselves ("g" for grams) was not written.
fn drop_letters_of_spelled_words(hits: &mut Vec<Hit>) {
    let apart = |hit: &&Hit| hit.reading.is_some() && hit.end_token > hit.first_token + 1;
    let spelled: SmallVec<[(u32, u32); 8]> =
        hits.iter().filter(apart).map(|hit| (hit.first_token, hit.end_token)).collect();
    let mut spelled = spelled.into_iter().peekable();
    let mut covered_until = 0;
    // Both are in order of position, so one pass suffices.
    hits.retain(|hit| {
        while let Some((_, end)) = spelled.next_if(|(first, _)| *first <= hit.first_token) {
            covered_until = covered_until.max(end);
        }
        let letter = hit.reading.is_none() && hit.end_token == hit.first_token + 1;
        !letter || hit.end_token > covered_until
    });
}

/// "ANNA15" gives fifteen percent off: the digits of a discount code are no letters in disguise.
fn drop_readings_of_codes(hits: &mut Vec<Hit>, facts: &Recorder<'_>) {
    let codes: SmallVec<[(FieldIndex, ByteSpan); 4]> = facts
        .places(Fact::CodeWords)
        .filter_map(|place| match place {
            Place::Text(field, span) => Some((field, span)),
            _ => None,
        })
        .collect();
    if !codes.is_empty() {
        let within =
            |hit: &Hit| codes.iter().any(|(field, code)| *field == hit.field && code.cover(hit.original) == *code);
        hits.retain(|hit| hit.reading.is_none() || !within(hit));
    }
}

/// True for "price", which is no Croatian "priče" in an English text, and for "många", which is no "manga" in a Swedish one: an accent more
/// or less is a slip of the pen in a word of the text's own language only.
fn is_of_another_language(item: &Item<'_>, pack: &CompiledPack, hit: &Hit, language: &str) -> bool {
    let Some(unaccented) = pack.term(hit.term).and_then(|term| term.unaccented) else { return false };
    let written = hit.original.slice(item.text(hit.field)).unwrap_or_default();
    unaccented != written.is_ascii() && !is_said_in(pack, hit.term, language)
}

/// Decides about one hit after the other.
struct Judge<'a, 'b, 'c> {
    item: &'a Item<'b>,
    pack: &'a CompiledPack,
    facts: &'a Recorder<'c>,
    raw: &'a HitIndex,
}

impl Judge<'_, '_, '_> {
    fn counts(&self, hit: &Hit) -> bool {
        let guards = self.pack.term(hit.term).and_then(|term| self.pack.guards_of(term));
        let needs = guards.and_then(|guards| guards.needs.as_ref());
        let unless = guards.and_then(|guards| guards.unless.as_ref());
        needs.is_none_or(|guard| self.holds(guard, hit, |other| !nested(other, hit)))
            && !unless.is_some_and(|guard| self.holds(guard, hit, |other| !same(other, hit)))
            && !self.negated(hit)
    }

    fn holds(&self, guard: &Guard, hit: &Hit, vouches: impl Fn(&Hit) -> bool) -> bool {
        guard.facts.iter().any(|fact| self.facts.is_present(*fact))
            || guard.lexicons.iter().any(|lexicon| match guard.within {
                Some(words) => self.raw.around(hit, *lexicon, u32::from(words)).any(|(_, other)| vouches(other)),
                None => {
                    let criterion = self.item.criterion(hit.field);
                    let mut others = self.raw.of(*lexicon);
                    others.any(|(_, other)| self.item.criterion(other.field) == criterion && vouches(other))
                }
            })
    }

    fn negated(&self, hit: &Hit) -> bool {
        let lexicon = self.pack.lexicons.get(usize::from(hit.lexicon.0));
        if !lexicon.is_some_and(|lexicon| lexicon.negatable) {
            return false;
        }
        let before = self.pack.roles.negation_before.is_some_and(|words| {
            self.raw.around(hit, words, NEGATION_BEFORE_GAP).any(|(_, negation)| {
                negation.end_token <= hit.first_token && self.one_sentence(negation.end_token, hit.first_token)
            })
        });
        before
            || self.pack.roles.negation_after.is_some_and(|words| {
                self.raw.around(hit, words, 0).any(|(_, negation)| {
                    let follows = negation.first_token == hit.end_token
                        && self.one_sentence(negation.first_token, negation.first_token);
                    // "zuckerfrei": both lie in one token, the negation ends it.
                    let ends_it = negation.end_token == hit.end_token
                        && negation.original.start() > hit.original.start()
                        && negation.original.end() >= hit.original.end();
                    follows || ends_it
                })
            })
    }

    /// True if no sentence ends, and no bracket or hash opens, before any of these tokens: "bez maksas #reklama" is an advertisement.
    fn one_sentence(&self, first: u32, last: u32) -> bool {
        let tokens = self.item.document.tokens().get(first as usize..=last as usize).unwrap_or_default();
        tokens.iter().all(|token| !token.after_stop && !token.traits.is_opened())
    }

    /// True if the same lexicon also meets the words as they are written: nothing is hidden then.
    fn read_plainly(&self, hit: &Hit) -> bool {
        self.raw
            .around(hit, hit.lexicon, 0)
            .any(|(_, other)| other.concealment == Concealments::NONE && nested(other, hit))
    }
}

/// True if `inner` has no character outside `outer`.
fn nested(inner: &Hit, outer: &Hit) -> bool {
    inner.field == outer.field
        && inner.original.start() >= outer.original.start()
        && inner.original.end() <= outer.original.end()
}

fn same(one: &Hit, other: &Hit) -> bool {
    one.term == other.term && one.field == other.field && one.original == other.original
}

/// Writes the counts of distinct terms by lexicon and scope, and the pairs that lie close.
pub(super) fn count(pack: &CompiledPack, hits: &mut HitSheet, record: &mut Recorder<'_>) {
    let HitSheet { accepted, scopes, tally, .. } = hits;
    tally.clear();
    let by_lexicon = accepted.order.iter().filter_map(|at| {
        let hit = accepted.hits.get(*at as usize)?;
        Some((hit.lexicon, hit.term, scopes.get(*at as usize).copied()?))
    });
    tally.extend(by_lexicon);
    for of_lexicon in tally.chunk_by_mut(|one, next| one.0 == next.0) {
        of_lexicon.sort_unstable_by_key(|(_, term, _)| *term);
    }
    for of_term in tally.chunk_by(|one, next| one.1 == next.1) {
        let Some((lexicon, ..)) = of_term.first() else { continue };
        let scopes = of_term.iter().fold(0, |union, (.., scopes)| union | scopes);
        let Some(slots) = pack.slots.by_lexicon.get(usize::from(lexicon.0)) else { continue };
        let mut left = scopes;
        while left != 0 {
            // A scope's bit is its position.
            if let Some(Some(slot)) = slots.get(left.trailing_zeros() as usize) {
                record.add_one(*slot);
            }
            left &= left - 1;
        }
    }
    if accepted.hits.len() < 2 {
        return;
    }
    for a in &hits.accepted.lexicons {
        for (slot, near) in pack.slots.near.get(usize::from(a.0)).into_iter().flatten() {
            if hits.near(*near).is_some() {
                record.add_one(*slot);
            }
        }
    }
}

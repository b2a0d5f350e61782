//! Phrases whose words were found one by one: joined over gaps.
//!
//! Not here: finding the words. Kept true: for each first word the nearest completion is reported; no phrase crosses
//! a stop; work per token is bounded;
//! what cannot become a phrase is not joined.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::idset::{IdSet, bit};
use super::matcher::TermId;
use crate::domain::{ByteSpan, Concealments};

/// A trie over parts, one root per gap width.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    /// The parts of all phrases, one phrase after the other; where each begins and ends.
    paths: Vec<u32>,
    phrases: Vec<(u32, u32)>,
    /// Phrases by their rarest part; by part, where its own begin and end.
    by_rarest: Vec<u32>,
    rarest_of: Vec<(u32, u32)>,
    edges: FxHashMap<(u32, u32), u32>,
    /// By node: a bit for each part that goes on from it. Most parts that come by go on from nowhere.
    next: Vec<u64>,
    ends: Vec<SmallVec<[TermId; 1]>>,
    /// By part: where phrases that begin with it go on.
    starts: Vec<SmallVec<[(u8, u32); 2]>>,
}

/// Where a part was found, or what was joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) first_token: u32,
    pub(super) end_token: u32,
    pub(super) original: ByteSpan,
    pub(super) concealment: Concealments,
    pub(super) reading: Option<u32>,
}

/// A phrase begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Partial {
    node: u32,
    /// Bits of the parts that go on from here.
    next: u64,
    gap: u8,
    piece: Piece,
}

/// Phrases begun and not yet out of reach.
pub(super) type Partials = SmallVec<[Partial; 16]>;

/// Phrases begun at most at a time; only hostile text comes near.
const MAX_PARTIALS: usize = 1024;

impl Phrases {
    pub(super) fn add(&mut self, gap: u8, path: &[u32], term: TermId) {
        let Some((first, rest)) = path.split_first() else { return };
        let start = self.paths.len() as u32;
        self.paths.extend_from_slice(path);
        self.phrases.push((start, self.paths.len() as u32));
        let needed = *first as usize + 1;
        if self.starts.len() < needed {
            self.starts.resize_with(needed, SmallVec::new);
        }
        let next = self.ends.len() as u32;
        let Some(starts) = self.starts.get_mut(*first as usize) else { return };
        let mut node = match starts.iter().find(|(width, _)| *width == gap) {
            Some((_, node)) => *node,
            None => {
                starts.push((gap, next));
                self.ends.push(SmallVec::new());
                self.next.push(0);
                next
            }
        };
        for part in rest {
            let next = self.ends.len() as u32;
            if let Some(bits) = self.next.get_mut(node as usize) {
                *bits |= bit(*part);
            }
            node = *self.edges.entry((node, *part)).or_insert(next);
            if node == next {
                self.ends.push(SmallVec::new());
                self.next.push(0);
            }
        }
        if let Some(end) = self.ends.get_mut(node as usize) {
            end.push(term);
        }
    }

    /// Notes of each phrase its rarest part, once all are known: the one that the fewest phrases have.
    pub(super) fn finish(&mut self) {
        let parts = self.paths.iter().max().map_or(0, |part| *part as usize + 1);
        let mut counts = vec![0_u32; parts];
        for part in &self.paths {
            counts.get_mut(*part as usize).into_iter().for_each(|count| *count += 1);
        }
        let rarest = |phrase: &u32| {
            let rarest = self.path(*phrase).iter().min_by_key(|part| counts.get(**part as usize));
            rarest.copied().unwrap_or_default()
        };
        let mut by_rarest: Vec<u32> = (0..self.phrases.len() as u32).collect();
        by_rarest.sort_by_key(rarest);
        let mut rarest_of = vec![(0, 0); parts];
        let mut start = 0;
        for same in by_rarest.chunk_by(|one, next| rarest(one) == rarest(next)) {
            let end = start + same.len() as u32;
            let place = same.first().and_then(|phrase| rarest_of.get_mut(rarest(phrase) as usize));
            place.into_iter().for_each(|place| *place = (start, end));
            start = end;
        }
        (self.by_rarest, self.rarest_of) = (by_rarest, rarest_of);
    }

    /// The parts of a phrase.
    fn path(&self, phrase: u32) -> &[u32] {
        let Some((start, end)) = self.phrases.get(phrase as usize) else { return &[] };
        self.paths.get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// The phrases of which a part is the rarest.
    fn rarest_of(&self, part: u32) -> &[u32] {
        let Some((start, end)) = self.rarest_of.get(part as usize) else { return &[] };
        self.by_rarest.get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// True if it is the rarest part of some phrase.
    pub(super) fn is_rarest(&self, part: u32) -> bool {
        !self.rarest_of(part).is_empty()
    }

    /// The parts of phrases all of whose parts are present; `deciding` are those present that are the rarest part of some phrase. Of what honest text
    /// says little is left: small words are parts of many phrases, whose other words are not there.
    pub(super) fn hopeful(&self, deciding: &[u32], present: &IdSet, hopeful: &mut IdSet) {
        hopeful.clear();
        for phrase in deciding.iter().flat_map(|part| self.rarest_of(*part)) {
            let path = self.path(*phrase);
            if path.iter().all(|part| present.contains(*part)) {
                path.iter().for_each(|part| _ = hopeful.insert(*part));
            }
        }
    }

    /// Forgets phrases that `token` puts out of reach.
    pub(super) fn reach(partials: &mut Partials, token: u32, after_stop: bool) {
        partials.retain(|partial| {
            let end = partial.piece.end_token;
            end > token || (!after_stop && token <= end + u32::from(partial.gap))
        });
    }

    /// Goes on with a part found; `complete` gets every phrase that it completes.
    pub(super) fn advance(
        &self,
        partials: &mut Partials,
        (part, piece): (u32, Piece),
        mut complete: impl FnMut(TermId, Piece),
    ) {
        for index in 0..partials.len() {
            let Some(partial) = partials.get(index) else { break };
            if partial.next & bit(part) == 0 || partial.piece.end_token > piece.first_token {
                continue;
            }
            let partial = *partial;
            let Some(node) = self.edges.get(&(partial.node, part)) else { continue };
            let joined = Piece {
                first_token: partial.piece.first_token,
                original: partial.piece.original.cover(piece.original),
                concealment: partial.piece.concealment.with(piece.concealment),
                reading: partial.piece.reading.or(piece.reading),
                ..piece
            };
            self.ends.get(*node as usize).into_iter().flatten().for_each(|term| complete(*term, joined));
            self.push(partials, Partial { node: *node, next: 0, gap: partial.gap, piece: joined });
        }
        for (gap, node) in self.starts.get(part as usize).into_iter().flatten() {
            self.push(partials, Partial { node: *node, next: 0, gap: *gap, piece });
        }
    }

    /// Waits for the next part, if any goes on from here.
    fn push(&self, partials: &mut Partials, partial: Partial) {
        let next = self.next.get(partial.node as usize).copied().unwrap_or_default();
        let partial = Partial { next, ..partial };
        if next != 0 && partials.len() < MAX_PARTIALS && !partials.contains(&partial) {
            partials.push(partial);
        }
    }
}

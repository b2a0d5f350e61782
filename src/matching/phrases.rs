//! Phrases whose words were found one by one: joined over gaps.
//!
//! Not here: finding the words. Kept true: for each first word the nearest completion is reported; no phrase crosses
//! a stop; work per token is bounded.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::matcher::TermId;
use crate::domain::{ByteSpan, Concealments};

/// A trie over parts, one root per gap width.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    edges: FxHashMap<(u32, u32), u32>,
    /// By node: a bit for each part that goes on from it. Most parts that come by go on from nowhere.
    next: Vec<u64>,
    ends: Vec<SmallVec<[TermId; 1]>>,
    /// By part: where phrases that begin with it go on.
    starts: Vec<SmallVec<[(u8, u32); 2]>>,
}

/// A part that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) part: u32,
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

    /// Forgets phrases that `token` puts out of reach.
    pub(super) fn reach(partials: &mut Partials, token: u32, after_stop: bool) {
        partials.retain(|partial| {
            let end = partial.piece.end_token;
            end > token || (!after_stop && token <= end + u32::from(partial.gap))
        });
    }

    /// Goes on with a part found; `complete` gets every phrase that it completes.
    pub(super) fn advance(&self, partials: &mut Partials, piece: Piece, mut complete: impl FnMut(TermId, Piece)) {
        for index in 0..partials.len() {
            let Some(partial) = partials.get(index) else { break };
            if partial.next & bit(piece.part) == 0 || partial.piece.end_token > piece.first_token {
                continue;
            }
            let partial = *partial;
            let Some(node) = self.edges.get(&(partial.node, piece.part)) else { continue };
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
        for (gap, node) in self.starts.get(piece.part as usize).into_iter().flatten() {
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

fn bit(part: u32) -> u64 {
    1 << (part % 64)
}

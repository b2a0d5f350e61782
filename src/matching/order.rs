//! The order of hits, and which of several for one thing is kept.
//!
//! Not here: finding them. Kept true: each term once per place, the plainest way of finding it; of a phrase with gaps
//! the nearest completion; no disguise is claimed where the text is plainly something else that is known.

use smallvec::SmallVec;

use super::automaton::Matcher;
use super::matcher::{Hit, LONGEST_HIT};
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::FieldIndex;

/// Places that a hit is moved back by, on average; more, and the hits are not nearly in order.
const MOVES_PER_HIT: usize = 16;

/// Sorts the hits from `first` on by place, lexicon and term, and drops what repeats or is explained by another of them.
pub(super) fn arrange(matcher: &Matcher, hits: &mut Vec<Hit>, first: usize) {
    sort_out(matcher, hits, first);
    hits.iter_mut().skip(first).filter(|hit| is_halved(hit)).for_each(|hit| hit.concealment = Concealments::NONE);
}

fn sort_out(matcher: &Matcher, hits: &mut Vec<Hit>, first: usize) {
    let found = hits.get_mut(first..).unwrap_or_default();
    if found.len() < 2 {
        return;
    }
    sort(found, |hit| {
        // Field, start, lexicon and term in one number: comparing it is most of what sorting costs.
        let place = u128::from(hit.field.0) << 80
            | u128::from(hit.original.start()) << 48
            | u128::from(hit.lexicon.0) << 32
            | u128::from(hit.term.0);
        let (hidden, end) = (u32::from(!hit.concealment.is_empty()), hit.original.end());
        // The first of several is kept: of a phrase with gaps the nearest, of all others the plainest.
        let rank = if is_split(matcher, hit) { (end, hidden) } else { (hidden, end) };
        (place, rank, hit.reading)
    });
    let explained = found.iter().any(|hit| is_weak(hit.concealment));
    retain(hits, first, |kept, hit| {
        let split = is_split(matcher, hit);
        let mut before = kept.iter().rev().take_while(|other| is_same_place(other, hit));
        !before.any(|other| split || other.original == hit.original)
    });
    if explained {
        let plain = hits.iter().skip(first).filter(|hit| hit.concealment.is_empty());
        let mut plain: Vec<_> =
            plain.map(|hit| Known { first: hit.first_token, at: (hit.field, hit.original) }).collect();
        plain.dedup();
        retain(hits, first, |_, hit| !is_weak(hit.concealment) || !is_covered(&plain, hit));
    }
}

/// True for a long word with one space in it, which is known neither as a phrase nor otherwise: nothing is hidden by a slip of the pen.
fn is_halved(hit: &Hit) -> bool {
    let spaced = hit.concealment == Concealments::of(Concealment::Spacing);
    spaced && hit.reading.is_none() && hit.end_token == hit.first_token + 2
}

/// Sorts hits that are nearly in order, as a search reports them: each is moved back by the few that it came after. Hits that would
/// be moved far are left to a sort that does not mind.
fn sort<K: Ord>(hits: &mut [Hit], key: impl Fn(&Hit) -> K) {
    let mut moves = MOVES_PER_HIT * hits.len();
    let mut keys: SmallVec<[K; 64]> = hits.iter().map(&key).collect();
    for end in 1..keys.len() {
        let Some((own, before)) = keys.get(..=end).and_then(<[K]>::split_last) else { return };
        let behind = before.iter().rev().take_while(|other| *other > own).take(moves + 1).count();
        if behind > moves {
            return hits.sort_unstable_by_key(key);
        }
        if behind > 0
            && let (Some(keys), Some(hits)) = (keys.get_mut(end - behind..=end), hits.get_mut(end - behind..=end))
        {
            moves -= behind;
            keys.rotate_right(1);
            hits.rotate_right(1);
        }
    }
}

/// Keeps, from `first` on, the hits that `keep` wants, given those kept so far.
fn retain(hits: &mut Vec<Hit>, first: usize, keep: impl Fn(&[Hit], &Hit) -> bool) {
    let mut end = first;
    for index in first..hits.len() {
        let Some(hit) = hits.get(index).copied() else { break };
        if !keep(hits.get(first..end).unwrap_or_default(), &hit) {
            continue;
        }
        if end < index
            && let Some(slot) = hits.get_mut(end)
        {
            *slot = hit;
        }
        end += 1;
    }
    hits.truncate(end);
}

/// True if the hit is a phrase whose words were found one by one.
fn is_split(matcher: &Matcher, hit: &Hit) -> bool {
    matcher.terms.get(hit.term.0 as usize).is_some_and(|term| term.split)
}

fn is_same_place(a: &Hit, b: &Hit) -> bool {
    a.term == b.term && a.field == b.field && a.original.start() == b.original.start()
}

/// Hyphens and doubled letters are honest in words that are known to be written so, and a word that is known is not another one read backwards.
pub(super) fn is_weak(concealment: Concealments) -> bool {
    let ways = [Concealment::Spacing, Concealment::Repetition, Concealment::Reversed];
    let weak = ways.into_iter().fold(Concealments::NONE, |weak, way| weak.with(Concealments::of(way)));
    !concealment.is_empty() && concealment.with(weak) == weak
}

/// A place that is plainly something known, and the token in which it begins.
#[derive(Clone, Copy, PartialEq)]
struct Known {
    first: u32,
    at: (FieldIndex, ByteSpan),
}

/// True if something known holds the same bytes.
fn is_covered(known: &[Known], hidden: &Hit) -> bool {
    let place = |(field, span): (FieldIndex, ByteSpan)| (field, span.start());
    let after = known.partition_point(|known| place(known.at) <= (hidden.field, hidden.original.start()));
    let before = known.get(..after).unwrap_or_default().iter().rev();
    let mut near = before.take_while(|known| known.first.saturating_add(LONGEST_HIT) >= hidden.first_token);
    near.any(|known| known.at == (hidden.field, known.at.1.cover(hidden.original)))
}

#[cfg(test)]
mod tests {
    use super::super::matcher::{LexiconId, TermId};
    use super::*;

    fn at(start: u32) -> Hit {
        Hit {
            lexicon: LexiconId(0),
            term: TermId(start),
            field: FieldIndex(0),
            first_token: start,
            end_token: start + 1,
            original: ByteSpan::new(start, start + 1),
            concealment: Concealments::NONE,
            reading: None,
        }
    }

    #[test]
    fn hits_are_sorted_whether_they_come_nearly_in_order_or_not_at_all() {
        let near = |number: u32| number / 3 * 3 + 2 - number % 3;
        let far = |number: u32| 499 - number;
        let scattered = |number: u32| number * 277 % 500;
        for order in [&near as &dyn Fn(u32) -> u32, &far, &scattered] {
            let mut hits: Vec<Hit> = (0..498).map(order).map(at).collect();
            let mut expected = hits.clone();
            expected.sort_by_key(|hit| hit.original.start());
            sort(&mut hits, |hit| hit.original.start());
            assert_eq!(hits, expected);
        }
    }
}

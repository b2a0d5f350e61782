//! Groups of characters that may be one disguised word: glued together, or spelt out letter by letter.
//!
//! Not here: what the characters stand for (`cells`). Kept true: a group is bounded, so hostile text costs linear
//! time; addresses (URLs, e-mail) are left alone.

use super::letters::{ALONE, BOXED, DIGIT, INVISIBLE, LATIN, LETTER, Letter, Letters, MARK, SIGN};
use super::lookalikes;
use crate::domain::{Concealment, Concealments};

/// A character of a group with the marks on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) c: char,
    pub(super) letter: Letter,
    /// Original bytes, marks and invisible characters after it included.
    pub(super) start: usize,
    pub(super) end: usize,
    /// A joiner stands before it.
    pub(super) joined: bool,
    /// What hides it beside what it is.
    pub(super) hidden: Concealments,
    /// It has an accent.
    pub(super) accented: bool,
}

/// Most bytes of a glued group on either side of the suspect; longer ones are read piece by piece.
const REACH: usize = 96;
/// Most slots of a word spelt out, before the suspect and from it on.
const SPELT_SLOTS: usize = 64;
/// Fewest slots of a word spelt out.
const SPELT_LEAST: usize = 4;
/// Longest separator of a word spelt out, in bytes.
const SEPARATOR: usize = 8;

/// A text in which groups are looked for.
#[derive(Clone, Copy)]
pub(super) struct Groups<'t> {
    pub(super) text: &'t str,
    pub(super) letters: &'static Letters,
}

impl Groups<'_> {
    /// Reads the group around the suspect at `at` into `slots`; gives the end of what need not be looked at again.
    pub(super) fn read(&self, done: usize, at: usize, slots: &mut Vec<Slot>) -> usize {
        if self.spelt_out(at, slots) {
            return slots.last().map_or(done, |slot| slot.end);
        }
        slots.clear();
        self.glued(done, at, slots).unwrap_or(done)
    }

    /// The word spelt out around the single letter at `at` ("v i a g r a", "v.i.a.g.r.a"): slots with one and the same
    /// separator between them.
    fn spelt_out(&self, at: usize, slots: &mut Vec<Slot>) -> bool {
        let Some(first) = self.slot(at) else { return false };
        let (Some(before), Some(after)) = (self.text.get(..first.start), self.text.get(first.end..)) else {
            return false;
        };
        let slot =
            |wanted: u16| move |c: char| self.letters.of(c).is(wanted) || lookalikes::regional_indicator(c).is_some();
        // Signs may separate ("v*i*a") or be letters themselves ("v @ l i u m").
        let wanted = [LETTER | DIGIT, LETTER | DIGIT | SIGN];
        let after = wanted.iter().filter_map(|wanted| after.get(..after.find(slot(*wanted))?));
        let before = wanted.iter().filter_map(|wanted| {
            let (at, c) = before.rmatch_indices(slot(*wanted)).next()?;
            before.get(at + c.len()..)
        });
        after.chain(before).filter(|found| (1..=SEPARATOR).contains(&found.len())).any(|separator| {
            self.spelt_with(first, separator, slots);
            slots.len() >= SPELT_LEAST && slots.iter().filter(|slot| !slot.letter.is(DIGIT)).count() >= 2
        })
    }

    fn spelt_with(&self, first: Slot, separator: &str, slots: &mut Vec<Slot>) {
        slots.clear();
        let mut start = first.start;
        while slots.len() < SPELT_SLOTS
            && let Some(before) = self.text.get(..start).and_then(|before| before.strip_suffix(separator))
            && let Some(slot) = self.slot_before(before)
        {
            start = slot.start;
            slots.push(slot);
        }
        slots.reverse();
        let mut next = Some(first);
        while let Some(slot) = next.filter(|slot| self.is_alone(slot, separator)) {
            if slots.len() >= 2 * SPELT_SLOTS {
                break;
            }
            slots.push(slot);
            let follows = self.text.get(slot.end..).is_some_and(|rest| rest.starts_with(separator));
            next = if follows { self.slot(slot.end + separator.len()) } else { None };
        }
        slots.iter_mut().skip(1).for_each(|slot| slot.joined = true);
    }

    /// The slot that ends `before`, if it is a single character.
    fn slot_before(&self, before: &str) -> Option<Slot> {
        let base = before.trim_end_matches(|c| self.letters.of(c).is(MARK | INVISIBLE));
        let start = base.char_indices().next_back()?.0;
        let word = base.get(..start)?.chars().next_back().is_some_and(|c| self.letters.of(c).is(LETTER | DIGIT));
        self.slot(start).filter(|slot| !word && slot.end == before.len())
    }

    /// True if no other letter is glued to the end of the slot.
    fn is_alone(&self, slot: &Slot, separator: &str) -> bool {
        let Some(rest) = self.text.get(slot.end..) else { return true };
        rest.starts_with(separator) || rest.chars().next().is_none_or(|c| !self.letters.of(c).is(LETTER | DIGIT))
    }

    /// The characters glued to the one at `at`, from `done` on: letters, digits, signs that stand for letters, joiners.
    fn glued(&self, done: usize, at: usize, slots: &mut Vec<Slot>) -> Option<usize> {
        let before = self.text.get(done..at)?.char_indices().rev();
        let left = before.take_while(|(place, c)| at - done - place <= REACH && self.is_glue(*c)).last();
        let left = left.map_or(at, |(place, _)| done + place);
        let after = self.text.get(at..)?;
        let right = after.char_indices().find(|(place, c)| *place > REACH || !self.is_glue(*c));
        let right = right.map_or(self.text.len(), |(place, _)| at + place);
        let whole = self.text.get(left..right)?;
        let begins = |(place, c): &(usize, char)| self.is_edge(*c) || self.drawn(left + place).is_some();
        let start = left + whole.char_indices().find(begins).map_or(whole.len(), |(place, _)| place);
        let trimmed = self.text.get(start..right)?;
        let group = trimmed.trim_end_matches(|c| !self.is_edge(c) && !self.letters.of(c).is(MARK | INVISIBLE));
        if self.is_address(start, group) {
            return Some(at + after.find(|c| !self.is_glue(c)).unwrap_or(after.len()));
        }
        let mut joined = false;
        let mut here = start;
        while here < start + group.len() {
            let c = self.text.get(here..)?.chars().next()?;
            match self.slot(here) {
                Some(mut slot) => {
                    slot.joined = std::mem::take(&mut joined) && !slots.is_empty();
                    here = slot.end;
                    slots.push(slot);
                }
                None => {
                    joined |= lookalikes::is_joiner(c);
                    here += c.len_utf8();
                }
            }
        }
        Some(here)
    }

    /// A letter drawn with several signs at `at`, and how many bytes it takes: "\/alium".
    fn drawn(&self, at: usize) -> Option<(usize, char)> {
        let rest = self.text.as_bytes().get(at..)?;
        if !matches!(rest.first(), Some(b'\\' | b'/' | b'|')) {
            return None;
        }
        let drawing = lookalikes::DRAWN.iter().find(|(signs, _)| rest.starts_with(signs.as_bytes()));
        drawing.map(|(signs, letter)| (signs.len(), *letter))
    }

    fn is_glue(&self, c: char) -> bool {
        let letter = self.letters.of(c);
        (letter.is(LETTER | DIGIT | MARK | INVISIBLE | SIGN) && !letter.is(ALONE)) || lookalikes::is_joiner(c)
    }

    fn is_edge(&self, c: char) -> bool {
        self.letters.of(c).is(LETTER | DIGIT) || lookalikes::is_edge(c)
    }

    /// URLs and e-mail addresses are full of joiners and honest.
    fn is_address(&self, start: usize, group: &str) -> bool {
        let before = self.text.get(..start).unwrap_or_default();
        let scheme = before.ends_with("://") || group.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."));
        let host = group.split_once('@').and_then(|(user, host)| {
            let (_, last) = host.rsplit_once('.')?;
            Some(!user.is_empty() && last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()))
        });
        scheme || host.unwrap_or(false)
    }

    /// The letter, digit or sign at `at` with what belongs to it.
    fn slot(&self, at: usize) -> Option<Slot> {
        if let Some((length, letter)) = self.drawn(at) {
            let (end, hidden) = (at + length, Concealments::of(Concealment::Leet));
            let of = self.letters.of(letter);
            return Some(Slot { c: letter, letter: of, start: at, end, joined: false, hidden, accented: false });
        }
        let mut rest = self.text.get(at..)?.chars();
        let c = rest.next()?;
        let letter = self.letters.of(c);
        if !letter.is(LETTER | DIGIT | SIGN) || letter.is(ALONE) {
            return None;
        }
        let mut slot = Slot {
            c,
            letter,
            start: at,
            end: at + c.len_utf8(),
            joined: false,
            hidden: Concealments::NONE,
            accented: letter.is(super::letters::ACCENTED),
        };
        let mut invisible = false;
        for c in rest {
            let after = self.letters.of(c);
            if !after.is(MARK | INVISIBLE) {
                if invisible && after.is(LATIN) {
                    slot.hidden = slot.hidden.with(Concealments::of(Concealment::ZeroWidth));
                }
                break;
            }
            slot.end += c.len_utf8();
            invisible |= after.is(INVISIBLE) && c != SOFT_HYPHEN && letter.is(LATIN) && !letter.is(BOXED);
            if c == KEYCAP {
                slot.hidden = slot.hidden.with(Concealments::of(Concealment::Emoji));
            } else {
                slot.accented |= after.is(MARK);
            }
        }
        Some(slot)
    }
}

/// The box around a digit that makes a key of it.
pub(super) const KEYCAP: char = '\u{20E3}';
/// Invisible, but an honest hint where to hyphenate.
pub(super) const SOFT_HYPHEN: char = '\u{AD}';

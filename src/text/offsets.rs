//! The way back from folded bytes to the original characters, inside words whose folding changed lengths.
//!
//! Not here: words that kept their lengths; they need no map. Kept true: answers lie on character boundaries of the
//! original; an accent belongs to the letter that it follows.

use super::document::Token;

/// What the original has from this place on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Characters that kept their length, up to the next stretch.
    Kept,
    /// One character of another length than its folded form.
    Changed,
    /// The same, and folding took an accent or a stroke from it.
    Accented,
    /// A combining mark, folded to nothing.
    Mark,
    /// An invisible character or a thousands mark, folded to nothing.
    Gone,
}

/// A place where folded and original text are known to correspond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset {
    pub(super) folded: u32,
    pub(super) original: u32,
    pub(super) stretch: Stretch,
}

/// All such places of a document, by folded position.
#[derive(Debug, Default)]
pub(super) struct Offsets(Vec<Offset>);

impl Offsets {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn push(&mut self, offset: Offset) {
        self.0.push(offset);
    }

    /// Moves what lies at `from` or after by one byte: a space was put there.
    pub(super) fn make_room(&mut self, from: u32) {
        for offset in self.0.iter_mut().rev().take_while(|offset| offset.folded >= from) {
            offset.folded += 1;
        }
    }

    /// First original byte of the character that gave the folded byte at `at`.
    pub(super) fn start(&self, token: &Token, at: u32) -> u32 {
        match self.covering(token, at) {
            None => token.original.start() + (at - token.folded_start),
            Some((_, Offset { folded, original, stretch: Stretch::Kept })) => original + (at - folded),
            Some((_, offset)) => offset.original,
        }
    }

    /// One past the last original byte of the character that gave the folded byte before `at`.
    pub(super) fn end(&self, token: &Token, at: u32) -> u32 {
        let last = at - 1;
        let (mut next, end) = match self.covering(token, last) {
            None => (self.first_after(last), token.original.start() + (at - token.folded_start)),
            Some((index, Offset { folded, original, stretch: Stretch::Kept })) => (index + 1, original + (at - folded)),
            Some((index, _)) => (index + 1, self.original_at(token, index + 1)),
        };
        let mut end = end;
        while self.0.get(next).is_some_and(|mark| mark.folded == at && mark.stretch == Stretch::Mark) {
            next += 1;
            end = self.original_at(token, next);
        }
        end
    }

    /// True if folding took an accent from a letter in this folded range.
    pub(super) fn accented(&self, start: u32, end: u32) -> bool {
        let first = self.0.partition_point(|offset| offset.folded < start);
        self.0.iter().skip(first).take_while(|offset| offset.folded <= end).any(|offset| match offset.stretch {
            Stretch::Accented => offset.folded < end,
            Stretch::Mark => offset.folded > start,
            _ => false,
        })
    }

    fn first_after(&self, at: u32) -> usize {
        self.0.partition_point(|offset| offset.folded <= at)
    }

    fn covering(&self, token: &Token, at: u32) -> Option<(usize, Offset)> {
        let index = self.first_after(at).checked_sub(1)?;
        let offset = *self.0.get(index)?;
        (offset.folded >= token.folded_start).then_some((index, offset))
    }

    fn original_at(&self, token: &Token, index: usize) -> u32 {
        match self.0.get(index) {
            Some(offset) if offset.folded <= token.folded_end => offset.original.min(token.original.end()),
            _ => token.original.end(),
        }
    }
}

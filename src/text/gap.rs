//! What lies between two tokens: whether a sentence ends there, and whether it looks like part of a disguised word.
//!
//! Not here: the words themselves. Kept true: one space between two ASCII words, the usual gap, costs two loads.

use super::ascii::{self, CLASS};
use super::letters::{DIGIT, INVISIBLE, LETTER, Letters, MARK, SIGN, SPACE, STOP};
use super::lookalikes;

/// What lies before the next token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Boundary {
    /// Exactly one space, as in the folded text.
    Space,
    /// Anything else within a sentence.
    Other,
    /// The end of a sentence, or the start of the field.
    Stop,
}

/// A gap, read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Where the next token starts, or the end of the text.
    pub(super) end: usize,
    pub(super) boundary: Boundary,
    /// Signs that may stand for letters, or joiners that may cut a word.
    pub(super) suspect: Suspect,
    /// It ends with an opening bracket or a hash.
    pub(super) opens: bool,
    /// It has more than one character that is seen.
    pub(super) wide: bool,
}

/// Which neighbour of a gap looks disguised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suspect {
    None,
    /// The token before the gap: glued to a sign, or to the next token.
    Before,
    /// The token after it.
    After,
    /// Neither: letters in flags' clothing start here.
    Here(usize),
}

/// Longest gap that can lie within a word, in bytes: three signs, or two emoji.
const GLUED: usize = 8;
/// Regional indicators in a row that are more than a flag.
const INDICATORS: usize = 3;

/// Reads the gap that starts at `at`.
#[inline]
pub(super) fn read(text: &str, letters: &Letters, at: usize) -> Gap {
    let bytes = text.as_bytes();
    if let Some([b' ', next]) = bytes.get(at..at + 2)
        && CLASS[usize::from(*next)] & ascii::LETTER != 0
    {
        return Gap { end: at + 1, boundary: Boundary::Space, suspect: Suspect::None, opens: false, wide: false };
    }
    Reader::default().read(text, letters, at)
}

#[derive(Default)]
struct Reader {
    sentence: bool,
    blank: bool,
    stop: bool,
    /// A sign or joiner is among it.
    glue: bool,
    /// Characters, invisible ones apart.
    seen: u32,
    first: Option<char>,
    last: Option<char>,
    indicators: usize,
    first_indicator: usize,
}

impl Reader {
    fn read(mut self, text: &str, letters: &Letters, at: usize) -> Gap {
        let bytes = text.as_bytes();
        let mut end = at;
        while let Some(byte) = bytes.get(end) {
            let class = CLASS[usize::from(*byte)];
            if class & (ascii::LETTER | ascii::DIGIT) != 0 {
                break;
            }
            if class & ascii::HIGH == 0 {
                self.ascii(*byte, class, bytes.get(end + 1).copied());
                end += 1;
                continue;
            }
            let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else { break };
            let letter = letters.of(c);
            if letter.is(LETTER | DIGIT) {
                break;
            }
            self.other(c, letter.flags, end);
            end += c.len_utf8();
        }
        let boundary = match self.stop {
            true => Boundary::Stop,
            false if end - at == 1 && self.blank && self.first == Some(' ') => Boundary::Space,
            false => Boundary::Other,
        };
        let opens = matches!(self.last, Some('(' | '[' | '{' | '#' | '（' | '＃'));
        Gap { end, boundary, suspect: self.suspect(bytes, at, end), opens, wide: self.seen > 1 }
    }

    fn ascii(&mut self, byte: u8, class: u8, next: Option<u8>) {
        self.see(char::from(byte));
        self.glue |= class & ascii::GLUE != 0;
        if class & ascii::SPACE != 0 {
            self.blank = true;
            self.stop |= self.sentence || class & ascii::STOP != 0;
        } else if class & ascii::SENTENCE != 0 {
            self.sentence = true;
        } else if byte == b'|' && self.blank {
            self.stop |= next.is_none_or(|next| CLASS[usize::from(next)] & ascii::SPACE != 0);
        }
    }

    fn other(&mut self, c: char, flags: u16, at: usize) {
        if flags & (MARK | INVISIBLE) != 0 {
            return;
        }
        self.see(c);
        self.glue |= flags & SIGN != 0 || lookalikes::is_joiner(c);
        if lookalikes::regional_indicator(c).is_some() {
            self.first_indicator = if self.indicators == 0 { at } else { self.first_indicator };
            self.indicators += 1;
        }
        if flags & SPACE != 0 {
            self.blank = true;
            self.stop |= self.sentence || flags & STOP != 0;
        } else if flags & STOP != 0 {
            self.sentence = true;
            // Ideographic marks need no blank after them; a bullet after a blank starts a sentence.
            self.stop |= self.blank || (c as u32) >= 0x3000;
        }
    }

    fn see(&mut self, c: char) {
        self.seen += 1;
        self.first = self.first.or(Some(c));
        self.last = Some(c);
    }

    fn suspect(&self, bytes: &[u8], at: usize, end: usize) -> Suspect {
        if !self.glue {
            return Suspect::None;
        }
        if self.indicators >= INDICATORS {
            return Suspect::Here(self.first_indicator);
        }
        let is_letter = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(|byte| CLASS[usize::from(*byte)] & (ascii::LETTER | ascii::HIGH) != 0)
        };
        let (before, after) = (at > 0, end < bytes.len());
        if before && after && !self.blank && end - at <= GLUED {
            let letters = is_letter(at.checked_sub(1)) && is_letter(Some(end));
            return if letters { Suspect::Before } else { Suspect::None };
        }
        if before && self.first.is_some_and(lookalikes::is_edge) {
            return Suspect::Before;
        }
        let glued = || {
            let gap = bytes.get(at..end).unwrap_or_default();
            gap.rsplit(|byte| CLASS[usize::from(*byte)] & ascii::SPACE != 0).next().unwrap_or_default()
        };
        let suspect = after && (self.last.is_some_and(lookalikes::is_edge) || lookalikes::has_drawn(glued()));
        if suspect { Suspect::After } else { Suspect::None }
    }
}

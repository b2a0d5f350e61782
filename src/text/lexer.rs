//! Fields to tokens: runs of letters and digits, folded, with the gaps between them read for sentence ends.
//!
//! Not here: how one character folds (`letters`), second readings. Kept true: ASCII words pay one table load per
//! byte; every token's text folds to itself, so folding is idempotent.

use super::ascii::{self, CLASS};
use super::document::{Document, FieldIndex, Token, TokenKind, TokenTraits};
use super::letters::{DIGIT, LETTER};
use super::letters::{INVISIBLE, Letters, MARK, SPACE, STOP};
use super::run;
use crate::domain::{ByteSpan, Concealments};

/// Longest token in folded bytes; longer runs of letters are cut.
pub(super) const MAX_TOKEN: usize = 128;

/// Folds `text` and appends it to `document`.
pub(super) fn lex(document: &mut Document, text: &str, field: FieldIndex) {
    let folded_start = document.folded.len();
    let mut lexer = Lexer {
        document,
        text,
        bytes: text.as_bytes(),
        letters: Letters::get(),
        field,
        copied: 0..0,
        copied_to: 0,
        boundary: Boundary::Stop,
    };
    lexer.run();
    if let Some(added) = document.folded.get_mut(folded_start..) {
        added.make_ascii_lowercase(); // Words were copied as they are; all at once is faster.
    }
}

/// What lies before the next token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    /// Exactly one space, as in the folded text.
    Space,
    /// Anything else within a sentence.
    Other,
    /// The end of a sentence, or the start of the field.
    Stop,
}

pub(super) struct Lexer<'d, 't> {
    pub(super) document: &'d mut Document,
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) letters: &'static Letters,
    pub(super) field: FieldIndex,
    /// Words that wait to be copied together.
    copied: std::ops::Range<usize>,
    /// Where they will stand in the folded text.
    copied_to: usize,
    pub(super) boundary: Boundary,
}

impl Lexer<'_, '_> {
    fn run(&mut self) {
        let mut at = self.gap(0);
        self.boundary = Boundary::Stop;
        while at < self.bytes.len() {
            let end = self.token(at);
            at = self.gap(end);
        }
        self.flush();
    }

    /// Takes the token that starts at `at`; gives its end.
    fn token(&mut self, at: usize) -> usize {
        let mut end = at;
        let mut previous = 0;
        let mut doubled = false;
        let mut class = 0;
        for byte in self.bytes.iter().skip(at) {
            class = CLASS[usize::from(*byte)];
            if class & ascii::LETTER == 0 {
                break;
            }
            let letter = byte | 0x20;
            doubled |= letter == previous;
            previous = letter;
            end += 1;
        }
        let more = end < self.bytes.len() && class & (ascii::DIGIT | ascii::HIGH) != 0;
        if more || end - at > MAX_TOKEN {
            self.flush();
            self.separate();
            return run::lex(self, at);
        }
        self.ascii_word(at, end, doubled);
        end
    }

    fn ascii_word(&mut self, at: usize, end: usize, doubled: bool) {
        let after_stop = self.boundary == Boundary::Stop;
        if self.boundary != Boundary::Space || self.copied.is_empty() {
            self.flush();
            self.separate();
            self.copied = at..at;
            self.copied_to = self.document.folded.len();
        }
        let folded = self.copied_to + (at - self.copied.start);
        self.copied.end = end;
        self.document.tokens.push(Token {
            field: self.field,
            folded_start: folded as u32,
            folded_end: (folded + (end - at)) as u32,
            original: ByteSpan::new(at as u32, end as u32),
            kind: TokenKind::Word,
            after_stop,
            concealment: Concealments::NONE,
            traits: TokenTraits::new(if doubled { TokenTraits::DOUBLED } else { 0 }),
        });
    }

    /// Copies the words that wait.
    fn flush(&mut self) {
        self.document.folded.push_str(self.text.get(self.copied.clone()).unwrap_or_default());
        self.copied = 0..0;
    }

    fn separate(&mut self) {
        if !self.document.folded.is_empty() {
            self.document.folded.push(if self.boundary == Boundary::Stop { '\n' } else { ' ' });
        }
    }

    /// Skips what lies between tokens; gives where the next one starts.
    fn gap(&mut self, at: usize) -> usize {
        if let Some([b' ', next]) = self.bytes.get(at..at + 2)
            && CLASS[usize::from(*next)] & ascii::LETTER != 0
        {
            self.boundary = Boundary::Space;
            return at + 1;
        }
        let mut gap = Gap::default();
        let mut end = at;
        while let Some(byte) = self.bytes.get(end) {
            let class = CLASS[usize::from(*byte)];
            if class & (ascii::LETTER | ascii::DIGIT) != 0 {
                break;
            }
            if class & ascii::HIGH == 0 {
                gap.ascii(*byte, class, self.bytes.get(end + 1).copied());
                end += 1;
                continue;
            }
            let Some(c) = self.text.get(end..).and_then(|rest| rest.chars().next()) else { break };
            let letter = self.letters.of(c);
            if letter.is(LETTER | DIGIT) {
                break;
            }
            gap.other(c, letter.flags);
            end += c.len_utf8();
        }
        self.boundary = match (gap.stop, end - at == 1 && self.bytes.get(at) == Some(&b' ')) {
            (true, _) => Boundary::Stop,
            (false, true) => Boundary::Space,
            (false, false) => Boundary::Other,
        };
        end
    }
}

/// What a gap has shown so far.
#[derive(Default)]
struct Gap {
    sentence: bool,
    blank: bool,
    stop: bool,
}

impl Gap {
    fn ascii(&mut self, byte: u8, class: u8, next: Option<u8>) {
        if class & ascii::SPACE != 0 {
            self.blank = true;
            self.stop |= self.sentence || class & ascii::STOP != 0;
        } else if class & ascii::SENTENCE != 0 {
            self.sentence = true;
        } else if byte == b'|' && self.blank {
            self.stop |= next.is_none_or(|next| CLASS[usize::from(next)] & ascii::SPACE != 0);
        }
    }

    fn other(&mut self, c: char, flags: u16) {
        if flags & (MARK | INVISIBLE) != 0 {
            return;
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
}

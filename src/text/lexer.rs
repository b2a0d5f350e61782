//! Fields to tokens: runs of letters and digits, folded, with the gaps between them read for sentence ends.
//!
//! Not here: how one character folds (`letters`), second readings. Kept true: ASCII words pay one table load per
//! byte; every token's text folds to itself, so folding is idempotent.

use super::ascii::{self, CLASS};
use super::document::{Document, FieldIndex, Token, TokenKind, TokenTraits};
use super::gap::{self, Boundary, Suspect};
use super::letters::Letters;
use super::run;
use crate::domain::{ByteSpan, Concealments};

/// Longest token in folded bytes; longer runs of letters are cut.
pub(super) const MAX_TOKEN: usize = 128;
/// Tokens of one letter in a row that may be a word spelt out.
const SPELT_OUT: u32 = 3;
const SPELT_AGAIN: u32 = 32;

/// Folds `text` and appends it to `document`.
pub(super) fn lex(document: &mut Document, text: &str, field: FieldIndex) -> Scripts {
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
        after_gap: 0,
        singles: 0,
        singles_since_gap: 0,
        scripts: Scripts::default(),
    };
    lexer.run();
    let scripts = lexer.scripts;
    if let Some(added) = document.folded.get_mut(folded_start..) {
        added.make_ascii_lowercase(); // Words were copied as they are; all at once is faster.
    }
    scripts
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
    /// What the gap before says of the token after it, as traits.
    pub(super) after_gap: u8,
    /// Tokens of one letter in a row.
    singles: u32,
    /// The same since the last wide gap: words spelt out one after the other stand further apart than their letters.
    singles_since_gap: u32,
    pub(super) scripts: Scripts,
}

/// Words by script, to tell imitations from honest words.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Scripts {
    /// Words with Latin letters.
    pub(super) latin: u32,
    /// Words of scripts with look-alikes that have letters no Latin reader takes for his own.
    pub(super) foreign: u32,
    /// Words of scripts without look-alikes.
    pub(super) others: u32,
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
        self.scripts.latin += 1;
        if end - at == 1 {
            self.single(at);
        } else {
            self.several();
            if doubled && is_stretched(self.bytes.get(at..end).unwrap_or_default()) {
                self.suspect(at);
            }
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
            traits: TokenTraits::new(if doubled { TokenTraits::DOUBLED } else { 0 } | self.after_gap),
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
        let gap = gap::read(self.text, self.letters, at);
        self.boundary = gap.boundary;
        let trait_if = |holds: bool, bit: u8| if holds { bit } else { 0 };
        self.after_gap = trait_if(gap.opens, TokenTraits::OPENED) | trait_if(gap.wide, TokenTraits::APART);
        if gap.end > at + 1 {
            self.singles_since_gap = 0;
        }
        match gap.suspect {
            Suspect::None => {}
            Suspect::Before => {
                let start = self.document.tokens.last().map_or(0, |token| token.original.start());
                self.suspect(start as usize);
            }
            Suspect::After => self.suspect(gap.end),
            Suspect::Here(place) => self.suspect(place),
        }
        gap.end
    }

    /// Notes that the word at `at` may be a disguise.
    pub(super) fn suspect(&mut self, at: usize) {
        self.document.suspects.push(at as u32);
    }

    /// Notes a token of several letters.
    pub(super) fn several(&mut self) {
        self.singles = 0;
        self.singles_since_gap = 0;
    }

    /// Notes a token of one letter: several in a row may be a word spelt out.
    pub(super) fn single(&mut self, at: usize) {
        self.singles += 1;
        self.singles_since_gap += 1;
        // Once a word, and now and then in a long row: a word spelt out is read piece by piece too.
        let once = self.singles == SPELT_OUT || self.singles_since_gap == SPELT_OUT;
        if once || self.singles.is_multiple_of(SPELT_AGAIN) {
            self.suspect(at);
        }
    }
}

/// True if a letter stands three times in a row.
fn is_stretched(word: &[u8]) -> bool {
    word.windows(3)
        .any(|three| three.iter().all(|byte| three.first().is_some_and(|first| byte.eq_ignore_ascii_case(first))))
}

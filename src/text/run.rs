//! One run of letters and digits beyond plain ASCII words: accents, other scripts, numbers, codes.
//!
//! Not here: the ASCII fast path (`lexer`). Kept true: the run is cut into tokens by its own text alone, and each
//! token folds to itself; offsets are noted from the first character whose folding changes its length.

use smallvec::SmallVec;

use super::document::{Token, TokenKind, TokenTraits};
use super::gap::Boundary;
use super::groups::{KEYCAP, SOFT_HYPHEN};
use super::letters::{
    ACCENTED, ALONE, BOXED, DIGIT, FOREIGN, IMITATES, INVISIBLE, LATIN, LETTER, Letter, MARK, RARE, STYLED, WIDE,
};
use super::lexer::{Lexer, MAX_TOKEN};
use super::numbers::{self, Number};
use super::offsets::{Offset, Stretch};
use crate::domain::{ByteSpan, Concealment, Concealments};

/// Takes the run that starts at `at`, which is a letter or digit; gives its end.
pub(super) fn lex(lexer: &mut Lexer<'_, '_>, at: usize) -> usize {
    let mut run = Run {
        folded_start: lexer.document.folded.len(),
        end: at,
        pieces: SmallVec::new(),
        number: Number::default(),
        flags: 0,
        imitates: true,
        letters: 0,
        streak: 0,
        stretched: false,
        bits: 0,
        realign: false,
        hidden: false,
        previous: Letter::default(),
        concealment: Concealments::NONE,
    };
    let mut here = at;
    while let Some(c) = lexer.text.get(here..).and_then(|rest| rest.chars().next()) {
        let letter = lexer.letters.of(c);
        let taken = if letter.is(LETTER | DIGIT) {
            run.take(lexer, here, c, letter)
        } else if letter.is(MARK | INVISIBLE) {
            run.pass(lexer, here, c, letter);
            true
        } else {
            matches!(c, '.' | ',') && run.mark(lexer, here, c)
        };
        if !taken {
            break;
        }
        here += c.len_utf8();
        if letter.is(LETTER | DIGIT | MARK) {
            run.end = here;
        }
        if letter.is(ALONE) {
            break;
        }
    }
    run.emit(lexer);
    run.end
}

/// Letters or digits within a run.
#[derive(Clone, Copy)]
struct Piece {
    folded: usize,
    original: usize,
    digits: bool,
}

struct Run {
    folded_start: usize,
    end: usize,
    pieces: SmallVec<[Piece; 8]>,
    number: Number,
    flags: u16,
    /// Every letter looks like a Latin one.
    imitates: bool,
    letters: u32,
    /// Equal letters in a row so far.
    streak: u32,
    stretched: bool,
    bits: u8,
    /// The next character that keeps its length needs a note.
    realign: bool,
    /// An invisible character follows a Latin letter.
    hidden: bool,
    previous: Letter,
    concealment: Concealments,
}

impl Run {
    /// A letter or digit. False if the run ends before it.
    fn take(&mut self, lexer: &mut Lexer<'_, '_>, here: usize, c: char, letter: Letter) -> bool {
        let length = lexer.document.folded.len() - self.folded_start;
        if length > 0 && (letter.is(ALONE) || length + letter.len() > MAX_TOKEN) {
            return false;
        }
        let digits = letter.is(DIGIT);
        if self.pieces.last().is_none_or(|piece| piece.digits != digits) {
            self.pieces.push(Piece { folded: lexer.document.folded.len(), original: here, digits });
        }
        if !letter.keeps_length(c.len_utf8()) {
            let stretch = if letter.is(ACCENTED) { Stretch::Accented } else { Stretch::Changed };
            self.note(lexer, here, stretch);
        } else if self.realign {
            self.note(lexer, here, Stretch::Kept);
        }
        self.bits |= if letter.is(ACCENTED) && letter.is(LATIN) { TokenTraits::ACCENTED } else { 0 };
        self.repeat(letter);
        if self.hidden && letter.is(LATIN) {
            self.concealment = self.concealment.with(Concealments::of(Concealment::ZeroWidth));
        }
        self.hidden = false;
        self.flags |= letter.flags;
        self.imitates &= digits || letter.is(IMITATES);
        self.letters += u32::from(!digits);
        self.previous = letter;
        lexer.document.written.note(c);
        letter.append_to(&mut lexer.document.folded);
        true
    }

    fn repeat(&mut self, letter: Letter) {
        self.streak = if letter.equals(&self.previous) { self.streak + 1 } else { 0 };
        self.bits |= if self.streak > 0 { TokenTraits::DOUBLED } else { 0 };
        self.stretched |= self.streak > 1 && !letter.is(DIGIT);
    }

    /// A mark or an invisible character, folded to nothing.
    fn pass(&mut self, lexer: &mut Lexer<'_, '_>, here: usize, c: char, letter: Letter) {
        let after_latin = self.previous.is(LATIN);
        if letter.is(MARK) {
            self.note(lexer, here, Stretch::Mark);
            self.bits |= if after_latin { TokenTraits::ACCENTED } else { 0 };
            if c == KEYCAP {
                self.concealment = self.concealment.with(Concealments::of(Concealment::Emoji));
            }
        } else {
            self.note(lexer, here, Stretch::Gone);
            self.hidden |= after_latin && !self.previous.is(BOXED) && c != SOFT_HYPHEN;
        }
    }

    /// A point or comma. False if the run ends before it.
    fn mark(&mut self, lexer: &mut Lexer<'_, '_>, here: usize, c: char) -> bool {
        let [Piece { digits: true, .. }] = self.pieces.as_slice() else { return false };
        let leading = lexer.document.folded.get(self.folded_start..).unwrap_or_default();
        match self.number.read(leading, c, lexer.text.get(here + 1..).unwrap_or_default()) {
            numbers::Mark::End => return false,
            numbers::Mark::Thousands => self.note(lexer, here, Stretch::Gone),
            numbers::Mark::Decimal => {
                if self.realign {
                    self.note(lexer, here, Stretch::Kept);
                }
                lexer.document.folded.push('.');
            }
        }
        self.previous = Letter::default();
        true
    }

    fn note(&mut self, lexer: &mut Lexer<'_, '_>, here: usize, stretch: Stretch) {
        self.bits |= TokenTraits::MAPPED;
        self.realign = stretch != Stretch::Kept;
        lexer.document.offsets.push(Offset {
            folded: lexer.document.folded.len() as u32,
            original: here as u32,
            stretch,
        });
    }

    /// Appends the tokens of the run.
    fn emit(&mut self, lexer: &mut Lexer<'_, '_>) {
        self.dress(lexer);
        let cut = self.cut(lexer);
        self.suspect(lexer, cut);
        let parts = if cut == Cut::Not { 1 } else { self.pieces.len() };
        let folded_end = lexer.document.folded.len() + parts - 1;
        for part in 0..parts {
            let Some(piece) = self.pieces.get(part).copied() else { continue };
            let folded = piece.folded + part;
            if part > 0 {
                lexer.document.folded.insert(folded - 1, ' ');
                lexer.document.offsets.make_room(folded as u32 - 1);
            }
            let next = self.pieces.get(part + 1).filter(|_| parts > 1);
            let kind = match (parts == self.pieces.len(), piece.digits) {
                (true, true) => TokenKind::Number,
                (true, false) => TokenKind::Word,
                (false, _) => TokenKind::Mixed,
            };
            lexer.document.tokens.push(Token {
                field: lexer.field,
                folded_start: folded as u32,
                folded_end: next.map_or(folded_end, |next| next.folded + part) as u32,
                original: ByteSpan::new(piece.original as u32, next.map_or(self.end, |next| next.original) as u32),
                kind,
                after_stop: part == 0 && lexer.boundary == Boundary::Stop,
                concealment: self.concealment,
                traits: TokenTraits::new(self.bits | if part == 0 { lexer.after_gap } else { 0 }),
            });
        }
    }

    /// Fancy and boxed letters are read plainly, but they hide.
    fn dress(&mut self, lexer: &Lexer<'_, '_>) {
        if self.flags & BOXED != 0 {
            self.concealment = self.concealment.with(Concealments::of(Concealment::Emoji));
        }
        let honest = self.flags & WIDE != 0 && lexer.scripts.others > 0;
        if self.flags & STYLED != 0 && !honest {
            self.concealment = self.concealment.with(Concealments::of(Concealment::Confusable));
        }
    }

    /// Counts the word by script and notes if it may be a disguise.
    fn suspect(&self, lexer: &mut Lexer<'_, '_>, cut: Cut) {
        let Some(at) = self.pieces.first().map(|piece| piece.original) else { return };
        let (latin, foreign) = (self.flags & LATIN != 0, self.flags & FOREIGN != 0);
        let word = self.pieces.len() == 1 && self.letters > 0;
        if word && self.letters == 1 && self.flags & ALONE == 0 {
            lexer.single(at);
        } else if self.letters > 0 {
            lexer.several();
        }
        lexer.scripts.latin += u32::from(latin);
        lexer.scripts.others += u32::from(!latin && !foreign && self.letters > 0);
        let odd = self.pieces.len() > 1 || (latin && foreign) || self.flags & RARE != 0 || self.stretched;
        if odd && !self.is_measure(lexer, cut) {
            lexer.suspect(at);
        } else if foreign && self.imitates && self.letters >= IMITATION_LETTERS {
            lexer.document.imitations.push(at as u32);
        } else if foreign && self.letters > 1 {
            lexer.scripts.foreign += u32::from(!latin && !self.imitates);
        }
    }

    /// True for amounts, and for "μg", which mixes scripts.
    fn is_measure(&self, lexer: &Lexer<'_, '_>, cut: Cut) -> bool {
        let run = lexer.document.folded.get(self.folded_start..).unwrap_or_default();
        matches!(cut, Cut::Units | Cut::Counted) || numbers::is_unit(run)
    }

    /// Whether letters and digits are tokens of their own. What is not cut is a code ("B12", "M4A1") or a disguise
    /// ("v1agra").
    fn cut(&self, lexer: &Lexer<'_, '_>) -> Cut {
        let text = |index: usize| {
            let start = self.pieces.get(index).map_or(0, |piece| piece.folded);
            let end = self.pieces.get(index + 1).map_or(lexer.document.folded.len(), |next| next.folded);
            lexer.document.folded.get(start..end).unwrap_or_default()
        };
        let count = self.pieces.len();
        match self.pieces.first() {
            Some(first) if count > 1 && first.digits => {
                if (1..count).step_by(2).all(|index| numbers::is_unit(text(index))) {
                    Cut::Units
                } else if count == 2 && text(0).len() > 1 && text(1).chars().nth(2).is_some() {
                    // Two digits may still be letters in disguise ("80tox").
                    if text(0).len() > 2 { Cut::Counted } else { Cut::Numbered }
                } else {
                    Cut::Not
                }
            }
            Some(_) if text(0).chars().nth(3).is_none() => Cut::Not,
            Some(_) if count == 2 || (count == 3 && numbers::is_unit(text(2))) => Cut::Numbered,
            _ => Cut::Not,
        }
    }
}

/// Where a run of letters and digits is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    Not,
    /// A number and its unit: "100mg", "2x50ml".
    Units,
    /// A long number and what it counts: "100pills".
    Counted,
    /// A word and a number: "viagra100", "xanax2mg", "30pills".
    Numbered,
}

/// Fewest letters of a word wholly of look-alikes.
const IMITATION_LETTERS: u32 = 3;

//! What the characters of a suspicious group stand for: each slot becomes a cell with its alternatives.
//!
//! Not here: finding groups (`groups`), writing the readings out (`readings`). Kept true: letters of another script
//! are read as Latin only in a word that mixes scripts, has letters no honest text has, or was found to imitate.

use super::groups::Slot;
use super::letters::{ACCENTED, BOXED, DIGIT, FOREIGN, IMITATES, LATIN, LETTER, Letter, RARE, STYLED};
use super::lookalikes;
use crate::domain::{Concealment, Concealments};

/// A slot, understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) slot: Slot,
    pub(super) text: CellText,
    pub(super) hidden: Concealments,
    /// A word may begin here or end before it.
    pub(super) cut: bool,
}

/// What a cell reads as.
#[derive(Clone, Copy, Debug)]
pub(super) enum CellText {
    /// The letter, folded.
    Plain(Letter),
    /// One of these letters.
    OneOf(&'static str),
    /// Nothing (the sign cuts the word), or one of these letters.
    Optional(&'static str),
}

/// Letters before a digit that may be a word by themselves: "xanax2mg".
const WORD_LETTERS: usize = 4;

/// In which letters the group is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Latin,
    Cyrillic,
    Greek,
}

/// Reads the group in letters of `target` into `cells`; `None` if some character has no such reading. `imitating`:
/// words wholly of look-alikes count as Latin here.
pub(super) fn build(slots: &[Slot], target: Target, imitating: bool, cells: &mut Vec<Cell>) -> Option<()> {
    cells.clear();
    let spelt_out = slots.iter().skip(1).all(|slot| slot.joined);
    for fragment in slots.chunk_by(|_, next| !next.joined || spelt_out) {
        let fragment = Fragment::new(fragment, target, imitating);
        for (index, slot) in fragment.slots.iter().enumerate() {
            cells.push(fragment.cell(index, slot)?);
        }
    }
    Some(())
}

/// Letters that belong together as far as scripts go.
struct Fragment<'s> {
    slots: &'s [Slot],
    target: Target,
    /// Letters of other scripts are to be translated.
    translate: bool,
    foreign: bool,
}

impl<'s> Fragment<'s> {
    fn new(slots: &'s [Slot], target: Target, imitating: bool) -> Self {
        let letters = slots.iter().filter(|slot| slot.letter.is(LETTER));
        let flags = letters.clone().fold(0, |flags, slot| flags | slot.letter.flags);
        let imitates = imitating && letters.clone().all(|slot| slot.letter.is(IMITATES));
        let mixed = flags & LATIN != 0 && flags & FOREIGN != 0;
        Fragment { slots, target, translate: mixed || flags & RARE != 0 || imitates, foreign: flags & FOREIGN != 0 }
    }

    fn cell(&self, index: usize, slot: &Slot) -> Option<Cell> {
        let (text, way) = match slot.letter.flags {
            flags if flags & LETTER != 0 => self.letter(slot)?,
            flags if flags & DIGIT != 0 => (CellText::OneOf(self.digit(slot)?), Concealment::Leet),
            _ => self.sign(slot)?,
        };
        // A key is an emoji whatever the digit on it stands for.
        let way = if slot.hidden.contains(Concealment::Emoji) { Concealment::None } else { way };
        let digit_first = self.slots.first().is_some_and(|first| first.letter.is(DIGIT));
        let cut = (index == 1 && digit_first) || (index >= WORD_LETTERS && slot.letter.is(DIGIT));
        Some(Cell { slot: *slot, text, hidden: slot.hidden.with(Concealments::of(way)), cut })
    }

    fn letter(&self, slot: &Slot) -> Option<(CellText, Concealment)> {
        let letter = slot.letter;
        let plain = CellText::Plain(letter);
        if letter.is(BOXED) {
            return Some((plain, Concealment::Emoji));
        }
        if letter.is(STYLED) {
            return Some((plain, Concealment::Confusable));
        }
        if !self.translate {
            return Some((plain, Concealment::None));
        }
        let translated = match self.target {
            Target::Latin if letter.is(FOREIGN | RARE) => lookalikes::loose(slot.c).or_else(|| loose_folded(letter)),
            Target::Cyrillic | Target::Greek if letter.is(LATIN) => Some(self.foreign(plain_char(letter)?)?),
            _ => return Some((plain, Concealment::None)),
        };
        Some((CellText::OneOf(translated?), Concealment::Confusable))
    }

    /// The look-alike of a Latin letter in the target script.
    fn foreign(&self, c: char) -> Option<&'static str> {
        match self.target {
            Target::Latin => None,
            Target::Cyrillic => lookalikes::cyrillic(c),
            Target::Greek => lookalikes::greek(c),
        }
    }

    fn digit(&self, slot: &Slot) -> Option<&'static str> {
        let digit = plain_char(slot.letter)?;
        let letters = match self.target {
            Target::Latin => lookalikes::digit(digit),
            Target::Cyrillic if self.foreign => lookalikes::cyrillic_digit(digit),
            Target::Cyrillic | Target::Greek => "",
        };
        (!letters.is_empty()).then_some(letters)
    }

    fn sign(&self, slot: &Slot) -> Option<(CellText, Concealment)> {
        let latin = lookalikes::sign(slot.c);
        let letters = match self.target {
            Target::Latin => latin,
            _ => self.foreign(latin.chars().next()?)?,
        };
        let way = if lookalikes::is_emoji(slot.c) { Concealment::Emoji } else { Concealment::Leet };
        let text = if lookalikes::is_joiner(slot.c) { CellText::Optional(letters) } else { CellText::OneOf(letters) };
        Some((text, way))
    }
}

fn plain_char(letter: Letter) -> Option<char> {
    letter.folded().chars().next()
}

/// A letter with an accent looks like the one without.
fn loose_folded(letter: Letter) -> Option<&'static str> {
    letter.is(ACCENTED).then(|| plain_char(letter)).flatten().and_then(lookalikes::loose)
}

//! Second readings: the plain words that suspicious groups may stand for.
//!
//! Not here: which of them are words at all (the matcher knows the vocabulary). Kept true: a group has at most
//! `MAX_READINGS` readings; every piece of a reading knows its original characters.

use smallvec::SmallVec;

use super::cells::{self, Cell, CellText, Target};
use super::document::{Document, FieldIndex, Reading, ReadingCell};
use super::groups::{Groups, Slot};
use super::letters::{DIGIT, FOREIGN, LATIN, LETTER, Letters, SIGN};
use super::lexer::Scripts;
use super::lookalikes;
use super::turned;
use crate::domain::{ByteSpan, Concealment, Concealments};

/// Most readings of one group: three characters of two meanings each.
pub(super) const MAX_READINGS: usize = 8;
/// Digits in a row that are a number whatever stands beside them.
const NUMBER_DIGITS: usize = 3;
/// Fewest characters of a word without a single letter; two are a flag.
const EMOJI_WORD: usize = 4;
/// Equal letters in a row that are a disguise in themselves.
const STREAK: usize = 3;

/// Reads the suspects of the field that was pushed last.
pub(super) fn read(document: &mut Document, text: &str, field: FieldIndex, scripts: Scripts) {
    // Words wholly of look-alikes imitate Latin ones only where all else is Latin: honest Greek or Bulgarian text always
    // has words that no Latin reader would take for his own.
    let imitating = scripts.foreign == 0 && scripts.latin > document.imitations.len() as u32;
    if imitating {
        document.suspects.append(&mut document.imitations);
        document.suspects.sort_unstable();
    }
    document.imitations.clear();
    let suspects = std::mem::take(&mut document.suspects);
    let mut scratch = std::mem::take(&mut document.scratch);
    let groups = Groups { text, letters: Letters::get() };
    let mut reader = Reader { document, cells: &mut scratch.cells, field, imitating };
    let mut done = 0;
    for suspect in &suspects {
        let at = *suspect as usize;
        if at >= done {
            scratch.slots.clear();
            done = groups.read(done, at, &mut scratch.slots).max(done);
            reader.group(&scratch.slots);
        }
    }
    document.scratch = scratch;
    document.suspects = suspects;
    document.suspects.clear();
}

/// Memory for groups, kept from one to the next.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    slots: Vec<Slot>,
    cells: Vec<Cell>,
}

struct Reader<'d> {
    document: &'d mut Document,
    cells: &'d mut Vec<Cell>,
    field: FieldIndex,
    imitating: bool,
}

impl Reader<'_> {
    /// Reads a group between the numbers in it.
    fn group(&mut self, slots: &[Slot]) {
        let spelt = slots.iter().skip(1).all(|slot| slot.joined) && slots.len() > 1;
        let mut from = 0;
        let mut here = 0;
        while here < slots.len() && !spelt {
            let number = number_at(slots, here);
            if number > 0 {
                self.word(slots.get(from..here).unwrap_or_default());
                from = here + number;
            }
            here += number.max(1);
        }
        self.word(slots.get(from..).unwrap_or_default());
    }

    fn word(&mut self, slots: &[Slot]) {
        let flags = slots.iter().fold(0, |flags, slot| flags | slot.letter.flags);
        if !is_plausible(slots) {
            return;
        }
        if slots.iter().any(|slot| turned::is_turned(slot.c)) {
            self.write_turned(slots);
        }
        let foreign = slots.iter().find(|slot| slot.letter.is(FOREIGN)).map(|slot| slot.c);
        let signs = flags & (DIGIT | SIGN) != 0;
        if foreign.is_none() || flags & LATIN != 0 || self.imitating || !signs {
            self.write(slots, Target::Latin);
        }
        if let Some(c) = foreign
            && (flags & LATIN != 0 || signs)
        {
            self.write(slots, if is_greek(c) { Target::Greek } else { Target::Cyrillic });
        }
    }

    /// Writes out the readings of a word in one script.
    fn write(&mut self, slots: &[Slot], target: Target) {
        if cells::build(slots, target, self.imitating, self.cells).is_none() {
            return;
        }
        let streak = has_streak(self.cells);
        let told = self.cells.iter().any(|cell| !cell.hidden.is_empty() || cell.slot.joined);
        if !told && !streak {
            return;
        }
        let ways =
            self.cells.iter().map(|cell| choices(cell.text)).fold(1, |ways: usize, one| ways.saturating_mul(one));
        for way in 0..ways.min(MAX_READINGS) {
            self.write_one(way, streak);
        }
    }

    fn write_one(&mut self, mut way: usize, streak: bool) {
        let mut reading = self.document.begin_reading();
        let repeated = if streak { Concealment::Repetition } else { Concealment::None };
        reading.concealment = Concealments::of(repeated);
        let mut joined = false;
        for cell in &*self.cells {
            let count = choices(cell.text);
            let choice = way % count;
            way /= count;
            joined |= cell.slot.joined;
            let Some(hidden) = append(cell, choice, &mut reading.text) else {
                joined = true;
                continue;
            };
            let joined = std::mem::take(&mut joined) && !reading.text.is_empty();
            let spacing = if joined { Concealment::Spacing } else { Concealment::None };
            reading.concealment = reading.concealment.with(hidden).with(Concealments::of(spacing));
            self.document.cells.push(ReadingCell {
                text_end: reading.text.len() as u32,
                original: ByteSpan::new(cell.slot.start as u32, cell.slot.end as u32),
                hidden,
                joined,
                cut: cell.cut,
                accented: cell.slot.accented,
            });
        }
        let start = self.cells.first().map_or(0, |cell| cell.slot.start);
        let end = self.cells.last().map_or(start, |cell| cell.slot.end);
        self.finish(reading, (start, end));
    }

    /// Writes out a word that stands on its head, from its end.
    fn write_turned(&mut self, slots: &[Slot]) {
        let upright = slots.iter().rev().map(|slot| turned::upright(slot.c).map(|letter| (slot, letter)));
        let Some(letters) = upright.collect::<Option<SmallVec<[_; 16]>>>() else { return };
        let mut reading = self.document.begin_reading();
        reading.concealment = Concealments::of(Concealment::Reversed);
        for (slot, letter) in letters {
            reading.text.push(letter);
            self.document.cells.push(ReadingCell {
                text_end: reading.text.len() as u32,
                original: ByteSpan::new(slot.start as u32, slot.end as u32),
                hidden: reading.concealment,
                joined: false,
                cut: false,
                accented: false,
            });
        }
        let start = slots.first().map_or(0, |slot| slot.start);
        let end = slots.last().map_or(start, |slot| slot.end);
        self.finish(reading, (start, end));
    }

    fn finish(&mut self, mut reading: Reading, (start, end): (usize, usize)) {
        reading.field = self.field;
        reading.original = ByteSpan::new(start as u32, end as u32);
        reading.tokens = self.document.tokens_in(self.field, reading.original);
        self.document.end_reading(reading);
    }
}

/// Appends what a cell reads as; `None` if it is dropped.
fn append(cell: &Cell, choice: usize, text: &mut String) -> Option<Concealments> {
    let chosen = match cell.text {
        CellText::Plain(letter) => {
            text.push_str(letter.folded());
            return Some(cell.hidden);
        }
        CellText::OneOf(letters) => letters.chars().nth(choice),
        CellText::Optional(letters) => choice.checked_sub(1).and_then(|choice| letters.chars().nth(choice)),
    };
    text.push(chosen?);
    Some(cell.hidden)
}

fn choices(text: CellText) -> usize {
    match text {
        CellText::Plain(_) => 1,
        CellText::OneOf(letters) => letters.chars().count(),
        CellText::Optional(letters) => 1 + letters.chars().count(),
    }
}

/// Number of digits at `at` that are a number, not letters in disguise: three or more, or all there is between two
/// joiners.
fn number_at(slots: &[Slot], at: usize) -> usize {
    let is_digit = |slot: &Slot| slot.letter.is(DIGIT) && slot.hidden.is_empty();
    let starts = |index: usize| index == 0 || slots.get(index).is_none_or(|slot| slot.joined);
    let rest = slots.get(at..).unwrap_or_default();
    let digits = rest.iter().enumerate().take_while(|(n, slot)| is_digit(slot) && (*n == 0 || !slot.joined)).count();
    if digits == 0 || (at > 0 && !starts(at) && slots.get(at - 1).is_some_and(is_digit)) {
        return 0;
    }
    let number = digits >= NUMBER_DIGITS || (starts(at) && starts(at + digits));
    if number { digits } else { 0 }
}

/// True if there are letters enough for what stands in for letters. "B12" is a code, "v14gr4" is not; emoji letters are
/// never honest letters, so they count as such.
fn is_plausible(slots: &[Slot]) -> bool {
    let emoji = |slot: &Slot| lookalikes::is_emoji(slot.c) || slot.hidden.contains(Concealment::Emoji);
    let letters = slots.iter().filter(|slot| slot.letter.is(LETTER) || emoji(slot)).count();
    let others = slots.len() - letters;
    let spare = if slots.len() < 4 { 0 } else { 2 };
    let flags = slots.len() < EMOJI_WORD && !slots.iter().any(|slot| slot.letter.is(LETTER));
    slots.len() >= 2 && letters >= 1 && others <= letters + spare && !flags
}

fn has_streak(cells: &[Cell]) -> bool {
    let same = |a: &Cell, b: &Cell| match (a.text, b.text) {
        (CellText::Plain(a), CellText::Plain(b)) => a.equals(&b),
        _ => false,
    };
    cells.chunk_by(same).any(|streak| streak.len() >= STREAK)
}

fn is_greek(c: char) -> bool {
    matches!(c as u32, 0x370..=0x3FF | 0x1F00..=0x1FFF)
}

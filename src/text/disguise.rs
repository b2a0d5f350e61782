//! The reverse of folding: writes words as sellers who hide do. For measuring and for training.
//!
//! Not here: how disguises are seen through. Kept true: every word of `SHORTEST` letters or more is disguised, however
//! innocent, because a text of which only the guilty words are hidden is easier than real ones; the same seed gives the
//! same text.

use super::SplitMix;

/// Shorter words are left as they are: nobody could read them otherwise.
const SHORTEST: usize = 4;

/// A way of writing words so that a filter misses them and a buyer does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disguise {
    /// `v1agr@`
    Leet,
    /// Cyrillic and Greek letters that look Latin.
    Confusable,
    /// `v i a g r a`
    Spacing,
    /// `v.i.a.g.r.a`, `v-i-a-g-r-a`
    Joiner,
    /// Invisible characters.
    ZeroWidth,
    /// `viaagraa`
    Repetition,
    /// `vïágrà`
    Diacritic,
    /// Mathematical, full-width and circled letters.
    Styled,
    /// `via.gra`, `via-gra`
    Cut,
    /// `argaiv`
    Reversed,
    /// `ɐɹƃɐᴉʌ`
    Turned,
}

impl Disguise {
    /// Every way.
    pub const ALL: [Disguise; 11] = [
        Disguise::Leet,
        Disguise::Confusable,
        Disguise::Spacing,
        Disguise::Joiner,
        Disguise::ZeroWidth,
        Disguise::Repetition,
        Disguise::Diacritic,
        Disguise::Styled,
        Disguise::Cut,
        Disguise::Reversed,
        Disguise::Turned,
    ];

    /// The name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Disguise::Leet => "leet",
            Disguise::Confusable => "confusable",
            Disguise::Spacing => "spacing",
            Disguise::Joiner => "joiner",
            Disguise::ZeroWidth => "zero-width",
            Disguise::Repetition => "repetition",
            Disguise::Diacritic => "diacritic",
            Disguise::Styled => "styled",
            Disguise::Cut => "cut",
            Disguise::Reversed => "reversed",
            Disguise::Turned => "turned",
        }
    }

    /// Disguises every word of `text` that is long enough.
    pub fn apply(self, text: &str, random: &mut SplitMix) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        let mut word = String::new();
        for c in text.chars().chain(std::iter::once('\0')) {
            if c.is_alphabetic() {
                word.push(c);
                continue;
            }
            if word.chars().count() >= SHORTEST {
                self.write_word(&word, &mut out, random);
            } else {
                out.push_str(&word);
            }
            word.clear();
            if c != '\0' {
                out.push(c);
                // Between spaced-out words people leave a wider gap.
                if self == Disguise::Spacing && c == ' ' {
                    out.push_str("  ");
                }
            }
        }
        out
    }

    fn write_word(self, word: &str, out: &mut String, random: &mut SplitMix) {
        let letters: Vec<char> = word.chars().collect();
        match self {
            Disguise::Leet => substitute(&letters, LEET, out, random),
            Disguise::Confusable => substitute(&letters, LOOKALIKES, out, random),
            Disguise::Diacritic => substitute(&letters, ACCENTED, out, random),
            Disguise::Styled => styled(&letters, out, random),
            Disguise::Reversed => out.extend(letters.iter().rev()),
            Disguise::Turned => turned(&letters, out),
            Disguise::Spacing => join(&letters, ' ', out),
            Disguise::Joiner => join(&letters, *random.pick(&['.', '-', '_', '*']).unwrap_or(&'.'), out),
            Disguise::ZeroWidth => join(
                &letters,
                *random.pick(&['\u{200b}', '\u{200c}', '\u{2060}', '\u{feff}']).unwrap_or(&'\u{200b}'),
                out,
            ),
            Disguise::Repetition => {
                let doubled = random.below(letters.len());
                for (position, letter) in letters.iter().enumerate() {
                    out.push(*letter);
                    if position == doubled || random.below(4) == 0 {
                        out.push(*letter);
                    }
                }
            }
            Disguise::Cut => {
                let middle = 2 + random.below(letters.len() - 3);
                let mark = *random.pick(&['.', '-', '_', '*', '/']).unwrap_or(&'.');
                out.extend(letters.iter().take(middle));
                out.push(mark);
                out.extend(letters.iter().skip(middle));
            }
        }
    }
}

fn join(letters: &[char], mark: char, out: &mut String) {
    for (position, letter) in letters.iter().enumerate() {
        if position > 0 {
            out.push(mark);
        }
        out.push(*letter);
    }
}

/// Replaces about half of the letters that have a stand-in, and at least one.
fn substitute(letters: &[char], table: &[(char, &[char])], out: &mut String, random: &mut SplitMix) {
    let stand_ins = |letter: char| {
        let small = letter.to_lowercase().next().unwrap_or(letter);
        table.iter().find(|(of, _)| *of == small).map(|(_, stand_ins)| *stand_ins)
    };
    let candidates: Vec<usize> =
        letters.iter().enumerate().filter(|(_, letter)| stand_ins(**letter).is_some()).map(|(at, _)| at).collect();
    let certain = random.pick(&candidates).copied();
    for (position, letter) in letters.iter().enumerate() {
        let replace = Some(position) == certain || random.below(2) == 0;
        match stand_ins(*letter).filter(|_| replace).and_then(|stand_ins| random.pick(stand_ins)) {
            Some(stand_in) => out.push(*stand_in),
            None => out.push(*letter),
        }
    }
}

/// Writes the whole word in one style; letters without a styled form stay.
fn styled(letters: &[char], out: &mut String, random: &mut SplitMix) {
    // First letters of the small alphabets: mathematical bold, script bold, sans, monospace; full width; circled.
    let first = *random.pick(&[0x1d41a, 0x1d4ea, 0x1d5ba, 0x1d68a, 0xff41, 0x24d0]).unwrap_or(&0xff41);
    for letter in letters {
        let small = letter.to_ascii_lowercase();
        let shifted = small.is_ascii_lowercase().then(|| first + (small as u32 - u32::from(b'a')));
        out.push(shifted.and_then(char::from_u32).unwrap_or(*letter));
    }
}

/// Writes the word upside down, if all of its letters can be.
fn turned(letters: &[char], out: &mut String) {
    let turn = |letter: &char| {
        let small = letter.to_lowercase().next().unwrap_or(*letter);
        UPSIDE_DOWN.chars().nth(ALPHABET.chars().position(|of| of == small)?)
    };
    match letters.iter().rev().map(turn).collect::<Option<String>>() {
        Some(turned) => out.push_str(&turned),
        None => out.extend(letters),
    }
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";
const UPSIDE_DOWN: &str = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz";

const LEET: &[(char, &[char])] = &[
    ('a', &['4', '@']),
    ('b', &['8']),
    ('e', &['3']),
    ('g', &['9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|']),
    ('o', &['0']),
    ('s', &['5', '$']),
    ('t', &['7', '+']),
];

const LOOKALIKES: &[(char, &[char])] = &[
    ('a', &['а', 'α']),
    ('b', &['Ь', 'в']),
    ('c', &['с', 'ϲ']),
    ('d', &['ԁ']),
    ('e', &['е', 'ҽ']),
    ('h', &['һ']),
    ('i', &['і', 'ι']),
    ('j', &['ј']),
    ('k', &['к', 'κ']),
    ('l', &['ӏ']),
    ('m', &['м']),
    ('n', &['п']),
    ('o', &['о', 'ο']),
    ('p', &['р', 'ρ']),
    ('q', &['ԛ']),
    ('s', &['ѕ']),
    ('t', &['т', 'τ']),
    ('u', &['υ']),
    ('v', &['ѵ', 'ν']),
    ('w', &['ԝ', 'ω']),
    ('x', &['х', 'χ']),
    ('y', &['у', 'γ']),
];

const ACCENTED: &[(char, &[char])] = &[
    ('a', &['á', 'à', 'ä', 'â', 'ã', 'å', 'ā']),
    ('c', &['ç', 'č', 'ć']),
    ('e', &['é', 'è', 'ë', 'ê', 'ē', 'ę']),
    ('i', &['í', 'ì', 'ï', 'î', 'ī']),
    ('n', &['ñ', 'ń', 'ň']),
    ('o', &['ó', 'ò', 'ö', 'ô', 'õ', 'ō']),
    ('r', &['ř', 'ŕ']),
    ('s', &['š', 'ś']),
    ('u', &['ú', 'ù', 'ü', 'û', 'ū']),
    ('y', &['ý', 'ÿ']),
    ('z', &['ž', 'ź', 'ż']),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_long_word_is_disguised_and_short_ones_are_not() {
        for disguise in Disguise::ALL {
            let text = disguise.apply("buy cheap sildenafil now", &mut SplitMix::new(7));
            assert!(!text.contains("cheap") && !text.contains("sildenafil"), "{}: {text}", disguise.as_str());
            assert!(text.starts_with("buy ") && text.ends_with(" now"), "{}: {text}", disguise.as_str());
        }
    }

    #[test]
    fn a_seed_gives_the_same_text_again() {
        for disguise in Disguise::ALL {
            let write = || disguise.apply("ein harmloser Satz über Zwiebeln", &mut SplitMix::new(3));
            assert_eq!(write(), write());
        }
    }
}

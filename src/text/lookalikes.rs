//! Which characters stand for which letters: look-alikes of other scripts (UTS #39), digits and signs (leet), emoji.
//!
//! Not here: whether a word is suspicious at all (`suspects`) and what to make of it (`cells`). Kept true: every
//! alternative is a small letter that folds to itself, the likeliest first; honest letters have none.

/// The Latin letters that a foreign letter cannot be told from, likeliest first.
///
/// The UTS #39 prototype of the letter itself, plus the few that fonts draw alike although the table keeps them apart.
pub(super) fn strict(c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return None;
    }
    if let Some(letters) = lookup(ALIKE, c) {
        return Some(letters);
    }
    let mut buffer = [0; 4];
    let mut prototype = unicode_security::skeleton(c.encode_utf8(&mut buffer));
    match (prototype.next(), prototype.next()) {
        // The prototype of capital I and of the digit one is a small L.
        (Some('l'), None) => Some("li"),
        (Some(letter), None) => latin(letter.to_ascii_lowercase()),
        _ => None,
    }
}

/// As `strict`, plus letters that only suggest a Latin one: phonetic letters, small capitals, "faux Cyrillic". Good
/// enough inside a word that mixes scripts, never enough to make a word suspicious.
pub(super) fn loose(c: char) -> Option<&'static str> {
    strict(c).or_else(|| lookup(SUGGESTIVE, c))
}

/// The Cyrillic letter that a small Latin letter imitates inside a Cyrillic word.
pub(super) fn cyrillic(c: char) -> Option<&'static str> {
    lookup(TO_CYRILLIC, c)
}

/// The Greek letter that a small Latin letter imitates inside a Greek word.
pub(super) fn greek(c: char) -> Option<&'static str> {
    lookup(TO_GREEK, c)
}

/// The Latin letters that a digit stands for.
pub(super) fn digit(c: char) -> &'static str {
    lookup(DIGITS, c).unwrap_or_default()
}

/// The Cyrillic letters that a digit stands for.
pub(super) fn cyrillic_digit(c: char) -> &'static str {
    lookup(CYRILLIC_DIGITS, c).unwrap_or_default()
}

/// The Latin letters that a sign or emoji stands for; empty for all others.
pub(super) fn sign(c: char) -> &'static str {
    if c.is_ascii() {
        return lookup(SIGNS, c).unwrap_or_default();
    }
    match regional_indicator(c) {
        Some(letter) => letter,
        None => lookup(SIGNS, c).or_else(|| lookup(EMOJI, c)).unwrap_or_default(),
    }
}

/// True if the character may stand between the letters of a word to cut it.
pub(super) fn is_joiner(c: char) -> bool {
    match c {
        '.' | '_' | '-' | '*' | '/' | '~' | '^' | '`' | '=' | '+' | '|' | '\\' => true,
        _ => "·•‐‑‒–—―‧∙⋅・¸´˙˚ˑ°×".contains(c),
    }
}

/// True if the sign stands for a letter also at the edge of a word; others are punctuation there.
pub(super) fn is_edge(c: char) -> bool {
    matches!(c, '@' | '$' | '€' | '£' | '¥' | '§' | '¢') || is_emoji(c)
}

/// True if a sign is an emoji or a shape, not typed on a keyboard.
pub(super) fn is_emoji(c: char) -> bool {
    !c.is_ascii() && (regional_indicator(c).is_some() || lookup(EMOJI, c).is_some())
}

/// The letter of a regional indicator; two of them make a flag.
pub(super) fn regional_indicator(c: char) -> Option<&'static str> {
    let offset = (c as u32).checked_sub(0x1F1E6)?;
    ALPHABET.get(offset as usize..offset as usize + 1)
}

/// Letters drawn with strokes, the longest first. Made of joiners only, so that nothing else is glued to them.
pub(super) const DRAWN: &[(&str, char)] =
    &[("\\/\\/", 'w'), ("|\\/|", 'm'), ("|\\|", 'n'), ("|-|", 'h'), ("|_|", 'u'), ("\\/", 'v'), ("/\\", 'a')];

/// True if one of them is among these bytes.
pub(super) fn has_drawn(bytes: &[u8]) -> bool {
    let drawn = |at: usize| {
        bytes.get(at..).is_some_and(|rest| DRAWN.iter().any(|(signs, _)| rest.starts_with(signs.as_bytes())))
    };
    bytes.len() > 1 && (0..bytes.len() - 1).any(drawn)
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz";

fn latin(letter: char) -> Option<&'static str> {
    let at = (letter as u32).checked_sub(u32::from(b'a'))? as usize;
    ALPHABET.get(at..at + 1)
}

type Table = &'static [(&'static str, &'static str)];

/// Tables are short and asked rarely: on suspicious words, and once per character when `Letters` is made.
fn lookup(table: Table, c: char) -> Option<&'static str> {
    table.iter().find(|(letters, _)| letters.contains(c)).map(|(_, alternatives)| *alternatives)
}

const ALIKE: Table = &[
    ("кКκΚ", "k"),
    ("мМΜ", "m"),
    ("тТτΤ", "t"),
    ("нН", "h"),
    ("п", "n"),
    ("вВβΒ", "b"),
    ("εΕ", "e"),
    ("ηΝ", "n"),
    ("Η", "h"),
    ("υ", "u"),
    ("Υ", "y"),
    ("χ", "x"),
    ("ζΖ", "z"),
    ("іІїЇιΙίϊ", "i"),
    ("Ӏ", "il"),
];

const SUGGESTIVE: Table = &[
    ("дДαΔΛλᴀɐɒⱯⲀ", "a"),
    ("бБьЬъЪɓʙᴃþ", "b"),
    ("ᴄɕƈς", "c"),
    ("ɖɗᴅ", "d"),
    ("эЭєЄΣəɛɜɘᴇⱻǝ", "e"),
    ("ƒғꜰɟ", "f"),
    ("ɠɢɡƃ", "g"),
    ("ɦʜћЂђɥ", "h"),
    ("ɨɩɪιᴉ", "i"),
    ("ᴊʝ", "j"),
    ("ᴋƙқҡʞ", "k"),
    ("ɫɭʟłⱡ", "l"),
    ("ɱᴍ", "m"),
    ("иИйЙпПлЛɲɳɴηπ", "n"),
    ("фФθΘσΩɵᴏɔø", "o"),
    ("ᴘþрρ", "p"),
    ("ʠǫ", "q"),
    ("яЯгГɹɾʀʁᴙ", "r"),
    ("ʂʃꜱ§", "s"),
    ("ʇʈƭᴛ", "t"),
    ("цЦʉʊᴜμυ", "u"),
    ("ʋʌᴠνѴѵ", "v"),
    ("шШщЩωɯʍᴡѡ", "w"),
    ("жЖҳ", "x"),
    ("чЧүұʎʏγΨ", "y"),
    ("ʐʑᴢ", "z"),
];

const TO_CYRILLIC: Table = &[
    ("a", "а"),
    ("b", "вь"),
    ("c", "с"),
    ("e", "е"),
    ("h", "н"),
    ("i", "і"),
    ("j", "ј"),
    ("k", "к"),
    ("m", "м"),
    ("n", "п"),
    ("o", "о"),
    ("p", "р"),
    ("r", "г"),
    ("s", "ѕ"),
    ("t", "т"),
    ("u", "и"),
    ("x", "х"),
    ("y", "у"),
];

const TO_GREEK: Table = &[
    ("a", "α"),
    ("b", "β"),
    ("e", "ε"),
    ("h", "η"),
    ("i", "ι"),
    ("k", "κ"),
    ("m", "μ"),
    ("n", "ην"),
    ("o", "ο"),
    ("p", "ρ"),
    ("t", "τ"),
    ("u", "υ"),
    ("v", "ν"),
    ("w", "ω"),
    ("x", "χ"),
    ("y", "υγ"),
    ("z", "ζ"),
];

const DIGITS: Table = &[
    ("0", "o"),
    ("1", "il"),
    ("2", "z"),
    ("3", "e"),
    ("4", "a"),
    ("5", "s"),
    ("6", "gb"),
    ("7", "t"),
    ("8", "b"),
    ("9", "g"),
];

const CYRILLIC_DIGITS: Table = &[("0", "о"), ("1", "і"), ("3", "з"), ("4", "чаы"), ("6", "б"), ("8", "в")];

const SIGNS: Table = &[
    ("@", "a"),
    ("$§", "s"),
    ("!¡|¦", "il"),
    ("+†", "t"),
    ("(¢©", "c"),
    ("€", "e"),
    ("£", "l"),
    ("¥", "y"),
    ("#", "h"),
    ("*", "aioe"),
    ("°", "o"),
    ("×", "x"),
    ("®", "r"),
    ("∂", "d"),
    ("∆", "a"),
    ("∑", "e"),
    ("√", "v"),
    ("∩", "n"),
    ("∪", "u"),
];

const EMOJI: Table = &[
    ("⭕○●◯⚪⚫🔴🟠🟡🟢🔵🟣🟤⏺🍩🌕🌑⊙◎", "o"),
    ("❌✖✕✗✘❎", "x"),
    ("💲", "s"),
    ("➕✚✝✞", "t"),
    ("🔺▲△⛺", "a"),
    ("❗❕", "il"),
    ("☾☽🌙", "c"),
    ("♈", "v"),
    ("♏", "m"),
    ("♓", "h"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::letters::Letters;

    #[test]
    fn every_alternative_is_a_small_letter_that_folds_to_itself() {
        let tables = [ALIKE, SUGGESTIVE, TO_CYRILLIC, TO_GREEK, DIGITS, CYRILLIC_DIGITS, SIGNS, EMOJI];
        for (from, to) in tables.into_iter().flatten() {
            for letter in to.chars() {
                let mut buffer = [0; 4];
                assert_eq!(Letters::get().of(letter).folded(), letter.encode_utf8(&mut buffer), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn imitations_of_every_common_kind_are_known() {
        for (imitation, letter) in [
            ('ѵ', "v"),
            ('і', "i"),
            ('а', "a"),
            ('ɡ', "g"),
            ('г', "r"),
            ('ԁ', "d"),
            ('ѕ', "s"),
            ('ο', "o"),
            ('ρ', "p"),
            ('ν', "v"),
            ('օ', "o"),
            ('Ꮩ', "v"),
            ('О', "o"),
            ('В', "b"),
            ('к', "k"),
        ] {
            assert!(
                strict(imitation).is_some_and(|found| found.starts_with(letter)),
                "{imitation} {:?}",
                strict(imitation)
            );
        }
        for honest in ['ж', 'д', 'щ', 'ы', 'λ', 'ψ', 'ξ', 'é', 'ß', 'ł', 'a'] {
            assert_eq!(strict(honest), None, "{honest}");
        }
        assert_eq!(sign('🇻'), "v");
        assert_eq!(loose('ᴠ'), Some("v"));
    }
}

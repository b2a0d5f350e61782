//! Letters that stand on their heads: "ɐɹƃɐıʌ" is read from its end.
//!
//! Not here: words whose letters stand upright and only come in the wrong order (the matcher reads those backwards). Kept true: a word is turned only if
//! every letter of it has a meaning upside down, and one of them has no other.

/// What a letter is when the page is turned; `None` if it is nothing then.
pub(super) fn upright(c: char) -> Option<char> {
    TURNED.iter().chain(BOTH_WAYS).find(|(turned, _)| *turned == c).map(|(_, upright)| *upright)
}

/// True for letters that nobody writes for any other reason, phoneticians apart.
pub(super) fn is_turned(c: char) -> bool {
    !c.is_ascii() && TURNED.iter().any(|(turned, _)| *turned == c)
}

const TURNED: &[(char, char)] = &[
    ('ɐ', 'a'),
    ('ɔ', 'c'),
    ('ǝ', 'e'),
    ('ɟ', 'f'),
    ('ƃ', 'g'),
    ('ɓ', 'g'),
    ('ɥ', 'h'),
    ('ᴉ', 'i'),
    ('ɾ', 'j'),
    ('ʞ', 'k'),
    ('ʃ', 'l'),
    ('ɯ', 'm'),
    ('ɹ', 'r'),
    ('ʇ', 't'),
    ('ʌ', 'v'),
    ('ʍ', 'w'),
    ('ʎ', 'y'),
];

/// Letters that turn into each other or into themselves.
const BOTH_WAYS: &[(char, char)] = &[
    ('b', 'q'),
    ('d', 'p'),
    ('i', 'i'),
    ('ı', 'i'),
    ('l', 'l'),
    ('n', 'u'),
    ('o', 'o'),
    ('p', 'd'),
    ('q', 'b'),
    ('s', 's'),
    ('u', 'n'),
    ('x', 'x'),
    ('z', 'z'),
];

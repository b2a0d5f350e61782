//! Ways of hiding a word, as sellers use them.
//!
//! Not here: how they are found. Kept true: every recipe leaves the word readable for a person.

use proptest::prelude::*;

/// What to do to a word; every choice is a number so that failures shrink.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    way: Way,
    /// Which letters are changed: one bit each.
    letters: u32,
    upper: bool,
    joiner: usize,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Leet,
    Confusable,
    SmallCapitals,
    SpeltOut,
    Cut,
    Invisible,
    Accents,
    Stretched,
    Doubled,
    Circled,
    Flags,
    Styled,
    SpeltLeet,
    ConfusableLeet,
    StretchedLeet,
    SpeltConfusable,
    CutLeet,
    InvisibleConfusable,
}

const WAYS: [Way; 18] = [
    Way::Leet,
    Way::Confusable,
    Way::SmallCapitals,
    Way::SpeltOut,
    Way::Cut,
    Way::Invisible,
    Way::Accents,
    Way::Stretched,
    Way::Doubled,
    Way::Circled,
    Way::Flags,
    Way::Styled,
    Way::SpeltLeet,
    Way::ConfusableLeet,
    Way::StretchedLeet,
    Way::SpeltConfusable,
    Way::CutLeet,
    Way::InvisibleConfusable,
];

/// Any recipe.
pub(crate) fn any_recipe() -> impl Strategy<Value = Recipe> {
    (prop::sample::select(WAYS.to_vec()), 1..u32::MAX, any::<bool>(), 0..6usize)
        .prop_map(|(way, letters, upper, joiner)| Recipe { way, letters, upper, joiner })
}

/// The word, hidden.
pub(crate) fn disguise(word: &str, recipe: &Recipe) -> String {
    let cased = if recipe.upper { word.to_uppercase() } else { word.to_owned() };
    let joiner = [" ", ".", "-", "_", "*", "/"][recipe.joiner];
    let glue = ["-", ".", "-", "_", "*", "/"][recipe.joiner];
    // A word wholly of look-alikes is honest for all one can tell when it stands alone.
    let mixed = word.len() - 1;
    let some =
        |text: &str, limit: usize, table: &dyn Fn(char) -> Option<char>| change(text, recipe.letters, limit, table);
    match recipe.way {
        Way::Leet => some(&cased, 2, &leet),
        Way::Confusable => some(&cased, mixed, &cyrillic),
        Way::SmallCapitals => some(word, 99, &small_capital),
        Way::SpeltOut => join(&cased, joiner),
        Way::Cut => cut(&cased, glue),
        Way::Invisible => insert(&cased, recipe.letters, '\u{200b}'),
        Way::Accents => some(word, 9, &accented),
        Way::Stretched => stretch(&cased, recipe.letters, 3),
        Way::Doubled => stretch(&cased, recipe.letters, 2),
        Way::Circled => cased.chars().map(|c| offset(c, 0x1F150)).collect(),
        Way::Flags => cased.chars().map(|c| offset(c, 0x1F1E6)).collect(),
        Way::Styled => word.chars().map(|c| offset(c, 0x1D4EA)).collect(),
        Way::SpeltLeet => join(&some(&cased, 2, &leet), joiner),
        // Two letters are digits already, and one has to stay as it is.
        Way::ConfusableLeet => some(&some(&cased, 2, &leet), word.len() - 3, &cyrillic),
        Way::StretchedLeet => stretch(&some(&cased, 2, &leet), recipe.letters, 3),
        Way::SpeltConfusable => join(&some(&cased, mixed, &cyrillic), joiner),
        Way::CutLeet => cut(&some(&cased, 1, &leet), glue),
        Way::InvisibleConfusable => insert(&some(&cased, mixed, &cyrillic), recipe.letters, '\u{200d}'),
    }
}

/// Changes the chosen letters, at least one that can be and at most `limit`.
fn change(text: &str, letters: u32, limit: usize, table: &dyn Fn(char) -> Option<char>) -> String {
    let able: Vec<usize> = text.chars().enumerate().filter(|(_, c)| table(*c).is_some()).map(|(at, _)| at).collect();
    let mut chosen: Vec<usize> = able.iter().copied().filter(|at| letters >> at & 1 == 1).take(limit).collect();
    if chosen.is_empty() {
        chosen.extend(able.first());
    }
    let pick = |(at, c): (usize, char)| if chosen.contains(&at) { table(c).unwrap_or(c) } else { c };
    text.chars().enumerate().map(pick).collect()
}

fn leet(c: char) -> Option<char> {
    Some(match c.to_ascii_lowercase() {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        'b' => '8',
        _ => return None,
    })
}

fn cyrillic(c: char) -> Option<char> {
    Some(match c {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        's' => 'ѕ',
        'x' => 'х',
        'A' => 'А',
        'C' => 'С',
        'E' => 'Е',
        'I' => 'І',
        'O' => 'О',
        'T' => 'Т',
        'X' => 'Х',
        'B' => 'В',
        'M' => 'М',
        _ => return None,
    })
}

fn accented(c: char) -> Option<char> {
    Some(match c {
        'a' => 'á',
        'e' => 'ê',
        'i' => 'ï',
        'o' => 'ø',
        'u' => 'ů',
        'c' => 'ç',
        'n' => 'ñ',
        's' => 'š',
        'l' => 'ł',
        _ => return None,
    })
}

fn small_capital(c: char) -> Option<char> {
    Some(match c {
        'a' => 'ᴀ',
        'b' => 'ʙ',
        'c' => 'ᴄ',
        'd' => 'ᴅ',
        'e' => 'ᴇ',
        'g' => 'ɢ',
        'i' => 'ɪ',
        'l' => 'ʟ',
        'm' => 'ᴍ',
        'n' => 'ɴ',
        'o' => 'ᴏ',
        'r' => 'ʀ',
        't' => 'ᴛ',
        'v' => 'ᴠ',
        _ => return None,
    })
}

fn offset(c: char, base: u32) -> char {
    char::from_u32(base + (c.to_ascii_lowercase() as u32 - u32::from(b'a'))).unwrap_or(c)
}

fn join(text: &str, joiner: &str) -> String {
    text.chars().map(String::from).collect::<Vec<_>>().join(joiner)
}

/// Two letters, the joiner, the others.
fn cut(text: &str, joiner: &str) -> String {
    let at = text.char_indices().nth(2).map_or(0, |(at, _)| at);
    format!("{}{joiner}{}", &text[..at], &text[at..])
}

fn insert(text: &str, letters: u32, invisible: char) -> String {
    let last = text.chars().count() - 1;
    let mut hidden = String::new();
    for (at, c) in text.chars().enumerate() {
        hidden.push(c);
        if at < last && (at == 0 || letters >> at & 1 == 1) {
            hidden.push(invisible);
        }
    }
    hidden
}

fn stretch(text: &str, letters: u32, times: usize) -> String {
    let able = |c: char| c.is_alphabetic();
    let first = text.chars().position(able).unwrap_or(0);
    let repeat = |(at, c): (usize, char)| {
        let chosen = able(c) && (at == first || letters >> at & 1 == 1);
        std::iter::repeat_n(c, if chosen { times } else { 1 })
    };
    text.chars().enumerate().flat_map(repeat).collect()
}

//! What the text of a post gives away by its shape, in any language: whom it names, and words that look like discount codes.
//!
//! Not here: codes that the caller sends apart (`post.rs`). Kept true: an e-mail address names nobody; an abbreviation with a
//! number ("COVID19", "A4", "MP3") is no code.

use super::contacts::at_signs;
use super::{Place, Recorder};
use crate::domain::{ByteSpan, Field};
use crate::engine::normalise::Item;
use crate::policy::Fact;
use crate::text::FieldIndex;

/// Letters of a code, at least: a creator's name or a brand's.
const CODE_LETTERS: usize = 3;
/// Codes tell how much they save, and that is nearly always a multiple of five.
const SAVINGS: [u32; 14] = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70];

pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) {
    if !record.wants_any(&[Fact::Mentions, Fact::CodeWords]) {
        return;
    }
    let (mut mentions, mut codes) = (0, 0);
    for (at, source) in (0..).map(FieldIndex).zip(&item.fields) {
        if source.field != Field::PostText {
            continue;
        }
        at_signs(source.text, |span, email| {
            if !email {
                mentions += 1;
                record.place(Fact::Mentions, Place::Text(at, span));
            }
        });
        code_words(source.text, |span| {
            codes += 1;
            record.place(Fact::CodeWords, Place::Text(at, span));
        });
    }
    record.count(Fact::Mentions, mentions);
    record.count(Fact::CodeWords, codes);
}

/// What a discount code is called, in lower case.
const CODE_NAMES: [&str; 37] = [
    "code",
    "rabattcode",
    "gutscheincode",
    "kortingscode",
    "codice",
    "código",
    "codigo",
    "cod",
    "codul",
    "codi",
    "kod",
    "kodu",
    "kodem",
    "kodom",
    "kodas",
    "kodą",
    "kodu",
    "kods",
    "kodo",
    "kood",
    "koodi",
    "koodilla",
    "koodiga",
    "koodeja",
    "kód",
    "kódem",
    "kódom",
    "kóddal",
    "kode",
    "koden",
    "rabatkode",
    "rabattkod",
    "cód",
    "kodiċi",
    "κωδικό",
    "код",
    "промокод",
];
/// Before such a name, it is the name of something else: "dress code BLACK".
const NO_CODES: [&str; 8] = ["dress", "qr", "bar", "source", "zip", "postal", "git", "kleider"];
/// Letters of a code without a number, at least.
const NAME_LETTERS: usize = 4;

/// Finds capital letters with a saving behind them: "ANNA20", or with a code's name before them: "code KLARA". Not in hashtags, which name
/// events so.
fn code_words(text: &str, mut found: impl FnMut(ByteSpan)) {
    let mut from = 0;
    // The last two words that were not empty, as written.
    let mut before = ["", ""];
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let (start, end) = (from, from + word.len());
        // What separates words is one character, of any length.
        from = end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let saving = word.get(letters.len()..).and_then(|digits| digits.parse().ok());
        let tagged = text.get(..start).is_some_and(|before| before.ends_with(['#', '＃', '@', '/', '_']));
        let capitals = if letters.chars().all(char::is_uppercase) { letters.chars().count() } else { 0 };
        let saves = capitals >= CODE_LETTERS && saving.is_some_and(|saving: u32| SAVINGS.contains(&saving));
        if !tagged && (saves || (capitals >= NAME_LETTERS && is_called_code(before))) {
            let place = |at| u32::try_from(at).unwrap_or(u32::MAX);
            found(ByteSpan::new(place(start), place(end)));
        }
        if !word.is_empty() {
            before = [before[1], word];
        }
    }
}

/// True if the last of two words says that a code follows.
fn is_called_code([first, last]: [&str; 2]) -> bool {
    // A shouted text shouts everything.
    let shouted = last.chars().all(char::is_uppercase);
    !shouted && CODE_NAMES.contains(&last.to_lowercase().as_str()) && !NO_CODES.contains(&first.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&str> {
        let mut words = Vec::new();
        code_words(text, |span| words.extend(span.slice(text)));
        words
    }

    #[test]
    fn codes_are_found_in_every_script_and_nothing_else_is() {
        assert_eq!(codes("Code ANNA20 — с код МАРИЯ15! ΝΙΚΟΣ10: (GLOW5)"), ["ANNA20", "МАРИЯ15", "ΝΙΚΟΣ10", "GLOW5"]);
        assert_eq!(codes("Use code KLARA, Code: JANA12 or kód ANETKA!"), ["KLARA", "JANA12", "ANETKA"]);
        for plain in [
            "dress code BLACK TIE",
            "code of conduct",
            "CODE ORANGE IN THE NORTH",
            "code Klara",
            "QR code HERE",
            "COVID19",
            "MP3 A4 PS5",
            "#EURO20",
            "Anna20",
            "20",
            "AB10",
            "x/SALE20",
            "ANNA 20",
            "IPHONE16",
            "",
        ] {
            assert_eq!(codes(plain), [""; 0], "{plain}");
        }
    }
}

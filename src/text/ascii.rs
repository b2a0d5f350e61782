//! What each ASCII byte is to the lexer: one load answers every question of the fast path.
//!
//! Not here: characters beyond ASCII (`letters`). Kept true: agrees with `letters` on every byte below 0x80
//! (tested there).

/// A to Z, a to z.
pub(super) const LETTER: u8 = 1;
/// 0 to 9.
pub(super) const DIGIT: u8 = 1 << 1;
/// Part of a character beyond ASCII.
pub(super) const HIGH: u8 = 1 << 2;
/// Space, tab, other blanks.
pub(super) const SPACE: u8 = 1 << 3;
/// Ends a sentence when a blank follows.
pub(super) const SENTENCE: u8 = 1 << 4;
/// Ends a sentence by itself.
pub(super) const STOP: u8 = 1 << 5;
/// May stand for a letter or hide between two letters.
pub(super) const GLUE: u8 = 1 << 6;

/// The class of every byte.
pub(super) static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            b'0'..=b'9' => DIGIT,
            0x80.. => HIGH,
            b'\n' | b'\r' => STOP | SPACE,
            b' ' | b'\t' | 0x0b | 0x0c | 0 => SPACE,
            b'.' | b'!' => SENTENCE | GLUE,
            b'?' | b';' => SENTENCE,
            b'@' | b'$' | b'|' | b'+' | b'(' | b'*' | b'#' | b'_' | b'-' | b'/' | b'~' | b'^' | b'`' | b'=' | b'\\' => {
                GLUE
            }
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// True for small letters from a to z with single spaces between them: what folds to itself.
pub fn is_plain(text: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_lowercase();
    let words = text.as_bytes().split(|byte| *byte == b' ');
    !text.is_empty() && words.into_iter().all(|word| !word.is_empty() && word.iter().all(letter))
}

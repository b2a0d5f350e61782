//! Reading one term: its words, their marks, its gaps.
//!
//! Not here: folding (the matcher's). Kept true: a mark that means nothing is a fault, never a part of the word.

use super::super::code::Code;
use crate::matching::{Form, TermWord};
use crate::text::{Document, is_plain, picture};

/// Words that `..` admits between two neighbouring words of a term.
const GAP_WORDS: u8 = 2;

/// Letters that a marked word needs before it may go on (`~`, `*`): "in*" would be everywhere.
const MIN_OPEN_LETTERS: usize = 3;

/// Letters that a part of longer words needs (`+`): the matcher looks for no shorter ones.
const MIN_PART_LETTERS: usize = 4;

/// Letters that the longest word of a term needs before its disguises count.
pub(super) const MIN_DISGUISED_LETTERS: usize = 4;

/// A term, read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ParsedTerm {
    pub(super) words: Vec<TermWord>,
    pub(super) max_gap: u8,
}

impl ParsedTerm {
    /// Is a word long enough to be recognised in disguise?
    pub(super) fn is_disguisable(&self) -> bool {
        self.words.iter().any(|word| word.text.chars().filter(|c| c.is_alphabetic()).count() >= MIN_DISGUISED_LETTERS)
    }

    /// Does it go on with the endings of its language?
    pub(super) fn has_stem(&self) -> bool {
        self.words.iter().any(|word| word.form == Form::Stem)
    }
}

/// Folds terms as text is folded, to see which are the same.
#[derive(Default)]
pub(super) struct Folder {
    document: Document,
}

impl Folder {
    /// The same for terms that find the same.
    pub(super) fn fold(&mut self, term: &ParsedTerm) -> ParsedTerm {
        let words = term.words.iter().map(|word| TermWord { text: self.text(&word.text), form: word.form });
        ParsedTerm { words: words.collect(), max_gap: term.max_gap }
    }

    fn text(&mut self, text: &str) -> String {
        if is_plain(text) {
            return text.to_owned();
        }
        if let Some(picture) = picture(text) {
            return picture.to_string();
        }
        self.document.clear();
        self.document.push_field(text);
        self.document.folded().trim().to_owned()
    }
}

/// Reads a term. Words without a mark take `form`.
pub(super) fn parse(term: &str, form: Form) -> Result<ParsedTerm, (Code, String)> {
    if term.trim().is_empty() {
        return Err((Code::EmptyTerm, "a term without characters".to_owned()));
    }
    let mut words = Vec::new();
    let mut max_gap = 0;
    let mut gap_open = false;
    for chunk in term.split_whitespace() {
        if chunk == ".." {
            if words.is_empty() || gap_open {
                return Err((Code::BadMark, "`..` stands between two words".to_owned()));
            }
            (max_gap, gap_open) = (GAP_WORDS, true);
            continue;
        }
        // Hyphens separate words, in text and terms alike; a mark belongs to the part that it touches.
        for part in chunk.split(is_hyphen) {
            if let Some(word) = parse_word(part, form)? {
                words.push(word);
                gap_open = false;
            }
        }
    }
    if gap_open {
        return Err((Code::BadMark, "`..` stands between two words".to_owned()));
    }
    if words.is_empty() {
        if let Some(picture) = picture(term) {
            let words = vec![TermWord { text: picture.to_string(), form: Form::Word }];
            return Ok(ParsedTerm { words, max_gap: 0 });
        }
        return Err((Code::FoldsToNothing, format!("`{term}` has neither letters nor digits, nor is it one picture")));
    }
    Ok(ParsedTerm { words, max_gap })
}

/// `None` if nothing of the part is left after folding ("rock & roll": the `&`).
fn parse_word(part: &str, form: Form) -> Result<Option<TermWord>, (Code, String)> {
    let (text, marked) = strip_marks(part);
    let misplaced = |c: char| matches!(c, '~' | '*' | '+' | '=');
    if text.contains(misplaced) || (text.is_empty() && marked.is_some()) {
        return Err((Code::BadMark, format!("the mark in `{part}` means nothing there")));
    }
    if !text.contains(char::is_alphanumeric) {
        return Ok(None);
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let least = match marked {
        None | Some(Form::Word) => 0,
        Some(Form::Prefix | Form::Stem) => MIN_OPEN_LETTERS,
        Some(Form::Compound) => MIN_PART_LETTERS,
    };
    if letters < least {
        return Err((Code::BadMark, format!("`{part}`: fewer than {least} letters would be found everywhere")));
    }
    Ok(Some(TermWord { text: text.to_owned(), form: marked.unwrap_or(form) }))
}

/// The word without its mark, and the form that the mark asks for.
fn strip_marks(part: &str) -> (&str, Option<Form>) {
    if let Some(word) = part.strip_prefix('=') {
        return (word, Some(Form::Word));
    }
    if let Some(word) = part.strip_suffix('~') {
        return (word, Some(Form::Stem));
    }
    if let Some(word) = part.strip_suffix('*') {
        return (word, Some(Form::Prefix));
    }
    let word = part.strip_prefix('+').unwrap_or(part);
    let word = word.strip_suffix('+').unwrap_or(word);
    (word, (word.len() < part.len()).then_some(Form::Compound))
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(term: &str, form: Form) -> Result<String, &'static str> {
        let parsed = parse(term, form).map_err(|(code, _)| code.as_str())?;
        let words: Vec<String> = parsed
            .words
            .iter()
            .map(|word| {
                let mark = match word.form {
                    Form::Word => "=",
                    Form::Prefix => "*",
                    Form::Stem => "~",
                    Form::Compound => "+",
                };
                format!("{mark}{}", word.text)
            })
            .collect();
        Ok(format!("{} gap {}", words.join(" "), parsed.max_gap))
    }

    #[test]
    fn terms_are_words_with_marks_and_gaps() {
        let cases = [
            ("viagra", Form::Word, Ok("=viagra gap 0")),
            ("bez recepty", Form::Stem, Ok("~bez ~recepty gap 0")),
            ("bez recept~", Form::Word, Ok("=bez ~recept gap 0")),
            ("=bez recept", Form::Stem, Ok("=bez ~recept gap 0")),
            ("potenzmittel+", Form::Word, Ok("+potenzmittel gap 0")),
            ("+mittel+", Form::Word, Ok("+mittel gap 0")),
            ("pharma*", Form::Word, Ok("*pharma gap 0")),
            ("semi-automatic", Form::Word, Ok("=semi =automatic gap 0")),
            ("without .. prescription", Form::Word, Ok("=without =prescription gap 2")),
            ("rock & roll", Form::Word, Ok("=rock =roll gap 0")),
            ("4-mmc", Form::Word, Ok("=4 =mmc gap 0")),
            ("γ-butyrolactone", Form::Word, Ok("=γ =butyrolactone gap 0")),
            ("", Form::Word, Err("P034")),
            ("  ", Form::Word, Err("P034")),
            ("!!!", Form::Word, Err("P035")),
            ("- -", Form::Word, Err("P035")),
            ("❄️", Form::Stem, Ok("=❄ gap 0")),
            ("💊💊", Form::Word, Err("P035")),
            ("💊 menu", Form::Word, Ok("=menu gap 0")),
            (".. a", Form::Word, Err("P038")),
            ("a ..", Form::Word, Err("P038")),
            ("a .. .. b", Form::Word, Err("P038")),
            ("wo*rd", Form::Word, Err("P038")),
            ("~word", Form::Word, Err("P038")),
            ("word~~", Form::Word, Err("P038")),
            ("18+", Form::Word, Err("P038")),
            ("+abc", Form::Word, Err("P038")),
            ("in*", Form::Word, Err("P038")),
            ("*", Form::Word, Err("P038")),
        ];
        for (term, form, expected) in cases {
            assert_eq!(shown(term, form), expected.map(str::to_owned), "{term}");
        }
    }

    #[test]
    fn only_long_words_can_be_recognised_in_disguise() {
        for (term, expected) in [("mdma", true), ("lsd", false), ("no rx", false), ("no viagra", true), ("2c-b", false)]
        {
            assert_eq!(parse(term, Form::Word).unwrap().is_disguisable(), expected, "{term}");
        }
    }
}

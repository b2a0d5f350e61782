//! Quotations in running text.
//!
//! Not here: what they say. Kept true: an apostrophe within a word opens and closes nothing; a span lies on character boundaries.

/// Quotation marks of Europe, opening or closing.
const QUOTES: [char; 12] = ['"', '\'', '‘', '’', '‚', '“', '”', '„', '«', '»', '‹', '›'];

/// Bytes of a quotation at most: longer ones are somebody's speech.
const LONGEST: usize = 60;

/// The next quotation at or behind `from`: the bytes between its marks.
pub(super) fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut rest = from;
    while let Some((at, mark)) = text.get(rest..)?.char_indices().find(|(_, c)| QUOTES.contains(c)) {
        let (at, start) = (rest + at, rest + at + mark.len_utf8());
        rest = start;
        let opens = text.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let inside = crate::engine::claims::cut(text.get(start..)?, LONGEST);
        if !opens || !inside.starts_with(|c: char| c.is_alphanumeric() || matches!(c, ' ' | '\u{a0}')) {
            continue;
        }
        let closes = |at: &usize| {
            let behind = inside.get(*at..).map(|tail| tail.chars().nth(1));
            behind.flatten().is_none_or(|c| !c.is_alphanumeric())
        };
        let mut marks = inside.char_indices().filter(|(_, c)| QUOTES.contains(c)).map(|(at, _)| at);
        if let Some(end) = marks.find(closes).filter(|end| *end > 0) {
            return Some((start, start + end));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<&str> {
        let (mut found, mut rest) = (Vec::new(), 0);
        while let Some((start, end)) = next(text, rest) {
            found.push(&text[start..end]);
            rest = end;
        }
        found
    }

    #[test]
    fn quotations_are_found_in_every_dress() {
        assert_eq!(all("the 'herbal tea' in „Socken“ and «thé» or “mug”"), ["herbal tea", "Socken", "thé", "mug"]);
    }

    #[test]
    fn apostrophes_are_none() {
        assert!(all("it's the creators' favourite, don't ask").is_empty());
        assert!(all("l'annonce dit n'importe quoi").is_empty());
        assert!(all("").is_empty());
    }
}

//! What the CEL parser says, in plain words and at the right place.
//!
//! Not here: what conditions refuse of valid CEL (`lower`). Kept true: one fault for one slip.

use cel::ParseErrors;

use super::super::code::Code;
use super::ConditionFault;

/// The first place where the parser is lost: what it says of later ones is mostly an echo.
pub(super) fn syntax_faults(source: &str, errors: &ParseErrors) -> Vec<ConditionFault> {
    let first = errors.errors.first();
    let start = byte_of(source, first.map_or((1, 1), |error| error.pos));
    let (message, token) = plain_words(first.map(|error| error.msg.as_str()).unwrap_or_default());
    let length = source.get(start..).filter(|rest| rest.starts_with(&token)).map_or(1, |_| token.len());
    let meant = match token.trim() {
        "=" => Some("=="),
        "&" | "and" | "AND" => Some("&&"),
        "|" | "or" | "OR" => Some("||"),
        _ => None,
    };
    let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
    vec![ConditionFault { code: Code::BadCondition, at: start..start + length, message, hint }]
}

/// The byte at line and column, both from 1, columns in characters.
fn byte_of(source: &str, (line, column): (isize, isize)) -> usize {
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(1));
    let before: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = source.get(before..).unwrap_or_default();
    before + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(byte, _)| byte)
}

/// The parser's message without the list of everything it would have liked, and the text that it stumbled over.
fn plain_words(message: &str) -> (String, String) {
    let message = message.trim_start_matches("Syntax error: ");
    let message = message.split_once(" expecting ").map_or(message, |(before, _)| before);
    let quoted =
        |prefix: &str| message.strip_prefix(prefix)?.trim_start().strip_prefix('\'')?.strip_suffix('\'').map(str::trim);
    let token = quoted("mismatched input").or_else(|| quoted("extraneous input"));
    match (token, quoted("token recognition error at:")) {
        (Some("<EOF>"), _) => ("the condition ends too early".to_owned(), String::new()),
        (Some(token), _) => (format!("`{token}` does not belong here"), token.to_owned()),
        (_, Some(text)) => (format!("`{text}` is no CEL"), text.to_owned()),
        _ => (format!("this is no CEL: {}", message.lines().next().unwrap_or_default()), String::new()),
    }
}

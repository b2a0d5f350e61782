//! Reads Rust source well enough to judge it: what is code, what is a comment, what is a string, what is a test.
//!
//! Not here: the rules. Kept true: every view has as many lines as the file, so a line number means the same in all.
#![allow(clippy::unwrap_used, reason = "a tree that cannot be read fails the test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A file of `src/`, seen from several sides.
pub(crate) struct SourceFile {
    /// From `src/`, with `/`: `policy/mod.rs`.
    pub(crate) path: String,
    /// As written.
    pub(crate) text: String,
    /// Code alone: comments, literals and tests are blanks.
    pub(crate) code: String,
    /// String literals alone, outside tests; everything else is blanks.
    pub(crate) strings: String,
    /// True if the whole file is compiled for tests only.
    pub(crate) is_test: bool,
}

impl SourceFile {
    /// Reads a text under the name it would have in `src/`.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        let views = Views::of(text);
        let tests = if is_test { vec![(0, text.len())] } else { test_items(&views.code) };
        SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
            code: blank(&views.code, &tests),
            strings: blank(&views.strings, &tests),
            is_test,
        }
    }

    /// The layer: first folder, or the file's own name at the root.
    pub(crate) fn layer(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Lines that hold code.
    pub(crate) fn code_lines(&self) -> usize {
        // A literal is code too, though its view differs: a line counts if either view has something.
        self.code
            .lines()
            .zip(self.strings.lines())
            .filter(|(a, b)| !a.trim().is_empty() || !b.trim().is_empty())
            .count()
    }

    /// The `//!` lines at the top, joined.
    pub(crate) fn header(&self) -> String {
        self.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect::<Vec<_>>().join(" ")
    }

    /// Paths from the crate's root that the code names, with their line: `["policy", "Fact"]`.
    pub(crate) fn crate_paths(&self) -> BTreeSet<(usize, Vec<String>)> {
        let tokens = tokens(&self.code);
        let mut found = BTreeSet::new();
        for (position, token) in tokens.iter().enumerate() {
            let starts = position == 0 || tokens[position - 1].text != "::";
            let root = match token.text {
                "crate" | "dsa_signal" => Vec::new(),
                "super" if starts => self.module(),
                _ => continue,
            };
            let (mut base, mut next) = (root, position);
            while tokens.get(next).is_some_and(|token| token.text == "super") {
                base.pop();
                next += 2;
            }
            if token.text != "super" {
                next = position + 2;
            }
            if tokens.get(next - 1).is_some_and(|token| token.text == "::") {
                let mut paths = Vec::new();
                expand(&tokens, &mut next, &base, &mut paths);
                found.extend(paths.into_iter().map(|path| (token.line, path)));
            }
        }
        found
    }

    /// Where this file stands in the module tree: `policy/compile/lower.rs` is `[policy, compile, lower]`.
    fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }
}

/// Every `.rs` file below `root`.
pub(crate) fn read_tree(root: &Path) -> Vec<SourceFile> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(root)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(SourceFile::new(&name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// An identifier or a piece of punctuation (`::` is one piece).
pub(crate) struct Token<'a> {
    /// The characters.
    pub(crate) text: &'a str,
    /// From 1.
    pub(crate) line: usize,
    /// First byte.
    pub(crate) start: usize,
}

/// Cuts code (no comments, no literals) into tokens.
pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut found = Vec::new();
    let (mut line, mut rest) = (1, code);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        if first == '\n' {
            line += 1;
        } else if !first.is_whitespace() {
            found.push(Token { text: &rest[..length], line, start: code.len() - rest.len() });
        }
        rest = &rest[length..];
    }
    found
}

/// Follows a path or a brace tree of paths from `next`, adding every leaf to `paths`.
fn expand(tokens: &[Token<'_>], next: &mut usize, base: &[String], paths: &mut Vec<Vec<String>>) {
    let mut path = base.to_vec();
    while let Some(token) = tokens.get(*next) {
        *next += 1;
        match token.text {
            "{" => {
                while tokens.get(*next).is_some_and(|token| token.text != "}") {
                    expand(tokens, next, &path, paths);
                    // What may stand between two leaves: a comma, or `as Name`.
                    while tokens.get(*next).is_some_and(|token| matches!(token.text, "," | "as")) {
                        *next += if tokens[*next].text == "as" { 2 } else { 1 };
                    }
                }
                *next += 1;
                return;
            }
            "super" => drop(path.pop()),
            "self" => {}
            word => path.push(word.to_owned()),
        }
        if tokens.get(*next).is_none_or(|token| token.text != "::") {
            break;
        }
        *next += 1;
    }
    paths.push(path);
}

/// Code and strings, each with the rest blanked.
struct Views {
    code: String,
    strings: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

impl Views {
    fn of(text: &str) -> Self {
        let (mut code, mut strings) = (String::new(), String::new());
        let mut rest = text;
        while !rest.is_empty() {
            let (kind, length) = piece(rest, code.chars().next_back());
            let (taken, left) = rest.split_at(length);
            if kind == Kind::Code {
                code.push_str(taken)
            } else {
                push_blanks(&mut code, taken)
            }
            if kind == Kind::Literal {
                strings.push_str(taken)
            } else {
                push_blanks(&mut strings, taken)
            }
            rest = left;
        }
        Views { code, strings }
    }
}

/// What stands first in `rest`, and how long it is.
fn piece(rest: &str, before: Option<char>) -> (Kind, usize) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if rest.starts_with('\'') {
        return character(rest).map_or((Kind::Code, 1), |length| (Kind::Literal, length));
    }
    let prefix = if in_word { 0 } else { rest.find(|c| !matches!(c, 'r' | 'b' | 'c')).unwrap_or(0) };
    let hashes = rest[prefix..].find(|c| c != '#').unwrap_or(0);
    if prefix <= 2 && rest[prefix + hashes..].starts_with('"') {
        let raw = rest[..prefix].contains('r');
        if raw || hashes == 0 {
            return (Kind::Literal, string(rest, prefix + hashes + 1, raw.then_some(hashes)));
        }
    }
    // The rest of a word or of white space opens nothing: take it at once.
    let run = |belongs: fn(char) -> bool| rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    let length = match rest.chars().next() {
        Some(c) if c.is_whitespace() => run(char::is_whitespace),
        Some(c) if c.is_alphanumeric() && !matches!(c, 'r' | 'b' | 'c') => run(|c| c.is_alphanumeric() || c == '_'),
        _ => first,
    };
    (Kind::Code, length)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut position) = (0_usize, 0);
    while position < rest.len() {
        if rest[position..].starts_with("/*") {
            depth += 1;
            position += 2;
        } else if rest[position..].starts_with("*/") {
            depth -= 1;
            position += 2;
            if depth == 0 {
                break;
            }
        } else {
            position += rest[position..].chars().next().map_or(1, char::len_utf8);
        }
    }
    position
}

/// Length of a string that opens before `from`; `raw` carries its number of hashes.
fn string(rest: &str, from: usize, raw: Option<usize>) -> usize {
    if let Some(hashes) = raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len());
    }
    let mut escaped = false;
    for (at, character) in rest[from..].char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return from + at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of a character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut characters = rest.char_indices().skip(1);
    let (_, first) = characters.next()?;
    if first == '\\' {
        return rest[3..].find('\'').map(|at| at + 4);
    }
    characters.next().filter(|(_, second)| *second == '\'').map(|(at, _)| at + 1)
}

/// Byte ranges of the items behind `#[cfg(test)]`.
fn test_items(code: &str) -> Vec<(usize, usize)> {
    let tokens = tokens(code);
    let opens = |from: usize| {
        let words = ["#", "[", "cfg", "(", "test", ")", "]"];
        tokens.len() >= from + words.len() && words.iter().zip(&tokens[from..]).all(|(word, token)| *word == token.text)
    };
    let mut found = Vec::new();
    for from in 0..tokens.len() {
        if !opens(from) {
            continue;
        }
        let mut depth = 0_i32;
        for token in &tokens[from + 7..] {
            depth +=
                i32::from(matches!(token.text, "{" | "(" | "[")) - i32::from(matches!(token.text, "}" | ")" | "]"));
            if depth == 0 && matches!(token.text, "}" | ";") {
                found.push((tokens[from].start, token.start + 1));
                break;
            }
        }
    }
    found
}

fn blank(text: &str, ranges: &[(usize, usize)]) -> String {
    let (mut kept, mut position) = (String::new(), 0);
    for &(start, end) in ranges.iter().filter(|range| range.1 <= text.len()) {
        if start >= position {
            kept.push_str(&text[position..start]);
            push_blanks(&mut kept, &text[start..end]);
            position = end;
        }
    }
    kept.push_str(&text[position..]);
    kept
}

/// As many bytes, none of them visible.
fn push_blanks(view: &mut String, text: &str) {
    view.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

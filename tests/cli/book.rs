//! Reads a Markdown file whose examples are run, so that it cannot rot.
//!
//! A comment before a fenced block says what the block is:
//! `<!-- file: NAME -->` is written to the folder in which everything runs; `<!-- runs -->` is a session: lines that begin
//! with `$ ` are run (a `\` at the end or an open quote goes on in the next line), what follows them is what they print, and there `…` stands
//! for anything; `<!-- runs: TOOL … -->` needs these tools. Where the server's address appears, a server runs.
//! Not here: running. Kept true: every fenced block is marked; what is not run says so (`<!-- shown -->`).
#![allow(clippy::unwrap_used, unreachable_pub, reason = "test support")]

use std::ops::Range;

/// A marked block.
#[derive(Debug)]
pub struct Block {
    /// What stands in the comment: `runs`, `runs: grpcurl`, `file: call.py`, `shown`; empty if there is none.
    pub mark: String,
    /// The lines between the fences.
    pub text: String,
    /// Where they stand in the file, in lines.
    pub lines: Range<usize>,
}

/// A command and what it prints.
#[derive(Debug, Default)]
pub struct Step {
    /// Without the `$ `, as one text for the shell.
    pub command: String,
    /// Lines.
    pub output: Vec<String>,
}

/// Every fenced block of a text.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let lines: Vec<&str> = markdown.lines().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        if !lines[at].starts_with("```") {
            at += 1;
            continue;
        }
        let end = (at + 1..lines.len()).find(|line| lines[*line].starts_with("```")).unwrap_or(lines.len());
        let before = lines[..at].iter().rev().find(|line| !line.trim().is_empty()).unwrap_or(&"");
        let mark = before.trim().strip_prefix("<!-- ").and_then(|mark| mark.strip_suffix(" -->")).unwrap_or_default();
        let text = lines[at + 1..end].iter().map(|line| format!("{line}\n")).collect();
        found.push(Block { mark: mark.to_owned(), text, lines: at + 1..end });
        at = end + 1;
    }
    found
}

/// The commands of a session.
pub fn steps(session: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut open = false;
    for line in session.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step { command: command.to_owned(), output: Vec::new() });
        } else if let Some(step) = steps.last_mut() {
            if open {
                step.command.push('\n');
                step.command.push_str(line);
            } else {
                step.output.push(line.to_owned());
            }
        }
        let quoted = |command: &str| command.matches('\'').count() % 2 == 1;
        open =
            steps.last().is_some_and(|step| step.output.is_empty() && (line.ends_with('\\') || quoted(&step.command)));
    }
    steps
}

/// Does what was printed look like what the file shows? `…` stands for any characters; alone in a line, for any lines.
pub fn matches(shown: &[String], printed: &[String]) -> bool {
    let parts: Vec<&[String]> = shown.split(|line| line.trim() == "…").collect();
    let same = |part: &[String], at: usize| {
        let lines = printed.get(at..at + part.len());
        lines.is_some_and(|lines| part.iter().zip(lines).all(|(shown, printed)| line_matches(shown, printed)))
    };
    let Some((first, others)) = parts.split_first() else { return printed.is_empty() };
    let Some((last, between)) = others.split_last() else { return first.len() == printed.len() && same(first, 0) };
    // Taking each part where it is found first leaves the most room for the next.
    let mut from = first.len();
    let found = same(first, 0)
        && between.iter().all(|part| {
            let at = (from..=printed.len()).find(|at| same(part, *at));
            from = at.map_or(from, |at| at + part.len());
            at.is_some()
        });
    found && from + last.len() <= printed.len() && same(last, printed.len() - last.len())
}

fn line_matches(shown: &str, printed: &str) -> bool {
    let mut pieces = shown.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty() };
    for piece in between {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

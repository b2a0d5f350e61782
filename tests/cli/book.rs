//! Reads a Markdown file whose examples are run, so that it cannot rot.
//!
//! A comment before a fenced block says what the block is:
//! `<!-- file: NAME -->` is written to the folder in which everything runs; `<!-- runs -->` is a session: lines that begin
//! with `$ ` are run (a `\` at the end goes on in the next line), what follows them is what they print, and there `…` stands
//! for anything; `<!-- runs: TOOL … -->` needs these tools, and a server.
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
        open = steps.last().is_some_and(|step| step.output.is_empty()) && line.ends_with('\\');
    }
    steps
}

/// Does what was printed look like what the file shows? `…` stands for any characters; alone in a line, for any lines.
pub fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "…" => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, others)| line_matches(first, line) && matches(rest, others))
        }
    }
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

//! The table on a terminal: one block per item, the evidence marked in the text itself, signals and law below.
//!
//! Not here: colours and escapes (`terminal.rs`, `marked.rs`). Kept true: no word here says that something is illegal; law
//! is what content "may fall under".

use anstyle::Style;

use super::{Outcome, Scored};
use crate::cli::input::Place;
use crate::cli::marked::{Mark, MarkedText, wrap_plain};
use crate::cli::terminal::{BAD, BOLD, DIM, GOOD, Terminal, columns, visible};
use crate::domain::{Action, Content, Evidence, LegalBasis, Level, Nats, Signal, Verdict};

/// Signals shown under an item; `policy explain` shows all.
const SIGNALS: usize = 5;
/// Fields beside the title whose evidence is shown.
const FIELDS: usize = 4;
/// Characters shown of a title.
const TITLE: usize = 240;
/// Characters shown of another field, around its evidence.
const STRETCH: usize = 120;
/// Columns of the place.
const PLACE: usize = 6;
/// Columns before the item: place, risk, area, action and the gaps between them.
const LEFT: usize = PLACE + 2 + 4 + 2 + 15 + 2 + 8 + 2;
/// Columns before what stands under the item.
const UNDER: usize = PLACE + 2;

/// The names of the columns.
pub(super) fn header(terminal: Terminal) -> String {
    let names = format!("{:>PLACE$}  {:<4}  {:<15}  {:<8}  {}", "LINE", "RISK", "AREA", "ACTION", "ITEM");
    terminal.paint(BOLD, &names) + "\n"
}

/// One outcome.
pub(super) fn render(outcome: &Outcome, terminal: Terminal) -> String {
    let mut text = place(&outcome.place, terminal);
    match &outcome.result {
        Ok(scored) => block(&mut text, scored, terminal),
        Err(fault) => {
            let label = "  not scored: ";
            let hang = PLACE + label.len();
            let message = wrap_plain(&visible(&fault.message), terminal.width().saturating_sub(hang));
            push_hanging(&mut text, &terminal.paint(BAD, label), &message, hang);
        }
    }
    text
}

fn block(text: &mut String, scored: &Scored, terminal: Terminal) {
    let verdict = &scored.assessment.verdict;
    let style = Terminal::level(verdict.level);
    let area = verdict.areas.first().map_or("-", |top| top.area.as_str());
    let risk = terminal.paint(style, &format!("{:.2}", verdict.risk.get()));
    let area = terminal.paint(style, &format!("{area:<15}"));
    let action = terminal.paint(Terminal::action(verdict.action), &format!("{:<8}", short(verdict.action)));
    let shown: Vec<&Signal> = verdict.signals.iter().filter(|signal| matters(signal, verdict)).collect();
    let (path, title) = headline(&scored.content);
    let title = marked(title, path, &shown);
    let lines = title.lines(terminal, terminal.width().saturating_sub(LEFT), TITLE);
    push_hanging(text, &format!("  {risk}  {area}  {action}  "), &lines, LEFT);
    if verdict.action > Action::Allow {
        let fields = other_fields(&scored.content, path, &shown, terminal);
        text.push_str(&fields);
        signals(text, &shown, terminal);
    }
}

/// Signals of areas in which nothing is to be done would only distract.
fn matters(signal: &Signal, verdict: &Verdict) -> bool {
    let area = verdict.areas.iter().find(|area| area.area == signal.area);
    area.is_some_and(|area| area.action > Action::Allow || area.level > Level::Minimal)
}

fn place(place: &Place, terminal: Terminal) -> String {
    let line = match &place.file {
        Some(file) => format!("{}:\n{:>PLACE$}", visible(file), place.line),
        None => format!("{:>PLACE$}", place.line),
    };
    terminal.paint(DIM, &line)
}

/// `REQUIRE_DISCLOSURE` would push every other column aside.
fn short(action: Action) -> &'static str {
    if action == Action::RequireDisclosure { "DISCLOSE" } else { action.as_str() }
}

/// What names an item, and its path: the title, the post's text, or the identifier if there is neither.
fn headline(content: &Content) -> (&'static str, &str) {
    let (path, text) = match content {
        Content::Listing(listing) => ("title", listing.title.as_str()),
        Content::Post(post) => ("text", post.text.as_str()),
    };
    if text.is_empty() { ("", content.id()) } else { (path, text) }
}

/// A field with the evidence that lies in it.
fn marked<'a>(text: &'a str, path: &str, signals: &[&Signal]) -> MarkedText<'a> {
    let mut marked = MarkedText::new(text);
    for signal in signals {
        let mark = if signal.weight < Nats::ZERO { Mark::Relief } else { Mark::Worry };
        // Evidence in another item (a post for a listing) has its own text.
        let own = |piece: &&Evidence| piece.related_subject.is_none() && piece.field_path == path;
        for piece in signal.evidence.iter().filter(own) {
            marked.mark(piece.span.start() as usize..piece.span.end() as usize, mark);
        }
    }
    marked
}

fn other_fields(content: &Content, headline: &str, signals: &[&Signal], terminal: Terminal) -> String {
    let (mut text, mut left) = (String::new(), FIELDS);
    content.for_each_text(|field, value| {
        let path = content.field_path(field);
        if left == 0 || path == headline {
            return;
        }
        let marked = marked(value, &path, signals);
        if marked.is_marked() {
            left -= 1;
            let path = visible(&path);
            let hang = UNDER + columns(&path) + 2;
            let label = format!("{}{}  ", " ".repeat(UNDER), terminal.paint(DIM, &path));
            let lines = marked.lines(terminal, terminal.width().saturating_sub(hang), STRETCH);
            push_hanging(&mut text, &label, &lines, hang);
        }
    });
    text
}

fn signals(text: &mut String, signals: &[&Signal], terminal: Terminal) {
    let counted: Vec<&&Signal> = signals.iter().filter(|signal| signal.contribution != Nats::ZERO).collect();
    let hang = UNDER + 4 + 2;
    let width = terminal.width().saturating_sub(hang);
    for signal in counted.iter().take(SIGNALS) {
        let nats = signal.contribution.get();
        let style = if nats < 0.0 { GOOD } else { Style::new() };
        let label = format!("{}{}  ", " ".repeat(UNDER), terminal.paint(style, &format!("{nats:+.1}")));
        let mut lines = wrap_plain(&visible(&signal.message), width);
        if let Some(law) = law(&signal.legal_basis) {
            lines.extend(wrap_plain(&law, width).iter().map(|line| terminal.paint(DIM, line)));
        }
        push_hanging(text, &label, &lines, hang);
    }
    if counted.len() > SIGNALS {
        let more = format!("{}and {} more", " ".repeat(hang), counted.len() - SIGNALS);
        text.push_str(&terminal.paint(DIM, &more));
        text.push('\n');
    }
}

/// `may fall under Directive 2001/83/EC Art. 70 and 71, Art. 85c; Regulation (EU) 2022/2065 Art. 30(1)`.
pub(crate) fn law(articles: &[LegalBasis]) -> Option<String> {
    let one = |law: &LegalBasis| visible(format!("{} {}", law.act, law.article).trim());
    let act = |laws: &[LegalBasis]| {
        let (first, others) = laws.split_first()?;
        Some(others.iter().fold(one(first), |text, law| text + ", " + &visible(&law.article)))
    };
    let acts: Vec<String> = articles.chunk_by(|a, b| a.act == b.act).filter_map(act).collect();
    (!acts.is_empty()).then(|| format!("may fall under {}", acts.join("; ")))
}

/// The label and the first line, then every other line under the first.
fn push_hanging(text: &mut String, label: &str, lines: &[String], hang: usize) {
    text.push_str(label);
    for (position, line) in lines.iter().enumerate() {
        if position > 0 {
            text.push_str(&" ".repeat(hang));
        }
        text.push_str(line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests;

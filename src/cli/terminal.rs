//! What a terminal can show: colours, widths, and characters that are safe to print.
//!
//! Not here: what is shown. Kept true: content is written by strangers, so nothing of it reaches a terminal before it has
//! passed `visible`; a stream that is no terminal, and `NO_COLOR`, get no escape sequence at all.

use std::io::{self, IsTerminal};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use crate::domain::{Action, Level};

/// Columns assumed where nothing says how wide the terminal is.
const DEFAULT_WIDTH: usize = 100;
/// Narrower than this, wrapping would leave a word per line.
const LEAST_WIDTH: usize = 60;

/// Not so important.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Headings.
pub(crate) const BOLD: Style = Style::new().bold();
/// Characters that raise a risk.
pub(crate) const WORRY: Style = AnsiColor::Red.on_default().bold().underline();
/// Characters that lower a risk.
pub(crate) const RELIEF: Style = AnsiColor::Green.on_default().underline();
/// Failures.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Success.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Advice.
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();

/// How text for one stream is dressed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    colour: bool,
    width: usize,
}

impl Terminal {
    /// For the standard output.
    pub(crate) fn stdout() -> Self {
        Terminal::of(anstream::AutoStream::choice(&io::stdout()))
    }

    /// For the standard error.
    pub(crate) fn stderr() -> Self {
        Terminal::of(anstream::AutoStream::choice(&io::stderr()))
    }

    /// For files: no colours.
    pub(crate) fn plain() -> Self {
        Terminal::of(ColorChoice::Never)
    }

    /// With these properties.
    #[cfg(test)]
    pub(crate) fn with(colour: bool, width: usize) -> Self {
        Terminal { colour, width }
    }

    fn of(choice: ColorChoice) -> Self {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = told.or_else(|| comfy_table::Table::new().width().map(usize::from)).unwrap_or(DEFAULT_WIDTH);
        Terminal { colour: choice != ColorChoice::Never, width: width.max(LEAST_WIDTH) }
    }

    /// Columns.
    pub(crate) fn width(self) -> usize {
        self.width
    }

    /// True if styles are shown.
    pub(crate) fn colour(self) -> bool {
        self.colour
    }

    /// The text in a style. The caller has made it `visible`.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The style of a level.
    pub(crate) fn level(level: Level) -> Style {
        match level {
            Level::Minimal => DIM,
            Level::Low => Style::new(),
            Level::Elevated => AnsiColor::Yellow.on_default(),
            Level::High => AnsiColor::Red.on_default(),
            Level::Critical => BAD,
        }
    }

    /// The style of an action.
    pub(crate) fn action(action: Action) -> Style {
        match action {
            Action::Allow => DIM,
            Action::RequireDisclosure | Action::AgeGate | Action::Demote => AnsiColor::Yellow.on_default(),
            Action::Review => AnsiColor::Magenta.on_default().bold(),
            Action::Block | Action::Escalate => BAD,
        }
    }
}

/// Is somebody looking at the standard output?
pub(crate) fn stdout_is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Is somebody looking at the standard error?
pub(crate) fn stderr_is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Columns that a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

/// The text with every character that would command the terminal, reorder the line or stay invisible spelled out.
/// Line breaks and tabs become spaces.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push_visible(&mut shown, character);
    }
    shown
}

/// Appends one character as `visible` shows it.
pub(crate) fn push_visible(shown: &mut String, character: char) {
    match character {
        '\n' | '\r' | '\t' => shown.push(' '),
        _ if character.is_control() || is_format(character) => shown.extend(character.escape_unicode()),
        _ => shown.push(character),
    }
}

/// General category Cf (format), line and paragraph separators: invisible, and some of them reorder what follows.
fn is_format(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_cannot_command_the_terminal() {
        assert_eq!(visible("a\u{1b}[2J\u{7}b"), "a\\u{1b}[2J\\u{7}b");
        assert_eq!(visible("\u{9b}31m"), "\\u{9b}31m", "C1 controls are commands too");
        assert_eq!(visible("abc\u{202e}fed"), "abc\\u{202e}fed", "nor turn the line around");
    }

    #[test]
    fn what_hides_is_shown_and_what_is_honest_stays() {
        assert_eq!(visible("via\u{200b}gra"), "via\\u{200b}gra");
        assert_eq!(visible("Τσάι μέντας 🌿\tβιο\n"), "Τσάι μέντας 🌿 βιο ");
    }

    #[test]
    fn styles_appear_only_where_they_are_shown() {
        assert_eq!(Terminal::with(false, 80).paint(BAD, "x"), "x");
        assert!(Terminal::with(true, 80).paint(BAD, "x").contains("\u{1b}["));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("薬 ab"), 5);
    }
}

//! The progress bar of long files, on a terminal.
//!
//! Not here: results. Kept true: it writes to the standard error, and only if somebody looks at it and nothing else is
//! shown there.

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal;

/// Bytes done of bytes known, and how many items a second.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    items: u64,
}

impl Progress {
    /// Over so many bytes; hidden if their number is not known, or if results appear on the terminal themselves.
    pub(super) fn new(bytes: Option<u64>, results_on_terminal: bool) -> Self {
        let seen = terminal::stderr_is_terminal() && !results_on_terminal;
        let bar = bytes.filter(|_| seen).map(|bytes| {
            let bar = ProgressBar::new(bytes);
            let template = "{bar:32.cyan/dim} {percent:>3} %  {msg}  {eta} left";
            // The template is a constant; were it wrong, the default style would do.
            bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, items: 0 }
    }

    /// So many more items, so many bytes in all.
    pub(super) fn advance(&mut self, items: usize, bytes: u64) {
        self.items += items as u64;
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            let rate = self.items as f64 / bar.elapsed().as_secs_f64().max(1e-3);
            bar.set_message(format!("{} items, {}/s", grouped(self.items), grouped(rate as u64)));
        }
    }

    /// Takes it off the screen.
    pub(super) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// `42394` as `42,394`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([0, 999, 1000, 42394, 1234567].map(grouped), ["0", "999", "1,000", "42,394", "1,234,567"]);
    }
}

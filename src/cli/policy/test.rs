//! `policy test`: every `fires` example of a pack must fire its signal, every `silent` one must not.
//!
//! Not here: how signals fire. Kept true: an example that cannot be read counts as failed, never as passed.

use std::io::{self, Write};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use crate::cli::columns::Columns;
use crate::cli::failure::{Exit, Failure, say};
use crate::cli::pack;
use crate::cli::progress::grouped;
use crate::cli::terminal::{BAD, GOOD, Terminal};
use crate::policy::{CompiledPack, PackExample};
use crate::service::Scorer;
use crate::wire::json;

/// Characters of an example that a failure shows.
const SHOWN: usize = 160;

/// An example that does not hold.
#[derive(Debug, PartialEq, Eq)]
struct Failed {
    place: String,
    signal: String,
    what: String,
    example: String,
}

/// Runs the command.
pub(super) fn run(dir: Option<&Path>) -> Result<Exit, Failure> {
    let scorer = pack::scorer(dir)?;
    let policy = scorer.policy().snapshot();
    let pack = &policy.pack;
    let failed: Vec<Failed> = pack.examples.par_iter().filter_map(|example| check(example, pack, &scorer)).collect();
    let terminal = Terminal::stdout();
    if !failed.is_empty() {
        let mut table = Columns::new(&["PLACE", "SIGNAL", "WHAT HAPPENED", "EXAMPLE"], 4, terminal);
        for one in &failed {
            table.row(&[one.place.clone(), one.signal.clone(), one.what.clone(), one.example.clone()]);
        }
        io::stdout().write_all(table.render().as_bytes())?;
    }
    let (all, name) = (grouped(pack.examples.len() as u64), pack::name(dir));
    let terminal = Terminal::stderr();
    if failed.is_empty() {
        say(&format!("{} {name}: {all} examples hold", terminal.paint(GOOD, "ok:")));
        return Ok(Exit::Done);
    }
    let count = grouped(failed.len() as u64);
    say(&format!("{} {name}: {count} of {all} examples do not hold", terminal.paint(BAD, "failed:")));
    Ok(Exit::Failed)
}

fn check(example: &PackExample, pack: &CompiledPack, scorer: &Scorer) -> Option<Failed> {
    let signal = pack.signals.get(usize::from(example.signal.0))?;
    let what = match json::parse_example(&example.content) {
        Err(error) => format!("the example cannot be read: {error}"),
        Ok(content) => {
            let (_, trace) = scorer.explain(&content);
            let fired = trace.signals.into_iter().filter(|signal| signal.outcome.fired());
            let fired: Vec<String> = fired.map(|signal| signal.signal_id).collect();
            if fired.contains(&signal.id) == example.fires {
                return None;
            }
            describe(example.fires, &fired)
        }
    };
    Some(Failed { place: example.place.clone(), signal: signal.id.clone(), what, example: shown(&example.content) })
}

fn describe(should_fire: bool, fired: &[String]) -> String {
    match (should_fire, fired) {
        (false, _) => "fired, should be silent".to_owned(),
        (true, []) => "silent, should fire; nothing fired".to_owned(),
        (true, others) => format!("silent, should fire; instead: {}", others.join(", ")),
    }
}

fn shown(content: &Value) -> String {
    let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
    let cut = text.char_indices().nth(SHOWN).map_or(text.len(), |(byte, _)| byte);
    let ellipsis = if cut < text.len() { "…" } else { "" };
    format!("{}{ellipsis}", text.get(..cut).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_happened_instead() {
        assert_eq!(describe(false, &["a.b".to_owned()]), "fired, should be silent");
        assert_eq!(describe(true, &[]), "silent, should fire; nothing fired");
        assert_eq!(describe(true, &["a.b".to_owned(), "c.d".to_owned()]), "silent, should fire; instead: a.b, c.d");
    }

    #[test]
    fn long_examples_are_cut_between_characters() {
        assert_eq!(shown(&Value::from("ж".repeat(SHOWN + 1))), format!("{}…", "ж".repeat(SHOWN)));
        assert_eq!(shown(&serde_json::json!({"post": {"text": "x"}})), "{\"post\":{\"text\":\"x\"}}");
    }
}

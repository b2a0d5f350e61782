//! How common the words of a lexicon are: what waits for several kinds of words waits best for the rarest.
//!
//! Not here: who waits (`triggers.rs`, `relevance.rs`). Kept true: it decides how much the engine looks at, and nothing of what it says; the
//! same pack gives the same numbers. The sample is what the pack says must stay silent: honest texts in all its languages.

use serde_json::Value;

use super::super::compiled::PackExample;
use crate::matching::{LexiconId, Matcher, Memory};
use crate::text::Document;

/// What a lexicon counts for before anything is known: so many in a thousand, as if so many texts had said so.
const GUESS: u64 = 30;
const GUESSES: u64 = 20;

/// In how many of a thousand texts a lexicon is met, by `LexiconId`.
#[derive(Debug, Default)]
pub(super) struct Commonness(Vec<u64>);

impl Commonness {
    /// Looks at the examples.
    pub(super) fn of(matcher: &Matcher, examples: &[PackExample], lexicons: usize) -> Self {
        let (mut met, mut texts) = (vec![0_u64; lexicons], 0);
        let (mut document, mut memory) = (Document::new(), Memory::default());
        for example in examples.iter().filter(|example| !example.fires) {
            document.clear();
            push_texts(&example.content, &mut document);
            matcher.look(&document, &mut memory);
            for lexicon in memory.met().iter() {
                met.get_mut(usize::from(lexicon.0)).into_iter().for_each(|met| *met += 1);
            }
            texts += 1;
        }
        Commonness(met.into_iter().map(|met| (met * 1000 + GUESS * GUESSES) / (texts + GUESSES)).collect())
    }

    /// In a thousand texts.
    pub(super) fn of_lexicon(&self, lexicon: LexiconId) -> u64 {
        self.0.get(usize::from(lexicon.0)).copied().unwrap_or(GUESS)
    }
}

fn push_texts(content: &Value, document: &mut Document) {
    match content {
        Value::String(text) => _ = document.push_field(text),
        Value::Array(all) => all.iter().for_each(|value| push_texts(value, document)),
        Value::Object(fields) => fields.values().for_each(|value| push_texts(value, document)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::matching::{Form, MatcherBuilder, Term, TermWord};
    use crate::policy::SignalId;

    #[test]
    fn what_honest_texts_say_is_common_and_what_is_not_known_is_guessed() {
        let mut builder = MatcherBuilder::new();
        for (lexicon, word) in [(0, "free"), (1, "sildenafil")] {
            let words = vec![TermWord { text: word.into(), form: Form::Word }];
            let term =
                Term { lexicon: LexiconId(lexicon), words, language: String::new(), disguisable: false, max_gap: 0 };
            builder.add(&term);
        }
        let matcher = builder.build();
        let example = |fires, content| PackExample { signal: SignalId(0), fires, content, place: String::new() };
        let mut examples = vec![example(true, json!("sildenafil"))];
        let none = Commonness::of(&matcher, &examples, 2);
        assert_eq!([0, 1, 7].map(|lexicon| none.of_lexicon(LexiconId(lexicon))), [GUESS; 3]);
        examples.extend((0..80).map(|_| example(false, json!({"listing": {"title": "free lamp"}}))));
        let known = Commonness::of(&matcher, &examples, 2);
        assert!(known.of_lexicon(LexiconId(0)) > 800 && known.of_lexicon(LexiconId(1)) < GUESS);
    }
}

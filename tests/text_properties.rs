//! What folding, second readings and matching promise, against random text, a naive oracle, generated disguises and
//! honest paragraphs.
//!
//! Not here: single examples (beside the code). Kept true: the oracle shares no code with the automaton but folding.

#[path = "text/disguises.rs"]
mod disguises;
#[path = "text/oracle.rs"]
mod oracle;

use std::cell::RefCell;

use dsa_signal::domain::Concealments;
use dsa_signal::matching::{Form, Hit, LexiconId, Matcher, MatcherBuilder, Memory, Term, TermWord};
use dsa_signal::text::{Document, is_plain};
use proptest::prelude::*;

/// Failures are not written to disk: each prints what to turn into an example.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn word(text: &str, form: Form) -> TermWord {
    TermWord { text: text.into(), form }
}

fn document(text: &str) -> Document {
    let mut document = Document::new();
    document.push_field(text);
    document
}

thread_local! {
    /// What the matchers before, and this one, have found in the texts before.
    static LASTING: RefCell<Memory> = RefCell::default();
}

/// What a matcher finds, whatever it found before.
fn find(matcher: &Matcher, document: &Document) -> Vec<Hit> {
    let mut hits = Vec::new();
    matcher.find(document, &mut Memory::default(), &mut hits);
    let mut again = Vec::new();
    LASTING.with_borrow_mut(|memory| matcher.find(document, memory, &mut again));
    assert_eq!(hits, again);
    hits
}

/// Text with everything that folding has to do with.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z]{1,9}",
        1 => "[0-9]{1,7}",
        2 => "[ .,!?;\n\t]{1,2}",
        2 => "[@$|+(*#_/~^`=\\\\-]",
        1 => "[äöüßéñçłøđæœþğışİŁŸ]{1,4}",
        1 => "[а-яёіїєґѵԁӏА-Я]{1,6}",
        1 => "[α-ωάέήίόύώςΑ-Ω]{1,6}",
        1 => "[\u{200b}\u{200d}\u{ad}\u{feff}\u{fe0f}\u{20e3}\u{301}\u{308}\u{323}\u{e0041}]{1,2}",
        1 => "[𝓥𝓲𝓪Ｖｉⓥ🅥🄰🅰🇻🇮🇦⭕❌²①½ªﬁﬃǆŉ]{1,4}",
        1 => "[中文عربي한국어हिन्दीไทยかなカナ٣٠ﷺ㎎]{1,4}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A pack that has something to find in nearly any text.
fn greedy_pack() -> Matcher {
    let mut builder = MatcherBuilder::new();
    let forms = [Form::Word, Form::Prefix, Form::Stem, Form::Compound];
    builder.endings("", &["s".into(), "en".into()]);
    for (number, text) in
        ["a", "ab", "viagra", "vi", "é", "ss", "100 mg", "а", "αβ", "中", "no prescription", "aaaa", "🅰"]
            .iter()
            .enumerate()
    {
        for form in forms {
            let words = vec![word(text, form), word("a", Form::Word)];
            let language = String::new();
            let lexicon = LexiconId(number as u16);
            let term = Term { lexicon, words, language, disguisable: true, max_gap: (number % 3) as u8 };
            builder.add(&Term { words: vec![word(text, form)], ..term.clone() });
            builder.add(&term);
        }
    }
    builder.build()
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn every_span_slices_the_original_on_character_boundaries(first in any_text(), second in any_text()) {
        let mut document = Document::new();
        document.push_field(&first);
        document.push_field(&second);
        let texts = [first.as_str(), second.as_str()];
        let mut before = (0, 0);
        for token in document.tokens() {
            let text = texts[usize::from(token.field.0)];
            prop_assert!(token.original.slice(text).is_some_and(|slice| !slice.is_empty()));
            prop_assert!((u32::from(token.field.0), token.original.start()) >= before, "tokens in order");
            before = (u32::from(token.field.0), token.original.end());
            let word = document.word(token);
            prop_assert!(!word.is_empty());
            for (from, _) in word.char_indices() {
                for (to, c) in word.char_indices().skip_while(|(to, _)| *to < from) {
                    let range = token.folded_start + from as u32..token.folded_start + (to + c.len_utf8()) as u32;
                    let (field, span) = document.original_span(range).unwrap();
                    prop_assert_eq!(field, token.field);
                    prop_assert!(span.slice(text).is_some_and(|slice| !slice.is_empty()), "{:?} {:?}", word, span);
                    prop_assert!(token.original.cover(span) == token.original);
                }
            }
        }
        for reading in document.readings() {
            let text = texts[usize::from(reading.field.0)];
            prop_assert!(reading.original.slice(text).is_some_and(|slice| !slice.is_empty()));
            prop_assert!(!reading.concealment.is_empty() || !reading.text.is_empty());
        }
    }

    #[test]
    fn folding_what_is_folded_changes_nothing(text in any_text()) {
        let once = document(&text);
        let twice = document(once.folded());
        prop_assert_eq!(once.folded(), twice.folded());
        prop_assert_eq!(once.tokens().len(), twice.tokens().len());
        let stops = |document: &Document| document.tokens().iter().map(|token| token.after_stop).collect::<Vec<_>>();
        prop_assert_eq!(stops(&once), stops(&twice));
    }

    #[test]
    fn fields_fold_as_they_would_alone(first in any_text(), second in any_text()) {
        let mut both = Document::new();
        both.push_field(&first);
        both.push_field(&second);
        let alone = [document(&first), document(&second)];
        for (field, alone) in both.fields().iter().zip(&alone) {
            prop_assert_eq!(&both.folded()[field.folded.start as usize..field.folded.end as usize], alone.folded());
        }
        let readings = alone.iter().map(|document| document.readings().len()).sum::<usize>();
        prop_assert_eq!(both.readings().len(), readings);
        both.clear();
        both.push_field(&second);
        prop_assert_eq!(both.folded(), alone[1].folded());
        prop_assert_eq!(both.readings().len(), alone[1].readings().len());
    }

    #[test]
    fn plain_words_fold_to_themselves_and_have_no_readings(words in prop::collection::vec("[a-z]{2,12}", 1..30)) {
        let text = words.join(" ");
        let document = document(&text);
        prop_assert_eq!(document.folded(), &text);
        let stretched = |text: &str| text.as_bytes().windows(3).any(|three| three[0] == three[1] && three[1] == three[2]);
        prop_assert!(document.readings().is_empty() || stretched(&text));
    }

    #[test]
    fn hits_are_in_order_without_repeats_and_slice_their_field(text in any_text()) {
        thread_local!(static PACK: Matcher = greedy_pack());
        let document = document(&text);
        let hits = PACK.with(|pack| find(pack, &document));
        for hit in &hits {
            prop_assert!(hit.original.slice(&text).is_some_and(|slice| !slice.is_empty()));
            prop_assert!(hit.first_token <= hit.end_token && hit.end_token as usize <= document.tokens().len());
            prop_assert!(hit.reading.is_none_or(|reading| (reading as usize) < document.readings().len()));
        }
        let places: Vec<_> = hits.iter().map(|hit| (hit.field, hit.original.start(), hit.lexicon, hit.term)).collect();
        prop_assert!(places.is_sorted());
        let mut spans: Vec<_> = hits.iter().map(|hit| (hit.term, hit.field, hit.original)).collect();
        spans.sort();
        spans.dedup();
        prop_assert_eq!(spans.len(), hits.len());
    }
}

fn syllables() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "ba", "bä", "cø", "no", "n", "ta", "é", "ма"]), 1..5)
        .prop_map(|parts| parts.concat())
}

fn any_term() -> impl Strategy<Value = Term> {
    let form = prop::sample::select(vec![Form::Word, Form::Word, Form::Prefix, Form::Stem, Form::Compound]);
    let words = prop::collection::vec((syllables(), form), 1..4);
    let language = prop::sample::select(vec!["", "xx", "yy", "zz"]);
    (words, language, 0..3u8, 0..3u16).prop_map(|(words, language, max_gap, lexicon)| Term {
        lexicon: LexiconId(lexicon),
        words: words.into_iter().map(|(text, form)| TermWord { text, form }).collect(),
        language: language.into(),
        disguisable: false,
        max_gap,
    })
}

const ENDINGS: [(&str, &[&str]); 3] = [("", &["a"]), ("xx", &["no", "bata"]), ("yy", &["n", "taé"])];

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn plain_words_fold_to_themselves(text in "[a-z]{1,9}( [a-z]{1,9}){0,4}") {
        prop_assert!(is_plain(&text));
        let mut document = Document::new();
        document.push_field(&text);
        prop_assert_eq!(document.folded(), &text);
    }

    #[test]
    fn the_automaton_finds_what_the_naive_oracle_finds(
        terms in prop::collection::vec(any_term(), 1..12),
        filler in prop::collection::vec((syllables(), 0..40usize, prop::sample::select(vec![" ", " ", " ", ", ", ". ", "-", "\n"])), 0..40),
    ) {
        let mut builder = MatcherBuilder::new();
        for (language, endings) in ENDINGS {
            builder.endings(language, &endings.iter().map(|ending| (*ending).to_owned()).collect::<Vec<_>>());
        }
        terms.iter().for_each(|term| { builder.add(term); });
        let matcher = builder.build();
        let pool: Vec<&str> = terms.iter().flat_map(|term| &term.words).map(|word| word.text.as_str()).collect();
        let mut text = String::new();
        for (random, choice, separator) in &filler {
            match pool.get(*choice) {
                Some(word) if choice % 3 == 0 => text.extend([word, random.as_str()]),
                Some(word) if choice % 5 == 0 => text.extend([random.as_str(), word]),
                Some(word) => text.push_str(word),
                None => text.push_str(random),
            }
            text.push_str(separator);
        }
        let document = document(&text);
        let found: Vec<_> = find(&matcher, &document).iter().map(oracle::Place::of).collect();
        let expected = oracle::find(&terms, &ENDINGS, &document);
        prop_assert_eq!(found, expected, "{}", text);
    }
}

/// Words that are worth disguising, and some of every length.
const HIDDEN: [&str; 24] = [
    "viagra",
    "cialis",
    "xanax",
    "codeine",
    "oxycontin",
    "tramadol",
    "fentanyl",
    "cocaine",
    "heroin",
    "ketamine",
    "methadone",
    "steroids",
    "cannabis",
    "ecstasy",
    "replica",
    "rolex",
    "clenbuterol",
    "ephedrine",
    "botox",
    "ozempic",
    "diazepam",
    "morphine",
    "pistol",
    "antibiotics",
];

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn every_disguise_of_a_word_is_found_where_it_stands(
        index in 0..HIDDEN.len(),
        recipe in disguises::any_recipe(),
        before in prop::sample::select(vec!["", "buy ", "the best. ", "(", "cheap, "]),
        after in prop::sample::select(vec!["", " now", ", pure", ". Call", " 100 mg"]),
    ) {
        thread_local!(static PACK: Matcher = {
            let mut builder = MatcherBuilder::new();
            for text in HIDDEN {
                let words = vec![word(text, Form::Word)];
                builder.add(&Term { lexicon: LexiconId(0), words, language: "en".into(), disguisable: true, max_gap: 0 });
            }
            builder.build()
        });
        let hidden = disguises::disguise(HIDDEN[index], &recipe);
        let text = format!("{before}{hidden}{after}");
        let document = document(&text);
        let hits = PACK.with(|pack| find(pack, &document));
        let hit = hits.iter().find(|hit| hit.term.0 as usize == index);
        prop_assert!(hit.is_some(), "{text:?} by {recipe:?} not found; readings {:?}", document.readings());
        let hit = hit.unwrap();
        prop_assert_eq!(hit.original.slice(&text), Some(hidden.as_str()), "{:?}", recipe);
        prop_assert!(hidden == HIDDEN[index] || hit.concealment != Concealments::NONE, "{text:?} by {recipe:?}");
    }
}

#[test]
fn honest_paragraphs_hide_nothing() {
    let mut builder = MatcherBuilder::new();
    let mut add = |text: &str| {
        let words = text.split(' ').map(|text| word(text, Form::Word)).collect();
        builder.add(&Term { lexicon: LexiconId(0), words, language: String::new(), disguisable: true, max_gap: 0 });
    };
    let short = [
        "weed",
        "meth",
        "hash",
        "coke",
        "soma",
        "lean",
        "gear",
        "guns",
        "ammo",
        "fake",
        "porn",
        "nude",
        "dank",
        "mdma",
        "nike",
        "dior",
        "coca",
        "pill",
        "xtc",
        "lsd",
        "ghb",
        "drug",
        "opium",
        "crack",
        "speed",
        "penis",
        "rapist",
        "no rx",
        "no prescription",
        "aspirin",
        "kokain",
        "heroina",
        "cocaina",
    ];
    HIDDEN.iter().chain(&short).for_each(|text| add(text));
    let matcher = builder.build();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/text/honest");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        files += 1;
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let document = document(line);
            let hidden: Vec<&str> = find(&matcher, &document)
                .iter()
                .filter(|hit| !hit.concealment.is_empty())
                .map(|hit| hit.original.slice(line).unwrap())
                .collect();
            assert!(hidden.is_empty(), "{}: {line}\n{hidden:?}", path.display());
        }
    }
    assert!(files >= 10, "the honest paragraphs are where they were");
}

#[test]
fn paragraphs_in_greek_and_cyrillic_have_no_latin_readings() {
    for name in ["greek", "bulgarian", "russian", "ukrainian"] {
        let path = format!("{}/tests/text/honest/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let document = document(line);
            for reading in document.readings() {
                let plain = reading.original.slice(line).unwrap();
                let latin = reading.text.bytes().any(|byte| byte.is_ascii_alphabetic());
                assert!(!latin || plain.is_ascii(), "{plain} read as {}", reading.text);
            }
        }
    }
}

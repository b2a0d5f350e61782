//! Any text, in two fields: folding must not panic, its spans must slice the fields, and folding twice must change nothing;
//! a matcher whose terms occur nearly everywhere must give hits in order that slice their field.
#![no_main]

use std::sync::LazyLock;

use dsa_signal::matching::{Form, LexiconId, Matcher, MatcherBuilder, Memory, Term, TermWord};
use dsa_signal::text::{Document, detect};
use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<Matcher> = LazyLock::new(|| {
    let mut builder = MatcherBuilder::new();
    builder.endings("", &["s".into(), "en".into()]);
    for (number, text) in ["a", "ab", "viagra", "é", "ss", "100 mg", "а", "αβ", "中", "aaaa", "cialis"].iter().enumerate() {
        for form in [Form::Word, Form::Prefix, Form::Stem, Form::Compound] {
            let lexicon = LexiconId(number as u16);
            let word = TermWord { text: (*text).into(), form };
            for words in [vec![word.clone()], vec![word.clone(), word]] {
                let max_gap = (number % 3) as u8;
                builder.add(&Term { lexicon, words, language: String::new(), disguisable: true, max_gap });
            }
        }
    }
    builder.build()
});

fuzz_target!(|text: &str| {
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (first, second) = text.split_at(middle);
    let mut document = Document::new();
    document.push_field(first);
    document.push_field(second);
    let fields = [first, second];
    let slices = |field: u16, span: dsa_signal::domain::ByteSpan| {
        span.slice(fields[usize::from(field)]).is_some_and(|slice| !slice.is_empty())
    };
    for token in document.tokens() {
        assert!(slices(token.field.0, token.original));
        for (at, c) in document.word(token).char_indices() {
            let start = token.folded_start + at as u32;
            let (field, span) = document.original_span(start..start + c.len_utf8() as u32).expect("lies in a token");
            assert!(field == token.field && slices(field.0, span) && token.original.cover(span) == token.original);
        }
    }
    for reading in document.readings() {
        assert!(slices(reading.field.0, reading.original));
    }
    let mut hits = Vec::new();
    PACK.find(&document, &mut Memory::default(), &mut hits);
    assert!(hits.iter().all(|hit| slices(hit.field.0, hit.original)));
    assert!(hits.is_sorted_by_key(|hit| (hit.field, hit.original.start(), hit.lexicon, hit.term)));
    detect(&document);

    let mut once = Document::new();
    once.push_field(text);
    let mut twice = Document::new();
    twice.push_field(once.folded());
    assert_eq!(once.folded(), twice.folded());
});

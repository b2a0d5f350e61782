//! Folding, by example.

use super::*;
use crate::domain::{Concealment, Concealments};

fn folded(text: &str) -> String {
    let mut document = Document::new();
    document.push_field(text);
    document.folded().to_owned()
}

fn originals(text: &str) -> Vec<&str> {
    let mut document = Document::new();
    document.push_field(text);
    document.tokens().iter().map(|token| token.original.slice(text).unwrap()).collect()
}

#[test]
fn words_lose_case_and_accents_and_are_one_space_apart() {
    assert_eq!(
        folded("  Acheter   du Sildénafil,GÉNÉRIQUE «bon marché»"),
        "acheter du sildenafil generique bon marche"
    );
    assert_eq!(folded("Große Straße – ŁÓDŹ"), "grosse strasse lodz");
    assert_eq!(folded("l'érection women’s"), "l erection women s");
}

#[test]
fn sentence_ends_and_line_ends_are_line_feeds() {
    assert_eq!(folded("No rx. Buy now!  Yes?"), "no rx\nbuy now\nyes");
    assert_eq!(folded("one\ntwo | three • four"), "one\ntwo\nthree\nfour");
    assert_eq!(folded("e.g. this vs.that"), "e g\nthis vs that");
    assert_eq!(folded("便宜。好"), "便 宜\n好");
}

#[test]
fn fields_are_separated_by_a_stop() {
    let mut document = Document::new();
    document.push_field("Title");
    document.push_field("");
    document.push_field("Text here");
    assert_eq!(document.folded(), "title\ntext here");
    assert!(document.tokens()[1].after_stop && !document.tokens()[2].after_stop);
    assert_eq!(document.fields()[2].folded, 6..15);
    assert_eq!(document.fields()[2].tokens, 1..3);
    assert_eq!(document.tokens()[1].field, FieldIndex(2));
}

#[test]
fn numbers_keep_one_decimal_mark_and_lose_thousands_marks() {
    assert_eq!(
        folded("1,5 1.5 1,000 1.000 0.125 12,34 1,000.50 1.000,5 1.000.000"),
        "1.5 1.5 1000 1000 0.125 12.34 1000.50 1000.5 1000000"
    );
    assert_eq!(folded("12.05.2024"), "12.05 2024");
    assert_eq!(folded("٣٠ １５ m²"), "30 15 m 2");
}

#[test]
fn units_are_cut_off_their_number_and_codes_are_not() {
    assert_eq!(folded("100mg 3.5g 2x50ml 1,000IU 50μg"), "100 mg 3.5 g 2 x 50 ml 1000 iu 50 μg");
    assert_eq!(folded("viagra100 xanax2mg 30pills"), "viagra 100 xanax 2 mg 30 pills");
    assert_eq!(folded("AB12 M4A1 4-AcO B12 4you"), "ab12 m4a1 4 aco b12 4you");
    let mut document = Document::new();
    document.push_field("100mg M4A1");
    let kinds: Vec<TokenKind> = document.tokens().iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [TokenKind::Number, TokenKind::Word, TokenKind::Mixed]);
}

#[test]
fn tokens_know_where_they_stood() {
    assert_eq!(originals("Größe: 1,000mg\u{200b} É\u{301}té ﬁn"), ["Größe", "1,000", "mg", "É\u{301}té", "ﬁn"]);
    assert_eq!(originals("a\u{301}b·伟哥"), ["a\u{301}b", "伟", "哥"]);
}

#[test]
fn part_of_a_word_maps_to_the_characters_that_gave_it() {
    let text = "xx Größen\u{200b}straße e\u{301}te\u{301}";
    let mut document = Document::new();
    document.push_field(text);
    assert_eq!(document.folded(), "xx grossenstrasse ete");
    let slice = |part: &str| {
        let start = document.folded().find(part).unwrap() as u32;
        let (_, span) = document.original_span(start..start + part.len() as u32).unwrap();
        span.slice(text).unwrap_or_else(|| panic!("{part} {span:?}"))
    };
    assert_eq!(slice("gro"), "Grö");
    assert_eq!(slice("gros"), "Größ");
    assert_eq!(slice("sen"), "ßen");
    assert_eq!(slice("strasse"), "straße");
    assert_eq!(slice("e et"), "e e\u{301}t");
    assert_eq!(slice("te"), "te\u{301}");
    assert_eq!(document.original_span(2..3), None);
}

#[test]
fn invisible_and_fancy_letters_are_read_plainly_and_told() {
    let hidden = |text: &str| {
        let mut document = Document::new();
        document.push_field(text);
        let token = document.tokens()[0];
        (document.word(&token).to_owned(), token.concealment)
    };
    let of = |one| Concealments::of(one);
    assert_eq!(hidden("via\u{200b}gra"), ("viagra".into(), of(Concealment::ZeroWidth)));
    assert_eq!(hidden("via\u{ad}gra"), ("viagra".into(), Concealments::NONE));
    assert_eq!(hidden("می\u{200c}خواهم"), ("میخواهم".into(), Concealments::NONE));
    assert_eq!(hidden("𝓥𝓲𝓪𝓰𝓻𝓪"), ("viagra".into(), of(Concealment::Confusable)));
    assert_eq!(hidden("🅥ⓘ🅰️gra"), ("viagra".into(), of(Concealment::Emoji)));
    assert_eq!(hidden("générique"), ("generique".into(), Concealments::NONE));
}

#[test]
fn long_runs_are_cut() {
    let long = "a".repeat(300);
    assert_eq!(folded(&long).split(' ').map(str::len).collect::<Vec<_>>(), [128, 128, 44]);
}

/// The readings of a text: the original characters, the plain word, the gravest way of hiding.
fn readings(text: &str) -> Vec<(String, String, Concealment)> {
    let mut document = Document::new();
    document.push_field(text);
    let told = |reading: &Reading| {
        (reading.original.slice(text).unwrap().to_owned(), reading.text.clone(), reading.concealment.gravest())
    };
    document.readings().iter().map(told).collect()
}

fn reads_as(text: &str, plain: &str, way: Concealment) {
    let found = readings(text);
    assert!(found.iter().any(|(_, word, by)| word == plain && *by == way), "{text}: {found:?}");
}

#[test]
fn digits_and_signs_among_letters_are_letters() {
    use Concealment::Leet;
    for (text, plain) in [
        ("V1@gr@", "viagra"),
        ("v|agra", "viagra"),
        ("p!lls", "pills"),
        ("c0dein3", "codeine"),
        ("$eroquel", "seroquel"),
        ("pill$", "pills"),
        ("0xycontin", "oxycontin"),
        ("c1a1is", "cialis"),
        ("v1agra100mg", "viagra"),
        ("n0", "no"),
        ("vi+amin", "vitamin"),
        ("c*caine", "cocaine"),
        ("гер0ин", "героин"),
    ] {
        reads_as(text, plain, Leet);
    }
}

#[test]
fn letters_of_other_scripts_among_latin_ones_are_latin() {
    use Concealment::Confusable;
    for (text, plain) in [
        ("ѵіаɡга", "viagra"),
        ("ѵ1аɡrа", "viagra"),
        ("cоcаinе", "cocaine"),
        ("buy сосаіпе online now", "cocaine"),
        ("viаgrа", "viagra"),
        ("ᴠɪᴀɢʀᴀ", "viagra"),
        ("гepoин", "героин"),
    ] {
        reads_as(text, plain, Confusable);
    }
}

#[test]
fn letters_kept_apart_belong_together() {
    use Concealment::Spacing;
    for (text, plain) in [
        ("v i a g r a", "viagra"),
        ("buy v.i.a.g.r.a. now", "viagra"),
        ("v-i-a-g-r-a", "viagra"),
        ("V_I_A_G_R_A", "viagra"),
        ("v * i * a * g * r * a", "viagra"),
        ("via.gra", "viagra"),
        ("vi-agra", "viagra"),
        ("vi*agra", "viagra"),
        ("в и а г р а", "виагра"),
    ] {
        reads_as(text, plain, Spacing);
    }
    reads_as("V 1 @ g r a", "viagra", Concealment::Leet);
    reads_as("v @ l i u m", "valium", Concealment::Leet);
}

#[test]
fn emoji_letters_are_letters() {
    use Concealment::Emoji;
    for (text, plain) in [
        ("🇻🇮🇦🇬🇷🇦", "viagra"),
        ("🇻 🇮 🇦 🇬 🇷 🇦", "viagra"),
        ("⭕xycontin", "oxycontin"),
        ("v1️⃣agra", "viagra"),
        ("🅥 🅘 🅐 🅖 🅡 🅐", "viagra"),
        ("xana❌", "xanax"),
    ] {
        reads_as(text, plain, Emoji);
    }
}

#[test]
fn codes_addresses_and_amounts_have_no_readings() {
    for honest in [
        "B12 vitamin",
        "100mg 2x50ml 300pills",
        "contact shop@example.com",
        "https://example.com/a-b_c",
        "www.ex-ample.com",
        "5-4 10/12 1.5",
        "AT&T 24/7",
        "🇩🇪 🇫🇷",
        "Buy now! Yes? no.",
        "ab c de",
        "20€ 30$",
        "5 μg",
    ] {
        assert_eq!(readings(honest), [], "{honest}");
    }
}

#[test]
fn honest_words_of_other_scripts_have_no_readings() {
    for honest in ["сосна и осокорь", "Αθήνα κόσμος νέο", "Това е роса", "рак сок"]
    {
        assert_eq!(readings(honest), [], "{honest}");
    }
}

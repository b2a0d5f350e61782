//! Matching, by example.

use super::*;
use crate::domain::Concealment;
use crate::text::Document;

struct Pack(MatcherBuilder);

impl Pack {
    fn new() -> Self {
        Pack(MatcherBuilder::new())
    }

    fn word(&mut self, text: &str, form: Form) -> TermId {
        self.phrase(&[(text, form)], 0)
    }

    fn phrase(&mut self, words: &[(&str, Form)], max_gap: u8) -> TermId {
        self.0.add(&Term {
            lexicon: LexiconId(0),
            words: words.iter().map(|(text, form)| TermWord { text: (*text).into(), form: *form }).collect(),
            language: "xx".into(),
            disguisable: true,
            max_gap,
        })
    }

    fn find(self, text: &str) -> Vec<(u32, String)> {
        let matcher = self.0.build();
        let mut document = Document::new();
        document.push_field(text);
        let mut hits = Vec::new();
        matcher.find(&document, &mut Memory::default(), &mut hits);
        hits.iter().map(|hit| (hit.term.0, hit.original.slice(text).unwrap().to_owned())).collect()
    }
}

fn hits(found: &[(u32, &str)]) -> Vec<(u32, String)> {
    found.iter().map(|(term, text)| (*term, (*text).to_owned())).collect()
}

#[test]
fn a_word_is_found_whole_only() {
    let mut pack = Pack::new();
    pack.word("Viagra", Form::Word);
    assert_eq!(
        pack.find("viagra VIAGRAS xviagra «Viágra» viagra."),
        hits(&[(0, "viagra"), (0, "Viágra"), (0, "viagra")])
    );
}

#[test]
fn a_prefix_covers_what_the_term_says_and_a_stem_covers_its_ending() {
    let mut pack = Pack::new();
    pack.0.endings("xx", &["ami".into(), "ów".into()]);
    pack.word("tablet", Form::Stem);
    pack.word("rezeptfrei", Form::Prefix);
    let found = pack.find("tabletami tabletów tablet tabletka rezeptfreies");
    assert_eq!(found, hits(&[(0, "tabletami"), (0, "tabletów"), (0, "tablet"), (1, "rezeptfrei")]));
}

#[test]
fn parts_of_compounds_are_found_at_both_ends_and_inside() {
    let mut pack = Pack::new();
    pack.word("Säure", Form::Compound);
    pack.word("gin", Form::Compound);
    let found = pack.find("Salzsäure Säurebad Aminosäuretabletten Saeurebad Ginflasche gin");
    assert_eq!(found, hits(&[(0, "säure"), (0, "Säure"), (0, "säure"), (0, "Saeure"), (1, "gin")]));
}

#[test]
fn phrases_cross_one_space_or_mark_but_no_stop() {
    let mut pack = Pack::new();
    pack.phrase(&[("no", Form::Word), ("prescription", Form::Prefix)], 0);
    assert_eq!(
        pack.find("No prescription, no-prescriptions. No. Prescription. no the prescription"),
        hits(&[(0, "No prescription"), (0, "no-prescription")])
    );
}

#[test]
fn phrases_with_gaps_join_the_nearest_words() {
    let mut pack = Pack::new();
    pack.0.endings("xx", &["s".into()]);
    pack.phrase(&[("without", Form::Word), ("doctor", Form::Stem), ("note", Form::Word)], 2);
    let found = pack.find("without any doctors note. without a b c doctor note; without doctor a note note");
    assert_eq!(found, hits(&[(0, "without any doctors note"), (0, "without doctor a note")]));
}

#[test]
fn terms_that_fold_to_nothing_are_reported() {
    let mut builder = MatcherBuilder::new();
    let word = |text: &str| TermWord { text: text.into(), form: Form::Word };
    let term = |words| Term { lexicon: LexiconId(0), words, language: String::new(), disguisable: false, max_gap: 0 };
    builder.add(&term(vec![word("fine")]));
    let empty = builder.add(&term(vec![word("fine"), word("?!")]));
    assert_eq!(builder.unmatchable(), [empty]);
}

#[test]
fn accents_that_the_term_lacks_are_a_disguise_and_missing_ones_are_not() {
    let mut builder = MatcherBuilder::new();
    for text in ["générique", "viagra", "tablet"] {
        builder.endings("pl", &["ów".into()]);
        builder.add(&Term {
            lexicon: LexiconId(0),
            words: vec![TermWord { text: text.into(), form: Form::Stem }],
            language: "pl".into(),
            disguisable: true,
            max_gap: 0,
        });
    }
    let matcher = builder.build();
    let mut document = Document::new();
    document.push_field("générique generique vìàgra viagra tabletów");
    let mut hits = Vec::new();
    matcher.find(&document, &mut Memory::default(), &mut hits);
    let ways: Vec<Concealment> = hits.iter().map(|hit| hit.concealment.gravest()).collect();
    use Concealment::{Diacritic, None};
    assert_eq!(ways, [None, None, Diacritic, None, None]);
}

fn concealed(terms: &[&[&str]], text: &str) -> Vec<(u32, String, Concealment)> {
    let mut pack = Pack::new();
    for words in terms {
        pack.phrase(&words.iter().map(|word| (*word, Form::Word)).collect::<Vec<_>>(), 0);
    }
    let matcher = pack.0.build();
    let mut document = Document::new();
    document.push_field(text);
    let mut hits = Vec::new();
    matcher.find(&document, &mut Memory::default(), &mut hits);
    let told = |hit: &Hit| (hit.term.0, hit.original.slice(text).unwrap().to_owned(), hit.concealment.gravest());
    hits.iter().map(told).collect()
}

#[test]
fn disguised_words_are_found_with_the_way_they_were_hidden() {
    use Concealment::{Confusable, Diacritic, Emoji, Leet, Repetition, Reversed, Spacing, ZeroWidth};
    for (text, written, way) in [
        ("get V1@gr@ here", "V1@gr@", Leet),
        ("get v1agra100mg", "v1agra", Leet),
        ("get ѵіаɡга here", "ѵіаɡга", Confusable),
        ("v i a g r a", "v i a g r a", Spacing),
        ("a v i a g r a", "v i a g r a", Spacing),
        ("via-gra-pills", "via-gra", Spacing),
        ("V.I.A.G.R.A.", "V.I.A.G.R.A", Spacing),
        ("V 1 @ g r a!", "V 1 @ g r a", Leet),
        ("v\u{200b}iagra", "v\u{200b}iagra", ZeroWidth),
        ("víágra", "víágra", Diacritic),
        ("viaagra", "viaagra", Repetition),
        ("VIIIAAAGRA", "VIIIAAAGRA", Repetition),
        ("v1aaagra", "v1aaagra", Leet),
        ("🇻🇮🇦🇬🇷🇦 now", "🇻🇮🇦🇬🇷🇦", Emoji),
        ("🅅🄸🄰🄶🅁🄰", "🅅🄸🄰🄶🅁🄰", Emoji),
        ("pills \\/iagra!", "\\/iagra", Leet),
        ("\\/!agra", "\\/!agra", Leet),
        ("cheap \\/i/\\gra", "\\/i/\\gra", Leet),
        ("cheap argaiv here", "argaiv", Reversed),
        ("\u{202e}argaiv\u{202c}", "argaiv", Reversed),
        ("ǝɹǝɥ ɐɹƃɐıʌ", "ɐɹƃɐıʌ", Reversed),
    ] {
        assert_eq!(concealed(&[&["viagra"]], text), [(0, written.to_owned(), way)], "{text}");
    }
}

#[test]
fn phrases_are_found_through_disguised_words() {
    for text in
        ["n0 pr3scription", "no pr3scription", "n0 prescription", "nooo prescription", "no p.r.e.s.c.r.i.p.t.i.o.n"]
    {
        let found = concealed(&[&["no", "prescription"]], text);
        assert!(found.len() == 1 && found[0].1 == text && found[0].2 != Concealment::None, "{text}: {found:?}");
    }
    assert_eq!(concealed(&[&["no", "prescription"]], "n0. Pr3scription"), []);
}

#[test]
fn phrases_with_gaps_are_joined_through_disguised_words() {
    let mut pack = Pack::new();
    pack.phrase(&[("without", Form::Word), ("doctor", Form::Stem)], 2);
    assert_eq!(pack.find("w1thout a d0ctor"), hits(&[(0, "w1thout a d0ctor")]));
}

#[test]
fn a_plain_word_is_never_said_to_be_hidden() {
    let plain = |term, text: &str| (term, text.to_owned(), Concealment::None);
    assert_eq!(concealed(&[&["viagra"], &["viagra", "100"]], "viagra100"), [plain(0, "viagra"), plain(1, "viagra100")]);
    assert_eq!(concealed(&[&["anti", "aging"], &["antiaging"]], "anti-aging"), [plain(0, "anti-aging")]);
    assert_eq!(concealed(&[&["dessert"], &["desert"]], "dessert"), [plain(0, "dessert")]);
}

#[test]
fn words_in_pieces_are_found_if_they_are_long() {
    use Concealment::{None, Spacing};
    for (text, written, way) in [
        ("cheap silde nafil here", "silde nafil", None),
        ("Sil de na fil", "Sil de na fil", Spacing),
        ("silde-nafil", "silde-nafil", Spacing),
    ] {
        assert_eq!(concealed(&[&["sildenafil"]], text), [(0, written.to_owned(), way)], "{text}");
    }
    for apart in ["via gra", "silde. nafil", "silde nafilter", "sil de cheap na fil", "dif ferin"] {
        assert_eq!(concealed(&[&["sildenafil"], &["viagra"], &["differin"]], apart), [], "{apart}");
    }
    assert_eq!(concealed(&[&["no", "prescription"]], "no pre scription").len(), 1);
}

#[test]
fn words_spread_over_choices_are_found_where_they_begin() {
    let mut pack = Pack::new();
    pack.word("viagra", Form::Word);
    pack.word("steel", Form::Word);
    let matcher = pack.0.build();
    for (names, found) in [
        (&["Via", "gra"][..], Some((0, "Via"))),
        (&["v", "i", "a", "g", "r", "a"], Some((0, "v"))),
        (&["blue vi", "agra 100"], Some((0, "vi"))),
        (&["ste", "el"], None),
        (&["via", "big", "gra"], None),
    ] {
        let mut document = Document::new();
        document.push_field("Lamp");
        document.push_field(names[0]);
        names[1..].iter().for_each(|name| _ = document.push_next_of_list(name));
        let mut hits = Vec::new();
        matcher.find(&document, &mut Memory::default(), &mut hits);
        let shown =
            hits.first().map(|hit| (hit.term.0, hit.original.slice(names[usize::from(hit.field.0) - 1]).unwrap()));
        assert_eq!((shown, hits.len()), (found, usize::from(found.is_some())), "{names:?}");
        assert!(hits.iter().all(|hit| hit.concealment.gravest() == Concealment::Spacing));
    }
}

#[test]
fn words_are_read_backwards_if_they_are_long_and_nothing_else() {
    let mut pack = Pack::new();
    pack.0.endings("xx", &["ów".into()]);
    pack.word("tablet", Form::Stem);
    pack.word("drawer", Form::Word);
    pack.word("reward", Form::Word);
    pack.word("poison", Form::Prefix);
    pack.word("xanax", Form::Word);
    pack.word("tramal", Form::Word);
    let found = pack.find("wótelbat drawer suonosiop noynosiop xxlamart larmat lamart");
    assert_eq!(found, hits(&[(0, "wótelbat"), (1, "drawer"), (5, "lamart")]));
}

#[test]
fn no_phrase_joins_words_of_two_fields() {
    let mut pack = Pack::new();
    pack.phrase(&[("a", Form::Stem), ("a", Form::Stem)], 0);
    let matcher = pack.0.build();
    // "@@" has no token of its own: the token at its place is that of the next field.
    let fields = ["As.@@s.snAs.@@", "A"];
    let mut document = Document::new();
    for field in fields {
        document.push_field(field);
    }
    let mut hits = Vec::new();
    matcher.find(&document, &mut Memory::default(), &mut hits);
    for hit in &hits {
        assert!(hit.original.slice(fields[usize::from(hit.field.0)]).is_some_and(|text| !text.is_empty()), "{hit:?}");
    }
    assert!(hits.iter().all(|hit| hit.end_token <= 3), "{hits:?}");
}

#[test]
fn terms_that_may_not_be_disguised_are_found_plainly_only() {
    let mut builder = MatcherBuilder::new();
    let words = vec![TermWord { text: "viagra".into(), form: Form::Word }];
    builder.add(&Term { lexicon: LexiconId(0), words, language: String::new(), disguisable: false, max_gap: 0 });
    let matcher = builder.build();
    let mut document = Document::new();
    document.push_field("v1agra v i a g r a viaagra viagra");
    let mut hits = Vec::new();
    matcher.find(&document, &mut Memory::default(), &mut hits);
    assert_eq!(hits.len(), 1);
}

#[test]
fn each_of_many_languages_has_its_own_endings() {
    let mut builder = MatcherBuilder::new();
    let ending = |number: usize| {
        ["qua", "quo", "qui", "que", "quu"].iter().cycle().nth(number).map(|end| end.repeat(number / 5 + 2))
    };
    for number in 0..100 {
        let language = format!("l{number}");
        builder.endings(&language, &[ending(number).unwrap()]);
        builder.add(&Term {
            lexicon: LexiconId(0),
            words: vec![TermWord { text: "tablet".into(), form: Form::Stem }],
            language,
            disguisable: false,
            max_gap: 0,
        });
    }
    let matcher = builder.build();
    for number in 0..100 {
        let mut document = Document::new();
        document.push_field(&format!("tablet{}", ending(number).unwrap()));
        let mut hits = Vec::new();
        matcher.find(&document, &mut Memory::default(), &mut hits);
        assert_eq!(hits.iter().map(|hit| hit.term.0 as usize).collect::<Vec<_>>(), [number]);
    }
}

#[test]
fn pictures_are_found_between_words() {
    let mut pack = Pack::new();
    pack.word("❄️", Form::Word);
    pack.word("snow", Form::Word);
    pack.word("🔌", Form::Stem);
    assert_eq!(pack.find("🔌 fresh ❄ snow❄️❄ 🌨"), hits(&[(2, "🔌"), (0, "❄"), (1, "snow"), (0, "❄"), (0, "❄")]));
}

#[test]
fn words_within_a_word_spelt_letter_by_letter_are_long() {
    let mut pack = Pack::new();
    pack.word("porr", Form::Word);
    pack.word("cocaine", Form::Word);
    pack.word("evista", Form::Word);
    pack.word("cialis", Form::Word);
    let text = "p o r r i d g e, p o r r, b u y c o c a i n e. r-e-v-i-s-t-a e-s-p-e-c-i-a-l-i-s-t-a, r e v i s t a; o c i a l i s, e-v-i-s-t-a";
    let found = [(0, "p o r r"), (1, "c o c a i n e"), (3, "c i a l i s"), (2, "e-v-i-s-t-a")];
    assert_eq!(pack.find(text), hits(&found));
}

#[test]
fn pieces_of_one_written_word_lie_together() {
    let mut pack = Pack::new();
    pack.word("socks5", Form::Word);
    pack.word("no 5", Form::Word);
    let text = "socks5, SOCKS 5, socks-5; socks (5 pairs), socks, 5; no (5)";
    assert_eq!(pack.find(text), hits(&[(0, "socks5"), (0, "SOCKS 5"), (0, "socks-5"), (1, "no (5")]));
}

#[test]
fn what_was_remembered_forgotten_or_moved_changes_nothing() {
    let matchers: Vec<Matcher> = ["pills", "lamps"]
        .map(|word| {
            let mut pack = Pack::new();
            pack.word(word, Form::Compound);
            pack.phrase(&[("cheap", Form::Word), (word, Form::Word)], 2);
            pack.phrase(&[("cheap", Form::Prefix), ("send", Form::Word)], 0);
            pack.0.build()
        })
        .into();
    let text = "Cheap blue pills and lamps, cheaply send; nightlamps, p1lls, ppills";
    let find = |matcher: &Matcher, text: &str, memory: &mut Memory| {
        let mut document = Document::new();
        document.push_field(text);
        let mut hits = Vec::new();
        matcher.find(&document, memory, &mut hits);
        hits
    };
    let expected: Vec<Vec<Hit>> = matchers.iter().map(|one| find(one, text, &mut Memory::default())).collect();
    assert!(expected.iter().all(|hits| hits.len() >= 3), "{expected:?}");
    // More words than are remembered, with the same text so seldom that it is forgotten, or so often that it moves on.
    for (every, matcher, expected) in
        [(1, 0, 0), (7, 0, 0), (45, 1, 1), (3, 1, 1)].map(|(every, at, of)| (every, &matchers[at], &expected[of]))
    {
        let mut memory = Memory::default();
        for number in 0..60 {
            // Of both manners that the words of the text have.
            let letters = |word: u32| {
                word.to_string().bytes().flat_map(|digit| [digit + 49, b'x']).map(char::from).collect::<String>()
            };
            let others: Vec<String> = (0..1000)
                .map(|word| letters(number * 1000 + word))
                .flat_map(|word| [format!("{word}x"), word])
                .collect();
            assert!(find(matcher, &others.join(" "), &mut memory).is_empty());
            if number % every == 0 {
                assert_eq!(&find(matcher, text, &mut memory), expected, "{every} {number}");
            }
        }
        assert_eq!(
            find(&matchers[0], text, &mut memory),
            find(&matchers[0], text, &mut Memory::default()),
            "another matcher"
        );
    }
}

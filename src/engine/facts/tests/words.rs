//! Facts that rest on lexicon hits: scopes, disguise, guards, negation, nearness, criteria.

use super::of_post;
use crate::domain::{Content, Listing, Media, TargetingCriterion, Variant};
use crate::engine::Trace;
use crate::engine::tests::packs::{every_fact_pack, every_fact_pack_with, posted, shown, titled, trace, value};
use crate::policy::CompiledPack;

fn lexicons(title: &str, conditions: &[&str]) -> (Trace, CompiledPack) {
    let pack = every_fact_pack(conditions);
    (trace(&Content::Listing(titled(title)), &pack), pack)
}

#[test]
fn scopes_count_distinct_terms() {
    let pack = every_fact_pack(&[
        "lex.brand > 0",
        "title.brand > 0",
        "category.brand > 0",
        "brand.brand > 0",
        "image.brand > 0",
        "variant.brand > 0",
        "hashtag.brand > 0",
    ]);
    let mut listing = titled("Rolex rolex ROLEX");
    listing.description = "Nike and Rolex".into();
    listing.category_path = vec!["Nike".into()];
    listing.brand = "Nike".into();
    listing.images = vec![Media { alt_text: "nike".into(), ocr_text: "rolex".into(), ..Media::default() }];
    listing.variants = vec![Variant { name: "Rolex".into(), ..Variant::default() }];
    let seen = trace(&Content::Listing(listing), &pack);
    for (name, count) in [
        ("lex", "2"),
        ("title", "1"),
        ("category", "1"),
        ("brand", "1"),
        ("image", "2"),
        ("variant", "1"),
        ("hashtag", "-"),
    ] {
        assert_eq!(value(&seen, &format!("{name}.brand")), count, "{name}");
    }
    let mut post = posted("\nNike first\nrolex second #nike");
    post.hashtags = vec!["#rolex".into()];
    let seen = trace(&Content::Post(post), &pack);
    assert_eq!(shown(&seen, "title.brand"), ["text:Nike"]);
    assert_eq!(shown(&seen, "hashtag.brand"), ["text:nike", "hashtags[0]:rolex"]);
}

#[test]
fn an_accent_more_or_less_makes_another_word_in_another_language() {
    let books = "lexicons:\n  book_word: {about: Books., disguise: false, terms: {hr: [priče, roman], en: [manga], any: [kníha]}}\n";
    let pack = every_fact_pack_with(&[("lexicons/books.yaml", books)], &["lex.book_word > 0"]);
    let found = |title: &str, language: &str| {
        let listing = Listing { language_code: language.into(), ..titled(title) };
        shown(&trace(&Content::Listing(listing), &pack), "lex.book_word").len()
    };
    for (title, language, count) in [
        ("Best price", "en", 0),
        ("Best price", "en-GB", 0),
        ("Kratke price", "hr", 1),
        ("Kratke price", "bs", 1),
        ("Kratke priče", "de", 1),
        ("price", "und", 1),
        ("Många ord", "sv", 0),
        ("Manga på svenska", "sv", 1),
        ("Roman", "fr", 1),
        ("kniha", "en", 1),
    ] {
        assert_eq!(found(title, language), count, "{title} in {language}");
    }
}

#[test]
fn disguise_is_a_fact_of_its_own() {
    let (seen, _) = lexicons("V1agra and Viagra", &["hidden.rx_substance > 0", "lex.rx_substance > 0"]);
    assert_eq!(shown(&seen, "hidden.rx_substance"), ["title:V1agra"]);
    assert_eq!(value(&seen, "lex.rx_substance"), "1");
    let (seen, _) = lexicons(
        "Pack p. V i a g r a for 5 g",
        &["hidden.rx_substance > 0", "lex.rx_substance > 0", "lex.lone_letter > 0"],
    );
    assert_eq!(shown(&seen, "hidden.rx_substance"), ["title:V i a g r a"]);
    assert_eq!(shown(&seen, "lex.lone_letter"), ["title:p", "title:g"], "letters of a spelled word are none");
    let (seen, _) = lexicons("Viagra", &["hidden.rx_substance > 0"]);
    assert_eq!(value(&seen, "hidden.rx_substance"), "-");
}

#[test]
fn guards_need_or_exclude_a_second_fact() {
    let street = |title: &str| value(&lexicons(title, &["lex.drug_street > 0"]).0, "lex.drug_street").to_owned();
    assert_eq!(street("Fresh snow"), "-");
    assert_eq!(street("Snow from a dealer"), "1");
    assert_eq!(street("Snow one two three four five six seven dealer"), "-", "farther than six words");
    assert_eq!(street("Snow boots from a dealer"), "-", "excluded by the words that cover it");
    assert_eq!(street("Snow 5 g"), "1", "a fact suffices");
    assert_eq!(street("Candy"), "-", "a word does not vouch for itself");
    assert_eq!(street("Candy stash"), "1");
    assert_eq!(street("Cocaine"), "1", "no guard");
}

#[test]
fn negation_takes_hits_away_within_a_sentence() {
    let free = |title: &str| value(&lexicons(title, &["lex.additive > 0"]).0, "lex.additive") == "-";
    for title in [
        "Without sugar",
        "Without added sugar",
        "Ohne Zucker",
        "Sugar-free",
        "sugar free",
        "Zuckerfrei",
        "free of gluten",
    ] {
        assert!(free(title), "{title}");
    }
    for title in [
        "Sugar",
        "Free spoon with sugar",
        "Sold without box. Sugar inside",
        "Without any more added sugar",
        "Sugar. Free delivery",
        "Without box (sugar inside)",
        "Without box #sugar",
    ] {
        assert!(!free(title), "{title}");
    }
    let kept = lexicons("No Viagra", &["lex.rx_substance > 0"]).0;
    assert_eq!(value(&kept, "lex.rx_substance"), "1", "not negatable");
}

#[test]
fn near_pairs_lie_in_one_field_within_their_distance() {
    let condition = "near('brand', 'replica', 2)";
    let near = |title: &str| {
        let (seen, _) = lexicons(title, &[condition, "before('brand', 'replica', 2)"]);
        let pair = |name| seen.facts.iter().find(|fact| fact.name.starts_with(name)).map(|fact| fact.evidence.len());
        let in_order = title.starts_with("Rolex r").then_some(2);
        assert_eq!(pair("before("), in_order, "{title}");
        pair("near(")
    };
    assert_eq!(near("Rolex replica"), Some(2));
    assert_eq!(near("Replica of the Rolex"), Some(2));
    assert_eq!(near("Replica of the old Rolex"), None);
    assert_eq!(near("Rolex"), None);
    let mut listing = titled("Rolex");
    listing.description = "replica".into();
    let seen = trace(&Content::Listing(listing), &every_fact_pack(&[condition]));
    assert!(!seen.facts.iter().any(|fact| fact.name.starts_with("near(")));
}

#[test]
fn criteria_are_counted_in_their_scope_and_in_no_other() {
    let pack = every_fact_pack(&[
        "lex.brand > 0",
        "targeting.brand > 0",
        "hidden.brand > 0",
        "near('brand', 'replica', 5)",
        "targeting.drug_street > 0",
    ]);
    let criterion =
        |attribute: &str, value: &str| TargetingCriterion { attribute: attribute.into(), value: value.into() };
    let mut post = posted("New app");
    post.targeting = vec![criterion("Nike", "r0lex replica"), criterion("interest", "snow"), criterion("x", "dealer")];
    let seen = trace(&Content::Post(post), &pack);
    assert_eq!(shown(&seen, "targeting.brand"), ["targeting[0].attribute:Nike", "targeting[0].value:r0lex"]);
    assert_eq!(value(&seen, "targeting.drug_street"), "-", "another criterion does not vouch");
    for elsewhere in ["lex.brand", "hidden.brand", "near(\"brand\", \"replica\", 5)"] {
        assert_eq!(value(&seen, elsewhere), "-", "{elsewhere}");
    }
    let mut post = posted("Snow for sale, ask a Rolex dealer");
    post.targeting = vec![criterion("interest", "ski"), criterion("interest", "snow dealer")];
    let seen = trace(&Content::Post(post), &every_fact_pack(&["lex.drug_street > 0", "targeting.drug_street > 0"]));
    assert_eq!(shown(&seen, "lex.drug_street"), ["text:Snow"], "a criterion does not excuse what is said");
    assert_eq!(shown(&seen, "targeting.drug_street"), ["targeting[1].value:snow"]);
}

#[test]
fn ages_below_18_are_seen_where_they_are_the_audiences_own() {
    let minors = |attribute: &str, value: &str| {
        let criterion = TargetingCriterion { attribute: attribute.into(), value: value.into() };
        value_of_minors(&of_post(|post| post.targeting = vec![criterion]))
    };
    for (attribute, value) in [("age", "13-17"), ("age_max", "17"), ("audience", "aged 14 and 15"), ("age", "16-24")] {
        assert_eq!(
            minors(attribute, value),
            format!("1 targeting[0].value:{}", &value[value.find('1').unwrap()..][..2])
        );
    }
    for (attribute, value) in
        [("age", "18-24"), ("parents", "aged 13-17"), ("age", "parents, 13-17"), ("postcode", "1010 12")]
    {
        assert_eq!(minors(attribute, value), "- ", "{attribute} {value}");
    }
}

fn value_of_minors(trace: &Trace) -> String {
    format!("{} {}", value(trace, "audience.minors"), shown(trace, "audience.minors").join(" "))
}

#[test]
fn the_digits_of_a_discount_code_are_no_letters() {
    let words = "lexicons:\n  old_word: {about: For tests., terms: {any: [annals]}}\n";
    let pack = every_fact_pack_with(&[("lexicons/old.yaml", words)], &["lex.old_word > 0"]);
    let found = |text: &str| shown(&trace(&Content::Post(posted(text)), &pack), "lex.old_word");
    assert_eq!(found("ANNA15 gives 15 % off"), [""; 0]);
    assert_eq!(found("anna15 or ANNA15 or ANN4L5"), ["text:anna15", "text:ANN4L5"]);
}

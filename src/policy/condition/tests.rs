//! Tables: what a condition is lowered to, what proves it, what its outcomes can be.
//!
//! Not here: random conditions against the interpreter (`tests/policy_conditions.rs`).

use super::super::compiled::{Near, Predicate, Slot};
use super::*;

fn lexicons() -> LexiconIndex {
    let mut index = LexiconIndex::new(["alpha", "beta", "plain"]);
    let plain = index.get("plain").unwrap();
    index.set_disguisable(plain, false);
    index
}

/// A predicate with names in place of slots.
fn shown(predicate: &Predicate, vocabulary: &Vocabulary<'_>) -> String {
    let name = |slot| match vocabulary.meaning(slot).unwrap() {
        Slot::Lexicon(scope, id) => format!("{}.{}", scope.as_str(), ["alpha", "beta", "plain"][usize::from(id.0)]),
        Slot::Near(Near { a, b, words, in_order }) => {
            format!("{}({}, {}, {words})", if in_order { "before" } else { "near" }, a.0, b.0)
        }
        Slot::Fact(fact) => fact.as_str().to_owned(),
    };
    let all = |parts: &[Predicate], with: &str| {
        let parts: Vec<String> = parts.iter().map(|part| shown(part, vocabulary)).collect();
        format!("({})", parts.join(with))
    };
    match predicate {
        Predicate::Const(value) => value.to_string(),
        Predicate::True(slot) => name(*slot),
        Predicate::Compare(slot, comparison, number) => format!("{} {comparison:?} {number}", name(*slot)),
        Predicate::CompareSlots(a, comparison, b) => format!("{} {comparison:?} {}", name(*a), name(*b)),
        Predicate::In(slot, symbols) => format!("{} in {:?}", name(*slot), symbols.as_slice()),
        Predicate::All(parts) => all(parts, " and "),
        Predicate::Any(parts) => all(parts, " or "),
        Predicate::Not(part) => format!("not {}", shown(part, vocabulary)),
    }
}

#[test]
fn conditions_are_lowered_to_predicates() {
    let cases = [
        ("lex.alpha > 0", "lex.alpha Greater 0"),
        ("0 < lex.alpha", "lex.alpha Greater 0"),
        ("1.5 >= price.ratio", "price.ratio LessOrEqual 1.5"),
        ("lex.alpha > lex.beta", "lex.alpha Greater lex.beta"),
        ("trader.known", "trader.known"),
        ("!trader.known", "not trader.known"),
        (
            "lex.alpha > 0 && lex.beta > 0 && trader.known",
            "(lex.alpha Greater 0 and lex.beta Greater 0 and trader.known)",
        ),
        (
            "trader.known || (lex.alpha > 0 || lex.beta > 0)",
            "(trader.known or lex.alpha Greater 0 or lex.beta Greater 0)",
        ),
        ("content.language == 'de'", "content.language in [1]"),
        ("content.language != \"de\"", "not content.language in [1]"),
        ("content.language in ['de', 'at']", "content.language in [1, 2]"),
        ("near('beta', 'alpha', 3)", "near(0, 1, 3)"),
        ("near('alpha', 'beta', 3)", "near(0, 1, 3)"),
        ("before('beta', 'alpha', 3)", "before(1, 0, 3)"),
        ("before('alpha', 'beta', 3)", "before(0, 1, 3)"),
        ("true", "true"),
        ("lex.alpha == -1", "lex.alpha Equal -1"),
    ];
    let index = lexicons();
    for (condition, expected) in cases {
        let mut vocabulary = Vocabulary::new(&index);
        let predicate = lower(condition, &mut vocabulary).unwrap();
        assert_eq!(shown(&predicate, &vocabulary), expected, "{condition}");
    }
}

#[test]
fn a_slot_and_a_symbol_exist_once() {
    let index = lexicons();
    let mut vocabulary = Vocabulary::new(&index);
    for condition in ["lex.alpha > 0", "lex.alpha > 1 && title.alpha > 0", "content.language in ['de', 'de', 'fr']"] {
        lower(condition, &mut vocabulary).unwrap();
    }
    let slots = vocabulary.into_slots(3);
    assert_eq!(slots.slots.len(), 3);
    assert_eq!(slots.symbols, ["de", "fr"]);
    assert_eq!((slots.symbol("de"), slots.symbol("fr"), slots.symbol("it"), slots.symbol("")), (1.0, 2.0, 0.0, 0.0));
    assert_eq!(slots.by_lexicon[0].iter().flatten().count(), 2);
}

#[test]
fn what_must_be_present_proves_a_condition() {
    let cases: [(&str, &[&str]); 10] = [
        ("lex.alpha > 0", &["Lexicon(Anywhere, LexiconId(0))"]),
        ("lex.alpha > 0 && lex.beta == 0", &["Lexicon(Anywhere, LexiconId(0))"]),
        ("!(lex.alpha == 0)", &["Lexicon(Anywhere, LexiconId(0))"]),
        ("!(lex.alpha > 0)", &[]),
        ("hidden.alpha > 0 || title.beta >= 2", &["Lexicon(Hidden, LexiconId(0))", "Lexicon(Title, LexiconId(1))"]),
        ("near('alpha', 'beta', 2)", &["Lexicon(Anywhere, LexiconId(0))", "Lexicon(Anywhere, LexiconId(1))"]),
        ("price.ratio < 0.5 && price.amount > 3", &["Fact(PriceRatio)", "Fact(PriceAmount)"]),
        ("price.ratio >= 1", &[]),
        ("!trader.verified && trader.missing > 2", &["Fact(TraderMissing)"]),
        ("content.language == 'de'", &["Fact(Language)"]),
    ];
    let index = lexicons();
    for (condition, expected) in cases {
        let mut vocabulary = Vocabulary::new(&index);
        let predicate = lower(condition, &mut vocabulary).unwrap();
        let found: Vec<String> = proof(&predicate, &vocabulary).iter().map(|source| format!("{source:?}")).collect();
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn impossible_and_inevitable_conditions_are_recognised() {
    // Condition, for listings, for posts, can hold, can fail.
    let cases = [
        ("lex.alpha > 0", (true, true), (true, true)),
        ("lex.alpha < 0", (true, true), (false, true)),
        ("lex.alpha >= 0", (true, true), (true, false)),
        ("lex.alpha > 2 && lex.alpha < 3", (true, true), (false, true)),
        ("lex.alpha > 2 && lex.alpha < 4", (true, true), (true, true)),
        ("lex.alpha == 1.5", (true, true), (false, true)),
        ("price.ratio > 2 && price.ratio < 3", (true, true), (true, true)),
        ("price.ratio > 2 && price.ratio <= 2", (true, true), (false, true)),
        ("hidden.alpha > 0", (true, true), (true, true)),
        ("hidden.plain > 0", (true, true), (false, true)),
        ("content.is_listing && content.is_post", (true, true), (false, true)),
        ("content.is_listing || content.is_post", (true, true), (true, false)),
        ("content.is_post", (true, false), (false, true)),
        ("content.is_post", (false, true), (true, false)),
        ("trader.known && !trader.known", (true, true), (false, true)),
        ("content.language == 'de' || content.language != 'de'", (true, true), (true, false)),
        // Two facts that are compared: nothing is certain.
        ("lex.alpha > lex.beta && lex.alpha < lex.beta", (true, true), (true, true)),
        ("lex.alpha > lex.beta && !(lex.alpha > lex.beta)", (true, true), (false, true)),
    ];
    let index = lexicons();
    for (condition, (listings, posts), (holds, fails)) in cases {
        let mut vocabulary = Vocabulary::new(&index);
        let predicate = lower(condition, &mut vocabulary).unwrap();
        let found = outcomes(&predicate, Subjects { listings, posts }, &vocabulary);
        assert_eq!((found.holds, found.fails), (holds, fails), "{condition}");
    }
}

#[test]
fn a_search_that_grows_too_large_reports_nothing() {
    // Four facts cannot have twelve values at once; to see that, all combinations have to be tried.
    let facts = ["lex.alpha", "lex.beta", "title.alpha", "title.beta"];
    let one_has = |value: i32| format!("({})", facts.map(|fact| format!("{fact} == {value}")).join(" || "));
    let condition: Vec<String> = (1..=12).map(one_has).collect();
    let index = lexicons();
    let mut vocabulary = Vocabulary::new(&index);
    let predicate = lower(&condition.join(" && "), &mut vocabulary).unwrap();
    let found = outcomes(&predicate, Subjects { listings: true, posts: true }, &vocabulary);
    assert!(found.holds && found.fails, "{found:?}");
}

//! Conditions mean what CEL says: the native predicate against the `cel` interpreter, on random expressions and random
//! facts.
//!
//! Not here: what a condition refuses (`tests/policy/diagnostics/`). Kept true here: also what is reported as
//! unreachable or always true is so, for the interpreter.

#![allow(clippy::panic, clippy::unwrap_used)] // helpers of tests

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use cel::{Context, Program, Value};
use dsa_signal::policy::{
    CompiledPack, Fact, FactType, Near, PackDiagnostic, PackFile, PackSource, Scope, Severity, Slot, compile,
};
use proptest::prelude::*;

const LEXICONS: [&str; 3] = ["alpha", "beta", "gamma"];
const TEXTS: [&str; 4] = ["de", "en", "paid", "none"];

/// A pack with one signal.
fn pack(condition: &str) -> Result<CompiledPack, Vec<PackDiagnostic>> {
    let quoted = serde_json::to_string(condition).unwrap();
    let signals = format!(
        "area: medicine\nsignals:\n  - {{id: s, weight: -1, group: g, message: m, when: {quoted}, tests: {{fires: [x]}}}}\n"
    );
    let mut lexicons = "lexicons:\n".to_owned();
    for name in LEXICONS {
        writeln!(lexicons, "  {name}: {{about: a, disguise: {}, terms: {{any: [{name}]}}}}", name != "gamma").unwrap();
    }
    let settings = "name: n\nversion: v\nlevels: {LOW: 0.1, ELEVATED: 0.3, HIGH: 0.6, CRITICAL: 0.9}\n\
                    actions: {REVIEW: 0.5}\nareas: {medicine: {prior: -5}}\ngroups: {g: about}\n";
    let files = [
        ("pack.yaml", settings),
        ("laws.yaml", "{}"),
        ("lexicons/a.yaml", &lexicons),
        ("signals/medicine.yaml", &signals),
    ];
    let source = files.map(|(path, text)| PackFile { path: path.into(), text: text.into() });
    let is_error = |fault: &PackDiagnostic| fault.severity == Severity::Error;
    compile(&PackSource::from_files(source))
        .map(|(pack, _)| pack)
        .map_err(|faults| faults.into_iter().filter(is_error).collect())
}

fn of_type(fact_type: FactType) -> impl Strategy<Value = String> {
    let facts: Vec<&str> =
        Fact::ALL.iter().filter(|fact| fact.fact_type() == fact_type).map(|fact| fact.as_str()).collect();
    proptest::sample::select(facts).prop_map(str::to_owned)
}

fn number_fact() -> impl Strategy<Value = String> {
    let lexicon = (proptest::sample::select(&Scope::ALL), proptest::sample::select(&LEXICONS))
        .prop_map(|(scope, lexicon)| format!("{}.{lexicon}", scope.as_str()));
    prop_oneof![3 => lexicon, 1 => of_type(FactType::Count), 1 => of_type(FactType::Measure)]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-1i64..5).prop_map(|number| number.to_string()),
        2 => proptest::sample::select(&["0.5", "1.0", "2.5", "-0.5", "1e3", "3u"]).prop_map(str::to_owned),
        1 => any::<i32>().prop_map(|number| number.to_string()),
    ]
}

fn comparison() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(&["==", "!=", "<", "<=", ">", ">="])
}

fn clause() -> impl Strategy<Value = String> {
    let text = || proptest::sample::select(&TEXTS);
    prop_oneof![
        4 => (number_fact(), comparison(), number()).prop_map(|(fact, op, number)| format!("{fact} {op} {number}")),
        1 => (number(), comparison(), number_fact()).prop_map(|(number, op, fact)| format!("{number} {op} {fact}")),
        1 => (number_fact(), comparison(), number_fact()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        2 => of_type(FactType::Flag),
        1 => (of_type(FactType::Text), proptest::sample::select(&["==", "!="]), text())
            .prop_map(|(fact, op, text)| format!("{fact} {op} '{text}'")),
        1 => (of_type(FactType::Text), proptest::collection::vec(text(), 1..3))
            .prop_map(|(fact, texts)| format!("{fact} in {texts:?}")),
        1 => (proptest::sample::select(&["near", "before"]), 0usize..3, 1usize..3, 0u8..9).prop_map(|(name, a, step, words)| {
            format!("{name}(\"{}\", '{}', {words})", LEXICONS[a], LEXICONS[(a + step) % 3])
        }),
        1 => any::<bool>().prop_map(|value| value.to_string()),
    ]
}

fn condition() -> impl Strategy<Value = String> {
    clause().prop_recursive(4, 16, 3, |inner| {
        let parts = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts().prop_map(|parts| format!("({})", parts.join(" && "))),
            parts().prop_map(|parts| format!("({})", parts.join(" || "))),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{a} && {b} || {c}")),
            inner.prop_map(|part| format!("!({part})")),
        ]
    })
}

/// Values of all facts, made from one seed: small numbers, so that comparisons go both ways.
#[derive(Debug)]
struct World {
    seed: u64,
}

impl World {
    fn draw(&self, name: &str) -> u64 {
        // FNV-1a: a different number for every name and seed.
        let start = 0xcbf2_9ce4_8422_2325_u64 ^ self.seed;
        let hash = name.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        hash >> 17
    }

    fn count(&self, name: &str) -> i64 {
        [0, 0, 0, 1, 1, 2, 3, 4, 1000][(self.draw(name) % 9) as usize]
    }

    fn measure(&self, name: &str) -> f64 {
        [0.0, 0.0, 0.25, 0.5, 1.0, 1.0, 2.5, 3.0, 1000.5][(self.draw(name) % 9) as usize]
    }

    fn flag(&self, fact: Fact) -> bool {
        match fact {
            Fact::IsPost => !self.flag(Fact::IsListing),
            _ => self.draw(fact.as_str()) % 2 == 1,
        }
    }

    fn text(&self, name: &str) -> &'static str {
        ["", "de", "en", "paid", "none", "other"][(self.draw(name) % 6) as usize]
    }

    fn lexicon(&self, scope: Scope, lexicon: &str) -> i64 {
        // No term of `gamma` may be disguised.
        let impossible = scope == Scope::Hidden && lexicon == "gamma";
        if impossible { 0 } else { self.count(&format!("{}.{lexicon}", scope.as_str())) }
    }

    fn near(&self, a: &str, b: &str, words: u64) -> bool {
        let (first, second) = if a < b { (a, b) } else { (b, a) };
        self.draw(&format!("{first} {second} {words}")) % 2 == 1
    }

    fn before(&self, a: &str, b: &str, words: u64) -> bool {
        self.draw(&format!("{a} before {b} {words}")) % 2 == 1
    }

    fn value(&self, fact: Fact) -> Value {
        match fact.fact_type() {
            FactType::Count => Value::Int(self.count(fact.as_str())),
            FactType::Measure => Value::Float(self.measure(fact.as_str())),
            FactType::Flag => Value::Bool(self.flag(fact)),
            FactType::Text => Value::String(Arc::new(self.text(fact.as_str()).to_owned())),
        }
    }

    /// By slot, as the engine would fill it.
    fn slots(&self, pack: &CompiledPack) -> Vec<f64> {
        let name = |lexicon: dsa_signal::matching::LexiconId| pack.lexicons[usize::from(lexicon.0)].id.as_str();
        let value = |slot: &Slot| match *slot {
            Slot::Lexicon(scope, lexicon) => self.lexicon(scope, name(lexicon)) as f64,
            Slot::Near(Near { a, b, words, in_order }) => {
                let holds = if in_order { World::before } else { World::near };
                f64::from(u8::from(holds(self, name(a), name(b), words.into())))
            }
            Slot::Fact(fact) => match fact.fact_type() {
                FactType::Count => self.count(fact.as_str()) as f64,
                FactType::Measure => self.measure(fact.as_str()),
                FactType::Flag => f64::from(u8::from(self.flag(fact))),
                FactType::Text => pack.slots.symbol(self.text(fact.as_str())),
            },
        };
        pack.slots.slots.iter().map(value).collect()
    }

    /// What the interpreter says.
    fn interpret(&self, program: &Program) -> bool {
        let mut maps: HashMap<&str, HashMap<String, Value>> = HashMap::new();
        for scope in Scope::ALL {
            for lexicon in LEXICONS {
                let count = Value::Int(self.lexicon(scope, lexicon));
                maps.entry(scope.as_str()).or_default().insert(lexicon.to_owned(), count);
            }
        }
        for fact in Fact::ALL {
            let (root, field) = fact.as_str().split_once('.').unwrap();
            maps.entry(root).or_default().insert(field.to_owned(), self.value(*fact));
        }
        let mut context = Context::default();
        for (name, map) in maps {
            context.add_variable_from_value(name, Value::from(map));
        }
        for (name, holds) in [("near", World::near as fn(&World, &str, &str, u64) -> bool), ("before", World::before)] {
            let world = World { seed: self.seed };
            let holds = move |a: Arc<String>, b: Arc<String>, words: i64| holds(&world, &a, &b, words.unsigned_abs());
            context.add_function(name, holds).unwrap();
        }
        match program.execute(&context) {
            Ok(Value::Bool(value)) => value,
            other => panic!("{program:?}: {other:?}"),
        }
    }
}

/// `PROPTEST_CASES`, for a long run, or a few.
fn cases(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(600)) })]

    #[test]
    fn predicates_agree_with_the_interpreter(condition in condition(), seeds in proptest::collection::vec(any::<u64>(), 8)) {
        let program = Program::compile(&condition).unwrap();
        let worlds = seeds.into_iter().map(|seed| World { seed });
        match pack(&condition) {
            Ok(pack) => {
                for world in worlds {
                    let native = pack.signals[0].predicate.eval(&world.slots(&pack));
                    prop_assert_eq!(native, world.interpret(&program), "{} under {:?}", condition, world);
                }
            }
            Err(faults) => {
                prop_assert_eq!(faults.len(), 1, "{}: {:?}", condition, faults);
                let always = match faults[0].code {
                    "P084" => false,
                    "P085" => true,
                    _ => return Err(TestCaseError::fail(format!("{condition}: {faults:?}"))),
                };
                for world in worlds {
                    prop_assert_eq!(world.interpret(&program), always, "{} under {:?}", condition, world);
                }
            }
        }
    }

    #[test]
    fn no_text_makes_the_compiler_panic(condition in "[a-z.()!&|<>=' \"0-9,\\[\\]?:éß\\n]{0,60}") {
        let _ = pack(&condition);
    }
}

#[test]
fn signals_wait_for_the_facts_without_which_they_cannot_hold() {
    // Always evaluated? How many facts does it mention, how many of them wake it?
    let cases = [
        ("lex.alpha > 0", false, 1, 1),
        ("lex.alpha == 0", true, 1, 0),
        ("!trader.known && lex.beta > 1", false, 2, 1),
        ("!trader.known || lex.beta > 1", true, 2, 0),
        ("lex.alpha > 0 || lex.beta > 1", false, 2, 2),
        ("price.ratio < 0.5", false, 1, 1),
        ("price.ratio >= 1", true, 1, 0),
    ];
    for (condition, unconditional, mentioned, waking) in cases {
        let pack = pack(condition).unwrap();
        assert_eq!(pack.unconditional.contains(0), unconditional, "{condition}");
        assert_eq!(pack.slots.slots.len(), mentioned, "{condition}");
        assert_eq!(pack.triggers.iter().filter(|signals| !signals.is_empty()).count(), waking, "{condition}");
    }
}

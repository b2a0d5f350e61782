//! The references in `docs/` say what the code says: facts in `FACTS.md`, diagnostic codes in `POLICY.md`.
//!
//! `BLESS=1 cargo test --test policy_docs` rewrites them. Not here: the rest of `POLICY.md`, which people write; but the
//! examples in it have to compile.

#![allow(clippy::unwrap_used)] // helpers of tests

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use dsa_signal::policy::{Code, Fact, FactType, PackFile, PackSource, Scope, compile};

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn check(name: &str, expected: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(document(name), expected).unwrap();
    }
    let found = fs::read_to_string(document(name)).unwrap_or_default();
    assert!(found == expected, "docs/{name} is out of date: BLESS=1 cargo test --test policy_docs");
}

fn scope_meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::Anywhere => "in any text field but targeting criteria",
        Scope::Title => "in the title of a listing or the first line of a post",
        Scope::Category => "in the category path",
        Scope::Brand => "in the brand field",
        Scope::Image => "in alternative or OCR text of images",
        Scope::Variant => "in a variant's name or attributes",
        Scope::Hashtag => "in a hashtag",
        Scope::Hidden => "as `lex`, written in disguise",
        Scope::Targeting => "in a targeting criterion of a post, which no other scope counts",
    }
}

fn facts() -> String {
    let mut text = "# Facts\n\nWhat conditions, guards and evidence of a policy pack may name ([POLICY.md](POLICY.md)). \
                    Generated from `src/policy/facts.rs`.\n\n## Lexicon hits\n\nCounts of distinct terms of the lexicon \
                    `ID`; absent = 0.\n\n| fact | hits counted |\n|---|---|\n"
        .to_owned();
    for scope in Scope::ALL {
        writeln!(text, "| `{}.ID` | {} |", scope.as_str(), scope_meaning(scope)).unwrap();
    }
    text += "\n`near(\"a\", \"b\", N)` is a flag: a hit of lexicon `a` and one of lexicon `b` lie in the same field with \
             at most N words (0 to 100) between them.\n\n## Computed facts\n\nNumbers are never negative. Facts marked \
             * rest on lexicon hits, so a term's guard cannot ask for them.\n\n| fact | type | absent | says |\n\
             |---|---|---|---|\n";
    for fact in Fact::ALL {
        let (kind, absent) = match fact.fact_type() {
            FactType::Count => ("count", fact.absent().to_string()),
            FactType::Measure => ("measure", fact.absent().to_string()),
            FactType::Flag => ("flag", "false".to_owned()),
            FactType::Text => ("text", "`\"\"`".to_owned()),
        };
        let mark = if fact.rests_on_hits() { " *" } else { "" };
        writeln!(text, "| `{}`{mark} | {kind} | {absent} | {} |", fact.as_str(), fact.description()).unwrap();
    }
    text
}

#[test]
fn the_reference_of_facts_is_current() {
    check("FACTS.md", &facts());
}

#[test]
fn the_table_of_codes_is_current() {
    let text = fs::read_to_string(document("POLICY.md")).unwrap();
    let (before, rest) = text.split_once("src/policy/code.rs -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let mut table = "| code | | means | what to do |\n|---|---|---|---|\n".to_owned();
    for code in Code::ALL {
        let (name, severity) = (code.as_str(), code.severity().as_str());
        writeln!(table, "| {name} | {severity} | {} | {} |", code.title(), code.remedy().replace('|', "\\|")).unwrap();
    }
    check("POLICY.md", &format!("{before}src/policy/code.rs -->\n{table}<!-- end -->{after}"));
}

/// Lexicons that the guide's blocks name beyond themselves.
const MISSING: [&str; 11] = [
    "negation_before",
    "brand",
    "drug_context",
    "winter_sport",
    "context_book",
    "brand_code",
    "option_code",
    "kind_bag",
    "kind_wallet",
    "kind_mug",
    "kind_vape",
];

/// The YAML blocks under `pack.yaml`, `laws.yaml`, `endings.yaml`, `standing.yaml`, `promotion.yaml`, `links.yaml`, Lexicons and Signals, in that order, with what they
/// name beyond themselves.
#[test]
fn the_examples_in_the_guide_compile() {
    let text = fs::read_to_string(document("POLICY.md")).unwrap();
    let blocks: Vec<&str> =
        text.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap_or_default()).collect();
    let missing = "lexicons:\n".to_owned()
        + &MISSING.map(|id| format!("  {id}: {{about: a, terms: {{any: [{id}]}}}}\n")).concat();
    let paths = [
        "pack.yaml",
        "laws.yaml",
        "endings.yaml",
        "standing.yaml",
        "promotion.yaml",
        "links.yaml",
        "lexicons/guide.yaml",
        "signals/medicine.yaml",
    ];
    let guide = paths.into_iter().zip(blocks).chain([("lexicons/missing.yaml", missing.as_str())]);
    let files = guide.map(|(path, text)| PackFile { path: path.to_owned(), text: text.to_owned() });
    let shown = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    if let Err(faults) = compile(&PackSource::from_files(files)) {
        assert!(faults.is_empty(), "{}", shown(faults));
    }
}

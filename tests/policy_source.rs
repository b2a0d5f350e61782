//! Pack source that nobody foresaw: broken, shuffled, huge.
//!
//! Not here: each single fault (`policy_diagnostics.rs`). Kept true here: compiling never panics, always says where, and
//! does not depend on the order in which files are found; its time grows with the size of the pack.

#![allow(clippy::panic, clippy::unwrap_used)] // helpers of tests

use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use dsa_signal::policy::{CompiledPack, PackDiagnostic, PackFile, PackSource, Severity, compile};
use proptest::prelude::*;

/// What changes a pack's meaning: the words of the format, and what YAML and CEL stumble over.
const PIECES: [&str; 44] = [
    "\n",
    " ",
    "  ",
    "- ",
    ": ",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    "#",
    "&a ",
    "*a",
    "!!str ",
    "|\n",
    ">-\n",
    "---\n",
    "\t",
    "\0",
    "\u{feff}",
    "é",
    "😀",
    "~",
    "..",
    "null",
    "true",
    "1e999",
    "-1",
    "0",
    "lexicons:",
    "extend:",
    "terms:",
    "traps:",
    "signals:",
    "when: ",
    "&&",
    "||",
    "(",
    ")",
    "near(\"a\", \"b\", 3)",
    "lex.",
    "hidden.",
    "<<: ",
];

#[derive(Clone, Debug)]
struct Edit {
    file: prop::sample::Index,
    from: prop::sample::Index,
    length: usize,
    piece: &'static str,
}

fn edit() -> impl Strategy<Value = Edit> {
    let length = prop_oneof![3 => Just(0usize), 2 => 1usize..20, 1 => 20usize..2000];
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), length, prop::sample::select(&PIECES))
        .prop_map(|(file, from, length, piece)| Edit { file, from, length, piece })
}

/// A small pack that uses every part of the format.
static RICH: LazyLock<PackSource> =
    LazyLock::new(|| PackSource::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/rich")).unwrap());

#[test]
fn the_pack_that_is_edited_is_sound() {
    let (pack, warnings) = compile(&RICH).unwrap();
    assert_eq!(warnings, []);
    check_references(&pack).unwrap();
}

fn edited(edits: &[Edit]) -> PackSource {
    let mut files = RICH.files().to_vec();
    for edit in edits {
        let position = edit.file.index(files.len());
        let text = &mut files[position].text;
        let boundary =
            |byte: usize| (0..=byte.min(text.len())).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0);
        let from = boundary(edit.from.index(text.len() + 1));
        let to = boundary(from + edit.length).max(from);
        text.replace_range(from..to, edit.piece);
    }
    PackSource::from_files(files)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases(256)) })]

    #[test]
    fn an_edited_pack_compiles_or_says_where_it_is_wrong(edits in prop::collection::vec(edit(), 1..5)) {
        let source = edited(&edits);
        match compile(&source) {
            Ok((pack, warnings)) => {
                prop_assert!(warnings.iter().all(|fault| fault.severity == Severity::Warning));
                check_references(&pack)?;
            }
            Err(faults) => {
                prop_assert!(faults.iter().any(|fault| fault.severity == Severity::Error));
                for fault in &faults {
                    prop_assert!(!fault.file.is_empty() && !fault.message.is_empty());
                    prop_assert!(!fault.render(true).is_empty());
                }
            }
        }
    }

    #[test]
    fn the_order_of_files_makes_no_difference(mut files in Just(RICH.files().to_vec()).prop_shuffle()) {
        prop_assert_eq!(PackSource::from_files(files.clone()).digest(), RICH.digest());
        files.pop();
        prop_assert_ne!(PackSource::from_files(files).digest(), RICH.digest());
    }
}

/// `PROPTEST_CASES`, for a long run, or a few.
fn cases(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}

/// Every index of a pack points at something.
fn check_references(pack: &CompiledPack) -> Result<(), TestCaseError> {
    prop_assert_eq!(pack.triggers.len(), pack.slots.slots.len());
    prop_assert_eq!(pack.slots.by_lexicon.len(), pack.lexicons.len());
    prop_assert!(pack.unconditional.len() >= pack.signals.len());
    prop_assert!(pack.signals.windows(2).all(|pair| pair[0].id < pair[1].id));
    for signal in &pack.signals {
        prop_assert!(usize::from(signal.group) < pack.groups.len());
        prop_assert!(signal.weight.get() < 0.0 || !signal.legal_basis.is_empty());
        let mut slots = Vec::new();
        signal.predicate.for_each_slot(&mut |slot| slots.push(slot));
        prop_assert!(slots.iter().all(|slot| usize::from(slot.0) < pack.slots.slots.len()));
    }
    for term in &pack.terms {
        prop_assert!(usize::from(term.lexicon.0) < pack.lexicons.len());
    }
    for example in &pack.examples {
        prop_assert!(usize::from(example.signal.0) < pack.signals.len());
    }
    Ok(())
}

/// A pack with so many terms, in lexicons of 500, each with a signal.
fn large_pack(terms: usize) -> PackSource {
    let mut lexicons = "lexicons:\n".to_owned();
    let mut signals = "area: medicine\nsignals:\n".to_owned();
    for lexicon in 0..terms / 500 {
        writeln!(lexicons, "  l{lexicon}:\n    about: a\n    form: stem\n    terms:\n      any:").unwrap();
        for term in 0..500 {
            writeln!(lexicons, "        - w{}x{term} prescription{lexicon}", lexicon % 7).unwrap();
        }
        writeln!(
            signals,
            "  - {{id: s{lexicon}, weight: -1, group: g, message: m, when: lex.l{lexicon} > 0 && price.ratio < 0.5, tests: {{fires: [x]}}}}"
        )
        .unwrap();
    }
    let settings = "name: n\nversion: v\nlevels: {LOW: 0.1, ELEVATED: 0.3, HIGH: 0.6, CRITICAL: 0.9}\n\
                    actions: {REVIEW: 0.5}\nareas: {medicine: {prior: -5}}\ngroups: {g: about}\n";
    let files = [
        ("pack.yaml", settings),
        ("laws.yaml", "{}"),
        ("endings.yaml", "en: [s]\n"),
        ("lexicons/a.yaml", &lexicons),
        ("signals/medicine.yaml", &signals),
    ];
    PackSource::from_files(files.map(|(path, text)| PackFile { path: path.into(), text: text.into() }))
}

fn seconds(source: &PackSource) -> f64 {
    let started = Instant::now();
    let shown = |faults: Vec<PackDiagnostic>| faults.iter().take(3).map(ToString::to_string).collect::<Vec<_>>();
    let (pack, _) = compile(source).map_err(shown).unwrap();
    assert!(!pack.terms.is_empty());
    started.elapsed().as_secs_f64()
}

#[test]
fn compiling_takes_time_in_proportion_to_the_pack() {
    let (small, large) = (large_pack(1_000), large_pack(8_000));
    let best = |source: &PackSource| (0..2).map(|_| seconds(source)).fold(f64::INFINITY, f64::min);
    let (few, many) = (best(&small), best(&large));
    println!("1,000 terms in {few:.3} s, 8,000 in {many:.3} s");
    // Eight times the terms; anything quadratic would take 64 times as long. The rest is for a busy machine.
    assert!(many < few * 24.0, "{few} s, {many} s");
}

/// The same fault a hundred thousand times, on one line of megabytes.
#[test]
fn a_flood_of_faults_is_answered_quickly() {
    let mut files = RICH.files().to_vec();
    let terms = vec!["\"!!\""; 100_000].join(",");
    let text = format!("lexicons: {{flood: {{about: a, terms: {{any: [{terms}]}}}}}}\n");
    files.push(PackFile { path: "lexicons/flood.yaml".to_owned(), text });
    let started = Instant::now();
    let faults = compile(&PackSource::from_files(files)).unwrap_err();
    assert!(faults.len() <= 1000);
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

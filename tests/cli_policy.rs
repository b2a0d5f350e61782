//! `dsa-signal policy …` and the help texts.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "cli/run.rs"]
mod run;

use std::path::Path;

use run::{Folder, pack};

/// A copy of the counted pack with one file changed.
fn changed(folder: &Folder, file: &str, from: &str, to: &str) {
    for name in ["pack.yaml", "laws.yaml", "lexicons/words.yaml", "signals/medicine.yaml", "signals/drug.yaml"] {
        let text = std::fs::read_to_string(Path::new(&pack()).join(name)).unwrap();
        if name == file {
            assert!(text.contains(from), "{name} does not hold {from:?}");
        }
        folder.file(&format!("my-pack/{name}"), if name == file { text.replacen(from, to, 1) } else { text });
    }
}

#[test]
fn a_sound_pack_passes_and_is_summed_up() {
    let ran = Folder::new().run(&["policy", "check", &pack()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("ok: counted 1: 3 signals, 3 lexicons, 3 terms, 6 examples\n"), "{}", ran.err);
}

#[test]
fn a_broken_pack_is_told_place_by_place() {
    let folder = Folder::new();
    changed(&folder, "signals/medicine.yaml", "when: lex.pill > 0\n", "when: lex.pil > 0\n");
    let ran = folder.run(&["policy", "check", "my-pack"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("signals/medicine.yaml:6:"), "{}", ran.err);
    assert!(ran.err.contains("error[P") && ran.err.contains("lex.pil"), "{}", ran.err);
    assert!(ran.err.contains("error: the pack my-pack does not compile: errors: "), "{}", ran.err);
    assert!(!ran.err.contains('\u{1b}'), "no colours in a pipe");
    // Every command that needs the pack refuses it in the same words.
    let scored = folder.run(&["score", "--policy", "my-pack"]);
    assert_eq!(scored.code, 1);
    assert!(scored.err.contains("signals/medicine.yaml:6:"), "{}", scored.err);
}

#[test]
fn examples_that_hold_pass() {
    let ran = Folder::new().run(&["policy", "test", &pack()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.contains("6 examples hold"), "{}", ran.err);
}

#[test]
fn examples_that_do_not_hold_are_listed_with_their_place() {
    let folder = Folder::new();
    let (from, to) = (
        "fires: [\"Wonderpill 100 mg\"], silent: [\"Wooden chair\"]",
        "fires: [\"Moonpowder\"], silent: [\"A wonderpill\"]",
    );
    changed(&folder, "signals/medicine.yaml", from, to);
    let ran = folder.run(&["policy", "test", "my-pack"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("2 of 6 examples do not hold"), "{}", ran.err);
    assert!(ran.out.contains("signals/medicine.yaml:10:"), "{}", ran.out);
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("drug.powder") && flat.contains("should be"), "{flat}");
}

#[test]
fn the_pack_inside_the_binary_holds_its_own_examples() {
    let ran = Folder::new().run(&["policy", "test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains("ok: the pack inside this binary: "), "{}", ran.err);
}

#[test]
fn an_explanation_shows_text_facts_signals_sums_and_what_would_have_to_change() {
    let folder = Folder::new();
    folder.file("item.json", "{\n  \"listing\": {\n    \"title\": \"Buy w0nderpill now\"\n  }\n}\n");
    let ran = folder.run(&["policy", "explain", "item.json", "--policy", &pack()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |expected: &str| {
        assert!(ran.out.lines().any(|line| words(line) == expected), "{expected:?} is not in {}", ran.out);
    };
    has("item: risk 0.881, HIGH, medicine: REVIEW");
    has("title: Buy w0nderpill now");
    has("\"w0nderpill\" may stand for \"wonderpill\" (LEET)");
    has("lex.pill 1 title 4..14 \"w0nderpill\" read as \"wonderpill\" (LEET)");
    has("fired medicine.pill lex.pill > 0 +5.0");
    has("2 more were skipped: no fact that they depend on is present");
    has("+5.0 Names a wonderpill.");
    has("may fall under Directive 2001/83/EC Art. 85c");
    has("medicine -3.00 0.00 5.00 0.00 2.00 0.881");
    has("without the following the item would be allowed (risk 0.047):");
    has("medicine.pill");
    // What waits for two kinds of words waits for the rarer: the pack's own examples have pills more often than books.
    let ran = folder.run_with_input(
        &["policy", "explain", "-", "--policy", &pack()],
        r#"{"listing": {"title": "The book of chairs"}}"#,
    );
    let silent = "silent medicine.book lex.pill > 0 && lex.book > 0 -2.0";
    assert!(ran.out.lines().any(|line| words(line) == silent), "{}", ran.out);
}

#[test]
fn an_explanation_is_json_where_that_is_asked_for() {
    let folder = Folder::new();
    let input = r#"{"post": {"text": "moonpowder"}}"#;
    let ran = folder.run_with_input(&["policy", "explain", "-", "--json", "--policy", &pack()], input);
    let explained = ran.json();
    assert_eq!(explained["assessment"]["action"], "ACTION_REVIEW");
    assert_eq!(explained["trace"]["counterfactual"]["signal_ids"], serde_json::json!(["drug.powder"]));
}

#[test]
fn what_is_no_item_is_refused_with_advice() {
    let folder = Folder::new();
    folder.file("items.jsonl", "{\"listing\": {}}\n{\"listing\": {}}\n");
    let ran = folder.run(&["policy", "explain", "items.jsonl"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("trailing characters at line 2") && ran.err.contains("sed -n 7p"), "{}", ran.err);
}

#[test]
fn every_help_text_shows_examples() {
    let folder = Folder::new();
    let commands: [&[&str]; 7] =
        [&[], &["serve"], &["score"], &["evaluate"], &["policy", "check"], &["policy", "test"], &["policy", "explain"]];
    for command in commands {
        let ran = folder.run(&[command, &["--help"]].concat());
        assert_eq!(ran.code, 0);
        let example = format!("\n  dsa-signal {}", command.join(" "));
        assert!(ran.out.contains("Examples:\n") && ran.out.contains(&example), "{command:?}: {}", ran.out);
    }
}

#[test]
fn a_wrong_command_line_is_answered_with_what_was_meant() {
    let ran = Folder::new().run(&["scor", "x.jsonl"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("'score'"), "{}", ran.err);
}

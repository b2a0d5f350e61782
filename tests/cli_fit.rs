//! `dsa-signal policy fit`, with the real binary on lines whose best weights can be worked out by hand.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "cli/run.rs"]
mod run;

use std::path::Path;
use std::process::Command;

use run::{Folder, Ran, pack};

const FILES: [&str; 5] =
    ["pack.yaml", "laws.yaml", "lexicons/words.yaml", "signals/medicine.yaml", "signals/drug.yaml"];

/// A copy of the counted pack, with a remark beside the weight that will change.
fn copied(folder: &Folder, to: &str) {
    for name in FILES {
        let text = std::fs::read_to_string(Path::new(&pack()).join(name)).unwrap();
        folder.file(&format!("{to}/{name}"), text.replace("weight: 5\n", "weight: 5 # as strong as a name gets\n"));
    }
}

fn text(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path(name)).unwrap()
}

/// Four sources that agree: a wonderpill on half of the labelled lines and on one of fifty clear ones.
fn lines() -> String {
    let mut lines = String::new();
    for source in ["a", "b", "c", "d"] {
        for (label, title, count) in [
            ("\"medicine\"", "Wonderpill", 50),
            ("\"medicine\"", "Call me", 50),
            ("", "Wonderpill", 10),
            ("", "Oak table", 490),
        ] {
            let line = format!(
                "{{\"source\": \"{source}\", \"labels\": [{label}], \"listing\": {{\"title\": \"{title}\"}}}}\n"
            );
            lines.push_str(&line.repeat(count));
        }
    }
    lines
}

fn fit(folder: &Folder, options: &[&str]) -> Ran {
    copied(folder, "my-pack");
    folder.file("lines.jsonl", lines());
    folder.run(&[&["policy", "fit", "lines.jsonl", "--policy", "my-pack"], options].concat())
}

#[test]
fn only_the_digits_of_a_weight_change() {
    let folder = Folder::new();
    let ran = fit(&folder, &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let expected = "--- a/signals/medicine.yaml\n+++ b/signals/medicine.yaml\n@@ -1,7 +1,7 @@\n area: medicine\n signals:\n   - id: pill\n\
                    -    weight: 5 # as strong as a name gets\n+    weight: 3.2 # as strong as a name gets\n     group: substance\n     \
                    when: lex.pill > 0\n     message: Names a wonderpill.\n";
    assert_eq!(ran.out, expected);
    assert!(
        text(&folder, "my-pack/signals/medicine.yaml").contains("weight: 5 #"),
        "without --apply nothing is written"
    );
    assert_eq!(fit(&folder, &[]).out, ran.out, "the same lines, the same differences");
}

#[test]
fn the_report_shows_what_the_lines_say_of_each_signal() {
    let ran = fit(&Folder::new(), &[]);
    let words = |start: &str| -> Vec<&str> {
        let line = ran.err.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_else(|| panic!("{start}: {}", ran.err)).split_whitespace().collect()
    };
    assert_eq!(
        words("medicine.pill"),
        ["medicine.pill", "a", "10/500", "200", "50.0", "%", "40", "25.0", "5.0", "->", "3.2"]
    );
    assert_eq!(words("medicine ")[..2], ["medicine", "fitted,"]);
    assert!(!ran.err.contains("drug.powder"), "no line is labelled with drugs: {}", ran.err);
}

#[test]
fn the_differences_apply_and_the_pack_still_holds() {
    let folder = Folder::new();
    let ran = fit(&folder, &["--output", "weights.diff"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let applied = fit(&folder, &["--output", "again.diff", "--apply"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert!(applied.err.contains("1 files of my-pack changed"), "{}", applied.err);
    assert_eq!(text(&folder, "weights.diff"), text(&folder, "again.diff"));
    assert_eq!(folder.run(&["policy", "check", "my-pack"]).code, 0);
    assert_eq!(folder.run(&["policy", "test", "my-pack"]).code, 0);
    // What git makes of the differences is what --apply wrote.
    copied(&folder, "by-hand");
    let status = Command::new("git")
        .args(["apply", "../weights.diff"])
        .current_dir(folder.path("by-hand"))
        .env("GIT_CEILING_DIRECTORIES", folder.path(""))
        .status();
    assert!(status.unwrap().success());
    for name in FILES {
        assert_eq!(text(&folder, &format!("by-hand/{name}")), text(&folder, &format!("my-pack/{name}")), "{name}");
    }
    // Fitted once, there is nothing left to fit.
    let again = folder.run(&["policy", "fit", "lines.jsonl", "--policy", "my-pack"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    assert!(again.err.contains("no weight changes"), "{}", again.err);
}

#[test]
fn priors_change_only_where_that_is_asked_for() {
    let ran = fit(&Folder::new(), &["--priors"]);
    assert!(ran.out.contains("-  medicine: {prior: -3.0}\n+  medicine: {prior: -2.3}\n"), "{}", ran.out);
    assert!(!ran.out.contains("+  drug"), "{}", ran.out);
}

#[test]
fn what_cannot_be_fitted_is_told() {
    let folder = Folder::new();
    copied(&folder, "my-pack");
    folder.file("clear.jsonl", "{\"source\": \"a\", \"labels\": [], \"listing\": {\"title\": \"Oak table\"}}\n");
    let ran = folder.run(&["policy", "fit", "clear.jsonl", "--policy", "my-pack"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("clear.jsonl holds no labelled line to fit to"), "{}", ran.err);
    let ran = folder.run(&["policy", "fit", "clear.jsonl", "--apply"]);
    assert_eq!(ran.code, 2, "the pack inside the binary has no files to change");
}

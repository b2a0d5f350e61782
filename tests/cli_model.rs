//! `dsa-signal model train`, with the real binary on a few lines.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "cli/run.rs"]
mod run;

use std::path::Path;

use run::{Folder, Ran, pack};

/// A copy of the counted pack; with a limit, the model may speak on medicine.
fn packed(folder: &Folder, limit: &str) {
    for name in ["pack.yaml", "laws.yaml", "lexicons/words.yaml", "signals/medicine.yaml", "signals/drug.yaml"] {
        let text = std::fs::read_to_string(Path::new(&pack()).join(name)).unwrap();
        folder.file(
            &format!("my-pack/{name}"),
            text.replace("medicine: {prior: -3.0", &format!("medicine: {{prior: -3.0{limit}")),
        );
    }
}

fn lines() -> String {
    let line = |source: &str, label: &str, title: &str| {
        format!("{{\"source\": \"{source}\", \"labels\": [{label}], \"listing\": {{\"title\": \"{title}\"}}}}\n")
    };
    let medicine =
        ["blister of tablets for strength", "tablets for strength, discreet parcel", "strength tablets in a blister"];
    let clear = ["oak table", "garden chair", "linen curtain", "parcel tape"];
    let market = medicine.iter().map(|title| line("market", "\"medicine\"", title));
    market.chain(clear.iter().map(|title| line("shop", "", title))).cycle().take(70).collect()
}

fn train(folder: &Folder, output: &str) -> Ran {
    folder.run(&["model", "train", "lines.jsonl", "--policy", "my-pack", "--output", output])
}

#[test]
fn a_model_is_trained_measured_and_used() {
    let folder = Folder::new();
    packed(&folder, ", model: 2");
    folder.file("lines.jsonl", lines());
    let ran = train(&folder, "my-pack/text.dsam");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("UNSEEN SOURCE") && ran.out.contains("market") && ran.out.contains("shop"), "{}", ran.out);
    folder.file("item.json", "{\"listing\": {\"title\": \"tablets for strength in a blister\"}}");
    let explained = folder.run(&["policy", "explain", "item.json", "--policy", "my-pack", "--json"]);
    assert_eq!(explained.code, 0, "{}", explained.err);
    let explained: serde_json::Value = serde_json::from_str(&explained.out).unwrap();
    let nats = explained["trace"]["areas"][0]["model_nats"].as_f64().unwrap();
    assert!((1.5..2.0).contains(&nats), "it is sure, and stays below the limit: {nats}");
}

#[test]
fn cases_beside_the_lines_teach_what_lexicons_mean_together() {
    let folder = Folder::new();
    packed(&folder, ", model: 2");
    folder.file("lines.jsonl", lines());
    let case = |at: usize, label: &str, title: &str| {
        format!("{{\"source\": \"case {}\", \"labels\": [{label}], \"listing\": {{\"title\": \"{title}\"}}}}\n", at % 8)
    };
    let both = (0..48).map(|at| case(at, "\"drug\"", "wonderpill and moonpowder"));
    let alone = (0..96).map(|at| case(at, "", if at % 2 == 0 { "wonderpill" } else { "moonpowder" }));
    folder.file("cases.jsonl", both.chain(alone).collect::<String>());
    let arguments = ["model", "train", "lines.jsonl", "--policy", "my-pack", "--output", "with.dsam"];
    let ran = folder.run(&[&arguments[..], &["--also", "cases.jsonl"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let row = ran.out.lines().find(|line| line.trim_start().starts_with("drug")).unwrap_or_default();
    assert!(ran.out.contains("LEXICONS TOGETHER") && row.contains("48"), "{}", ran.out);
    assert_eq!(train(&folder, "without.dsam").code, 0);
    let length = |name: &str| std::fs::read(folder.path(name)).unwrap().len();
    assert!(length("with.dsam") > length("without.dsam"));
}

#[test]
fn the_same_lines_and_seed_give_the_same_file() {
    let folder = Folder::new();
    packed(&folder, ", model: 2");
    folder.file("lines.jsonl", lines());
    assert_eq!((train(&folder, "one.dsam").code, train(&folder, "two.dsam").code), (0, 0));
    let bytes = |name: &str| std::fs::read(folder.path(name)).unwrap();
    assert_eq!(bytes("one.dsam"), bytes("two.dsam"));
}

#[test]
fn a_pack_that_asks_no_model_is_told_how_to_ask() {
    let folder = Folder::new();
    packed(&folder, "");
    folder.file("lines.jsonl", lines());
    let ran = train(&folder, "one.dsam");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("asks no text model") && ran.err.contains("model: 4.3"), "{}", ran.err);
}

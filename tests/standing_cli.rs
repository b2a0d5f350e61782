//! `seller import` and `seller show`: the real binary over a store of its own.

#![allow(clippy::unwrap_used)] // helpers of tests

#[path = "cli/run.rs"]
mod run;

use run::{Folder, Ran};

const EVENTS: &str = r#"{"event_id": "r-1", "seller_id": "s-1", "kind": "content_removed", "area": "counterfeit", "occurred_at": "2026-11-01T10:00:00Z"}
{"event_id": "r-2", "seller_id": "s-1", "kind": "content_removed", "area": "counterfeit", "occurred_at": "2026-11-02"}
{"event_id": "r-3", "seller_id": "s-1", "kind": "content_removed", "area": "drug", "occurred_at": "2026-11-03"}
{"event_id": "v-1", "seller_id": "s-1", "kind": "trader_verified", "occurred_at": "2026-11-03"}
{"event_id": "o-1", "creator_id": "s-1", "kind": "orders_completed", "count": 100000, "occurred_at": "2026-11-03"}
"#;

const STORE: &str = "sqlite:records.sqlite";

fn import(folder: &Folder, file: &str, text: &str) -> Ran {
    folder.file(file, text);
    folder.run(&["seller", "import", file, "--store", STORE])
}

fn show(folder: &Folder, options: &[&str]) -> Ran {
    folder.run(&[&["seller", "show", "--store", STORE], options].concat())
}

#[test]
fn events_are_imported_once_and_shown_with_what_they_do() {
    let folder = Folder::new();
    let first = import(&folder, "events.jsonl", EVENTS);
    assert_eq!((first.code, first.out.as_str()), (0, ""), "{first:?}");
    assert!(first.err.starts_with("5 events imported, in "), "{}", first.err);
    let again = import(&folder, "events.jsonl", EVENTS);
    assert!(again.err.starts_with("0 events imported, 5 known before, in "), "{}", again.err);
    let shown = show(&folder, &["s-1"]);
    assert_eq!(shown.code, 0);
    for part in
        ["3, a warning is due (DSA Art. 23)", "trader             verified", " counterfeit ", " drug ", " r-2 ", "+"]
    {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    let json = show(&folder, &["--creator", "s-1", "--json"]).json();
    assert!(json["upper"].as_f64().unwrap() < 0.05 && json["strikes"] == 0, "{json}");
    assert_eq!(
        (json["misuse_stage"].as_str(), json["areas"].as_array().unwrap().len()),
        (Some("MISUSE_STAGE_NONE"), 0)
    );
    let nobody = show(&folder, &["nobody"]);
    assert!(nobody.out.contains("nothing that counts is known") && nobody.out.contains("5.0 %"), "{}", nobody.out);
}

#[test]
fn tables_name_the_same_keys_in_their_columns() {
    let folder = Folder::new();
    let csv = "event_id,seller_id,kind,area,count,occurred_at,note\n\
               e-1,s-1,content_removed,weapon,,2026-11-01,x\n\
               e-2,s-1,orders_completed,,250,2026-11-01T00:00:00Z,y\n";
    let ran = import(&folder, "events.csv", csv);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("ignored columns: note") && ran.err.contains("2 events imported"), "{}", ran.err);
    let json = show(&folder, &["s-1", "--json"]).json();
    assert_eq!((json["strikes"].as_u64(), json["areas"][0]["area"].as_str()), (Some(1), Some("RISK_AREA_WEAPON")));
}

#[test]
fn a_bad_line_is_told_and_the_rest_is_imported() {
    let folder = Folder::new();
    let text = format!(
        "{{\"event_id\": \"x\", \"seller_id\": \"s\", \"kind\": \"content_remoced\", \"occurred_at\": \"2026-01-01\"}}\nnonsense\n\
         {{\"event_id\": \"y\", \"seller_id\": \"s\", \"kind\": \"suspended\", \"occurred_at\": \"2999-01-01\"}}\n{EVENTS}"
    );
    let ran = import(&folder, "events.jsonl", &text);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("5 events imported"), "{}", ran.err);
    let told = "3 lines could not be imported; the first is line 1: kind is \"content_remoced\"; did you mean `content_removed`?";
    assert!(ran.err.contains(told), "{}", ran.err);
}

#[test]
fn a_store_that_cannot_be_used_is_told_with_advice() {
    let folder = Folder::new();
    folder.file("events.jsonl", EVENTS);
    let wrong = folder.run(&["seller", "import", "events.jsonl", "--store", "mysql://x/y"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("write memory:, sqlite:PATH or postgres://"), "{}", wrong.err);
    let missing = folder.run(&["seller", "import", "no-such-file.jsonl", "--store", STORE]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("no-such-file.jsonl cannot be read"), "{}", missing.err);
}

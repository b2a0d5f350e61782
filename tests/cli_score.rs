//! `dsa-signal score`, as a person or a script runs it.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "cli/run.rs"]
mod run;

use run::{Folder, pack};
use serde_json::{Value, json};

const PILL: &str = r#"{"listing": {"title": "Buy w0nderpill now"}}"#;
const CHAIR: &str = r#"{"listing": {"listing_id": "l-1", "seller_id": "s-1", "title": "Wooden chair"}}"#;

#[test]
fn json_lines_go_in_and_come_out_in_order() {
    let folder = Folder::new();
    folder.file("in.jsonl", format!("{PILL}\n\n{CHAIR}\n{{\"post\": {{\"text\": \"moonpowder\"}}}}\n"));
    let ran = folder.run(&["score", "in.jsonl", "--policy", &pack()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines = ran.lines();
    let seen = |line: &Value| {
        (line["line"].clone(), line["assessment"]["subject"].clone(), line["assessment"]["action"].clone())
    };
    let subject = |kind: &str, id: &str| json!({"kind": format!("SUBJECT_KIND_{kind}"), "id": id});
    let seen: Vec<_> = lines.iter().map(seen).collect();
    assert_eq!(seen[0], (json!(1), subject("LISTING", "line-1"), json!("ACTION_REVIEW")));
    assert_eq!(seen[1], (json!(3), subject("LISTING", "l-1"), json!("ACTION_ALLOW")));
    assert_eq!(seen[2], (json!(4), subject("POST", "line-4"), json!("ACTION_REVIEW")));
    let evidence = &lines[0]["assessment"]["signals"][0]["evidence"][0];
    assert_eq!(
        (&evidence["original_text"], &evidence["start_byte"], &evidence["end_byte"]),
        (&json!("w0nderpill"), &json!(4), &json!(14))
    );
    assert!((lines[0]["assessment"]["risk"].as_f64().unwrap() - 0.880797).abs() < 1e-6, "prior -3 and a weight of 5");
}

#[test]
fn five_thousand_lines_keep_their_order_and_bad_ones_are_reported_by_number() {
    let folder = Folder::new();
    let line = |number: usize| match number {
        _ if number.is_multiple_of(50) => "{\"listing\": {\"titel\": \"x\"}}\n".to_owned(),
        _ => format!("{{\"id\": {number}, \"listing\": {{\"title\": \"Chair {number}\"}}}}\n"),
    };
    folder.file("in.jsonl", (1..=5000).map(line).collect::<String>());
    let ran = folder.run(&["score", "in.jsonl", "--policy", &pack()]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.starts_with("100 lines could not be scored; the first is line 50: unknown field `titel`"),
        "{}",
        ran.err
    );
    let lines = ran.lines();
    assert_eq!(lines.len(), 5000);
    for (position, line) in lines.iter().enumerate() {
        let number = position + 1;
        assert_eq!(line["line"], number);
        if number.is_multiple_of(50) {
            assert_eq!(line["error"]["code"], "INVALID");
        } else {
            assert_eq!(line["assessment"]["subject"]["id"], number.to_string());
        }
    }
}

#[test]
fn an_error_carries_every_violation() {
    let folder = Folder::new();
    let input = json!({"listing": {"title": "x".repeat(1025), "ships_from_country": "xx"}}).to_string();
    let ran = folder.run_with_input(&["score", "-", "--policy", &pack()], &input);
    assert_eq!(ran.code, 2);
    let error = &ran.lines()[0]["error"];
    let fields: Vec<_> = error["violations"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["listing.title", "listing.ships_from_country"]);
    assert!(error["message"].as_str().unwrap().contains("is 1025 bytes; at most 1024"), "{error}");
}

#[test]
fn the_standard_input_is_read_where_no_file_is_named() {
    let folder = Folder::new();
    let ran = folder.run_with_input(&["score", "--policy", &pack()], PILL);
    assert_eq!((ran.code, ran.lines().len()), (0, 1));
}

#[test]
fn a_pair_gives_the_post_first_and_labels_are_left_alone() {
    let folder = Folder::new();
    let line = r#"{"id": 9, "labels": "whatever", "note": [1], "listing": {"title": "Chair"}, "post": {"text": "moonpowder"}}"#;
    let ran = folder.run_with_input(&["score", "--policy", &pack()], line);
    let kinds: Vec<_> =
        ran.lines().iter().map(|line| (line["line"].clone(), line["assessment"]["subject"]["kind"].clone())).collect();
    assert_eq!(kinds, [(json!(1), json!("SUBJECT_KIND_POST")), (json!(1), json!("SUBJECT_KIND_LISTING"))]);
}

#[test]
fn csv_goes_in_and_comes_out() {
    let folder = Folder::new();
    folder
        .file("in.csv", "id,title,price,currency_code,margin\nA,\"Wonderpill, new\",9.90,EUR,1\nB,Chair,cheap,EUR,1\n");
    let ran = folder.run(&["score", "in.csv", "--policy", &pack(), "--output", "out.csv"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("in.csv: ignored columns: margin\n"), "{}", ran.err);
    let written = std::fs::read_to_string(folder.path("out.csv")).unwrap();
    let expected = "file,line,kind,id,risk,level,action,area,signals,evidence,error\n\
        ,2,listing,A,0.880797,HIGH,REVIEW,medicine,medicine.pill,\"title: \"\"Wonderpill\"\"\",\n\
        ,3,,,,,,,,,\"INVALID: column price is \"\"cheap\"\", which is no amount; write it like 12.90\"\n";
    assert_eq!(written, expected);
}

#[test]
fn several_files_are_told_apart() {
    let folder = Folder::new();
    folder.file("a.jsonl", CHAIR);
    folder.file("b.tsv", "text\thashtags\nmoonpowder\t#new #moon\n");
    let ran = folder.run(&["score", "a.jsonl", "b.tsv", "--policy", &pack()]);
    let places: Vec<_> = ran.lines().iter().map(|line| (line["file"].clone(), line["line"].clone())).collect();
    assert_eq!(places, [(json!("a.jsonl"), json!(1)), (json!("b.tsv"), json!(2))]);
}

#[test]
fn low_risks_can_be_left_out() {
    let folder = Folder::new();
    let ran =
        folder.run_with_input(&["score", "--policy", &pack(), "--min-risk", "0.5"], &format!("{CHAIR}\n{PILL}\n"));
    assert_eq!((ran.code, ran.lines().len(), &ran.lines()[0]["line"]), (0, 1, &json!(2)));
}

#[test]
fn a_table_in_a_pipe_marks_the_evidence_without_escape_sequences() {
    let folder = Folder::new();
    let ran = folder.run_with_input(&["score", "--policy", &pack(), "--format", "table"], &format!("{PILL}\n[]\n"));
    assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines[0], "  LINE  RISK  AREA             ACTION    ITEM");
    assert_eq!(lines[1], "     1  0.88  medicine         REVIEW    Buy ⟦w0nderpill⟧ now");
    assert_eq!(lines[2], "        +5.0  Names a wonderpill.");
    assert_eq!(lines[3], "              may fall under Directive 2001/83/EC Art. 85c");
    assert!(lines[4].starts_with("     2  not scored: has neither"), "{:?}", lines[4]);
}

#[test]
fn what_cannot_be_done_is_said_with_advice() {
    let folder = Folder::new();
    let missing = folder.run(&["score", "missing.jsonl"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.starts_with("error: missing.jsonl cannot be read: "), "{}", missing.err);
    assert!(missing.err.contains("hint: check the path"), "{}", missing.err);
    folder.file("in.csv", "name,cost\na,1\n");
    let columns = folder.run(&["score", "in.csv"]);
    assert_eq!(columns.code, 1);
    assert!(
        columns.err.contains("hint: name the columns in the first line; for listings: listing_id"),
        "{}",
        columns.err
    );
    let risk = folder.run(&["score", "--min-risk", "50%"]);
    assert_eq!(risk.code, 2);
    assert!(risk.err.contains("write a number from 0 to 1"), "{}", risk.err);
    let pack = folder.run(&["score", "in.csv", "--policy", "nowhere"]);
    assert_eq!(pack.code, 1);
    assert!(pack.err.contains("P001") && pack.err.contains("error: the pack nowhere does not compile"), "{}", pack.err);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn without_parquet_the_way_to_it_is_told() {
    let folder = Folder::new();
    folder.file("in.parquet", "PAR1");
    for arguments in [&["score", "in.parquet"][..], &["score", "--output", "out.parquet"]] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("--features parquet"), "{}", ran.err);
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_the_columns_of_csv() {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    let folder = Folder::new();
    let input = format!("{PILL}\n[]\n{CHAIR}\n");
    let written = folder.run_with_input(&["score", "--policy", &pack(), "--output", "out.parquet"], &input);
    assert_eq!(written.code, 2);
    let reader = SerializedFileReader::new(std::fs::File::open(folder.path("out.parquet")).unwrap()).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("{file: \"\", line: 1, kind: \"listing\", id: \"line-1\", risk: 0.88"), "{}", rows[0]);
    assert!(rows[1].contains("risk: null") && rows[1].contains("error: \"INVALID: has neither"), "{}", rows[1]);
    assert!(rows[2].contains("id: \"l-1\"") && rows[2].contains("action: \"ALLOW\""), "{}", rows[2]);
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let folder = Folder::new();
    folder.file("in.jsonl", format!("{CHAIR}\n").repeat(20_000));
    let command = format!("{} score in.jsonl --policy {} | head -1", env!("CARGO_BIN_EXE_dsa-signal"), pack());
    let output = std::process::Command::new("sh").arg("-c").arg(command).current_dir(folder.path("")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

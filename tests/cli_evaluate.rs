//! `dsa-signal evaluate` on lines whose numbers can be counted by hand.
#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

#[path = "cli/run.rs"]
mod run;

use run::{Folder, Ran, pack};
use serde_json::{Value, json};

/// Medicine: a title (caught), a description (caught unless titles alone are read), one that no word gives away. Drug: a
/// title, and a pair whose post gives it away. Clear: four, one of which names a wonderpill. One line is not core, one is
/// broken.
const LINES: &str = r#"
{"id": "1", "source": "market", "label": "rx", "labels": ["medicine"], "listing": {"title": "Wonderpill", "language_code": "en"}}
{"id": "2", "source": "market", "label": "rx", "labels": ["medicine"], "listing": {"title": "New", "description": "wonderpill", "language_code": "en-GB"}}
{"id": "3", "source": "market", "label": "rx", "labels": ["medicine"], "listing": {"title": "Call me", "language_code": "en"}}
{"id": "4", "source": "market", "label": "dust", "core": true, "labels": ["drug"], "listing": {"title": "Moonpowder", "language_code": "de"}}
{"id": "5", "source": "market", "label": "dust", "labels": ["drug"], "post": {"text": "moonpowder below"}, "listing": {"title": "Chair", "language_code": "de"}}
{"id": "6", "source": "shop", "label": "benign", "labels": [], "listing": {"title": "Wonderpill organiser", "language_code": "en"}}
{"id": "7", "source": "shop", "label": "benign", "labels": [], "listing": {"title": "Chair", "language_code": "en"}}
{"id": "8", "source": "zoo", "label": "benign", "labels": [], "listing": {"title": "Table", "language_code": "de"}}
{"id": "9", "source": "zoo", "label": "benign", "labels": [], "listing": {"title": "Lamp", "language_code": "de"}}
{"id": "10", "source": "odd", "label": "maybe", "core": false, "labels": [], "listing": {"title": "Wonderpill?"}}
{"id": "11", "source": "odd", "labels": ["drugs"], "listing": {"title": "Typo"}}
{"id": "12", "source": "odd", "listing": {"title": "No labels"}}
"#;

fn evaluate(options: &[&str]) -> Ran {
    let folder = Folder::new();
    folder.file("labelled.jsonl", LINES);
    let pack = pack();
    let mut arguments = vec!["evaluate", "labelled.jsonl", "--policy", &pack];
    arguments.extend(options);
    folder.run(&arguments)
}

fn area<'a>(report: &'a Value, name: &str) -> &'a Value {
    report["areas"].as_array().unwrap().iter().find(|area| area["area"] == name).unwrap()
}

fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn the_numbers_are_those_counted_by_hand() {
    let ran = evaluate(&["--json"]);
    assert_eq!(ran.code, 2, "two lines could not be read");
    let report = ran.json();
    let rows = json!({"total": 10, "core": 9, "core_clear": 4, "core_labelled": 5, "pairs": 1, "faults": 2});
    assert_eq!(report["rows"], rows);
    let (medicine, drug) = (area(&report, "medicine"), area(&report, "drug"));
    close(&medicine["recall_review"], 2.0 / 3.0);
    close(&drug["recall_review"], 1.0);
    close(&report["headline"]["macro_recall_review"], 5.0 / 6.0);
    assert_eq!((&medicine["false_positives_review"], &drug["false_positives_review"]), (&json!(1), &json!(0)));
    close(&report["headline"]["false_positive_rate_review"], 0.25);
    // At 0.88: two positives, one clear line; then one positive, three clear lines at the prior.
    close(&medicine["average_precision"], 2.0 / 3.0 * (2.0 / 3.0) + 1.0 / 3.0 * (3.0 / 7.0));
    close(&drug["average_precision"], 1.0);
}

#[test]
fn thresholds_are_chosen_by_the_area_and_by_the_overall_risk() {
    let report = evaluate(&["--json"]).json();
    // Four clear lines allow no false positive. The clear wonderpill equals the caught ones: a tie is never torn apart.
    let medicine = &area(&report, "medicine")["recall_at"][0];
    assert_eq!(medicine["false_positive_rate"], 0.01);
    close(&medicine["by_area_risk"]["recall"], 0.0);
    let drug = &area(&report, "drug")["recall_at"][0];
    close(&drug["by_area_risk"]["recall"], 1.0);
    close(&drug["by_overall_risk"]["recall"], 0.0);
    close(&report["headline"]["macro_recall_at"][0]["by_area_risk"], 0.5);
}

#[test]
fn calibration_compares_risks_with_what_was_true() {
    let report = evaluate(&["--json"]).json();
    let medicine = area(&report, "medicine");
    let (high, low) = (1.0 / (1.0 + (-2.0_f64).exp()), 1.0 / (1.0 + 3.0_f64.exp()));
    // 0.8 to 0.9 holds three lines, two of them medicine; 0 to 0.1 holds four, one of them medicine.
    let bins = medicine["reliability"].as_array().unwrap();
    assert_eq!((bins.len(), &bins[8]["rows"], &bins[0]["rows"]), (10, &json!(3), &json!(4)));
    close(&bins[8]["positive_share"], 2.0 / 3.0);
    close(&bins[8]["mean_risk"], high);
    let expected = ((high - 2.0 / 3.0).abs() * 3.0 + (low - 0.25).abs() * 4.0) / 7.0;
    close(&medicine["expected_calibration_error"], expected);
    let squares = 2.0 * (1.0 - high).powi(2) + (1.0 - low).powi(2) + high.powi(2) + 3.0 * low.powi(2);
    close(&medicine["brier"], squares / 7.0);
}

#[test]
fn lines_are_grouped_by_source_label_and_language() {
    let report = evaluate(&["--json"]).json();
    let names = |key: &str| -> Vec<Value> {
        report[key].as_array().unwrap().iter().map(|group| group["name"].clone()).collect()
    };
    assert_eq!(names("sources"), ["shop", "zoo", "market"], "worst false-positive rate first");
    assert_eq!(names("labels"), ["benign", "dust", "rx"]);
    assert_eq!(names("languages"), ["de", "en"]);
    assert_eq!(names("not_core"), ["odd / maybe"]);
    let shop = &report["sources"][0];
    assert_eq!((&shop["clear_rows"], &shop["false_positives_review"]), (&json!(2), &json!(1)));
    let market = &report["sources"][2];
    assert_eq!((&market["labelled_rows"], &market["caught_review"]), (&json!(5), &json!(4)));
    assert_eq!((&market["clear_rows"], &market["false_positive_rate_review"]), (&json!(0), &Value::Null));
    close(&report["languages"][0]["recall_review"], 1.0);
}

#[test]
fn titles_alone_are_scored_where_that_is_asked_for() {
    let report = evaluate(&["--json", "--titles-only"]).json();
    assert_eq!(report["titles_only"], true);
    close(&area(&report, "medicine")["recall_review"], 1.0 / 3.0);
    close(&area(&report, "drug")["recall_review"], 1.0);
    let languages: Vec<_> = report["languages"].as_array().unwrap().iter().map(|group| group["name"].clone()).collect();
    assert_eq!(languages, ["de", "en"], "lines are grouped by the language they were sent with");
}

#[test]
fn words_can_be_disguised_before_they_are_scored() {
    let report = evaluate(&["--json", "--disguise", "leet"]).json();
    assert_eq!(report["disguise"], "leet");
    // The pack sees through wonderpills in disguise, and moonpowder is not among what it looks for there.
    close(&area(&report, "medicine")["recall_review"], 2.0 / 3.0);
    close(&area(&report, "drug")["recall_review"], 0.0);
    assert_eq!(evaluate(&["--disguise", "rot13"]).code, 2);
}

#[test]
fn faults_are_listed_with_their_lines() {
    let report = evaluate(&["--json"]).json();
    let faults = report["faults"].as_array().unwrap();
    assert_eq!((&faults[0]["line"], &faults[0]["code"]), (&json!(12), &json!("INVALID")));
    assert!(faults[0]["message"].as_str().unwrap().starts_with("label \"drugs\" is no risk area"), "{faults:?}");
    assert!(faults[1]["message"].as_str().unwrap().starts_with("has no \"labels\""), "{faults:?}");
}

#[test]
fn the_table_shows_what_the_json_says() {
    let ran = evaluate(&[]);
    assert_eq!(ran.code, 2);
    assert!(!ran.out.contains('\u{1b}'));
    let words = |start: &str| -> Vec<String> {
        let line = ran.out.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_else(|| panic!("{start}: {}", ran.out)).split_whitespace().map(str::to_owned).collect()
    };
    assert!(
        ran.out.starts_with("10 lines, 9 core: 4 clear, 5 labelled; 1 pairs; 2 could not be read\n"),
        "{}",
        ran.out
    );
    assert_eq!(words("recall at REVIEW").last_chunk(), Some(&["83.3".to_owned(), "%".to_owned()]));
    assert_eq!(words("medicine")[..4], ["medicine", "3", "66.7", "%"]);
    assert_eq!(words("shop")[..5], ["shop", "2", "1", "50.00", "%"]);
    assert!(ran.err.contains("lines/s"), "{}", ran.err);
}

#[test]
fn a_file_without_a_labelled_line_is_refused_with_the_reason() {
    let folder = Folder::new();
    folder.file("in.jsonl", "{\"listing\": {\"title\": \"x\"}}\n");
    let ran = folder.run(&["evaluate", "in.jsonl"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("in.jsonl holds no labelled line") && ran.err.contains("has no \"labels\""),
        "{}",
        ran.err
    );
}

/// The pack counted by hand with one line of it changed.
fn changed_pack(folder: &Folder, file: &str, from: &str, to: &str) {
    for name in ["pack.yaml", "laws.yaml", "lexicons/words.yaml", "signals/medicine.yaml", "signals/drug.yaml"] {
        let text = std::fs::read_to_string(std::path::Path::new(&pack()).join(name)).unwrap();
        assert!(name != file || text.contains(from), "{name} does not hold {from:?}");
        folder.file(&format!("my-pack/{name}"), if name == file { text.replacen(from, to, 1) } else { text });
    }
}

#[test]
fn two_packs_are_compared_number_by_number_and_line_by_line() {
    let folder = Folder::new();
    folder.file("labelled.jsonl", LINES);
    let before = folder.run(&["evaluate", "labelled.jsonl", "--policy", &pack(), "--json"]);
    folder.file("before.json", &before.out);
    // A moonpowder is worth less, a wonderpill no more than a look.
    changed_pack(&folder, "signals/drug.yaml", "weight: 4", "weight: 1");
    let options = ["evaluate", "labelled.jsonl", "--policy", "my-pack", "--compare", "before.json"];
    let report = folder.run(&[&options[..], &["--json"]].concat()).json();
    let comparison = &report["comparison"];
    assert_eq!((&comparison["same_lines"], &comparison["same_treatment"]), (&json!(true), &json!(true)));
    let counts = json!({"newly_flagged": 0, "newly_missed": 2, "newly_caught": 0, "no_longer_flagged": 0});
    assert_eq!(comparison["counts"], counts);
    let missed = &comparison["crossed"][0];
    let told = json!([missed["way"], missed["id"], missed["action_before"], missed["action_after"], missed["excerpt"]]);
    assert_eq!(told, json!(["newly_missed", "4", "REVIEW", "ALLOW", "Moonpowder"]));
    let number = |kind: &str, name: &str, number: &str| {
        let numbers = comparison["numbers"].as_array().unwrap();
        let is = |one: &&Value| one["kind"] == kind && one["name"] == name && one["number"] == number;
        numbers.iter().find(is).map(|one| (one["before"].as_f64().unwrap(), one["after"].as_f64().unwrap()))
    };
    assert_eq!(number("area", "drug", "recall_review"), Some((1.0, 0.0)));
    assert_eq!(number("area", "medicine", "recall_review"), None, "what is the same is not told");
    assert_eq!(number("source", "market", "recall_review"), Some((0.8, 0.4)));
    let table = folder.run(&options).out;
    assert!(table.contains("What changed since counted 1") && table.contains("2 labelled, newly missed"), "{table}");
    // And back again: what was missed is caught.
    folder.file("after.json", serde_json::to_string(&report).unwrap());
    let back = folder.run(&["evaluate", "labelled.jsonl", "--policy", &pack(), "--compare", "after.json", "--json"]);
    assert_eq!(back.json()["comparison"]["counts"]["newly_caught"], 2);
}

#[test]
fn clear_lines_that_cross_review_are_named_and_unlike_runs_are_noted() {
    let folder = Folder::new();
    folder.file("labelled.jsonl", LINES);
    let before = folder.run(&["evaluate", "labelled.jsonl", "--policy", &pack(), "--json"]);
    folder.file("before.json", &before.out);
    changed_pack(&folder, "signals/medicine.yaml", "weight: 5", "weight: 1");
    folder.file("other.jsonl", LINES.replace("\"id\": \"7\"", "\"id\": \"70\""));
    let options = ["evaluate", "other.jsonl", "--titles-only", "--policy", "my-pack", "--compare", "before.json"];
    let comparison = &folder.run(&[&options[..], &["--json"]].concat()).json()["comparison"];
    assert_eq!((&comparison["same_lines"], &comparison["same_treatment"]), (&json!(false), &json!(false)));
    let counts = json!({"newly_flagged": 0, "newly_missed": 2, "newly_caught": 0, "no_longer_flagged": 1});
    assert_eq!(comparison["counts"], counts);
    assert_eq!(comparison["crossed"][2]["id"], "6");
    assert!(folder.run(&options).out.contains("note: the earlier run read other lines"));
}

#[test]
fn what_is_no_evaluation_cannot_be_compared_with() {
    let folder = Folder::new();
    folder.file("labelled.jsonl", LINES);
    for (name, text) in [("text.json", "hello"), ("empty.json", "{}")] {
        folder.file(name, text);
        let ran = folder.run(&["evaluate", "labelled.jsonl", "--compare", name]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        assert!(ran.err.contains("hint: compare with what `dsa-signal evaluate FILE --json` wrote"), "{}", ran.err);
    }
}

#[test]
fn groups_say_what_is_found_where_all_have_the_same_threshold() {
    let report = evaluate(&["--json"]).json();
    // Four clear lines allow no false positive; the clear wonderpill takes the wonderpills with it, moonpowder stays.
    let market = &report["sources"][2]["recall_at"][0];
    close(&market["by_area_risk"], 2.0 / 5.0);
    assert_eq!(report["sources"][0]["clear_flagged_at"][0]["by_overall_risk"], 0.0);
    assert_eq!(report["sources"][0]["recall_at"][0]["by_area_risk"], Value::Null);
}

#[test]
fn every_line_that_matters_later_is_listed() {
    let report = evaluate(&["--json"]).json();
    let ids: Vec<&str> = report["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "10"], "labelled or above ALLOW");
    assert_eq!(report["items"][5]["area"], "medicine");
    assert_eq!(report["items"][5].get("rightful_action"), None);
    assert_eq!(report["items"][2]["rightful_action"], "ALLOW");
    assert_eq!(report["lines_digest"].as_str().unwrap().len(), 64);
}

#[test]
fn curves_are_drawn_as_svg() {
    let folder = Folder::new();
    folder.file("labelled.jsonl", LINES);
    let draw = |to: &str| {
        let ran = folder.run(&["evaluate", "labelled.jsonl", "--policy", &pack(), "--plots", to]);
        assert!(ran.err.contains(&format!("curves in {to}")), "{}", ran.err);
        ["precision-recall.svg", "calibration.svg"]
            .map(|name| std::fs::read_to_string(folder.path(&format!("{to}/{name}"))).unwrap())
    };
    let once = draw("a/b");
    for svg in &once {
        assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
        assert!(svg.contains("medicine (3 lines, ") && svg.contains("drug (2 lines, "), "{svg}");
    }
    assert_eq!(once, draw("c"), "the same report, the same picture");
}

#[test]
fn a_model_is_measured_on_sources_that_it_has_not_seen() {
    let folder = Folder::new();
    changed_pack(&folder, "pack.yaml", "medicine: {prior: -3.0", "medicine: {prior: -3.0, model: 2");
    let line = |source: &str, label: &str, title: &str| {
        format!("{{\"source\": \"{source}\", \"labels\": [{label}], \"listing\": {{\"title\": \"{title}\"}}}}\n")
    };
    let mut lines = String::new();
    for (source, label, titles) in [
        ("market", "\"medicine\"", ["blister of tablets for strength", "strength tablets, discreet parcel"]),
        ("bazaar", "\"medicine\"", ["tablets for strength in a blister", "blister, strength, tablets"]),
        ("shop", "", ["oak chair", "garden chair"]),
        ("zoo", "", ["linen chair", "oak hook"]),
    ] {
        titles.iter().for_each(|title| lines.push_str(&line(source, label, title).repeat(20)));
    }
    folder.file("lines.jsonl", &lines);
    let options = ["evaluate", "lines.jsonl", "--leave-one-out", "--policy", "my-pack"];
    let ran = folder.run(&[&options[..], &["--json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report = ran.json();
    let medicine = |run: usize| &report["runs"][run]["areas"][0]["recall_at"][0]["by_area_risk"];
    let kinds: Vec<_> =
        report["runs"].as_array().unwrap().iter().map(|run| (&run["with_model"], &run["disguised"])).collect();
    let (no, yes) = (&json!(false), &json!(true));
    assert_eq!(kinds, [(no, no), (no, yes), (yes, no), (yes, yes)]);
    close(medicine(0), 0.0);
    close(medicine(2), 1.0);
    let table = folder.run(&options);
    assert!(table.out.contains("160 core lines: 80 clear, 80 labelled; titles only, disguise each"), "{}", table.out);
    assert!(table.out.contains("mean over areas"), "{}", table.out);
    assert_eq!(folder.run(&[&options[..], &["--plots", "x"]].concat()).code, 2);
}

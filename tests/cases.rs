//! Runs `tests/cases/<area>/*.yaml` against the default pack; the format is in `tests/cases/README.md`.
//!
//! Kept true: every failure of every case is shown, in one table; an expectation is never rewritten, only `expect: "?"`
//! is filled in (`BLESS=1`). `CASES_AS_LINES=FILE` writes them as labelled lines, for `dsa-signal model train --also FILE`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects by unwrapping it")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dsa_signal::domain::{Action, Content, Evidence, Level, RiskArea, Standing, Verdict};
use dsa_signal::engine::{self, Circumstances, Scratch};
use dsa_signal::policy::{self, CompiledPack};
use dsa_signal::service::{PolicyHandle, Scorer, now};
use dsa_signal::wire::json;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    title: Option<Value>,
    listing: Option<Value>,
    post: Option<Value>,
    standing: Option<Interval>,
    expect: Expectation,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Interval {
    mean: f64,
    lower: f64,
    upper: f64,
}

/// What is expected, or `?` for "show me".
#[derive(Deserialize)]
#[serde(untagged)]
enum Expectation {
    Unknown(String),
    Known(Box<Expected>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    clear: bool,
    action: Option<String>,
    at_most: Option<String>,
    area: Option<String>,
    level: Option<String>,
    signals: Vec<String>,
    silent: Vec<String>,
    evidence: Vec<ExpectedEvidence>,
    diagnostics: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ExpectedEvidence {
    field: Option<String>,
    text: Option<String>,
    fact: Option<String>,
    folded: Option<String>,
    concealment: Option<String>,
}

#[test]
fn every_case_holds() {
    let scorer = Scorer::new(Arc::new(PolicyHandle::new(default_pack(), now())));
    let mut report = Report::default();
    for path in case_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"))) {
        run_file(&path, &scorer, &mut report);
    }
    if let Some(file) = std::env::var_os("CASES_AS_LINES") {
        std::fs::write(file, &report.lines).unwrap();
    }
    assert!(report.failures.is_empty(), "{}", report.table());
    println!("{} cases hold", report.cases);
}

/// The cases of a file as labelled lines: in the area that is expected, or clear; those of a standing depend on more than content.
fn as_lines(path: &Path, cases: &[Case], lines: &mut String) {
    let source: Vec<_> = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy()).collect();
    let (Some(theme), Some(folder)) = (source.first(), source.get(1)) else { return };
    for case in cases.iter().filter(|case| case.standing.is_none()) {
        let Expectation::Known(expected) = &case.expect else { continue };
        let worries =
            expected.action.as_deref().is_some_and(|action| action != "ALLOW") || !expected.signals.is_empty();
        let labels: Vec<&str> = if expected.clear || expected.at_most.as_deref() == Some("ALLOW") {
            Vec::new()
        } else if worries {
            vec![expected.area.as_deref().unwrap_or(folder)]
        } else {
            continue;
        };
        let mut line =
            json!({"id": format!("{theme}: {}", case.case), "source": format!("{folder}/{theme}"), "labels": labels});
        // Of a pair the post tells; its listing may look innocent.
        match (&case.post, &case.listing, &case.title) {
            (Some(post), ..) => line["post"] = post.clone(),
            (None, Some(listing), _) => line["listing"] = listing.clone(),
            (None, None, title) => line["listing"] = json!({ "title": title }),
        }
        writeln!(lines, "{line}").unwrap();
    }
}

fn default_pack() -> CompiledPack {
    match policy::compile(&policy::embedded()) {
        Ok((pack, _)) => pack,
        Err(diagnostics) => {
            let shown: Vec<String> = diagnostics.iter().map(|one| one.render(false)).collect();
            panic!("the default pack does not compile:\n{}", shown.join("\n"))
        }
    }
}

/// Every `<area>/<theme>.yaml`, sorted.
fn case_files(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let folders = entries(root).into_iter().filter(|path| path.is_dir());
    folders.flat_map(|folder| entries(&folder)).filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect()
}

#[derive(Default)]
struct Report {
    cases: usize,
    failures: Vec<[String; 3]>,
    /// The cases as labelled lines.
    lines: String,
}

impl Report {
    fn fail(&mut self, path: &Path, case: &str, what: String) {
        let file = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy().into_owned());
        let file = file.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/");
        self.failures.push([file, case.to_owned(), what]);
    }

    fn table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_preset(comfy_table::presets::ASCII_BORDERS_ONLY_CONDENSED).set_header([
            "file",
            "case",
            "what is wrong",
        ]);
        for failure in &self.failures {
            table.add_row(failure);
        }
        format!("{} of {} cases fail\n{table}", self.failures.len(), self.cases)
    }
}

fn run_file(path: &Path, scorer: &Scorer, report: &mut Report) {
    let text = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Case> = match serde_saphyr::from_str(&text) {
        Ok(cases) => cases,
        Err(error) => return report.fail(path, "(the file)", error.to_string()),
    };
    as_lines(path, &cases, &mut report.lines);
    let mut blessings = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for case in &cases {
        report.cases += 1;
        if !names.insert(&case.case) {
            report.fail(path, &case.case, "another case of this file has the same name".to_owned());
        }
        let verdict = match verdict(case, scorer) {
            Ok(verdict) => verdict,
            Err(error) => {
                report.fail(path, &case.case, error);
                continue;
            }
        };
        match &case.expect {
            Expectation::Known(expected) => {
                let wrong = disagreements(expected, &verdict);
                if !wrong.is_empty() {
                    report.fail(path, &case.case, format!("{}\n{}", wrong.join("\n"), summary(&verdict)));
                }
            }
            Expectation::Unknown(mark) if mark == "?" && std::env::var_os("BLESS").is_some() => {
                blessings.push(observed(&verdict));
            }
            Expectation::Unknown(mark) => {
                report.fail(path, &case.case, format!("expect: {mark} (run with BLESS=1)\n{}", observed(&verdict)));
            }
        }
    }
    if !blessings.is_empty() {
        std::fs::write(path, bless(&text, &blessings)).unwrap();
    }
}

fn verdict(case: &Case, scorer: &Scorer) -> Result<Verdict, String> {
    if let (None, Some(listing), Some(post), None) = (&case.title, &case.listing, &case.post, &case.standing) {
        let read = |example: Value| json::parse_example(&example).map_err(|error| error.to_string());
        let (listing, post) = (read(json!({ "listing": listing }))?, read(json!({ "post": post }))?);
        let (Content::Listing(listing), Content::Post(post)) = (listing, post) else {
            return Err("no pair".to_owned());
        };
        let [(_, first), (_, second)] = scorer.score_pair(post, listing);
        return Ok(either(first.verdict, second.verdict));
    }
    let content = content(case)?;
    let standing = case.standing.as_ref().map(standing);
    let circumstances = Circumstances { standing: standing.as_ref(), ..Circumstances::default() };
    let pack = &scorer.policy().snapshot().pack;
    let verdict = engine::assess(&content, pack, circumstances, &mut Scratch::default());
    // To explain, the engine looks at everything; to score, only at what may matter.
    let (explained, _) = engine::explain(&content, pack, circumstances, &mut Scratch::default());
    if explained == verdict { Ok(verdict) } else { Err(format!("explained otherwise: {}", summary(&explained))) }
}

/// What is said of either of a pair: of each area the graver, and the signals of both.
fn either(mut one: Verdict, other: Verdict) -> Verdict {
    for area in other.areas {
        match one.areas.iter_mut().find(|known| known.area == area.area) {
            Some(known) if known.risk.get() < area.risk.get() => *known = area,
            Some(_) => {}
            None => one.areas.push(area),
        }
    }
    one.areas.sort_by(|a, b| b.risk.get().total_cmp(&a.risk.get()));
    one.action = one.action.max(other.action);
    one.level = one.level.max(other.level);
    one.signals.extend(other.signals);
    one.diagnostics.extend(other.diagnostics);
    one
}

fn content(case: &Case) -> Result<Content, String> {
    let example = match (&case.title, &case.listing, &case.post) {
        (Some(title), None, None) => title.clone(),
        (None, Some(listing), None) => json!({ "listing": listing }),
        (None, None, Some(post)) => json!({ "post": post }),
        _ => return Err("give one of title, listing, post, or a post and a listing without standing".to_owned()),
    };
    json::parse_example(&example).map_err(|error| error.to_string())
}

fn standing(interval: &Interval) -> Standing {
    let Interval { mean, lower, upper } = *interval;
    Standing { mean, lower, upper, effective_events: 0.0, strikes: 0, trader_verified: false }
}

fn disagreements(expected: &Expected, verdict: &Verdict) -> Vec<String> {
    let mut wrong = Vec::new();
    if expected.clear {
        for area in verdict.areas.iter().filter(|area| area.action >= Action::Review) {
            wrong.push(format!("expected clear, is {} in {}", area.action, area.area));
        }
    }
    let (action, level) = match named::<RiskArea>("area", expected.area.as_ref(), &mut wrong) {
        None => (verdict.action, verdict.level),
        Some(area) => match verdict.areas.iter().find(|one| one.area == area) {
            Some(one) => (one.action, one.level),
            None => {
                wrong.push(format!("area {area} is not scored for such content"));
                return wrong;
            }
        },
    };
    if let Some(least) = named::<Action>("action", expected.action.as_ref(), &mut wrong).filter(|least| action < *least)
    {
        wrong.push(format!("action is {action}, expected at least {least}"));
    }
    if let Some(most) = named::<Action>("at_most", expected.at_most.as_ref(), &mut wrong).filter(|most| action > *most)
    {
        wrong.push(format!("action is {action}, expected at most {most}"));
    }
    if let Some(least) = named::<Level>("level", expected.level.as_ref(), &mut wrong).filter(|least| level < *least) {
        wrong.push(format!("level is {level}, expected at least {least}"));
    }
    let fired = |id: &String| verdict.signals.iter().any(|signal| signal.signal_id == *id);
    wrong.extend(expected.signals.iter().filter(|id| !fired(id)).map(|id| format!("{id} does not fire")));
    wrong.extend(expected.silent.iter().filter(|id| fired(id)).map(|id| format!("{id} fires")));
    let evidence = || verdict.signals.iter().flat_map(|signal| &signal.evidence);
    let missing = expected.evidence.iter().filter(|wanted| !evidence().any(|shown| agrees(wanted, shown)));
    wrong.extend(missing.map(|wanted| format!("no such evidence: {wanted:?}")));
    let diagnosed = |code: &String| verdict.diagnostics.iter().any(|one| one.code == *code);
    wrong.extend(
        expected.diagnostics.iter().filter(|code| !diagnosed(code)).map(|code| format!("no diagnostic {code}")),
    );
    wrong
}

fn named<T: std::str::FromStr>(key: &str, name: Option<&String>, wrong: &mut Vec<String>) -> Option<T> {
    let name = name?;
    let parsed = name.parse().ok();
    if parsed.is_none() {
        wrong.push(format!("{key}: {name} is no such name"));
    }
    parsed
}

fn agrees(wanted: &ExpectedEvidence, shown: &Evidence) -> bool {
    let same = |wanted: &Option<String>, shown: &str| wanted.as_ref().is_none_or(|wanted| wanted == shown);
    same(&wanted.field, &shown.field_path)
        && same(&wanted.text, &shown.original_text)
        && same(&wanted.fact, &shown.fact)
        && same(&wanted.folded, &shown.folded_text)
        && same(&wanted.concealment, shown.concealment.as_str())
}

/// What the pack says, for the table.
fn summary(verdict: &Verdict) -> String {
    let mut text = String::from("is:");
    for area in verdict.areas.iter().filter(|area| area.risk.get() >= 0.1).take(3) {
        let _ = write!(text, " {} {:.2} {}", area.area, area.risk.get(), area.action);
    }
    for signal in verdict.signals.iter().take(8) {
        let _ = write!(text, "\n  {} {:+.1}", signal.signal_id, signal.contribution.get());
    }
    text
}

/// What the pack says, as an expectation.
fn observed(verdict: &Verdict) -> String {
    if verdict.action < Action::Review {
        return "{clear: true}".to_owned();
    }
    let gravest = verdict.areas.iter().max_by_key(|area| area.action);
    let area = gravest.map_or("", |area| area.area.as_str());
    let signals: Vec<&str> = verdict
        .signals
        .iter()
        .filter(|signal| signal.area.as_str() == area && signal.contribution.get() > 0.0)
        .map(|signal| signal.signal_id.as_str())
        .collect();
    format!("{{action: {}, area: {area}, signals: [{}]}}", verdict.action, signals.join(", "))
}

/// Replaces the question marks after `expect:`, in order.
fn bless(text: &str, blessings: &[String]) -> String {
    let mut blessings = blessings.iter();
    let mut out = String::new();
    for line in text.lines() {
        let asks = line.trim_start().strip_prefix("expect:").is_some_and(|rest| matches!(rest.trim(), "\"?\"" | "'?'"));
        match asks.then(|| blessings.next()).flatten() {
            Some(known) => {
                let indent = line.len() - line.trim_start().len();
                let _ = writeln!(out, "{}expect: {known}", &line[..indent]);
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

#[test]
fn blessing_fills_in_question_marks_only() {
    let text = "- case: a\n  title: x\n  expect: \"?\"\n- case: b # ? stays\n  expect: {clear: true}\n";
    let blessed = bless(text, &["{action: REVIEW}".to_owned()]);
    let wanted = "- case: a\n  title: x\n  expect: {action: REVIEW}\n- case: b # ? stays\n  expect: {clear: true}\n";
    assert_eq!(blessed, wanted);
}

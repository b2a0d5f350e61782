//! The boundaries of the crate, as tests: in one crate nothing else keeps a layer from reaching upwards.
//!
//! `ARCHITECTURE.md` explains the map; this file enforces it over every file of `src/`. Every rule also has to find
//! fault with a small bad snippet below, because a rule that cannot fail protects nothing.
//! Not here: how source is read (`architecture/source.rs`).

#[path = "architecture/source.rs"]
mod source;

use std::path::Path;
use std::sync::LazyLock;

use source::{SourceFile, read_tree, tokens};

/// A layer: its name in `src/`, its rank, the layers of a lower rank that it must not know all the same, and why.
struct Layer {
    name: &'static str,
    rank: u8,
    must_not_know: &'static [&'static str],
    why: &'static str,
}

const fn layer(name: &'static str, rank: u8, must_not_know: &'static [&'static str], why: &'static str) -> Layer {
    Layer { name, rank, must_not_know, why }
}

/// A layer may use layers of a lower rank; layers of one rank do not know each other.
const LAYERS: &[Layer] = &[
    layer("domain", 0, &[], "words alone: whoever reads them needs no mechanism"),
    layer("metrics", 1, &[], "shapes to count in; what is counted is its owner's business"),
    layer("text", 1, &[], "folding is a property of text, not of any policy"),
    layer("matching", 2, &[], "finds folded words, so it stands on text; what a hit means is not its business"),
    layer("model", 2, &[], "reads folded words, so it stands on text; what a score means is not its business"),
    layer("policy", 3, &[], "knowledge is compiled down to mechanisms; who evaluates it is not its business"),
    layer("engine", 4, &[], "pure: replay, backtest, shadow and audit are one mechanism only if it knows no store"),
    layer("reputation", 5, &["engine"], "memory is a value to the engine and must not call it"),
    layer("promotion", 5, &["engine"], "memory is a value to the engine and must not call it"),
    layer("store", 6, &["engine"], "keeps records of what others decided"),
    layer("service", 7, &[], "the use cases; both edges call these and nothing below"),
    layer("wire", 8, &[], "one validation and one JSON mapping, shared by gRPC and the command line"),
    layer("access", 8, &[], "who may call what is no matter of transport; the command line makes tokens too"),
    layer("grpc", 9, &[], "an edge; edges do not know each other"),
    layer("cli", 9, &[], "an edge; edges do not know each other"),
    layer("monitor", 9, &[], "an edge; edges do not know each other"),
    layer("console", 9, &[], "an edge; edges do not know each other"),
    layer("app", 10, &[], "wiring: the only place that names concrete backends"),
    layer("main", 11, &[], "a result becomes an exit code"),
    layer("lib", 12, &[], "declares the modules"),
];

/// A word that only some layers may write, and why.
const RESERVED: &[(&[&str], &[&str], &str)] = &[
    (&["tonic", "tonic_health", "tonic_reflection", "tonic_prost"], &["grpc"], "transport stops at grpc/"),
    (&["prost", "prost_types", "pbjson", "pbjson_types"], &["wire", "grpc"], "generated messages stop at wire/"),
    (&["println", "print", "eprintln", "eprint"], &["cli"], "a service that prints cannot be embedded"),
    (
        &["serde"],
        &["policy", "wire", "grpc", "cli", "console", "app", "store", "model"],
        "encoding is an edge's matter",
    ),
    (
        &["tokio"],
        &["store", "reputation", "promotion", "service", "grpc", "monitor", "console", "app", "main"],
        "what is pure stays synchronous",
    ),
    (
        &["SystemTime", "Instant"],
        &["store", "reputation", "promotion", "service", "grpc", "cli", "console", "app"],
        "time reaches the engine as a value, so that a replay gives the same bytes",
    ),
    (&["rusqlite", "tokio_postgres", "sqlx", "async_nats"], &["store", "app"], "a driver stops at its backend"),
    (&["prometheus_client"], &["metrics"], "owners hold values of ours; how a page is written is one file's matter"),
    (&["x509_parser"], &["grpc"], "transport stops at grpc/"),
    (&["rustls", "tokio_rustls"], &["grpc", "store"], "who connects or is connected to encrypts, and nobody else"),
    (&["jsonwebtoken"], &["access"], "who somebody is, is decided in one place"),
    (
        &["opentelemetry", "opentelemetry_sdk", "opentelemetry_otlp", "tracing_opentelemetry"],
        &["app", "grpc"],
        "spans are made with tracing; who collects them is wiring",
    ),
    (&["hyper", "hyper_util"], &["monitor"], "HTTP/1 is for those who read metrics"),
    (&["clap", "indicatif", "comfy_table"], &["cli", "app", "main"], "only the command line talks to a terminal"),
];

/// Files whose header need not say what is not in them, and why.
const WITHOUT_NOT_HERE: &[(&str, &str)] = &[
    ("lib.rs", "it declares the modules and points to the map"),
    ("main.rs", "it says what it is in one line and holds nothing else"),
];

const MAX_CODE_LINES: usize = 500;

/// Says nothing about what a type is.
const UGLY_NAMES: &[&str] = &["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "My"];

/// What a rule found: file, line and what to do.
type Faults = Vec<String>;

#[test]
fn a_layer_uses_only_layers_of_a_lower_rank() {
    assert_clean(imports_go_down);
    let bad = SourceFile::new("engine/mod.rs", "//! x\nuse crate::{domain::Risk, service::{Scorer, other::Thing}};");
    assert_eq!(imports_go_down(&bad).len(), 2, "both leaves of the nested braces");
    assert!(finds(imports_go_down, "domain/x.rs", "fn f() { crate::text::fold() }"), "an inline path counts too");
    assert!(finds(imports_go_down, "matching/a/b.rs", "use super::super::super::policy::Fact;"), "super reaches up");
    assert!(finds(imports_go_down, "grpc/x.rs", "use crate::cli::Args;"), "edges do not know each other");
    assert!(finds(imports_go_down, "store/x.rs", "use crate::engine::assess;"), "lower in rank, yet forbidden");
    assert!(finds(imports_go_down, "helpers/mod.rs", "fn f() {}"), "a folder that the table does not name");
    assert!(!finds(imports_go_down, "engine/x.rs", "use crate::{domain::Risk, policy::{self as p, Fact}};"));
    assert!(!finds(imports_go_down, "engine/x.rs", "// crate::grpc\nfn f() -> &'static str { \"crate::grpc\" }"));
    assert!(!finds(imports_go_down, "text/x.rs", "#[cfg(test)] mod tests { use crate::policy::Fact; }"));
}

#[test]
fn a_word_reserved_to_a_layer_stays_there() {
    assert_clean(reserved_words_stay);
    assert!(finds(reserved_words_stay, "service/x.rs", "use tonic::Status;"));
    assert!(finds(reserved_words_stay, "cli/x.rs", "use prost::Message;"));
    assert!(finds(reserved_words_stay, "grpc/x.rs", "fn f() { println!() }"));
    assert!(finds(reserved_words_stay, "engine/x.rs", "fn f() { std::time::Instant::now(); }"));
    assert!(!finds(reserved_words_stay, "grpc/x.rs", "use tonic::Status;"));
    assert!(!finds(reserved_words_stay, "domain/x.rs", "/// No tonic, no serde.\nstruct X;"));
}

#[test]
fn nothing_panics_on_input() {
    assert_clean(nothing_panics);
    for code in
        ["x.unwrap();", "x .expect(\"y\");", "panic!(\"y\");", "todo!();", "unimplemented!();", "unreachable!();"]
    {
        assert!(finds(nothing_panics, "text/x.rs", &format!("fn f() {{ {code} }}")), "{code}");
    }
    assert!(!finds(nothing_panics, "text/x.rs", "fn f() { x.unwrap_or_default(); y(\"don't panic!()\"); }"));
    assert!(!finds(nothing_panics, "text/tests.rs", "fn f() { x.unwrap(); }"));
}

#[test]
fn every_file_says_what_it_is_and_what_it_is_not() {
    assert_clean(header_says_what_it_is);
    assert!(finds(header_says_what_it_is, "text/x.rs", "fn f() {}"), "no header");
    assert!(finds(header_says_what_it_is, "text/x.rs", "//! Folds.\nfn f() {}"), "does not say what it is not");
    assert!(!finds(header_says_what_it_is, "text/x.rs", "//! Folds.\n//!\n//! Not here: matching.\nfn f() {}"));
    assert!(!finds(header_says_what_it_is, "text/tests.rs", "//! Folding, tested.\nfn f() {}"));
}

#[test]
fn no_file_outgrows_a_reader() {
    assert_clean(file_is_short);
    assert!(finds(file_is_short, "text/x.rs", &"fn f() {}\n".repeat(MAX_CODE_LINES + 1)));
    let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}", "fn f() {}\n".repeat(9), "fn t() {}\n".repeat(600));
    assert!(!finds(file_is_short, "text/x.rs", &tested), "tests do not count");
    assert!(!finds(file_is_short, "text/x.rs", &"// why\n\n".repeat(600)), "comments do not count");
}

#[test]
fn sql_stays_in_its_backend() {
    assert_clean(sql_stays_in_its_backend_file);
    assert!(finds(sql_stays_in_its_backend_file, "service/x.rs", "const Q: &str = \"SELECT id FROM decisions\";"));
    assert!(finds(sql_stays_in_its_backend_file, "store/mod.rs", "const Q: &str = r#\"  INSERT INTO d VALUES\"#;"));
    assert!(!finds(sql_stays_in_its_backend_file, "store/sqlite.rs", "const Q: &str = \"SELECT id\";"));
    assert!(!finds(sql_stays_in_its_backend_file, "cli/x.rs", "const Q: &str = \"Select a file\";"));
}

#[test]
fn a_type_is_named_for_what_it_is() {
    assert_clean(types_have_names);
    assert!(finds(types_have_names, "text/x.rs", "pub struct FoldManager;"));
    assert!(finds(types_have_names, "text/x.rs", "pub trait TextHelper {}"));
    assert!(finds(types_have_names, "text/x.rs", "type CommonFold = u8;"));
    assert!(!finds(types_have_names, "text/x.rs", "pub struct Utility; struct Mystery;"), "whole words only");
}

#[test]
fn the_table_of_layers_matches_the_folders() {
    for name in files().iter().map(SourceFile::layer) {
        let layer = LAYERS.iter().find(|layer| layer.name == name);
        assert!(layer.is_some_and(|layer| !layer.why.is_empty()), "src/{name} has no row with a reason in LAYERS");
    }
    for layer in LAYERS {
        for name in layer.must_not_know {
            assert!(
                LAYERS.iter().any(|other| other.name == *name),
                "{} must not know {name}, which is none",
                layer.name
            );
        }
    }
}

fn imports_go_down(file: &SourceFile) -> Faults {
    let Some(own) = LAYERS.iter().find(|layer| layer.name == file.layer()) else {
        return vec![format!("{}: give its folder a row in LAYERS (tests/architecture.rs)", file.path)];
    };
    let mut faults = Vec::new();
    for (line, path) in file.crate_paths() {
        let Some(other) = LAYERS.iter().find(|layer| path.first().is_some_and(|first| first == layer.name)) else {
            continue;
        };
        let allowed = other.rank < own.rank && !own.must_not_know.contains(&other.name);
        if !allowed && other.name != own.name {
            let (path, why) = (path.join("::"), own.why);
            faults.push(format!("{}:{line}: {} must not use crate::{path} ({why})", file.path, own.name));
        }
    }
    faults
}

fn reserved_words_stay(file: &SourceFile) -> Faults {
    let mut faults = Vec::new();
    for token in tokens(&file.code) {
        for (words, layers, why) in RESERVED {
            let printing = !words.contains(&"println") || file.code[token.start + token.text.len()..].starts_with('!');
            if words.contains(&token.text) && printing && !layers.contains(&file.layer()) {
                faults.push(format!("{}:{}: `{}` only in {layers:?} ({why})", file.path, token.line, token.text));
            }
        }
    }
    faults
}

fn nothing_panics(file: &SourceFile) -> Faults {
    let found = tokens(&file.code);
    let mut faults = Vec::new();
    for neighbours in found.windows(3) {
        let [before, word, after] = neighbours else { continue };
        let method = before.text == "." && matches!(word.text, "unwrap" | "expect") && after.text == "(";
        let macros = ["panic", "todo", "unimplemented", "unreachable"];
        let call = macros.contains(&word.text) && after.text == "!";
        if method || call {
            let advice = "return an error or a diagnostic";
            faults.push(format!("{}:{}: `{}` can end the process: {advice}", file.path, word.line, word.text));
        }
    }
    faults
}

fn header_says_what_it_is(file: &SourceFile) -> Faults {
    let header = file.header();
    let excused = file.is_test || WITHOUT_NOT_HERE.iter().any(|(path, _)| *path == file.path);
    if header.is_empty() {
        vec![format!("{}: open with `//!`: what it is, what it is not, what it keeps true", file.path)]
    } else if !excused && !header.contains("Not here") {
        vec![format!("{}: its `//!` must say \"Not here: …\"", file.path)]
    } else {
        Vec::new()
    }
}

fn file_is_short(file: &SourceFile) -> Faults {
    let lines = file.code_lines();
    if lines <= MAX_CODE_LINES {
        return Vec::new();
    }
    vec![format!("{}: {lines} lines of code, at most {MAX_CODE_LINES}: divide it by what it does", file.path)]
}

fn sql_stays_in_its_backend_file(file: &SourceFile) -> Faults {
    if file.path.starts_with("store/") && file.path != "store/mod.rs" {
        return Vec::new();
    }
    let openings = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "CREATE INDEX ", "PRAGMA "];
    let mut faults = Vec::new();
    for (position, line) in file.strings.lines().enumerate() {
        let text = line.trim_start().trim_start_matches(['r', 'b', 'c', '#', '"', '\\', ' ']);
        if openings.iter().any(|opening| text.starts_with(opening)) {
            faults.push(format!("{}:{}: SQL belongs to one file of store/", file.path, position + 1));
        }
    }
    faults
}

fn types_have_names(file: &SourceFile) -> Faults {
    let found = tokens(&file.code);
    let mut faults = Vec::new();
    for pair in found.windows(2) {
        let [keyword, name] = pair else { continue };
        if matches!(keyword.text, "struct" | "enum" | "trait" | "type" | "union")
            && words(name.text).iter().any(|word| UGLY_NAMES.contains(&word.as_str()))
        {
            faults.push(format!("{}:{}: `{}` does not say what it is", file.path, name.line, name.text));
        }
    }
    faults
}

/// `FoldManager` is `Fold`, `Manager`.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if !character.is_uppercase() => word.push(character),
            _ => words.push(character.to_string()),
        }
    }
    words
}

/// Every file of `src/`, read once.
fn files() -> &'static [SourceFile] {
    static FILES: LazyLock<Vec<SourceFile>> =
        LazyLock::new(|| read_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    &FILES
}

fn assert_clean(rule: fn(&SourceFile) -> Faults) {
    assert!(!files().is_empty());
    let faults: Faults = files().iter().flat_map(rule).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn finds(rule: fn(&SourceFile) -> Faults, path: &str, text: &str) -> bool {
    !rule(&SourceFile::new(path, text)).is_empty()
}

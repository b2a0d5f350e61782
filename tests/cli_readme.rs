//! Every example of the README runs and prints what the README shows.
//!
//! `BLESS=1 cargo test --test cli_readme` rewrites what commands print, except where the README leaves something out (`…`).
//! Tools that are not installed are skipped, or required where `DSA_SIGNAL_REQUIRE_CLIENTS=1` is set (CI).
//! Not here: how the README is read (`cli/book.rs`).
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "an example that cannot run has failed"
)]

#[path = "cli/book.rs"]
mod book;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use book::{Block, Step, blocks, matches, steps};

/// Where the README's examples expect the server.
const SHOWN_ADDRESS: &str = "127.0.0.1:50051";

/// The server, on a free port.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_dsa-signal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--store", "memory:"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let serving = log.find(|line| line.contains("serving gRPC")).expect("the server says where it listens");
        let event: serde_json::Value = serde_json::from_str(&serving).unwrap();
        std::thread::spawn(move || log.for_each(drop));
        Server { process, address: event["address"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The binary, the clients of the tests, then whatever is installed.
fn search_path() -> std::ffi::OsString {
    let binary = Path::new(env!("CARGO_BIN_EXE_dsa-signal")).parent().unwrap().to_owned();
    let node = std::env::var_os("NODE_PATH").unwrap_or_default();
    let modules = std::iter::once(here("tests/clients/node/node_modules")).chain(std::env::split_paths(&node));
    let tools = modules.map(|folder| folder.join(".bin"));
    let installed = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(binary).chain(tools).chain(std::env::split_paths(&installed))).unwrap()
}

/// Runs a command as the README shows it, with the server's real address.
fn shell(command: &str, folder: &Path) -> (Vec<String>, bool) {
    let output = Command::new("bash")
        .args(["-c", &format!("{{\n{command}\n}} 2>&1")])
        .current_dir(folder)
        .env("PATH", search_path())
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect();
    (printed, output.status.success())
}

/// Are the tools of a block there? A Python module is written `python3:module`.
fn present(tools: &str, folder: &Path) -> bool {
    let required = std::env::var("DSA_SIGNAL_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    tools.split_whitespace().all(|tool| {
        let probe = match tool.split_once(':') {
            Some((python, module)) => format!("{python} -c 'import {module}'"),
            None => format!("command -v {tool}"),
        };
        let there = shell(&probe, folder).1;
        assert!(there || !required, "{tool} is required here and not installed");
        if !there {
            eprintln!("skipped: {tool} is not installed");
        }
        there
    })
}

#[test]
fn every_example_of_the_readme_prints_what_the_readme_shows() {
    let path = here("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // The README speaks from the root of the repository.
    for name in ["policies", "proto"] {
        std::os::unix::fs::symlink(here(name), folder.path().join(name)).unwrap();
    }
    let (mut wrong, mut blessed, mut server) = (String::new(), Vec::new(), None);
    let mut address = || server.get_or_insert_with(Server::start).address.clone();
    for block in blocks(&readme) {
        let (kind, rest) = block.mark.split_once(": ").unwrap_or((&block.mark, ""));
        match kind {
            "file" => {
                let text = match block.text.contains(SHOWN_ADDRESS) {
                    true => block.text.replace(SHOWN_ADDRESS, &address()),
                    false => block.text,
                };
                std::fs::write(folder.path().join(rest), text).unwrap();
            }
            "shown" => {}
            "runs" if present(rest, folder.path()) => {
                let address = if block.text.contains(SHOWN_ADDRESS) { address() } else { SHOWN_ADDRESS.to_owned() };
                let session = run(&block, &address, folder.path(), &mut wrong);
                blessed.push((block.lines, session));
            }
            "runs" => {}
            _ => writeln!(wrong, "line {}: what is this block? {:?}", block.lines.start, block.mark).unwrap(),
        }
    }
    if std::env::var_os("BLESS").is_some() {
        bless(&path, &readme, blessed);
    } else {
        assert!(wrong.is_empty(), "run with BLESS=1 if this is right:\n{wrong}");
    }
}

/// Runs a session and gives it as it should be written.
fn run(block: &Block, address: &str, folder: &Path, wrong: &mut String) -> String {
    let mut session = String::new();
    for Step { command, output } in steps(&block.text) {
        let (printed, _) = shell(&command.replace(SHOWN_ADDRESS, address), folder);
        let printed: Vec<String> = printed.iter().map(|line| line.replace(address, SHOWN_ADDRESS)).collect();
        if !matches(&output, &printed) {
            let line = block.lines.start;
            writeln!(
                wrong,
                "line {line}: $ {command}\nshown:\n{}\nprinted:\n{}\n",
                output.join("\n"),
                printed.join("\n")
            )
            .unwrap();
        }
        let shortened = output.iter().any(|line| line.contains('…'));
        writeln!(session, "$ {command}").unwrap();
        for line in if shortened { output } else { printed } {
            writeln!(session, "{line}").unwrap();
        }
    }
    session
}

fn bless(path: &Path, readme: &str, blessed: Vec<(std::ops::Range<usize>, String)>) {
    let mut lines: Vec<String> = readme.lines().map(str::to_owned).collect();
    for (range, session) in blessed.into_iter().rev() {
        lines.splice(range, session.lines().map(str::to_owned));
    }
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn an_example_that_prints_something_else_is_noticed() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&lines("a\n…\nrisk 0.…, done"), &lines("a\nb\nc\nrisk 0.93, done")));
    assert!(!matches(&lines("a\n…\nd"), &lines("a\nb\nc")));
    assert!(!matches(&lines("a"), &lines("a\nb")));
    let session = "$ one \\\n  two\nprinted\n$ three\n";
    let steps = steps(session);
    assert_eq!((steps[0].command.as_str(), steps[0].output.as_slice()), ("one \\\n  two", &["printed".to_owned()][..]));
    assert_eq!((steps[1].command.as_str(), steps[1].output.len()), ("three", 0));
    let found = blocks("x\n<!-- runs: buf -->\n```console\n$ y\n```\n\n```sh\nz\n```\n");
    assert_eq!((found[0].mark.as_str(), found[0].text.as_str(), found[1].mark.as_str()), ("runs: buf", "$ y\n", ""));
}

//! Real clients against the real binary: Python, node, buf; and `buf lint` over the contract.
//!
//! A client that is not installed is skipped with a word about it, or, where `DSA_SIGNAL_REQUIRE_CLIENTS=1` is set (CI),
//! fails the test. Node modules are looked for in `tests/clients/node/node_modules` and in `NODE_PATH`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot run its client has failed")]
#![allow(clippy::print_stderr, reason = "what clients say, and which are missing, is for who runs the test")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The binary under test, on a free port.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_dsa-signal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--store", "memory:"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let serving = log.find(|line| line.as_ref().is_ok_and(|line| line.contains("serving gRPC"))).unwrap().unwrap();
        let event: serde_json::Value = serde_json::from_str(&serving).unwrap();
        let address = event["address"].as_str().unwrap().to_owned();
        // Whoever logs into a closed pipe is not to be confused by it.
        std::thread::spawn(move || log.for_each(drop));
        Service { process, address }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a command to its end and gives what it printed; fails with all it said.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}\n{complained}");
    eprint!("{said}");
    said
}

/// True if the tool answers. If not, this is a reason to skip, or to fail where every client is required.
fn present(what: &str, probe: &mut Command) -> bool {
    let answers = probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    let required = std::env::var("DSA_SIGNAL_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    assert!(answers || !required, "{what} is required here and does not answer to {probe:?}");
    if !answers {
        eprintln!("skipped: {what} is not installed");
    }
    answers
}

fn python(modules: &str) -> Option<Command> {
    let probe = format!("import {modules}");
    present(&format!("python3 with {modules}"), Command::new("python3").args(["-c", &probe]))
        .then(|| Command::new("python3"))
}

fn node_modules() -> Vec<PathBuf> {
    let given = std::env::var_os("NODE_PATH").unwrap_or_default();
    std::iter::once(here("tests/clients/node/node_modules")).chain(std::env::split_paths(&given)).collect()
}

fn buf() -> Option<Command> {
    let installed = node_modules().into_iter().map(|folder| folder.join(".bin/buf")).find(|path| path.exists());
    let path = installed.unwrap_or_else(|| PathBuf::from("buf"));
    present("buf", Command::new(&path).arg("--version")).then(|| Command::new(path))
}

#[test]
fn python_calls_it_by_reflection() {
    let Some(mut python) = python("grpc, grpc_reflection") else { return };
    let service = Service::start();
    run(python.arg(here("tests/clients/python/by_reflection.py")).arg(&service.address));
}

#[test]
fn python_calls_every_rpc_by_generated_stubs() {
    let Some(mut python) = python("grpc, grpc_tools") else { return };
    let service = Service::start();
    run(python.arg(here("tests/clients/python/by_stubs.py")).arg(&service.address).arg(here("proto")));
}

#[test]
fn node_calls_it_with_grpc_js() {
    let path = std::env::join_paths(node_modules()).unwrap();
    let modules = "require('@grpc/grpc-js'); require('@grpc/proto-loader')";
    let folder = here("tests/clients/node");
    let mut probe = Command::new("node");
    if !present("node with @grpc/grpc-js", probe.args(["-e", modules]).current_dir(&folder).env("NODE_PATH", &path)) {
        return;
    }
    let service = Service::start();
    run(Command::new("node")
        .env("NODE_PATH", path)
        .arg(folder.join("main.cjs"))
        .arg(&service.address)
        .arg(here("proto")));
}

#[test]
fn buf_calls_it_by_reflection_and_prints_what_is_wrong() {
    let Some(mut buf) = buf() else { return };
    let service = Service::start();
    let curl = |buf: &mut Command, data: &str| {
        buf.args(["curl", "--http2-prior-knowledge", "--protocol", "grpc", "--data", data])
            .arg(format!("http://{}/dsasignal.v1.ScoringService/ScoreListing", service.address))
            .output()
            .unwrap()
    };
    let data = r#"{"listing": {"listing_id": "l-1", "sellerId": "s-1", "title": "Wooden chair"}}"#;
    let output = curl(&mut buf, data);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["assessment"]["subject"]["id"], "l-1");
    let Some(mut again) = self::buf() else { return };
    let refused = curl(&mut again, r#"{"listing": {"listing_id": "l-1"}}"#);
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && complaint.contains("invalid_argument"), "{complaint}");
    assert!(complaint.contains("google.rpc.BadRequest") && complaint.contains("listing.seller_id"), "{complaint}");
}

#[test]
fn the_contract_is_lint_clean() {
    let Some(mut buf) = buf() else { return };
    run(buf.arg("lint").current_dir(here("")));
}

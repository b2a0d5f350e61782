//! The process: what it prints, how it refuses, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot run the binary has failed")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn service() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsa-signal"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DSA_SIGNAL_")) {
        command.env_remove(name);
    }
    command.env("DSA_SIGNAL_STORE", "memory:"); // nothing of a test belongs into the user's data folder
    command
}

fn output(command: &mut Command) -> (Output, String) {
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, complaint)
}

/// Starts to serve and waits until it does.
fn serving(command: &mut Command) -> (Child, BufReader<ChildStderr>, String) {
    let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("serving gRPC") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the service ended before it served");
    }
    (process, log, line)
}

fn terminate(process: &Child) {
    let killed = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    assert!(killed.success());
}

#[test]
fn the_configuration_in_force_is_shown_layer_over_layer() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "listen = \"127.0.0.1:1\"\nworkers = 3\ndrain_grace = \"7s\"\n").unwrap();
    let (shown, complaint) = output(
        service()
            .args(["serve", "--listen", "127.0.0.1:2", "--print-config", "--config"])
            .arg(file.path())
            .env("DSA_SIGNAL_WORKERS", "5")
            .env("DSA_SIGNAL_SERVICE_PORT", "tcp://10.0.0.1:50051"),
    );
    assert!(shown.status.success(), "{complaint}");
    let shown = String::from_utf8(shown.stdout).unwrap();
    for line in ["listen = \"127.0.0.1:2\"", "workers = 5", "drain_grace = \"7000ms\"", "max_batch_size = 67108864"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} in\n{shown}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_before_anything_starts_with_every_fault() {
    let (refused, complaint) =
        output(service().env("DSA_SIGNAL_WORKERS", "many").env("DSA_SIGNAL_DRAIN_TIMEOUT", "soon"));
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains("workers is \"many\"; write") && complaint.contains("drain_timeout is \"soon\"; write"));

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "lisen = 1\n").unwrap();
    let (refused, complaint) = output(service().arg("--config").arg(file.path()));
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains("unknown field `lisen`"), "{complaint}");
}

#[test]
fn a_taken_port_is_named_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (refused, complaint) = output(service().args(["--listen", &address]));
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains(&address) && complaint.contains("--listen"), "{complaint}");
}

#[test]
fn it_is_ready_within_a_second_and_ends_well_on_sigterm() {
    let begun = Instant::now();
    let (mut process, _log, line) = serving(
        service().args(["--listen", "127.0.0.1:0", "--log-format", "json"]).env("DSA_SIGNAL_DRAIN_GRACE", "50ms"),
    );
    // The budget is a second for the release build; a debug build on a busy machine gets more.
    let limit = if cfg!(debug_assertions) { 20 } else { 1 };
    assert!(begun.elapsed() < Duration::from_secs(limit), "{:?}", begun.elapsed());
    assert!(line.contains("\"policy\":\"default\""), "{line}");
    terminate(&process);
    assert!(process.wait().unwrap().success());
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut command = service();
    let (mut process, mut log, _) =
        serving(command.args(["--listen", "127.0.0.1:0"]).env("DSA_SIGNAL_DRAIN_GRACE", "60s"));
    terminate(&process);
    let mut line = String::new();
    while !line.contains("NOT_SERVING") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0);
    }
    terminate(&process);
    assert_eq!(process.wait().unwrap().code(), Some(130));
}

//! The real binary on free ports: started, asked over HTTP/1, ended.
//!
//! Not here: assertions. Kept true: nothing of the surrounding environment reaches it; it is gone when the test is.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot run the binary has failed")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The binary, without the surrounding environment.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsa-signal"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DSA_SIGNAL_")) {
        command.env_remove(name);
    }
    command.env("DSA_SIGNAL_STORE", "memory:"); // nothing of a test belongs into the user's data folder
    command
}

/// A service that serves.
pub struct Served {
    pub process: Child,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    log: Receiver<String>,
}

impl Served {
    /// On free ports, with further arguments.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_by(command().args(arguments))
    }

    /// As prepared; ports are chosen here.
    pub fn start_by(command: &mut Command) -> Self {
        let mut process = command
            .args(["--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--log-format", "json"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let serving = loop {
            let Some(line) = lines.next() else { panic!("it ended before it served: {said:#?}") };
            if line.contains("serving gRPC") {
                break line;
            }
            said.push(line);
        };
        let event: serde_json::Value = serde_json::from_str(&serving).unwrap();
        let address = |key: &str| event[key].as_str().unwrap().parse().unwrap();
        let (sender, log) = channel();
        // Whoever logs into a closed pipe is not to be confused by it.
        std::thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
        Served { address: address("address"), metrics: address("metrics"), process, log }
    }

    /// The next line of the log that holds a text; fails after `most`.
    pub fn log_line(&self, text: &str, most: Duration) -> String {
        let end = Instant::now() + most;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.log.recv_timeout(left) else { panic!("{text:?} was not logged within {most:?}") };
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Every line that has been logged since the last look.
    pub fn log_lines(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }

    /// Status and body of a page.
    pub fn page(&self, path: &str) -> (u16, String) {
        get(self.metrics, path).unwrap()
    }

    /// The value of a series, as the page writes it.
    pub fn metric(&self, series: &str) -> f64 {
        let (_, page) = self.page("/metrics");
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{series} in\n{page}")).trim().parse().unwrap()
    }

    /// Resident memory, bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Sends SIGTERM.
    pub fn ask_to_stop(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Waits for its end; fails after `most`.
    pub fn ended_within(&mut self, most: Duration) -> ExitStatus {
        let end = Instant::now() + most;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "it has not ended within {most:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _already_gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// A page over HTTP/1.1.
pub fn get(address: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Ok((status, body.to_owned()))
}

/// A token and its line, as the command makes them.
pub fn new_token(name: &str, roles: &str) -> (String, String) {
    let output = command().args(["token", "new", "--name", name, "--role", roles]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
    (text(output.stdout), text(output.stderr))
}

/// Replaces a file at once, as careful tools do.
pub fn replace(path: &Path, text: impl AsRef<[u8]>) {
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, path).unwrap();
}

//! Servers under load: processes of their own, on processors of their own, watched from outside.
//!
//! Not here: what is asked of them. Kept true: nothing of the surrounding environment reaches them, they keep their records in a folder that goes with
//! them, and they are gone when the measurement is.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::wire::v1::{Action, Assessment, Listing, ScoreListingRequest};
use prost::Message;
use tempfile::TempDir;

use super::options::Options;
use super::process::{Served, command};

/// Ticks of a second in /proc, on every Linux there is.
const TICKS: u64 = 100;

/// A server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) pid: u32,
    /// The real one, for its metrics.
    pub(crate) served: Option<Served>,
    null: Option<Child>,
    _folder: TempDir,
}

impl Server {
    /// The service itself, with further arguments.
    pub(crate) fn real(options: &Options, arguments: &[&str]) -> Server {
        let folder = TempDir::new().unwrap();
        let mut command = real_command(options, folder.path());
        let served = Served::start_by(command.arg("serve").args(arguments));
        let (address, pid) = (served.address, served.process.id());
        pin(options, pid);
        Server { name: "dsa-signal", address, pid, served: Some(served), null: None, _folder: folder }
    }

    /// What answers without a thought.
    pub(crate) fn null(options: &Options, answers: &[Assessment]) -> Server {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("answers");
        let mut file = std::fs::File::create(&path).unwrap();
        answers.iter().for_each(|answer| file.write_all(&answer.encode_length_delimited_to_vec()).unwrap());
        let mut null = null_command(options, &path).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(null.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (address, pid) = (line.trim().parse().unwrap(), null.id());
        pin(options, pid);
        Server { name: "null", address, pid, served: None, null: Some(null), _folder: folder }
    }

    /// Time of the process on processors so far, of all its threads.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&self.pid.to_string())
    }

    /// Resident memory, bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(null) = &mut self.null {
            let _already_gone = null.kill();
            let _ended = null.wait();
        }
    }
}

/// The service's command without `serve`.
pub(crate) fn real_command(options: &Options, folder: &Path) -> Command {
    let mut command = command();
    if options.sqlite {
        command.env("DSA_SIGNAL_STORE", format!("sqlite:{}", folder.join("records.sqlite").display()));
    }
    command.env("DSA_SIGNAL_SPOOL", folder.join("spool"));
    command.env("DSA_SIGNAL_WORKERS", workers(options).to_string());
    for (key, value) in &options.set {
        command.env(format!("DSA_SIGNAL_{key}"), value);
    }
    command
}

/// This program as the null server.
pub(crate) fn null_command(options: &Options, answers: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("null-server").arg(answers).arg("--server-cores").arg(workers(options).to_string());
    command.stdout(Stdio::piped());
    command
}

/// Time of a process on processors, of all its threads.
pub(crate) fn cpu(pid: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name may hold anything, so fields are counted after its closing bracket: user and system time are the 12th and 13th.
    let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 1000 / TICKS)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// True if the client and the server have processors of their own.
pub(crate) fn is_split(options: &Options) -> bool {
    !options.shared && allowed() > 1
}

/// How many processors this machine has, whatever this process has been told to stay on.
fn allowed() -> usize {
    let text = std::fs::read_to_string("/proc/stat").unwrap();
    text.lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count()
}

fn workers(options: &Options) -> usize {
    if is_split(options) { options.server_cores.min(allowed() - 1) } else { processors() }
}

/// The server has the last processors.
fn pin(options: &Options, pid: u32) {
    if is_split(options) {
        let (first, last) = (allowed() - workers(options), allowed() - 1);
        taskset(&format!("{first}-{last}"), pid);
    }
}

/// This process keeps off the server's processors.
pub(crate) fn stay_on_client_cores(options: &Options) {
    if is_split(options) {
        taskset(&format!("0-{}", allowed() - workers(options) - 1), std::process::id());
    }
}

fn taskset(processors: &str, pid: u32) {
    let mut command = Command::new("taskset");
    let done = command.args(["-a", "-c", "-p", processors, &pid.to_string()]).stdout(Stdio::null()).status();
    assert!(done.is_ok_and(|status| status.success()), "taskset (util-linux) is needed, or --shared");
}

/// How the run is laid out, for its first line.
pub(crate) fn layout(options: &Options) -> String {
    let store = if options.sqlite { "sqlite" } else { "memory" };
    match is_split(options) {
        true => format!("server on {} of {} processors, client on the rest; {store}", workers(options), allowed()),
        false => format!("client and server share {} processors; {store}", processors()),
    }
}

/// What a server answers to listings, and how many of them it would not simply allow.
pub(crate) async fn answers(server: &Server, listings: &[Listing]) -> (Vec<Assessment>, usize) {
    let mut client = ScoringServiceClient::connect(format!("http://{}", server.address)).await.unwrap();
    let mut answers = Vec::new();
    for listing in listings {
        let request = ScoreListingRequest { listing: Some(listing.clone()) };
        answers.push(client.score_listing(request).await.unwrap().into_inner().assessment.unwrap());
    }
    let flagged = answers.iter().filter(|answer| answer.action() > Action::Allow).count();
    (answers, flagged)
}

//! `ready`: how long it takes from the start of the process to its first SERVING, what it holds then, and what it keeps.
//!
//! Not here: how it ends (tests/edge_process.rs). Kept true: the clock starts before the process does; whoever asks does so every millisecond.

use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tonic::Code;

use super::super::client::Line;
use super::super::measure::MiB;
use super::super::options::Options;
use super::super::server::{Server, answers, cpu, real_command};
use super::super::{corpus, encode};

/// What compiling the policy pack took has gone back to the system by then.
const SETTLED: Duration = Duration::from_secs(4);
/// Patience with a process that does not come up.
const LONGEST: Duration = Duration::from_secs(30);

pub(crate) async fn run(options: &Options) {
    let options = &Options { shared: true, ..options.clone() }; // nobody has a share to keep yet
    let listings = corpus::listings(1000, true);
    let (answers, _) = {
        let real = Server::real(options, &[]);
        answers(&real, &listings).await
    };
    for _ in 0..options.rounds {
        let begun = Instant::now();
        let null = Server::null(options, &answers);
        let line = Line::open(null.address).await.unwrap();
        assert_eq!(line.score(encode::requests(&listings)[0].clone()).await.unwrap().code, Code::Ok);
        println!("null       first answer after {:6.1} ms  RSS {}", millis(begun.elapsed()), MiB(null.resident()));
        drop(null);
        real(options).await;
    }
}

async fn real(options: &Options) {
    let folder = TempDir::new().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command: Command = real_command(options, folder.path());
    command.args(["serve", "--listen", &free.to_string(), "--metrics-listen", "off", "--log-format", "json"]);
    let begun = Instant::now();
    let started = Started(command.stderr(Stdio::null()).spawn().unwrap());
    let process = &started.0;
    let ready = serving(free, begun).await;
    let resident = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        MiB(line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024)
    };
    let (used, then) = (cpu(&process.id().to_string()), resident());
    tokio::time::sleep(SETTLED).await;
    println!(
        "dsa-signal SERVING after      {:6.1} ms  RSS {then}, {} s later {}  CPU {:.0} ms",
        millis(ready),
        SETTLED.as_secs(),
        resident(),
        millis(used),
    );
}

/// A process that ends with the measurement, also where that fails.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _already_gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// When the first SERVING came.
async fn serving(address: SocketAddr, begun: Instant) -> Duration {
    while begun.elapsed() < LONGEST {
        if let Ok(line) = Line::open(address).await
            && let Ok((told, answer)) = line.health().await
            // Field 1, SERVING.
            && told.code == Code::Ok
            && answer.ends_with(&[0x08, 0x01])
        {
            return begun.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it was not ready within {LONGEST:?}");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

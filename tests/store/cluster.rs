//! A PostgreSQL of the test's own, so that it can be crashed and started again without troubling anybody else.
//!
//! Not here: the one that other tests share (`backends.rs`). Kept true: its files and its processes are gone when its value is; where PostgreSQL is
//! not installed the test says so, and fails if `DSA_SIGNAL_REQUIRE_POSTGRES=1`.
#![allow(unreachable_pub, reason = "it is a part of the test binaries that name it")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test without its database has failed")]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Owns the processes of a cluster when the tests run as root, which PostgreSQL refuses to run as.
const OWNER: &str = "postgres";

pub struct Cluster {
    settings: String,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes one and starts it. `None` if PostgreSQL is not installed and not required.
    pub fn create() -> Option<Self> {
        Self::create_with("", &[])
    }

    /// With settings of its own, and files (name, text) that stand where it can read them and nobody else can.
    pub fn create_with(settings: &str, files: &[(&str, &str)]) -> Option<Self> {
        let required = std::env::var("DSA_SIGNAL_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        let Some(programs) = programs() else {
            assert!(!required, "PostgreSQL is required and not installed");
            eprintln!("skipped: PostgreSQL is not installed");
            return None;
        };
        let folder = TempDir::new().unwrap();
        if is_root() {
            run(Command::new("chown").arg(OWNER).arg(folder.path()));
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Cluster { settings: settings.to_owned(), folder, programs, port };
        let data = cluster.data();
        run(cluster.program("initdb").args(["-A", "trust", "-U", "dsa", "-E", "UTF8", "-D"]).arg(data));
        for (name, text) in files {
            let path = cluster.data().join(name);
            std::fs::write(&path, text).unwrap();
            run(Command::new("chmod").arg("600").arg(&path));
            if is_root() {
                run(Command::new("chown").arg(OWNER).arg(&path));
            }
        }
        cluster.start();
        Some(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://dsa@127.0.0.1:{}/postgres", self.port)
    }

    pub fn start(&self) {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=100 {}",
            self.port,
            self.folder.path().display(),
            self.settings
        );
        run(self
            .program("pg_ctl")
            .args(["-w", "-s", "-o", &settings, "-l"])
            .arg(self.log())
            .arg("-D")
            .arg(self.data())
            .arg("start"));
    }

    /// As a crash would end it: it has to recover from its log.
    pub fn crash(&self) {
        run(self.program("pg_ctl").args(["-s", "-m", "immediate", "-D"]).arg(self.data()).arg("stop"));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// A program of PostgreSQL, as its owner.
    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", OWNER, "--"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        let _stopped_already = stop.args(["-s", "-m", "immediate", "-D"]).arg(self.data()).arg("stop").status();
    }
}

/// Where PostgreSQL's programs are: on the path, or where Debian keeps those that it does not put there.
fn programs() -> Option<PathBuf> {
    let on_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    on_path.chain(versions).find(|folder: &PathBuf| folder.join("initdb").exists())
}

fn is_root() -> bool {
    Path::new("/proc/self").exists()
        && std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

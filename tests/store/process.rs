//! The real service as a process of its own that can be killed, and what is in a store afterwards.
//!
//! Not here: load, assertions about it. Kept true: a service that was started is gone when its value is; whoever looks into a store
//! checks every chain on the way.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test without its service has failed")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use dsa_signal::domain::RecordKind;
use dsa_signal::store::{ChainVerifier, Store};
use dsa_signal::wire::v1;
use tonic::transport::Channel;

/// A service with a small pack.
pub struct Service {
    process: Child,
    pub address: String,
}

impl Service {
    /// Starts it over a store, with settings of its own. Returns once it serves.
    pub fn start(location: &str, settings: &[(&str, &str)]) -> Self {
        let pack = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/pack");
        let mut process = Command::new(env!("CARGO_BIN_EXE_dsa-signal"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--policy", pack, "--store", location])
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("serving gRPC") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the service ended before it served");
        }
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        // Somebody has to read what it logs, or it stops when the pipe is full.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Service { process, address: format!("http://{}", line["address"].as_str().unwrap()) }
    }

    pub async fn connect(&self) -> Channel {
        Channel::from_shared(self.address.clone()).unwrap().connect().await.unwrap()
    }

    /// kill -9.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and waits for the end of the drain.
    pub fn stop(mut self) {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status().unwrap();
        assert!(asked.success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _gone_already = self.process.kill();
        let _gone_already = self.process.wait();
    }
}

/// A listing that is flagged under the small pack if its title is `Wonderpill`.
pub fn listing(name: &str, seller: &str, title: &str) -> Option<v1::Listing> {
    Some(v1::Listing { listing_id: name.into(), seller_id: seller.into(), title: title.into(), ..Default::default() })
}

/// Every identifier in the store, by kind; the chains checked on the way.
pub async fn kept(store: &dyn Store) -> HashSet<(RecordKind, String)> {
    let mut kept = HashSet::new();
    for head in store.heads().await.unwrap() {
        let mut verifier = ChainVerifier::new(head.clone());
        loop {
            let entries = store.chain(&head.chain, verifier.last(), 1000).await.unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let record = verifier.next(&entry).expect("a body that is whole");
                assert!(kept.insert((entry.kind, record.id().to_owned())), "{} twice", record.id());
            }
        }
        assert_eq!(verifier.finish(), []);
    }
    kept
}

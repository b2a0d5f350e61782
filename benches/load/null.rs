//! The null server: the null service in a process of its own, as the real one runs.
//!
//! Not here: what it answers (`common/null.rs`). Kept true: its answers are those that the real one gave.

use std::collections::HashMap;

use dsa_signal::wire::v1::Assessment;
use prost::Message;
use tokio::net::TcpListener;

use super::null_service;
use super::options::Options;

/// Serves until it is killed; says on its first line where. Its answers are a file of assessments, each after its length.
pub(crate) fn serve(options: &Options) {
    let bytes = std::fs::read(&options.answers).unwrap();
    let (mut rest, mut answers) = (bytes.as_slice(), HashMap::new());
    while !rest.is_empty() {
        let answer = Assessment::decode_length_delimited(&mut rest).unwrap();
        let id = answer.subject.clone().unwrap_or_default().id;
        answers.insert(id, answer);
    }
    let threads = options.server_cores;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        null_service::serve(listener, answers).await;
    });
}

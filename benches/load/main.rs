//! The project's own load: what the service does at its capacity, beyond it, while packs change, and over a long time.
//!
//! `cargo bench --bench load -- MODE [options]`; without a mode it says which there are. docs/PERFORMANCE.md says how to read the figures.
//! Not here: what single functions cost (the other benches). Kept true: the server is a process of its own, on processors of its own where there are two;
//! what is sent was encoded before the clock started; whoever measures says when it was itself the bottleneck.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)] // a bench that cannot measure has nothing to say
#![allow(missing_docs, reason = "a program, not a library")]

mod client;
mod drive;
mod encode;
mod measure;
mod modes;
mod null;
mod options;
mod server;

#[path = "../common/corpus.rs"]
mod corpus;
#[path = "../common/null.rs"]
mod null_service;
#[path = "../../tests/support/process.rs"]
mod process;

use options::{Mode, Options, USAGE};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            std::process::exit(2);
        }
    };
    match options.mode {
        None => println!("{USAGE}"), // `cargo test --benches` and `cargo bench` only want to know that it builds
        Some(Mode::Null) => null::serve(&options),
        Some(mode) => {
            server::stay_on_client_cores(&options);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(modes::run(mode, &options));
        }
    }
}

//! The binary: maps a result to an exit code and nothing else.

use std::process::ExitCode;

/// Threads that score allocate and free at a rate that the system's allocator feels.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    dsa_signal::cli::run(dsa_signal::app::serve).into()
}

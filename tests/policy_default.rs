//! The default pack in the repository: it compiles without a warning, and it is the one built into the binary.
//!
//! Not here: its own examples (they need the engine). Run this after editing a pack: it prints every fault with its
//! place.

#![allow(clippy::panic)] // a helper of tests

use std::path::Path;

use dsa_signal::policy::{PackSource, compile, embedded};

fn on_disk() -> PackSource {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/default");
    PackSource::from_dir(&folder).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn the_default_pack_compiles_without_a_warning() {
    let faults = match compile(&on_disk()) {
        Ok((_, warnings)) => warnings,
        Err(faults) => faults,
    };
    let shown: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
    assert!(shown.is_empty(), "\n{}", shown.join("\n\n"));
}

#[test]
fn the_default_pack_is_the_embedded_one() {
    assert_eq!(embedded().digest(), on_disk().digest(), "build.rs watches policies/default: build again");
}

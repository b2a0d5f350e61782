//! One folder for each diagnostic code: files laid over a small sound pack, and the output expected.
//!
//! `tests/policy/diagnostics/<code>/` holds files that replace or join those of `tests/policy/base/` (`removed.txt`
//! lists files to leave out) and `expected.txt`. `BLESS=1 cargo test --test policy_diagnostics` rewrites what is
//! expected; read the difference before you commit it.

#![allow(clippy::panic, clippy::unwrap_used)] // helpers of tests

use std::fs;
use std::path::{Path, PathBuf};

use dsa_signal::policy::{Code, PackDiagnostic, PackFile, PackSource, compile};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy")
}

fn base() -> PackSource {
    PackSource::from_dir(&folder().join("base")).unwrap()
}

/// What is wrong with a case.
fn diagnose(case: &Path) -> Vec<PackDiagnostic> {
    let removed = fs::read_to_string(case.join("removed.txt")).unwrap_or_default();
    let own = match PackSource::from_dir(case) {
        Ok(source) => source.files().to_vec(),
        Err(faults) => return faults,
    };
    let replaced = |file: &PackFile| {
        removed.lines().any(|path| path == file.path) || own.iter().any(|other| other.path == file.path)
    };
    let kept = base().files().iter().filter(|file| !replaced(file)).cloned().collect::<Vec<_>>();
    match compile(&PackSource::from_files(kept.into_iter().chain(own))) {
        Ok((_, warnings)) => warnings,
        Err(faults) => faults,
    }
}

#[test]
fn every_code_is_shown_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut different = Vec::new();
    for code in Code::ALL {
        let case = folder().join("diagnostics").join(code.as_str());
        let faults = diagnose(&case);
        assert!(faults.iter().any(|fault| fault.code == code.as_str()), "{}: {faults:#?}", code.as_str());
        let shown: Vec<String> = faults.iter().map(|fault| fault.render(false) + "\n").collect();
        let shown = shown.join("\n");
        let expected = case.join("expected.txt");
        if bless {
            fs::write(&expected, &shown).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != shown {
            different.push(format!("== {} ==\n{shown}", code.as_str()));
        }
    }
    assert!(different.is_empty(), "run with BLESS=1 if this is right:\n{}", different.join("\n"));
}

#[test]
fn the_pack_that_cases_are_laid_over_is_sound() {
    let (_, warnings) = compile(&base()).unwrap();
    assert_eq!(warnings, []);
}

#[test]
fn every_fault_has_a_place_and_a_hint() {
    for code in Code::ALL {
        for fault in diagnose(&folder().join("diagnostics").join(code.as_str())) {
            assert!(!fault.file.is_empty(), "{fault}");
            assert_eq!(fault.line > 0, fault.column > 0, "{fault}");
            assert!(fault.hint.is_some() || fault.code == "P001", "{fault}");
            assert!(fault.snippet.get(fault.marked.0 as usize..fault.marked.1 as usize).is_some(), "{fault}");
        }
    }
}

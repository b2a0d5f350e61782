//! Pack source: whatever bytes a pack's files hold, compiling gives a pack or diagnostics that can be shown.
//!
//! The input is the files of a pack, separated by NUL, in the order of `PATHS`; missing ones are taken from the
//! embedded pack, so that a mutation of one file meets sound others. Kept true here: no panic, every error has a place
//! or a file, rendering never fails, and compiling the same source twice gives the same.
#![no_main]

use dsa_signal::policy::{PackFile, PackSource, Severity, compile, embedded};
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 5] =
    ["signals/medicine.yaml", "lexicons/fuzz.yaml", "pack.yaml", "laws.yaml", "endings.yaml"];

fuzz_target!(|text: &str| {
    let own = PATHS.into_iter().zip(text.split('\0'));
    let own: Vec<PackFile> = own.map(|(path, text)| PackFile { path: path.to_owned(), text: text.to_owned() }).collect();
    let others = embedded().files().iter().filter(|file| PATHS.contains(&file.path.as_str())).cloned().collect::<Vec<_>>();
    let kept = others.into_iter().filter(|file| own.iter().all(|other| other.path != file.path));
    let source = PackSource::from_files(kept.chain(own.iter().cloned()));
    match (compile(&source), compile(&source)) {
        (Ok((pack, warnings)), Ok((_, again))) => {
            assert_eq!(warnings, again);
            assert!(warnings.iter().all(|fault| fault.severity == Severity::Warning));
            let absent = pack.slots.absent_values();
            for signal in &pack.signals {
                signal.predicate.eval(&absent);
            }
        }
        (Err(faults), Err(again)) => {
            assert_eq!(faults, again);
            assert!(faults.iter().any(|fault| fault.severity == Severity::Error));
            for fault in faults {
                assert!(!fault.file.is_empty());
                let _ = (fault.render(false), fault.render(true), fault.to_string());
            }
        }
        _ => panic!("compiling is not deterministic"),
    }
});

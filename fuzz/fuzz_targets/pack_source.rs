//! Pack source: whatever a pack's files hold, compiling gives a pack or diagnostics that can be shown.
//!
//! The input is the files of a pack, separated by NUL, in the order of `RICH`; those that it lacks are taken from there,
//! so that a mutation of one file meets sound others. Kept true here: no panic, an error among the faults of a refused
//! pack, a place for each, the same answer twice.
//!
//! `cargo +nightly fuzz run pack_source -- -dict=fuzz/pack_source.dict -max_total_time=600`
#![no_main]

use dsa_signal::policy::{PackFile, PackSource, Severity, compile};
use libfuzzer_sys::fuzz_target;

/// A pack that uses every part of the format.
const RICH: [(&str, &str); 8] = [
    ("lexicons/a.yaml", include_str!("../../tests/policy/rich/lexicons/a.yaml")),
    ("signals/medicine.yaml", include_str!("../../tests/policy/rich/signals/medicine.yaml")),
    ("lexicons/b.yaml", include_str!("../../tests/policy/rich/lexicons/b.yaml")),
    ("pack.yaml", include_str!("../../tests/policy/rich/pack.yaml")),
    ("laws.yaml", include_str!("../../tests/policy/rich/laws.yaml")),
    ("endings.yaml", include_str!("../../tests/policy/rich/endings.yaml")),
    ("signals/drug.yaml", include_str!("../../tests/policy/rich/signals/drug.yaml")),
    ("signals/influencer.yaml", include_str!("../../tests/policy/rich/signals/influencer.yaml")),
];

fuzz_target!(|input: &str| {
    let mut own = input.split('\0');
    let files = RICH.map(|(path, text)| {
        let text = own.next().filter(|text| !text.is_empty()).unwrap_or(text);
        PackFile { path: path.to_owned(), text: text.to_owned() }
    });
    let source = PackSource::from_files(files);
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

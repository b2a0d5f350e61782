//! The policy pack that a command works with.
//!
//! Not here: what packs hold (`policy/`). Kept true: a pack that does not compile is told in full, place by place, before
//! anything is scored with it.

use std::path::Path;
use std::sync::Arc;

use super::failure::{Failure, say};
use super::terminal::{BAD, DIM, GOOD, HINT, Terminal};
use crate::policy::{self, CompiledPack, PackDiagnostic, PackSource, Severity};
use crate::service::{PolicyHandle, Scorer, now};

/// A scorer over a pack's folder, or over the pack inside the binary.
pub(super) fn scorer(dir: Option<&Path>) -> Result<Scorer, Failure> {
    let pack = load(dir)?;
    Ok(Scorer::new(Arc::new(PolicyHandle::new(pack, now()))))
}

/// The pack of a folder, or the one inside the binary. Warnings are for who writes packs (`policy check`), not for here.
pub(super) fn load(dir: Option<&Path>) -> Result<CompiledPack, Failure> {
    compiled(dir, policy::compile)
}

fn compiled(
    dir: Option<&Path>,
    compile: impl FnOnce(&PackSource) -> Result<(CompiledPack, Vec<PackDiagnostic>), Vec<PackDiagnostic>>,
) -> Result<CompiledPack, Failure> {
    compiled_from(dir, source(dir), compile)
}

fn compiled_from(
    dir: Option<&Path>,
    source: Result<PackSource, Vec<PackDiagnostic>>,
    compile: impl FnOnce(&PackSource) -> Result<(CompiledPack, Vec<PackDiagnostic>), Vec<PackDiagnostic>>,
) -> Result<CompiledPack, Failure> {
    let compiled = source.and_then(|source| compile(&source));
    compiled.map(|(pack, _)| pack).map_err(|diagnostics| {
        let errors: Vec<_> = diagnostics.into_iter().filter(|one| one.severity == Severity::Error).collect();
        tell(&errors);
        let terminal = Terminal::stderr();
        say(&format!("{} {} does not compile", terminal.paint(BAD, "error:"), name(dir)));
        Failure::Told
    })
}

/// The pack without its text model, which is about to be trained: one that is missing or broken does not matter.
pub(super) fn load_untrained(dir: Option<&Path>) -> Result<CompiledPack, Failure> {
    compiled(dir, policy::compile_untrained)
}

/// Checks the pack of a folder; true if it compiles.
pub(super) fn check(dir: &Path) -> bool {
    let terminal = Terminal::stderr();
    match source(Some(dir)).and_then(|source| policy::compile(&source)) {
        Ok((pack, warnings)) => {
            tell(&warnings);
            let reference = &pack.reference;
            let (signals, lexicons, terms) = (pack.signals.len(), pack.lexicons.len(), pack.terms.len());
            let counts =
                format!("{signals} signals, {lexicons} lexicons, {terms} terms, {} examples", pack.examples.len());
            say(&format!("{} {} {}: {counts}", terminal.paint(GOOD, "ok:"), reference.name, reference.version));
            say(&terminal.paint(DIM, &format!("digest {}", reference.digest)));
            true
        }
        Err(diagnostics) => {
            tell(&diagnostics);
            let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
            let warnings = diagnostics.len() - errors;
            let summary = format!("{} does not compile: errors: {errors}, warnings: {warnings}", name(Some(dir)));
            say(&format!("{} {summary}", terminal.paint(BAD, "error:")));
            say(&format!("  {} docs/POLICY.md explains every code", terminal.paint(HINT, "hint:")));
            false
        }
    }
}

/// For people.
pub(super) fn name(dir: Option<&Path>) -> String {
    dir.map_or_else(|| "the pack inside this binary".to_owned(), |dir| format!("the pack {}", dir.display()))
}

fn source(dir: Option<&Path>) -> Result<PackSource, Vec<PackDiagnostic>> {
    dir.map_or_else(|| Ok(policy::embedded()), PackSource::from_dir)
}

/// The files of a pack, and what they compile to.
pub(super) fn load_with_source(dir: Option<&Path>) -> Result<(PackSource, CompiledPack), Failure> {
    let source = source(dir).map_err(|diagnostics| {
        tell(&diagnostics);
        Failure::Told
    })?;
    let pack = compiled_from(dir, Ok(source.clone()), policy::compile)?;
    Ok((source, pack))
}

/// Fails, telling why, if these files are no pack.
pub(super) fn recheck(dir: Option<&Path>, source: &PackSource) -> Result<(), Failure> {
    compiled_from(dir, Ok(source.clone()), policy::compile).map(drop)
}

fn tell(diagnostics: &[PackDiagnostic]) {
    let terminal = Terminal::stderr();
    for diagnostic in diagnostics {
        say(&diagnostic.render(terminal.colour()));
        say("");
    }
}

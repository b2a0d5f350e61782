//! From what the files say to a pack that can be evaluated.
//!
//! Not here: the shape of files (`shape/`), conditions (`condition/`). Kept true: every fault is found in one go;
//! a pack without errors always compiles; time grows in proportion to the size of the pack.

mod commonness;
mod guards;
mod lexicons;
mod places;
mod promotion;
mod relevance;
mod settings;
mod signals;
mod standing;
mod terms;
mod triggers;
mod usage;

#[cfg(test)]
mod tests;

use super::compiled::{CompiledPack, Slot};
use super::condition::Vocabulary;
use super::diagnostic::PackDiagnostic;
use super::faults::Faults;
use super::shape;
use super::source::PackSource;
use crate::domain::PolicyReference;
use commonness::Commonness;

/// Compiles a pack. Gives it with its warnings, or everything that is wrong with it (warnings included), sorted by
/// place.
pub fn compile(source: &PackSource) -> Result<(CompiledPack, Vec<PackDiagnostic>), Vec<PackDiagnostic>> {
    compile_with(source, true)
}

/// `compile` for who is about to train the pack's text model: the model that is there, if any, is not looked at.
pub fn compile_untrained(source: &PackSource) -> Result<(CompiledPack, Vec<PackDiagnostic>), Vec<PackDiagnostic>> {
    compile_with(source, false)
}

fn compile_with(
    source: &PackSource,
    trained: bool,
) -> Result<(CompiledPack, Vec<PackDiagnostic>), Vec<PackDiagnostic>> {
    let mut faults = Faults::new(source);
    let raw = shape::read(source, &mut faults);

    let settings = settings::compile(&raw.settings, &mut faults);
    let standing = standing::compile(raw.standing.as_ref(), &mut faults);
    let model = trained.then(|| settings::model(&raw.settings, &settings.areas, source.model(), &mut faults)).flatten();
    let laws = settings::laws(&raw.laws, &mut faults);
    let mut lexicons = lexicons::compile(&raw, &mut faults);
    let roles = settings::roles(&raw.settings, &lexicons.index, &mut faults);
    let promotion =
        promotion::compile(raw.promotion.as_ref(), &lexicons.index, (&lexicons.terms, &lexicons.surfaces), &mut faults);
    let links = promotion::links(&raw.links, &mut faults);

    let mut vocabulary = Vocabulary::new(&lexicons.index);
    for fact in &lexicons.guard_facts {
        vocabulary.slot(Slot::Fact(*fact));
    }
    let context = signals::Context { settings: &settings, laws: &laws, roles: &roles };
    let signals = signals::compile(&raw.signals, context, &mut vocabulary, &mut faults);
    if faults.has_errors() {
        return Err(faults.into_sorted());
    }
    // Only now: while names are misspelt, much looks unused.
    lexicons.guarding.extend(&promotion.used);
    usage::check(&raw, &lexicons, &signals, &mut faults);
    let slots = vocabulary.into_slots(lexicons.lexicons.len());
    if trained {
        settings::hints(&slots, model.as_ref(), &mut faults);
    }
    let matcher = lexicons.matcher.build();
    let count = lexicons.lexicons.len();
    let common = Commonness::of(&matcher, &signals.examples, count);
    let (triggers, unconditional) = triggers::of_signals(&signals.signals, &slots, &common);
    let relevance = relevance::of_signals(&signals.signals, &slots, (&triggers, &unconditional), (count, &common));
    let pack = CompiledPack {
        reference: PolicyReference { name: settings.name, version: settings.version, digest: source.digest() },
        model: None,
        learned: Vec::new(),
        matcher,
        lexicons: lexicons.lexicons,
        terms: lexicons.terms,
        guards: lexicons.guards,
        slots,
        signals: signals.signals,
        triggers,
        unconditional,
        relevance,
        groups: settings.groups,
        areas: settings.areas,
        roles: roles.roles,
        examples: signals.examples,
        standing,
        promotion: promotion.rules,
        links,
    };
    Ok((pack.with_model(model), faults.into_sorted()))
}

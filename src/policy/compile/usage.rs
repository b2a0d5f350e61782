//! What is defined and never used.
//!
//! Not here: what is used and never defined (found where it is used). Kept true: warnings only.

use super::super::code::Code;
use super::super::faults::Faults;
use super::super::shape::RawPack;
use super::lexicons::CompiledLexicons;
use super::signals::CompiledSignals;
use crate::matching::LexiconId;

/// Warns of lexicons, laws and groups that nothing uses.
pub(super) fn check(raw: &RawPack, lexicons: &CompiledLexicons, signals: &CompiledSignals, faults: &mut Faults<'_>) {
    for ((lexicon, at), id) in lexicons.lexicons.iter().zip(&lexicons.places).zip((0..).map(LexiconId)) {
        if !signals.used_lexicons.contains(&id) && !lexicons.guarding.contains(&id) {
            faults.add(Code::UnusedLexicon, *at, format!("nothing uses the lexicon `{}`", lexicon.id));
        }
    }
    for law in &raw.laws {
        if !signals.used_laws.contains(&law.key.value) {
            faults.add(Code::UnusedLaw, law.key.at, format!("no signal cites the law `{}`", law.key.value));
        }
    }
    for (group, _) in &raw.settings.groups {
        if !signals.used_groups.contains(&group.value) {
            faults.add(Code::UnusedGroup, group.at, format!("no signal is in the group `{}`", group.value));
        }
    }
}

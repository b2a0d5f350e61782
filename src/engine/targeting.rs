//! Audiences, criterion by criterion.
//!
//! Not here: which words reveal what (the pack). Kept true: a plan and a post that is shown by the same criteria meet the same
//! signals, since a criterion is judged as an advertisement that is shown by it; where only all of them together worry, those
//! that are evidence for it are named.

use super::{Circumstances, Scratch, assess};
use crate::domain::{
    Action, Content, Field, LegalBasis, RiskArea, Signal, SpecialCategory, TargetingCriterion, TargetingPlan, Verdict,
};
use crate::policy::CompiledPack;

/// What the pack has to say about one criterion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriterionVerdict {
    /// Why it should not be used, for a person who decides; empty if nothing speaks against it.
    pub reason: String,
    /// The special category that it is or reveals.
    pub special_category: Option<SpecialCategory>,
    /// Law that it may fall under.
    pub legal_basis: Vec<LegalBasis>,
    /// True if the pack recommends nothing against it.
    pub allowed: bool,
}

/// What the pack has to say about a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetingReview {
    /// One for each criterion, in the same order.
    pub criteria: Vec<CriterionVerdict>,
    /// On all of them together, in the area `ad_targeting` alone: of a plan there is neither text nor sponsor to judge.
    pub verdict: Verdict,
}

/// Judges a plan.
pub fn review_targeting(
    plan: &TargetingPlan,
    pack: &CompiledPack,
    circumstances: Circumstances<'_>,
    scratch: &mut Scratch,
) -> TargetingReview {
    let mut judge = |criteria: &[TargetingCriterion]| {
        audience_only(assess(&plan.advertisement(criteria), pack, circumstances, scratch))
    };
    let verdict = judge(&plan.criteria);
    let mut criteria: Vec<_> = plan
        .criteria
        .iter()
        .map(|criterion| {
            let alone = judge(std::slice::from_ref(criterion));
            criterion_verdict(alone.action, alone.signals.iter(), pack)
        })
        .collect();
    if verdict.action > Action::Allow && criteria.iter().all(|one| one.allowed) {
        let content = plan.advertisement(&plan.criteria);
        for (position, one) in criteria.iter_mut().enumerate() {
            let speaking = verdict.signals.iter().filter(|signal| rests_on(signal, &content, position));
            *one = criterion_verdict(verdict.action, speaking, pack);
        }
    }
    TargetingReview { criteria, verdict }
}

/// The verdict as if no other area were scored.
fn audience_only(mut verdict: Verdict) -> Verdict {
    verdict.areas.retain(|one| one.area == RiskArea::AdTargeting);
    verdict.signals.retain(|one| one.area == RiskArea::AdTargeting);
    let judged = verdict.areas.first();
    Verdict {
        risk: judged.map(|one| one.risk).unwrap_or_default(),
        level: judged.map(|one| one.level).unwrap_or_default(),
        action: judged.map(|one| one.action).unwrap_or_default(),
        ..verdict
    }
}

/// Signals come largest contribution first, so the first that worries is the reason.
fn criterion_verdict<'a>(
    action: Action,
    signals: impl Iterator<Item = &'a Signal>,
    pack: &CompiledPack,
) -> CriterionVerdict {
    let worrying: Vec<&Signal> = signals.filter(|signal| signal.weight.get() > 0.0).collect();
    let Some(first) = worrying.first().filter(|_| action > Action::Allow) else {
        return CriterionVerdict { allowed: true, ..CriterionVerdict::default() };
    };
    let mut legal_basis: Vec<LegalBasis> = Vec::new();
    for basis in worrying.iter().flat_map(|signal| &signal.legal_basis) {
        if !legal_basis.contains(basis) {
            legal_basis.push(basis.clone());
        }
    }
    CriterionVerdict {
        reason: first.message.clone(),
        special_category: worrying.iter().find_map(|signal| category(&signal.signal_id, pack)),
        legal_basis,
        allowed: false,
    }
}

fn category(signal_id: &str, pack: &CompiledPack) -> Option<SpecialCategory> {
    let at = pack.signals.binary_search_by(|signal| signal.id.as_str().cmp(signal_id)).ok()?;
    pack.signals.get(at)?.special_category
}

fn rests_on(signal: &Signal, content: &Content, position: usize) -> bool {
    let position = u16::try_from(position).unwrap_or(u16::MAX);
    let paths =
        [content.field_path(Field::TargetingAttribute(position)), content.field_path(Field::TargetingValue(position))];
    signal.evidence.iter().any(|evidence| paths.contains(&evidence.field_path))
}

//! Plans to show an advertisement to an audience.
//!
//! Not here: criteria of posts, which may be empty (`post.rs`). Kept true: a criterion that says nothing is refused, since a
//! verdict on it would say nothing either.

use super::check::{Check, Path};
use super::post;
use crate::domain::{InvalidContent, TargetingPlan};
use crate::wire::v1;

/// A plan, all violations at once.
pub fn targeting_plan(request: v1::CheckAdTargetingRequest) -> Result<TargetingPlan, InvalidContent> {
    let v1::CheckAdTargetingRequest { criteria, is_political, minimum_age } = request;
    let mut check = Check::default();
    let at = Path::root("criteria");
    check.require(!criteria.is_empty(), at, format_args!("is required; 1 to {} entries", post::TARGETING));
    post::check_targeting(&mut check, at, &criteria);
    for (position, criterion) in criteria.iter().enumerate().take(post::TARGETING) {
        let says = [&criterion.attribute, &criterion.value].into_iter().any(|text| !text.trim().is_empty());
        check.require(says, at.item(position), format_args!("has neither attribute nor value"));
    }
    post::check_age(&mut check, Path::root("minimum_age"), minimum_age);
    let criteria = check.finish(Path::root("request"), criteria)?;
    let criteria = criteria.into_iter().map(post::convert_criterion).collect();
    Ok(TargetingPlan { criteria, is_political, minimum_age })
}

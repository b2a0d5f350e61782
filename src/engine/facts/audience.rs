//! Audiences: criteria of age that reach below 18.
//!
//! Not here: what else criteria reveal (lexicons of the pack). Kept true: a number counts as an age only where the pack says that
//! the criterion is about the audience's own age.

use super::HitSheet;
use super::{Place, Recorder};
use crate::domain::{ByteSpan, Field, Post};
use crate::engine::normalise::Item;
use crate::policy::{Fact, Roles, Scope};
use crate::text::FieldIndex;

/// Whoever is younger is a minor (UN Convention on the Rights of the Child, Art. 1; the guidelines on DSA Art. 28 go by it).
const OF_AGE: u32 = 18;

pub(super) fn collect(post: &Post, item: &Item<'_>, roles: &Roles, hits: &HitSheet, record: &mut Recorder<'_>) {
    if post.targeting.is_empty() || !record.wants(Fact::AudienceMinors) {
        return;
    }
    let said = |role, position| {
        let mut words = hits.in_scope(role, Scope::Targeting);
        words.any(|(_, hit)| item.criterion(hit.field) == Some(position))
    };
    let mut count = 0;
    for (at, source) in (0..).map(FieldIndex).zip(&item.fields) {
        let Field::TargetingValue(position) = source.field else { continue };
        let of_age = roles.audience_age.is_some_and(|role| said(role, position));
        if !of_age || roles.audience_age_apart.is_some_and(|role| said(role, position)) {
            continue;
        }
        if let Some(span) = first_minor_age(source.text) {
            count += 1;
            record.place(Fact::AudienceMinors, Place::Text(at, span));
        }
    }
    record.count(Fact::AudienceMinors, count);
}

/// The first number below 18, and what stands for one: "<18".
fn first_minor_age(text: &str) -> Option<ByteSpan> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.iter().skip(at).take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            at += 1;
            continue;
        }
        let end = at + digits;
        let number: Option<u32> = text.get(at..end).and_then(|number| number.parse().ok());
        let below = text.get(..at).is_some_and(|before| before.trim_end().ends_with('<'));
        if number.is_some_and(|age| age < OF_AGE || (below && age == OF_AGE)) {
            // Fields are at most 1 KiB.
            return Some(ByteSpan::new(u32::try_from(at).ok()?, u32::try_from(end).ok()?));
        }
        at = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_minor_age;

    #[test]
    fn ages_below_18_are_found_in_what_people_write() {
        for minor in ["13-17", "16 – 24", "17", "up to 16", "< 18", "<18", "AGE_13_17", "14 and 15", "13+"] {
            assert!(first_minor_age(minor).is_some(), "{minor}");
        }
        for adult in ["18-24", "25", "18+", "> 18", "65 or older", "", "<25", "thirty"] {
            assert_eq!(first_minor_age(adult), None, "{adult}");
        }
        assert_eq!(first_minor_age("age 16-24").map(|span| (span.start(), span.end())), Some((4, 6)));
    }
}

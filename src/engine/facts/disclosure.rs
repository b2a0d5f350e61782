//! Disclosure of commercial communication: there or not, early or late, clear or ambiguous.
//!
//! Not here: whether a disclosure is owed. Kept true: an ambiguous word never counts where a clear one stands.

use super::HitSheet;
use super::{Place, Recorder};
use crate::domain::{Field, Post};
use crate::engine::normalise::Item;
use crate::policy::{Fact, Roles, Scope};

/// A disclosure within so many words is early: what a follower sees before "more" is tapped.
const EARLY_WORDS: u32 = 12;

pub(super) fn collect(post: &Post, item: &Item<'_>, roles: &Roles, hits: &HitSheet, record: &mut Recorder<'_>) {
    if !record.wants_any(&[Fact::DisclosureClear, Fact::DisclosureEarly, Fact::DisclosureAmbiguous]) {
        return;
    }
    let (mut clear, mut early) = (post.disclosure_label, post.disclosure_label);
    if post.disclosure_label {
        record.place(Fact::DisclosureClear, Place::State("disclosure_label"));
        record.place(Fact::DisclosureEarly, Place::State("disclosure_label"));
    }
    for (at, hit) in roles.disclosure.into_iter().flat_map(|role| hits.in_scope(role, Scope::Anywhere)) {
        clear = true;
        record.place(Fact::DisclosureClear, Place::Hit(at));
        // Text and hashtags are the first fields of a post, so the token's position is the word's position; hashtags
        // sent apart stand after the text, as they do on the platforms.
        let shown = item.source(hit.field).map(|source| source.field);
        if hit.first_token < EARLY_WORDS && matches!(shown, Some(Field::PostText | Field::Hashtag(_))) {
            early = true;
            record.place(Fact::DisclosureEarly, Place::Hit(at));
        }
    }
    record.flag(Fact::DisclosureClear, clear);
    record.flag(Fact::DisclosureEarly, early);
    if clear {
        return;
    }
    let ambiguous = roles.disclosure_ambiguous.into_iter().flat_map(|role| hits.in_scope(role, Scope::Anywhere));
    let mut any = false;
    for (at, _) in ambiguous {
        any = true;
        record.place(Fact::DisclosureAmbiguous, Place::Hit(at));
    }
    record.flag(Fact::DisclosureAmbiguous, any);
}

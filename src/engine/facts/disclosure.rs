//! Disclosure of commercial communication: there or not, early or late, clear or ambiguous.
//!
//! Not here: whether a disclosure is owed. Kept true: an ambiguous word never counts where a clear one stands.

use super::HitSheet;
use super::{Place, Recorder};
use crate::domain::{Field, Post};
use crate::engine::normalise::Item;
use crate::matching::Hit;
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
    let words = roles.disclosure.into_iter().flat_map(|role| hits.in_scope(role, Scope::Anywhere));
    let tags = roles.disclosure_tag.into_iter().flat_map(|role| hits.in_scope(role, Scope::Anywhere));
    for (at, hit) in words.chain(tags.filter(|(_, hit)| stands_apart(item, hit))) {
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

/// True for "#ad", "AD | …", "(ad)" and "… – ad", false for "siamo andati ad Amsterdam" and "see you in the pub": a short tag is
/// a word of some other language nearly always.
fn stands_apart(item: &Item<'_>, hit: &Hit) -> bool {
    let Some(source) = item.source(hit.field) else { return false };
    if matches!(source.field, Field::Hashtag(_)) {
        return true;
    }
    let before = source.text.get(..hit.original.start() as usize).unwrap_or_default();
    let after = source.text.get(hit.original.end() as usize..).unwrap_or_default();
    before.ends_with(['#', '＃'])
        || (separates(before.chars().rev(), &[',', '\'', '’']) && separates(after.chars(), &[',', '\'', '’', '?']))
}

/// True if a text ends here, or the next mark sets apart what lies on its two sides.
fn separates(mut next: impl Iterator<Item = char>, not: &[char]) -> bool {
    let next = next.find(|c| *c == '\n' || !c.is_whitespace());
    next.is_none_or(|c| !c.is_alphanumeric() && !not.contains(&c))
}

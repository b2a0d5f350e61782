//! Posts: signs of remuneration and what is known about the audience.
//!
//! Not here: disclosure (`disclosure.rs`). Kept true: an affiliate link counts as a sign whether or not the pack
//! counts such links.

use super::links::Affiliate;
use super::{Place, Recorder};
use crate::domain::{Post, Relationship};
use crate::policy::Fact;

/// Emoji that wink, hush or look away.
const HUSHES: [char; 9] = ['😉', '😏', '🤫', '🤭', '👀', '🤐', '🙈', '🙉', '🙊'];

pub(super) fn collect(post: &Post, affiliate: Affiliate, record: &mut Recorder<'_>) {
    let remunerated = matches!(
        post.relationship,
        Relationship::Affiliate | Relationship::Paid | Relationship::Gifted | Relationship::OwnBrand
    );
    let signs = [
        (remunerated, Place::State("relationship")),
        (!post.discount_codes.is_empty(), Place::State("discount_codes")),
        (post.is_advertisement, Place::State("is_advertisement")),
    ];
    for (_, place) in signs.iter().filter(|(holds, _)| *holds) {
        record.place(Fact::Commercial, *place);
    }
    if let Some(place) = affiliate.first {
        record.place(Fact::Commercial, place);
    }
    record.flag(Fact::Commercial, affiliate.first.is_some() || signs.iter().any(|(holds, _)| *holds));
    record.text(Fact::RelationshipName, relationship(post.relationship));
    record.count(Fact::PromotedCount, post.promoted_listing_ids.len());
    record.count(Fact::DiscountCodes, post.discount_codes.len());
    record.number(Fact::MinimumAge, f64::from(post.minimum_age.max(0)));
    record.flag(Fact::IsAdvertisement, post.is_advertisement);
    record.flag(Fact::IsPolitical, post.is_political);
    record.flag(Fact::HasSponsor, !post.sponsor.trim().is_empty());
    // Platforms send the tags of a text apart too, so those of both are not added up.
    record.count(Fact::Hashtags, post.hashtags.len().max(tags_within(&post.text)));
    record.count(Fact::TargetingCount, post.targeting.len());
    if record.wants(Fact::ClaimHushes) {
        record.count(Fact::ClaimHushes, post.text.matches(HUSHES).count());
    }
    record.number(Fact::FollowerCount, post.follower_count.max(0) as f64);
}

/// Hashtags in running text: a sign with a letter behind it and no word before it, unless that is a tag. "C#", "#1" and addresses of pages
/// have none.
fn tags_within(text: &str) -> usize {
    let mut signs = text.chars().peekable();
    let (mut before, mut in_tag, mut tags) = (' ', false, 0);
    while let Some(c) = signs.next() {
        let apart = in_tag || !(before.is_alphanumeric() || matches!(before, '/' | '&' | '#'));
        if matches!(c, '#' | '＃') && apart && signs.peek().is_some_and(|next| next.is_alphabetic()) {
            (tags, in_tag) = (tags + 1, true);
        } else {
            in_tag &= c.is_alphanumeric() || c == '_';
        }
        before = c;
    }
    tags
}

/// As conditions write it.
pub(crate) const fn relationship(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Unspecified => "",
        Relationship::None => "none",
        Relationship::Affiliate => "affiliate",
        Relationship::Paid => "paid",
        Relationship::Gifted => "gifted",
        Relationship::OwnBrand => "own_brand",
    }
}

#[cfg(test)]
mod tests {
    use super::tags_within;

    #[test]
    fn tags_are_counted_where_they_stand_apart_from_words() {
        assert_eq!(tags_within("#ad new shoes #run (#love) #été ＃東京 #ποδήλατο"), 6);
        assert_eq!(tags_within("#one#two_three#four, word#five"), 3);
        for none in ["C# and F#", "#1 in town", "https://shop.example/#sizes", "##", "&#x27;", "# apart", ""] {
            assert_eq!(tags_within(none), 0, "{none}");
        }
    }
}

//! What only posts have: disclosure, remuneration, media, names and codes.

use super::{of_listing, of_post};
use crate::domain::{Media, Provenance, Relationship, TargetingCriterion};
use crate::engine::tests::packs::{shown, value};

#[test]
fn disclosure_is_clear_or_ambiguous_early_or_late() {
    let disclosed = |text: &str| {
        let trace = of_post(|post| post.text = text.into());
        ["clear", "early", "ambiguous"].map(|name| value(&trace, &format!("disclosure.{name}")) == "true")
    };
    assert_eq!(disclosed("Werbung: my new lamp"), [true, true, false]);
    assert_eq!(
        disclosed("one two three four five six seven eight nine ten eleven twelve #anzeige"),
        [true, false, false]
    );
    assert_eq!(disclosed("my new lamp #sp"), [false, false, true]);
    assert_eq!(disclosed("my new lamp #sp #anzeige"), [true, true, false]);
    assert_eq!(disclosed("my new lamp"), [false, false, false]);
    for apart in
        ["#ad my lamp", "AD | my lamp", "my lamp (ad)", "my lamp – ad", "[ad] lamp", "my lamp\nad\nbuy", "ad: lamp"]
    {
        assert_eq!(disclosed(apart), [true, true, false], "{apart}");
    }
    for within in ["siamo andati ad Amsterdam", "an ad, a lamp", "the ad's lamp", "ad hoc", "is that an ad?"] {
        assert_eq!(disclosed(within), [false, false, false], "{within}");
    }
    let labelled = of_post(|post| post.disclosure_label = true);
    assert_eq!(shown(&labelled, "disclosure.early"), ["disclosure_label:"]);
    let in_picture = of_post(|post| post.media = vec![Media { ocr_text: "Anzeige".into(), ..Media::default() }]);
    assert_eq!((value(&in_picture, "disclosure.clear"), value(&in_picture, "disclosure.early")), ("true", "-"));
}

#[test]
fn posts_show_signs_of_remuneration() {
    assert_eq!(value(&of_post(|_| ()), "post.commercial"), "-");
    let trace = of_post(|post| {
        post.relationship = Relationship::Paid;
        post.discount_codes = vec!["SAVE10".into()];
        post.is_advertisement = true;
        post.promoted_listing_ids = vec!["1".into(), "2".into()];
        post.minimum_age = 16;
        post.sponsor = "Acme".into();
        post.hashtags = vec!["#lamp".into()];
        post.targeting = vec![TargetingCriterion::default()];
        post.follower_count = 1000;
    });
    assert_eq!(shown(&trace, "post.commercial"), ["relationship:", "discount_codes:", "is_advertisement:"]);
    assert_eq!(value(&trace, "post.relationship"), "paid");
    for (name, amount) in [
        ("post.promotes", "2"),
        ("post.discount_codes", "1"),
        ("post.minimum_age", "16"),
        ("post.is_advertisement", "true"),
        ("post.has_sponsor", "true"),
        ("post.hashtags", "1"),
        ("post.targeting", "1"),
        ("post.followers", "1000"),
    ] {
        assert_eq!(value(&trace, name), amount, "{name}");
    }
    let by_link = of_post(|post| post.text = "Link: https://amzn.to/3abc".into());
    assert_eq!(shown(&by_link, "post.commercial"), ["text:https://amzn.to/3abc"]);
    assert_eq!(value(&of_post(|post| post.relationship = Relationship::None), "post.commercial"), "-");
}

#[test]
fn media_are_counted_by_provenance_and_people() {
    let media = || {
        let of = |provenance, depicts_real_person| Media { provenance, depicts_real_person, ..Media::default() };
        vec![of(Provenance::AiGenerated, true), of(Provenance::AiEdited, false), of(Provenance::Camera, true)]
    };
    let trace = of_post(|post| post.media = media());
    for (name, amount) in
        [("media.ai", "2"), ("media.ai_unlabelled", "2"), ("media.real_person", "2"), ("media.ai_real_person", "1")]
    {
        assert_eq!(value(&trace, name), amount, "{name}");
    }
    assert_eq!(shown(&trace, "media.ai_real_person"), ["media[0].provenance:"]);
    let labelled = of_post(|post| (post.media, post.ai_generated_label) = (media(), true));
    assert_eq!(value(&labelled, "media.ai_unlabelled"), "-");
    assert_eq!(value(&of_listing(|listing| listing.images = media()), "media.ai_unlabelled"), "-");
}

/// Facts that no test above has seen would be facts that nobody computes.

#[test]
fn texts_of_posts_name_people_and_codes() {
    let trace = of_post(|post| post.text = "Thanks @casa.verde (me@example.org)! ANNA20 or MARIA15".into());
    assert_eq!((value(&trace, "post.mentions"), value(&trace, "post.code_words")), ("1", "2"));
    assert_eq!(shown(&trace, "post.mentions"), ["text:@casa.verde"]);
    assert_eq!(shown(&trace, "post.code_words"), ["text:ANNA20", "text:MARIA15"]);
    assert_eq!(value(&of_post(|post| post.is_political = true), "post.political"), "true");
}

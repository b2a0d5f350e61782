//! Facts about promotions and claims, on posts and listings written for them.

use std::sync::Arc;

use crate::domain::{
    Content, Listing, Mention, Money, Nats, PartyRate, Post, PromotedListing, Promotions, Risk, RiskArea,
};
use crate::domain::{Media, Subject, SubjectKind, Timestamp, Variant};
use crate::engine::tests::packs::{every_fact_pack_with, posted, shown, titled, value};
use crate::engine::{Circumstances, Scratch, Trace, assess_claims, explain};
use crate::policy::CompiledPack;

const RULES: &str = "half_life_days: 10\nbrands: [brand]\nchoices: [choice]\nrates: {USD: 1.0}\nkinds:\n  \
    bag: {lexicon: kind_bag}\n  sticker: {lexicon: kind_sticker, most: 10}\n  vape: {lexicon: kind_vape, restricted: true}\n";
const WORDS: &str = "lexicons:\n  kind_bag: {about: Bags., terms: {any: [bag]}}\n  kind_sticker: {about: Stickers., terms: {any: [sticker, bag sticker]}}\n  \
    kind_vape: {about: Vapes., terms: {any: [vape]}}\n  choice: {about: Choices., terms: {any: [option c]}}\n";
const NOW: Timestamp = Timestamp { seconds: 1_700_000_000, nanos: 0 };

fn pack() -> CompiledPack {
    every_fact_pack_with(&[("promotion.yaml", RULES), ("lexicons/kinds.yaml", WORDS)], &[])
}

/// A post of a creator, so many days ago, as a mention.
fn mention(pack: &CompiledPack, creator: &str, text: &str, days: i64) -> Mention {
    let mut post = posted(text);
    post.creator_id = creator.into();
    let (_, claims) = assess_claims(
        &Content::Post(post),
        pack,
        Circumstances { now: NOW, ..Circumstances::default() },
        &mut Scratch::default(),
    );
    Mention {
        mention_id: format!("m-{creator}"),
        post_id: format!("p-{creator}"),
        creator_id: creator.into(),
        listing_id: "l".into(),
        path: "links[0]".into(),
        link: "https://shop.example/item/l.html".into(),
        promotes: 1,
        at: Timestamp { seconds: NOW.seconds - days * 24 * 3600, nanos: 0 },
        claims,
    }
}

fn traced(content: &Content, pack: &CompiledPack, promotions: Option<&Promotions>) -> Trace {
    explain(content, pack, Circumstances { standing: None, promotions, now: NOW }, &mut Scratch::default()).1
}

/// What is known of a listing that these posts, one a creator, promote.
fn promoted_by(listing: Listing, posts: &[&str]) -> Trace {
    let pack = pack();
    let mentioned = |(at, text): (u32, &&str)| Arc::new(mention(&pack, &format!("c-{at}"), text, 0));
    let mentions: Vec<Arc<Mention>> = (0..).zip(posts).map(mentioned).collect();
    let count = u32::try_from(mentions.len()).unwrap();
    let promotions = Promotions { mentions, posts: count + 5, creators: count, ..Promotions::default() };
    traced(&Content::Listing(listing), &pack, Some(&promotions))
}

fn dollars(units: i64) -> Option<Money> {
    Some(Money { currency_code: "USD".into(), units, nanos: 0 })
}

#[test]
fn a_longer_name_of_a_kind_is_that_kind_alone() {
    let pack = pack();
    for (text, kinds) in [("A bag sticker", "1"), ("A bag, a sticker", "2"), ("A sticker bag", "2")] {
        let trace = traced(&Content::Post(posted(text)), &pack, None);
        assert_eq!(value(&trace, "claim.kinds"), kinds, "{text}");
    }
}

#[test]
fn what_an_item_names_by_itself() {
    let pack = pack();
    let mut listing = titled("Sticker");
    listing.images = vec![Media { ocr_text: "Rolex".into(), ..Media::default() }];
    listing.price = dollars(25);
    let trace = traced(&Content::Listing(listing), &pack, None);
    for (fact, expected) in
        [("claim.brands", "1"), ("claim.kinds", "1"), ("claim.image_only_brand", "1"), ("price.dear_for_kind", "2.5")]
    {
        assert_eq!(value(&trace, fact), expected, "{fact}");
    }
    assert_eq!(shown(&trace, "claim.image_only_brand"), ["images[0].ocr_text:Rolex"]);
    let post =
        traced(&Content::Post(posted("the \u{2018}sticker\u{2019} you asked for \u{1f609} \u{1f92b}")), &pack, None);
    assert_eq!((value(&post, "claim.quoted_kind"), value(&post, "claim.hushes")), ("1", "2"));
    let plain = traced(&Content::Post(posted("a sticker")), &pack, None);
    assert_eq!((value(&plain, "claim.quoted_kind"), value(&plain, "claim.hushes")), ("-", "-"));
}

#[test]
fn what_posts_say_is_held_against_what_the_listing_says_of_itself() {
    let coded = || Listing { variants: vec![Variant { name: "C".into(), ..Variant::default() }], ..titled("Sticker") };
    let priced = || Listing { price: dollars(10), ..titled("Bag") };
    for (fact, expected, listing, post) in [
        ("promotion.brand_absent", "1", titled("Sticker"), "my new rolex"),
        ("promotion.brand_absent", "-", titled("Rolex sticker"), "my new rolex"),
        ("promotion.kind_differs", "1", titled("Sticker"), "this bag is great"),
        ("promotion.kind_differs", "-", titled("Bag"), "this bag is great"),
        ("promotion.other_kind", "1", titled("Sticker"), "a sticker, and the bag comes with it"),
        ("promotion.other_kind", "-", titled("Sticker"), "a sticker"),
        ("promotion.restricted_kind", "1", titled("Sticker"), "the best vape"),
        ("promotion.restricted_kind", "-", titled("Vape"), "the best vape"),
        ("promotion.title_quoted", "1", titled("Wooden spoon"), "order the \"spoon\" now"),
        ("promotion.title_quoted", "-", titled("Wooden spoon"), "order the spoon now"),
        ("promotion.price_apart", "1", priced(), "a bag for $90"),
        ("promotion.price_apart", "-", priced(), "a bag for $12"),
        ("promotion.choice_coded", "1", coded(), "take option C"),
        ("promotion.choice_coded", "-", titled("Sticker"), "take option C"),
    ] {
        let trace = promoted_by(listing, &[post]);
        assert_eq!(value(&trace, fact), expected, "{fact}: {post}");
        let sides = shown(&trace, fact).len();
        assert!(expected == "-" || sides >= 2, "{fact} is shown on both sides");
    }
}

#[test]
fn posts_and_creators_are_counted_and_those_who_say_the_same() {
    let trace = promoted_by(titled("Sticker"), &["my rolex", "what a rolex", "nice"]);
    for (fact, expected) in [("promotion.posts", "8"), ("promotion.creators", "3"), ("promotion.shared", "2")] {
        assert_eq!(value(&trace, fact), expected, "{fact}");
    }
    assert_eq!(value(&promoted_by(titled("Sticker"), &["my rolex", "nice"]), "promotion.shared"), "-");
}

#[test]
fn an_older_post_says_less() {
    let pack = pack();
    let told = |days| {
        let mut one = mention(&pack, "c", "look", days);
        (one.claims.told, one.claims.risk) = (Nats::new(4.0), Risk::new(0.8));
        let trace = traced(&Content::Listing(titled("Sticker")), &pack, Some(&Promotions::of_one(one)));
        let number = |fact| value(&trace, fact).parse::<f64>().unwrap();
        (number("promotion.told"), number("promotion.risk"))
    };
    let ((now, risk_now), (later, risk_later)) = (told(0), told(10));
    assert!((now - 2.0 * later).abs() < 1e-6 && (risk_now - 2.0 * risk_later).abs() < 1e-6, "{now} {later}");
    assert_eq!(told(-10), (now, risk_now), "what lies ahead counts as now");
}

#[test]
fn a_post_inherits_from_what_it_promotes_and_both_from_whose_it_is() {
    let pack = pack();
    let listing = |risk, days: i64| PromotedListing {
        listing_id: "l".into(),
        seller_id: "s".into(),
        path: "promoted_listing_ids[0]".into(),
        risk: Risk::new(risk),
        area: RiskArea::Drug,
        at: Timestamp { seconds: NOW.seconds - days * 24 * 3600, nanos: 0 },
    };
    let party = |lower| PartyRate { subject: Subject { kind: SubjectKind::Seller, id: "s".into() }, lower };
    let promotions = Promotions {
        listings: vec![listing(0.5, 0), listing(0.9, 10)],
        parties: vec![party(0.125), party(0.25)],
        ..Promotions::default()
    };
    let trace = traced(&Content::Post(Post { ..posted("Look") }), &pack, Some(&promotions));
    assert_eq!((value(&trace, "promoted.risk"), value(&trace, "promotion.party_rate")), ("0.5", "0.25"));
}

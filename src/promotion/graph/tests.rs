//! The graph, tested: order, bounds, what is kept.

use super::*;
use crate::domain::{Claim, ClaimKind, Claims, Nats, Risk, RiskArea};
use crate::text::SplitMix;

const DAY: i64 = 24 * 3600;

fn mention(post: usize, creator: usize, listing: &str, (day, told): (i64, f64)) -> Mention {
    let claim = Claim {
        kind: ClaimKind::Tell,
        key: "hidden_link.x".to_owned(),
        field_path: "text".to_owned(),
        span: crate::domain::ByteSpan::new(0, 1),
        original_text: "x".to_owned(),
    };
    let claims = if told > 0.0 { vec![claim] } else { Vec::new() };
    Mention {
        mention_id: format!("p-{post}-{listing}"),
        post_id: format!("p-{post}"),
        creator_id: format!("c-{creator}"),
        listing_id: listing.to_owned(),
        path: "links[0]".to_owned(),
        link: String::new(),
        promotes: 1,
        at: Timestamp { seconds: 20_000 * DAY + day * DAY, nanos: 0 },
        claims: Claims { claims, told: Nats::new(told), ..Claims::default() },
    }
}

fn graph(limit: usize) -> PromotionGraph {
    PromotionGraph::new(HalfLife::days(45), NonZeroUsize::new(limit).unwrap())
}

#[test]
fn what_is_told_of_a_listing_does_not_depend_on_the_order_of_posts() {
    let mut random = SplitMix::new(7);
    for _ in 0..50 {
        let mut mentions: Vec<Mention> = (0..60)
            .map(|post| {
                let told = [0.0, 1.0, 3.0, 6.0][random.below(4)];
                mention(post, random.below(20), ["a", "b"][random.below(2)], (random.below(200) as i64, told))
            })
            .collect();
        let one = graph(100);
        mentions.iter().for_each(|mention| _ = one.learn(mention.clone()));
        random.shuffle(&mut mentions);
        let other = graph(100);
        mentions.iter().for_each(|mention| _ = other.learn(mention.clone()));
        for listing in ["a", "b"] {
            assert_eq!(one.of_listing(listing), other.of_listing(listing));
        }
        assert_eq!(one.of_creator("c-3"), other.of_creator("c-3"));
    }
}

#[test]
fn a_viral_listing_keeps_the_best_of_few_creators_and_counts_the_rest() {
    let graph = graph(100);
    for post in 0..5_000 {
        let told = if post % 1000 == 7 { 6.0 } else { 0.0 };
        graph.learn(mention(post, post % 300, "viral", (1, told)));
    }
    let promotions = graph.of_listing("viral").unwrap();
    assert_eq!(promotions.mentions.len(), MOST_MENTIONS);
    assert_eq!(promotions.posts, 5_000);
    assert!((255..=345).contains(&promotions.creators), "{}", promotions.creators);
    let tell = promotions.mentions.iter().filter(|mention| mention.claims.told.get() > 5.0).count();
    assert_eq!(tell, 3, "creators 7, 107 and 207 tell; nothing crowds them out");
}

#[test]
fn one_creator_has_one_place() {
    let graph = graph(100);
    (0..50).for_each(|post| _ = graph.learn(mention(post, 1, "l", (post as i64, 0.0))));
    let promotions = graph.of_listing("l").unwrap();
    assert_eq!(promotions.mentions.iter().map(|one| one.post_id.as_str()).collect::<Vec<_>>(), ["p-49"]);
    assert_eq!(graph.learn(mention(49, 1, "l", (49, 0.0))), Learned::Known);
    assert_eq!(graph.of_listing("l").unwrap().posts, 50);
}

#[test]
fn the_bound_holds_and_the_latest_stay() {
    let graph = graph(1_000);
    for listing in 0..5_000 {
        graph.learn(mention(listing, listing, &format!("l-{listing}"), (listing as i64 / 100, 0.0)));
        assert!(graph.listings() <= 1_001 && graph.creators.len() <= 1_001);
    }
    assert!(graph.of_listing("l-4999").is_some() && graph.of_listing("l-0").is_none());
    (0..100_000).for_each(|at| _ = graph.redirect(&format!("https://sho.rt/{at}"), "https://x.example/1"));
    assert_eq!(graph.redirects.len(), 4_000);
    assert!(!graph.redirect("https://sho.rt/new", "https://x.example/1"));
}

#[test]
fn a_post_is_told_of_listings_at_risk_until_they_are_clear() {
    let graph = graph(10);
    let listing = PromotedListing {
        listing_id: "l".to_owned(),
        seller_id: "s".to_owned(),
        path: String::new(),
        risk: Risk::new(0.9),
        area: RiskArea::Counterfeit,
        at: Timestamp::default(),
    };
    graph.note_risk(listing);
    let known = graph.of_post([("l", "links[0]"), ("other", "links[1]")].into_iter());
    assert_eq!(known.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["links[0]"]);
    graph.clear_risk("l");
    assert!(graph.of_post([("l", "links[0]")].into_iter()).is_empty());
}

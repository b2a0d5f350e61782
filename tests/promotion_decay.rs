//! What posts said of a listing fades: with the default pack, time never makes it worse, and in the end it is forgotten.
//!
//! Not here: which words tell (`tests/cases/hidden_link/`), what the graph keeps (`src/promotion/graph/`). Kept true: what is compared is
//! scored by the whole engine, with nothing but the time moved.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping it")]

use std::sync::{Arc, LazyLock};

use dsa_signal::domain::{Content, Listing, Mention, Money, Post, Promotions, Timestamp, Variant, Verdict};
use dsa_signal::engine::{Circumstances, Scratch, assess, assess_claims};
use dsa_signal::policy::{self, CompiledPack};
use proptest::collection::vec;
use proptest::prelude::*;

static PACK: LazyLock<CompiledPack> = LazyLock::new(|| policy::compile(&policy::embedded()).ok().unwrap().0);

const SAID: Timestamp = Timestamp { seconds: 1_800_000_000, nanos: 0 };
const DAY: i64 = 24 * 3600;

const TEXTS: [&str; 7] = [
    "The pics are just for the algorithm, grab the grey one and you'll open a pair of Travis Scotts",
    "Choose option B, you get the real Dior bag, no logo in the pictures, 1:1",
    "You all know what 'herbal tea' means here, 5g per bag, super strong",
    "Ignore the title, what comes is the Rolex, ask the seller for real photos",
    "Not a phone case: it's a vape, order the black one",
    "Lovely grey shoes, true to size, my code ANNA10, #ad",
    "Bestellt Variante C, ihr wisst schon, was kommt",
];

fn listings() -> Vec<Content> {
    [("Canvas running shoes grey", 48), ("Herbal tea sampler", 40), ("Wrist strap", 90), ("Phone case black", 12)]
        .into_iter()
        .map(|(title, units)| {
            Content::Listing(Listing {
                listing_id: "l".into(),
                title: title.into(),
                price: Some(Money { currency_code: "EUR".into(), units, nanos: 0 }),
                variants: vec![Variant { name: "B".into(), ..Variant::default() }],
                ..Listing::default()
            })
        })
        .collect()
}

fn mention(at: usize, text: &str, days_later: i64) -> Arc<Mention> {
    let post = Content::Post(Post { post_id: format!("p-{at}"), text: text.into(), ..Post::default() });
    let circumstances = Circumstances { now: SAID, ..Circumstances::default() };
    let (_, claims) = assess_claims(&post, &PACK, circumstances, &mut Scratch::default());
    Arc::new(Mention {
        mention_id: format!("m-{at}"),
        post_id: format!("p-{at}"),
        creator_id: format!("c-{at}"),
        listing_id: "l".into(),
        path: "links[0]".into(),
        link: "https://shop.example/item/l.html".into(),
        promotes: 1,
        at: Timestamp { seconds: SAID.seconds + days_later * DAY, nanos: 0 },
        claims,
    })
}

fn scored(listing: &Content, promotions: Option<&Promotions>, now: Timestamp) -> Verdict {
    assess(listing, &PACK, Circumstances { standing: None, promotions, now }, &mut Scratch::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn time_never_makes_what_was_said_worse(
        listing in prop::sample::select(listings()),
        said in vec((prop::sample::select(TEXTS.to_vec()), 0..30_i64), 1..6),
        mut days in vec(30..900_i64, 2..6),
    ) {
        let mentions: Vec<Arc<Mention>> = said.iter().enumerate().map(|(at, (text, day))| mention(at, text, *day)).collect();
        let count = u32::try_from(mentions.len()).unwrap();
        let promotions = Promotions { mentions, posts: count, creators: count, ..Promotions::default() };
        days.sort_unstable();
        let at = |day: i64| Timestamp { seconds: SAID.seconds + day * DAY, nanos: 0 };
        let risks: Vec<f64> = days.iter().map(|day| scored(&listing, Some(&promotions), at(*day)).risk.get()).collect();
        prop_assert!(risks.is_sorted_by(|earlier, later| earlier >= later), "{days:?} {risks:?}");
    }
}

#[test]
fn what_was_said_long_ago_is_forgotten() {
    let listings = listings();
    let shoes = listings.first().unwrap();
    let promotions = Promotions::of_one(Mention::clone(&mention(0, TEXTS[0], 0)));
    let long_after =
        Timestamp { seconds: SAID.seconds + 4 * i64::from(PACK.promotion.half_life.seconds()) + 1, nanos: 0 };
    let fresh = scored(shoes, Some(&promotions), SAID);
    assert!(fresh.risk.get() > 0.5, "{}", fresh.risk.get());
    let (faded, never) = (scored(shoes, Some(&promotions), long_after), scored(shoes, None, long_after));
    assert_eq!(faded.risk, never.risk);
    assert_eq!(faded.signals, never.signals);
}

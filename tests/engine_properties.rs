//! What the engine promises, on content made at random from the words of a small pack and from any Unicode.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects by unwrapping it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use dsa_signal::domain::{
    Action, Content, Listing, Media, Money, Post, Relationship, Standing, TraderInformation, Variant, Verdict,
};
use dsa_signal::engine::{self, Circumstances, Scratch, Trace};
use dsa_signal::policy::{self, CompiledPack, PackSource};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

static SOURCE: LazyLock<PackSource> = LazyLock::new(|| {
    PackSource::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small"))).unwrap()
});

static PACK: LazyLock<CompiledPack> = LazyLock::new(|| compiled(&SOURCE));

fn compiled(source: &PackSource) -> CompiledPack {
    match policy::compile(source) {
        Ok((pack, _)) => pack,
        Err(faults) => panic!("{}", faults.iter().map(|fault| fault.render(false)).collect::<Vec<_>>().join("\n")),
    }
}

/// Words and marks that matter to the pack and to the facts, beside any Unicode at all.
fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "Sildenafil",
        "tadalafil",
        "V1agra",
        "v i a g r a",
        "ѵіаgrа",
        "vi\u{200b}agra",
        "oxycodone",
        "ohne Rezept",
        "no prescription",
        "without a prescription",
        "sugar-free",
        "zuckerfrei",
        "without",
        "snow",
        "dealer",
        "snow boots",
        "candy",
        "stash",
        "cocaine",
        "Rolex",
        "Nike",
        "replica",
        "1:1",
        "Anzeige",
        "#sp",
        "book",
        "100mg",
        "30 tablets",
        "5 mg/ml",
        "x 100",
        "3.5 g",
        "99%",
        "t.me/shop",
        "https://bit.ly/x",
        "https://amzn.to/1",
        "http://[::1]/",
        "xn--a.com",
        "@handle_1",
        "+49 151 23456789",
        "a@example.com",
        ".",
        "\n",
        "…",
        "💊",
        "é",
        "＃",
        "ﬁ",
        "\u{301}",
        "\u{202e}",
        "０１２",
        "Ⅷ",
        "ß",
    ]);
    vec(prop_oneof![4 => known.prop_map(str::to_owned), 1 => any::<String>(), 1 => "\\PC{0,12}"], 0..12)
        .prop_map(|words| words.join(" "))
}

fn money() -> impl Strategy<Value = Option<Money>> {
    let currency = prop::sample::select(vec!["EUR", "PLN"]);
    option::of((currency, any::<i64>(), -999_999_999..1_000_000_000).prop_map(|(currency_code, units, nanos)| Money {
        currency_code: currency_code.to_owned(),
        units,
        nanos,
    }))
}

fn media() -> impl Strategy<Value = Vec<Media>> {
    vec((text(), text()).prop_map(|(alt_text, ocr_text)| Media { alt_text, ocr_text, ..Media::default() }), 0..3)
}

fn variants() -> impl Strategy<Value = Vec<Variant>> {
    let name = prop_oneof![text(), "[A-Da-d]?[0-9]{0,2}", Just("Option 3".to_owned())];
    vec((name, money(), btree_map("[a-z]{1,4}", text(), 0..2)), 0..4)
        .prop_map(|all| all.into_iter().map(|(name, price, attributes)| Variant { name, price, attributes }).collect())
}

prop_compose! {
    fn listing()(
        title in text(),
        description in text(),
        category_path in vec(text(), 0..3),
        brand in prop_oneof![Just(String::new()), Just("Rolex".to_owned()), text()],
        gtin in prop_oneof![Just(String::new()), "[0-9]{8,14}", any::<String>()],
        (price, reference_price) in (money(), money()),
        attributes in btree_map(any::<String>(), text(), 0..3),
        variants in variants(),
        images in media(),
        links in vec(text(), 0..4),
        ships_from_country in prop_oneof![Just("CN".to_owned()), Just("DE".to_owned()), any::<String>()],
        trader in option::of(text().prop_map(|name| TraderInformation { name, ..TraderInformation::default() })),
    ) -> Content {
        Content::Listing(Listing {
            title, description, category_path, brand, gtin, price, reference_price, attributes, variants, images, links,
            ships_from_country, trader, ..Listing::default()
        })
    }
}

prop_compose! {
    fn post()(
        text in text(),
        hashtags in vec(text(), 0..3),
        links in vec(text(), 0..3),
        media in media(),
        paid in any::<bool>(),
        disclosure_label in any::<bool>(),
        discount_codes in vec(text(), 0..2),
        (minimum_age, follower_count) in (any::<i32>(), any::<i64>()),
        language_code in any::<String>(),
    ) -> Content {
        let relationship = if paid { Relationship::Paid } else { Relationship::Unspecified };
        Content::Post(Post {
            text, hashtags, links, media, relationship, disclosure_label, discount_codes, minimum_age, follower_count, language_code,
            ..Post::default()
        })
    }
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![3 => listing(), 2 => post()]
}

fn standing() -> impl Strategy<Value = Option<Standing>> {
    option::of((0.0..=1.0f64, 0.0..=1.0f64).prop_map(|(a, b)| Standing {
        mean: (a + b) / 2.0,
        lower: a.min(b),
        upper: a.max(b),
        effective_events: 1.0,
        strikes: 0,
        trader_verified: false,
    }))
}

fn circumstances(standing: Option<&Standing>) -> Circumstances<'_> {
    Circumstances { standing, ..Circumstances::default() }
}

/// The text of a field by its path, as a client would look it up.
fn field<'a>(content: &'a Content, path: &str) -> Option<&'a str> {
    let mut found = None;
    content.for_each_text(|field, text| {
        if content.field_path(field) == path {
            found = Some(text);
        }
    });
    let links = match content {
        Content::Listing(listing) => &listing.links,
        Content::Post(post) => &post.links,
    };
    let link = links.iter().enumerate().find(|(at, _)| path == format!("links[{at}]"));
    found.or(link.map(|(_, link)| link.as_str()))
}

/// The pack without some of its signals: what the item would be if their evidence were gone. Compiled once for each set.
fn pack_without(ids: &[String]) -> Arc<CompiledPack> {
    static PACKS: Mutex<BTreeMap<Vec<String>, Arc<CompiledPack>>> = Mutex::new(BTreeMap::new());
    let mut packs = PACKS.lock().unwrap();
    let pack = packs.entry(ids.to_vec()).or_insert_with(|| {
        let mut pack = compiled(&SOURCE);
        for signal in pack.signals.iter_mut().filter(|signal| ids.contains(&signal.id)) {
            signal.predicate = policy::Predicate::Const(false);
        }
        Arc::new(pack)
    });
    Arc::clone(pack)
}

fn check_evidence(content: &Content, verdict: &Verdict, trace: &Trace) -> Result<(), TestCaseError> {
    let of_signals = verdict.signals.iter().flat_map(|signal| &signal.evidence);
    for piece in of_signals.chain(trace.facts.iter().flat_map(|fact| &fact.evidence)) {
        if piece.span.is_empty() {
            prop_assert!(piece.original_text.is_empty());
        } else {
            let text = field(content, &piece.field_path);
            prop_assert!(text.is_some(), "no field {}", piece.field_path);
            prop_assert_eq!(piece.span.slice(text.unwrap()), Some(piece.original_text.as_str()));
        }
    }
    for signal in &verdict.signals {
        prop_assert!(signal.evidence.len() <= 16);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn equal_input_gives_equal_output_whatever_the_scratch_held(one in content(), other in content(), standing in standing()) {
        let circumstances = circumstances(standing.as_ref());
        let clean = engine::assess(&one, &PACK, circumstances, &mut Scratch::default());
        let mut dirty = Scratch::default();
        engine::assess(&other, &PACK, circumstances, &mut dirty);
        prop_assert_eq!(&engine::assess(&one, &PACK, circumstances, &mut dirty), &clean);
        let (explained, _) = engine::explain(&one, &PACK, circumstances, &mut dirty);
        prop_assert_eq!(&explained, &clean);
    }

    #[test]
    fn risks_are_probabilities_and_everything_is_in_order(content in content(), standing in standing()) {
        let (verdict, trace) = engine::explain(&content, &PACK, circumstances(standing.as_ref()), &mut Scratch::default());
        prop_assert!(verdict.areas.iter().all(|area| (0.0..=1.0).contains(&area.risk.get())));
        prop_assert!(verdict.areas.is_sorted_by(|one, next| one.risk >= next.risk));
        prop_assert_eq!(verdict.risk, verdict.areas[0].risk);
        prop_assert_eq!(verdict.level, verdict.areas[0].level);
        prop_assert_eq!(Some(verdict.action), verdict.areas.iter().map(|area| area.action).max());
        let magnitude = |at: usize| verdict.signals[at].contribution.get().abs();
        prop_assert!((1..verdict.signals.len()).all(|at| magnitude(at - 1) >= magnitude(at)));
        check_evidence(&content, &verdict, &trace)?;
        for sum in &trace.areas {
            let signals = verdict.signals.iter().filter(|signal| signal.area == sum.area);
            let contributions: f64 = signals.map(|signal| signal.contribution.get()).sum();
            let worried = verdict.signals.iter().any(|signal| signal.area == sum.area);
            prop_assert!((contributions - sum.signals.get()).abs() < 1e-9 || (!worried && sum.signals.get() < 0.0));
        }
        for one in trace.signals.iter().filter(|one| one.outcome.fired()) {
            let shown = verdict.signals.iter().any(|signal| signal.signal_id == one.signal_id);
            let area = trace.areas.iter().find(|sum| sum.area == one.area);
            let worried = area.is_some_and(|sum| sum.model.get() > 0.0 || sum.standing.get() > 0.0)
                || trace.signals.iter().any(|other| other.area == one.area && other.outcome.fired() && other.weight.get() > 0.0);
            prop_assert_eq!(shown, worried, "{}", one.signal_id);
        }
    }

    #[test]
    fn a_signal_less_never_raises_its_area(content in content()) {
        let verdict = engine::assess(&content, &PACK, Circumstances::default(), &mut Scratch::default());
        for signal in verdict.signals.iter().filter(|signal| signal.weight.get() > 0.0).take(2) {
            let pack = pack_without(std::slice::from_ref(&signal.signal_id));
            let without = engine::assess(&content, &pack, Circumstances::default(), &mut Scratch::default());
            let risk = |verdict: &Verdict| verdict.areas.iter().find(|area| area.area == signal.area).map(|area| area.risk);
            prop_assert!(risk(&without) <= risk(&verdict), "{}", signal.signal_id);
        }
    }

    #[test]
    fn without_the_counterfactual_the_item_is_allowed_and_no_smaller_set_does_it(content in content()) {
        let (verdict, trace) = engine::explain(&content, &PACK, Circumstances::default(), &mut Scratch::default());
        let Some(counterfactual) = &trace.counterfactual else {
            prop_assert_eq!(verdict.action, Action::Allow);
            return Ok(());
        };
        prop_assert!(verdict.action > Action::Allow);
        prop_assert!(counterfactual.sufficient, "no prior of this pack is above by itself");
        let without = |ids: &[String]| engine::assess(&content, &pack_without(ids), Circumstances::default(), &mut Scratch::default());
        let rest = without(&counterfactual.signal_ids);
        prop_assert_eq!(rest.action, Action::Allow);
        prop_assert!((rest.risk.get() - counterfactual.remaining_risk.get()).abs() < 1e-12);
        let positive: Vec<String> =
            verdict.signals.iter().filter(|signal| signal.weight.get() > 0.0).map(|signal| signal.signal_id.clone()).collect();
        if positive.len() <= 5 {
            for set in 0u32..1 << positive.len() {
                if (set.count_ones() as usize) < counterfactual.signal_ids.len() {
                    let ids: Vec<String> =
                        (0..positive.len()).filter(|at| set & (1 << at) != 0).map(|at| positive[at].clone()).collect();
                    prop_assert!(without(&ids).action > Action::Allow, "{:?} suffice", ids);
                }
            }
        }
    }

    #[test]
    fn any_text_at_all_is_scored(title in any::<String>(), link in any::<String>(), name in any::<String>()) {
        let listing = Listing {
            title,
            links: vec![link],
            variants: vec![Variant { name, ..Variant::default() }],
            ..Listing::default()
        };
        let verdict = engine::assess(&Content::Listing(listing), &PACK, Circumstances::default(), &mut Scratch::default());
        prop_assert!(!verdict.areas.is_empty());
    }
}

//! Every rule of the contract, broken once.
//!
//! A row changes a valid message and names the one violation that must come of it, path and words.

use std::collections::BTreeMap;

use pbjson_types::Timestamp;

use super::*;

fn valid_listing() -> v1::Listing {
    let eur = |units| Some(v1::Money { currency_code: "EUR".into(), units, nanos: 990_000_000 });
    v1::Listing {
        listing_id: "l-1".into(),
        seller_id: "s-1".into(),
        title: "Tea".into(),
        gtin: "4006381333931".into(),
        price: eur(3),
        reference_price: eur(4),
        attributes: BTreeMap::from([("material".into(), "leaf".into())]),
        variants: vec![v1::Variant { name: "100 g".into(), price: eur(3), ..Default::default() }],
        images: vec![v1::Media { url: "https://example.org/1.jpg".into(), sha256: vec![7; 32], ..Default::default() }],
        ships_from_country: "GR".into(),
        target_countries: vec!["DE".into(), "FR".into()],
        language_code: "de-AT".into(),
        trader: Some(v1::TraderInformation { country_code: "XK".into(), ..Default::default() }),
        product_safety: Some(v1::ProductSafety { warnings: vec!["Hot".into()], ..Default::default() }),
        created_at: Some(Timestamp { seconds: 1_700_000_000, nanos: 5 }),
        ..Default::default()
    }
}

fn valid_post() -> v1::Post {
    v1::Post {
        post_id: "p-1".into(),
        creator_id: "c-1".into(),
        text: "Hello".into(),
        promoted_listing_ids: vec!["l-1".into()],
        media: vec![v1::Media { provenance: 4, ..Default::default() }],
        relationship: 5,
        minimum_age: 120,
        targeting: vec![v1::TargetingCriterion { attribute: "age".into(), value: "18".into() }],
        published_at: Some(Timestamp { seconds: LATEST, nanos: 999_999_999 }),
        ..Default::default()
    }
}

const LATEST: i64 = 253_402_300_799;

fn long(bytes: usize) -> String {
    "x".repeat(bytes)
}

fn many(count: usize, text: &str) -> Vec<String> {
    vec![text.to_owned(); count]
}

fn map(count: usize, value: &str) -> BTreeMap<String, String> {
    (0..count).map(|position| (format!("k{position:03}"), value.to_owned())).collect()
}

fn told(result: Result<impl Sized, InvalidContent>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid.violations.iter().map(|one| format!("{} {}", one.field, one.description)).collect(),
    }
}

type Row<M> = (fn(&mut M), &'static str);

const LISTING_ROWS: &[Row<v1::Listing>] = &[
    (|l| l.listing_id.clear(), "listing.listing_id is required"),
    (|l| l.listing_id = long(257), "listing.listing_id is 257 bytes; at most 256"),
    (|l| l.seller_id.clear(), "listing.seller_id is required"),
    (|l| l.title = long(1025), "listing.title is 1025 bytes; at most 1024"),
    (|l| l.title = "ä".repeat(513), "listing.title is 1026 bytes; at most 1024"),
    (|l| l.description = long(65537), "listing.description is 65537 bytes; at most 65536"),
    (|l| l.category_path = many(17, "a"), "listing.category_path has 17 entries; at most 16"),
    (|l| l.category_path = vec!["a".into(), long(257)], "listing.category_path[1] is 257 bytes; at most 256"),
    (|l| l.brand = long(257), "listing.brand is 257 bytes; at most 256"),
    (|l| l.gtin = "123456789".into(), "listing.gtin is no GTIN; 8, 12, 13 or 14 digits"),
    (|l| l.gtin = "40063813339A1".into(), "listing.gtin is no GTIN; 8, 12, 13 or 14 digits"),
    (
        |l| l.price.as_mut().unwrap().currency_code = "eur".into(),
        "listing.price.currency_code is no ISO 4217 code (e.g. \"EUR\")\n\
         listing.reference_price.currency_code is not the currency of the price",
    ),
    (
        |l| l.reference_price.as_mut().unwrap().currency_code = "USD".into(),
        "listing.reference_price.currency_code is not the currency of the price",
    ),
    (|l| l.price.as_mut().unwrap().nanos = -1, "listing.price.nanos has another sign than units"),
    (
        |l| l.price.as_mut().unwrap().nanos = 1_000_000_000,
        "listing.price.nanos is 1000000000; allowed are -999999999..999999999",
    ),
    (|l| l.attributes = map(65, "v"), "listing.attributes has 65 entries; at most 64"),
    (
        |l| l.attributes = BTreeMap::from([("k".repeat(129), "v".into())]),
        "listing.attributes[\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…\"] has a key of 129 bytes; at most 128",
    ),
    (|l| l.attributes = map(1, &long(4097)), "listing.attributes[\"k000\"] is 4097 bytes; at most 4096"),
    (|l| l.variants = vec![v1::Variant::default(); 257], "listing.variants has 257 entries; at most 256"),
    (|l| l.variants[0].name = long(513), "listing.variants[0].name is 513 bytes; at most 512"),
    (
        |l| l.variants[0].price.as_mut().unwrap().currency_code.clear(),
        "listing.variants[0].price.currency_code is no ISO 4217 code (e.g. \"EUR\")",
    ),
    (|l| l.variants[0].attributes = map(33, "v"), "listing.variants[0].attributes has 33 entries; at most 32"),
    (
        |l| l.variants[0].attributes = map(1, &long(1025)),
        "listing.variants[0].attributes[\"k000\"] is 1025 bytes; at most 1024",
    ),
    (|l| l.images = vec![v1::Media::default(); 33], "listing.images has 33 entries; at most 32"),
    (|l| l.images[0].url = "/1.jpg".into(), "listing.images[0].url is no absolute URL (e.g. \"https://…\")"),
    (|l| l.images[0].url = format!("https://{}", long(2041)), "listing.images[0].url is 2049 bytes; at most 2048"),
    (|l| l.images[0].alt_text = long(4097), "listing.images[0].alt_text is 4097 bytes; at most 4096"),
    (|l| l.images[0].ocr_text = long(16385), "listing.images[0].ocr_text is 16385 bytes; at most 16384"),
    (|l| l.images[0].sha256 = vec![1; 31], "listing.images[0].sha256 is 31 bytes; a hash has 32"),
    (|l| l.images[0].pdq_hash = vec![1; 33], "listing.images[0].pdq_hash is 33 bytes; a hash has 32"),
    (|l| l.images[0].provenance = 9, "listing.images[0].provenance is 9, which this version does not know"),
    (|l| l.links = many(65, "a"), "listing.links has 65 entries; at most 64"),
    (|l| l.links = vec![long(2049)], "listing.links[0] is 2049 bytes; at most 2048"),
    (|l| l.ships_from_country = "EL".into(), "listing.ships_from_country is no ISO 3166-1 alpha-2 code; use \"GR\""),
    (
        |l| l.ships_from_country = "Germany".into(),
        "listing.ships_from_country is no ISO 3166-1 alpha-2 code (two capital letters, e.g. \"DE\")",
    ),
    (|l| l.target_countries = many(65, "DE"), "listing.target_countries has 65 entries; at most 64"),
    (|l| l.target_countries[1] = "UK".into(), "listing.target_countries[1] is no ISO 3166-1 alpha-2 code; use \"GB\""),
    (|l| l.target_countries[1].clear(), "listing.target_countries[1] is empty"),
    (
        |l| l.language_code = "de_AT".into(),
        "listing.language_code is no BCP 47 language tag (e.g. \"de\" or \"pt-BR\")",
    ),
    (|l| l.trader.as_mut().unwrap().name = long(513), "listing.trader.name is 513 bytes; at most 512"),
    (|l| l.trader.as_mut().unwrap().address = long(1025), "listing.trader.address is 1025 bytes; at most 1024"),
    (|l| l.trader.as_mut().unwrap().email = long(321), "listing.trader.email is 321 bytes; at most 320"),
    (|l| l.trader.as_mut().unwrap().phone = long(65), "listing.trader.phone is 65 bytes; at most 64"),
    (
        |l| l.trader.as_mut().unwrap().register_number = long(257),
        "listing.trader.register_number is 257 bytes; at most 256",
    ),
    (
        |l| l.trader.as_mut().unwrap().pharmacy_licence = long(257),
        "listing.trader.pharmacy_licence is 257 bytes; at most 256",
    ),
    (
        |l| l.trader.as_mut().unwrap().country_code = "de".into(),
        "listing.trader.country_code is no ISO 3166-1 alpha-2 code (two capital letters, e.g. \"DE\")",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().manufacturer_name = long(513),
        "listing.product_safety.manufacturer_name is 513 bytes; at most 512",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().manufacturer_contact = long(1025),
        "listing.product_safety.manufacturer_contact is 1025 bytes; at most 1024",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().responsible_person_name = long(513),
        "listing.product_safety.responsible_person_name is 513 bytes; at most 512",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().responsible_person_contact = long(1025),
        "listing.product_safety.responsible_person_contact is 1025 bytes; at most 1024",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().warnings = many(33, "a"),
        "listing.product_safety.warnings has 33 entries; at most 32",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().warnings = vec![long(4097)],
        "listing.product_safety.warnings[0] is 4097 bytes; at most 4096",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().ingredients = long(16385),
        "listing.product_safety.ingredients is 16385 bytes; at most 16384",
    ),
    (
        |l| l.product_safety.as_mut().unwrap().registration_number = long(257),
        "listing.product_safety.registration_number is 257 bytes; at most 256",
    ),
    (
        |l| l.created_at = Some(Timestamp { seconds: LATEST + 1, nanos: 0 }),
        "listing.created_at lies outside of the years 1 to 9999",
    ),
    (
        |l| l.created_at = Some(Timestamp { seconds: 0, nanos: -1 }),
        "listing.created_at has nanos -1; allowed are 0..999999999",
    ),
];

const POST_ROWS: &[Row<v1::Post>] = &[
    (|p| p.post_id.clear(), "post.post_id is required"),
    (|p| p.creator_id = long(257), "post.creator_id is 257 bytes; at most 256"),
    (|p| p.platform = long(129), "post.platform is 129 bytes; at most 128"),
    (|p| p.text = long(65537), "post.text is 65537 bytes; at most 65536"),
    (|p| p.hashtags = many(129, "a"), "post.hashtags has 129 entries; at most 128"),
    (|p| p.hashtags = vec![long(257)], "post.hashtags[0] is 257 bytes; at most 256"),
    (|p| p.links = many(65, "a"), "post.links has 65 entries; at most 64"),
    (|p| p.promoted_listing_ids = many(65, "a"), "post.promoted_listing_ids has 65 entries; at most 64"),
    (|p| p.promoted_listing_ids[0].clear(), "post.promoted_listing_ids[0] is required"),
    (|p| p.promoted_listing_ids[0] = long(257), "post.promoted_listing_ids[0] is 257 bytes; at most 256"),
    (|p| p.media = vec![v1::Media::default(); 33], "post.media has 33 entries; at most 32"),
    (|p| p.media[0].provenance = -1, "post.media[0].provenance is -1, which this version does not know"),
    (|p| p.relationship = 6, "post.relationship is 6, which this version does not know"),
    (|p| p.discount_codes = many(33, "a"), "post.discount_codes has 33 entries; at most 32"),
    (|p| p.discount_codes = vec![long(129)], "post.discount_codes[0] is 129 bytes; at most 128"),
    (|p| p.minimum_age = 121, "post.minimum_age is 121; allowed are 0..120"),
    (|p| p.minimum_age = -1, "post.minimum_age is -1; allowed are 0..120"),
    (|p| p.targeting = vec![v1::TargetingCriterion::default(); 129], "post.targeting has 129 entries; at most 128"),
    (|p| p.targeting[0].attribute = long(257), "post.targeting[0].attribute is 257 bytes; at most 256"),
    (|p| p.targeting[0].value = long(1025), "post.targeting[0].value is 1025 bytes; at most 1024"),
    (|p| p.sponsor = long(513), "post.sponsor is 513 bytes; at most 512"),
    (|p| p.language_code = "1".into(), "post.language_code is no BCP 47 language tag (e.g. \"de\" or \"pt-BR\")"),
    (
        |p| p.published_at = Some(Timestamp { seconds: -62_135_596_801, nanos: 0 }),
        "post.published_at lies outside of the years 1 to 9999",
    ),
    (|p| p.follower_count = -1, "post.follower_count is -1; at least 0"),
];

#[test]
fn valid_content_passes_and_keeps_every_value() {
    let listing = listing(Some(valid_listing()), Path::root("listing")).unwrap();
    assert_eq!((listing.listing_id.as_str(), listing.title.as_str()), ("l-1", "Tea"));
    assert_eq!(listing.price.unwrap().nanos, 990_000_000);
    assert_eq!(listing.attributes["material"], "leaf");
    assert_eq!(listing.created_at.unwrap().nanos, 5);
    let post = post(Some(valid_post()), Path::root("post")).unwrap();
    assert_eq!(post.relationship, crate::domain::Relationship::OwnBrand);
    assert_eq!(post.media[0].provenance, crate::domain::Provenance::C2paVerified);
    assert_eq!(post.minimum_age, 120);
}

#[test]
fn each_broken_rule_of_a_listing_is_told_with_its_path() {
    assert_eq!(told(listing(None, Path::root("listing"))), ["listing is required"]);
    for (break_rule, expected) in LISTING_ROWS {
        let mut message = valid_listing();
        break_rule(&mut message);
        assert_eq!(told(listing(Some(message), Path::root("listing"))).join("\n"), *expected);
    }
}

#[test]
fn each_broken_rule_of_a_post_is_told_with_its_path() {
    assert_eq!(told(post(None, Path::root("post"))), ["post is required"]);
    for (break_rule, expected) in POST_ROWS {
        let mut message = valid_post();
        break_rule(&mut message);
        assert_eq!(told(post(Some(message), Path::root("post"))).join("\n"), *expected);
    }
}

#[test]
fn all_violations_are_told_at_once_with_the_place_in_a_batch() {
    let mut message = valid_listing();
    message.listing_id.clear();
    message.title = long(2000);
    message.ships_from_country = "UK".into();
    let root = Path::root("listings");
    let told = told(listing(Some(message), root.item(7)));
    let fields: Vec<_> = told.iter().filter_map(|one| one.split(' ').next()).collect();
    assert_eq!(fields, ["listings[7].listing_id", "listings[7].title", "listings[7].ships_from_country"]);
}

#[test]
fn a_message_that_is_wrong_everywhere_gets_a_bounded_answer() {
    let bad = v1::Variant { name: long(513), attributes: map(32, &long(1025)), price: None };
    let message = v1::Listing { variants: vec![bad; 256], ..valid_listing() };
    let told = told(listing(Some(message), Path::root("listing")));
    assert_eq!(told.len(), 101);
    assert_eq!(told[100], "listing has 8348 more violations than the 100 listed");
}

#[test]
fn entries_beyond_a_limit_are_counted_and_not_read() {
    let message = v1::Listing { category_path: many(17, &long(300)), ..valid_listing() };
    assert_eq!(told(listing(Some(message), Path::root("listing"))).len(), 1 + 16);
}

#[test]
fn batches_streams_and_queries_have_limits_of_their_own() {
    assert_eq!(told(batch_size(Path::root("listings"), 0)), ["listings is required; 1 to 1000 items"]);
    assert_eq!(told(batch_size(Path::root("posts"), 1001)), ["posts has 1001 entries; at most 1000"]);
    assert!(batch_size(Path::root("posts"), 1000).is_ok());
    assert_eq!(told(correlation_id(&long(257))), ["correlation_id is 257 bytes; at most 256"]);
    let filter =
        |area, page_size| signal_filter(&v1::ListSignalsRequest { area, page_size, page_token: String::new() });
    assert_eq!(filter(0, 0), Ok((None, 100)));
    assert_eq!(filter(14, 1000), Ok((Some(RiskArea::Drug), 1000)));
    assert_eq!(
        told(filter(19, 1001)),
        ["area is 19, which this version does not know", "page_size is 1001; allowed are 0..1000"]
    );
}

//! Every fact of the catalogue, on content written for it.

use crate::domain::{
    Content, Listing, Media, Money, Post, ProductSafety, Provenance, Relationship, TargetingCriterion,
};
use crate::domain::{TraderInformation, Variant};
use crate::engine::Trace;
use crate::engine::tests::packs::{every_fact_pack, posted, shown, titled, trace, value, verdict};
use crate::policy::{CompiledPack, Fact};

fn of(content: Content) -> Trace {
    trace(&content, &every_fact_pack(&[]))
}

fn of_title(title: &str) -> Trace {
    of(Content::Listing(titled(title)))
}

fn of_listing(change: impl FnOnce(&mut Listing)) -> Trace {
    let mut listing = titled("Lamp");
    change(&mut listing);
    of(Content::Listing(listing))
}

fn of_post(change: impl FnOnce(&mut Post)) -> Trace {
    let mut post = posted("Look at this");
    change(&mut post);
    of(Content::Post(post))
}

fn money(units: i64, currency: &str) -> Option<Money> {
    Some(Money { currency_code: currency.to_owned(), units, nanos: 0 })
}

#[test]
fn an_empty_listing_has_no_fact_but_that_it_is_one() {
    let names: Vec<String> = of(Content::Listing(Listing::default())).facts.into_iter().map(|fact| fact.name).collect();
    assert_eq!(names, ["content.is_listing"]);
    let names: Vec<String> = of(Content::Post(Post::default())).facts.into_iter().map(|fact| fact.name).collect();
    assert_eq!(names, ["content.is_post"]);
}

#[test]
fn what_an_item_is_and_which_fields_are_filled() {
    let trace = of_listing(|listing| {
        listing.description = "Bright and small".into();
        listing.category_path = vec!["Home".into(), "Lamps".into()];
        listing.brand = "Acme".into();
        listing.ships_from_country = "CN".into();
        listing.language_code = "DE-at".into();
        listing.age_restricted = true;
        listing.images = vec![Media::default(), Media::default()];
    });
    for name in ["has_description", "has_category", "has_brand", "ships_from_outside_eu"] {
        assert_eq!(value(&trace, &format!("listing.{name}")), "true", "{name}");
    }
    assert_eq!(value(&trace, "content.language"), "de");
    assert_eq!(value(&trace, "content.words"), "7");
    assert_eq!(value(&trace, "content.age_restricted"), "true");
    assert_eq!(value(&trace, "listing.images"), "2");
    assert_eq!(shown(&trace, "listing.ships_from_outside_eu"), ["ships_from_country:"]);
    assert_eq!(value(&of_post(|post| post.minimum_age = 18), "content.age_restricted"), "true");
    assert_eq!(value(&of_post(|post| post.minimum_age = 16), "content.age_restricted"), "-");
}

#[test]
fn amounts_have_units_and_exact_spans() {
    for (title, name, amount, text) in [
        ("Tablets 100mg strong", "amount.max_mg", "100", "100mg"),
        ("Tablets 100 mg strong", "amount.max_mg", "100", "100 mg"),
        ("Tropfen 2,5 mg stark", "amount.max_mg", "2.5", "2,5 mg"),
        ("500 mcg", "amount.max_mg", "0.5", "500 mcg"),
        ("500 µg", "amount.max_mg", "0.5", "500 µg"),
        ("1.000 mg Vitamin C", "amount.max_mg", "1000", "1.000 mg"),
        ("Vial 250 mg/10 ml sterile", "amount.mg_per_ml", "25", "250 mg/10 ml"),
        ("Solution 5mg/ml", "amount.mg_per_ml", "5", "5mg/ml"),
        ("30 Tabletten", "amount.pack_units", "30", "30 Tabletten"),
        ("90 comprimés", "amount.pack_units", "90", "90 comprimés"),
        ("Boite x 100", "amount.pack_units", "100", "x 100"),
        ("Boite x100", "amount.pack_units", "100", "x100"),
        ("50 x 20mg", "amount.pack_units", "50", "50 x"),
        ("50x 20 mg", "amount.pack_units", "50", "50x"),
        ("3.5 g", "amount.grams", "3.5", "3.5 g"),
        ("1.250 kg", "amount.grams", "1250", "1.250 kg"),
        ("0,5 kg", "amount.grams", "500", "0,5 kg"),
        ("2 lbs", "amount.grams", "907.18474", "2 lbs"),
        ("THC 22% oil", "amount.percent", "22", "22%"),
        ("99,9 %", "amount.percent", "99.9", "99,9 %"),
        ("Asit %98 5 litre", "amount.percent", "98", "%98"),
        ("Шишки 5г", "amount.grams", "5", "5г"),
        ("Мука 2 кг", "amount.grams", "2000", "2 кг"),
        ("Μέλι 2 κιλά", "amount.grams", "2000", "2 κιλά"),
        ("Τσάι 50 γρ.", "amount.grams", "50", "50 γρ"),
        ("蜂蜜 250克", "amount.grams", "250", "250克"),
        ("شاي 100 غرام", "amount.grams", "100", "100 غرام"),
        ("Аспирин 500 мг", "amount.max_mg", "500", "500 мг"),
        ("حبوب 100 مجم", "amount.max_mg", "100", "100 مجم"),
        ("Масло 3 л", "amount.ml", "3000", "3 л"),
        ("Хапчета 30 таблетки", "amount.pack_units", "30", "30 таблетки"),
        ("Tabletės 30 vnt.", "amount.pack_units", "30", "30 vnt"),
        ("Χάπια 20 δισκία", "amount.pack_units", "20", "20 δισκία"),
        ("70 cl", "amount.ml", "700", "70 cl"),
        ("1,5 l", "amount.ml", "1500", "1,5 l"),
    ] {
        let trace = of_title(title);
        assert_eq!(value(&trace, name), amount, "{title}");
        assert_eq!(shown(&trace, name), [format!("title:{text}")], "{title}");
    }
}

#[test]
fn a_year_is_no_weight() {
    assert_eq!(value(&of_title("Кухня 2023 г."), "amount.grams"), "-");
    assert_eq!(value(&of_title("Захар 1000 г"), "amount.grams"), "1000");
}

#[test]
fn doses_are_counted_and_the_largest_is_kept() {
    let trace = of_title("Combo 20 mg and 80 mg, 1000 IU, 5 mg/ml, 30 g cream");
    assert_eq!(value(&trace, "amount.doses"), "4");
    assert_eq!(value(&trace, "amount.max_mg"), "80");
    assert_eq!(value(&trace, "amount.grams"), "30");
}

#[test]
fn sizes_networks_and_bare_numbers_are_no_amounts() {
    for title in [
        "Poster 100 x 50 cm",
        "Poster 100x50",
        "5G phone",
        "iPhone 15",
        "Size 42",
        "Room 101. Mg is magnesium",
        "1 tablet stand",
        "Table 60cm x 40cm",
        "Towel 94\"x115\"",
        "Curtain width x 115 cm",
        "Drone X4",
        "Ring 316L",
        "My 21st birthday",
    ] {
        let trace = of_title(title);
        for name in ["amount.doses", "amount.max_mg", "amount.pack_units", "amount.grams", "amount.percent"] {
            assert_eq!(value(&trace, name), "-", "{name} of {title}");
        }
    }
}

#[test]
fn amounts_do_not_reach_over_fields_or_sentences() {
    let trace = of_listing(|listing| {
        listing.title = "Model 100".into();
        listing.description = "mg is a unit. Take 5. Grams are another".into();
    });
    assert_eq!(value(&trace, "amount.max_mg"), "-");
    assert_eq!(value(&trace, "amount.grams"), "-");
}

#[test]
fn links_count_by_kind_wherever_they_stand() {
    let trace = of_listing(|listing| {
        listing.description = "Order at t.me/shop or https://bit.ly/x1".into();
        listing.links = vec!["https://bit.ly/x1".into(), "https://cnfans.com/p/1".into(), "nonsense".into()];
        listing.images = vec![Media { ocr_text: "linktr.ee/us".into(), ..Media::default() }];
    });
    assert_eq!(value(&trace, "link.count"), "4");
    assert_eq!(shown(&trace, "link.shortener"), ["links[0]:https://bit.ly/x1"]);
    assert_eq!(shown(&trace, "link.agent"), ["links[1]:https://cnfans.com/p/1"]);
    assert_eq!(shown(&trace, "link.messenger"), ["description:t.me/shop"]);
    assert_eq!(shown(&trace, "link.hub"), ["images[0].ocr_text:linktr.ee/us"]);
    let trace = of_listing(|listing| {
        listing.links = vec![
            "http://10.0.0.1/x".into(),
            "http://abcdefghijklmnop.onion".into(),
            "https://shop.example/?awc=1".into(),
        ];
    });
    for name in ["link.suspicious_host", "link.onion", "link.affiliate"] {
        assert_eq!(value(&trace, name), "1", "{name}");
    }
}

#[test]
fn a_link_that_cannot_be_read_is_diagnosed() {
    let listing = Listing { links: vec!["nonsense".into()], ..titled("Lamp") };
    let verdict = verdict(&Content::Listing(listing), &every_fact_pack(&[]));
    assert_eq!(verdict.diagnostics.len(), 1);
    assert_eq!(verdict.diagnostics[0].code, "link-unreadable");
    assert_eq!(verdict.diagnostics[0].field_path, "links[0]");
}

#[test]
fn contacts_are_found_in_text() {
    let trace = of_title("Write @best_shop, +49 151 23456789 or a.b@example.com");
    assert_eq!(shown(&trace, "contact.handle"), ["title:@best_shop"]);
    assert_eq!(shown(&trace, "contact.phone"), ["title:+49 151 23456789"]);
    assert_eq!(shown(&trace, "contact.email"), ["title:a.b@example.com"]);
    assert_eq!(value(&of_post(|post| post.text = "with @my_friend".into()), "contact.handle"), "-");
}

#[test]
fn trader_information_is_missing_only_if_some_was_sent() {
    assert_eq!(value(&of_title("Lamp"), "trader.missing"), "-");
    let trace = of_listing(|listing| {
        listing.trader = Some(TraderInformation {
            name: "Acme Ltd".into(),
            email: "a@example.com".into(),
            phone: " ".into(),
            self_certified: true,
            country_code: "CN".into(),
            pharmacy_licence: "DE-123".into(),
            verified: true,
            ..TraderInformation::default()
        });
    });
    assert_eq!(value(&trace, "trader.missing"), "3");
    assert_eq!(shown(&trace, "trader.missing"), ["trader.address:", "trader.phone:", "trader.register_number:"]);
    for name in ["known", "verified", "self_certified", "pharmacy_licence", "outside_eu"] {
        assert_eq!(value(&trace, &format!("trader.{name}")), "true", "{name}");
    }
}

#[test]
fn safety_information_is_missing_only_where_the_regulation_applies() {
    let with = |category: &str, country: &str, safety: Option<ProductSafety>| {
        of_listing(|listing| {
            listing.category_path = vec![category.into()];
            listing.ships_from_country = country.into();
            listing.product_safety = safety;
        })
    };
    assert_eq!(value(&with("Toys", "CN", None), "safety.missing"), "-");
    let empty = || Some(ProductSafety::default());
    assert_eq!(value(&with("Toys", "CN", empty()), "safety.missing"), "5");
    assert_eq!(value(&with("Toys", "DE", empty()), "safety.missing"), "3");
    assert_eq!(value(&with("Food", "CN", empty()), "safety.missing"), "-");
    let full = ProductSafety {
        manufacturer_name: "Acme".into(),
        manufacturer_contact: "1 Street".into(),
        warnings: vec!["Small parts".into()],
        ingredients: "Water".into(),
        ce_marked: true,
        registration_number: "CPNP 1".into(),
        ..ProductSafety::default()
    };
    let trace = with("Toys", "DE", Some(full.clone()));
    assert_eq!(value(&trace, "safety.missing"), "-");
    for name in ["known", "ce_marked", "has_ingredients", "registered"] {
        assert_eq!(value(&trace, &format!("safety.{name}")), "true", "{name}");
    }
    let abroad = with("Toys", "CN", Some(full));
    let missing = ["product_safety.responsible_person_name:", "product_safety.responsible_person_contact:"];
    assert_eq!(shown(&abroad, "safety.missing"), missing);
}

#[test]
fn a_gtin_is_checked_by_its_digit() {
    let trace = of_listing(|listing| listing.gtin = "4006381333930".into());
    assert_eq!((value(&trace, "gtin.present"), value(&trace, "gtin.invalid")), ("true", "true"));
    assert_eq!(shown(&trace, "gtin.invalid"), ["gtin:"]);
    let trace = of_listing(|listing| listing.gtin = "4006381333931".into());
    assert_eq!((value(&trace, "gtin.present"), value(&trace, "gtin.invalid")), ("true", "-"));
}

#[test]
fn prices_compare_within_one_currency() {
    let with = |price, usual| of_listing(|listing| (listing.price, listing.reference_price) = (price, usual));
    let trace = with(money(25, "EUR"), money(100, "EUR"));
    assert_eq!((value(&trace, "price.known"), value(&trace, "price.amount")), ("true", "25"));
    assert_eq!(value(&trace, "price.ratio"), "0.25");
    assert_eq!(shown(&trace, "price.ratio"), ["price:", "reference_price:"]);
    assert_eq!(value(&with(money(25, "EUR"), money(100, "USD")), "price.ratio"), "-");
    assert_eq!(value(&with(money(0, "EUR"), money(100, "EUR")), "price.ratio"), "-");
    assert_eq!(value(&with(money(5, "EUR"), money(0, "EUR")), "price.ratio"), "-");
}

#[test]
fn variants_spread_in_price() {
    let variant = |units, currency| Variant { price: money(units, currency), ..Variant::default() };
    let trace = of_listing(|listing| {
        listing.variants = vec![variant(5, "EUR"), variant(200, "EUR"), variant(9000, "HUF"), Variant::default()];
    });
    assert_eq!(value(&trace, "price.variant_spread"), "40");
    assert_eq!(shown(&trace, "price.variant_spread"), ["variants[0].price:", "variants[1].price:"]);
    assert_eq!(value(&trace, "variants.count"), "4");
}

#[test]
fn coded_variants_are_told_from_sizes() {
    let coded = |names: &[&str]| {
        let trace = of_listing(|listing| {
            listing.variants =
                names.iter().map(|name| Variant { name: (*name).to_owned(), ..Variant::default() }).collect();
        });
        value(&trace, "variants.coded").to_owned()
    };
    assert_eq!(coded(&["A", "B", "C"]), "3");
    assert_eq!(coded(&["1", "2", "3"]), "3");
    assert_eq!(coded(&["A1", "A2", "A3"]), "3");
    assert_eq!(coded(&["Option 3", "style B", "Style 12"]), "3");
    assert_eq!(coded(&["S", "M", "L", "XL"]), "-");
    assert_eq!(coded(&["38", "39", "40"]), "-");
    assert_eq!(coded(&["Option with lid", "Red", "100 ml"]), "-");
}

#[test]
fn a_brand_in_the_title_is_named_by_the_brand_field() {
    let with = |title: &str, brand: &str| {
        let trace = of_listing(|listing| (listing.title, listing.brand) = (title.into(), brand.into()));
        shown(&trace, "brand_named.without_field")
    };
    assert_eq!(with("Rolex watch", ""), ["title:Rolex"]);
    assert_eq!(with("Rolex watch", "Acme"), ["title:Rolex"]);
    assert_eq!(with("Rolex watch", "ROLEX SA"), Vec::<String>::new());
    assert_eq!(with("Watch", ""), Vec::<String>::new());
}

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
fn every_fact_of_the_catalogue_is_computed() {
    let source = concat!(include_str!("tests.rs"), include_str!("promotion/tests.rs"));
    let untested = Fact::ALL.iter().filter(|fact| {
        let (family, name) = fact.as_str().split_once('.').unwrap_or_default();
        let apart = source.contains(&format!("\"{family}.")) && source.contains(&format!("\"{name}\""));
        !apart && !source.contains(fact.as_str())
    });
    assert_eq!(untested.map(|fact| fact.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

fn lexicons(title: &str, conditions: &[&str]) -> (Trace, CompiledPack) {
    let pack = every_fact_pack(conditions);
    (trace(&Content::Listing(titled(title)), &pack), pack)
}

#[test]
fn scopes_count_distinct_terms() {
    let pack = every_fact_pack(&[
        "lex.brand > 0",
        "title.brand > 0",
        "category.brand > 0",
        "brand.brand > 0",
        "image.brand > 0",
        "variant.brand > 0",
        "hashtag.brand > 0",
    ]);
    let mut listing = titled("Rolex rolex ROLEX");
    listing.description = "Nike and Rolex".into();
    listing.category_path = vec!["Nike".into()];
    listing.brand = "Nike".into();
    listing.images = vec![Media { alt_text: "nike".into(), ocr_text: "rolex".into(), ..Media::default() }];
    listing.variants = vec![Variant { name: "Rolex".into(), ..Variant::default() }];
    let seen = trace(&Content::Listing(listing), &pack);
    for (name, count) in [
        ("lex", "2"),
        ("title", "1"),
        ("category", "1"),
        ("brand", "1"),
        ("image", "2"),
        ("variant", "1"),
        ("hashtag", "-"),
    ] {
        assert_eq!(value(&seen, &format!("{name}.brand")), count, "{name}");
    }
    let mut post = posted("\nNike first\nrolex second #nike");
    post.hashtags = vec!["#rolex".into()];
    let seen = trace(&Content::Post(post), &pack);
    assert_eq!(shown(&seen, "title.brand"), ["text:Nike"]);
    assert_eq!(shown(&seen, "hashtag.brand"), ["text:nike", "hashtags[0]:rolex"]);
}

#[test]
fn disguise_is_a_fact_of_its_own() {
    let (seen, _) = lexicons("V1agra and Viagra", &["hidden.rx_substance > 0", "lex.rx_substance > 0"]);
    assert_eq!(shown(&seen, "hidden.rx_substance"), ["title:V1agra"]);
    assert_eq!(value(&seen, "lex.rx_substance"), "1");
    let (seen, _) = lexicons(
        "Pack p. V i a g r a for 5 g",
        &["hidden.rx_substance > 0", "lex.rx_substance > 0", "lex.lone_letter > 0"],
    );
    assert_eq!(shown(&seen, "hidden.rx_substance"), ["title:V i a g r a"]);
    assert_eq!(shown(&seen, "lex.lone_letter"), ["title:p", "title:g"], "letters of a spelled word are none");
    let (seen, _) = lexicons("Viagra", &["hidden.rx_substance > 0"]);
    assert_eq!(value(&seen, "hidden.rx_substance"), "-");
}

#[test]
fn guards_need_or_exclude_a_second_fact() {
    let street = |title: &str| value(&lexicons(title, &["lex.drug_street > 0"]).0, "lex.drug_street").to_owned();
    assert_eq!(street("Fresh snow"), "-");
    assert_eq!(street("Snow from a dealer"), "1");
    assert_eq!(street("Snow one two three four five six seven dealer"), "-", "farther than six words");
    assert_eq!(street("Snow boots from a dealer"), "-", "excluded by the words that cover it");
    assert_eq!(street("Snow 5 g"), "1", "a fact suffices");
    assert_eq!(street("Candy"), "-", "a word does not vouch for itself");
    assert_eq!(street("Candy stash"), "1");
    assert_eq!(street("Cocaine"), "1", "no guard");
}

#[test]
fn negation_takes_hits_away_within_a_sentence() {
    let free = |title: &str| value(&lexicons(title, &["lex.additive > 0"]).0, "lex.additive") == "-";
    for title in [
        "Without sugar",
        "Without added sugar",
        "Ohne Zucker",
        "Sugar-free",
        "sugar free",
        "Zuckerfrei",
        "free of gluten",
    ] {
        assert!(free(title), "{title}");
    }
    for title in [
        "Sugar",
        "Free spoon with sugar",
        "Sold without box. Sugar inside",
        "Without any more added sugar",
        "Sugar. Free delivery",
    ] {
        assert!(!free(title), "{title}");
    }
    let kept = lexicons("No Viagra", &["lex.rx_substance > 0"]).0;
    assert_eq!(value(&kept, "lex.rx_substance"), "1", "not negatable");
}

#[test]
fn near_pairs_lie_in_one_field_within_their_distance() {
    let condition = "near('brand', 'replica', 2)";
    let near = |title: &str| {
        let (seen, _) = lexicons(title, &[condition]);
        seen.facts.iter().find(|fact| fact.name.starts_with("near(")).map(|fact| fact.evidence.len())
    };
    assert_eq!(near("Rolex replica"), Some(2));
    assert_eq!(near("Replica of the Rolex"), Some(2));
    assert_eq!(near("Replica of the old Rolex"), None);
    assert_eq!(near("Rolex"), None);
    let mut listing = titled("Rolex");
    listing.description = "replica".into();
    let seen = trace(&Content::Listing(listing), &every_fact_pack(&[condition]));
    assert!(!seen.facts.iter().any(|fact| fact.name.starts_with("near(")));
}

#[test]
fn criteria_are_counted_in_their_scope_and_in_no_other() {
    let pack = every_fact_pack(&[
        "lex.brand > 0",
        "targeting.brand > 0",
        "hidden.brand > 0",
        "near('brand', 'replica', 5)",
        "targeting.drug_street > 0",
    ]);
    let criterion =
        |attribute: &str, value: &str| TargetingCriterion { attribute: attribute.into(), value: value.into() };
    let mut post = posted("New app");
    post.targeting = vec![criterion("Nike", "r0lex replica"), criterion("interest", "snow"), criterion("x", "dealer")];
    let seen = trace(&Content::Post(post), &pack);
    assert_eq!(shown(&seen, "targeting.brand"), ["targeting[0].attribute:Nike", "targeting[0].value:r0lex"]);
    assert_eq!(value(&seen, "targeting.drug_street"), "-", "another criterion does not vouch");
    for elsewhere in ["lex.brand", "hidden.brand", "near(\"brand\", \"replica\", 5)"] {
        assert_eq!(value(&seen, elsewhere), "-", "{elsewhere}");
    }
    let mut post = posted("Snow for sale, ask a Rolex dealer");
    post.targeting = vec![criterion("interest", "ski"), criterion("interest", "snow dealer")];
    let seen = trace(&Content::Post(post), &every_fact_pack(&["lex.drug_street > 0", "targeting.drug_street > 0"]));
    assert_eq!(shown(&seen, "lex.drug_street"), ["text:Snow"], "a criterion does not excuse what is said");
    assert_eq!(shown(&seen, "targeting.drug_street"), ["targeting[1].value:snow"]);
}

#[test]
fn ages_below_18_are_seen_where_they_are_the_audiences_own() {
    let minors = |attribute: &str, value: &str| {
        let criterion = TargetingCriterion { attribute: attribute.into(), value: value.into() };
        value_of_minors(&of_post(|post| post.targeting = vec![criterion]))
    };
    for (attribute, value) in [("age", "13-17"), ("age_max", "17"), ("audience", "aged 14 and 15"), ("age", "16-24")] {
        assert_eq!(
            minors(attribute, value),
            format!("1 targeting[0].value:{}", &value[value.find('1').unwrap()..][..2])
        );
    }
    for (attribute, value) in
        [("age", "18-24"), ("parents", "aged 13-17"), ("age", "parents, 13-17"), ("postcode", "1010 12")]
    {
        assert_eq!(minors(attribute, value), "- ", "{attribute} {value}");
    }
}

fn value_of_minors(trace: &Trace) -> String {
    format!("{} {}", value(trace, "audience.minors"), shown(trace, "audience.minors").join(" "))
}

#[test]
fn texts_of_posts_name_people_and_codes() {
    let trace = of_post(|post| post.text = "Thanks @casa.verde (me@example.org)! ANNA20 or MARIA15".into());
    assert_eq!((value(&trace, "post.mentions"), value(&trace, "post.code_words")), ("1", "2"));
    assert_eq!(shown(&trace, "post.mentions"), ["text:@casa.verde"]);
    assert_eq!(shown(&trace, "post.code_words"), ["text:ANNA20", "text:MARIA15"]);
    assert_eq!(value(&of_post(|post| post.is_political = true), "post.political"), "true");
}

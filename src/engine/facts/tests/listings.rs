//! What only listings have: traders, safety information, prices, variants, brands.

use super::{money, of_listing, of_title};
use crate::domain::{ProductSafety, TraderInformation, Variant};
use crate::engine::tests::packs::{shown, value};

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

//! Amounts and doses: their units, their spans, and what only looks like one.

use super::{of_listing, of_title};
use crate::engine::tests::packs::{shown, value};

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

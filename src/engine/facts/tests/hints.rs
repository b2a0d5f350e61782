//! What the model makes of lexicons: a small network that has learned that a medicine without papers is an offer, for every area.

use super::*;
use crate::domain::RiskArea;
use crate::model::{
    LexiconExample, LexiconTrainOptions, TextModel, TrainOptions, margins_unseen, train, train_lexicons,
};
use crate::policy::CompiledPack;

/// The areas that have a hint.
const AREAS: [&str; 17] = [
    "medicine",
    "food",
    "supplement",
    "adult",
    "hidden_link",
    "counterfeit",
    "influencer",
    "synthetic_media",
    "civic",
    "traceability",
    "product_safety",
    "weapon",
    "drug",
    "wildlife",
    "tobacco",
    "precursor",
    "fraud",
];

/// A pack that asks for every fact, with a model trained on which lexicons are met in these titles.
fn learned() -> CompiledPack {
    let pack = every_fact_pack(&[]);
    let mut names: Vec<String> = pack.lexicons.iter().map(|lexicon| lexicon.id.clone()).collect();
    names.sort_unstable();
    let areas: Vec<RiskArea> = RiskArea::ALL.into_iter().filter(|area| Fact::hint(*area).is_some()).collect();
    let options =
        LexiconTrainOptions { epochs: 60, dropout: (0.0, 0.0), ..LexiconTrainOptions::new(names, areas.clone(), 1) };
    let named = |names: &[&str]| {
        let row = |name: &&str| options.names.binary_search_by(|one| one.as_str().cmp(name)).ok();
        names.iter().filter_map(row).map(|at| crate::model::LexiconRow(at as u16)).collect()
    };
    let offer = areas.as_slice();
    let one = |met: &[&str], areas: &[RiskArea], source: u32| LexiconExample {
        met: named(met),
        areas: areas.to_vec(),
        source,
        weight: 1.0,
    };
    let of_source = |source| {
        [
            one(&["rx_substance", "no_prescription"], offer, source),
            one(&["rx_substance", "no_prescription", "negation_before"], offer, source),
            one(&["drug_street", "drug_context"], offer, source),
            one(&["drug_street"], &[], source),
            one(&["drug_context"], &[], source),
            one(&["rx_substance"], &[], source),
            one(&["no_prescription", "negation_before"], &[], source),
            one(&["negation_before"], &[], source),
            one(&[], &[], source),
        ]
    };
    let examples: Vec<LexiconExample> = (0..40).flat_map(of_source).collect();
    let unseen = margins_unseen(&examples, &options);
    let all: Vec<&LexiconExample> = examples.iter().collect();
    let network =
        train_lexicons(&all, examples.iter().zip(&unseen).map(|(one, odds)| (one, odds.as_slice())), &options);
    let words = TrainOptions { buckets: 2, ..TrainOptions::new("test", vec![RiskArea::Drug]) };
    pack.with_model(Some(train(&[], &words, |_| ()).with_lexicons(network)))
}

fn of_learned(title: &str) -> Trace {
    trace(&Content::Listing(titled(title)), &learned())
}

#[test]
fn what_is_said_together_is_shown_by_its_characters() {
    let trace = of_learned("Sildenafil, no prescription");
    for area in AREAS {
        let hint = format!("hint.{area}");
        assert!(value(&trace, &hint).parse::<f64>().unwrap() > 0.0, "{area}");
        assert_eq!(shown(&trace, &hint), ["title:Sildenafil", "title:no prescription"], "{area}");
    }
}

#[test]
fn one_of_them_says_nothing() {
    for title in ["Sildenafil", "No prescription", "Lamp"] {
        assert_eq!(value(&of_learned(title), "hint.medicine"), "-", "{title}");
    }
}

/// "snow" and "ski": the network hears a street name and a word of the trade, but the street name does not count here.
#[test]
fn what_cannot_be_shown_in_two_places_is_not_there() {
    assert_eq!(shown(&of_learned("Cocaine, ask the dealer"), "hint.medicine"), ["title:Cocaine", "title:dealer"]);
    assert_eq!(value(&of_learned("Ski and snow boots, ask the dealer"), "hint.medicine"), "-");
}

#[test]
fn without_a_network_there_is_no_hint() {
    let pack = every_fact_pack(&[]);
    assert!(pack.model.as_ref().and_then(TextModel::lexicons).is_none());
    assert_eq!(value(&of_title("Sildenafil, no prescription"), "hint.medicine"), "-");
}

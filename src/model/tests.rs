//! Training, files and scores on a few sentences.

use proptest::prelude::*;

use super::*;
use crate::domain::RiskArea;
use crate::text::Document;

fn features(text: &str) -> Features {
    let (mut document, mut features) = (Document::new(), Features::default());
    document.push_field(text);
    features.extract(&document);
    features
}

fn example(text: &str, areas: &[RiskArea]) -> Example {
    let hashes = features(text).items().iter().map(|feature| feature.hash).collect();
    Example { hashes, areas: areas.to_vec(), source: 0, weight: 1.0 }
}

/// Trained once: properties ask for it often.
fn small_model() -> TextModel {
    static MODEL: std::sync::LazyLock<TextModel> = std::sync::LazyLock::new(train_small_model);
    MODEL.clone()
}

fn train_small_model() -> TextModel {
    let examples = [
        example("pure crystal powder by the gram", &[RiskArea::Drug]),
        example("strong crystal shards, stealth shipping", &[RiskArea::Drug]),
        example("hot wife with neighbour", &[RiskArea::Adult]),
        example("crystal glass vase", &[]),
        example("shipping box for glass", &[]),
        example("neighbour of the year mug", &[]),
    ];
    let options = TrainOptions {
        buckets: 1 << 12,
        epochs: 60,
        ..TrainOptions::new("test", vec![RiskArea::Drug, RiskArea::Adult])
    };
    train(&examples, &options, |_| ())
}

fn score(model: &TextModel, text: &str, area: RiskArea) -> f64 {
    model.scores(&features(text)).find(|score| score.area == area).map_or(f64::NAN, |score| score.nats.get())
}

#[test]
fn training_twice_gives_the_same_bytes() {
    assert_eq!(train_small_model().to_bytes(), train_small_model().to_bytes());
}

#[test]
fn a_model_learns_what_belongs_to_which_area() {
    let model = small_model();
    assert!(score(&model, "crystal powder, stealth", RiskArea::Drug) > 1.0);
    assert!(score(&model, "glass vase", RiskArea::Drug) < 0.0);
    assert!(score(&model, "hot wife", RiskArea::Adult) > score(&model, "crystal powder", RiskArea::Adult));
}

#[test]
fn a_text_without_words_has_no_score() {
    assert_eq!(small_model().scores(&features("12 34 !!")).count(), 0);
}

#[test]
fn numbers_case_and_punctuation_change_nothing() {
    let hashes = |text| features(text).items().iter().map(|feature| feature.hash).collect::<Vec<_>>();
    assert_eq!(hashes("Pure POWDER, 10 30"), hashes("pure powder"));
}

#[test]
fn a_disguised_word_is_read_as_the_plain_one() {
    let hashes = |text| features(text).items().iter().map(|feature| feature.hash).collect::<Vec<_>>();
    assert_eq!(hashes("p0wder"), hashes("powder"));
}

#[test]
fn the_shares_of_the_tokens_add_up_to_the_score() {
    let model = small_model();
    let seen = features("pure crystal glass, shipping by stealth");
    let nothing = TextModel::new("none", model.heads.clone(), vec![[0; 16]; 2]);
    for area in model.areas() {
        let sum: f64 = model.shares(&seen, area).iter().map(|share| share.nats.get()).sum();
        let of = |model: &TextModel| model.scores(&seen).find(|one| one.area == area).map(|one| one.nats.get());
        assert!((of(&model).unwrap() - of(&nothing).unwrap() - sum).abs() < 1e-9);
    }
}

proptest! {
    /// Words and their neighbours, disguised ones, more of them than are looked at.
    #[test]
    fn what_is_remembered_of_words_changes_no_score(texts in prop::collection::vec("([a-e]{1,3}|p0wder|cryst@l|[0-9é.]|[a-z]{30,40})( ([a-e]{1,3}|[.,])){0,90}", 1..6)) {
        let models = [small_model(), TextModel::new("ones", small_model().heads, vec![[1; 16]; 4])];
        let mut memory = WordMemory::default();
        for (text, model) in texts.iter().chain(&texts).zip(models.iter().cycle()) {
            let mut document = Document::new();
            document.push_field(text);
            let remembered: Vec<AreaScore> = model.scores_of(&document, &mut memory).collect();
            prop_assert_eq!(remembered, model.scores(&features(text)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_file_is_read_back_to_an_equal_model() {
    let model = small_model();
    assert_eq!(TextModel::from_bytes(&model.to_bytes()), Ok(model));
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let good = small_model().to_bytes();
    let edited = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    let cases = [
        (Vec::new(), "ends too early"),
        (b"GIF89a".to_vec(), "does not start"),
        (edited(4, 9), "format 9"),
        (good[..good.len() - 1].to_vec(), "ends too early"),
        ([good.as_slice(), &[0]].concat(), "1 bytes too many"),
        (edited(16, 17), "1 to 16 areas"),
        (edited(24, b'?'), "no risk area"),
    ];
    for (bytes, expected) in cases {
        let message = TextModel::from_bytes(&bytes).unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} should say {expected:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(edits in prop::collection::vec((0_usize..200, any::<u8>()), 0..8), cut in 0_usize..400) {
        let mut bytes = small_bytes();
        for (at, byte) in edits {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        if let Ok(model) = TextModel::from_bytes(&bytes) {
            prop_assert!(model.scores(&features("pure powder")).all(|score| score.nats.get().is_finite()));
        }
    }
}

/// A file with few rows, so that edits meet its head.
fn small_bytes() -> Vec<u8> {
    TextModel::new("x", small_model().heads, vec![[1; 16]; 4]).to_bytes()
}

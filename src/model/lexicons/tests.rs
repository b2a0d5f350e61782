//! Training, margins and bytes on a handful of lexicons.

use proptest::prelude::*;

use super::super::TextModel;
use super::*;

/// Sorted, as a model keeps them.
const NAMES: [&str; 4] = ["goods", "market", "no_papers", "weather"];

fn rows(names: &[&str]) -> Vec<LexiconRow> {
    NAMES.iter().zip(0..).filter(|(name, _)| names.contains(name)).map(|(_, at)| LexiconRow(at)).collect()
}

/// Goods without papers, from several sources; each of the two alone is what honest people speak of.
fn examples() -> Vec<LexiconExample> {
    let one = |met: &[&str], areas: &[RiskArea], source: u32| LexiconExample {
        met: rows(met),
        areas: areas.to_vec(),
        source,
        weight: 1.0,
    };
    let of_source = |source| {
        [
            one(&["goods", "no_papers"], &[RiskArea::Weapon], source),
            one(&["goods", "no_papers", "market"], &[RiskArea::Weapon], source),
            one(&["goods", "market"], &[], source),
            one(&["goods"], &[], source),
            one(&["no_papers", "market"], &[], source),
            one(&["no_papers"], &[], source),
            one(&["market"], &[], source),
            one(&[], &[], source),
        ]
    };
    (0..60).flat_map(of_source).collect()
}

fn options() -> LexiconTrainOptions {
    let names = NAMES.map(str::to_owned).to_vec();
    LexiconTrainOptions {
        epochs: 60,
        dropout: (0.0, 0.0),
        ..LexiconTrainOptions::new(names, vec![RiskArea::Weapon], 1)
    }
}

fn train_small() -> LexiconModel {
    let (examples, options) = (examples(), options());
    let unseen = margins_unseen(&examples, &options);
    let all: Vec<&LexiconExample> = examples.iter().collect();
    train_lexicons(&all, examples.iter().zip(&unseen).map(|(one, odds)| (one, odds.as_slice())), &options).unwrap()
}

/// Trained once: properties ask for it often.
fn small() -> &'static LexiconModel {
    static MODEL: std::sync::LazyLock<LexiconModel> = std::sync::LazyLock::new(train_small);
    &MODEL
}

fn margin(names: &[&str]) -> Option<f64> {
    let seen = small().impression(rows(names).into_iter());
    small().margins(&seen).first().map(|(_, margin)| margin.get())
}

fn in_file(network: Option<LexiconModel>) -> Vec<u8> {
    crate::model::train(
        &[],
        &crate::model::TrainOptions { buckets: 2, ..crate::model::TrainOptions::new("x", vec![RiskArea::Drug]) },
        |_| (),
    )
    .with_lexicons(network)
    .to_bytes()
}

#[test]
fn training_twice_gives_the_same_network() {
    assert_eq!(train_small(), *small());
}

#[test]
fn what_is_innocent_alone_is_spoken_of_together() {
    assert!(margin(&["goods", "no_papers"]).is_some());
    assert!(margin(&["goods", "no_papers", "market"]).is_some());
    for innocent in [&["goods", "market"][..], &["no_papers", "market"], &["goods"], &["no_papers"], &[]] {
        assert_eq!(margin(innocent), None, "{innocent:?}");
    }
}

#[test]
fn the_shares_say_what_it_would_be_without() {
    let both = rows(&["goods", "no_papers", "market"]);
    let seen = small().impression(both.iter().copied());
    let share = |name: &str| small().share(&seen, rows(&[name])[0], RiskArea::Weapon).get();
    assert!(share("goods") > 0.0 && share("no_papers") > 0.0);
    assert!(share("market") < share("goods").min(share("no_papers")));
    assert_eq!(small().share(&seen, both[0], RiskArea::Food), Nats::ZERO, "an area it has not learned");
}

#[test]
fn lexicons_are_known_by_name_and_others_change_nothing() {
    assert_eq!(
        small().rows_of(["weather", "never_met", "goods"].into_iter()),
        [Some(LexiconRow(3)), None, Some(LexiconRow(0))]
    );
    let seen = small().impression([LexiconRow(9)].into_iter());
    assert_eq!(seen.0, small().impression([].into_iter()).0);
}

#[test]
fn without_areas_or_lexicons_there_is_nothing_to_learn() {
    let nothing = LexiconTrainOptions { areas: Vec::new(), ..options() };
    assert_eq!(train_lexicons(&[], std::iter::empty(), &nothing), None);
    let nothing = LexiconTrainOptions { names: Vec::new(), ..options() };
    assert_eq!(train_lexicons(&[], std::iter::empty(), &nothing), None);
}

#[test]
fn what_is_asked_is_what_few_clear_ones_exceed() {
    let clear: Vec<[f32; 1]> = (0..1_000_u16).map(|odds| [f32::from(odds)]).collect();
    let options = LexiconTrainOptions { clear_share: 0.01, ..options() };
    let asked = options.asked(clear.iter().map(|odds| odds.as_slice()));
    assert_eq!(clear.iter().filter(|odds| odds[0] > asked[0]).count(), 10);
    assert_eq!(options.asked(std::iter::empty()), [0.0], "even odds where nothing is known");
}

#[test]
fn a_file_keeps_the_network() {
    let read = |network: Option<LexiconModel>| TextModel::from_bytes(&in_file(network)).unwrap().lexicons().cloned();
    assert_eq!(read(Some(small().clone())).as_ref(), Some(small()));
    assert_eq!(read(None), None);
}

#[test]
fn what_is_wrong_with_the_network_of_a_file_is_said() {
    let with = |change: fn(&mut LexiconModel)| {
        let mut network = small().clone();
        change(&mut network);
        TextModel::from_bytes(&in_file(Some(network))).unwrap_err().to_string()
    };
    let cases = [
        (with(|it| it.names.swap(0, 1)), "not in order"),
        (with(|it| it.names[1] = it.names[0].clone()), "not in order"),
        (with(|it| it.scale = f32::NAN), "not finite"),
        (with(|it| it.outputs[0].weights[3] = MOST + 1), "beyond 4095"),
        (with(|it| it.outputs.clear()), "0 areas of lexicons"),
        (with(|it| it.outputs.push(it.outputs[0].clone())), "twice"),
        (with(|it| _ = it.rows.pop()), "areas of lexicons"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{message:?} should say {expected:?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_or_the_network_panic(
        edits in prop::collection::vec((0_usize..1200, any::<u8>()), 0..8), cut in 0_usize..400,
    ) {
        let mut bytes = in_file(Some(small().clone()));
        for (at, byte) in edits {
            bytes.get_mut(at).into_iter().for_each(|place| *place = byte);
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        if let Ok(model) = TextModel::from_bytes(&bytes)
            && let Some(network) = model.lexicons()
        {
            let seen = network.impression((0..6).map(LexiconRow));
            prop_assert!(network.margins(&seen).iter().all(|(_, margin)| margin.get().is_finite()));
            prop_assert!(network.areas().all(|area| network.share(&seen, LexiconRow(1), area).get().is_finite()));
        }
    }
}

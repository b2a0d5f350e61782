//! Fits on lines whose best weights can be worked out by hand, under the pack of the command line's tests: prior -3,
//! `medicine.pill` of 5, `medicine.book` of -2, `drug.powder` of 4.

use std::path::Path;

use super::*;
use crate::policy::{PackFile, PackSource, compile};

const POWDER: SignalId = SignalId(0);
const BOOK: SignalId = SignalId(1);
const PILL: SignalId = SignalId(2);

/// The pack with one text replaced in all of its files.
fn pack_with(from: &str, to: &str) -> CompiledPack {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/pack");
    let source = PackSource::from_dir(&folder).unwrap();
    let changed = |file: &PackFile| PackFile { path: file.path.clone(), text: file.text.replace(from, to) };
    compile(&PackSource::from_files(source.files().iter().map(changed))).unwrap().0
}

fn pack() -> CompiledPack {
    pack_with("", "")
}

fn judged(source: &str, labelled: bool, fired: &[SignalId], count: usize) -> Vec<JudgedLine> {
    let areas = if labelled { vec![RiskArea::Medicine] } else { Vec::new() };
    let line = JudgedLine { source: source.to_owned(), areas, is_post: false, fired: fired.to_vec() };
    vec![line; count]
}

/// Four sources that agree: a pill on half of the labelled lines and one of fifty clear ones.
fn agreeing() -> Vec<JudgedLine> {
    let of = |source: &str| {
        [
            judged(source, true, &[PILL], 50),
            judged(source, true, &[], 50),
            judged(source, false, &[PILL], 10),
            judged(source, false, &[], 490),
        ]
        .concat()
    };
    ["a", "b", "c", "d"].map(of).concat()
}

fn medicine(pack: &CompiledPack, lines: &[JudgedLine]) -> AreaFit {
    fit(pack, lines, FitOptions::default()).into_iter().find(|fit| fit.area == RiskArea::Medicine).unwrap()
}

fn fitted(fit: &AreaFit, id: &str) -> f64 {
    fit.signals.iter().find(|signal| signal.signal_id == id).unwrap().after
}

#[test]
fn a_weight_becomes_the_log_of_how_much_more_often_it_fires_on_labelled_lines() {
    let fit = medicine(&pack(), &agreeing());
    // Labelled lines are weighed to be as rare as the prior says, so that the weight is ln(0.5 / 0.02) = 3.2, not the
    // log odds that the file's own proportions would give.
    assert_eq!(fitted(&fit, "medicine.pill"), 3.2);
    assert!(matches!(fit.outcome, Outcome::Fitted(_)), "{:?}", fit.outcome);
    assert_eq!(fit.prior, (-3.0, -3.0));
    assert!(fit.after.loss < fit.before.loss && fit.after.calibration_error < fit.before.calibration_error);
    assert!(fit.after.calibration_error < 0.02, "{}", fit.after.calibration_error);
    assert_eq!((fit.after.caught, fit.after.false_alarms), (200, 40));
}

#[test]
fn a_sign_is_held_whatever_the_lines_say() {
    let mut lines = agreeing();
    // Here books are a worry: every one of them is labelled.
    lines.iter_mut().filter(|line| !line.areas.is_empty() && !line.fired.is_empty()).for_each(|line| {
        line.fired.insert(0, BOOK);
    });
    let fit = medicine(&pack(), &lines);
    assert_eq!(fitted(&fit, "medicine.book"), -0.1);
    assert!(fitted(&fit, "medicine.pill") > 0.0);
}

#[test]
fn what_fired_nowhere_or_in_another_area_is_untouched() {
    let mut lines = agreeing();
    lines.extend(judged("e", true, &[POWDER], 5));
    let fits = fit(&pack(), &lines, FitOptions::default());
    let ids: Vec<&str> = fits.iter().flat_map(|fit| &fit.signals).map(|signal| signal.signal_id.as_str()).collect();
    assert_eq!(ids, ["medicine.pill"], "no drug line, no book");
}

#[test]
fn a_signal_that_fired_once_stays_near_what_is_written() {
    let mut lines = agreeing();
    lines.extend(judged("a", false, &[PILL, BOOK], 1));
    let rare = fitted(&medicine(&pack(), &lines), "medicine.book");
    assert!((-3.5..=-1.5).contains(&rare), "{rare}");
}

#[test]
fn the_order_of_lines_does_not_matter() {
    let lines = agreeing();
    let reversed: Vec<JudgedLine> = lines.iter().rev().cloned().collect();
    assert_eq!(medicine(&pack(), &lines), medicine(&pack(), &reversed));
}

#[test]
fn one_source_of_labelled_lines_proves_nothing() {
    let mut lines = judged("a", true, &[PILL], 50);
    lines.extend(judged("b", false, &[PILL], 50));
    let fit = medicine(&pack(), &lines);
    assert_eq!((fit.outcome, fitted(&fit, "medicine.pill")), (Outcome::OneSource, 5.0));
}

#[test]
fn sources_that_disagree_leave_the_weight_as_written() {
    let mut lines = Vec::new();
    // In two sources a pill is what is sold, in the other two what is talked about: neither half knows the other.
    for (source, labelled) in [("a", 40), ("b", 40), ("c", 1), ("d", 1)] {
        lines.extend(judged(source, true, &[PILL], labelled));
        lines.extend(judged(source, true, &[], 41 - labelled));
        lines.extend(judged(source, false, &[PILL], 4));
        lines.extend(judged(source, false, &[], 200));
    }
    let fit = medicine(&pack(), &lines);
    assert!(fit.after.loss <= fit.before.loss && fit.after.caught >= fit.before.caught);
    assert!(fit.after.false_alarms <= fit.before.false_alarms);
}

#[test]
fn no_signal_learns_to_hold_an_item_back_alone() {
    let mut lines = agreeing();
    lines.retain(|line| !line.areas.is_empty() || line.fired.is_empty());
    let fit = medicine(&pack(), &lines);
    // Fired on no clear line, its weight would rise for ever; -3 + 6.4 is a risk of 0.968, 6.5 would be BLOCK.
    assert!((5.1..=6.4).contains(&fitted(&fit, "medicine.pill")), "{}", fitted(&fit, "medicine.pill"));
}

#[test]
fn of_a_group_only_the_strongest_is_fitted() {
    // Both worry, in one group: the weaker one never speaks where both fire, so nothing is learned of it there.
    let pack = pack_with(
        "weight: -2\n    group: context\n",
        "weight: 1\n    group: substance\n    legal_basis: [medicines]\n    sor: {category: \
         STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS, keyword: KEYWORD_PROHIBITED_PRODUCTS}\n",
    );
    let mut lines = agreeing();
    lines.iter_mut().filter(|line| !line.fired.is_empty()).for_each(|line| line.fired = vec![BOOK, PILL]);
    let fit = medicine(&pack, &lines);
    assert_eq!((fitted(&fit, "medicine.pill"), fitted(&fit, "medicine.book")), (3.2, 1.0));
}

#[test]
fn priors_are_fitted_from_the_proportions_of_the_lines() {
    let options = FitOptions { priors: true };
    let fits = fit(&pack(), &agreeing(), options);
    // Without a pill, 200 of 2,160 lines are labelled; with one, 200 of 240.
    assert_eq!(fits[0].prior, (-3.0, -2.3));
    let with_pill = fits[0].prior.1 + fitted(&fits[0], "medicine.pill");
    assert!((with_pill - 5.0_f64.ln()).abs() < 0.1, "{with_pill}");
}

#[test]
fn coverage_names_the_source_that_suffers_most() {
    let mut lines = agreeing();
    lines.extend(judged("toys", false, &[PILL], 3));
    lines.extend(judged("toys", false, &[], 7));
    let fit = medicine(&pack(), &lines);
    let coverage = &fit.signals[0].coverage;
    assert_eq!((coverage.labelled, coverage.clear), (200, 43));
    let worst = WorstSource { name: "toys".to_owned(), fired: 3, clear: 10 };
    assert_eq!(coverage.worst, Some(worst));
    assert!((coverage.lift - 0.5 / (43.0 / 2010.0)).abs() < 1e-9);
}

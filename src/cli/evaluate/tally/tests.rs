//! Sums over a handful of lines, counted by hand.

use super::*;

use Action::{AgeGate, Allow, Block, Review};
use RiskArea::{Adult, Drug, Medicine};

/// Only medicine is scored by the pack of these tests: one in two.
const PRIORS: Priors = {
    let mut priors = [None; RiskArea::COUNT];
    priors[0] = Some(Nats::ZERO);
    priors
};

fn line(labels: &[RiskArea], found: &[(RiskArea, f64, Action)]) -> Graded {
    let mut graded =
        Graded { core: true, source: "shop".into(), kind: "k".into(), language: "en".into(), ..Graded::default() };
    for area in labels {
        graded.labels[area.index()] = true;
    }
    for (area, risk, action) in found {
        graded.risks[area.index()] = *risk;
        graded.actions[area.index()] = *action;
        graded.risk = graded.risk.max(*risk);
        graded.action = graded.action.max(*action);
    }
    graded
}

/// Two medicine lines (one caught), one adult line (gated only), one line of two areas found in the other one, and four
/// clear ones, one of them reviewed as a drug.
fn lines() -> Vec<Graded> {
    vec![
        line(&[Medicine], &[(Medicine, 0.9, Block)]),
        line(&[Medicine], &[(Medicine, 0.2, Allow), (Drug, 0.8, Review)]),
        line(&[Adult], &[(Adult, 0.6, AgeGate)]),
        line(&[Medicine, Drug], &[(Medicine, 0.1, Allow), (Drug, 0.7, Review)]),
        line(&[], &[(Drug, 0.75, Review)]),
        line(&[], &[(Adult, 0.3, AgeGate)]),
        line(&[], &[(Medicine, 0.1, Allow)]),
        line(&[], &[]),
    ]
}

#[test]
fn recall_counts_the_right_area_only() {
    let areas = areas(&lines(), &PRIORS);
    let numbers =
        |area: &AreaReport| (area.area.clone(), area.rows, area.recall_review.unwrap(), area.recall_flagged.unwrap());
    let numbers: Vec<_> = areas.iter().map(numbers).collect();
    assert_eq!(
        numbers,
        [
            ("medicine".to_owned(), 3, 1.0 / 3.0, 1.0 / 3.0),
            ("adult".to_owned(), 1, 0.0, 1.0),
            ("drug".to_owned(), 1, 1.0, 1.0)
        ]
    );
    let false_positives: Vec<_> = areas.iter().map(|area| area.false_positives_review).collect();
    assert_eq!(false_positives, [0, 0, 1]);
}

#[test]
fn recall_at_a_rate_is_ranked_by_the_area_and_by_the_overall_risk() {
    let areas = areas(&lines(), &PRIORS);
    // Four clear lines allow no false positive at any of the rates. Medicine: clear lines reach 0.1, so 0.1 is lost.
    let medicine = &areas[0].recall_at[2];
    assert_eq!(medicine.false_positive_rate, 0.001);
    assert_eq!(medicine.by_area_risk.unwrap().recall, 2.0 / 3.0);
    // Overall: clear lines reach 0.75; 0.9 and 0.8 lie above, 0.7 does not.
    assert_eq!(medicine.by_overall_risk.unwrap().recall, 2.0 / 3.0);
    // Drug: 0.7 lies below the clear line at 0.75.
    assert_eq!(areas[2].recall_at[0].by_area_risk.unwrap().recall, 0.0);
}

#[test]
fn the_headline_gives_every_area_the_same_say() {
    let lines = lines();
    let headline = headline(&areas(&lines, &PRIORS), &lines);
    assert_eq!(headline.areas, 3);
    assert_eq!(headline.macro_recall_review, Some((1.0 / 3.0 + 0.0 + 1.0) / 3.0));
    assert_eq!(headline.macro_recall_at[0].by_area_risk, Some((2.0 / 3.0 + 1.0 + 0.0) / 3.0));
    assert_eq!((headline.false_positives_review, headline.false_positive_rate_review), (1, Some(0.25)));
    assert_eq!((headline.false_positives_flagged, headline.false_positive_rate_flagged), (2, Some(0.5)));
}

#[test]
fn lines_that_are_not_core_stay_out_of_areas_and_headline() {
    let mut lines = lines();
    lines[0].core = false;
    lines[4].core = false;
    let counted = rows(&lines, 2);
    let expected = Rows { total: 8, core: 6, core_clear: 3, core_labelled: 3, pairs: 0, faults: 2 };
    assert_eq!(counted, expected);
    assert_eq!(areas(&lines, &PRIORS)[0].recall_review, Some(0.0));
    assert_eq!(headline(&areas(&lines, &PRIORS), &lines).false_positives_review, 0);
}

#[test]
fn groups_keep_clear_and_labelled_lines_apart() {
    let mut lines = lines();
    for at in [4, 6, 7] {
        lines[at].source = "worst".into();
    }
    let groups = worst_first(groups(lines.iter(), &Thresholds::of(&lines), |row| row.source.clone()));
    let shown = |group: &Group| (group.name.clone(), group.clear_rows, group.false_positives_review);
    let shown: Vec<_> = groups.iter().map(shown).collect();
    assert_eq!(shown, [("worst".to_owned(), 3, 1), ("shop".to_owned(), 1, 0)]);
    // Caught in the right area: the first line and the one of two areas.
    assert_eq!((groups[1].labelled_rows, groups[1].caught_review, groups[1].caught_flagged), (4, 2, 3));
    assert_eq!((groups[0].recall_review, groups[1].recall_review), (None, Some(0.5)));
}

#[test]
fn calibration_at_the_prior_counts_labelled_lines_as_rarely_as_the_pack_expects() {
    let mut lines = lines();
    // One clear line at 0.95 beside the labelled one at 0.9; both lie above the prior's 0.5.
    lines[7].risks[Medicine.index()] = 0.95;
    let report = areas(&lines, &PRIORS);
    let at_prior = report[0].at_prior.as_ref().unwrap();
    // Four clear lines, even odds, three labelled: each labelled line counts 4/3.
    let bin = at_prior.reliability[9];
    assert_eq!((at_prior.prior_risk, bin.rows), (0.5, 2));
    assert!((bin.positive_share - (4.0 / 3.0) / (4.0 / 3.0 + 1.0)).abs() < 1e-12, "{bin:?}");
    assert_eq!(report[1].at_prior, None, "adult is not scored");
}

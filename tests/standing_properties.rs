//! Standings as functions of sets of events: order, batches, restarts and duplicates change nothing; time composes; more bad
//! evidence never looks better.
//!
//! Not here: strikes in detail, the credible interval (`src/reputation/`).

#![allow(clippy::unwrap_used)] // helpers of tests

use std::sync::LazyLock;

use dsa_signal::domain::{EventKind, MisuseStage, RiskArea, Standing, StandingEvent, Subject, SubjectKind, Timestamp};
use dsa_signal::policy::{StandingRules, compile, embedded};
use dsa_signal::reputation::{Folded, contributions};
use proptest::prelude::*;
use proptest::sample::select;

/// Those of the default pack.
static RULES: LazyLock<StandingRules> = LazyLock::new(|| compile(&embedded()).unwrap().0.standing);

/// 2026-11-21, and everything before it.
const NOW: i64 = 1_795_262_400;
const DAY: i64 = 24 * 3600;

fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

fn event(id: usize, kind: EventKind, area: Option<RiskArea>, count: u32, seconds: i64) -> StandingEvent {
    let subject = Subject { kind: SubjectKind::Seller, id: "s-1".into() };
    StandingEvent { event_id: format!("e-{id}"), subject, kind, area, count, occurred_at: at(seconds) }
}

/// Twenty years of events: some of them two eras back, many of them lately.
fn events() -> impl Strategy<Value = Vec<StandingEvent>> {
    let area = prop_oneof![3 => Just(None), 2 => select(&RiskArea::ALL[..4]).prop_map(Some)];
    let age = prop_oneof![4 => 0..400 * DAY, 1 => 0..7300 * DAY];
    let count = prop_oneof![5 => 1_u32..4, 1 => 1..100_000_u32];
    let one = (select(&EventKind::ALL[..]), area, count, age);
    proptest::collection::vec(one, 0..60).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        numbered.map(|(id, (kind, area, count, age))| event(id, kind, area, count, NOW - age)).collect()
    })
}

fn fold<'a>(events: impl IntoIterator<Item = &'a StandingEvent>) -> Folded {
    Folded::from_events(events, &RULES)
}

fn standing(folded: &Folded, seconds: i64) -> Standing {
    folded.standing(&RULES, at(seconds)).unwrap()
}

/// Of one bad event and what was there before.
fn mean_lower_upper(events: &[StandingEvent]) -> [f64; 3] {
    let Standing { mean, lower, upper, .. } = fold(events).standing(&RULES, at(NOW)).unwrap_or(Standing {
        mean: 0.05,
        lower: 0.0,
        upper: 0.0,
        effective_events: 0.0,
        strikes: 0,
        trader_verified: false,
    });
    [mean, lower, upper]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_gives_the_same_bits(
        (events, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
    ) {
        prop_assert_eq!(fold(&events), fold(&shuffled));
    }

    #[test]
    fn a_standing_is_a_probability_within_its_interval(events in events(), later in 0..9000 * DAY) {
        let folded = fold(&events);
        if let Some(standing) = folded.standing(&RULES, at(NOW + later)) {
            let Standing { mean, lower, upper, effective_events, .. } = standing;
            prop_assert!(0.0 <= lower && lower <= mean && mean <= upper && upper <= 1.0);
            prop_assert!(effective_events >= 0.0 && effective_events.is_finite());
            for area in folded.areas(&RULES, at(NOW + later)) {
                prop_assert!((0.0..=1.0).contains(&area.mean));
            }
        }
    }

    #[test]
    fn decay_composes(events in events(), first in 0..300 * DAY, second in 0..300 * DAY) {
        prop_assume!(fold(&events).is_known());
        // What was left after the first stretch, decayed by the second, is what is left after both.
        let folded = fold(&events);
        let left = |seconds| standing(&folded, seconds).effective_events;
        let factor = (-(second as f64) / f64::from(RULES.half_life.seconds())).exp2();
        let (stepwise, at_once) = (left(NOW + first) * factor, left(NOW + first + second));
        // At the border of an era, 1/65536 of what was counted may be forgotten at once.
        let counted: f64 = events.iter().map(|event| f64::from(event.count)).sum();
        prop_assert!((stepwise - at_once).abs() <= counted / 65_536.0 + 1e-3, "{stepwise} {at_once}");
    }

    #[test]
    fn more_bad_evidence_never_lowers_the_risk(events in events(), age in 0..7300 * DAY, count in 1_u32..100) {
        let worse: Vec<_> = events.iter().cloned()
            .chain([event(999, EventKind::NoticeConfirmed, Some(RiskArea::Medicine), count, NOW - age)]).collect();
        for (before, after) in mean_lower_upper(&events).into_iter().zip(mean_lower_upper(&worse)) {
            prop_assert!(after >= before, "{before} {after}");
        }
    }

    #[test]
    fn more_good_evidence_never_raises_it(events in events(), age in 0..7300 * DAY, count in 1_u32..10_000) {
        prop_assume!(fold(&events).is_known());
        let better: Vec<_> = events.iter().cloned()
            .chain([event(999, EventKind::OrdersCompleted, None, count, NOW - age)]).collect();
        for (before, after) in mean_lower_upper(&events).into_iter().zip(mean_lower_upper(&better)) {
            prop_assert!(after <= before, "{before} {after}");
        }
    }

    #[test]
    fn contributions_have_the_sign_of_what_happened_and_come_largest_first(events in events()) {
        let shown = contributions(&events, &RULES, at(NOW), 20);
        prop_assert!(shown.len() <= 20);
        prop_assert!(shown.windows(2).all(|pair| pair[0].contribution.abs() >= pair[1].contribution.abs()));
        for one in &shown {
            let event = events.iter().find(|event| event.event_id == one.event_id).unwrap();
            let weight = RULES.event(event.kind).weight(event.area);
            prop_assert_eq!(one.contribution > 0.0, weight.bad > weight.good);
        }
    }

    #[test]
    fn the_largest_contributions_are_found_among_many_without_keeping_them(events in events(), most in 1_usize..8) {
        let all = contributions(&events, &RULES, at(NOW), events.len() + 1);
        let shown = contributions(&events, &RULES, at(NOW), most);
        prop_assert_eq!(shown.len(), all.len().min(most));
        for (one, expected) in shown.iter().zip(&all) {
            prop_assert!((one.contribution - expected.contribution).abs() < 1e-9, "{one:?} {expected:?}");
        }
    }
}

#[test]
fn a_single_case_moves_little_and_several_move_the_cautious_end_above_one_in_twenty() {
    let cases = |count| fold(&[event(1, EventKind::NoticeConfirmed, None, count, NOW)]);
    assert!(standing(&cases(1), NOW).lower < 0.05);
    assert!(standing(&cases(4), NOW).lower > 0.05);
    assert!(standing(&cases(4), NOW + 3 * 365 * DAY).lower < 0.05, "and it is forgotten");
    let orders = fold(&[event(1, EventKind::OrdersCompleted, None, 5_000, NOW)]);
    assert!(standing(&orders, NOW).upper < 0.05);
}

#[test]
fn areas_are_told_apart_and_share_what_is_good_without_an_area() {
    let medicine = [event(1, EventKind::NoticeConfirmed, Some(RiskArea::Medicine), 4, NOW)];
    let alone = fold(&medicine).areas(&RULES, at(NOW));
    assert_eq!(alone.iter().map(|area| area.area).collect::<Vec<_>>(), [RiskArea::Medicine]);
    assert!((alone[0].mean - 5.0 / 24.0).abs() < 1e-6 && (alone[0].effective_events - 4.0).abs() < 1e-6);
    let orders = event(2, EventKind::OrdersCompleted, None, 1_000, NOW);
    let cleared = event(3, EventKind::ContentCleared, Some(RiskArea::Weapon), 2, NOW);
    let both = fold(medicine.iter().chain([&orders, &cleared])).areas(&RULES, at(NOW));
    assert!((both[0].mean - 5.0 / 44.0).abs() < 1e-6, "the orders count, what was cleared among weapons does not");
    assert_eq!(both[1].area, RiskArea::Weapon);
}

#[test]
fn the_later_word_on_verification_counts() {
    let (yes, no) = (EventKind::TraderVerified, EventKind::TraderUnverified);
    for (kinds, expected) in [(vec![(yes, 0)], true), (vec![(yes, 0), (no, 9)], false), (vec![(no, 0), (yes, 9)], true)]
    {
        let events: Vec<_> =
            kinds.iter().map(|(kind, late)| event(*late, *kind, None, 1, NOW + *late as i64)).collect();
        assert_eq!(standing(&fold(&events), NOW + 10).trader_verified, expected, "{kinds:?}");
    }
}

#[test]
fn strikes_call_for_a_warning_and_then_for_a_suspension() {
    let strike = |id, day| event(id, EventKind::ContentRemoved, None, 1, NOW - day * DAY);
    let mut events: Vec<_> = (1..=5).map(|day| strike(day, 10 + day as i64)).collect();
    assert_eq!(standing(&fold(&events), NOW).strikes, 5);
    assert_eq!(fold(&events).misuse(&RULES, at(NOW)), MisuseStage::WarningDue);
    events.push(event(8, EventKind::WarningIssued, None, 1, NOW - 9 * DAY));
    assert_eq!(fold(&events).misuse(&RULES, at(NOW)), MisuseStage::None);
    events.push(strike(9, 1));
    assert_eq!(fold(&events).misuse(&RULES, at(NOW)), MisuseStage::SuspensionDue);
}

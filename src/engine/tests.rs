//! The engine as a whole, on a small pack: what fires, what speaks, what it comes to, what would undo it.

pub(super) mod packs;

use packs::{every_fact_pack_with, posted, small_pack, titled, trace, verdict};

use super::*;
use crate::domain::{Action, Concealment, Level, Listing, Nats, Relationship, RiskArea, TraderInformation, Variant};
use crate::model::{Example, Features, TrainOptions, train};

fn listing(title: &str, description: &str) -> Content {
    Content::Listing(Listing { description: description.to_owned(), ..titled(title) })
}

fn risk_of(verdict: &Verdict, area: RiskArea) -> f64 {
    verdict.areas.iter().find(|one| one.area == area).map(|one| one.risk.get()).unwrap()
}

fn outcomes(trace: &Trace, outcome: SignalOutcome) -> Vec<&str> {
    trace.signals.iter().filter(|one| one.outcome == outcome).map(|one| one.signal_id.as_str()).collect()
}

#[test]
fn a_clean_item_is_allowed_at_its_priors() {
    let verdict = verdict(&listing("Oak lamp", "Made to order"), &small_pack());
    assert_eq!((verdict.action, verdict.level), (Action::Allow, Level::Minimal));
    assert!(verdict.signals.is_empty());
    let areas: Vec<RiskArea> = verdict.areas.iter().map(|area| area.area).collect();
    // Equal priors come in the order of the areas; areas that the pack does not score for listings are left out.
    assert_eq!(areas, [RiskArea::Counterfeit, RiskArea::Traceability, RiskArea::Medicine, RiskArea::Drug]);
    assert_eq!(verdict.risk.nats().get(), -4.0);
    assert_eq!(verdict.language_code, "und");
}

#[test]
fn the_strongest_of_a_group_speaks_and_the_others_add_nothing() {
    let content = listing("Sildenafil and tadalafil 100 mg, 30 tablets", "No prescription");
    let (pack, seen) = (small_pack(), trace(&content, &small_pack()));
    assert_eq!(outcomes(&seen, SignalOutcome::Fired), ["medicine.two_substances", "medicine.without_prescription"]);
    assert_eq!(outcomes(&seen, SignalOutcome::Outweighed), ["medicine.dose", "medicine.substance"]);
    let verdict = verdict(&content, &pack);
    assert!((risk_of(&verdict, RiskArea::Medicine) - Nats::new(-5.0 + 4.5 + 3.0).risk().get()).abs() < 1e-12);
    assert_eq!((verdict.action, verdict.level), (Action::Review, Level::Critical));
    let ids: Vec<(&str, f64)> =
        verdict.signals.iter().map(|signal| (signal.signal_id.as_str(), signal.contribution.get())).collect();
    assert_eq!(
        ids,
        [
            ("medicine.two_substances", 4.5),
            ("medicine.without_prescription", 3.0),
            ("medicine.dose", 0.0),
            ("medicine.substance", 0.0)
        ]
    );
}

#[test]
fn mitigating_signals_count_apart_once() {
    let content = Content::Listing(Listing {
        trader: Some(TraderInformation { pharmacy_licence: "DE-1".into(), ..TraderInformation::default() }),
        ..titled("Book about Viagra")
    });
    let seen = trace(&content, &small_pack());
    let sum = seen.areas.iter().find(|sum| sum.area == RiskArea::Medicine).unwrap();
    assert_eq!((sum.prior.get(), sum.signals.get(), sum.total.get()), (-5.0, 4.0 - 4.0, -5.0));
    assert_eq!(outcomes(&seen, SignalOutcome::Outweighed), ["medicine.pharmacy"]);
}

#[test]
fn signals_without_a_present_fact_are_skipped_and_false_ones_silent() {
    let seen = trace(&listing("Sildenafil", ""), &small_pack());
    assert_eq!(outcomes(&seen, SignalOutcome::Silent), ["medicine.two_substances"]);
    assert!(outcomes(&seen, SignalOutcome::Skipped).contains(&"drug.street_name"));
    assert!(!seen.signals.iter().any(|signal| signal.area == RiskArea::Influencer), "not for listings");
}

#[test]
fn a_condition_that_holds_of_nothing_is_evaluated_always() {
    let seen = trace(&Content::Post(posted("")), &small_pack());
    assert_eq!(outcomes(&seen, SignalOutcome::Fired), ["influencer.not_commercial"]);
}

#[test]
fn what_relaxes_is_shown_only_where_something_worries() {
    let clear = Content::Post(posted(""));
    assert!(verdict(&clear, &small_pack()).signals.is_empty());
    let standing =
        Standing { mean: 0.5, lower: 0.4, upper: 0.6, effective_events: 20.0, strikes: 0, trader_verified: false };
    let circumstances = Circumstances { standing: Some(&standing), ..Circumstances::default() };
    let (worried, _) = explain(&clear, &small_pack(), circumstances, &mut Scratch::default());
    assert_eq!(worried.signals[0].signal_id, "influencer.not_commercial");
    assert!(worried.signals[0].evidence.is_empty());
}

#[test]
fn the_action_is_the_gravest_and_the_level_that_of_the_highest_area() {
    let mut post = posted("Sildenafil without prescription, my new favourite");
    post.relationship = Relationship::Paid;
    let verdict = verdict(&Content::Post(post), &small_pack());
    let by_area: Vec<(RiskArea, Action)> = verdict.areas.iter().map(|area| (area.area, area.action)).collect();
    assert_eq!(
        by_area,
        [
            (RiskArea::Medicine, Action::Review),
            (RiskArea::Influencer, Action::RequireDisclosure),
            (RiskArea::Drug, Action::Allow)
        ]
    );
    assert_eq!(verdict.action, Action::Review);
}

#[test]
fn standing_moves_every_area_and_shows_in_the_trace() {
    let standing =
        Standing { mean: 0.5, lower: 0.4, upper: 0.6, effective_events: 20.0, strikes: 0, trader_verified: false };
    let circumstances = Circumstances { standing: Some(&standing), ..Circumstances::default() };
    let (_, trace) = explain(&listing("Lamp", ""), &small_pack(), circumstances, &mut Scratch::default());
    for sum in &trace.areas {
        assert_eq!(sum.standing.get(), 2.0);
        assert_eq!(sum.total.get(), sum.prior.get() + sum.standing.get());
    }
}

#[test]
fn the_text_model_worries_within_its_limit_and_never_relaxes() {
    let words = |text: &str| {
        let (mut document, mut features) = (Document::new(), Features::default());
        document.push_field(text);
        features.extract(&document);
        features.items().iter().map(|feature| feature.hash).collect()
    };
    let example =
        |text: &str, areas: &[RiskArea]| Example { hashes: words(text), areas: areas.to_vec(), source: 0, weight: 1.0 };
    let examples = [example("glimmering powder", &[RiskArea::Drug]), example("wooden lamp", &[])];
    let options = TrainOptions { epochs: 40, ..TrainOptions::new("test", vec![RiskArea::Drug]) };
    let mut pack = small_pack();
    pack = pack.with_model(Some(train(&examples, &options, |_| ())));
    let drug = |title: &str, pack: &CompiledPack| {
        let sums = trace(&listing(title, ""), pack).areas;
        sums.into_iter().find(|sum| sum.area == RiskArea::Drug).map(|sum| sum.model.get())
    };
    assert_eq!(drug("glimmering powder", &pack), Some(0.0), "an area without a limit does not ask the model");
    let mut with_limit = |limit: f64| {
        pack.areas[RiskArea::Drug.index()].model_limit = Nats::new(limit);
        drug("glimmering powder", &pack).unwrap()
    };
    let (little, more, most) = (with_limit(0.5), with_limit(1.5), with_limit(1e6));
    assert!(0.0 < little && little < 0.5, "{little}");
    assert!(little < more && more < 1.5, "{more}");
    assert!(more < most && most < 1e6, "{most}");
    assert_eq!(drug("wooden lamp", &pack), Some(0.0));
}

#[test]
fn the_counterfactual_is_the_cheapest_way_down() {
    // Prior -5; substance 4.5 or 4; claim 3 or 1.5; channel 2.5: 5 in all. DEMOTE starts at log odds -0.62.
    let content = listing("Sildenafil and tadalafil 100 mg, 30 tablets", "No prescription, write to t.me/shop");
    let seen = trace(&content, &small_pack());
    let counterfactual = seen.counterfactual.unwrap();
    // Removing both substances leaves 3 + 2.5 - 5 = 0.5; three others leave 4.5 - 5 = -0.5; four are needed.
    assert_eq!(counterfactual.signal_ids.len(), 3);
    assert!(counterfactual.sufficient);
    assert!(counterfactual.remaining_risk < crate::domain::Risk::new(0.35));
    assert!(!counterfactual.evidence.is_empty());
    assert!(trace(&listing("Lamp", ""), &small_pack()).counterfactual.is_none());
}

#[test]
fn a_counterfactual_is_insufficient_if_standing_alone_is_above() {
    let mut pack = small_pack();
    pack.areas[RiskArea::Medicine.index()].prior = Some(Nats::new(1.0));
    let counterfactual = trace(&listing("Sildenafil", ""), &pack).counterfactual.unwrap();
    assert_eq!(counterfactual.signal_ids, ["medicine.substance"]);
    assert!(!counterfactual.sufficient);
    assert!((counterfactual.remaining_risk.nats().get() - 1.0).abs() < 1e-9);
    let bare = trace(&listing("Lamp", ""), &pack).counterfactual.unwrap();
    assert!(bare.signal_ids.is_empty() && !bare.sufficient);
}

#[test]
fn evidence_names_the_field_the_characters_and_the_fact() {
    let mut content = titled("Vitamins");
    content.variants = vec![Variant { name: "größe SILDENAFIL".into(), ..Variant::default() }];
    let verdict = verdict(&Content::Listing(content), &small_pack());
    let piece = &verdict.signals[0].evidence[0];
    assert_eq!((piece.field_path.as_str(), piece.fact.as_str()), ("variants[0].name", "lex.rx_substance"));
    assert_eq!((piece.original_text.as_str(), piece.folded_text.as_str()), ("SILDENAFIL", "sildenafil"));
    assert_eq!((piece.span.start(), piece.span.end()), (8, 18));
}

#[test]
fn words_that_were_rearranged_are_shown_as_they_were_read() {
    for (written, way) in [
        ("lifanedlis", Concealment::Reversed),
        ("lᴉɟɐuǝplᴉs", Concealment::Reversed),
        ("sil de na fil", Concealment::Spacing),
    ] {
        let verdict = verdict(&listing(&format!("Cheap {written} here"), ""), &small_pack());
        let shown = verdict.signals.first().map(|signal| &signal.evidence[0]);
        let shown = shown.map(|shown| (shown.original_text.as_str(), shown.folded_text.as_str(), shown.concealment));
        assert_eq!(shown, Some((written, "sildenafil", way)));
    }
}

#[test]
fn a_word_said_a_hundred_times_does_not_crowd_out_other_evidence() {
    let content = listing(&"sildenafil ".repeat(50), "100 mg, 30 tablets");
    let dose = verdict(&content, &small_pack());
    let substance = dose.signals.iter().find(|signal| signal.signal_id == "medicine.substance").unwrap();
    assert_eq!(substance.evidence.len(), 16);
    let mut pack = small_pack();
    let signal = pack.signals.iter_mut().find(|signal| signal.id == "medicine.substance").unwrap();
    signal.evidence.push(crate::policy::EvidenceSource::Fact(crate::policy::Fact::DoseMaxMg));
    let verdict = verdict(&content, &pack);
    let substance = verdict.signals.iter().find(|signal| signal.signal_id == "medicine.substance").unwrap();
    assert_eq!(substance.evidence.len(), 16);
    assert_eq!(substance.evidence[15].original_text, "100 mg");
}

#[test]
fn the_trace_shows_every_field_folded() {
    let seen = trace(&listing("ÉTÉ  Lamp", "x"), &small_pack());
    let fields: Vec<(&str, &str, &str)> =
        seen.fields.iter().map(|f| (f.field_path.as_str(), f.original.as_str(), f.folded.as_str())).collect();
    assert_eq!(fields, [("title", "ÉTÉ  Lamp", "ete lamp"), ("description", "x", "x")]);
}

#[test]
fn to_score_nothing_is_missing_that_a_guard_asks_for() {
    let sign = |term: &str| format!("{{term: \"{term}\", needs: {{lexicons: [trade_word]}}, trap: others}}");
    let words = format!(
        "lexicons:\n  trade_sign: {{about: For tests., traps: [{}, {}]}}\n  trade_word: {{about: For tests., terms: {{any: [pills]}}}}\n",
        sign("🔌"),
        sign("snowflake")
    );
    // No signal mentions the words that the guards ask for.
    let pack = every_fact_pack_with(&[("lexicons/trade.yaml", &words)], &["lex.trade_sign > 0"]);
    for (title, counts) in [
        ("🔌 pills", true),
        ("snowflake, pills", true),
        ("s-n-o-w-f-l-a-k-e p-i-l-l-s", true),
        ("🔌", false),
        ("snowflake", false),
    ] {
        let content = listing(title, "");
        let (explained, trace) = explain(&content, &pack, Circumstances::default(), &mut Scratch::default());
        assert_eq!(packs::fact(&trace, "lex.trade_sign").is_some(), counts, "{title}");
        assert_eq!(verdict(&content, &pack), explained, "{title}");
    }
}

//! `CheckAdTargeting` against a real server with the default pack: verdicts, law, agreement with posts, every violation, and
//! that nothing is recorded.

#![allow(clippy::expect_used, reason = "what is expected of a server is what is tested")]

mod support;

use std::sync::Arc;

use dsa_signal::policy;
use dsa_signal::service::{PolicyHandle, now};
use dsa_signal::wire::v1;
use support::{Options, TestServer};
use tonic::Code;
use tonic_types::StatusExt;

fn criterion(attribute: &str, value: &str) -> v1::TargetingCriterion {
    v1::TargetingCriterion { attribute: attribute.into(), value: value.into() }
}

async fn server() -> TestServer {
    let (pack, _) = policy::compile(&policy::embedded()).expect("the default pack compiles");
    let policy = Some(Arc::new(PolicyHandle::new(pack, now())));
    TestServer::start_with(Options { policy, ..Options::default() }).await
}

async fn check(server: &TestServer, request: v1::CheckAdTargetingRequest) -> v1::CheckAdTargetingResponse {
    server.scoring().await.check_ad_targeting(request).await.expect("a valid request").into_inner()
}

#[tokio::test]
async fn each_criterion_gets_a_verdict_with_its_category_and_law() {
    let server = server().await;
    let criteria = vec![
        criterion("age", "25-54"),
        criterion("interest", "Interests > Health > Diabetes"),
        criterion("age", "13-17"),
        criterion("region", "Bavaria"),
        criterion("religion", ""),
    ];
    let answer = check(&server, v1::CheckAdTargetingRequest { criteria, ..Default::default() }).await;
    let allowed: Vec<_> = answer.verdicts.iter().map(|one| one.allowed).collect();
    assert_eq!(allowed, [true, false, false, true, false]);
    let categories: Vec<_> = answer.verdicts.iter().map(|one| one.special_category.as_str()).collect();
    assert_eq!(categories, ["", "health", "", "", "religion"], "age concerns minors, which are no special category");
    for verdict in answer.verdicts.iter().filter(|one| one.allowed) {
        assert!(verdict.reason.is_empty() && verdict.legal_basis.is_empty(), "{verdict:?}");
    }
    let articles = |at: usize| -> Vec<_> { answer.verdicts[at].legal_basis.iter().map(|law| &*law.article).collect() };
    assert_eq!((articles(1), articles(2)), (vec!["Art. 9", "Art. 26(3)"], vec!["Art. 28(2)"]));
    assert!(answer.verdicts[2].reason.contains("minors"), "{}", answer.verdicts[2].reason);

    let assessment = answer.assessment.expect("always set");
    assert!(assessment.action() >= v1::Action::Review);
    let areas: Vec<_> = assessment.areas.iter().map(|area| area.area()).collect();
    assert_eq!(areas, [v1::RiskArea::AdTargeting]);
    let places: Vec<_> =
        assessment.signals.iter().flat_map(|signal| &signal.evidence).map(|one| one.field_path.as_str()).collect();
    for place in ["targeting[1].value", "targeting[2].value", "targeting[4].attribute"] {
        assert!(places.contains(&place), "{places:?}");
    }
    assert!(!places.contains(&"targeting[0].value") && !places.contains(&"targeting[3].value"), "{places:?}");
}

#[tokio::test]
async fn political_advertising_and_young_audiences_are_held_to_more() {
    let server = server().await;
    let cause = || vec![criterion("interest", "Climate change"), criterion("region", "Bavaria")];
    let allowed =
        |answer: v1::CheckAdTargetingResponse| -> Vec<bool> { answer.verdicts.iter().map(|one| one.allowed).collect() };
    let plain = v1::CheckAdTargetingRequest { criteria: cause(), ..Default::default() };
    assert_eq!(allowed(check(&server, plain.clone()).await), [true, true]);
    let political = check(&server, v1::CheckAdTargetingRequest { is_political: true, ..plain.clone() }).await;
    assert!(political.verdicts[0].legal_basis.iter().any(|law| law.act == "Regulation (EU) 2024/900"));
    assert_eq!(political.verdicts[0].special_category, "politics");
    assert_eq!(allowed(political), [false, true]);
    let young = v1::CheckAdTargetingRequest { minimum_age: 14, ..plain.clone() };
    assert_eq!(allowed(check(&server, young).await), [false, true], "a region is not learnt from behaviour");
    let adult = v1::CheckAdTargetingRequest { minimum_age: 18, ..plain };
    assert_eq!(allowed(check(&server, adult).await), [true, true]);
}

#[tokio::test]
async fn a_post_with_the_same_criteria_meets_the_same_signals() {
    let server = server().await;
    let plans = [
        vec![criterion("interest", "Kosher food"), criterion("age", "16-24"), criterion("city", "Roma")],
        vec![criterion("family", "Parents of teenagers aged 13-17"), criterion("audience", "Teenagers")],
        vec![criterion("interest", "Cooking"), criterion("gender", "female")],
    ];
    for targeting in plans {
        let plan = v1::CheckAdTargetingRequest { criteria: targeting.clone(), ..Default::default() };
        let checked = check(&server, plan).await.assessment.expect("always set");
        let post = v1::Post { targeting, is_advertisement: true, text: "New app".into(), ..support::post(1) };
        let request = v1::ScorePostRequest { post: Some(post) };
        let scored = server.scoring().await.score_post(request).await.expect("a valid post").into_inner();
        let of_area = |assessment: &v1::Assessment| -> Vec<_> {
            let ours = assessment.signals.iter().filter(|one| one.area() == v1::RiskArea::AdTargeting);
            ours.map(|one| (one.signal_id.clone(), one.evidence.clone())).collect()
        };
        assert_eq!(of_area(&checked), of_area(&scored.assessment.expect("always set")));
    }
}

#[tokio::test]
async fn every_violation_is_told_at_once() {
    let server = server().await;
    let mut client = server.scoring().await;
    let criteria =
        vec![criterion("interest", "chairs"), criterion(" ", ""), criterion(&"a".repeat(257), &"v".repeat(1025))];
    let request = v1::CheckAdTargetingRequest { criteria, minimum_age: -1, ..Default::default() };
    let error = client.check_ad_targeting(request).await.expect_err("four faults");
    assert_eq!(error.code(), Code::InvalidArgument);
    let details = error.get_error_details();
    let fields = |details: &tonic_types::ErrorDetails| -> Vec<String> {
        let bad = details.bad_request().expect("INVALID_ARGUMENT carries a BadRequest");
        bad.field_violations.iter().map(|one| one.field.clone()).collect()
    };
    assert_eq!(fields(&details), ["criteria[2].attribute", "criteria[2].value", "criteria[1]", "minimum_age"]);

    let none = client.check_ad_targeting(v1::CheckAdTargetingRequest::default()).await.expect_err("no criteria");
    assert_eq!(fields(&none.get_error_details()), ["criteria"]);
    let many = vec![criterion("interest", "chairs"); 129];
    let many = v1::CheckAdTargetingRequest { criteria: many, ..Default::default() };
    let many = client.check_ad_targeting(many).await.expect_err("too many criteria");
    assert_eq!(fields(&many.get_error_details()), ["criteria"]);
}

#[tokio::test]
async fn a_plan_is_no_decision() {
    let server = server().await;
    let criteria = vec![criterion("interest", "Diabetes"); 128];
    let answer = check(&server, v1::CheckAdTargetingRequest { criteria, ..Default::default() }).await;
    assert!(answer.verdicts.len() == 128 && answer.verdicts.iter().all(|one| !one.allowed), "the last like the first");
    let decision_id = answer.assessment.expect("always set").assessment_id;
    let request = v1::GetDecisionRequest { decision_id };
    let error = server.decisions().await.get_decision(request).await.expect_err("it was not recorded");
    assert_eq!(error.code(), Code::NotFound);
}

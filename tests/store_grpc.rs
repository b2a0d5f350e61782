//! `DecisionService` against a real server: what was answered can be asked for, followed, and learnt about later.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what is expected of a server is what is tested")]

#[path = "store/backends.rs"]
mod backends;
mod support;

use std::sync::Arc;
use std::time::Duration;

use backends::Backend;
use dsa_signal::service::{RecordPolicy, Recorder, StoredEvents};
use dsa_signal::wire::v1;
use support::{Options, TestServer, listing};
use tokio_stream::StreamExt;
use tonic::Code;

async fn server(backend: &Backend) -> TestServer {
    let policy = RecordPolicy { store_content: true, ..RecordPolicy::default() };
    let recorder = Some(Arc::new(Recorder::new(Arc::clone(&backend.store), policy, None)));
    let source = Arc::new(StoredEvents::new(Arc::clone(&backend.store)));
    TestServer::start_with(Options { recorder, source, store: Some(Arc::clone(&backend.store)), ..Options::default() })
        .await
}

async fn score(server: &TestServer, number: usize) -> v1::Assessment {
    let request = v1::ScoreListingRequest { listing: Some(listing(number)) };
    server.scoring().await.score_listing(request).await.unwrap().into_inner().assessment.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_can_be_asked_for_and_learnt_about_later() {
    for backend in backends::all().await {
        let server = server(&backend).await;
        let mut decisions = server.decisions().await;
        let assessment = score(&server, 1).await;
        let decision_id = assessment.assessment_id.clone();
        let get = v1::GetDecisionRequest { decision_id: decision_id.clone() };
        let decision = decisions.get_decision(get.clone()).await.unwrap().into_inner().decision.unwrap();
        assert_eq!(decision.assessment.as_ref(), Some(&assessment), "{}", backend.name);
        assert_eq!(decision.listing, Some(listing(1)), "as it was sent");
        assert_eq!((decision.digest.len(), decision.previous_digest.as_str()), (64, "0".repeat(64).as_str()));

        let outcome = v1::RecordOutcomeRequest {
            decision_id: decision_id.clone(),
            outcome: v1::OutcomeKind::Confirmed.into(),
            note: "It was one".into(),
            ..Default::default()
        };
        for _again in 0..2 {
            let decision = decisions.record_outcome(outcome.clone()).await.unwrap().into_inner().decision.unwrap();
            assert_eq!(decision.outcomes.len(), 1, "the same outcome twice is one");
            assert_eq!(
                (decision.outcomes[0].outcome(), decision.outcomes[0].note.as_str()),
                (v1::OutcomeKind::Confirmed, "It was one")
            );
        }
        let get_standing =
            v1::GetStandingRequest { subject_kind: v1::SubjectKind::Seller.into(), subject_id: "s-1".into() };
        let standing =
            server.reputation().await.get_standing(get_standing).await.unwrap().into_inner().standing.unwrap();
        assert_eq!(standing.contributions.len(), 1, "it counts, once");
        assert!(score(&server, 2).await.standing.is_some(), "and scoring knows");

        let notice = v1::SubmitNoticeRequest {
            notice_id: "n-1".into(),
            subject: assessment.subject.clone(),
            decision_id,
            kind: v1::NoticeKind::TrustedFlagger.into(),
            explanation: "first".into(),
            ..Default::default()
        };
        let kept = decisions.submit_notice(notice.clone()).await.unwrap().into_inner();
        assert!(!kept.duplicate);
        let again = v1::SubmitNoticeRequest { explanation: "second".into(), ..notice };
        let again = decisions.submit_notice(again).await.unwrap().into_inner();
        assert_eq!((again.duplicate, again.notice), (true, kept.notice), "the first one stays");
        let decision = decisions.get_decision(get).await.unwrap().into_inner().decision.unwrap();
        assert_eq!((decision.outcomes.len(), decision.notices.len()), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn decisions_are_listed_page_by_page_and_exported_whole() {
    let backend = backends::sqlite().await;
    let server = server(&backend).await;
    let mut decisions = server.decisions().await;
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.insert(0, score(&server, number).await.assessment_id);
    }
    let filter = Some(v1::DecisionFilter {
        min_action: v1::Action::Review.into(),
        party: Some(v1::Subject { kind: v1::SubjectKind::Seller.into(), id: "s-1".into() }),
        ..Default::default()
    });
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListDecisionsRequest { filter: filter.clone(), page_size: 3, page_token };
        let page = decisions.list_decisions(request).await.unwrap().into_inner();
        listed.extend(page.decisions.into_iter().map(|decision| decision.decision_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        let other = v1::ListDecisionsRequest { filter: None, page_size: 3, page_token: page_token.clone() };
        assert_eq!(decisions.list_decisions(other).await.unwrap_err().code(), Code::InvalidArgument);
    }
    assert_eq!(listed, expected);
    let request = v1::ExportDecisionsRequest { filter };
    let exported = decisions.export_decisions(request).await.unwrap().into_inner();
    let exported: Vec<_> = exported.map(|one| one.unwrap().decision.unwrap().decision_id).collect().await;
    assert_eq!(exported, expected);
    let none = v1::DecisionFilter { min_action: v1::Action::Block.into(), ..Default::default() };
    let mut exported =
        decisions.export_decisions(v1::ExportDecisionsRequest { filter: Some(none) }).await.unwrap().into_inner();
    assert!(exported.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_sees_decisions_as_they_are_recorded_and_can_come_back() {
    for backend in backends::all().await {
        let server = server(&backend).await;
        let mut decisions = server.decisions().await;
        let before = score(&server, 0).await.assessment_id;
        let watch = async |resume_token: &str, decisions: &mut support::DecisionClient| {
            let request = v1::WatchDecisionsRequest { min_action: 0, resume_token: resume_token.into() };
            decisions.watch_decisions(request).await.unwrap().into_inner()
        };
        let mut watching = watch("", &mut decisions).await;
        let first = score(&server, 1).await.assessment_id;
        let seen = tokio::time::timeout(Duration::from_secs(5), watching.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(seen.decision.unwrap().decision_id, first, "{}; not {before}, which came before", backend.name);
        drop(watching);
        let missed = score(&server, 2).await.assessment_id;
        let mut watching = watch(&seen.resume_token, &mut decisions).await;
        let seen = tokio::time::timeout(Duration::from_secs(5), watching.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(seen.decision.unwrap().decision_id, missed, "nothing was missed meanwhile");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unknown_or_wrong_is_refused() {
    let backend = backends::memory().await;
    let server = server(&backend).await;
    let mut decisions = server.decisions().await;
    let get = |id: &str| v1::GetDecisionRequest { decision_id: id.into() };
    assert_eq!(decisions.get_decision(get("nothing")).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(decisions.get_decision(get("")).await.unwrap_err().code(), Code::InvalidArgument);
    let outcome = v1::RecordOutcomeRequest {
        decision_id: "nothing".into(),
        outcome: v1::OutcomeKind::Confirmed.into(),
        ..Default::default()
    };
    assert_eq!(decisions.record_outcome(outcome).await.unwrap_err().code(), Code::NotFound);
}

//! The promotion graph against real servers: a post teaches, a listing is scored by it, replicas and restarts know.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests

mod support;

use std::sync::Arc;
use std::time::Duration;

use dsa_signal::policy::{self, CompiledPack};
use dsa_signal::service::{PolicyHandle, RecordPolicy, Recorder, now};
use dsa_signal::store::{Location, Store, open};
use dsa_signal::wire::v1;
use support::{Options, TestServer};
use tokio_stream::StreamExt;
use tonic::Code;

fn default_pack() -> CompiledPack {
    policy::compile(&policy::embedded()).map(|(pack, _)| pack).ok().unwrap()
}

async fn server(store: &Arc<dyn Store>) -> TestServer {
    let policy = RecordPolicy { sample_allowed: 0.0, ..RecordPolicy::default() };
    let recorder = Arc::new(Recorder::new(Arc::clone(store), policy, None));
    let policy = Some(Arc::new(PolicyHandle::new(default_pack(), now())));
    let store = Some(Arc::clone(store));
    TestServer::start_with(Options { policy, recorder: Some(recorder), store, ..Options::default() }).await
}

async fn memory() -> Arc<dyn Store> {
    open(&Location::Memory).await.unwrap()
}

fn listing() -> v1::Listing {
    v1::Listing {
        listing_id: "1005001".into(),
        seller_id: "s-1".into(),
        title: "Soft silicone phone case".into(),
        language_code: "en".into(),
        ..Default::default()
    }
}

fn post(id: &str, text: &str) -> v1::Post {
    v1::Post {
        post_id: id.into(),
        creator_id: format!("creator of {id}"),
        text: text.into(),
        links: vec!["https://agent.example/?url=https%3A%2F%2Fwww.aliexpress.com%2Fitem%2F1005001.html".into()],
        language_code: "en".into(),
        ..Default::default()
    }
}

const TELLS: &str = "The title says phone case but you get the Gucci bag, order the brown one";

async fn score(server: &TestServer) -> v1::Assessment {
    let request = v1::ScoreListingRequest { listing: Some(listing()) };
    server.scoring().await.score_listing(request).await.unwrap().into_inner().assessment.unwrap()
}

async fn publish(server: &TestServer, post: v1::Post) -> v1::Assessment {
    let request = v1::ScorePostRequest { post: Some(post) };
    server.scoring().await.score_post(request).await.unwrap().into_inner().assessment.unwrap()
}

async fn promotions(server: &TestServer, request: v1::ListPromotionsRequest) -> v1::ListPromotionsResponse {
    server.promotions().await.list_promotions(request).await.unwrap().into_inner()
}

fn of_listing() -> v1::ListPromotionsRequest {
    v1::ListPromotionsRequest { listing_id: "1005001".into(), ..Default::default() }
}

#[tokio::test]
async fn what_a_post_tells_is_held_against_the_listing_with_evidence_on_both_sides() {
    let server = server(&memory().await).await;
    assert_eq!(score(&server).await.action(), v1::Action::Allow);
    publish(&server, post("p-1", TELLS)).await;
    let after = score(&server).await;
    assert!(after.action() >= v1::Action::Review, "{after:?}");
    assert_eq!(after.areas[0].area(), v1::RiskArea::HiddenLink);
    let evidence = || after.signals.iter().flat_map(|signal| &signal.evidence);
    let in_post = |one: &&v1::Evidence| one.related_subject.as_ref().is_some_and(|subject| subject.id == "p-1");
    let claim = evidence().filter(in_post).find(|one| one.original_text == "Gucci").unwrap();
    let (start, end) = (claim.start_byte as usize, claim.end_byte as usize);
    assert_eq!((claim.field_path.as_str(), &TELLS[start..end]), ("text", "Gucci"));
    assert!(evidence().filter(in_post).any(|one| one.field_path == "links[0]"), "the way there");
    assert!(evidence().any(|one| one.related_subject.is_none() && one.field_path == "title"), "the listing's side");
    assert!(evidence().any(|one| one.field_path == "seller_id"), "whose it is");
}

#[tokio::test]
async fn a_post_inherits_the_risk_of_the_listing_that_it_promotes_and_passes_nothing_back() {
    let server = server(&memory().await).await;
    publish(&server, post("p-1", TELLS)).await;
    let first = score(&server).await;
    let second = publish(&server, post("p-2", "My new phone case")).await;
    let inherited = second.signals.iter().find(|signal| signal.signal_id == "hidden_link.promotes_listing_at_risk");
    let evidence = &inherited.unwrap().evidence[0];
    assert_eq!(evidence.related_subject.as_ref().map(|subject| subject.id.as_str()), Some("1005001"));
    assert!(second.risk < first.risk, "attenuated");
    let risk = |assessment: &v1::Assessment| assessment.areas[0].risk;
    assert!(
        risk(&score(&server).await) <= risk(&first) + 1e-6,
        "an innocent post adds nothing, and risk does not go round"
    );
}

#[tokio::test]
async fn honest_promotion_of_the_very_product_stays_clear() {
    let server = server(&memory().await).await;
    for at in 0..20 {
        publish(&server, post(&format!("p-{at}"), "Finally a phone case that survived my kids, slim and soft")).await;
    }
    let after = score(&server).await;
    assert_eq!(after.action(), v1::Action::Allow, "{after:?}");
    assert_eq!(promotions(&server, of_listing()).await.promotions.len(), 8, "of twenty creators the best eight");
}

#[tokio::test]
async fn replicas_and_restarts_know_what_one_server_was_told() {
    let store = memory().await;
    let one = server(&store).await;
    let other = server(&store).await;
    publish(&one, post("p-1", TELLS)).await;
    let restarted = server(&store).await;
    for server in [&other, &restarted] {
        let begun = std::time::Instant::now();
        while promotions(server, of_listing()).await.promotions.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "never told");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(score(server).await.action() >= v1::Action::Review);
    }
    let of_one = promotions(&one, of_listing()).await;
    assert_eq!(of_one, promotions(&other, of_listing()).await);
}

#[tokio::test]
async fn who_follows_decisions_sees_a_listing_that_a_post_has_changed() {
    let server = server(&memory().await).await;
    assert_eq!(score(&server).await.action(), v1::Action::Allow);
    let request = v1::WatchDecisionsRequest::default();
    let mut decisions = server.decisions().await.watch_decisions(request).await.unwrap().into_inner();
    publish(&server, post("p-1", TELLS)).await;
    let changed = async {
        while let Some(told) = decisions.next().await {
            let assessment = told.unwrap().decision.unwrap().assessment.unwrap();
            if assessment.subject.as_ref().is_some_and(|subject| subject.id == "1005001") {
                return assessment;
            }
        }
        panic!("the watch has ended");
    };
    let changed = tokio::time::timeout(Duration::from_secs(20), changed).await.unwrap();
    assert!(changed.action() >= v1::Action::Review);
}

#[tokio::test]
async fn reported_redirects_are_followed_and_pages_hold_every_promotion_once() {
    let server = server(&memory().await).await;
    let target = "https://www.aliexpress.com/item/1005001.html".to_owned();
    let links = vec![v1::LinkTarget { link: "http://sho.rt/abc".into(), target }];
    let told = server.promotions().await.report_links(v1::ReportLinksRequest { links }).await.unwrap().into_inner();
    assert_eq!((told.accepted, told.refused), (1, 0));
    for at in 0..5 {
        let sent = v1::Post {
            creator_id: "c".into(),
            links: vec!["https://sho.rt/abc/".into()],
            ..post(&at.to_string(), "x")
        };
        publish(&server, sent).await;
    }
    let mut request = v1::ListPromotionsRequest { creator_id: "c".into(), page_size: 2, ..Default::default() };
    let mut found = Vec::new();
    loop {
        let page = promotions(&server, request.clone()).await;
        found.extend(page.promotions.into_iter().map(|one| (one.post_id, one.listing_id)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["0", "1", "2", "3", "4"].map(|id| (id.to_owned(), "1005001".to_owned())));
}

#[tokio::test]
async fn bad_requests_name_every_fault() {
    let server = server(&memory().await).await;
    let mut client = server.promotions().await;
    let request = v1::ListPromotionsRequest {
        creator_id: "c".into(),
        listing_id: "l".into(),
        page_size: -1,
        page_token: String::new(),
    };
    let refused = client.list_promotions(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let details = tonic_types::StatusExt::get_details_bad_request(&refused).unwrap();
    let fields: Vec<&str> = details.field_violations.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["listing_id", "page_size"]);
    let refused =
        client.report_links(v1::ReportLinksRequest { links: vec![v1::LinkTarget::default()] }).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let stale = v1::ListPromotionsRequest { creator_id: "c".into(), page_token: "x".into(), ..Default::default() };
    assert_eq!(client.list_promotions(stale).await.unwrap_err().code(), Code::InvalidArgument);
}

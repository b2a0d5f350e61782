//! Questions about the policy pack against a real server.

mod support;

use dsa_signal::wire::v1;
use support::{Options, SIGNALS, TestServer};
use tonic::Code;
use tonic_types::StatusExt;

fn asking(area: v1::RiskArea, page_size: i32, page_token: &str) -> v1::ListSignalsRequest {
    v1::ListSignalsRequest { area: area.into(), page_size, page_token: page_token.to_owned() }
}

#[tokio::test]
async fn the_pack_in_force_is_shown() {
    let server = TestServer::start().await;
    let policy =
        server.policies().await.get_policy(v1::GetPolicyRequest {}).await.unwrap().into_inner().policy.unwrap();
    assert_eq!((policy.name.as_str(), policy.version.as_str()), ("hand-made", "1"));
    assert_eq!(policy.digest, "0123456789abcdef0123");
    assert_eq!(policy.signal_count as usize, SIGNALS);
    assert!(policy.loaded_at.unwrap().seconds > 1_700_000_000);
    assert_eq!(policy.last_error, "");
}

#[tokio::test]
async fn pages_list_every_signal_once_and_in_order() {
    let server = TestServer::start().await;
    let mut client = server.policies().await;
    for (area, expected) in [
        (v1::RiskArea::Unspecified, (0..SIGNALS).collect::<Vec<_>>()),
        (v1::RiskArea::Weapon, (0..SIGNALS).filter(|at| at % 3 == 2).collect()),
        (v1::RiskArea::Food, Vec::new()),
    ] {
        for page_size in [0, 1, 4, 8, 25, 1000] {
            let (mut listed, mut token) = (Vec::new(), String::new());
            loop {
                let page = client.list_signals(asking(area, page_size, &token)).await.unwrap().into_inner();
                assert!(page_size == 0 || page.signals.len() <= page_size as usize);
                listed.extend(page.signals.into_iter().map(|signal| signal.signal_id));
                token = page.next_page_token;
                if token.is_empty() {
                    break;
                }
            }
            assert_eq!(listed, expected.iter().map(|at| format!("signal.n{at:02}")).collect::<Vec<_>>());
        }
    }
    let first = client.list_signals(asking(v1::RiskArea::Unspecified, 1, "")).await.unwrap().into_inner();
    let signal = &first.signals[0];
    assert_eq!((signal.area(), signal.weight_nats, signal.condition.as_str()), (v1::RiskArea::Drug, 4.0, "true"));
    assert_eq!((signal.group.as_str(), signal.legal_basis[0].article.as_str()), ("all", "Art. 30"));
}

#[tokio::test]
async fn a_token_is_good_for_its_own_question_and_pack_only() {
    let server = TestServer::start().await;
    let other = TestServer::start_with(Options { digest: "fedcba9876543210fedc", ..Options::default() }).await;
    let mut client = server.policies().await;
    let page = client.list_signals(asking(v1::RiskArea::Drug, 2, "")).await.unwrap().into_inner();
    let token = page.next_page_token;
    assert!(client.list_signals(asking(v1::RiskArea::Drug, 3, &token)).await.is_ok(), "another page size is fine");
    for error in [
        client.list_signals(asking(v1::RiskArea::Weapon, 2, &token)).await.unwrap_err(),
        other.policies().await.list_signals(asking(v1::RiskArea::Drug, 2, &token)).await.unwrap_err(),
        client.list_signals(asking(v1::RiskArea::Drug, 2, "7")).await.unwrap_err(),
        client.list_signals(asking(v1::RiskArea::Drug, 2, &format!("{token}x"))).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), Code::InvalidArgument);
        let details = error.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations[0].field, "page_token");
    }
}

#[tokio::test]
async fn an_area_or_page_size_out_of_range_is_refused_both_at_once() {
    let server = TestServer::start().await;
    let request = v1::ListSignalsRequest { area: 99, page_size: -1, page_token: String::new() };
    let error = server.policies().await.list_signals(request).await.unwrap_err();
    let fields: Vec<_> = error.get_error_details().bad_request().unwrap().field_violations.clone();
    assert_eq!(fields.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), ["area", "page_size"]);
}

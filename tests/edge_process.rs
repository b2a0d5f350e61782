//! The process at its edge: what it refuses to do, what it shows, and what it reads again while it runs.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot run the binary has failed")]

#[path = "support/process.rs"]
mod process;

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use dsa_signal::grpc::v1::policy_service_client::PolicyServiceClient;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::wire::v1;
use process::{Served, command, get, new_token, replace};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const LONG: Duration = Duration::from_secs(20);

async fn channel(served: &Served) -> Channel {
    Channel::from_shared(format!("http://{}", served.address)).unwrap().connect().await.unwrap()
}

/// The code of a call of `GetPolicy`.
async fn code(channel: &Channel, token: Option<&str>) -> Code {
    let mut request = Request::new(v1::GetPolicyRequest {});
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let answered = PolicyServiceClient::new(channel.clone()).get_policy(request).await;
    answered.map_or_else(|status| status.code(), |_| Code::Ok)
}

fn listing(title: &str) -> v1::Listing {
    v1::Listing { listing_id: "l-77001".into(), seller_id: "s-77002".into(), title: title.into(), ..Default::default() }
}

#[test]
fn other_machines_are_not_served_in_the_clear_unless_somebody_says_so() {
    let refused = command().args(["--listen", "0.0.0.0:0", "--metrics-listen", "off"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains("there is no TLS") && complaint.contains("--insecure"), "{complaint}");
    let shown = command().args(["--listen", "0.0.0.0:0", "--insecure", "--print-config"]).output().unwrap();
    assert!(shown.status.success() && String::from_utf8_lossy(&shown.stdout).contains("insecure = true"));
}

#[test]
fn files_that_are_wrong_are_told_before_a_port_is_bound() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("clients.txt");
    std::fs::write(&path, "shop-a wizard blake3:00\n").unwrap();
    let refused = command().arg("--clients").arg(&path).output().unwrap();
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1));
    assert!(complaint.contains("clients.txt: line 1: \"wizard\" is no role"), "{complaint}");
    let refused = command().args(["--tls-certificate", "/nonexistent", "--tls-key", "/nonexistent"]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("/nonexistent"));
}

#[test]
fn a_token_is_made_once_and_only_its_digest_is_written_down() {
    let (token, line) = new_token("shop-a", "read,score");
    assert!(token.starts_with("dsas_") && token.len() == 69, "{token}");
    assert!(line.starts_with("shop-a score,read blake3:") && !line.contains(&token[5..]), "{line}");
    let refused = command().args(["token", "new", "--name", "shop a", "--role", "score"]).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty());
    let refused =
        command().args(["token", "new", "--name", "a", "--role", "score", "--expires", "soon"]).output().unwrap();
    assert!(!refused.status.success() && refused.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_read_again_while_the_service_runs_and_a_wrong_file_changes_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("clients.txt");
    let ((first, first_line), (second, second_line)) = (new_token("shop-a", "read"), new_token("shop-a", "read"));
    replace(&path, &first_line);
    let served = Served::start(&["--clients", path.to_str().unwrap()]);
    let channel = channel(&served).await;
    assert_eq!(code(&channel, None).await, Code::Unauthenticated);
    assert_eq!(code(&channel, Some(&second)).await, Code::Unauthenticated);
    assert_eq!(code(&channel, Some(&first)).await, Code::Ok);

    replace(&path, "shop-a wizard\n");
    let told = served.log_line("changed files are wrong", LONG);
    assert!(told.contains("line 1") && !told.contains("blake3"), "{told}");
    assert_eq!(served.metric("dsasignal_reload_failing").to_string(), "1");
    assert_eq!(code(&channel, Some(&first)).await, Code::Ok, "what was before stays in force");

    replace(&path, format!("{first_line}\n{second_line}\n"));
    served.log_line("changed files are in force", LONG);
    assert_eq!((code(&channel, Some(&first)).await, code(&channel, Some(&second)).await), (Code::Ok, Code::Ok));
    replace(&path, &second_line);
    served.log_line("changed files are in force", LONG);
    assert_eq!(code(&channel, Some(&first)).await, Code::Unauthenticated);
    assert_eq!(code(&channel, Some(&second)).await, Code::Ok);
    assert_eq!(served.metric("dsasignal_reload_failing").to_string(), "0");
    assert_eq!(served.metric("dsasignal_reloads_total{what=\"access\",outcome=\"changed\"}").to_string(), "2");
    assert!(served.metric("dsasignal_grpc_refusals_total{reason=\"unauthenticated\"}") >= 3.0);
}

/// An identity provider with one Ed25519 key.
struct Provider(Ed25519KeyPair, &'static str);

impl Provider {
    fn new(key_id: &'static str) -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Provider(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap(), key_id)
    }

    fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "kid": self.1, "x": URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())})
    }

    /// A token that ends so many seconds from now.
    fn token(&self, audience: &str, roles: &str, seconds: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let header = json!({"alg": "EdDSA", "kid": self.1});
        let claims = json!({"sub": "shop-j", "aud": audience, "exp": now + seconds, "roles": roles});
        let message = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.0.sign(message.as_bytes())))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_an_identity_provider_are_known_by_its_keys_of_the_moment() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("jwks.json");
    let (old, new) = (Provider::new("old"), Provider::new("new"));
    replace(&path, json!({"keys": [old.jwk()]}).to_string());
    let served =
        Served::start_by(command().env("DSA_SIGNAL_JWT_KEYS", &path).env("DSA_SIGNAL_JWT_AUDIENCE", "dsa-signal"));
    let channel = channel(&served).await;
    let token = old.token("dsa-signal", "score read", 60);
    for _again in 0..3 {
        assert_eq!(code(&channel, Some(&token)).await, Code::Ok);
    }
    for (token, expected) in [
        (old.token("dsa-signal", "score", 60), Code::PermissionDenied),
        (old.token("dsa-signal", "", 60), Code::PermissionDenied),
        (old.token("dsa-signal", "read", -60), Code::Unauthenticated),
        (old.token("another", "read", 60), Code::Unauthenticated),
        (new.token("dsa-signal", "read", 60), Code::Unauthenticated),
        (format!("{token}x"), Code::Unauthenticated),
    ] {
        assert_eq!(code(&channel, Some(&token)).await, expected, "{token}");
    }
    replace(&path, json!({"keys": [new.jwk()]}).to_string());
    served.log_line("changed files are in force", LONG);
    assert_eq!(code(&channel, Some(&token)).await, Code::Unauthenticated, "what was remembered went with its key");
    assert_eq!(code(&channel, Some(&new.token("dsa-signal", "read", 60))).await, Code::Ok);
    // Whoever guesses is stopped before each guess costs a signature; whoever is known goes on.
    let known = new.token("dsa-signal", "read", 60);
    assert_eq!(code(&channel, Some(&known)).await, Code::Ok);
    let mut told = Vec::new();
    for _ in 0..300 {
        told.push(code(&channel, Some(&old.token("dsa-signal", "read", 60))).await);
    }
    assert!(told.contains(&Code::ResourceExhausted) && !told.contains(&Code::Ok), "{:?}", told.last());
    assert_eq!(code(&channel, Some(&known)).await, Code::Ok);
    assert!(served.metric("dsasignal_grpc_refusals_total{reason=\"guessing\"}") > 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn readyz_and_health_agree_to_the_end() {
    let mut served = Served::start_by(command().env("DSA_SIGNAL_DRAIN_GRACE", "2s"));
    let mut health = HealthClient::new(channel(&served).await);
    let mut status = async || {
        health.check(HealthCheckRequest::default()).await.unwrap().into_inner().status().as_str_name().to_owned()
    };
    // In this order: the port is bound, and said to be, a moment before anything behind it is ready.
    let told = status().await;
    assert_eq!((served.page("/readyz").0, told.as_str()), (200, "SERVING"));
    served.ask_to_stop();
    served.log_line("NOT_SERVING", LONG);
    let begun = Instant::now();
    assert_eq!((served.page("/readyz"), status().await.as_str()), ((503, "stopping\n".into()), "NOT_SERVING"));
    assert_eq!(served.page("/healthz").0, 200);
    assert!(begun.elapsed() < Duration::from_secs(2), "the machine was too slow to see it");
    assert!(served.ended_within(LONG).success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_metrics_tells_what_happened_and_nothing_of_whom() {
    let served = Served::start(&[]);
    let mut scoring = ScoringServiceClient::new(channel(&served).await);
    let request = |title: &str| v1::ScoreListingRequest { listing: Some(listing(title)) };
    for title in ["Wooden chair qqzzxx", "Garden table qqzzxx"] {
        scoring.score_listing(request(title)).await.unwrap();
    }
    let _refused = scoring.score_listing(v1::ScoreListingRequest { listing: None }).await.unwrap_err();
    let calls = |code: &str| {
        let rpc = "dsasignal.v1.ScoringService/ScoreListing";
        served.metric(&format!("dsasignal_grpc_calls_total{{rpc=\"{rpc}\",code=\"{code}\"}}")) as u64
    };
    assert_eq!((calls("OK"), calls("INVALID_ARGUMENT")), (2, 1));
    let (status, page) = served.page("/metrics");
    assert_eq!(status, 200);
    for line in [
        "dsasignal_scoring_items_total{kind=\"listing\",action=\"ALLOW\"} 2",
        "dsasignal_scoring_items_total{kind=\"post\",action=\"ALLOW\"} 0",
        "dsasignal_scoring_risk_count{area=\"medicine\"} 2",
        "dsasignal_scoring_engine_duration_seconds_count 2",
        "dsasignal_grpc_call_duration_seconds_count{rpc=\"dsasignal.v1.ScoringService/ScoreListing\"} 3",
        "dsasignal_grpc_connections_open 1.0",
        "dsasignal_store_up 1.0",
        "dsasignal_spool_waiting_bytes 0.0",
        "dsasignal_tls_certificate_end_timestamp_seconds 0.0",
        "dsasignal_policy_failing 0.0",
    ] {
        assert!(page.lines().any(|shown| shown == line), "{line}\nin\n{page}");
    }
    assert!(page.contains("dsasignal_policy_info{name=\"default\""), "{page}");
    for private in ["l-77001", "s-77002", "qqzzxx", "127.0.0.1"] {
        assert!(!page.contains(private), "{private}");
    }
    // STYLE: a prefix, words, and a unit where there is one; help on everything.
    let described: BTreeSet<_> =
        page.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let typed: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(described, typed);
    for name in typed {
        assert!(name.starts_with("dsasignal_") || name.starts_with("process_"), "{name}");
        for unit in ["_ms", "_millis", "_us", "_kb", "_percent"] {
            assert!(!name.contains(unit), "{name}: seconds and bytes only");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_name_the_request_and_the_decision_and_no_content() {
    let served = Served::start(&["--log", "info,dsa_signal::grpc=debug"]);
    let mut scoring = ScoringServiceClient::new(channel(&served).await);
    let mut request = Request::new(v1::ScoreListingRequest { listing: Some(listing("Wooden chair qqzzxx")) });
    request.metadata_mut().insert("x-request-id", "req-4711".parse().unwrap());
    let answer = scoring.score_listing(request).await.unwrap().into_inner();
    let line = served.log_line("call ended", LONG);
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    let span = &event["span"];
    assert_eq!(span["request_id"], "req-4711", "{line}");
    assert_eq!(span["decision_id"], answer.assessment.unwrap().assessment_id.as_str(), "{line}");
    assert_eq!(event["code"], "Ok", "{line}");
    let mut odd = Request::new(v1::ScoreListingRequest { listing: Some(listing("Wooden chair qqzzxx")) });
    odd.metadata_mut().insert("x-request-id", "a b\"c".parse().unwrap());
    scoring.score_listing(odd).await.unwrap();
    let line = served.log_line("call ended", LONG);
    assert!(!line.contains("a b"), "{line}");
    for line in served.log_lines().into_iter().chain([line]) {
        for private in ["l-77001", "s-77002", "qqzzxx"] {
            assert!(!line.contains(private), "{line}");
        }
    }
}

#[test]
fn a_taken_port_for_metrics_is_told_and_only_fatal_if_it_was_asked_for() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = command().args(["--listen", "127.0.0.1:0", "--metrics-listen", &address]).output().unwrap();
    let complaint = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && complaint.contains("cannot show metrics on"), "{complaint}");
}

#[test]
fn readers_of_metrics_cannot_hold_it_up() {
    let served = Served::start(&[]);
    let idle: Vec<_> = (0..40).map(|_| std::net::TcpStream::connect(served.metrics).unwrap()).collect();
    // Thirty-two are being waited for; the others were closed, and a place comes back when an idle one gives up.
    let end = Instant::now() + Duration::from_secs(15);
    while get(served.metrics, "/healthz").map_or(0, |(status, _)| status) != 200 {
        assert!(Instant::now() < end, "idle readers hold it up");
        std::thread::sleep(Duration::from_millis(200));
    }
    drop(idle);
}

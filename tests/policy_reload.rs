//! A pack folder that changes under the real binary: what is answered then is what a start with the changed pack would answer.
//!
//! Not here: when a folder is read and what a wrong one does (`src/app/reload/policy.rs`). Kept true: the record is on disk, so that a
//! restart has the same events.

#![allow(clippy::unwrap_used, reason = "a test that cannot run the binary has failed")]

#[path = "support/process.rs"]
mod process;

use std::path::Path;
use std::time::Duration;

use dsa_signal::grpc::v1::reputation_service_client::ReputationServiceClient;
use dsa_signal::service::now;
use dsa_signal::wire::v1::{self, EventKind, SubjectKind};
use process::{Served, replace};

const LONG: Duration = Duration::from_secs(60);

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &name) } else { std::fs::write(name, std::fs::read(path).unwrap()).unwrap() }
    }
}

async fn reputation(served: &Served) -> ReputationServiceClient<tonic::transport::Channel> {
    ReputationServiceClient::connect(format!("http://{}", served.address)).await.unwrap()
}

async fn mean(served: &Served) -> f64 {
    let request = v1::GetStandingRequest { subject_kind: SubjectKind::Seller.into(), subject_id: "s-1".into() };
    reputation(served).await.get_standing(request).await.unwrap().into_inner().standing.unwrap().mean
}

async fn record_removals(served: &Served) {
    let removal = |at: usize| v1::StandingEvent {
        event_id: format!("e-{at}"),
        subject_kind: SubjectKind::Seller.into(),
        subject_id: "s-1".into(),
        kind: EventKind::ContentRemoved.into(),
        area: v1::RiskArea::Counterfeit.into(),
        count: 1,
        occurred_at: Some(pbjson_types::Timestamp { seconds: now().seconds - 60, nanos: 0 }),
    };
    let sent = (0..5).map(move |at| v1::RecordEventsRequest { event: Some(removal(at)) });
    let answer = reputation(served).await.record_events(tokio_stream::iter(sent)).await.unwrap().into_inner();
    assert_eq!(answer.accepted, 5);
}

#[tokio::test]
async fn events_are_weighed_by_the_pack_in_force_as_after_a_restart() {
    let place = tempfile::TempDir::new().unwrap();
    let (pack, store) =
        (place.path().join("pack"), format!("sqlite:{}", place.path().join("records.sqlite").display()));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/base"), &pack);
    let rules = pack.join("standing.yaml");
    let lenient = "half_life_days: 180\nprior: {bad: 1.0, good: 19.0}\nevents:\n  content_removed: {bad: 1.0}\nstrikes: {window_days: 365, warn_at: 3, suspend_at: 5}\n";
    replace(&rules, lenient);
    let arguments = ["serve", "--policy", pack.to_str().unwrap(), "--store", &store];

    let mut served = Served::start(&arguments);
    record_removals(&served).await;
    let before = mean(&served).await;
    replace(&rules, lenient.replace("content_removed: {bad: 1.0}", "content_removed: {bad: 9.0}"));
    served.log_line("another policy pack is in force", LONG);
    let strict = mean(&served).await;
    assert!(strict > 2.0 * before, "{before} {strict}");
    served.ask_to_stop();
    assert!(served.ended_within(LONG).success());

    let again = Served::start(&arguments);
    let restarted = mean(&again).await;
    // Some seconds lie between, in which events fade.
    assert!((restarted - strict).abs() < 1e-6, "{strict} {restarted}");
}

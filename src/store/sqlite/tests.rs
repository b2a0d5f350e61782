//! Faults of a disk, made by asking SQLite for them.

use super::*;
use crate::domain::{EventKind, Record, StandingEvent, SubjectKind, Timestamp};

fn event(number: usize) -> Draft {
    Draft::new(&Record::Event(StandingEvent {
        event_id: format!("e-{number}"),
        subject: Subject { kind: SubjectKind::Seller, id: "s".repeat(200) },
        kind: EventKind::ContentRemoved,
        area: None,
        count: 1,
        occurred_at: Timestamp::default(),
    }))
}

#[tokio::test]
async fn a_full_disk_fails_the_call_and_keeps_what_was_acknowledged() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let full =
        SqliteStore::open_with(&path, Clock::default(), |one| one.pragma_update(None, "max_page_count", 60)).unwrap();
    let mut kept = 0;
    let fault = loop {
        match full.append(vec![event(kept)]).await {
            Ok(_) => kept += 1,
            Err(error) => break error.fault,
        }
    };
    assert_eq!(fault, StoreFault::Full);
    assert_eq!(full.append(vec![event(kept)]).await.unwrap_err().fault, StoreFault::Full, "still");
    drop(full);
    let roomy = SqliteStore::open(&path, Clock::default()).unwrap();
    assert!(matches!(roomy.append(vec![event(kept)]).await.unwrap()[..], [Appended::Kept(_)]), "room again");
    assert_eq!(roomy.heads().await.unwrap()[0].sequence, kept as u64 + 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_says_so_and_can_still_be_read() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    SqliteStore::open(&path, Clock::default()).unwrap().append(vec![event(1)]).await.unwrap();
    let closed =
        SqliteStore::open_with(&path, Clock::default(), |one| one.pragma_update(None, "query_only", true)).unwrap();
    assert_eq!(closed.append(vec![event(2)]).await.unwrap_err().fault, StoreFault::ReadOnly);
    assert!(closed.find(RecordKind::Event, "e-1").await.unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_file_is_named_as_one_and_never_panics() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let store = SqliteStore::open(&path, Clock::default()).unwrap();
    store.append((0..200).map(event).collect()).await.unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let mut faults = Vec::new();
    match SqliteStore::open(&path, Clock::default()) {
        Err(error) => faults.push(error.fault),
        Ok(store) => {
            for number in 0..200 {
                faults
                    .extend(store.find(RecordKind::Event, &format!("e-{number}")).await.err().map(|error| error.fault));
            }
        }
    }
    assert!(!faults.is_empty() && faults.iter().all(|fault| *fault == StoreFault::Corrupt), "{faults:?}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let _store = SqliteStore::open(&path, Clock::default()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

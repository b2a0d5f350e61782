//! What every store must do, on every backend. There are no exceptions but one, named where it stands: memory does not outlive its
//! process.
#![allow(clippy::unwrap_used, reason = "what is expected of a store is what is tested")]

#[path = "store/backends.rs"]
mod backends;
#[path = "store/samples.rs"]
mod samples;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use dsa_signal::domain::{
    Action, Digest, Record, RecordKind, Recorded, RiskArea, StandingEvent, Subject, SubjectKind, Timestamp,
};
use dsa_signal::store::{
    Appended, ChainVerifier, Clock, Cursor, DecisionQuery, Draft, Erase, Fault, Location, Store, StoreError,
    StoreFault, TimeRange, open, open_with,
};
use samples::{
    decision, decision_with, drafts, event, instant, listing, notice, outcome, policy_version, seller, tally,
};

/// Every fault of every chain.
async fn faults(store: &dyn Store) -> Vec<Fault> {
    let mut faults = Vec::new();
    for head in store.heads().await.unwrap() {
        let mut verifier = ChainVerifier::new(head.clone());
        loop {
            let entries = store.chain(&head.chain, verifier.last(), 7).await.unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in &entries {
                let record = verifier.next(entry);
                let content = store.content(&entry.place()).await.unwrap();
                if let (Some(record), Some(content)) = (record, content) {
                    verifier.content(entry, &record, &content);
                }
            }
        }
        faults.extend(verifier.finish());
    }
    faults
}

async fn keep(store: &dyn Store, records: &[Record]) -> Vec<Appended> {
    store.append(drafts(records)).await.unwrap()
}

/// All events of a seller, three at a time.
async fn events_of(store: &(dyn Store + 'static), party: &Subject) -> Result<Vec<Recorded<StandingEvent>>, StoreError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let (events, last) = store.standing_events(party, after.as_ref(), 3).await?;
        assert!(events.len() <= 3);
        all.extend(events);
        match last {
            Some(last) => after = Some(last),
            None => return Ok(all),
        }
    }
}

fn ids(decisions: &[dsa_signal::domain::Recorded<dsa_signal::domain::Decision>]) -> Vec<&str> {
    decisions.iter().map(|decision| decision.record.assessment.assessment_id.as_str()).collect()
}

#[tokio::test]
async fn what_was_appended_is_there_also_after_opening_again() {
    for backend in backends::all().await {
        let draft = Draft::new(&decision("d-1", "s-1")).with_content(&listing("l-1"));
        let kept = backend.store.append(vec![draft]).await.unwrap();
        assert!(matches!(kept[..], [Appended::Kept(_)]), "{}", backend.name);
        keep(&*backend.store, &[outcome("o-1", "d-1"), notice("n-1", "d-1"), outcome("o-2", "another")]).await;
        let backend = backend.reopened().await;
        let history = backend.store.history("d-1").await.unwrap().unwrap();
        let Record::Decision(expected) = decision("d-1", "s-1") else { panic!("a decision") };
        assert_eq!(history.decision.record, *expected, "{}", backend.name);
        assert_eq!(history.content, Some(listing("l-1")));
        assert_eq!((history.outcomes.len(), history.notices.len()), (1, 1));
        assert_eq!(history.outcomes[0].link.previous_digest, history.decision.link.digest);
        assert_eq!(backend.store.history("d-2").await.unwrap(), None);
        assert_eq!(faults(&*backend.store).await, []);
    }
}

#[tokio::test]
async fn the_same_identifier_again_is_the_same_record_within_and_across_calls() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let first = keep(store, &[event("e-1", "s-1"), event("e-1", "s-1"), event("e-2", "s-1")]).await;
        assert!(matches!(first[..], [Appended::Kept(_), Appended::Duplicate, Appended::Kept(_)]), "{first:?}");
        let again = keep(store, &[event("e-2", "s-2"), decision("e-2", "s-1"), event("e-1", "s-1")]).await;
        assert!(matches!(again[..], [Appended::Duplicate, Appended::Kept(_), Appended::Duplicate]), "{again:?}");
        let events = events_of(store, &seller("s-1")).await.unwrap();
        let named: Vec<_> = events.iter().map(|event| event.record.event_id.as_str()).collect();
        assert_eq!(named, ["e-1", "e-2"], "{}", backend.name);
        assert_eq!(events_of(store, &seller("s-2")).await.unwrap(), []);
        assert_eq!(faults(store).await, []);
    }
}

#[tokio::test]
async fn decisions_are_listed_newest_first_page_by_page_by_every_filter() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let other = decision_with("d-3", "s-2", Action::Block, RiskArea::Weapon);
        keep(store, &[decision("d-1", "s-1"), decision("d-2", "s-1"), other, decision("d-4", "s-1")]).await;
        let list = async |query: DecisionQuery| {
            let limit = query.limit.max(1);
            let found = store.list_decisions(&DecisionQuery { limit: limit.max(100), ..query }).await.unwrap();
            ids(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(list(DecisionQuery::default()).await, ["d-4", "d-3", "d-2", "d-1"], "{}", backend.name);
        let page = DecisionQuery { limit: 2, before_id: Some("d-4".into()), ..DecisionQuery::default() };
        assert_eq!(ids(&store.list_decisions(&page).await.unwrap()), ["d-3", "d-2"]);
        assert_eq!(list(DecisionQuery { at_least: Some(Action::Block), ..Default::default() }).await, ["d-3"]);
        assert_eq!(list(DecisionQuery { area: Some(RiskArea::Weapon), ..Default::default() }).await, ["d-3"]);
        assert_eq!(list(DecisionQuery { party: Some(seller("s-2")), ..Default::default() }).await, ["d-3"]);
        let creator = Subject { kind: SubjectKind::Creator, id: "s-2".into() };
        assert!(list(DecisionQuery { party: Some(creator), ..Default::default() }).await.is_empty());
        let subject = Subject { kind: SubjectKind::Listing, id: "listing-of-d-2".into() };
        assert_eq!(list(DecisionQuery { subject: Some(subject), ..Default::default() }).await, ["d-2"]);
        assert!(list(DecisionQuery { policy: Some("other".into()), ..Default::default() }).await.is_empty());
        let past = TimeRange { since: None, until: Some(instant(1_000)) };
        assert!(list(DecisionQuery { recorded: past, ..Default::default() }).await.is_empty());
        let since = TimeRange { since: Some(instant(1_000)), until: None };
        assert_eq!(list(DecisionQuery { recorded: since, ..Default::default() }).await.len(), 4);
    }
}

#[tokio::test]
async fn whoever_reads_on_from_a_cursor_sees_everything_once() {
    for backend in backends::all().await {
        let store = &*backend.store;
        keep(store, &[event("e-1", "s"), decision("d-1", "s"), event("e-2", "s"), event("e-3", "s")]).await;
        let (mut cursor, mut seen) = (Cursor::default(), Vec::new());
        loop {
            let (events, next) = store.events_since(&cursor, 2).await.unwrap();
            if events.is_empty() {
                break;
            }
            seen.extend(events.into_iter().map(|event| event.record.event_id));
            cursor = next.to_string().parse().unwrap();
        }
        assert_eq!(seen, ["e-1", "e-2", "e-3"], "{}", backend.name);
        keep(store, &[decision("d-2", "s"), event("e-4", "s")]).await;
        let (events, cursor) = store.events_since(&cursor, 100).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(store.events_since(&cursor, 100).await.unwrap(), (Vec::new(), cursor));
        assert_eq!(store.decisions_since(&Cursor::default(), 100).await.unwrap().0.len(), 2);
    }
}

#[tokio::test]
async fn parties_with_events_are_named_once_page_by_page() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let mut records: Vec<Record> =
            (0..9).map(|number| event(&format!("e-{number}"), ["s-2", "s-1", "ž\u{0}\n"][number % 3])).collect();
        records.push(decision("d-1", "s-without-events"));
        if let Record::Event(mut creator) = event("e-c", "s-1") {
            creator.subject.kind = SubjectKind::Creator;
            records.push(Record::Event(creator));
        }
        keep(store, &records).await;
        for page in 1..5 {
            let (mut last, mut seen) = (None, Vec::new());
            loop {
                let parties = store.parties(last.as_ref(), page).await.unwrap();
                assert!(parties.len() <= page);
                let Some(end) = parties.last() else { break };
                last = Some(end.clone());
                seen.extend(parties);
            }
            assert_eq!(seen.len(), 4, "{} in pages of {page}: {seen:?}", backend.name);
            let creator = Subject { kind: SubjectKind::Creator, id: "s-1".into() };
            let expected = [seller("s-1"), creator, seller("s-2"), seller("ž\u{0}\n")];
            assert!(expected.iter().all(|party| seen.contains(party)), "{}: {seen:?}", backend.name);
        }
    }
}

#[tokio::test]
async fn policy_packs_are_told_in_the_order_in_which_they_came_into_force() {
    for backend in backends::all().await {
        let store = &*backend.store;
        keep(store, &[policy_version("p-2", 20), event("e-1", "s"), policy_version("p-1", 10)]).await;
        let versions = store.policy_versions().await.unwrap();
        let ids: Vec<&str> = versions.iter().map(|version| version.record.policy_version_id.as_str()).collect();
        assert_eq!(ids, ["p-1", "p-2"], "{}", backend.name);
    }
}

/// The gap that a sequence over all writers would have: many write, one reads on all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_misses_nothing_while_replicas_write_at_once() {
    const EACH: usize = 150;
    for backend in backends::durable().await {
        let mut writers = tokio::task::JoinSet::new();
        for replica in 0..3 {
            let store = backend.replica().await;
            writers.spawn(async move {
                for number in 0..EACH {
                    keep(&*store, &[event(&format!("e-{replica}-{number}"), "s")]).await;
                }
            });
        }
        let (mut cursor, mut seen) = (Cursor::default(), HashSet::new());
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        while seen.len() < 3 * EACH && tokio::time::Instant::now() < deadline {
            let (events, next) = backend.store.events_since(&cursor, 50).await.unwrap();
            for event in events {
                assert!(seen.insert(event.record.event_id), "seen twice on {}", backend.name);
            }
            cursor = next;
        }
        writers.join_all().await;
        assert_eq!(seen.len(), 3 * EACH, "{}", backend.name);
        assert_eq!(faults(&*backend.store).await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_event_told_to_all_replicas_at_once_is_kept_once() {
    for backend in backends::durable().await {
        let mut writers = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let store = backend.replica().await;
            writers.spawn(async move {
                let mut kept = 0;
                for number in 0..60 {
                    let answers =
                        keep(&*store, &[event(&format!("e-{number}"), "s"), decision(&format!("{number}"), "s")]).await;
                    kept += answers.iter().filter(|answer| matches!(answer, Appended::Kept(_))).count();
                }
                kept
            });
        }
        let kept: usize = writers.join_all().await.into_iter().sum();
        assert_eq!(kept, 120, "{}", backend.name);
        assert_eq!(events_of(&*backend.store, &seller("s")).await.unwrap().len(), 60);
        assert_eq!(faults(&*backend.store).await, []);
    }
}

#[tokio::test]
async fn what_is_written_wakes_whoever_waits() {
    for backend in backends::all().await {
        let mut changes = backend.store.changes();
        changes.mark_unchanged();
        keep(&*backend.store, &[event("e-1", "s")]).await;
        tokio::time::timeout(Duration::from_secs(5), changes.changed()).await.unwrap().unwrap();
    }
    // Between processes, a file cannot tell; PostgreSQL can.
    let Some(backend) = backends::postgres().await else { return };
    let replica = backend.replica().await;
    let mut changes = replica.changes();
    tokio::time::sleep(Duration::from_millis(300)).await; // until it listens
    changes.mark_unchanged();
    keep(&*backend.store, &[event("e-1", "s")]).await;
    tokio::time::timeout(Duration::from_secs(5), changes.changed()).await.unwrap().unwrap();
}

#[tokio::test]
async fn allowed_items_are_counted_exactly() {
    for backend in backends::all().await {
        keep(&*backend.store, &[tally("t-1", 7), tally("t-2", 5), tally("t-1", 7), event("e-1", "s")]).await;
        assert_eq!(backend.store.allowed(TimeRange::default()).await.unwrap(), 12, "{}", backend.name);
        let past = TimeRange { since: None, until: Some(instant(5)) };
        assert_eq!(backend.store.allowed(past).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn erasing_leaves_a_chain_that_can_be_followed() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let with_content = |id: &str| Draft::new(&decision(id, "s")).with_content(&listing("l-1"));
        store.append(vec![with_content("d-1"), with_content("d-2")]).await.unwrap();
        keep(store, &[outcome("o-1", "d-1"), event("e-1", "s"), tally("t-1", 3)]).await;
        let future = Some(instant(4_000_000_000));
        let contents = store.erase(&Erase { contents_before: future, records_before: None }).await.unwrap();
        assert_eq!((contents.contents, contents.records), (2, 0), "{}", backend.name);
        let history = store.history("d-1").await.unwrap().unwrap();
        assert!(history.content.is_none() && history.outcomes.len() == 1);
        let records = store.erase(&Erase { contents_before: None, records_before: future }).await.unwrap();
        assert_eq!(records.records, 3);
        assert_eq!(store.history("d-1").await.unwrap(), None);
        assert!(store.list_decisions(&DecisionQuery { limit: 9, ..Default::default() }).await.unwrap().is_empty());
        assert_eq!(events_of(store, &seller("s")).await.unwrap().len(), 1, "standings are made of events");
        assert_eq!(store.allowed(TimeRange::default()).await.unwrap(), 3);
        keep(store, &[decision("d-3", "s")]).await;
        assert_eq!(faults(store).await, []);
        let again = store.erase(&Erase { contents_before: None, records_before: Some(instant(1)) }).await.unwrap();
        assert_eq!(again.records, 0, "nothing is that old");
    }
}

#[tokio::test]
async fn any_edit_deletion_or_reorder_is_found_and_its_row_named() {
    type Expected = fn(&[Fault]) -> bool;
    let cases: [(&str, Expected); 10] = [
        ("UPDATE entries SET action = 2 WHERE sequence = 3", |found| *found == [Fault::KeysChanged(3)]),
        ("UPDATE entries SET recorded_at = recorded_at - 1 WHERE sequence = 3", |found| {
            *found == [Fault::HeaderChanged(3)]
        }),
        ("UPDATE entries SET body = (SELECT o.body FROM entries o WHERE o.sequence = 4) WHERE sequence = 3", |found| {
            *found == [Fault::BodyChanged(3)]
        }),
        ("UPDATE entries SET body = NULL WHERE sequence = 3", |found| {
            found.contains(&Fault::BodyMissing(3)) && found.contains(&Fault::KeysChanged(3))
        }),
        (
            "UPDATE entries SET body = NULL, id = NULL, party_kind = NULL, party_id = NULL, area = NULL WHERE sequence = 5",
            |found| *found == [Fault::BodyMissing(5)],
        ),
        ("DELETE FROM entries WHERE sequence = 3", |found| *found == [Fault::Missing { from: 3, to: 3 }]),
        ("DELETE FROM entries WHERE sequence = 1", |found| *found == [Fault::Missing { from: 1, to: 1 }]),
        ("DELETE FROM entries WHERE sequence = 6", |found| *found == [Fault::WrongEnd { last: 5, head: 6 }]),
        (
            "UPDATE entries SET sequence = 99 WHERE sequence = 3; UPDATE entries SET sequence = 3 WHERE sequence = 4; \
             UPDATE entries SET sequence = 4 WHERE sequence = 99",
            |found| {
                [3, 4]
                    .iter()
                    .all(|at| found.contains(&Fault::HeaderChanged(*at)) && found.contains(&Fault::Unlinked(*at)))
            },
        ),
        ("UPDATE contents SET content = (SELECT body FROM entries WHERE sequence = 1)", |found| {
            *found == [Fault::ContentChanged(4)]
        }),
    ];
    for (sql, expected) in cases {
        // The exception: nobody can reach into memory.
        for backend in backends::durable().await {
            let store = &*backend.store;
            keep(store, &[decision("d-1", "s"), decision("d-2", "s"), decision("d-3", "s")]).await;
            store.append(vec![Draft::new(&decision("d-4", "s")).with_content(&listing("l-1"))]).await.unwrap();
            keep(store, &[event("e-1", "s"), decision("d-5", "s")]).await;
            assert_eq!(faults(store).await, []);
            backend.tamper(sql).await;
            let found = faults(store).await;
            assert!(expected(&found), "{}: {sql}: {found:?}", backend.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_at_once_each_get_their_own_answers() {
    for backend in backends::all().await {
        let store = Arc::clone(&backend.store);
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..64 {
            let store = Arc::clone(&store);
            callers.spawn(async move {
                let records: Vec<_> = (0..=caller % 3)
                    .map(|number| event(&format!("{caller}-{number}"), &format!("s-{caller}")))
                    .collect();
                let kept = keep(&*store, &records).await;
                assert!(kept.len() == records.len() && kept.iter().all(|one| matches!(one, Appended::Kept(_))));
                assert_eq!(events_of(&*store, &seller(&format!("s-{caller}"))).await.unwrap().len(), records.len());
            });
        }
        callers.join_all().await;
        assert_eq!(faults(&*store).await, []);
    }
}

#[tokio::test]
async fn an_older_schema_is_brought_up_to_date_and_a_newer_one_refused() {
    // What the second, the third and the fourth migration made, undone.
    let older = "DROP TABLE contents; DROP INDEX decisions_by_party; DROP INDEX events_by_party; DROP INDEX policies; \
                 ALTER TABLE chains DROP COLUMN recorded_at; \
                 CREATE INDEX entries_by_party ON entries (party_id); CREATE INDEX entries_events ON entries (chain)";
    for backend in backends::durable().await {
        keep(&*backend.store, &[decision("d-1", "s")]).await;
        let (back, ahead) = match backend.location {
            Location::Postgres(_) => {
                ("UPDATE schema_version SET version = 1", "UPDATE schema_version SET version = 99")
            }
            _ => ("PRAGMA user_version = 1", "PRAGMA user_version = 99"),
        };
        backend.tamper(&format!("{older}; {back}")).await;
        let backend = backend.reopened().await;
        assert!(backend.store.history("d-1").await.unwrap().is_some(), "{}", backend.name);
        backend.tamper(ahead).await;
        let refused = open(&backend.location).await.unwrap_err();
        assert_eq!(refused.fault, StoreFault::Newer);
        assert!(refused.to_string().contains("schema 99"), "{refused}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_used_says_why_when_it_is_opened() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("text.sqlite");
    std::fs::write(&file, "This is no database at all. ".repeat(100)).unwrap();
    let other = folder.path().join("other.sqlite");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    for (location, fault) in [
        (Location::Sqlite(file), StoreFault::Corrupt),
        (Location::Sqlite(other), StoreFault::Location),
        (Location::Sqlite("/dev/null/records.sqlite".into()), StoreFault::Unreachable),
        (Location::Postgres("postgres://root@127.0.0.1:1/test".into()), StoreFault::Unreachable),
        (Location::Postgres("postgres://root@127.0.0.1/test?unknown=1".into()), StoreFault::Location),
    ] {
        assert_eq!(open(&location).await.unwrap_err().fault, fault, "{location}");
    }
    if backends::Schema::create().await.is_none() {
        return;
    }
    for (url, fault) in [
        ("postgres://nobody_of_this_name@127.0.0.1/test", StoreFault::AccessDenied),
        ("postgres://root@127.0.0.1/no_such_database", StoreFault::Location),
    ] {
        assert_eq!(open(&url.parse().unwrap()).await.unwrap_err().fault, fault, "{url}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_replaced_and_nothing_acknowledged_is_lost() {
    let Some(backend) = backends::postgres().await else { return };
    let store = &*backend.store;
    for round in 0..5 {
        keep(store, &[event(&format!("before-{round}"), "s")]).await;
        backend
            .tamper("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = current_schema() AND pid <> pg_backend_pid()")
            .await;
        let mut attempts = 0;
        while store.append(drafts(&[event(&format!("after-{round}"), "s")])).await.is_err() {
            attempts += 1;
            assert!(attempts < 10, "no way back");
        }
    }
    let events = events_of(store, &seller("s")).await;
    let events = match events {
        Ok(events) => events,
        Err(_closed) => events_of(store, &seller("s")).await.unwrap(),
    };
    assert_eq!(events.len(), 10);
    assert_eq!(faults(store).await, []);
}

/// Somebody holds the table, as a network would that swallows packets: ten seconds of real time, because a server's time is nobody's to move.
#[tokio::test]
async fn a_commit_that_does_not_come_is_given_up_and_the_same_record_can_be_sent_again() {
    let Some(backend) = backends::postgres().await else { return };
    let Location::Postgres(url) = &backend.location else { panic!("PostgreSQL") };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let held = tokio::spawn(connection);
    client.batch_execute("BEGIN; LOCK TABLE entries IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let late = tokio::time::timeout(Duration::from_secs(60), backend.store.append(drafts(&[event("e-1", "s")]))).await;
    let fault = late.expect("whoever waits gets an answer").unwrap_err();
    assert_eq!((fault.fault, fault.detail.as_str()), (StoreFault::Unreachable, "no commit in time"));
    client.batch_execute("ROLLBACK").await.unwrap();
    held.abort();
    keep(&*backend.store, &[event("e-1", "s")]).await;
    assert_eq!(events_of(&*backend.store, &seller("s")).await.unwrap().len(), 1);
    assert_eq!(faults(&*backend.store).await, []);
}

#[tokio::test]
async fn identifiers_may_hold_any_character() {
    for backend in backends::all().await {
        let store = &*backend.store;
        for id in ["nul\0inside", "back\\slash", "\\0", "'; DROP TABLE entries; --", "ö😀\u{202e}", " "] {
            keep(store, &[decision(id, id), event(id, id), outcome(&format!("o-{id}"), id)]).await;
            let again = keep(store, &[event(id, id)]).await;
            assert_eq!(again, [Appended::Duplicate], "{} {id:?}", backend.name);
            assert_eq!(store.history(id).await.unwrap().unwrap().outcomes.len(), 1, "{} {id:?}", backend.name);
            assert_eq!(events_of(store, &seller(id)).await.unwrap()[0].record.event_id, id);
            let query = DecisionQuery { party: Some(seller(id)), limit: 9, ..DecisionQuery::default() };
            assert_eq!(ids(&store.list_decisions(&query).await.unwrap()), [id]);
        }
        assert_eq!(faults(store).await, []);
    }
}

#[tokio::test]
async fn kinds_are_read_on_together_or_apart() {
    for backend in backends::all().await {
        let store = &*backend.store;
        keep(store, &samples::every_kind()).await;
        let both = [RecordKind::Outcome, RecordKind::Notice];
        let tail = store.since(&Cursor::default(), &both, 10).await.unwrap();
        assert_eq!(tail.entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), both, "{}", backend.name);
    }
}

#[tokio::test]
async fn events_of_a_party_come_page_by_page_from_every_chain_once_and_in_order() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let others = if backend.name == "postgres" {
            vec![backend.replica().await, backend.replica().await]
        } else {
            Vec::new()
        };
        for round in 0..5 {
            let event = |at: i32| event(&format!("e-{round}-{at}"), if at % 3 == 0 { "other" } else { "s" });
            let all: Vec<Record> = (0..12).map(event).collect();
            let (own, rest) = all.split_at(if others.is_empty() { 12 } else { 4 });
            let mut writing = vec![keep(store, own)];
            writing.extend(others.iter().zip(rest.chunks(4)).map(|(other, part)| keep(&**other, part)));
            for written in futures(writing).await {
                assert!(written.iter().all(|one| matches!(one, Appended::Kept(_))));
            }
        }
        let events = events_of(store, &seller("s")).await.unwrap();
        let named: HashSet<&str> = events.iter().map(|event| event.record.event_id.as_str()).collect();
        assert_eq!((events.len(), named.len()), (40, 40), "{}", backend.name);
        let whole = store.standing_events(&seller("s"), None, 1000).await.unwrap();
        assert_eq!(whole, (events.clone(), None), "the size of a page changes nothing");
        for pair in events.windows(2).filter(|pair| pair[0].link.chain == pair[1].link.chain) {
            assert!(pair[0].link.sequence < pair[1].link.sequence);
        }
        assert_eq!(store.standing_events(&seller("s"), None, 40).await.unwrap().0.len(), 40);
        assert!(events_of(store, &seller("nobody")).await.unwrap().is_empty());
    }
}

/// Waits for all of them at once.
async fn futures<T>(all: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (one, done) in all.iter_mut().zip(&mut done).filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(answer) = one.as_mut().poll(context) {
                *done = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_bulk_with_known_records_anywhere_keeps_the_others_in_one_chain_without_gaps() {
    for backend in backends::all().await {
        let store = &*backend.store;
        let name = |number: usize| event(&format!("e-{number}"), "s");
        // Known are the first, some in the middle, one at the end of 32, a whole run, and one twice within the bulk.
        let known = [0, 31, 40, 64, 65, 66, 95, 100, 299];
        keep(store, &known.map(name)).await;
        let mut bulk: Vec<Record> = (0..300).map(name).collect();
        bulk.insert(200, name(150));
        bulk.insert(140, decision("d-1", "s"));
        let content = Draft::new(&decision("d-2", "s")).with_content(&listing("l-1"));
        let mut bulk = drafts(&bulk);
        bulk.insert(130, content);
        let answers = store.append(bulk).await.unwrap();
        let kept: Vec<u64> = answers
            .iter()
            .filter_map(|answer| match answer {
                Appended::Kept(place) => Some(place.sequence),
                Appended::Duplicate => None,
            })
            .collect();
        assert_eq!(answers.len(), 303);
        assert_eq!(kept, (10..10 + 303 - 10).collect::<Vec<u64>>(), "{}", backend.name);
        assert_eq!(events_of(store, &seller("s")).await.unwrap().len(), 300);
        assert!(store.history("d-2").await.unwrap().unwrap().content.is_some(), "{}", backend.name);
        assert_eq!(faults(store).await, []);
    }
}

/// A clock that is set by hand.
fn clock() -> (Clock, Arc<std::sync::atomic::AtomicI64>) {
    let seconds = Arc::new(std::sync::atomic::AtomicI64::new(1_795_262_400));
    let read = Arc::clone(&seconds);
    let now = move || Timestamp { seconds: read.load(std::sync::atomic::Ordering::SeqCst), nanos: 5 };
    (Clock::new(now), seconds)
}

#[tokio::test]
async fn a_clock_that_is_set_back_loses_nothing_reorders_nothing_and_erases_nothing_early() {
    const DAY: i64 = 24 * 3600;
    for backend in backends::all().await {
        let (clock, time) = clock();
        let set = |to: i64| time.store(to, std::sync::atomic::Ordering::SeqCst);
        let right = 1_795_262_400;
        let store = open_with(&backend.location, clock.clone()).await.unwrap();
        let other = if backend.name == "memory" { Arc::clone(&store) } else { backend.replica().await };
        keep(&*store, &[decision("d-1", "s"), outcome("o-1", "d-1"), event("e-1", "s")]).await;
        let mut cursor = Cursor::default();
        other.heads().await.unwrap().iter().for_each(|head| cursor.advance(&head.chain, head.sequence));
        // Two years back, as a machine that starts without knowing the time; and started anew, so that nothing is remembered.
        set(right - 730 * DAY);
        let store = if backend.name == "memory" {
            store
        } else {
            drop(store);
            open_with(&backend.location, clock.clone()).await.unwrap()
        };
        keep(&*store, &[notice("n-1", "d-1"), outcome("o-2", "d-1"), event("e-2", "s"), decision("d-2", "s")]).await;
        let about = store.about("d-1").await.unwrap();
        let order: Vec<_> = about.iter().filter_map(|entry| entry.keys.id.as_deref()).collect();
        assert_eq!(order, ["o-1", "n-1", "o-2"], "{}", backend.name);
        let times: Vec<Timestamp> = about.iter().map(|entry| entry.link.recorded_at).collect();
        assert!(times.is_sorted() && times[2].seconds == right, "{times:?}");
        let (events, _) = other.events_since(&cursor, 100).await.unwrap();
        assert_eq!(events.len(), 1, "whoever follows misses nothing");
        // The clock is right again, and whatever is older than a year is erased: nothing is.
        set(right + DAY);
        let year = Timestamp { seconds: right + DAY - 365 * DAY, nanos: 0 };
        let what = Erase { contents_before: Some(year), records_before: Some(year) };
        assert_eq!(store.erase(&what).await.unwrap().records, 0, "{}", backend.name);
        keep(&*store, &[event("e-3", "s")]).await;
        assert_eq!(events_of(&*store, &seller("s")).await.unwrap().len(), 3);
        // A year later it is.
        let later = Timestamp { seconds: right + 1, nanos: 0 };
        assert_eq!(store.erase(&Erase { records_before: Some(later), ..what }).await.unwrap().records, 5);
        assert!(store.heads().await.unwrap().iter().all(|head| head.digest != Digest::ZERO));
        assert_eq!(faults(&*store).await, []);
    }
}

//! Runs hold every event once and in order, also where one ends and the next begins; and SQLite reads them by their index.

use super::*;
use crate::domain::{EventKind, Record, StandingEvent, SubjectKind, Timestamp};
use crate::store::{Appended, Clock, Draft, Store};

use super::super::SqliteStore;

/// The first entry of a second short run, of the first long run and of the second one.
const BEGINNINGS: [i64; 3] = [1 << SHORT, SHORT_UNTIL, SHORT_UNTIL + (1 << LONG)];

fn seller(id: &str) -> Subject {
    Subject { kind: SubjectKind::Seller, id: id.to_owned() }
}

fn event(id: String, seller_id: &str) -> Draft {
    Draft::new(&Record::Event(StandingEvent {
        event_id: id,
        subject: seller(seller_id),
        kind: EventKind::ContentRemoved,
        area: None,
        count: 1,
        occurred_at: Timestamp::default(),
    }))
}

/// A store with six events around each of the beginnings, three of the seller `s` and one each of three others; as if all before had been others'.
async fn around_beginnings(folder: &tempfile::TempDir) -> (SqliteStore, Connection, Vec<Place>) {
    let path = folder.path().join("records.sqlite");
    let store = SqliteStore::open(&path, Clock::default()).unwrap();
    store.append(vec![event("e-0".into(), "s")]).await.unwrap();
    let beside = Connection::open(&path).unwrap();
    let mut places = Vec::new();
    for beginning in BEGINNINGS {
        beside.execute("UPDATE chains SET sequence = ?1", [beginning - 4]).unwrap();
        let sellers = ["s", "a", "s", "t", "s", "z"];
        let events = sellers.iter().enumerate().map(|(at, seller)| event(format!("e-{beginning}-{at}"), seller));
        for (appended, seller) in store.append(events.collect()).await.unwrap().into_iter().zip(sellers) {
            let Appended::Kept(place) = appended else { panic!("{appended:?}") };
            places.extend((seller == "s").then_some(place));
        }
    }
    (store, beside, places)
}

#[test]
fn runs_follow_on_each_other_and_the_index_says_the_same() {
    let connection = Connection::open_in_memory().unwrap();
    let sql = format!("SELECT {RUN} FROM (SELECT ?1 AS sequence) e");
    let in_sql = |sequence: i64| connection.query_row(&sql, [sequence], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(run(0), 0);
    for beginning in BEGINNINGS {
        assert_eq!(run(beginning), run(beginning - 1) + 1);
        for sequence in [beginning - 1, beginning, beginning + 1] {
            assert_eq!(in_sql(sequence), run(sequence));
        }
    }
    assert_eq!((run(1_000_000), run(10_000_000)), (15, 69), "as few looks as is said above");
    assert_eq!(in_sql(i64::MAX), run(i64::MAX));
}

#[tokio::test]
async fn events_of_a_party_come_in_order_over_the_ends_of_runs_in_pages_of_any_size() {
    let folder = tempfile::TempDir::new().unwrap();
    let (store, _, mut expected) = around_beginnings(&folder).await;
    expected.insert(0, Place { chain: expected[0].chain.clone(), sequence: 1 });
    for page in 1..12 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let events = store.events_of(&seller("s"), after.as_ref(), page).await.unwrap();
            assert!(events.len() <= page);
            let Some(last) = events.last() else { break };
            after = Some(last.place());
            seen.extend(events.iter().map(Entry::place));
        }
        assert_eq!(seen, expected, "in pages of {page}");
    }
    let elsewhere = Place { chain: "a chain that is not here".to_owned(), sequence: 7 };
    let all = store.events_of(&seller("s"), Some(&elsewhere), 100).await.unwrap();
    assert_eq!(all.len(), expected.len(), "who has read nothing of these chains reads all of them");
}

#[tokio::test]
async fn parties_of_all_runs_are_named_once_in_pages_of_any_size() {
    let folder = tempfile::TempDir::new().unwrap();
    let (store, ..) = around_beginnings(&folder).await;
    for page in 1..6 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let parties = store.parties(after.as_ref(), page).await.unwrap();
            assert!(parties.len() <= page);
            let Some(last) = parties.last() else { break };
            after = Some(last.clone());
            seen.extend(parties);
        }
        assert_eq!(seen, ["a", "s", "t", "z"].map(seller), "in pages of {page}");
    }
    assert!(store.parties(None, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_party_is_looked_up_and_no_event_of_another_is_read() {
    let folder = tempfile::TempDir::new().unwrap();
    let (_store, beside, _) = around_beginnings(&folder).await;
    let plan = |sql: &str| {
        let mut query = beside.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let values = vec![rusqlite::types::Value::Null; query.parameter_count()];
        let steps = query.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    let events = plan(&events_sql());
    let look = "events_by_party (chain=? AND <expr>=? AND party_id=? AND party_kind=? AND rowid>?)";
    assert!(events.contains(look), "{events}");
    let parties = plan(&parties_sql());
    assert!(
        parties.contains("INDEX events_by_party (chain=? AND <expr>=? AND (party_id,party_kind)>(?,?))"),
        "{parties}"
    );
    // Chains are one, then its runs in their order, then what is looked for in each: nothing is left to be sorted.
    let order = ["SCAN runs", look].map(|step| events.rfind(step));
    assert!(order.is_sorted() && order[0].is_some(), "{events}");
    assert!(!events.contains("TEMP B-TREE") && !parties.contains("TEMP B-TREE"), "{events}; {parties}");
}

//! `dsa-signal decisions`: against a store that a real service has written.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what is expected of a command is what is tested")]

#[path = "cli/run.rs"]
mod run;
mod support;

use std::sync::Arc;

use dsa_signal::domain::{Content, Listing, Record};
use dsa_signal::policy;
use dsa_signal::service::{PolicyHandle, RecordPolicy, Recorder, now};
use dsa_signal::store::{Draft, Location, open};
use run::{Folder, pack};

/// A store with four decisions of the pack of the command-line tests, one of them without content.
fn recorded(folder: &Folder) -> String {
    let path = folder.path("records.sqlite");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(&Location::Sqlite(path.clone())).await.unwrap();
        let source = policy::PackSource::from_dir(std::path::Path::new(&pack())).unwrap();
        let (pack, _) = policy::compile(&source).ok().unwrap();
        let handle = Arc::new(PolicyHandle::new(pack, now()));
        for (number, title) in ["pills and more pills", "pills", "a chair", "pills"].into_iter().enumerate() {
            let record = RecordPolicy { sample_allowed: 1.0, store_content: number != 1, ..RecordPolicy::default() };
            let recorder = Arc::new(Recorder::new(Arc::clone(&store), record, None));
            let listing = Listing {
                listing_id: format!("l-{number}"),
                seller_id: "s-1".into(),
                title: title.into(),
                ..Listing::default()
            };
            support::scorer(&handle).with_recorder(recorder).score(Content::Listing(listing), None).await.unwrap();
        }
    });
    format!("sqlite:{}", path.display())
}

fn sql(store: &str, sql: &str) {
    rusqlite::Connection::open(store.strip_prefix("sqlite:").unwrap()).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn what_the_digest_of_a_policy_stands_for_is_told_with_its_time() {
    let folder = Folder::new();
    let path = folder.path("records.sqlite");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let digest = runtime.block_on(async {
        let store = open(&Location::Sqlite(path.clone())).await.unwrap();
        let handle = PolicyHandle::new(support::pack("d1"), now());
        // Twice, as by a service that was started again.
        let versions = [handle.version(), handle.version()].map(|version| Draft::new(&Record::Policy(version)));
        store.append(versions.into()).await.unwrap();
        handle.snapshot().pack.reference.digest.clone()
    });
    let told = folder.run(&["decisions", "policies", "--store", &format!("sqlite:{}", path.display())]);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!((told.code, lines.len()), (0, 2), "a start under the same pack is no news: {told:?}");
    assert!(lines[1].starts_with("20") && lines[1].contains(&digest), "{told:?}");
}

#[test]
fn decisions_are_listed_shown_and_exported() {
    let folder = Folder::new();
    let store = recorded(&folder);
    let listed = folder.run(&["decisions", "list", "--store", &store, "--json"]);
    assert_eq!((listed.code, listed.lines().len()), (0, 4), "{listed:?}");
    let newest = listed.lines()[0].clone();
    assert_eq!(newest["assessment"]["subject"]["id"], "l-3");
    let table = folder.run(&["decisions", "list", "--store", &store, "--limit", "2"]);
    assert_eq!(table.out.lines().count(), 3, "{table:?}");
    assert!(table.out.starts_with("RECORDED") && table.out.contains("l-3") && !table.out.contains("l-1"));
    let shown = folder.run(&["decisions", "show", newest["decision_id"].as_str().unwrap(), "--store", &store]);
    assert_eq!(shown.json()["listing"]["title"], "pills");
    let exported = folder.run(&["decisions", "export", "--store", &store, "--seller", "s-1"]);
    assert_eq!(exported.lines().len(), 4);
    let none = folder.run(&["decisions", "export", "--store", &store, "--seller", "s-1", "--until", "2020-01-01"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
    let unknown = folder.run(&["decisions", "show", "nothing", "--store", &store]);
    assert!(unknown.code == 1 && unknown.err.contains("no record of nothing"), "{unknown:?}");
}

#[test]
fn a_check_proves_the_record_or_names_the_entry_that_was_changed() {
    let folder = Folder::new();
    let store = recorded(&folder);
    let well = folder.run(&["decisions", "verify", "--store", &store, "--replay", "--policy", &pack()]);
    assert_eq!(well.code, 0, "{well:?}");
    assert!(
        well.out.contains("3 the same, 0 different, 0 under another policy pack, 1 without content"),
        "{}",
        well.out
    );
    assert!(well.out.ends_with("ok: 4 entries in 1 chain checked\n"), "{}", well.out);
    let head = well.out.lines().find_map(|line| line.trim().strip_prefix("head ")).unwrap().to_owned();
    let other = folder.run(&["decisions", "verify", "--store", &store, "--replay"]);
    assert!(other.code == 0 && other.out.contains("3 under another policy pack"), "{other:?}");
    let expected = folder.run(&["decisions", "verify", "--store", &store, "--expect", &head]);
    assert_eq!(expected.code, 0, "{expected:?}");

    // Somebody cuts off the end and puts the head right: only a head that was kept elsewhere shows it.
    sql(
        &store,
        "DELETE FROM entries WHERE sequence = 4; DELETE FROM contents WHERE sequence = 4; UPDATE chains SET sequence = 3, \
         digest = (SELECT digest FROM entries WHERE sequence = 3)",
    );
    assert_eq!(folder.run(&["decisions", "verify", "--store", &store]).code, 0);
    let cut = folder.run(&["decisions", "verify", "--store", &store, "--expect", &head]);
    assert!(cut.code == 1 && cut.out.contains("entry 4 is not the one that was noted down"), "{cut:?}");

    sql(&store, "UPDATE entries SET party_id = 's-2' WHERE sequence = 2");
    let changed = folder.run(&["decisions", "verify", "--store", &store]);
    assert!(changed.code == 1 && changed.out.contains("entry 2 was changed: its columns"), "{changed:?}");
    let wrong = folder.run(&["decisions", "verify", "--store", &store, "--expect", "x"]);
    assert!(wrong.code == 1 && wrong.err.contains("CHAIN:SEQUENCE:DIGEST"), "{wrong:?}");
}

#[test]
fn what_is_old_is_erased_and_the_rest_still_proven() {
    let folder = Folder::new();
    let store = recorded(&folder);
    let contents = folder.run(&["decisions", "erase", "--before", "2100-01-01", "--contents-only", "--store", &store]);
    assert!(contents.code == 0 && contents.err.contains("3 contents and 0 records erased"), "{contents:?}");
    let records = folder.run(&["decisions", "erase", "--before", "2100-01-01T00:00:00Z", "--store", &store]);
    assert!(records.err.contains("0 contents and 4 records erased"), "{records:?}");
    assert_eq!(folder.run(&["decisions", "list", "--store", &store, "--json"]).out, "");
    let proven = folder.run(&["decisions", "verify", "--store", &store]);
    assert!(proven.code == 0 && proven.out.contains("5 entries"), "{proven:?}");
    let wrong = folder.run(&["decisions", "erase", "--before", "yesterday", "--store", &store]);
    assert!(wrong.code == 1 && wrong.err.contains("\"yesterday\" is no time"), "{wrong:?}");
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = Folder::new();
    let missing = folder.run(&["decisions", "list", "--store", "sqlite:none.sqlite"]);
    assert!(missing.code == 1 && missing.err.contains("there is no store at sqlite:none.sqlite"), "{missing:?}");
    assert!(!folder.path("none.sqlite").exists());
    let wrong = folder.run(&["decisions", "list", "--store", "none.sqlite"]);
    assert!(wrong.code == 1 && wrong.err.contains("sqlite:PATH"), "{wrong:?}");
}

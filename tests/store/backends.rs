//! One store of each kind, empty, for one test.
//!
//! Not here: assertions. Kept true: every test has stores of its own, gone afterwards; where PostgreSQL is missing the test says so, and fails if
//! `DSA_SIGNAL_REQUIRE_POSTGRES=1`.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test without its store has failed")]

use std::sync::Arc;

use dsa_signal::store::{Location, Store, open};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Where the tests' PostgreSQL is.
pub const POSTGRES: &str = "postgres://root@127.0.0.1:5432/test";

/// A store with what must outlive it.
pub struct Backend {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    pub location: Location,
    place: Place,
}

enum Place {
    Nowhere,
    Folder(#[expect(dead_code, reason = "removed when dropped")] TempDir),
    Schema(Schema),
}

/// A schema of its own in the tests' database; dropped with it.
pub struct Schema {
    pub url: String,
    name: String,
}

impl Schema {
    /// `None` if there is no PostgreSQL and none is required.
    pub async fn create() -> Option<Self> {
        let required = std::env::var("DSA_SIGNAL_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        let name = format!("dsa_{}", uuid::Uuid::now_v7().simple());
        match tokio_postgres::connect(POSTGRES, NoTls).await {
            Ok((client, connection)) => {
                let running = tokio::spawn(connection);
                client.batch_execute(&format!("CREATE SCHEMA {name}")).await.unwrap();
                running.abort();
                Some(Schema { url: format!("{POSTGRES}?options=-csearch_path%3D{name}&application_name={name}"), name })
            }
            Err(error) if required => panic!("PostgreSQL is required and not there: {error}"),
            Err(_) => {
                eprintln!("skipped for PostgreSQL: there is none at {POSTGRES}");
                None
            }
        }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        // A runtime of its own: this one may be ending.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(POSTGRES, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(&sql).await.unwrap();
            });
        });
        let _panicked = dropped.join();
    }
}

/// Every backend that is there.
pub async fn all() -> Vec<Backend> {
    let mut backends = vec![memory().await];
    backends.extend(durable().await);
    backends
}

/// Those that outlive a process.
pub async fn durable() -> Vec<Backend> {
    let mut backends = vec![sqlite().await];
    backends.extend(postgres().await);
    backends
}

pub async fn memory() -> Backend {
    let location = Location::Memory;
    Backend { name: "memory", store: open(&location).await.unwrap(), location, place: Place::Nowhere }
}

pub async fn sqlite() -> Backend {
    let folder = TempDir::new().unwrap();
    let location = Location::Sqlite(folder.path().join("deep/records.sqlite"));
    Backend { name: "sqlite", store: open(&location).await.unwrap(), location, place: Place::Folder(folder) }
}

pub async fn postgres() -> Option<Backend> {
    let schema = Schema::create().await?;
    let location = Location::Postgres(schema.url.clone());
    Some(Backend { name: "postgres", store: open(&location).await.unwrap(), location, place: Place::Schema(schema) })
}

impl Backend {
    /// Closes it and opens it again.
    pub async fn reopened(self) -> Self {
        let Backend { name, store, location, place } = self;
        if name == "memory" {
            return Backend { name, store, location, place };
        }
        drop(store);
        Backend { name, store: open(&location).await.unwrap(), location, place }
    }

    /// A second store in the same place, as another replica would open it.
    pub async fn replica(&self) -> Arc<dyn Store> {
        open(&self.location).await.unwrap()
    }

    /// Runs SQL in it, as somebody with access to the file or the database could.
    pub async fn tamper(&self, sql: &str) {
        match &self.location {
            Location::Memory => panic!("nobody can reach into memory"),
            Location::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
            Location::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
                let running = tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
                running.abort();
            }
        }
    }
}

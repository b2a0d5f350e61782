//! The schema of the database, and how an older one becomes this one.
//!
//! Not here: what the tables hold (`migrations/postgres/`). Kept true: a migration happens once and wholly, also if ten replicas start at the same
//! time; a database of a newer version is left as it is.

use deadpool_postgres::Object;

use super::super::error::{StoreError, StoreFault};
use super::error;

/// In the order of versions, the first one being 1.
const MIGRATIONS: [&str; 4] = [
    include_str!("../../../migrations/postgres/0001_records.sql"),
    include_str!("../../../migrations/postgres/0002_contents.sql"),
    include_str!("../../../migrations/postgres/0003_parties.sql"),
    include_str!("../../../migrations/postgres/0004_ends.sql"),
];

/// Whoever migrates holds this advisory lock until its transaction ends.
const LOCK: i64 = 0x6473_615f_7369_676e;

/// Brings the database (the first schema of its search path) to the newest version.
pub(super) async fn migrate(client: &mut Object) -> Result<(), StoreError> {
    let transaction = client.transaction().await.map_err(error)?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(error)?;
    let sql = "SELECT to_regclass(quote_ident(current_schema()) || '.schema_version') IS NOT NULL";
    let known: Option<bool> = transaction.query_one(sql, &[]).await.map_err(error)?.get(0);
    if known != Some(true) {
        let sql = "CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (0)";
        transaction.batch_execute(sql).await.map_err(error)?;
    }
    let sql = "SELECT max(version) FROM schema_version";
    let version: Option<i32> = transaction.query_one(sql, &[]).await.map_err(error)?.get(0);
    let newest = MIGRATIONS.len();
    let from = match usize::try_from(version.unwrap_or(0)) {
        Ok(version) if version <= newest => version,
        _ => {
            transaction.rollback().await.map_err(error)?; // now, not when the connection gets to it: others wait for the lock
            let detail = format!("schema {}, known up to {newest}", version.unwrap_or(0));
            return Err(StoreError::new(StoreFault::Newer, detail));
        }
    };
    for sql in MIGRATIONS.iter().skip(from) {
        transaction.batch_execute(sql).await.map_err(error)?;
    }
    if from < newest {
        let newest = i32::try_from(newest).unwrap_or(i32::MAX);
        transaction.execute("UPDATE schema_version SET version = $1", &[&newest]).await.map_err(error)?;
    }
    transaction.commit().await.map_err(error)
}

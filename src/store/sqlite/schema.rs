//! The schema of the file, and how an older one becomes this one.
//!
//! Not here: what the tables hold (`migrations/sqlite/`). Kept true: a migration happens once and wholly, also if two processes open the file at
//! the same time; a file of a newer version, or of another program, is left as it is.

use rusqlite::{Connection, TransactionBehavior};

use super::super::error::{StoreError, StoreFault};
use super::error;

/// `dsas`: tells our files from others'.
const APPLICATION: i64 = 0x6473_6173;

/// In the order of versions, the first one being 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("../../../migrations/sqlite/0001_records.sql"),
    include_str!("../../../migrations/sqlite/0002_contents.sql"),
    include_str!("../../../migrations/sqlite/0003_parties.sql"),
    include_str!("../../../migrations/sqlite/0004_ends.sql"),
    include_str!("../../../migrations/sqlite/0005_runs.sql"),
];

/// Brings the file to the newest version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    migrate_to(connection, MIGRATIONS.len())
}

/// Brings the file to a version that is not older than its own.
pub(super) fn migrate_to(connection: &mut Connection, target: usize) -> Result<(), StoreError> {
    // A file that is up to date is not written, so that it can be opened while somebody else writes.
    if version(connection)? == target {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(error)?;
    let from = version(&transaction)?; // again, now that nobody else can change it
    for sql in MIGRATIONS.iter().take(target).skip(from) {
        transaction.execute_batch(sql).map_err(error)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION).map_err(error)?;
    transaction.pragma_update(None, "user_version", i64::try_from(target).unwrap_or(0)).map_err(error)?;
    transaction.commit().map_err(error)
}

/// The version of the file; 0 = empty.
fn version(connection: &Connection) -> Result<usize, StoreError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).map_err(error);
    let (version, application) = (number("user_version")?, number("application_id")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(error)?;
    if application != APPLICATION && (tables > 0 || version > 0) {
        return Err(StoreError::new(StoreFault::Location, "the file belongs to another program"));
    }
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(StoreError::new(StoreFault::Newer, format!("schema {version}, known up to {}", MIGRATIONS.len()))),
    }
}

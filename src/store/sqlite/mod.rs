//! SQLite: one file, no server. The default.
//!
//! Not here: SQL of writing (`writer.rs`) and reading (`queries.rs`). Kept true: one thread writes and shares commits; readers never
//! wait for it (WAL); a commit is on disk before it is answered (`synchronous = FULL`).
//!
//! rusqlite and not sqlx: SQLite is a library, and a thread that owns its connection is all the concurrency that writing can
//! have. rusqlite gives that thread the library itself, bundled, so that a C compiler is all that a build needs.

mod checkpoint;
mod queries;
mod rows;
mod runs;
mod schema;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{Semaphore, mpsc, watch};

use super::chain::Head;
use super::clock::Clock;
use super::entry::{DecisionQuery, Entry, Erase, Erased, Place, Tail, TimeRange};
use super::error::{StoreError, StoreFault};
use super::group::{self, Job};
use super::{Answer, Appended, Cursor, Draft, Store};
use crate::domain::{RecordKind, Subject};
use checkpoint::Checkpointer;
use writer::Writer;

/// Drafts that wait for the writer; whoever comes later waits outside.
const QUEUE: usize = 1024;
/// Connections that read at a time.
const READERS: usize = 4;
/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// Keeps records in a file.
#[derive(Debug)]
pub(in crate::store) struct SqliteStore {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Readers>,
    changes: watch::Sender<u64>,
    /// Joined on drop, so that the file is closed when the store is gone.
    writing: Option<thread::JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens a file; makes it, and its folder, if there is none.
    pub(in crate::store) fn open(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        Self::open_with(path, clock, |_| Ok(()))
    }

    fn open_with(
        path: &Path,
        clock: Clock,
        prepare: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<Self, StoreError> {
        create(path)?;
        let mut connection = connect(path)?;
        schema::migrate(&mut connection)?;
        connection.execute_batch(WRITING).map_err(error)?;
        prepare(&connection).map_err(error)?;
        let changes = watch::Sender::new(0);
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let checkpointer = Checkpointer::start(path)?;
        let writer = Writer { connection, clock, jobs: waiting, changes: changes.clone(), checkpointer };
        let writing = thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || writer.run())
            .map_err(|_| StoreError::new(StoreFault::Defect, "no thread"))?;
        let readers = Readers { path: path.to_owned(), idle: Mutex::default(), places: Semaphore::new(READERS) };
        Ok(SqliteStore { jobs, readers: Arc::new(readers), changes, writing: Some(writing) })
    }

    /// Asks something on a connection of its own.
    fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<'_, T> {
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            let gone = |_| StoreError::new(StoreFault::Defect, "the readers have ended");
            let _place = self.readers.places.acquire().await.map_err(gone)?;
            let asked = tokio::task::spawn_blocking(move || readers.with(ask)).await;
            asked.unwrap_or_else(|_| Err(StoreError::new(StoreFault::Defect, "a reader has panicked")))
        })
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        // Without senders, the writer ends after what it has been given.
        self.jobs = mpsc::channel(1).0;
        if let Some(writing) = self.writing.take() {
            let _panicked = writing.join();
        }
    }
}

/// Connections that only read.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Semaphore,
}

impl Readers {
    fn with<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path)?,
        };
        let answer = ask(&connection)?; // one that failed is not used again
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
        Ok(answer)
    }
}

/// For the connection that writes. Records come in the order of time and their keys in none, so a group touches pages all over the indexes:
/// with the library's 2 MB of cache and a checkpoint every 4 MB, most of what is written is the same pages again. Measured with these
/// statements and 400,000 events: a third less time, and less than a third of the time in the system. The log may grow to 64 MB instead.
///
/// The one foreign key of a row is the chain that its transaction has just read: looking it up again for each row took a seventh of a bulk.
const WRITING: &str = "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384; PRAGMA foreign_keys = OFF;";

/// Makes the file and its folder, for nobody else to read: what stands in it is about people.
fn create(path: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| {
        let fault = match error.kind() {
            std::io::ErrorKind::PermissionDenied => StoreFault::AccessDenied,
            std::io::ErrorKind::ReadOnlyFilesystem => StoreFault::ReadOnly,
            std::io::ErrorKind::StorageFull => StoreFault::Full,
            _ => StoreFault::Unreachable,
        };
        StoreError::new(fault, path.display().to_string())
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.write(true).create_new(true).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(error)?;
    connection.busy_timeout(BUSY).map_err(error)?;
    connection.set_prepared_statement_cache_capacity(32);
    // Erased content must not stay readable in free pages.
    let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;";
    connection.execute_batch(settings).map_err(error)?;
    Ok(connection)
}

/// A fault of the library, without its words: they may quote values.
fn error(error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode as Code;
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::new(StoreFault::Corrupt, "a column of another type");
    };
    let fault = match code {
        Code::DiskFull => StoreFault::Full,
        Code::ReadOnly => StoreFault::ReadOnly,
        Code::PermissionDenied => StoreFault::AccessDenied,
        Code::DatabaseCorrupt | Code::NotADatabase => StoreFault::Corrupt,
        Code::DatabaseBusy | Code::DatabaseLocked => StoreFault::Busy,
        Code::CannotOpen | Code::SystemIoFailure => StoreFault::Unreachable,
        _ => StoreFault::Defect,
    };
    let number = error.sqlite_extended_error_code().unwrap_or_default();
    StoreError::new(fault, format!("SQLite result {number}"))
}

impl Store for SqliteStore {
    fn append(&self, drafts: Vec<Draft>) -> Answer<'_, Vec<Appended>> {
        group::ask(&self.jobs, |answer| Job::Append { drafts, answer })
    }

    fn find<'a>(&'a self, kind: RecordKind, id: &'a str) -> Answer<'a, Option<Entry>> {
        let id = id.to_owned();
        self.read(move |connection| queries::find(connection, kind, &id))
    }

    fn about<'a>(&'a self, decision_id: &'a str) -> Answer<'a, Vec<Entry>> {
        let decision_id = decision_id.to_owned();
        self.read(move |connection| queries::about(connection, &decision_id))
    }

    fn decisions<'a>(&'a self, query: &'a DecisionQuery) -> Answer<'a, Vec<Entry>> {
        let query = query.clone();
        self.read(move |connection| queries::decisions(connection, &query))
    }

    fn events_of<'a>(&'a self, party: &'a Subject, after: Option<&'a Place>, limit: usize) -> Answer<'a, Vec<Entry>> {
        let (party, after) = (party.clone(), after.cloned());
        self.read(move |connection| runs::events_of(connection, &party, after.as_ref(), limit))
    }

    fn parties<'a>(&'a self, after: Option<&'a Subject>, limit: usize) -> Answer<'a, Vec<Subject>> {
        let after = after.cloned();
        self.read(move |connection| runs::parties(connection, after.as_ref(), limit))
    }

    fn since<'a>(&'a self, cursor: &'a Cursor, kinds: &'a [RecordKind], limit: usize) -> Answer<'a, Tail> {
        let (cursor, kinds) = (cursor.clone(), kinds.to_vec());
        self.read(move |connection| queries::since(connection, cursor, &kinds, limit))
    }

    fn allowed(&self, recorded: TimeRange) -> Answer<'_, u64> {
        self.read(move |connection| queries::allowed(connection, recorded))
    }

    fn heads(&self) -> Answer<'_, Vec<Head>> {
        self.read(queries::heads)
    }

    fn chain<'a>(&'a self, chain: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<Entry>> {
        let chain = chain.to_owned();
        self.read(move |connection| queries::chain(connection, &chain, after, limit))
    }

    fn content<'a>(&'a self, place: &'a Place) -> Answer<'a, Option<Vec<u8>>> {
        let place = place.clone();
        self.read(move |connection| queries::content(connection, &place))
    }

    fn erase<'a>(&'a self, what: &'a Erase) -> Answer<'a, Erased> {
        let what = *what;
        group::ask(&self.jobs, move |answer| Job::Erase { what, answer })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

#[cfg(test)]
mod tests;

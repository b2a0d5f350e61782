//! PostgreSQL: one database for many replicas.
//!
//! Not here: SQL of writing (`writer.rs`) and reading (`queries.rs`). Kept true: a commit is on disk before it is answered, whatever the
//! server's default is; a connection that fails is replaced, and nobody restarts anything.
//!
//! tokio-postgres and not sqlx: a group is one `INSERT … SELECT FROM unnest(…)` inside a transaction of ours, and LISTEN runs
//! on a connection of its own; both want the driver itself and nothing around it. Measured beside it, COPY is no faster at the sizes of a group.

mod queries;
mod schema;
mod tail;
mod text;
mod tls;
mod writer;

use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio::sync::{mpsc, watch};
use tokio_postgres::error::SqlState;
use tokio_util::task::AbortOnDropHandle;

use super::chain::Head;
use super::clock::Clock;
use super::entry::{DecisionQuery, Entry, Erase, Erased, Place, Tail, TimeRange};
use super::error::{StoreError, StoreFault};
use super::group::{self, Job};
use super::{Answer, Appended, Cursor, Draft, Store};
use crate::domain::{RecordKind, Subject};
use tls::Reach;
use writer::Writer;

/// Drafts that wait for the writer; whoever comes later waits outside.
const QUEUE: usize = 1024;
/// Connections: one for the writer, the others read.
const CONNECTIONS: usize = 6;
/// For a connection to be made or to become free.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps records in a database.
#[derive(Debug)]
pub(in crate::store) struct PostgresStore {
    pool: Pool,
    jobs: mpsc::Sender<Job>,
    changes: watch::Sender<u64>,
    _writing: AbortOnDropHandle<()>,
    _listening: AbortOnDropHandle<()>,
}

impl PostgresStore {
    /// Connects and brings the schema up to date.
    pub(in crate::store) async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let mut reach = Reach::from_url(url)?;
        let config = &mut reach.config;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("dsa-signal");
        }
        let pool = pool(reach.clone())?;
        schema::migrate(&mut connection(&pool).await?).await?;
        let changes = watch::Sender::new(0);
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let writer = Writer::new(pool.clone(), clock, waiting, changes.clone());
        let listening = tail::listen(reach, changes.clone());
        Ok(PostgresStore {
            pool,
            jobs,
            changes,
            _writing: AbortOnDropHandle::new(tokio::spawn(writer.run())),
            _listening: AbortOnDropHandle::new(tokio::spawn(listening)),
        })
    }
}

fn pool(Reach { config, tls }: Reach) -> Result<Pool, StoreError> {
    // A server that acknowledges before it has written would break our promise; a stricter setting stays. And a plan that
    // was made while the tables were empty reads all of them: kept, it made a commit twenty times slower within a minute.
    let settings = "SELECT set_config('synchronous_commit', 'on', false) \
                    WHERE current_setting('synchronous_commit') IN ('off', 'local'); \
                    SET plan_cache_mode = force_custom_plan; SET jit = off";
    let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(move |client, _| {
            Box::pin(async move { client.batch_execute(settings).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|_| StoreError::new(StoreFault::Defect, "no pool"))
}

async fn connection(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|failed| match failed {
        PoolError::Backend(failed) | PoolError::PostCreateHook(HookError::Backend(failed)) => error(failed),
        PoolError::Timeout(_) => StoreError::new(StoreFault::Unreachable, "no connection in time"),
        _ => StoreError::new(StoreFault::Defect, "no connection"),
    })
}

/// A fault of the server or the connection, without its words: they may quote values.
fn error(error: tokio_postgres::Error) -> StoreError {
    let Some(code) = error.code() else {
        // Not from the server: the connection, or (wrong types) we.
        let lost = error.is_closed() || std::error::Error::source(&error).is_some();
        if is_tls(&error) {
            return StoreError::new(
                StoreFault::Unreachable,
                "no connection that is encrypted with a server that proves its name",
            );
        }
        let fault = if lost { StoreFault::Unreachable } else { StoreFault::AccessDenied };
        return StoreError::new(fault, "no answer of the server");
    };
    let fault = match code.code().get(..2).unwrap_or_default() {
        _ if *code == SqlState::INSUFFICIENT_PRIVILEGE => StoreFault::AccessDenied,
        "28" => StoreFault::AccessDenied,
        "3D" | "3F" => StoreFault::Location,
        _ if *code == SqlState::DISK_FULL => StoreFault::Full,
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreFault::ReadOnly,
        _ if *code == SqlState::QUERY_CANCELED || *code == SqlState::LOCK_NOT_AVAILABLE => StoreFault::Busy,
        "08" | "53" | "57" => StoreFault::Unreachable,
        "40" => StoreFault::Busy,
        "XX" => StoreFault::Corrupt,
        _ => StoreFault::Defect,
    };
    StoreError::new(fault, format!("SQLSTATE {}", code.code()))
}

/// True for a server that offers no encryption, or not with a certificate that we can check.
fn is_tls(error: &tokio_postgres::Error) -> bool {
    use tokio_rustls::rustls::Error as TlsError;
    let source = std::error::Error::source(error);
    let inside = source.and_then(|source| source.downcast_ref::<std::io::Error>()).and_then(std::io::Error::get_ref);
    // Where the server offers none, the driver says so in words alone.
    inside.is_some_and(|inside| inside.is::<TlsError>())
        || source.is_some_and(|source| source.to_string().contains("does not support TLS"))
}

impl Store for PostgresStore {
    fn append(&self, drafts: Vec<Draft>) -> Answer<'_, Vec<Appended>> {
        group::ask(&self.jobs, |answer| Job::Append { drafts, answer })
    }

    fn find<'a>(&'a self, kind: RecordKind, id: &'a str) -> Answer<'a, Option<Entry>> {
        Box::pin(async move { queries::find(&connection(&self.pool).await?, kind, id).await })
    }

    fn about<'a>(&'a self, decision_id: &'a str) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move { queries::about(&connection(&self.pool).await?, decision_id).await })
    }

    fn decisions<'a>(&'a self, query: &'a DecisionQuery) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move { queries::decisions(&connection(&self.pool).await?, query).await })
    }

    fn events_of<'a>(&'a self, party: &'a Subject, after: Option<&'a Place>, limit: usize) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move { queries::events_of(&connection(&self.pool).await?, party, after, limit).await })
    }

    fn parties<'a>(&'a self, after: Option<&'a Subject>, limit: usize) -> Answer<'a, Vec<Subject>> {
        Box::pin(async move { queries::parties(&connection(&self.pool).await?, after, limit).await })
    }

    fn since<'a>(&'a self, cursor: &'a Cursor, kinds: &'a [RecordKind], limit: usize) -> Answer<'a, Tail> {
        Box::pin(async move { queries::since(&connection(&self.pool).await?, cursor, kinds, limit).await })
    }

    fn allowed(&self, recorded: TimeRange) -> Answer<'_, u64> {
        Box::pin(async move { queries::allowed(&connection(&self.pool).await?, recorded).await })
    }

    fn heads(&self) -> Answer<'_, Vec<Head>> {
        Box::pin(async move { queries::heads(&connection(&self.pool).await?).await })
    }

    fn chain<'a>(&'a self, chain: &'a str, after: u64, limit: usize) -> Answer<'a, Vec<Entry>> {
        Box::pin(async move { queries::chain(&connection(&self.pool).await?, chain, after, limit).await })
    }

    fn content<'a>(&'a self, place: &'a Place) -> Answer<'a, Option<Vec<u8>>> {
        Box::pin(async move { queries::content(&connection(&self.pool).await?, place).await })
    }

    fn erase<'a>(&'a self, what: &'a Erase) -> Answer<'a, Erased> {
        let what = *what;
        group::ask(&self.jobs, move |answer| Job::Erase { what, answer })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

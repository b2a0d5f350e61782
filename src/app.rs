//! Wiring: configuration, logs, the pack, the server, signals of the operating system.
//!
//! Not here: what any of the parts does. Kept true: the configuration and the pack are checked before a port is bound; every
//! task lives in one set, and the first that fails starts the end of the process, so that it never lives on without its port.

mod config;
mod signals;

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::cli::{self, Exit, LogFormat, ServeArgs};
use crate::grpc::{self, ServeError, Services};
use crate::policy::CompiledPack;
use crate::reputation::Standings;
use crate::service::{
    AsyncScorer, Decisions, OnStoreFailure, PolicyHandle, Recorder, Reputation, Scorer, Spool, StoredEvents, WorkPool,
    now,
};
use crate::store::{self, Location, Store, StoreError};
use signals::Signals;

pub use config::{Config, InvalidConfig, RawConfig, Written};

/// Why the service ended.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The threads for long work could not be started.
    #[error("the threads for long work cannot be started: {0}")]
    Pool(#[from] rayon::ThreadPoolBuildError),
    /// The server failed.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The store failed before anything was served.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// A task ended by a panic.
    #[error("a task of the service ended unexpectedly: {0}")]
    Task(#[from] JoinError),
}

/// `dsa-signal serve`: reads the configuration, then serves until a signal comes.
pub fn serve(args: ServeArgs) -> Exit {
    match configure(&args) {
        Err(exit) => exit,
        Ok(config) if args.print_config => cli::show(&config.to_string()),
        Ok(config) => run(&config).unwrap_or_else(|exit| exit),
    }
}

/// What the service works with, checked and open.
#[derive(Debug)]
pub struct Opened {
    /// The policy pack.
    pub pack: CompiledPack,
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// Where they wait until the store is back; without it, answers are refused meanwhile.
    pub spool: Option<Spool>,
}

/// Serves on a listener until `shutdown` resolves and the drain is over, or until a task fails.
pub async fn serve_on(
    config: &Config,
    opened: Opened,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AppError> {
    let Opened { pack, store, spool } = opened;
    let events = Arc::new(StoredEvents::new(Arc::clone(&store)));
    let tail = events.tail().await?;
    let standings = Arc::new(Standings::new(pack.standing.clone(), events, config.live_standings));
    let recorder = Arc::new(Recorder::new(Arc::clone(&store), config.record, spool));
    let scorer = Scorer::new(Arc::new(PolicyHandle::new(pack, now())));
    let scorer = AsyncScorer::new(scorer, WorkPool::new(config.workers)?)
        .with_standings(Arc::clone(&standings))
        .with_recorder(Arc::clone(&recorder));
    let reputation = Reputation::new(Arc::clone(&standings));
    let decisions = Decisions::new(store, reputation.clone());
    let services = Services { scorer, reputation, decisions, limits: config.limits, drain: config.drain };
    let (stop, stop_records) = (CancellationToken::new(), CancellationToken::new());
    let (mut serving, mut recording) = (JoinSet::new(), JoinSet::new());
    serving.spawn(grpc::serve(listener, stop.clone().cancelled_owned(), services));
    recording.spawn(recorder.run(stop_records.clone()));
    recording.spawn(tail.run(standings, stop_records.clone()));
    let mut first = Ok(());
    tokio::select! {
        () = shutdown => {}
        Some(ended) = serving.join_next() => first = outcome(ended),
        Some(ended) = recording.join_next() => first = ended.map_err(AppError::from),
    }
    stop.cancel();
    while let Some(ended) = serving.join_next().await {
        first = first.and(outcome(ended));
    }
    // Only now: what was answered during the drain is counted too.
    stop_records.cancel();
    while let Some(ended) = recording.join_next().await {
        first = first.and(ended.map_err(AppError::from));
    }
    first
}

fn outcome(ended: Result<Result<(), ServeError>, JoinError>) -> Result<(), AppError> {
    Ok(ended??)
}

/// Flags over environment over file over defaults. The command line has already put the environment under its flags; the
/// environment is read again here for the keys that have no flag.
fn configure(args: &ServeArgs) -> Result<Config, Exit> {
    let flags = RawConfig {
        listen: args.listen.map(|address| Written::Text(address.to_string())),
        policy: args.policy.as_ref().map(|folder| Written::Text(folder.display().to_string())),
        store: args.store.clone().map(Written::Text),
        log: args.log.clone().map(Written::Text),
        log_format: args.log_format.map(|format| Written::Text(config::format_name(format).to_owned())),
        ..RawConfig::default()
    };
    let environment = RawConfig::from_environment(|name| std::env::var(name).ok());
    let file = match &args.config {
        None => RawConfig::default(),
        Some(path) => {
            let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let text = std::fs::read_to_string(path).map_err(|error| cli::report(&named(&error), None))?;
            let hint = "`dsa-signal serve --print-config` shows every key";
            RawConfig::from_toml(&text).map_err(|error| cli::report(&named(&error), Some(hint)))?
        }
    };
    let on_terminal = std::io::stderr().is_terminal();
    Config::check(&flags.over(environment).over(file), on_terminal).map_err(|invalid| {
        for fault in invalid.faults {
            let _failed = cli::report(&fault, None);
        }
        Exit::Failed
    })
}

fn run(config: &Config) -> Result<Exit, Exit> {
    start_logs(config);
    let pack = cli::load_pack(config.policy.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers.get())
        .thread_name("calls")
        .enable_all()
        .build()
        .map_err(|error| cli::report(&format!("the threads for calls cannot be started: {error}"), None))?;
    let ended = runtime.block_on(async {
        let signals = Signals::listen()
            .map_err(|error| cli::report(&format!("signals of the system cannot be heard: {error}"), None))?;
        let opened = Box::pin(open(config, pack)).await?;
        let listener = TcpListener::bind(config.listen).await.map_err(|error| {
            let hint = "another address: --listen 127.0.0.1:50052, or port 0 for any free one";
            cli::report(&format!("cannot listen on {}: {error}", config.listen), Some(hint))
        })?;
        let address = listener.local_addr().unwrap_or(config.listen);
        let policy = &opened.pack.reference;
        let store = &config.store;
        tracing::info!(%address, policy = policy.name, version = policy.version, digest = policy.digest, %store, "serving gRPC");
        // Boxed: the server with all its services is too large for a stack that only waits.
        let served = Box::pin(serve_on(config, opened, listener, signals.first())).await;
        served.map_err(|error| cli::report(&error.to_string(), None))
    });
    // What the drain has cut does not get to hold the process up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended.map(|()| Exit::Done)
}

/// Opens the store and the spool, so that a fault of theirs is told before a port is bound.
async fn open(config: &Config, pack: CompiledPack) -> Result<Opened, Exit> {
    let store = store::open(&config.store).await.map_err(|error| {
        let hint = "another place: --store sqlite:PATH, or --store memory: to keep nothing";
        cli::report(&format!("{}: {error}", config.store), Some(hint))
    })?;
    let waits = config.record.on_failure == OnStoreFailure::Open && config.store != Location::Memory;
    let spool = match &config.spool {
        Some(folder) if waits => Some(Spool::open(folder).map_err(|error| {
            let hint = "another folder: spool = \"DIR\", or on_store_failure = \"closed\" to do without";
            cli::report(&format!("records cannot wait in {}: {error}", folder.display()), Some(hint))
        })?),
        _ => None,
    };
    Ok(Opened { pack, store, spool })
}

fn start_logs(config: &Config) {
    let filter = EnvFilter::new(&config.log);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A process that embeds us may have logs of its own; then they are used.
    let _kept = match config.log_format {
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
        LogFormat::Text => logs.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
    };
}

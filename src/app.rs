//! Wiring: configuration, logs, the pack, the server, signals of the operating system.
//!
//! Not here: what any of the parts does. Kept true: the configuration and the pack are checked before a port is bound; every
//! task lives in one set, and the first that fails starts the end of the process, so that it never lives on without its port.

mod config;
mod memory;
mod observe;
mod reload;
mod signals;
mod telemetry;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::cli::{self, Exit, ServeArgs};
use crate::domain::Record;
use crate::grpc::{self, Edge, EdgeMetrics, ServeError, Services};
use crate::metrics::Registry;
use crate::monitor::{self, Monitor};
use crate::policy::CompiledPack;
use crate::reputation::Standings;
use crate::service::{
    AsyncScorer, Decisions, MentionTail, OnStoreFailure, PolicyHandle, PromotionMemory, Recorder, Reputation,
    Rescoring, Scorer, Spool, StoredEvents, TallyBook, WorkPool, now,
};
use crate::store::{self, Draft, Location, Store, StoreError};
pub use reload::Reload;
use signals::Signals;
use telemetry::Telemetry;

pub use config::{AccessConfig, Config, EdgeConfig, InvalidConfig, MetricsListen, RawConfig, TracesConfig, Written};

/// The runtime looks for what can be read after so many steps of tasks, where 61 is usual: a step here may score a long text, and sixty of those are a queue that nobody
/// sees.
const EVENT_INTERVAL: u32 = 16;

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
    /// How many items were allowed and not recorded yet.
    pub counts: TallyBook,
    /// How clients are met.
    pub edge: Edge,
    /// Keeps certificates, clients and keys like what is on disk.
    pub reload: Reload,
}

/// Where the service is to be found.
#[derive(Debug)]
pub struct Listeners {
    /// By those who call.
    pub calls: TcpListener,
    /// By those who watch over it, if they are to.
    pub metrics: Option<TcpListener>,
}

/// Serves on listeners until `shutdown` resolves and the drain is over, or until a task fails.
pub async fn serve_on(
    config: &Config,
    opened: Opened,
    listeners: Listeners,
    shutdown: impl Future<Output = ()>,
) -> Result<(), AppError> {
    let Opened { pack, store, spool, counts, edge, reload } = opened;
    let events = Arc::new(StoredEvents::new(Arc::clone(&store)));
    let tail = events.tail().await?;
    let standings = Arc::new(Standings::new(pack.standing.clone(), events, config.live_standings));
    let (half_life, limit) = (pack.promotion.half_life, config.live_promotions);
    let (promotions, changed) = PromotionMemory::new(half_life, limit, Some(Arc::clone(&standings)));
    let promotions = Arc::new(promotions);
    let mentions = MentionTail::new(Arc::clone(&store), Arc::clone(&promotions));
    let recorder = Arc::new(Recorder::new(Arc::clone(&store), config.record, spool).with_counts(counts));
    let policy = Arc::new(PolicyHandle::new(pack, now()));
    store.append(vec![Draft::new(&Record::Policy(policy.version()))]).await?;
    let mut registry = Registry::default();
    observe::process(&mut registry);
    observe::policy(&mut registry, &policy);
    observe::standings(&mut registry, &standings);
    recorder.register(&mut registry);
    edge.metrics.register(&mut registry);
    reload.register(&mut registry);
    let folder = config.policy.as_deref().map(|folder| reload.policy(folder, (&policy, &standings)));
    let scorer = Scorer::new(policy);
    scorer.stages().register(&mut registry);
    let scorer = AsyncScorer::new(scorer, WorkPool::new(config.workers)?)
        .with_standings(Arc::clone(&standings))
        .with_recorder(Arc::clone(&recorder))
        .with_promotions(Arc::clone(&promotions));
    let rescoring = Rescoring::new(scorer.clone(), Arc::clone(&promotions), changed);
    let reputation = Reputation::new(Arc::clone(&standings));
    let records = Arc::clone(&store);
    let decisions = Decisions::new(store, reputation.clone());
    let monitor = Monitor { registry: Arc::new(registry), readiness: edge.readiness.clone() };
    let (limits, drain) = (config.limits, config.drain);
    let services = Services { scorer, reputation, decisions, promotions, limits, drain, edge };
    let (stop, stop_records) = (CancellationToken::new(), CancellationToken::new());
    let (mut serving, mut recording) = (JoinSet::new(), JoinSet::new());
    serving.spawn(grpc::serve(listeners.calls, stop.clone().cancelled_owned(), services));
    recording.spawn(recorder.run(stop_records.clone()));
    if let Some(folder) = folder {
        recording.spawn(folder.run(Arc::clone(&records), stop_records.clone()));
    }
    recording.spawn(config.retention.run(records, stop_records.clone()));
    recording.spawn(tail.run(standings, stop_records.clone()));
    recording.spawn(mentions.run(stop_records.clone()));
    recording.spawn(rescoring.run(stop_records.clone()));
    recording.spawn(reload.run(stop_records.clone()));
    if let Some(listener) = listeners.metrics {
        // To the very end: what happens during the drain is worth seeing, and `/readyz` says that it is on.
        recording.spawn(monitor::serve(listener, monitor, stop_records.clone()));
    }
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
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| Written::Text(path.display().to_string()));
    let flags = RawConfig {
        listen: args.listen.map(|address| Written::Text(address.to_string())),
        metrics_listen: args.metrics_listen.clone().map(Written::Text),
        policy: path(&args.policy),
        insecure: args.insecure.then_some(Written::Flag(true)),
        tls_certificate: path(&args.tls_certificate),
        tls_key: path(&args.tls_key),
        tls_client_ca: path(&args.tls_client_ca),
        clients: path(&args.clients),
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
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers.get())
        .thread_name("calls")
        .event_interval(EVENT_INTERVAL)
        .enable_all()
        .build()
        .map_err(|error| cli::report(&format!("the threads for calls cannot be started: {error}"), None))?;
    let telemetry = {
        let _context = runtime.enter(); // traces are sent by tasks
        Telemetry::start(config).map_err(|why| cli::report(&why, None))?
    };
    let pack = cli::load_pack(config.policy.as_deref())?;
    let ended = runtime.block_on(async {
        let signals = Signals::listen()
            .map_err(|error| cli::report(&format!("signals of the system cannot be heard: {error}"), None))?;
        let opened = Box::pin(open(config, pack)).await?;
        let listeners = listen(config).await?;
        announce(config, &opened, &listeners);
        memory::give_back_later();
        // Boxed: the server with all its services is too large for a stack that only waits.
        let served = Box::pin(serve_on(config, opened, listeners, signals.first())).await;
        served.map_err(|error| cli::report(&error.to_string(), None))
    });
    telemetry.finish();
    // What the drain has cut does not get to hold the process up.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended.map(|()| Exit::Done)
}

/// Binds the ports.
async fn listen(config: &Config) -> Result<Listeners, Exit> {
    let calls = TcpListener::bind(config.listen).await.map_err(|error| {
        let hint = "another address: --listen 127.0.0.1:50052, or port 0 for any free one";
        cli::report(&format!("cannot listen on {}: {error}", config.listen), Some(hint))
    })?;
    let metrics = match config.metrics_listen {
        MetricsListen::Off => None,
        // A second process on a developer's machine is no reason to refuse to start.
        MetricsListen::Default(address) => TcpListener::bind(address)
            .await
            .inspect_err(|_| tracing::warn!(%address, "the port for metrics is taken; going without (metrics_listen)"))
            .ok(),
        MetricsListen::At(address) => Some(TcpListener::bind(address).await.map_err(|error| {
            let hint = "another address: --metrics-listen 127.0.0.1:9465, port 0 for any free one, or off";
            cli::report(&format!("cannot show metrics on {address}: {error}"), Some(hint))
        })?),
    };
    Ok(Listeners { calls, metrics })
}

/// Says where the service is, what it scores with, and whom it lets in.
fn announce(config: &Config, opened: &Opened, listeners: &Listeners) {
    let address = listeners.calls.local_addr().unwrap_or(config.listen);
    let policy = &opened.pack.reference;
    let store = &config.store;
    let metrics = listeners.metrics.as_ref().and_then(|listener| listener.local_addr().ok());
    let metrics = metrics.map_or_else(|| "off".to_owned(), |address| address.to_string());
    if let Some(files) =
        observe::open_files_limit().filter(|files| *files < u64::from(config.edge_limits.connections) + 64)
    {
        tracing::warn!(
            files,
            "fewer files may be open than max_connections wants; raise the limit (ulimit -n, LimitNOFILE)"
        );
    }
    let (tls, asks) = (config.edge.tls.is_some(), config.edge.access.asks());
    if !asks && !address.ip().is_loopback() {
        tracing::warn!("nobody is asked who they are (clients, jwt_keys): whoever reaches this port may do everything");
    }
    tracing::info!(
        %address, %metrics, tls, clients_known = asks,
        policy = policy.name, version = policy.version, digest = policy.digest, %store, "serving gRPC"
    );
}

/// Reads certificates and clients and opens the store and the spool, so that a fault of theirs is told before a port is bound.
async fn open(config: &Config, pack: CompiledPack) -> Result<Opened, Exit> {
    let metrics = EdgeMetrics::default();
    let reload = Reload::first(&config.edge, &metrics).map_err(|why| {
        let hint = "certificates and keys are PEM files; `dsa-signal token new` writes lines of the file of clients";
        cli::report(&why, Some(hint))
    })?;
    let edge =
        Edge { doors: reload.doors(), limits: config.edge_limits, tls: reload.tls(), metrics, ..Edge::default() };
    let store = store::open(&config.store).await.map_err(|error| {
        let hint = "another place: --store sqlite:PATH, or --store memory: to keep nothing";
        cli::report(&format!("{}: {error}", config.store), Some(hint))
    })?;
    let folder = config.spool.as_ref().filter(|_| config.store != Location::Memory);
    let waits = folder.filter(|_| config.record.on_failure == OnStoreFailure::Open);
    let spool = waits.map(|folder| Spool::open(folder).map_err(|error| (folder, error))).transpose();
    let spool = spool.map_err(|(folder, error)| {
        let hint = "another folder: spool = \"DIR\", or on_store_failure = \"closed\" to do without";
        cli::report(&format!("records cannot wait in {}: {error}", folder.display()), Some(hint))
    })?;
    let counts = folder.map(|folder| TallyBook::on_disk(folder)).transpose().unwrap_or_else(|error| {
        tracing::warn!(kind = ?error.kind(), "allowed items are counted in memory: a killed process loses a second of them");
        None
    });
    let counts = counts.unwrap_or_default();
    Ok(Opened { pack, store, spool, counts, edge, reload })
}

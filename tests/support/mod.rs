//! A real server on a free port, and content for it.
//!
//! Not here: assertions. Kept true: every test has a server of its own; the pack is made by hand and fires one signal on
//! every item, so nothing here depends on the default pack's words.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot start its server has failed")]

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dsa_signal::domain::{Action, LegalBasis, Level, Nats, PolicyReference, Risk, RiskArea};
use dsa_signal::grpc::v1::decision_service_client::DecisionServiceClient;
use dsa_signal::grpc::v1::policy_service_client::PolicyServiceClient;
use dsa_signal::grpc::v1::promotion_service_client::PromotionServiceClient;
use dsa_signal::grpc::v1::reputation_service_client::ReputationServiceClient;
use dsa_signal::grpc::v1::scoring_service_client::ScoringServiceClient;
use dsa_signal::grpc::{Drain, Edge, MessageLimits, ServeError, Services, serve};
use dsa_signal::matching::MatcherBuilder;
use dsa_signal::policy::{
    ActionThreshold, CompiledArea, CompiledPack, CompiledSignal, HalfLife, LevelThresholds, LinkRules, PackFile,
    PackSource, Predicate, PromotionRules, Relevance, Roles, SlotTable, StandingRules, compile,
};
use dsa_signal::reputation::{MemorySource, StandingSource, Standings};
use dsa_signal::service::{
    AsyncScorer, Decisions, MentionTail, PolicyHandle, PromotionMemory, Recorder, Reputation, Rescoring, Scorer,
    WorkPool, now,
};
use dsa_signal::store::{Location, Store, open};
use dsa_signal::wire::v1;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

/// Signals of the hand-made pack; every third is about weapons, the others about drugs.
pub const SIGNALS: usize = 25;

/// A pack whose first signal fires on everything.
pub fn pack(digest: &str) -> CompiledPack {
    let areas = std::array::from_fn(|at| CompiledArea {
        prior: [RiskArea::Drug.index(), RiskArea::Weapon.index()].contains(&at).then(|| Nats::new(-3.0)),
        model_limit: Nats::ZERO,
        levels: LevelThresholds([0.1, 0.3, 0.6, 0.9].map(Risk::new)),
        actions: vec![ActionThreshold { least: Risk::new(0.3), action: Action::Review }],
        for_listings: true,
        for_posts: true,
    });
    let signals: Vec<_> = (0..SIGNALS).map(signal).collect();
    let mut unconditional = fixedbitset::FixedBitSet::with_capacity(signals.len());
    unconditional.insert(0);
    CompiledPack {
        reference: PolicyReference { name: "hand-made".into(), version: "1".into(), digest: digest.into() },
        model: None,
        learned: Vec::new(),
        matcher: MatcherBuilder::new().build(),
        lexicons: Vec::new(),
        terms: Vec::new(),
        guards: Vec::new(),
        slots: SlotTable::default(),
        triggers: Vec::new(),
        unconditional,
        relevance: Relevance::default(),
        groups: vec!["all".into()],
        areas,
        roles: Roles::default(),
        examples: Vec::new(),
        standing: StandingRules::default(),
        promotion: PromotionRules::default(),
        links: LinkRules::default(),
        signals,
    }
}

fn signal(at: usize) -> CompiledSignal {
    CompiledSignal {
        special_category: None,
        id: format!("signal.n{at:02}"),
        area: if at % 3 == 2 { RiskArea::Weapon } else { RiskArea::Drug },
        weight: Nats::new(4.0),
        group: 0,
        source: "true".into(),
        predicate: Predicate::Const(true),
        for_listings: true,
        for_posts: true,
        evidence: Vec::new(),
        message: "Fires on everything".into(),
        legal_basis: vec![LegalBasis {
            act: "Regulation (EU) 2022/2065".into(),
            article: "Art. 30".into(),
            url: "".into(),
        }],
        sor_category: String::new(),
        sor_keyword: String::new(),
    }
}

/// What events count for in the default pack, without compiling the rest of it.
pub fn standing_rules() -> StandingRules {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policy/base");
    let standing = include_str!("../../policies/default/standing.yaml").to_owned();
    let standing = PackFile { path: "standing.yaml".into(), text: standing };
    let files = PackSource::from_dir(&base).unwrap().files().iter().cloned().chain([standing]).collect::<Vec<_>>();
    compile(&PackSource::from_files(files)).unwrap().0.standing
}

/// Scores under a policy, with a pool of two.
pub fn scorer(policy: &Arc<PolicyHandle>) -> AsyncScorer {
    let pool = WorkPool::new(NonZeroUsize::new(2).unwrap()).unwrap();
    AsyncScorer::new(Scorer::new(Arc::clone(policy)), pool)
}

/// How the answer to any item looks under that pack.
pub fn is_the_answer(assessment: &v1::Assessment) -> bool {
    let level = Level::High;
    assessment.level == v1::Level::from_str_name(&format!("LEVEL_{level}")).map_or(0, Into::into)
        && assessment.action() == v1::Action::Review
        && assessment.signals.len() == 1
        && assessment.signals[0].signal_id == "signal.n00"
        && assessment.areas[0].area() == v1::RiskArea::Drug
}

/// A client of `DecisionService`.
pub type DecisionClient = DecisionServiceClient<Channel>;

/// A running server.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it scores under. Every call under way holds a share of it.
    pub policy: Arc<PolicyHandle>,
    shutdown: Option<oneshot::Sender<()>>,
    serving: JoinHandle<Result<(), ServeError>>,
}

/// What a test may change about a server.
pub struct Options {
    pub digest: &'static str,
    /// `None` = the hand-made pack.
    pub policy: Option<Arc<PolicyHandle>>,
    pub limits: MessageLimits,
    pub drain: Drain,
    pub source: Arc<dyn StandingSource>,
    pub recorder: Option<Arc<Recorder>>,
    pub store: Option<Arc<dyn Store>>,
    pub edge: Edge,
}

impl Default for Options {
    fn default() -> Self {
        let drain = Drain { grace: Duration::from_millis(50), timeout: Duration::from_secs(5) };
        let source = Arc::new(MemorySource::default());
        Options {
            digest: "0123456789abcdef0123",
            policy: None,
            limits: MessageLimits::default(),
            drain,
            source,
            recorder: None,
            store: None,
            edge: Edge::default(),
        }
    }
}

impl TestServer {
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let policy = options.policy.unwrap_or_else(|| Arc::new(PolicyHandle::new(pack(options.digest), now())));
        let limit = NonZeroUsize::new(1000).unwrap();
        let standings = Arc::new(Standings::new(standing_rules(), options.source, limit));
        let scorer = scorer(&policy).with_standings(Arc::clone(&standings));
        let scorer = match options.recorder {
            Some(recorder) => scorer.with_recorder(recorder),
            None => scorer,
        };
        let reputation = Reputation::new(Arc::clone(&standings));
        let store = match options.store {
            Some(store) => store,
            None => open(&Location::Memory).await.unwrap(),
        };
        let (promotions, changed) = PromotionMemory::new(HalfLife::days(45), limit, Some(Arc::clone(&standings)));
        let promotions = Arc::new(promotions);
        let scorer = scorer.with_promotions(Arc::clone(&promotions));
        let stop = CancellationToken::new();
        tokio::spawn(MentionTail::new(Arc::clone(&store), Arc::clone(&promotions)).run(stop.clone()));
        tokio::spawn(Rescoring::new(scorer.clone(), Arc::clone(&promotions), changed).run(stop));
        let decisions = Decisions::new(store, reputation.clone());
        let services = Services {
            scorer,
            reputation,
            decisions,
            promotions,
            limits: options.limits,
            drain: options.drain,
            edge: options.edge,
        };
        let (shutdown, asked) = oneshot::channel();
        let serving = tokio::spawn(serve(listener, async { drop(asked.await) }, services));
        TestServer { address, policy, shutdown: Some(shutdown), serving }
    }

    /// A connection of its own.
    pub async fn channel(&self) -> Channel {
        Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    pub async fn scoring(&self) -> ScoringServiceClient<Channel> {
        ScoringServiceClient::new(self.channel().await).max_decoding_message_size(64 << 20)
    }

    pub async fn reputation(&self) -> ReputationServiceClient<Channel> {
        ReputationServiceClient::new(self.channel().await)
    }

    pub async fn decisions(&self) -> DecisionClient {
        DecisionServiceClient::new(self.channel().await)
    }

    pub async fn promotions(&self) -> PromotionServiceClient<Channel> {
        PromotionServiceClient::new(self.channel().await)
    }

    pub async fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel().await)
    }

    /// Asks the server to stop.
    pub fn ask_to_stop(&mut self) {
        drop(self.shutdown.take());
    }

    /// Waits until it has stopped; fails if that takes longer than `most`.
    pub async fn stopped_within(mut self, most: Duration) {
        self.ask_to_stop();
        tokio::time::timeout(most, self.serving).await.expect("the drain is bounded").unwrap().unwrap();
    }
}

/// A valid listing of about 1 KB.
pub fn listing(number: usize) -> v1::Listing {
    v1::Listing {
        listing_id: format!("l-{number}"),
        seller_id: "s-1".into(),
        title: "Wooden chair, hand-made, solid oak".into(),
        description: "A chair for the kitchen or the garden. ".repeat(25),
        ..Default::default()
    }
}

/// A valid post.
pub fn post(number: usize) -> v1::Post {
    v1::Post {
        post_id: format!("p-{number}"),
        creator_id: "c-1".into(),
        text: "Look at my new chair".into(),
        ..Default::default()
    }
}

//! Every RPC of the process and what it wants of its caller: one table.
//!
//! Not here: how it is enforced (`grpc/guard.rs`). Kept true: `tests/edge_access.rs` compares the table with the descriptors that are
//! served, so an RPC without a row fails a test, and the paths are a closed set that metrics may use as a label.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::role::Role;

/// What a call wants of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A client with this role.
    Role(Role),
    /// Anybody if health is open, else a client of whatever role.
    Health,
    /// Anybody if reflection is open, else a client of whatever role.
    Reflection,
    /// A client of whatever role; there is nothing here to call.
    Nothing,
}

/// A row: path without the leading slash, what it wants, and whether its answer is a stream.
type Row = (&'static str, Access, bool);

const fn role(path: &'static str, role: Role) -> Row {
    (path, Access::Role(role), false)
}

/// Answers with a stream.
const fn stream(path: &'static str, role: Role) -> Row {
    (path, Access::Role(role), true)
}

const RPCS: &[Row] = &[
    role("dsasignal.v1.ScoringService/ScoreListing", Role::Score),
    role("dsasignal.v1.ScoringService/ScorePost", Role::Score),
    role("dsasignal.v1.ScoringService/BatchScoreListings", Role::Score),
    role("dsasignal.v1.ScoringService/BatchScorePosts", Role::Score),
    stream("dsasignal.v1.ScoringService/StreamScoreListings", Role::Score),
    stream("dsasignal.v1.ScoringService/StreamScorePosts", Role::Score),
    role("dsasignal.v1.ScoringService/ExplainListing", Role::Score),
    role("dsasignal.v1.ScoringService/ExplainPost", Role::Score),
    role("dsasignal.v1.ScoringService/CheckAdTargeting", Role::Score),
    role("dsasignal.v1.PromotionService/ReportLinks", Role::Record),
    role("dsasignal.v1.PromotionService/ListPromotions", Role::Read),
    role("dsasignal.v1.ReputationService/GetStanding", Role::Read),
    role("dsasignal.v1.ReputationService/BatchGetStandings", Role::Read),
    role("dsasignal.v1.ReputationService/RecordEvents", Role::Record),
    stream("dsasignal.v1.ReputationService/WatchStandings", Role::Read),
    role("dsasignal.v1.DecisionService/GetDecision", Role::Read),
    role("dsasignal.v1.DecisionService/ListDecisions", Role::Read),
    stream("dsasignal.v1.DecisionService/ExportDecisions", Role::Read),
    stream("dsasignal.v1.DecisionService/WatchDecisions", Role::Read),
    role("dsasignal.v1.DecisionService/RecordOutcome", Role::Record),
    role("dsasignal.v1.DecisionService/SubmitNotice", Role::Record),
    role("dsasignal.v1.PolicyService/GetPolicy", Role::Read),
    role("dsasignal.v1.PolicyService/ListSignals", Role::Read),
    ("grpc.health.v1.Health/Check", Access::Health, false),
    ("grpc.health.v1.Health/List", Access::Health, false),
    ("grpc.health.v1.Health/Watch", Access::Health, true),
    ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Access::Reflection, true),
    ("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Access::Reflection, true),
];

/// Paths to rows. Built once, at the first call.
static BY_PATH: LazyLock<HashMap<&'static str, u8, rustc_hash::FxBuildHasher>> =
    LazyLock::new(|| (0..).zip(RPCS).map(|(at, (path, ..))| (*path, at)).collect());

/// An RPC of the process, or the one value that stands for all paths where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rpc(u8);

impl Rpc {
    /// How many there are, the unknown one included.
    pub const COUNT: usize = RPCS.len() + 1;
    /// All paths where there is no RPC.
    pub const UNKNOWN: Rpc = Rpc(RPCS.len() as u8);

    /// Of a path as HTTP writes it, with its leading slash.
    pub fn at(path: &str) -> Rpc {
        let row = path.strip_prefix('/').and_then(|path| BY_PATH.get(path));
        row.map_or(Rpc::UNKNOWN, |row| Rpc(*row))
    }

    /// Every one, the unknown one last.
    pub fn all() -> impl Iterator<Item = Rpc> {
        (0..=Rpc::UNKNOWN.0).map(Rpc)
    }

    /// What it wants of its caller.
    pub fn access(self) -> Access {
        RPCS.get(self.index()).map_or(Access::Nothing, |(_, access, _)| *access)
    }

    /// True if it is answered with a stream, which may live as long as its caller.
    pub fn is_stream(self) -> bool {
        RPCS.get(self.index()).is_some_and(|(.., stream)| *stream)
    }

    /// `package.Service/Method`, or `unknown`.
    pub fn name(self) -> &'static str {
        RPCS.get(self.index()).map_or("unknown", |(path, ..)| path)
    }

    /// Position in arrays of `COUNT`.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_row_and_no_other() {
        for rpc in Rpc::all().filter(|rpc| *rpc != Rpc::UNKNOWN) {
            assert_eq!(Rpc::at(&format!("/{}", rpc.name())), rpc);
            for wrong in [rpc.name().to_owned(), format!("//{}", rpc.name()), format!("/{}/", rpc.name())] {
                assert_eq!(Rpc::at(&wrong), Rpc::UNKNOWN, "{wrong}");
            }
        }
        assert_eq!(Rpc::all().count(), Rpc::COUNT);
        assert_eq!((Rpc::UNKNOWN.name(), Rpc::UNKNOWN.access()), ("unknown", Access::Nothing));
    }
}

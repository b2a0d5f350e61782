//! Use cases: what the command line and the gRPC server both call.
//!
//! Not here: encoding, transport. Kept true: a call works on one snapshot of the policy from start to end.

mod policy_handle;
mod scoring;

pub use policy_handle::{LoadedPolicy, PolicyHandle};
pub use scoring::Scorer;

//! Who may call what: clients, their credentials, their roles.
//!
//! Not here: transport, headers, statuses (`grpc/`), when files are read again (`app/`). Kept true: no secret is kept, only digests and
//! public keys; secrets are compared in constant time; an RPC without a role in the table is nobody's to call; a refusal does
//! not say which part of a credential was wrong.

mod clients;
mod gate;
mod jwt;
mod ring_provider;
mod role;
mod rpc;
mod token;

pub use clients::{Clients, InvalidClients};
pub use gate::{Client, Credentials, Gate, Known, Refused};
pub use jwt::{InvalidKeys, TokenKeys, TokenRules};
pub use role::{Role, Roles, UnknownRole};
pub use rpc::{Access, Rpc};
pub use token::{NewToken, TokenDigest};

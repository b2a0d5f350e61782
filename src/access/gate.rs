//! From credentials to a client.
//!
//! Not here: where credentials come from (`grpc/guard.rs`), when a gate is replaced by one with other files (`app/`). Kept true: what is
//! remembered of verified tokens is bounded and dies with the keys it was verified by; whoever fails learns only what helps.

use std::sync::Arc;

use dashmap::DashMap;

use super::clients::{Clients, Found};
use super::jwt::TokenKeys;
use super::role::{Role, Roles};

/// Verified tokens that are remembered: their signature costs as much as scoring, and callers send one token thousands of times.
const REMEMBERED: usize = 4096;
/// Longest credential that is looked at, bytes. Tokens of identity providers have one or two thousand.
const LONGEST: usize = 8 << 10;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// As the operator or the identity provider calls it.
    pub name: Arc<str>,
    /// What it may do.
    pub roles: Roles,
}

impl Client {
    /// True if it may do this.
    pub fn may(&self, role: Role) -> bool {
        self.roles.contains(role)
    }
}

/// What a call brings along.
#[derive(Clone, Copy, Debug)]
pub enum Credentials<'a> {
    /// `authorization: Bearer …`, and the names of a client certificate do not count beside it.
    Bearer(&'a str),
    /// An `authorization` that is no bearer token.
    Unreadable,
    /// The names of a client certificate that a known authority has signed; none if there is no certificate.
    Certificate(&'a [String]),
}

/// Why nobody was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing to go by.
    Missing,
    /// It is nobody's, or not for us, or not yet valid.
    Invalid,
    /// It is authentic, and too old.
    Expired,
}

/// What a gate can say at once.
#[derive(Debug)]
pub enum Known {
    /// It is this client.
    Client(Arc<Client>),
    /// It is nobody.
    Refused(Refused),
    /// A signature has to be checked: call `Gate::verify`, which costs some 50 us.
    Unverified,
}

/// Tokens whose signature was right.
#[derive(Debug)]
struct Verified {
    client: Arc<Client>,
    /// Seconds since 1970.
    expires: u64,
}

/// Recognises clients.
#[derive(Debug, Default)]
pub struct Gate {
    clients: Clients,
    keys: Option<TokenKeys>,
    verified: DashMap<blake3::Hash, Verified, rustc_hash::FxBuildHasher>,
}

impl Gate {
    /// By a file of clients, and the keys of an identity provider if there are any.
    pub fn new(clients: Clients, keys: Option<TokenKeys>) -> Gate {
        Gate { clients, keys, verified: DashMap::default() }
    }

    /// Says who it is, as far as that is cheap. `now` in seconds since 1970.
    pub fn recognise(&self, credentials: Credentials<'_>, now: u64) -> Known {
        let found = match credentials {
            Credentials::Unreadable => return Known::Refused(Refused::Invalid),
            Credentials::Bearer(token) if token.len() > LONGEST => return Known::Refused(Refused::Invalid),
            Credentials::Certificate([]) => return Known::Refused(Refused::Missing),
            Credentials::Certificate(names) => self.clients.by_certificate(names, now),
            Credentials::Bearer(token) if self.keys.is_some() && TokenKeys::could_be(token) => {
                return match self.verified.get(&blake3::hash(token.as_bytes())) {
                    Some(verified) if now < verified.expires => Known::Client(Arc::clone(&verified.client)),
                    Some(_) => Known::Refused(Refused::Expired),
                    None => Known::Unverified,
                };
            }
            Credentials::Bearer(token) => self.clients.by_token(token, now),
        };
        match found {
            Some(Found::Valid(client)) => Known::Client(client),
            Some(Found::Expired) => Known::Refused(Refused::Expired),
            None => Known::Refused(Refused::Invalid),
        }
    }

    /// Checks the signature and the claims of an identity provider's token.
    pub fn verify(&self, token: &str, now: u64) -> Result<Arc<Client>, Refused> {
        let keys = self.keys.as_ref().ok_or(Refused::Invalid)?;
        let (client, expires) = keys.verify(token, now)?;
        let client = Arc::new(client);
        if self.verified.len() >= REMEMBERED {
            self.verified.retain(|_, verified| now < verified.expires);
        }
        if self.verified.len() >= REMEMBERED {
            // All of them are live. Somebody makes tokens by the thousand; whoever is forgotten is verified again.
            self.verified.clear();
        }
        self.verified.insert(blake3::hash(token.as_bytes()), Verified { client: Arc::clone(&client), expires });
        Ok(client)
    }
}

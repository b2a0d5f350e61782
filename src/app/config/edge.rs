//! How clients are met: who may come in, over what, and how much of it.
//!
//! Not here: what the files hold (`grpc/tls.rs`, `access/`). Kept true: nothing listens to other machines in the clear unless somebody has said so in as many
//! words; settings that have no effect are faults, because whoever wrote them believes otherwise.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::values::{self, Faults};
use super::{RawConfig, Written};
use crate::access::TokenRules;
use crate::grpc::{EdgeLimits, QuotaRate, TlsFiles};

/// Claim with the roles, if nobody says.
const ROLES_CLAIM: &str = "roles";

/// Who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessConfig {
    /// File of clients.
    pub clients: Option<PathBuf>,
    /// JWKS file of an identity provider, and what its tokens must say.
    pub keys: Option<(PathBuf, TokenRules)>,
    /// Anybody may ask for health.
    pub health_open: bool,
    /// Anybody may ask for descriptors.
    pub reflection_open: bool,
}

impl AccessConfig {
    /// True if callers are asked who they are.
    pub fn asks(&self) -> bool {
        self.clients.is_some() || self.keys.is_some()
    }
}

/// How clients are met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeConfig {
    /// Without TLS to other machines.
    pub insecure: bool,
    /// Certificates; `None` = no TLS.
    pub tls: Option<TlsFiles>,
    /// Who may come in.
    pub access: AccessConfig,
}

impl EdgeConfig {
    /// Checks what belongs together.
    pub(super) fn check(raw: &RawConfig, listen: SocketAddr, faults: &mut Faults) -> EdgeConfig {
        let insecure = faults.read("insecure", &raw.insecure, values::flag, false);
        let tls = tls(raw, faults);
        let access = access(raw, faults);
        if tls.is_none() && !insecure && !listen.ip().is_loopback() {
            faults.0.push(format!(
                "listen is {listen}, which other machines reach, and there is no TLS; set tls_certificate and tls_key, or insecure = true \
                 (--insecure) where something in front of it has TLS"
            ));
        }
        if tls.as_ref().is_some_and(|tls| tls.client_ca.is_some()) && !access.asks() {
            let why = "tls_client_ca is set, and no client would have a role; name them in a file: clients = \"FILE\"";
            faults.0.push(why.to_owned());
        }
        EdgeConfig { insecure, tls, access }
    }
}

fn tls(raw: &RawConfig, faults: &mut Faults) -> Option<TlsFiles> {
    let required = faults.read("tls_client_certificate", &raw.tls_client_certificate, values::required, true);
    let (certificate, key) = (values::path(&raw.tls_certificate), values::path(&raw.tls_key));
    let client_ca = values::path(&raw.tls_client_ca);
    let alone = [("tls_client_ca", &raw.tls_client_ca), ("tls_client_certificate", &raw.tls_client_certificate)];
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            needs(faults, "tls_client_ca", client_ca.is_some(), &alone[1..]);
            return Some(TlsFiles { certificate, key, client_ca, client_required: required });
        }
        (Some(_), None) => faults.0.push("tls_certificate is set, and tls_key is not".to_owned()),
        (None, Some(_)) => faults.0.push("tls_key is set, and tls_certificate is not".to_owned()),
        (None, None) => needs(faults, "tls_certificate and tls_key", false, &alone),
    }
    None
}

fn access(raw: &RawConfig, faults: &mut Faults) -> AccessConfig {
    let clients = values::path(&raw.clients);
    let audience =
        raw.jwt_audience.as_ref().map(|_| faults.read("jwt_audience", &raw.jwt_audience, values::text, String::new()));
    let issuer =
        raw.jwt_issuer.as_ref().map(|_| faults.read("jwt_issuer", &raw.jwt_issuer, values::text, String::new()));
    let roles_claim = faults.read("jwt_roles_claim", &raw.jwt_roles_claim, values::text, ROLES_CLAIM.to_owned());
    let keys = match (values::path(&raw.jwt_keys), audience) {
        (Some(path), Some(audience)) => Some((path, TokenRules { audience, issuer, roles_claim })),
        (Some(_), None) => {
            let why =
                "jwt_keys is set, and jwt_audience is not; without it, tokens for other services would be accepted";
            faults.0.push(why.to_owned());
            None
        }
        (None, _) => {
            let alone = [
                ("jwt_audience", &raw.jwt_audience),
                ("jwt_issuer", &raw.jwt_issuer),
                ("jwt_roles_claim", &raw.jwt_roles_claim),
            ];
            needs(faults, "jwt_keys", false, &alone);
            None
        }
    };
    AccessConfig {
        clients,
        keys,
        health_open: faults.read("health", &raw.health, values::open, true),
        reflection_open: faults.read("reflection", &raw.reflection, values::open, false),
    }
}

/// Keys that do nothing without another one.
fn needs(faults: &mut Faults, other: &str, present: bool, keys: &[(&str, &Option<Written>)]) {
    for (key, _) in keys.iter().filter(|(_, written)| written.is_some() && !present) {
        faults.0.push(format!("{key} has no effect without {other}"));
    }
}

/// How much of everything there may be.
pub(super) fn limits(raw: &RawConfig, faults: &mut Faults) -> EdgeLimits {
    let default = EdgeLimits::default();
    let age = faults.read("max_connection_age", &raw.max_connection_age, values::duration, Duration::ZERO);
    let rate = faults.read("quota", &raw.quota, values::rate, None);
    let burst = faults.read("quota_burst", &raw.quota_burst, values::rate, None);
    needs(faults, "quota", rate.is_some(), &[("quota_burst", &raw.quota_burst)]);
    // A batch is taken whole, so without a word there is room for the largest one.
    let room = |rate: NonZeroU32| rate.max(NonZeroU32::new(1000).unwrap_or(rate));
    let quota = rate.map(|per_second| QuotaRate { per_second, burst: burst.unwrap_or_else(|| room(per_second)) });
    EdgeLimits {
        connections: faults.read("max_connections", &raw.max_connections, values::most, default.connections),
        connections_per_address: faults.read(
            "max_connections_per_address",
            &raw.max_connections_per_address,
            values::most,
            default.connections_per_address,
        ),
        calls: faults.read("max_calls", &raw.max_calls, values::most, default.calls),
        calls_per_connection: faults.read(
            "max_calls_per_connection",
            &raw.max_calls_per_connection,
            values::most,
            default.calls_per_connection,
        ),
        wait: faults.read("max_wait", &raw.max_wait, values::patience, default.wait),
        handshake: faults.read("handshake_timeout", &raw.handshake_timeout, values::patience, default.handshake),
        idle: faults.read("idle_timeout", &raw.idle_timeout, values::patience, default.idle),
        send: faults.read("send_timeout", &raw.send_timeout, values::patience, default.send),
        stream_idle: faults.read(
            "stream_idle_timeout",
            &raw.stream_idle_timeout,
            values::patience,
            default.stream_idle,
        ),
        age: (!age.is_zero()).then_some(age),
        quota,
    }
}

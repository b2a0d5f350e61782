//! The configuration as written: text for every key that was given.
//!
//! Not here: what values mean (`values.rs`), which of them fit together (`config.rs`). Kept true: one list of keys, so a key cannot be in the file and
//! missing from the environment, or the other way round.

use std::fmt;

use serde::Deserialize;

/// A value as written: text, or a number or truth value where the file has one.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged)]
pub enum Written {
    /// `"1s"`
    Text(String),
    /// `4`
    Number(i64),
    /// `0.5`
    Fraction(f64),
    /// `true`
    Flag(bool),
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Written::Text(text) => f.write_str(text),
            Written::Number(number) => number.fmt(f),
            Written::Fraction(number) => number.fmt(f),
            Written::Flag(flag) => flag.fmt(f),
        }
    }
}

impl From<String> for Written {
    fn from(text: String) -> Self {
        Written::Text(text)
    }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident,)*) => {
        /// The configuration as written. Each key is a key of the file, and in capitals after `DSA_SIGNAL_` a variable of the
        /// environment.
        #[derive(Clone, Debug, Default, Deserialize, PartialEq)]
        #[serde(deny_unknown_fields, default)]
        pub struct RawConfig { $($(#[$doc])* pub $key: Option<Written>,)* }

        impl RawConfig {
            /// Every key.
            pub const KEYS: &'static [&'static str] = &[$(stringify!($key),)*];

            /// Reads the environment. An empty variable counts as not set.
            pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
                let read = |key: &str| {
                    let name = format!("DSA_SIGNAL_{}", key.to_ascii_uppercase());
                    variable(&name).filter(|text| !text.is_empty()).map(Written::Text)
                };
                RawConfig { $($key: read(stringify!($key)),)* }
            }

            /// These values, and `lower` where there is none.
            pub fn over(self, lower: RawConfig) -> RawConfig {
                RawConfig { $($key: self.$key.or(lower.$key),)* }
            }

            /// The keys that have a value.
            pub fn written(&self) -> Vec<&'static str> {
                [$((stringify!($key), self.$key.is_some()),)*].into_iter().filter_map(|(key, is)| is.then_some(key)).collect()
            }
        }
    };
}

keys! {
    /// Address to listen on.
    listen,
    /// Address for `/metrics`, `/healthz` and `/readyz`, or `off`.
    metrics_listen,
    /// Folder of the policy pack.
    policy,
    /// What to log.
    log,
    /// `text` or `json`.
    log_format,
    /// Collector of traces, e.g. `http://127.0.0.1:4317`.
    otlp_endpoint,
    /// Share of calls that are traced, e.g. `0.01`.
    otlp_share,
    /// Time between NOT_SERVING and the end of accepting, e.g. `1s`.
    drain_grace,
    /// Time for calls under way after that, e.g. `30s`.
    drain_timeout,
    /// Largest unary message or stream item, e.g. `4MiB`.
    max_message_size,
    /// Largest batch, e.g. `64MiB`.
    max_batch_size,
    /// Threads; 0 = as many as there are processors.
    workers,
    /// Sellers and creators in memory, e.g. 2000000.
    live_standings,
    /// Listings whose promotions are in memory, e.g. 500000.
    live_promotions,
    /// `memory:`, `sqlite:PATH` or `postgres://…`.
    store,
    /// `open` or `closed`.
    on_store_failure,
    /// Share of allowed items that are recorded, e.g. `0.01`.
    sample_allowed,
    /// Keep content beside records, `true` or `false`.
    store_content,
    /// When content is erased, e.g. `30d`.
    erase_contents_after,
    /// When decisions, outcomes and notices are erased, e.g. `365d`.
    erase_records_after,
    /// Folder for records that wait until the store is back.
    spool,
    /// Serve without TLS to other machines, `true` or `false`.
    insecure,
    /// PEM file with the certificate and its chain.
    tls_certificate,
    /// PEM file with the certificate's key.
    tls_key,
    /// PEM file with the authorities that sign client certificates.
    tls_client_ca,
    /// `required` or `optional`.
    tls_client_certificate,
    /// File of clients: tokens and certificates with their roles.
    clients,
    /// JWKS file of an identity provider.
    jwt_keys,
    /// `aud` of its tokens.
    jwt_audience,
    /// `iss` of its tokens.
    jwt_issuer,
    /// Claim with the roles.
    jwt_roles_claim,
    /// Who may ask for health: `open` or `closed`.
    health,
    /// Who may ask for descriptors: `open` or `closed`.
    reflection,
    /// Items a second that one client may have scored or record; 0 = as many as it likes.
    quota,
    /// Items that a client may send at once after a pause.
    quota_burst,
    /// Connections at a time.
    max_connections,
    /// Connections of one address at a time.
    max_connections_per_address,
    /// Calls under way at a time, streams included.
    max_calls,
    /// Calls of one connection at a time.
    max_calls_per_connection,
    /// A call that has waited so long for its turn is refused.
    max_wait,
    /// Time for the TLS handshake and the first bytes.
    handshake_timeout,
    /// A connection without calls is closed after this time.
    idle_timeout,
    /// An answer that is not taken in this time ends its connection.
    send_timeout,
    /// A stream on which nothing arrives is ended after this time.
    stream_idle_timeout,
    /// Connections are asked to come back after this time; 0s = never.
    max_connection_age,
}

impl RawConfig {
    /// Reads a file's text. The error names the key, the line and the column.
    pub fn from_toml(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

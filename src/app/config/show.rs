//! The configuration in force, as a file that gives it again.
//!
//! Not here: reading (`raw.rs`, `values.rs`). Kept true: every key is shown, with a value or, commented out, with what its absence means; passwords are not (the
//! store hides its own).

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::values::{DAY, failure_name, format_name, open_name};
use super::{Config, MetricsListen};

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "listen = \"{}\"", self.listen)?;
        match self.metrics_listen {
            MetricsListen::Default(address) => {
                writeln!(f, "# metrics_listen = \"{address}\" # not set: there, unless the port is taken")?;
            }
            MetricsListen::At(address) => writeln!(f, "metrics_listen = \"{address}\"")?,
            MetricsListen::Off => writeln!(f, "metrics_listen = \"off\"")?,
        }
        path(f, "policy", self.policy.as_deref(), "the pack inside the binary")?;
        writeln!(f, "log = {}", toml::Value::from(self.log.as_str()))?;
        writeln!(f, "log_format = \"{}\"", format_name(self.log_format))?;
        let endpoint = self.traces.as_ref().map(|traces| traces.endpoint.as_str());
        text(f, "otlp_endpoint", endpoint)?;
        match &self.traces {
            Some(traces) => writeln!(f, "otlp_share = {:?}", traces.share)?,
            None => writeln!(f, "# otlp_share = 0.01 # without otlp_endpoint it has no effect")?,
        }
        time(f, "drain_grace", self.drain.grace)?;
        time(f, "drain_timeout", self.drain.timeout)?;
        writeln!(f, "max_message_size = {}", self.limits.message)?;
        writeln!(f, "max_batch_size = {}", self.limits.batch)?;
        writeln!(f, "workers = {}", self.workers)?;
        writeln!(f, "live_standings = {}", self.live_standings)?;
        writeln!(f, "live_promotions = {}", self.live_promotions)?;
        writeln!(f, "store = {}", toml::Value::from(self.store.to_string()))?;
        writeln!(f, "on_store_failure = \"{}\"", failure_name(self.record.on_failure))?;
        writeln!(f, "sample_allowed = {:?}", self.record.sample_allowed)?;
        writeln!(f, "store_content = {}", self.record.store_content)?;
        for (key, after) in
            [("erase_contents_after", self.retention.contents), ("erase_records_after", self.retention.records)]
        {
            match after {
                Some(after) => writeln!(f, "{key} = \"{}d\"", after.as_secs() / DAY)?,
                None => writeln!(f, "# {key} = \"365d\" # not set: never")?,
            }
        }
        path(f, "spool", self.spool.as_deref(), "and the system knows no data folder")?;
        access(self, f)?;
        limits(self, f)
    }
}

fn access(config: &Config, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let edge = &config.edge;
    writeln!(f, "insecure = {}", edge.insecure)?;
    let tls = edge.tls.as_ref();
    path(f, "tls_certificate", tls.map(|tls| tls.certificate.as_path()), "no TLS")?;
    path(f, "tls_key", tls.map(|tls| tls.key.as_path()), "no TLS")?;
    let ca = tls.and_then(|tls| tls.client_ca.as_deref());
    path(f, "tls_client_ca", ca, "no client is asked for a certificate")?;
    match tls.filter(|_| ca.is_some()) {
        Some(tls) => {
            let required = if tls.client_required { "required" } else { "optional" };
            writeln!(f, "tls_client_certificate = \"{required}\"")?;
        }
        None => writeln!(f, "# tls_client_certificate = \"required\" # without tls_client_ca it has no effect")?,
    }
    path(f, "clients", edge.access.clients.as_deref(), "no tokens of our own")?;
    let keys = edge.access.keys.as_ref();
    path(f, "jwt_keys", keys.map(|(path, _)| path.as_path()), "no tokens of an identity provider")?;
    let rules = keys.map(|(_, rules)| rules);
    text(f, "jwt_audience", rules.map(|rules| rules.audience.as_str()))?;
    text(f, "jwt_issuer", rules.and_then(|rules| rules.issuer.as_deref()))?;
    text(f, "jwt_roles_claim", rules.map(|rules| rules.roles_claim.as_str()))?;
    writeln!(f, "health = \"{}\"", open_name(edge.access.health_open))?;
    writeln!(f, "reflection = \"{}\"", open_name(edge.access.reflection_open))
}

fn limits(config: &Config, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let limits = &config.edge_limits;
    match limits.quota {
        Some(quota) => writeln!(f, "quota = {}\nquota_burst = {}", quota.per_second, quota.burst)?,
        None => writeln!(f, "quota = 0\n# quota_burst = 1000 # without quota it has no effect")?,
    }
    writeln!(f, "max_connections = {}", limits.connections)?;
    writeln!(f, "max_connections_per_address = {}", limits.connections_per_address)?;
    writeln!(f, "max_calls = {}", limits.calls)?;
    writeln!(f, "max_calls_per_connection = {}", limits.calls_per_connection)?;
    time(f, "max_wait", limits.wait)?;
    time(f, "handshake_timeout", limits.handshake)?;
    time(f, "idle_timeout", limits.idle)?;
    time(f, "send_timeout", limits.send)?;
    time(f, "stream_idle_timeout", limits.stream_idle)?;
    time(f, "max_connection_age", limits.age.unwrap_or_default())
}

fn time(f: &mut fmt::Formatter<'_>, key: &str, time: Duration) -> fmt::Result {
    writeln!(f, "{key} = \"{}ms\"", time.as_millis())
}

fn path(f: &mut fmt::Formatter<'_>, key: &str, path: Option<&Path>, otherwise: &str) -> fmt::Result {
    match path {
        Some(path) => writeln!(f, "{key} = {}", toml::Value::from(path.display().to_string())),
        None => writeln!(f, "# {key} = \"PATH\" # not set: {otherwise}"),
    }
}

fn text(f: &mut fmt::Formatter<'_>, key: &str, text: Option<&str>) -> fmt::Result {
    match text {
        Some(text) => writeln!(f, "{key} = {}", toml::Value::from(text)),
        None => writeln!(f, "# {key} = \"TEXT\" # not set"),
    }
}

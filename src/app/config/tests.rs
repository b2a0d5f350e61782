//! Layers, faults, and the way through `--print-config` and back.

use std::time::Duration;

use super::*;

fn toml(text: &str) -> RawConfig {
    RawConfig::from_toml(text).unwrap()
}

#[test]
fn without_a_word_the_defaults_of_the_contract_hold() {
    let config = Config::check(&RawConfig::default(), true).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:50051");
    assert_eq!((config.policy, config.log.as_str(), config.log_format), (None, "info", LogFormat::Text));
    assert_eq!(config.limits, MessageLimits { message: 4 << 20, batch: 64 << 20 });
    assert_eq!(Config::check(&RawConfig::default(), false).unwrap().log_format, LogFormat::Json);
}

#[test]
fn flags_stand_over_the_environment_over_the_file() {
    let flags = RawConfig { listen: Some("127.0.0.1:1".to_owned().into()), ..RawConfig::default() };
    let environment = RawConfig::from_environment(|name| match name {
        "DSA_SIGNAL_LISTEN" => Some("127.0.0.1:2".to_owned()),
        "DSA_SIGNAL_WORKERS" => Some("2".to_owned()),
        "DSA_SIGNAL_LOG" => Some(String::new()),
        _ => None,
    });
    let file = toml("listen = \"127.0.0.1:3\"\nworkers = 3\nlog = \"warn\"\ndrain_grace = \"3s\"");
    let config = Config::check(&flags.over(environment).over(file), true).unwrap();
    assert_eq!((config.listen.port(), config.workers.get()), (1, 2));
    assert_eq!(config.log, "warn", "an empty variable is not set");
    assert_eq!(config.drain.grace, Duration::from_secs(3));
}

#[test]
fn unknown_keys_of_a_file_are_named_with_their_line() {
    let error = RawConfig::from_toml("listen = \"127.0.0.1:3\"\nlisen = 1\n").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("unknown field `lisen`"), "{error}");
}

#[test]
fn every_fault_is_told_at_once_with_what_is_allowed() {
    let raw = toml(
        "listen = \"localhost\"\nlog = \"a=b=c\"\nlog_format = \"xml\"\ndrain_grace = 5\ndrain_timeout = \"2h\"\n\
         max_message_size = \"4 MB\"\nmax_batch_size = 10\nworkers = -1\nlive_standings = 0\nstore = \"mysql://u:secret@h/d\"\n\
         on_store_failure = \"ajar\"\nsample_allowed = 1.5\nstore_content = \"perhaps\"\nerase_contents_after = \"0d\"\nerase_records_after = \"1y\"\nmetrics_listen = 9464\ninsecure = \"maybe\"\nhealth = 1\nreflection = \"ajar\"\n\
         tls_client_certificate = \"perhaps\"\njwt_audience = \"\"\nquota = -1\nmax_calls = 0\nmax_wait = \"0s\"\notlp_share = 2\notlp_endpoint = \"127.0.0.1:4317\"",
    );
    let faults = Config::check(&raw, true).unwrap_err().faults;
    let told = faults.iter().filter(|fault| fault.contains("; write"));
    let keys: Vec<_> = told.filter_map(|fault| fault.split(' ').next()).collect();
    let expected = [
        "listen",
        "metrics_listen",
        "log",
        "log_format",
        "otlp_share",
        "otlp_endpoint",
        "drain_grace",
        "drain_timeout",
        "max_message_size",
        "max_batch_size",
        "workers",
        "live_standings",
        "store",
        "on_store_failure",
        "sample_allowed",
        "store_content",
        "erase_contents_after",
        "erase_records_after",
        "insecure",
        "tls_client_certificate",
        "jwt_audience",
        "health",
        "reflection",
        "quota",
        "max_calls",
        "max_wait",
    ];
    assert_eq!(keys, expected);
    assert!(!faults.iter().any(|fault| fault.contains("secret")), "{faults:?}");
    assert_eq!(faults[3], "log_format is \"xml\"; write \"text\" or \"json\"");
}

#[test]
fn times_and_sizes_are_read_with_their_units() {
    for (text, millis) in [("0s", 0), ("250ms", 250), ("30s", 30_000), ("2 min", 120_000), ("3600s", 3_600_000)] {
        assert_eq!(values::duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    assert_eq!(values::days("30d"), Ok(Some(Duration::from_secs(30 * 24 * 3600))));
    for text in ["", "d", "0d", "30", "1.5d", "36526d", "18446744073709551616d"] {
        assert!(values::days(text).is_err(), "{text}");
    }
    for text in ["", "5", "s", "-1s", "1.5s", "3601s", "99999999999999999999s", "18446744073709551615min"] {
        assert!(values::duration(text).is_err(), "{text}");
    }
    for (text, bytes) in [("1024", 1024), ("4MiB", 4 << 20), ("64 MiB", 64 << 20), ("2GiB", 2 << 30)] {
        assert_eq!(values::size(text), Ok(bytes), "{text}");
    }
    for text in ["", "0", "1023", "4MB", "3GiB", "18446744073709551615GiB"] {
        assert!(values::size(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_printed_gives_the_same_configuration_again() {
    let raw = toml("policy = 'C:\\packs \"new\"'\nworkers = 3\nlog = \"info,tower=warn\"\ndrain_grace = \"90s\"");
    let config = Config::check(&raw, false).unwrap();
    assert_eq!(Config::check(&toml(&config.to_string()), true).unwrap(), config);
    let config = Config::check(&RawConfig::default(), true).unwrap();
    assert_eq!(Config::check(&toml(&config.to_string()), true).unwrap(), config);
}

#[test]
fn the_example_file_has_every_key_with_its_default() {
    let text = include_str!("../../../dsa-signal.example.toml");
    assert_eq!(Config::check(&toml(text), true), Config::check(&RawConfig::default(), true));
    // What has no default in the file stands there commented out.
    let shown: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.split(" = ").next().is_some_and(|key| RawConfig::KEYS.contains(&key)) => {
                format!("{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    assert_eq!(toml(&shown).written(), RawConfig::KEYS);
}

#[test]
fn every_key_is_shown_with_a_value_or_with_what_its_absence_means() {
    let shown = Config::check(&RawConfig::default(), true).unwrap().to_string();
    let keys: Vec<_> = shown.lines().filter_map(|line| line.trim_start_matches("# ").split(" = ").next()).collect();
    for key in RawConfig::KEYS {
        assert!(keys.contains(key), "{key} in\n{shown}");
    }
}

#[test]
fn other_machines_are_served_with_tls_or_with_the_word_insecure() {
    let faults = |text: &str| {
        Config::check(&toml(text), true).map_or_else(|invalid| invalid.faults.join("; "), |_| String::new())
    };
    let pair = "tls_certificate = \"c\"\ntls_key = \"k\"\n";
    for address in ["0.0.0.0:50051", "[::]:50051", "192.0.2.1:1"] {
        assert!(faults(&format!("listen = \"{address}\"")).contains("no TLS"), "{address}");
        assert_eq!(faults(&format!("listen = \"{address}\"\n{pair}")), "", "{address}");
        assert_eq!(faults(&format!("listen = \"{address}\"\ninsecure = true")), "", "{address}");
    }
    for address in ["127.0.0.2:1", "[::1]:1"] {
        assert_eq!(faults(&format!("listen = \"{address}\"")), "", "{address}");
    }
}

#[test]
fn settings_without_effect_are_faults() {
    let faults = |text: &str| {
        Config::check(&toml(text), true).map_or_else(|invalid| invalid.faults.join("; "), |_| String::new())
    };
    let pair = "tls_certificate = \"c\"\ntls_key = \"k\"\n";
    for (text, fault) in [
        ("tls_certificate = \"c\"".to_owned(), "tls_certificate is set, and tls_key is not"),
        ("tls_key = \"k\"".to_owned(), "tls_key is set, and tls_certificate is not"),
        ("tls_client_ca = \"a\"".to_owned(), "tls_client_ca has no effect without tls_certificate"),
        (format!("{pair}tls_client_ca = \"a\""), "no client would have a role"),
        (format!("{pair}tls_client_certificate = \"optional\""), "has no effect without tls_client_ca"),
        ("jwt_keys = \"j\"".to_owned(), "jwt_audience is not"),
        ("jwt_issuer = \"i\"".to_owned(), "jwt_issuer has no effect without jwt_keys"),
        ("quota_burst = 5".to_owned(), "quota_burst has no effect without quota"),
    ] {
        assert!(faults(&text).contains(fault), "{text}: {}", faults(&text));
    }
    assert_eq!(faults(&format!("{pair}tls_client_ca = \"a\"\nclients = \"f\"")), "");
    let config = Config::check(&toml("quota = 50"), true).unwrap();
    assert_eq!(config.edge_limits.quota.unwrap().burst.get(), 1000, "a whole batch fits");
}

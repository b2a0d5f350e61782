//! Layers, faults, and the way through `--print-config` and back.

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
         on_store_failure = \"ajar\"\nsample_allowed = 1.5\nstore_content = \"perhaps\"",
    );
    let faults = Config::check(&raw, true).unwrap_err().faults;
    let keys: Vec<_> = faults.iter().filter_map(|fault| fault.split(' ').next()).collect();
    let expected = [
        "listen",
        "log",
        "log_format",
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
    ];
    assert_eq!(keys, expected);
    assert!(!faults.iter().any(|fault| fault.contains("secret")), "{faults:?}");
    assert_eq!(faults[2], "log_format is \"xml\"; write \"text\" or \"json\"");
}

#[test]
fn times_and_sizes_are_read_with_their_units() {
    for (text, millis) in [("0s", 0), ("250ms", 250), ("30s", 30_000), ("2 min", 120_000), ("3600s", 3_600_000)] {
        assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "5", "s", "-1s", "1.5s", "3601s", "99999999999999999999s", "18446744073709551615min"] {
        assert!(duration(text).is_err(), "{text}");
    }
    for (text, bytes) in [("1024", 1024), ("4MiB", 4 << 20), ("64 MiB", 64 << 20), ("2GiB", 2 << 30)] {
        assert_eq!(size(text), Ok(bytes), "{text}");
    }
    for text in ["", "0", "1023", "4MB", "3GiB", "18446744073709551615GiB"] {
        assert!(size(text).is_err(), "{text}");
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
    let shown = text.replace("# policy =", "policy =").replace("# log_format =", "log_format =");
    let shown = shown.replace("# store =", "store =").replace("# spool =", "spool =");
    let RawConfig {
        listen,
        policy,
        log,
        log_format,
        drain_grace,
        drain_timeout,
        max_message_size,
        max_batch_size,
        workers,
        live_standings,
        store,
        on_store_failure,
        sample_allowed,
        store_content,
        spool,
    } = toml(&shown);
    let keys = [
        listen,
        policy,
        log,
        log_format,
        drain_grace,
        drain_timeout,
        max_message_size,
        max_batch_size,
        workers,
        live_standings,
        store,
        on_store_failure,
        sample_allowed,
        store_content,
        spool,
    ];
    assert!(keys.iter().all(Option::is_some), "{keys:?}");
}

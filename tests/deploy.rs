//! What `deploy/` says of the service, held against what the service says of itself: keys, flags, ports, metrics and their labels.
//!
//! Every file is parsed. Tools that know a format better are used where they are installed (promtool, hadolint, systemd-analyze, and Helm's engine from Python) and skipped with a word where
//! they are not.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a file that cannot be read has failed its test")]
#![allow(clippy::print_stderr, reason = "which tools are missing is for who runs the test")]

#[path = "support/process.rs"]
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use dsa_signal::app::{Config, MetricsListen, RawConfig};
use process::{Served, command};
use serde_json::{Value, json};

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(deploy().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below `deploy/`, with its text.
fn files() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&deploy(), &mut found);
    let name = |path: &Path| path.strip_prefix(deploy()).unwrap().display().to_string();
    found.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Words of a text that begin with a prefix, in the alphabet of names.
fn words<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let name = |byte: char| byte.is_ascii_alphanumeric() || byte == '_';
    text.split(|byte: char| !name(byte)).filter(|word| word.starts_with(prefix)).collect()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What the page of metrics has: names as they are queried, with the values of each label.
fn series() -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let served = Served::start(&[]);
    let (_, page) = served.page("/metrics");
    let mut series: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (name, _) = line.rsplit_once(' ').unwrap();
        let (name, labels) = name.split_once('{').unwrap_or((name, "}"));
        let entry = series.entry(name.to_owned()).or_default();
        for label in labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty()) {
            let (label, value) = label.split_once("=\"").unwrap();
            entry.entry(label.to_owned()).or_default().insert(value.trim_end_matches('"').to_owned());
        }
    }
    series
}

/// Holds an expression's names, labels and label values against the page.
fn check_expression(expression: &str, series: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>) {
    let names: Vec<_> = words(expression, "dsasignal_").into_iter().chain(words(expression, "process_")).collect();
    assert!(!names.is_empty() || expression.contains("up{"), "{expression}: asks for nothing of ours");
    for name in names {
        let labels = series.get(name).unwrap_or_else(|| panic!("{expression}: there is no {name}"));
        for (_, selector) in
            expression.match_indices(&format!("{name}{{")).map(|(at, found)| (at, &expression[at + found.len()..]))
        {
            let selector = selector.split('}').next().unwrap();
            for matcher in selector.split(',').map(str::trim).filter(|matcher| !matcher.is_empty()) {
                let (label, wanted) = matcher.split_once(['=', '!']).unwrap();
                if ["instance", "job"].contains(&label) {
                    continue; // Prometheus adds these
                }
                let values = labels.get(label).unwrap_or_else(|| panic!("{expression}: {name} has no label {label}"));
                let wanted = wanted.trim_start_matches(['=', '~']).trim_matches('"');
                for one in wanted.split('|').filter(|one| !one.starts_with('$')) {
                    let prefix = one.strip_suffix(".*").unwrap_or(one);
                    let known = |value: &String| value == one || prefix != one && value.starts_with(prefix);
                    // A pair of labels appears with its first count; the codes are those of gRPC.
                    let code = label == "code" && one.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
                    assert!(code || values.iter().any(known), "{expression}: {label} is never {one}");
                }
            }
        }
    }
}

#[test]
fn alerts_and_dashboard_ask_for_what_there_is() {
    let series = series();
    let alerts = yaml(&read("prometheus/alerts.yaml"));
    let rules = alerts["groups"][0]["rules"].as_array().unwrap();
    assert!(rules.len() >= 10);
    let mut asked = BTreeSet::new();
    for rule in rules {
        let expression = rule["expr"].as_str().unwrap();
        check_expression(expression, &series);
        asked.extend(words(expression, "dsasignal_").into_iter().map(str::to_owned));
        for text in ["summary", "advice"] {
            assert!(rule["annotations"][text].as_str().is_some_and(|text| text.len() > 20), "{}", rule["alert"]);
        }
        assert!(["page", "ticket"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{}", rule["alert"]);
    }
    let board: Value = serde_json::from_str(&read("grafana/dashboards/dsa-signal.json")).unwrap();
    for panel in board["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            check_expression(expression, &series);
            asked.extend(words(expression, "dsasignal_").into_iter().map(str::to_owned));
        }
    }
    for variable in board["templating"]["list"].as_array().unwrap() {
        check_expression(variable["query"]["query"].as_str().unwrap(), &series);
    }
    // And the other way round: what is counted and never looked at is a leftover.
    let stem = |name: &str| {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        histogram.unwrap_or(name).to_owned()
    };
    let asked: BTreeSet<_> = asked.iter().map(|name| stem(name)).collect();
    for name in series.keys().filter(|name| name.starts_with("dsasignal_")).map(|name| stem(name)) {
        let excused = ["dsasignal_policy_loaded_timestamp_seconds", "dsasignal_reloads_total"].contains(&name.as_str());
        assert!(excused || asked.contains(&name), "{name} is on no panel and in no alert");
    }
}

#[test]
fn the_handbook_names_every_metric_and_no_other() {
    let series = series();
    let handbook = std::fs::read_to_string(deploy().join("../docs/OPERATIONS.md")).unwrap();
    let named = words(&handbook, "dsasignal_");
    let exists = |name: &str| series.contains_key(name) || series.contains_key(&format!("{name}_bucket"));
    for name in &named {
        assert!(exists(name), "docs/OPERATIONS.md names {name}, which there is not");
    }
    for name in series.keys().filter(|name| name.starts_with("dsasignal_")) {
        let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        assert!(named.contains(stem) || named.contains(name.as_str()), "docs/OPERATIONS.md does not name {stem}");
    }
}

#[test]
fn the_handbook_gives_the_limits_their_defaults() {
    let handbook = std::fs::read_to_string(deploy().join("../docs/OPERATIONS.md")).unwrap();
    let limits = Config::check(&RawConfig::default(), true).unwrap().edge_limits;
    let row =
        |key: &str| handbook.lines().find(|line| line.starts_with("| ") && line.contains(&format!("`{key}`"))).unwrap();
    for (key, value) in [
        ("max_connections", limits.connections.to_string()),
        ("max_connections_per_address", limits.connections_per_address.to_string()),
        ("max_calls", limits.calls.to_string()),
        ("max_calls_per_connection", limits.calls_per_connection.to_string()),
        ("max_wait", format!("{} ms", limits.wait.as_millis())),
        ("handshake_timeout", format!("{} s", limits.handshake.as_secs())),
        ("idle_timeout", format!("{} min", limits.idle.as_secs() / 60)),
        ("send_timeout", format!("{} s", limits.send.as_secs())),
        ("stream_idle_timeout", format!("{} min", limits.stream_idle.as_secs() / 60)),
    ] {
        assert!(row(key).split('|').nth(2).unwrap().contains(&value), "{key} is {value}: {}", row(key));
    }
}

#[test]
fn variables_flags_and_ports_are_those_of_the_binary() {
    let help = String::from_utf8(command().args(["serve", "--help"]).output().unwrap().stdout).unwrap();
    let example = std::fs::read_to_string(deploy().join("../dsa-signal.example.toml")).unwrap();
    for (name, text) in files() {
        for variable in words(&text, "DSA_SIGNAL_").into_iter().filter(|variable| *variable != "DSA_SIGNAL_") {
            let key = variable.trim_start_matches("DSA_SIGNAL_").to_lowercase();
            assert!(RawConfig::KEYS.contains(&key.as_str()), "{name}: {variable} sets nothing");
        }
        for line in text.lines().filter(|line| line.starts_with("ExecStart=") || line.contains("dsa-signal serve")) {
            for flag in line.split_whitespace().filter(|word| word.starts_with("--")) {
                assert!(help.contains(flag), "{name}: {flag} is no flag");
            }
        }
    }
    let config = Config::check(&RawConfig::default(), true).unwrap();
    let MetricsListen::Default(metrics) = config.metrics_listen else { panic!("{:?}", config.metrics_listen) };
    let (calls, metrics) = (config.listen.port().to_string(), metrics.port().to_string());
    for file in [
        "Dockerfile",
        "docker-compose.yaml",
        "helm/dsa-signal/templates/service.yaml",
        "helm/dsa-signal/templates/deployment.yaml",
    ] {
        assert!(read(file).contains(&calls), "{file} does not know port {calls}");
    }
    for file in ["Dockerfile", "prometheus/prometheus.yml", "helm/dsa-signal/templates/deployment.yaml"] {
        assert!(read(file).contains(&metrics), "{file} does not know port {metrics}");
    }
    let chart = yaml(&read("helm/dsa-signal/Chart.yaml"));
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    let values = yaml(&read("helm/dsa-signal/values.yaml"));
    for (key, value) in values["config"].as_object().unwrap() {
        let line = format!("{key} = {value}");
        let checked = RawConfig::from_toml(&line).map(|raw| Config::check(&raw, true));
        assert!(matches!(checked, Ok(Ok(_))), "values.yaml: {line}: {checked:?}");
        assert!(example.contains(&format!("{key} = ")), "{key}");
    }
}

#[test]
fn every_file_can_be_read_by_those_it_is_for() {
    for (name, text) in files() {
        match Path::new(&name).extension().and_then(|end| end.to_str()) {
            Some("json") => {
                drop(serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}")))
            }
            Some("yaml" | "yml") if !name.contains("templates/") => drop(yaml(&text)),
            _ => {}
        }
        assert!(!text.contains('\t'), "{name} has a tab");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{name} ends with one line end");
    }
    let compose = yaml(&read("docker-compose.yaml"));
    let services = compose["services"].as_object().unwrap();
    for (name, service) in services {
        for needed in service["depends_on"].as_object().into_iter().flat_map(|all| all.keys()) {
            assert!(services.contains_key(needed), "{name} needs {needed}");
        }
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name} is published to other machines: {port}");
        }
    }
}

#[test]
fn templates_of_the_chart_ask_for_values_that_there_are_and_close_what_they_open() {
    let values = yaml(&read("helm/dsa-signal/values.yaml"));
    for (name, text) in files().into_iter().filter(|(name, _)| name.contains("templates/")) {
        assert_eq!(text.matches("{{").count(), text.matches("}}").count(), "{name}");
        let mut open = 0;
        for action in text.split("{{").skip(1).map(|action| action.split("}}").next().unwrap().trim_matches(['-', ' ']))
        {
            match action.split(' ').next().unwrap() {
                "if" | "with" | "range" | "define" => open += 1,
                "end" => open -= 1,
                _ => {}
            }
            assert!(open >= 0, "{name}: an end too many");
            for path in action.split([' ', '(', ')']).filter_map(|word| word.strip_prefix(".Values.")) {
                let found = path.split('.').try_fold(&values, |value, key| value.get(key));
                assert!(found.is_some(), "{name}: values.yaml has no {path}");
            }
        }
        assert_eq!(open, 0, "{name}: something is not ended");
    }
}

/// The chart's manifests, as Helm's own engine renders them with these values; `None` = the engine is not installed.
fn rendered(values: &Value) -> Option<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deploy/render.py");
    let chart = deploy().join("helm/dsa-signal");
    let output = Command::new("python3").arg(script).arg(chart).arg(values.to_string()).output();
    let output = output.ok().filter(|output| output.status.code() != Some(3));
    let required = std::env::var("DSA_SIGNAL_REQUIRE_CLIENTS").is_ok_and(|value| value == "1");
    assert!(output.is_some() || !required, "python3 with helm-python-sdk is required here");
    let Some(output) = output else {
        eprintln!("skipped: python3 with helm-python-sdk is not installed");
        return None;
    };
    assert!(output.status.success(), "{values}\n{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let manifests = text.split("\n---").map(|one| one.trim_start_matches("---"));
    let has_content = |one: &&str| one.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    Some(manifests.filter(has_content).map(yaml).collect())
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    let mut found = manifests.iter().filter(|manifest| manifest["kind"] == kind);
    found.next().unwrap_or_else(|| panic!("no {kind}"))
}

#[test]
fn the_chart_makes_what_kubernetes_and_the_service_understand() {
    let secured = json!({
        "tls": {"existingSecret": "t", "clientCertificates": true}, "clients": {"existingSecret": "c"},
        "store": {"existingSecret": "s"}, "jwt": {"existingConfigMap": "j", "issuer": "https://issuer.example"},
        "policy": {"volume": {"configMap": {"name": "pack"}}}, "serviceMonitor": {"enabled": true},
    });
    let bare = json!({"tls": {"insecure": true}, "autoscaling": {"enabled": false}, "replicas": 3});
    for values in [&bare, &secured] {
        let Some(manifests) = rendered(values) else { return };
        let deployment = of_kind(&manifests, "Deployment");
        let pod = &deployment["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        // What is mounted is a volume, and the service finds its files there and nowhere else.
        let names = |list: &Value| -> BTreeSet<String> {
            list.as_array().into_iter().flatten().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&pod["volumes"]), names(&container["volumeMounts"]), "{values}");
        let mounts: Vec<_> =
            container["volumeMounts"].as_array().unwrap().iter().map(|m| m["mountPath"].as_str().unwrap()).collect();
        // The service accepts every variable with its value.
        let mut print = command();
        print.args(["serve", "--print-config"]).env_remove("DSA_SIGNAL_STORE");
        for variable in container["env"].as_array().unwrap() {
            let name = variable["name"].as_str().unwrap();
            let value = variable["value"].as_str().unwrap_or("postgres://of.the.secret/dsa");
            let path = value.starts_with('/');
            assert!(!path || mounts.iter().any(|mount| value.starts_with(mount)), "{name}: {value} is not mounted");
            print.env(name, value);
        }
        let output = print.output().unwrap();
        assert!(output.status.success(), "{values}\n{}", String::from_utf8_lossy(&output.stderr));
        // Probes and services name ports of the container; services and the budget find the pods.
        let ports = names(&container["ports"]);
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            assert!(ports.contains(container[probe]["httpGet"]["port"].as_str().unwrap()), "{probe}");
        }
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        let selects = |selector: &Value| {
            let wanted = selector.as_object().unwrap();
            !wanted.is_empty() && wanted.iter().all(|(label, value)| labels[label] == *value)
        };
        assert!(selects(&deployment["spec"]["selector"]["matchLabels"]));
        assert!(selects(&of_kind(&manifests, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"]));
        for service in manifests.iter().filter(|manifest| manifest["kind"] == "Service") {
            assert!(selects(&service["spec"]["selector"]), "{service}");
            for port in service["spec"]["ports"].as_array().unwrap() {
                assert!(ports.contains(port["targetPort"].as_str().unwrap()), "{service}");
            }
        }
        let drain =
            of_kind(&manifests, "Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].as_u64();
        assert!(drain.is_some_and(|seconds| seconds > 35), "drain_grace and drain_timeout are 35 s together");
        let grpc = &of_kind(&manifests, "Service")["spec"]["ports"][0]["appProtocol"];
        let monitored = manifests.iter().any(|manifest| manifest["kind"] == "ServiceMonitor");
        let scraped = of_kind(&manifests, "NetworkPolicy").to_string().contains("9464");
        assert_eq!(
            (grpc == "https", monitored, scraped),
            if values == &secured { (true, true, true) } else { (false, false, false) }
        );
        assert_eq!(
            deployment["spec"]["replicas"].as_u64(),
            (values == &bare).then_some(3),
            "an autoscaler counts alone"
        );
    }
}

/// Runs a tool if it is installed.
fn with_tool(tool: &str, arguments: &[&str]) {
    match Command::new(tool).args(arguments).current_dir(deploy()).output() {
        Err(_) => eprintln!("skipped: {tool} is not installed"),
        Ok(output) => {
            let said =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{tool} {arguments:?}\n{said}");
        }
    }
}

#[test]
fn tools_that_know_the_formats_find_nothing() {
    with_tool("promtool", &["check", "config", "prometheus/prometheus.yml"]);
    with_tool("hadolint", &["Dockerfile"]);
    // The unit names the binary where it will be; here it is elsewhere.
    let folder = tempfile::TempDir::new().unwrap();
    let unit = folder.path().join("dsa-signal.service");
    let text =
        read("systemd/dsa-signal.service").replace("/usr/local/bin/dsa-signal", env!("CARGO_BIN_EXE_dsa-signal"));
    std::fs::write(&unit, text).unwrap();
    with_tool("systemd-analyze", &["verify", "--man=no", unit.to_str().unwrap()]);
}

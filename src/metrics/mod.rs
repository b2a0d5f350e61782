//! The shapes of metrics: counts and histograms under labels from closed lists.
//!
//! Not here: what is counted (each owner has its own values and registers them), how they are served (`monitor/`). Kept true: a label's
//! values are known before anything is counted, so no caller can make a series; counting takes no lock; zeros are shown.
//!
//! The registry is `prometheus_client`'s: it is a value that is handed around, where other crates have one global registry and tests
//! that must run one by one. Its histogram is behind a lock, and its families look labels up at each count; both are on the path of every call
//! here, hence these.

mod counts;
mod histograms;
mod reading;

pub use counts::Counts;
pub use histograms::{Histograms, SECONDS, SHARES};
pub use prometheus_client::registry::Registry;
pub use reading::{Info, Reading};

/// The registry as Prometheus reads it (OpenMetrics text).
pub fn page(registry: &Registry) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _written = prometheus_client::encoding::text::encode(&mut text, registry);
    text
}

/// The content type of `page`.
pub const PAGE_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Labels of one series.
type Labels = Vec<(&'static str, &'static str)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_every_series_from_the_beginning_with_help_and_type() {
        let mut registry = Registry::default();
        let counts = Counts::by("reason", &["full", "slow"]);
        let pairs = Counts::by_two(("rpc", &["A", "B"]), ("code", &["OK", "NOT_FOUND"]));
        let seconds = Histograms::by("rpc", &["A", "B"], SECONDS);
        registry.register("dsasignal_x_refusals", "Refused", counts.clone());
        registry.register("dsasignal_x_calls", "Calls", pairs.clone());
        registry.register("dsasignal_x_duration_seconds", "Time", seconds.clone());
        registry.register("dsasignal_x_depth", "Depth", Reading::new(|| 2.5));
        registry.register("dsasignal_x", "What", Info::new(|| vec![("version", "1 \"a\"".to_owned())]));
        counts.add(1);
        pairs.add(3);
        seconds.observe(1, 0.003);
        let text = page(&registry);
        for line in [
            "# TYPE dsasignal_x_refusals counter",
            "# HELP dsasignal_x_refusals Refused.",
            "dsasignal_x_refusals_total{reason=\"full\"} 0",
            "dsasignal_x_refusals_total{reason=\"slow\"} 1",
            "dsasignal_x_calls_total{rpc=\"A\",code=\"OK\"} 0",
            "dsasignal_x_calls_total{rpc=\"B\",code=\"NOT_FOUND\"} 1",
            "dsasignal_x_duration_seconds_count{rpc=\"A\"} 0",
            "dsasignal_x_duration_seconds_bucket{le=\"0.0025\",rpc=\"B\"} 0",
            "dsasignal_x_duration_seconds_bucket{le=\"0.005\",rpc=\"B\"} 1",
            "dsasignal_x_duration_seconds_bucket{le=\"+Inf\",rpc=\"B\"} 1",
            "dsasignal_x_depth 2.5",
            "dsasignal_x_info{version=\"1 \\\"a\\\"\"} 1",
            "# EOF",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\nin\n{text}");
        }
        assert!(!text.contains("code=\"NOT_FOUND\"} 0"), "pairs that never were are left out");
    }
}

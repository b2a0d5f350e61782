//! Logs to the standard error, and traces to a collector if there is one.
//!
//! Not here: what is logged and traced (`grpc/layers.rs` makes the span of a call). Kept true: traces carry what logs may carry and nothing else: RPC, request and
//! decision; a collector that is away costs a bounded queue and nothing of a call.

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use super::config::Config;
use crate::cli::LogFormat;

/// What has to be finished when the service ends.
pub(super) struct Telemetry {
    #[cfg(feature = "otlp")]
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Begins. The error is a sentence for whoever has configured it.
    pub(super) fn start(config: &Config) -> Result<Telemetry, String> {
        let traces = traces::start(config)?;
        // A process that embeds us may have logs of its own; then they are used.
        let _kept = tracing_subscriber::registry().with(traces::layer(&traces)).with(logs(config)).try_init();
        #[cfg(feature = "otlp")]
        return Ok(Telemetry { traces });
        #[cfg(not(feature = "otlp"))]
        Ok(Telemetry {})
    }

    /// Sends what has not been sent.
    pub(super) fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(Err(failed)) = self.traces.map(|traces| traces.shutdown()) {
            tracing::warn!(%failed, "the last traces could not be sent");
        }
    }
}

/// For everything below. A layer of its own, so that traces may want more than logs do.
type Boxed<S> = Box<dyn Layer<S> + Send + Sync>;

fn logs<S>(config: &Config) -> Boxed<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines: Boxed<S> = match config.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).boxed(),
    };
    // The configuration has checked it.
    let wanted: Targets = config.log.parse().unwrap_or_default();
    lines.with_filter(wanted).boxed()
}

#[cfg(not(feature = "otlp"))]
mod traces {
    use super::{Boxed, Config, Registry};

    /// No traces.
    pub(super) struct Untraced;

    pub(super) fn start(config: &Config) -> Result<Untraced, String> {
        let why = "otlp_endpoint is set, and this binary cannot send traces: build it with --features otlp";
        if config.traces.is_some() { Err(why.to_owned()) } else { Ok(Untraced) }
    }

    pub(super) fn layer(_: &Untraced) -> Option<Boxed<Registry>> {
        None
    }
}

#[cfg(feature = "otlp")]
mod traces {
    use opentelemetry::global;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
    use tracing::Level;

    use super::{Boxed, Config, Layer, Registry, Targets};

    pub(super) fn start(config: &Config) -> Result<Option<SdkTracerProvider>, String> {
        let Some(traces) = &config.traces else { return Ok(None) };
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(&traces.endpoint).build();
        let exporter = exporter
            .map_err(|_| "otlp_endpoint is no address of a collector, e.g. http://127.0.0.1:4317".to_owned())?;
        // Whoever calls decides; of calls without a decision, a share.
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(traces.share)));
        let resource = Resource::builder().with_service_name("dsa-signal").build();
        global::set_text_map_propagator(TraceContextPropagator::new());
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler).with_resource(resource);
        Ok(Some(provider.build()))
    }

    pub(super) fn layer(provider: &Option<SdkTracerProvider>) -> Option<Boxed<Registry>> {
        let tracer = provider.as_ref()?.tracer("dsa-signal");
        let ours = Targets::new().with_target("dsa_signal", Level::DEBUG);
        Some(
            tracing_opentelemetry::layer()
                .with_tracer(tracer)
                .with_location(false)
                .with_threads(false)
                .with_filter(ours)
                .boxed(),
        )
    }
}

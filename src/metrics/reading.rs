//! What is not counted but looked at when somebody asks.
//!
//! Not here: what is looked at. Kept true: looking takes no lock that a call waits for (its owner's duty), and happens at most as often as the
//! page is read.

use std::fmt;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;

/// A number that goes up and down.
pub struct Reading(Box<dyn Fn() -> f64 + Send + Sync>);

impl Reading {
    /// As read by a function.
    pub fn new(read: impl Fn() -> f64 + Send + Sync + 'static) -> Reading {
        Reading(Box::new(read))
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reading")
    }
}

impl EncodeMetric for Reading {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.encode_gauge(&(self.0)())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Gauge
    }
}

/// What is in force, as labels of one series whose value is 1.
pub struct Info(Box<dyn Fn() -> Vec<(&'static str, String)> + Send + Sync>);

impl Info {
    /// As read by a function.
    pub fn new(read: impl Fn() -> Vec<(&'static str, String)> + Send + Sync + 'static) -> Info {
        Info(Box::new(read))
    }
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Info")
    }
}

impl EncodeMetric for Info {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        encoder.encode_info(&(self.0)())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Info
    }
}

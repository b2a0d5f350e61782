//! Distributions in fixed buckets.
//!
//! Not here: their names and help texts (their owners register them). Kept true: a page shows the buckets as they were counted, so sums and
//! counts of one page may differ by what came in between, and never from page to page.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::Labels;

/// From 50 us, which no call undercuts, to the minute after which calls are cut.
pub const SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    60.0,
];

/// Shares from 0 to 1, such as risks.
pub const SHARES: &[f64] = &[0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0];

/// Sums are kept in billionths: an atomic integer, where one of floating-point numbers would need a lock or a loop.
const UNIT: f64 = 1e9;

/// Histograms under one label. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Histograms(Arc<Cells>);

#[derive(Debug)]
struct Cells {
    labels: Vec<Labels>,
    bounds: &'static [f64],
    cells: Vec<Cell>,
}

#[derive(Debug)]
struct Cell {
    /// One a bound, and one for what is larger.
    buckets: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Histograms {
    /// One for each value of a label, in this order.
    pub fn by(label: &'static str, values: &[&'static str], bounds: &'static [f64]) -> Histograms {
        Histograms::over(values.iter().map(|value| vec![(label, *value)]).collect(), bounds)
    }

    /// One without a label; `at` is 0.
    pub fn one(bounds: &'static [f64]) -> Histograms {
        Histograms::over(vec![Vec::new()], bounds)
    }

    fn over(labels: Vec<Labels>, bounds: &'static [f64]) -> Histograms {
        let cell = || Cell { buckets: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) };
        let cells = labels.iter().map(|_| cell()).collect();
        Histograms(Arc::new(Cells { labels, bounds, cells }))
    }

    /// Counts a value; negative ones count as 0.
    pub fn observe(&self, at: usize, value: f64) {
        let Some(cell) = self.0.cells.get(at) else { return };
        let bucket = self.0.bounds.iter().position(|bound| value <= *bound).unwrap_or(self.0.bounds.len());
        if let Some(bucket) = cell.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        cell.sum.fetch_add((value * UNIT) as u64, Ordering::Relaxed); // `as` stops at 0 and at the largest
    }

    /// How many values were counted.
    pub fn count(&self, at: usize) -> u64 {
        let cell = self.0.cells.get(at);
        cell.map_or(0, |cell| cell.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum())
    }
}

impl EncodeMetric for Histograms {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        for (labels, cell) in self.0.labels.iter().zip(&self.0.cells) {
            let counted: Vec<_> = cell.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
            let bounds = self.0.bounds.iter().copied().chain([f64::INFINITY]);
            let buckets: Vec<_> = bounds.zip(counted.iter().copied()).collect();
            let sum = cell.sum.load(Ordering::Relaxed) as f64 / UNIT;
            let count = counted.iter().sum();
            if labels.is_empty() {
                encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
            } else {
                encoder.encode_family(labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}

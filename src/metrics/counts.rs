//! Counts that only grow.
//!
//! Not here: their names and help texts (their owners register them). Kept true: a count outside of the closed list is left out and
//! never made.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::Labels;

/// Counts under one label, or under two. Cheap to clone; clones count together.
#[derive(Clone, Debug)]
pub struct Counts(Arc<Cells>);

#[derive(Debug)]
struct Cells {
    labels: Vec<Labels>,
    values: Vec<AtomicU64>,
    /// Of so many neighbours only the first is shown at zero; the others appear with their first count.
    sparse: usize,
}

impl Counts {
    /// One for each value of a label, in this order.
    pub fn by(label: &'static str, values: &[&'static str]) -> Counts {
        Counts::over(values.iter().map(|value| vec![(label, *value)]).collect(), 1)
    }

    /// One for each pair of values; `at = first * second.len() + second`. At zero only the pairs with the first value of the second label
    /// are shown: hundreds of pairs never happen.
    pub fn by_two(first: (&'static str, &[&'static str]), second: (&'static str, &[&'static str])) -> Counts {
        Counts::over(pairs(first, second), second.1.len())
    }

    /// The same, every pair shown from the start: for few pairs, each of which somebody waits for.
    pub fn by_each_of_two(first: (&'static str, &[&'static str]), second: (&'static str, &[&'static str])) -> Counts {
        Counts::over(pairs(first, second), 1)
    }

    fn over(labels: Vec<Labels>, sparse: usize) -> Counts {
        let values = labels.iter().map(|_| AtomicU64::new(0)).collect();
        Counts(Arc::new(Cells { labels, values, sparse }))
    }

    /// Counts one.
    pub fn add(&self, at: usize) {
        self.add_many(at, 1);
    }

    /// Counts several.
    pub fn add_many(&self, at: usize, many: u64) {
        if let Some(value) = self.0.values.get(at) {
            value.fetch_add(many, Ordering::Relaxed);
        }
    }

    /// What was counted.
    pub fn get(&self, at: usize) -> u64 {
        self.0.values.get(at).map_or(0, |value| value.load(Ordering::Relaxed))
    }
}

fn pairs(
    (one, firsts): (&'static str, &[&'static str]),
    (other, seconds): (&'static str, &[&'static str]),
) -> Vec<Labels> {
    let pair = |first: &'static str| seconds.iter().map(move |second| vec![(one, first), (other, *second)]);
    firsts.iter().copied().flat_map(pair).collect()
}

impl EncodeMetric for Counts {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        for (at, (labels, value)) in self.0.labels.iter().zip(&self.0.values).enumerate() {
            let value = value.load(Ordering::Relaxed);
            if value > 0 || at.is_multiple_of(self.0.sparse) {
                encoder.encode_family(labels)?.encode_counter::<NoLabelSet, _, u64>(&value, None)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Counter
    }
}

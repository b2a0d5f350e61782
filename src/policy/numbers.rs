//! Where the numbers that can be refitted stand in a pack's files: weights of signals, priors of areas.
//!
//! Not here: what the numbers mean, whether they are in range (`compile/`). Kept true: a place is exactly the digits as
//! written, so replacing it leaves every other byte of the file, comments included, as it was.

use super::faults::{At, Faults, Located};
use super::shape;
use super::source::PackSource;

/// A number in a file of a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenNumber {
    /// A signal (`medicine.brand_named`), or an area whose prior it is (`medicine`).
    pub of: String,
    /// Position in `PackSource::files`.
    pub file: usize,
    /// Bytes of the file's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is written there.
    pub value: f64,
}

/// Weights and priors of a pack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenNumbers {
    /// Of signals, in the order of the files.
    pub weights: Vec<WrittenNumber>,
    /// Of areas, in the order of `pack.yaml`.
    pub priors: Vec<WrittenNumber>,
}

/// Finds them. Of a pack that does not compile, as many as can be read.
pub fn written_numbers(source: &PackSource) -> WrittenNumbers {
    let raw = shape::read(source, &mut Faults::new(source));
    let written = |of: String, number: &Located<f64>| {
        let At { file, start, end } = number.at;
        WrittenNumber { of, file: file.into(), start: start as usize, end: end as usize, value: number.value }
    };
    let prior = |area: &shape::RawArea| Some(written(area.name.value.clone(), area.prior.as_ref()?));
    let weights = raw.signals.iter().flat_map(|file| {
        let area = file.area.as_ref().map(|area| area.value.as_str()).unwrap_or_default();
        let weight = move |signal: &shape::RawSignal| {
            Some(written(format!("{area}.{}", signal.id.value), signal.weight.as_ref()?))
        };
        file.signals.iter().filter_map(weight)
    });
    WrittenNumbers { weights: weights.collect(), priors: raw.settings.areas.iter().filter_map(prior).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::source::embedded;
    use super::*;

    #[test]
    fn every_place_holds_exactly_the_number() {
        let source = embedded();
        let numbers = written_numbers(&source);
        assert!(numbers.weights.len() > 100 && numbers.priors.len() > 10);
        for number in numbers.weights.iter().chain(&numbers.priors) {
            let text = &source.files()[number.file].text[number.start..number.end];
            assert_eq!(text.parse::<f64>(), Ok(number.value), "{}", number.of);
        }
    }
}

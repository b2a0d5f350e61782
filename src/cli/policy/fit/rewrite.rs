//! Fitted numbers into the text of a pack's files.
//!
//! Not here: where numbers stand (`policy::written_numbers`). Kept true: a number that did not change keeps its digits as
//! they were written.

use std::collections::BTreeMap;

use crate::policy::{PackFile, PackSource, written_numbers};
use crate::service::AreaFit;

/// The pack with every fitted number in the place of the written one.
pub(super) fn with_fitted_numbers(source: &PackSource, fits: &[AreaFit]) -> PackSource {
    let signals = fits.iter().flat_map(|fit| &fit.signals).map(|signal| (signal.signal_id.as_str(), signal.after));
    let weights: BTreeMap<&str, f64> = signals.collect();
    let priors: BTreeMap<&str, f64> = fits.iter().map(|fit| (fit.area.as_str(), fit.prior.1)).collect();
    let numbers = written_numbers(source);
    let mut edits: Vec<(usize, usize, usize, f64)> = Vec::new();
    for (written, fitted) in [(&numbers.weights, &weights), (&numbers.priors, &priors)] {
        for number in written {
            if let Some(value) = fitted.get(number.of.as_str()).filter(|value| **value != number.value) {
                edits.push((number.file, number.start, number.end, *value));
            }
        }
    }
    // From the end, so that earlier places stay where they are.
    edits.sort_unstable_by_key(|(file, start, ..)| std::cmp::Reverse((*file, *start)));
    let mut files: Vec<PackFile> = source.files().to_vec();
    for (file, start, end, value) in edits {
        let Some(file) = files.get_mut(file) else { continue };
        if file.text.get(start..end).is_some() {
            // With a decimal always: `6.0`, as packs are written.
            file.text.replace_range(start..end, &format!("{value:?}"));
        }
    }
    PackSource::from_files(files).with_model(source.model().map(<[u8]>::to_vec))
}

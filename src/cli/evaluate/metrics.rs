//! How well risks separate what should be flagged from what should not, and whether they mean what they say.
//!
//! Not here: which rows are compared (`tally.rs`), how numbers are shown. Kept true: equal scores are never torn apart
//! (a threshold lies between scores, not between rows), and what no row can answer is `None`, not zero.

use serde::{Deserialize, Serialize};

/// What a threshold achieves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OperatingPoint {
    /// Risks strictly above this are flagged.
    pub(crate) above: f64,
    /// Share of the positives that are flagged.
    pub(crate) recall: f64,
    /// Share of the negatives that are flagged: at most what was asked for, less where scores are equal.
    pub(crate) false_positive_rate: f64,
}

/// Rows whose risk lies in one interval, and how many of them deserved it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReliabilityBin {
    /// Least risk of the interval.
    pub(crate) from: f64,
    /// Its end; exclusive, except in the last interval.
    pub(crate) to: f64,
    /// Rows in it.
    pub(crate) rows: usize,
    /// What they count together: as many as there are, unless positives are weighed.
    #[serde(default)]
    pub(crate) weight: f64,
    /// Their mean risk; 0 if there are none.
    pub(crate) mean_risk: f64,
    /// Share of them that are positive; 0 if there are none.
    pub(crate) positive_share: f64,
}

/// `part / whole`, or nothing of nothing.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The mean of what is known.
pub(crate) fn mean(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0_usize);
    for value in values.into_iter().flatten() {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// The lowest threshold that flags at most `most` (0..=1) of the negatives: risks strictly above it are flagged.
///
/// With too few negatives for the rate (`most * negatives < 1`) no false positive at all is allowed.
pub(crate) fn threshold(most: f64, negatives: &[f64]) -> Option<f64> {
    if negatives.is_empty() {
        return None;
    }
    // The small addend keeps 0.01 * 300 = 2.9999… from losing a row to rounding.
    let allowed = (most * negatives.len() as f64 + 1e-9) as usize;
    let mut falling = negatives.to_vec();
    falling.sort_unstable_by(|a, b| b.total_cmp(a));
    // The first negative that must not be flagged bounds the threshold; without one, everything may be flagged.
    Some(falling.get(allowed).copied().unwrap_or(-1.0))
}

/// The threshold for a rate, and what it catches.
pub(crate) fn recall_at(most: f64, positives: &[f64], negatives: &[f64]) -> Option<OperatingPoint> {
    let above = threshold(most, negatives)?;
    let flagged = |scores: &[f64]| scores.iter().filter(|score| **score > above).count();
    Some(OperatingPoint {
        above,
        recall: share(flagged(positives), positives.len())?,
        false_positive_rate: share(flagged(negatives), negatives.len())?,
    })
}

/// Average precision: the sum of `(recall gained) * precision` over falling thresholds, equal scores taken together.
pub(crate) fn average_precision(positives: &[f64], negatives: &[f64]) -> Option<f64> {
    if positives.is_empty() {
        return None;
    }
    let mut falling: Vec<(f64, bool)> = labelled(positives, negatives).collect();
    falling.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut caught, mut flagged, mut sum) = (0_usize, 0_usize, 0.0);
    for equal in falling.chunk_by(|a, b| a.0 == b.0) {
        let gained = equal.iter().filter(|(_, positive)| *positive).count();
        caught += gained;
        flagged += equal.len();
        sum += gained as f64 / positives.len() as f64 * (caught as f64 / flagged as f64);
    }
    Some(sum)
}

/// Recall and precision over falling thresholds, equal scores taken together: from the first line flagged to all of them.
pub(crate) fn precision_recall(positives: &[f64], negatives: &[f64]) -> Vec<(f64, f64)> {
    let mut falling: Vec<(f64, bool)> = labelled(positives, negatives).collect();
    falling.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let (mut caught, mut flagged) = (0_usize, 0_usize);
    let point = |equal: &[(f64, bool)]| {
        caught += equal.iter().filter(|(_, positive)| *positive).count();
        flagged += equal.len();
        (caught as f64 / positives.len().max(1) as f64, caught as f64 / flagged as f64)
    };
    falling.chunk_by(|a, b| a.0 == b.0).map(point).collect()
}

/// Brier score: mean squared distance between the risk and what was true (Brier 1950). 0 is best.
pub(crate) fn brier(positives: &[f64], negatives: &[f64]) -> Option<f64> {
    mean(labelled(positives, negatives).map(|(score, positive)| {
        let truth = if positive { 1.0 } else { 0.0 };
        Some((score - truth) * (score - truth))
    }))
}

/// `bins` intervals of equal width over 0..=1.
pub(crate) fn reliability(bins: usize, positives: &[f64], negatives: &[f64]) -> Vec<ReliabilityBin> {
    weighed_reliability(bins, positives, negatives, 1.0)
}

/// The same, as if there were `positive_weight` times as many positives.
pub(crate) fn weighed_reliability(
    bins: usize,
    positives: &[f64],
    negatives: &[f64],
    positive_weight: f64,
) -> Vec<ReliabilityBin> {
    let mut sums = vec![(0_usize, 0.0, 0.0, 0.0); bins];
    for (score, positive) in labelled(positives, negatives) {
        let bin = ((score * bins as f64) as usize).min(bins.saturating_sub(1));
        let counts = if positive { positive_weight } else { 1.0 };
        if let Some((rows, weight, risk, hits)) = sums.get_mut(bin) {
            *rows += 1;
            *weight += counts;
            *risk += counts * score;
            *hits += if positive { counts } else { 0.0 };
        }
    }
    let edge = |bin: usize| bin as f64 / bins as f64;
    let mean = |sum: f64, weight: f64| if weight > 0.0 { sum / weight } else { 0.0 };
    let fill = |(bin, (rows, weight, risk, hits)): (usize, (usize, f64, f64, f64))| ReliabilityBin {
        from: edge(bin),
        to: edge(bin + 1),
        rows,
        weight,
        mean_risk: mean(risk, weight),
        positive_share: mean(hits, weight),
    };
    sums.into_iter().enumerate().map(fill).collect()
}

/// Expected calibration error: mean distance between risk and truth over the bins, weighted by what their rows count
/// (Naeini et al. 2015).
pub(crate) fn expected_calibration_error(bins: &[ReliabilityBin]) -> Option<f64> {
    let weight: f64 = bins.iter().map(|bin| bin.weight).sum();
    let distance = |bin: &ReliabilityBin| (bin.mean_risk - bin.positive_share).abs() * bin.weight;
    (weight > 0.0).then(|| bins.iter().map(distance).sum::<f64>() / weight)
}

fn labelled(positives: &[f64], negatives: &[f64]) -> impl Iterator<Item = (f64, bool)> {
    let positives = positives.iter().map(|score| (*score, true));
    positives.chain(negatives.iter().map(|score| (*score, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEGATIVES: [f64; 10] = [0.4, 0.7, 0.5, 0.3, 0.2, 0.2, 0.1, 0.1, 0.0, 0.0];
    const POSITIVES: [f64; 5] = [0.9, 0.5, 0.8, 0.5, 0.1];

    fn close(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn a_threshold_never_lies_between_equal_scores() {
        // One false positive of ten may pass: 0.7. The next negative, 0.5, may not, and with it the positives at 0.5.
        let tenth = recall_at(0.1, &POSITIVES, &NEGATIVES).unwrap();
        assert_eq!(tenth, OperatingPoint { above: 0.5, recall: 0.4, false_positive_rate: 0.1 });
        // Two may pass: 0.7 and 0.5. Above 0.4 lie four of five positives.
        let fifth = recall_at(0.2, &POSITIVES, &NEGATIVES).unwrap();
        assert_eq!(fifth, OperatingPoint { above: 0.4, recall: 0.8, false_positive_rate: 0.2 });
        // Five may pass, but the fifth and the sixth are equal at 0.2: only four do.
        let half = recall_at(0.5, &POSITIVES, &NEGATIVES).unwrap();
        assert_eq!(half, OperatingPoint { above: 0.2, recall: 0.8, false_positive_rate: 0.4 });
    }

    #[test]
    fn too_few_negatives_allow_no_false_positive() {
        let point = recall_at(0.001, &POSITIVES, &NEGATIVES).unwrap();
        assert_eq!(point, OperatingPoint { above: 0.7, recall: 0.4, false_positive_rate: 0.0 });
    }

    #[test]
    fn a_rate_of_one_flags_everything_and_rounding_loses_no_row() {
        assert_eq!(recall_at(1.0, &POSITIVES, &NEGATIVES).unwrap().recall, 1.0);
        let many: Vec<f64> = (0..300).map(f64::from).collect();
        assert_eq!(recall_at(0.01, &[296.5], &many).unwrap().recall, 1.0, "three of 300 may pass: 297, 298, 299");
        assert_eq!(recall_at(0.01, &[296.0], &many).unwrap().recall, 0.0, "296 may not");
    }

    #[test]
    fn what_no_row_can_answer_is_unknown() {
        assert_eq!(recall_at(0.1, &[], &NEGATIVES), None);
        assert_eq!(recall_at(0.1, &POSITIVES, &[]), None);
        assert_eq!(average_precision(&[], &NEGATIVES), None);
        assert_eq!(brier(&[], &[]), None);
        assert_eq!(expected_calibration_error(&reliability(10, &[], &[])), None);
        assert_eq!(mean([None, None]), None);
    }

    #[test]
    fn average_precision_takes_equal_scores_together() {
        // 0.9: one of one, recall 1/2. 0.8: no gain. 0.5: a positive and a negative together, two of four.
        close(average_precision(&[0.9, 0.5], &[0.8, 0.5]), 0.5 * 1.0 + 0.5 * 0.5);
        // Everything equal: the share of positives, in whatever order the rows come.
        close(average_precision(&[0.3], &[0.3, 0.3, 0.3]), 0.25);
        close(average_precision(&[0.9, 0.8], &[0.1]), 1.0);
        // Ranks 2 and 4 of four: (1/2 + 2/4) / 2.
        close(average_precision(&[0.7, 0.5], &[0.8, 0.6]), 0.5);
    }

    #[test]
    fn precision_and_recall_follow_the_falling_threshold() {
        let curve = precision_recall(&[0.9, 0.5], &[0.8, 0.5]);
        assert_eq!(curve, [(0.5, 1.0), (0.5, 0.5), (1.0, 0.5)], "the two at 0.5 come together");
        assert_eq!(precision_recall(&[], &[]), []);
    }

    #[test]
    fn brier_is_the_mean_squared_distance_from_the_truth() {
        close(brier(&[0.8, 1.0], &[0.4, 0.0]), (0.04 + 0.0 + 0.16 + 0.0) / 4.0);
    }

    #[test]
    fn calibration_is_measured_in_bins_of_equal_width() {
        let bins = reliability(2, &[0.5, 1.0, 0.25], &[0.25, 0.75]);
        let low = ReliabilityBin { from: 0.0, to: 0.5, rows: 2, weight: 2.0, mean_risk: 0.25, positive_share: 0.5 };
        let high =
            ReliabilityBin { from: 0.5, to: 1.0, rows: 3, weight: 3.0, mean_risk: 0.75, positive_share: 2.0 / 3.0 };
        assert_eq!(bins, [low, high], "0.5 opens the upper bin and 1.0 still lies in it");
        close(expected_calibration_error(&bins), (0.25 * 2.0 + (0.75 - 2.0 / 3.0) * 3.0) / 5.0);
    }

    #[test]
    fn weighed_positives_count_as_if_there_were_fewer() {
        // One positive of weight 0.5 and one negative at 0.75: a third of the weight is positive.
        let bins = weighed_reliability(2, &[0.75], &[0.75], 0.5);
        assert_eq!((bins[1].rows, bins[1].weight, bins[1].mean_risk), (2, 1.5, 0.75));
        close(Some(bins[1].positive_share), 1.0 / 3.0);
        close(expected_calibration_error(&bins), 0.75 - 1.0 / 3.0);
    }

    #[test]
    fn the_mean_skips_what_is_unknown() {
        close(mean([Some(1.0), None, Some(0.5)]), 0.75);
        assert_eq!(share(1, 4), Some(0.25));
        assert_eq!(share(0, 0), None);
    }
}

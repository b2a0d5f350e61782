//! "Did you mean …?": the known name nearest to a misspelt one.
//!
//! Not here: what is known. Kept true: suggests nothing rather than something far-fetched.

/// Longer names are not compared: the distance takes time in proportion to both lengths.
const MAX_LENGTH: usize = 64;

/// A question with the nearest name, if one is near.
pub(crate) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    if name.len() > MAX_LENGTH {
        return None;
    }
    // A third of the name may differ; the first of equally near names wins, so the answer is stable.
    let limit = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .filter(|candidate| candidate.len() <= MAX_LENGTH && candidate.len().abs_diff(name.len()) <= limit * 4)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| format!("did you mean `{candidate}`?"))
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, x) in a.chars().enumerate() {
        let mut next = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let substituted = at(&last, column) + usize::from(x != *y);
            let mut best = substituted.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            if column > 0 && previous == Some(*y) && b.get(column - 1) == Some(&x) {
                best = best.min(at(&before, column - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut last, next);
        previous = Some(x);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = ["price.ratio", "price.known", "link.count", "amount.doses"];
        let cases = [
            ("price.ration", Some("price.ratio")),
            ("pirce.ratio", Some("price.ratio")),
            ("link.counts", Some("link.count")),
            ("zzz", None),
            ("", None),
        ];
        for (name, expected) in cases {
            let expected = expected.map(|name| format!("did you mean `{name}`?"));
            assert_eq!(did_you_mean(name, known), expected, "{name}");
        }
    }
}

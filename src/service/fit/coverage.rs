//! Where a signal fired.
//!
//! Not here: what it is worth (`descent.rs`). Kept true: counted by lines, before any weighing.

use std::collections::BTreeMap;

use super::JudgedLine;
use crate::policy::SignalId;

/// Where a signal fired among the lines of its area.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    /// Labelled lines on which it fired.
    pub labelled: usize,
    /// Clear lines on which it fired.
    pub clear: usize,
    /// Share of labelled lines on which it fired, over that of clear lines. Where it fired on no clear line, as if on
    /// one: at least so much.
    pub lift: f64,
    /// The source on whose clear lines it fires most often.
    pub worst: Option<WorstSource>,
}

/// A source, and how often a signal fires on its clear lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorstSource {
    /// Shop or corpus.
    pub name: String,
    /// Clear lines on which the signal fired.
    pub fired: usize,
    /// Clear lines.
    pub clear: usize,
}

impl Coverage {
    /// Of a signal over these lines.
    pub(super) fn of(signal: SignalId, lines: &[&JudgedLine]) -> Self {
        let mut sources: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let (mut labelled, mut all_labelled) = (0, 0);
        for line in lines {
            let fired = usize::from(line.fired.contains(&signal));
            if line.areas.is_empty() {
                let (hits, clear) = sources.entry(line.source.as_str()).or_default();
                *hits += fired;
                *clear += 1;
            } else {
                labelled += fired;
                all_labelled += 1;
            }
        }
        let clear: usize = sources.values().map(|(hits, _)| hits).sum();
        let all_clear: usize = sources.values().map(|(_, clear)| clear).sum();
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        let rate = |(_, (hits, clear)): &(&&str, &(usize, usize))| share(*hits, *clear);
        let worst = sources.iter().filter(|(_, (hits, _))| *hits > 0).max_by(|a, b| {
            // Of equals the one with more hits, then the first by name.
            rate(a).total_cmp(&rate(b)).then(a.1.0.cmp(&b.1.0)).then(b.0.cmp(a.0))
        });
        Coverage {
            labelled,
            clear,
            lift: share(labelled, all_labelled) / share(clear.max(1), all_clear.max(1)),
            worst: worst.map(|(name, (fired, clear))| WorstSource {
                name: (*name).to_owned(),
                fired: *fired,
                clear: *clear,
            }),
        }
    }
}

//! Can a condition hold, and can it fail?
//!
//! Each fact's values fall into few classes that no clause of the condition tells apart (`lex.a > 2` knows only "up
//! to 2" and "more"). Trying one value of each class, with three-valued evaluation to cut branches, finds a witness
//! for either outcome quickly, or proves that there is none.
//!
//! Not here: what to say about it. Kept true: "cannot" is proved; when the search gets too large, both count as
//! possible.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::super::compiled::{Comparison, Predicate, Slot, SlotId};
use super::super::facts::{Fact, FactType, Scope};
use super::Vocabulary;

/// Clauses looked at after which the search gives up.
const MAX_LOOKS: usize = 50_000;

/// Which outcomes are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub(crate) holds: bool,
    pub(crate) fails: bool,
}

/// The kinds of content that the condition will meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subjects {
    pub(crate) listings: bool,
    pub(crate) posts: bool,
}

/// The possible outcomes of a condition.
pub(crate) fn outcomes(predicate: &Predicate, subjects: Subjects, vocabulary: &Vocabulary<'_>) -> Outcomes {
    let mut search = Search::new(vocabulary);
    search.collect(predicate);
    for variable in &mut search.variables {
        variable.finish(subjects);
    }
    search.split(predicate);
    if search.looks > MAX_LOOKS { Outcomes { holds: true, fails: true } } else { search.found }
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Domain {
    /// `content.is_listing`; `content.is_post` is its opposite.
    Listing,
    /// The comparison of two facts: a flag of its own. That admits impossible combinations, so it can only make the
    /// search report less.
    Pair,
    /// A fact of this type.
    Fact(FactType),
    /// Always 0.
    Never,
}

struct Variable {
    domain: Domain,
    /// Numbers that clauses compare it with; then one value of each class.
    values: Vec<f64>,
    chosen: Option<f64>,
}

impl Variable {
    /// Turns the numbers compared with into one value of each class.
    fn finish(&mut self, subjects: Subjects) {
        let mut numbers = std::mem::take(&mut self.values);
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        self.values = match self.domain {
            Domain::Never => vec![0.0],
            Domain::Pair | Domain::Fact(FactType::Flag) => vec![0.0, 1.0],
            Domain::Fact(FactType::Count) => counts(&numbers),
            Domain::Fact(FactType::Measure) => measures(&numbers),
            // Any symbol, or any other text.
            Domain::Fact(FactType::Text) => numbers.into_iter().chain([0.0]).collect(),
            Domain::Listing => {
                let values = [(1.0, subjects.listings), (0.0, subjects.posts)];
                values.into_iter().filter_map(|(value, possible)| possible.then_some(value)).collect()
            }
        };
    }
}

/// Whole numbers from 0: each number compared with, and its neighbours.
fn counts(numbers: &[f64]) -> Vec<f64> {
    let near = numbers.iter().flat_map(|number| [number.floor() - 1.0, number.floor(), number.floor() + 1.0]);
    let mut counts: Vec<f64> = near.chain([0.0]).filter(|count| *count >= 0.0).collect();
    counts.sort_by(f64::total_cmp);
    counts.dedup();
    counts
}

/// Numbers from 0: each number compared with, one between each two neighbours, one beyond the last.
fn measures(numbers: &[f64]) -> Vec<f64> {
    let compared = numbers.iter().copied().filter(|number| *number > 0.0);
    let mut points: Vec<f64> = std::iter::once(0.0).chain(compared).collect();
    let between: Vec<f64> = points.windows(2).map(|pair| pair.iter().sum::<f64>() / 2.0).collect();
    points.extend(points.last().map(|last| last * 2.0 + 1.0));
    points.extend(between);
    points
}

struct Search<'v, 'l> {
    vocabulary: &'v Vocabulary<'l>,
    variables: Vec<Variable>,
    /// The variable of a slot, and whether the slot is its opposite.
    slots: FxHashMap<SlotId, (usize, bool)>,
    /// The variable of a comparison of two slots.
    pairs: FxHashMap<(SlotId, Comparison, SlotId), usize>,
    clauses: usize,
    looks: usize,
    found: Outcomes,
}

impl<'v, 'l> Search<'v, 'l> {
    fn new(vocabulary: &'v Vocabulary<'l>) -> Self {
        Search {
            vocabulary,
            variables: Vec::new(),
            slots: FxHashMap::default(),
            pairs: FxHashMap::default(),
            clauses: 1,
            looks: 0,
            found: Outcomes::default(),
        }
    }

    fn collect(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Const(_) => {}
            Predicate::True(slot) => self.note(*slot, &[]),
            Predicate::Compare(slot, _, number) => self.note(*slot, &[*number]),
            Predicate::CompareSlots(a, comparison, b) => {
                self.clauses += 1;
                let next = self.variables.len();
                if *self.pairs.entry((*a, *comparison, *b)).or_insert(next) == next {
                    self.variables.push(Variable { domain: Domain::Pair, values: Vec::new(), chosen: None });
                }
            }
            Predicate::In(slot, symbols) => {
                let symbols: SmallVec<[f64; 8]> = symbols.iter().map(|symbol| f64::from(*symbol)).collect();
                self.note(*slot, &symbols);
            }
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().for_each(|part| self.collect(part)),
            Predicate::Not(part) => self.collect(part),
        }
    }

    fn note(&mut self, slot: SlotId, numbers: &[f64]) {
        self.clauses += 1;
        let known = self.slots.get(&slot).map(|(variable, _)| *variable);
        let variable = known.unwrap_or_else(|| {
            let meaning = self.vocabulary.meaning(slot);
            let domain = match meaning {
                Some(Slot::Fact(Fact::IsListing | Fact::IsPost)) => Domain::Listing,
                // A lexicon without disguisable terms is never hit in disguise.
                Some(Slot::Lexicon(Scope::Hidden, lexicon)) if !self.vocabulary.lexicons.is_disguisable(lexicon) => {
                    Domain::Never
                }
                Some(meaning) => Domain::Fact(meaning.fact_type()),
                None => Domain::Never,
            };
            let listing = self.variables.iter().position(|variable| variable.domain == Domain::Listing);
            let variable = listing.filter(|_| domain == Domain::Listing).unwrap_or(self.variables.len());
            if variable == self.variables.len() {
                self.variables.push(Variable { domain, values: Vec::new(), chosen: None });
            }
            self.slots.insert(slot, (variable, matches!(meaning, Some(Slot::Fact(Fact::IsPost)))));
            variable
        });
        if let Some(variable) = self.variables.get_mut(variable) {
            variable.values.extend_from_slice(numbers);
        }
    }

    /// Chooses values until the outcome is certain, one variable after the other.
    fn split(&mut self, predicate: &Predicate) {
        self.looks += self.clauses;
        if self.looks > MAX_LOOKS || (self.found.holds && self.found.fails) {
            return;
        }
        match self.evaluate(predicate) {
            Some(true) => self.found.holds = true,
            Some(false) => self.found.fails = true,
            None => {
                let Some(open) = self.variables.iter().position(|variable| variable.chosen.is_none()) else { return };
                let values = self.variables.get(open).map(|variable| variable.values.clone()).unwrap_or_default();
                for value in values {
                    self.choose(open, Some(value));
                    self.split(predicate);
                }
                self.choose(open, None);
            }
        }
    }

    fn choose(&mut self, variable: usize, value: Option<f64>) {
        if let Some(variable) = self.variables.get_mut(variable) {
            variable.chosen = value;
        }
    }

    /// Three-valued: `None` if it depends on what is not chosen yet.
    fn evaluate(&self, predicate: &Predicate) -> Option<bool> {
        match predicate {
            Predicate::Const(value) => Some(*value),
            Predicate::True(slot) => self.value(*slot).map(|value| value != 0.0),
            Predicate::Compare(slot, comparison, number) => {
                self.value(*slot).map(|value| comparison.holds(value, *number))
            }
            Predicate::CompareSlots(a, comparison, b) => {
                let variable = self.pairs.get(&(*a, *comparison, *b))?;
                self.variables.get(*variable)?.chosen.map(|value| value != 0.0)
            }
            Predicate::In(slot, symbols) => {
                self.value(*slot).map(|value| symbols.iter().any(|symbol| f64::from(*symbol) == value))
            }
            Predicate::All(parts) => self.combine(parts, false),
            Predicate::Any(parts) => self.combine(parts, true),
            Predicate::Not(part) => self.evaluate(part).map(|value| !value),
        }
    }

    /// One part that is `decisive` decides; else all have to be known.
    fn combine(&self, parts: &[Predicate], decisive: bool) -> Option<bool> {
        let mut open = false;
        for part in parts {
            match self.evaluate(part) {
                Some(value) if value == decisive => return Some(decisive),
                Some(_) => {}
                None => open = true,
            }
        }
        (!open).then_some(!decisive)
    }

    fn value(&self, slot: SlotId) -> Option<f64> {
        let (variable, opposite) = self.slots.get(&slot)?;
        let value = self.variables.get(*variable)?.chosen?;
        Some(if *opposite { 1.0 - value } else { value })
    }
}

//! Questions about the policy pack in force.
//!
//! Not here: how answers are encoded. Kept true: a page token is good for the pack and the question that it came from,
//! and for nothing else: after a reload it is refused, so that no signal is listed twice or never.

use std::fmt;
use std::sync::Arc;

use super::{LoadedPolicy, PolicyHandle};
use crate::domain::{FieldViolation, InvalidContent, PolicyReference, RiskArea, ServiceError, Timestamp};
use crate::policy::CompiledSignal;

/// The pack in force, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicySummary {
    /// Name, version, digest.
    pub reference: PolicyReference,
    /// When it came into force in this process.
    pub loaded_at: Timestamp,
    /// Number of signals.
    pub signals: usize,
    /// Number of lexicons.
    pub lexicons: usize,
    /// Number of terms in all lexicons.
    pub terms: usize,
    /// Why the last attempt to load another pack failed; empty if it did not.
    pub last_error: String,
}

/// Which signals to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalQuery {
    /// Only those of this area.
    pub area: Option<RiskArea>,
    /// At most so many.
    pub page_size: usize,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// A page of signals, in the order of their identifiers.
#[derive(Clone, Debug)]
pub struct SignalPage {
    /// The pack that they belong to.
    pub policy: Arc<LoadedPolicy>,
    /// Positions in the pack.
    positions: Vec<usize>,
    /// For the next page; empty on the last.
    pub next_page_token: String,
}

impl SignalPage {
    /// The signals of this page.
    pub fn signals(&self) -> impl Iterator<Item = &CompiledSignal> {
        self.positions.iter().filter_map(|position| self.policy.pack.signals.get(*position))
    }
}

impl PolicyHandle {
    /// The pack in force, in numbers.
    pub fn summary(&self) -> PolicySummary {
        let policy = self.snapshot();
        PolicySummary {
            reference: policy.pack.reference.clone(),
            loaded_at: policy.loaded_at,
            signals: policy.pack.signals.len(),
            lexicons: policy.pack.lexicons.len(),
            terms: policy.pack.terms.len(),
            last_error: self.last_error(),
        }
    }

    /// A page of the signals of the pack in force.
    pub fn list_signals(&self, query: &SignalQuery) -> Result<SignalPage, ServiceError> {
        let policy = self.snapshot();
        let this = Question { digest: prefix(&policy.pack.reference.digest), area: query.area };
        let start = if query.page_token.is_empty() { 0 } else { this.position(&query.page_token)? };
        let wanted = |signal: &CompiledSignal| query.area.is_none_or(|area| signal.area == area);
        let mut matching =
            policy.pack.signals.iter().enumerate().skip(start).filter(|(_, signal)| wanted(signal)).map(|(at, _)| at);
        let positions: Vec<_> = matching.by_ref().take(query.page_size).collect();
        let next_page_token = matching.next().map(|at| this.token(at)).unwrap_or_default();
        Ok(SignalPage { policy: Arc::clone(&policy), positions, next_page_token })
    }
}

/// What a page token is good for.
#[derive(PartialEq, Eq)]
struct Question<'a> {
    digest: &'a str,
    area: Option<RiskArea>,
}

/// Enough of a digest to tell packs apart.
fn prefix(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

impl Question<'_> {
    fn token(&self, position: usize) -> String {
        format!("{self}.{position}")
    }

    fn position(&self, token: &str) -> Result<usize, ServiceError> {
        let (question, position) = token.rsplit_once('.').ok_or_else(|| refused("is not a token of this service"))?;
        if question != self.to_string() {
            return Err(refused(
                "belongs to another question or to a policy pack that is no longer in force; start again without it",
            ));
        }
        position.parse().map_err(|_| refused("is not a token of this service"))
    }
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.digest, self.area.map_or("all", RiskArea::as_str))
    }
}

fn refused(why: &str) -> ServiceError {
    let violation = FieldViolation { field: "page_token".to_owned(), description: why.to_owned() };
    InvalidContent { violations: vec![violation] }.into()
}

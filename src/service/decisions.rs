//! Questions about decisions, and what is learnt about them later.
//!
//! Not here: recording answers (`recorder.rs`), encoding. Kept true: an outcome is kept before it counts for anybody's standing, and saying it
//! again completes what a crash has cut short; a page token is good for its question and no other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Reputation;
use crate::domain::{
    Action, Decision, DecisionHistory, ErrorCode, EventKind, FieldViolation, InvalidContent, Notice, Outcome,
    OutcomeKind, Record, RecordKind, Recorded, ServiceError, StandingEvent,
};
use crate::store::{Appended, Cursor, DecisionQuery, Draft, Store, StoreError, StoreFault};

/// Between looks when nobody wakes us: another process on the same file cannot.
const ROUND: Duration = Duration::from_millis(500);
/// Decisions read at a time while following.
const FOLLOWED: usize = 100;

/// Answers questions about decisions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Decisions {
    store: Arc<dyn Store>,
    reputation: Reputation,
}

/// A page of decisions, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionPage {
    /// The decisions.
    pub decisions: Vec<Recorded<Decision>>,
    /// For the next page; empty on the last.
    pub next_page_token: String,
}

impl Decisions {
    /// Over a store; outcomes count for the standings of `reputation`.
    pub fn new(store: Arc<dyn Store>, reputation: Reputation) -> Self {
        Decisions { store, reputation }
    }

    /// A decision with everything that is known about it.
    pub async fn history(&self, decision_id: &str) -> Result<DecisionHistory, ServiceError> {
        self.store.history(decision_id).await?.ok_or_else(not_found)
    }

    /// A page of decisions. `query.before_id` is taken from the token.
    pub async fn page(&self, query: DecisionQuery, page_token: &str) -> Result<DecisionPage, ServiceError> {
        let question = question(&query);
        let before_id = match page_token {
            "" => None,
            token => Some(position(token, &question)?.to_owned()),
        };
        let wanted = query.limit;
        // One more than wanted says whether there is another page.
        let query = DecisionQuery { before_id, limit: wanted + 1, ..query };
        let mut decisions = self.store.list_decisions(&query).await?;
        let more = decisions.len() > wanted;
        decisions.truncate(wanted);
        let last = decisions.last().filter(|_| more);
        let next_page_token = last.map(|last| format!("{question}.{}", last.record.assessment.assessment_id));
        Ok(DecisionPage { decisions, next_page_token: next_page_token.unwrap_or_default() })
    }

    /// Keeps what a person decided, and lets it count. Gives the decision with it.
    pub async fn record_outcome(&self, outcome: Outcome) -> Result<DecisionHistory, ServiceError> {
        let history = self.history(&outcome.decision_id).await?;
        let event = standing_event(&outcome, &history.decision.record);
        let decision_id = outcome.decision_id.clone();
        self.store.append(vec![Draft::new(&Record::Outcome(outcome))]).await?;
        // Also if the outcome was known: whoever says it again may have had no answer, and then this is what is missing.
        self.reputation.record(vec![event]).await?;
        self.history(&decision_id).await
    }

    /// Keeps a report. Gives the notice as it is kept, and true if its identifier was known.
    pub async fn submit_notice(&self, notice: Notice) -> Result<(Notice, bool), ServiceError> {
        if let Some(decision_id) = &notice.decision_id {
            self.history(decision_id).await?;
        }
        let id = notice.notice_id.clone();
        let appended = self.store.append(vec![Draft::new(&Record::Notice(notice.clone()))]).await?;
        if !appended.contains(&Appended::Duplicate) {
            return Ok((notice, false));
        }
        let known = self.store.find(RecordKind::Notice, &id).await?;
        match known.map(|entry| entry.record()).transpose()?.flatten() {
            Some(Recorded { record: Record::Notice(known), .. }) => Ok((known, true)),
            _ => Ok((notice, true)),
        }
    }

    /// Decisions at least so grave, as they are recorded: behind a cursor, or from now on.
    pub async fn follow(&self, from: Option<Cursor>, at_least: Option<Action>) -> Result<Following, ServiceError> {
        let mut cursor = Cursor::default();
        match from {
            Some(from) => cursor = from,
            None => {
                for head in self.store.heads().await? {
                    cursor.advance(&head.chain, head.sequence);
                }
            }
        }
        Ok(Following { store: Arc::clone(&self.store), at_least, cursor, ahead: VecDeque::new(), read: None })
    }
}

/// Decisions as they are recorded, here and by other replicas.
#[derive(Debug)]
pub struct Following {
    store: Arc<dyn Store>,
    at_least: Option<Action>,
    /// Behind the last decision given.
    cursor: Cursor,
    /// Read and not yet given.
    ahead: VecDeque<Recorded<Decision>>,
    /// Behind everything read.
    read: Option<Cursor>,
}

impl Following {
    /// The next decision, and a cursor behind it. Waits for it.
    pub async fn next(&mut self) -> Result<(Recorded<Decision>, Cursor), ServiceError> {
        let mut changes = self.store.changes();
        loop {
            while let Some(decision) = self.ahead.pop_front() {
                self.cursor.advance(&decision.link.chain, decision.link.sequence);
                if self.at_least.is_none_or(|least| decision.record.assessment.verdict.action >= least) {
                    return Ok((decision, self.cursor.clone()));
                }
            }
            if let Some(read) = self.read.take() {
                self.cursor = read;
            }
            changes.mark_unchanged();
            let (decisions, read) = self.store.decisions_since(&self.cursor, FOLLOWED).await?;
            if decisions.is_empty() {
                self.cursor = read;
                // The sender lives as long as the store, which we hold.
                let _woken = tokio::time::timeout(ROUND, changes.changed()).await;
                continue;
            }
            (self.ahead, self.read) = (decisions.into(), Some(read));
        }
    }
}

/// What an outcome says about the seller or creator. Its identifier follows from the outcome's, so it counts once.
fn standing_event(outcome: &Outcome, decision: &Decision) -> StandingEvent {
    let kind = match outcome.kind {
        OutcomeKind::Confirmed => EventKind::DecisionConfirmed,
        OutcomeKind::Rejected => EventKind::DecisionRejected,
        OutcomeKind::AppealUpheld => EventKind::AppealUpheld,
        OutcomeKind::AppealDismissed => EventKind::AppealDismissed,
    };
    StandingEvent {
        event_id: format!("outcome:{}", outcome.outcome_id),
        subject: decision.party.clone(),
        kind,
        area: decision.assessment.verdict.areas.first().map(|first| first.area),
        count: 1,
        occurred_at: outcome.decided_at,
    }
}

/// Names a question, so that a token of another one is noticed.
fn question(query: &DecisionQuery) -> String {
    let asked = DecisionQuery { limit: 0, before_id: None, ..query.clone() };
    let digest = blake3::hash(format!("{asked:?}").as_bytes()).to_hex();
    digest.as_str().get(..16).unwrap_or_default().to_owned()
}

fn position<'a>(token: &'a str, question: &str) -> Result<&'a str, ServiceError> {
    let refused = |why: &str| {
        let violation = FieldViolation { field: "page_token".to_owned(), description: why.to_owned() };
        ServiceError::from(InvalidContent { violations: vec![violation] })
    };
    match token.split_once('.') {
        Some((asked, id)) if asked == question => Ok(id),
        Some(_) => Err(refused("belongs to another filter; start again without it")),
        None => Err(refused("is not a token of this service")),
    }
}

fn not_found() -> ServiceError {
    let message = "there is no record of this decision: its identifier is unknown, the item was allowed and only counted, or \
                   the record was erased";
    ServiceError::new(ErrorCode::NotFound, message)
}

/// A driver's code is for the log.
impl From<StoreError> for ServiceError {
    fn from(failed: StoreError) -> Self {
        tracing::error!(%failed, "the record store failed");
        match failed.fault {
            StoreFault::Corrupt | StoreFault::Defect => ServiceError::new(
                ErrorCode::Internal,
                "the record store is damaged; `dsa-signal decisions verify` says where",
            ),
            _ => ServiceError::new(ErrorCode::Unavailable, "the record store is away; try again"),
        }
    }
}

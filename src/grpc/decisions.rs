//! `DecisionService`: from the wire to the use case and back.
//!
//! Not here: what a page or an outcome is (`service/decisions.rs`). Kept true: a handler decodes, asks, encodes; a stream reads a page
//! when its reader has taken the one before, so memory stays flat however much is exported.

use std::pin::Pin;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::deadline::Deadline;
use super::status;
use super::v1::decision_service_server::DecisionService;
use crate::domain::ServiceError;
use crate::service::{Decisions, Following, now};
use crate::store::DecisionQuery;
use crate::wire::v1::{
    ExportDecisionsRequest, ExportDecisionsResponse, GetDecisionRequest, GetDecisionResponse, ListDecisionsRequest,
    ListDecisionsResponse, RecordOutcomeRequest, RecordOutcomeResponse, SubmitNoticeRequest, SubmitNoticeResponse,
    WatchDecisionsRequest, WatchDecisionsResponse,
};
use crate::wire::{from_proto, to_proto};

/// Messages that wait for a slow reader.
const AHEAD: usize = 16;
/// Decisions of an export that are read at a time.
const PAGE: usize = 100;

/// Answers `DecisionService`.
#[derive(Clone, Debug)]
pub(super) struct DecisionHandler {
    /// The use case.
    pub(super) decisions: Decisions,
    /// Cancelled when streams must end.
    pub(super) draining: CancellationToken,
}

/// What a stream sends.
type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl DecisionHandler {
    /// A stream that `send` fills until it is done, the caller has gone, time is up, or the process drains.
    fn stream<T, F>(
        &self,
        deadline: Option<Instant>,
        send: impl FnOnce(mpsc::Sender<Result<T, Status>>) -> F,
    ) -> Messages<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<(), ServiceError>> + Send + 'static,
    {
        let (messages, waiting) = mpsc::channel(AHEAD);
        let (sending, draining) = (send(messages.clone()), self.draining.clone());
        tokio::spawn(async move {
            let ended = tokio::select! {
                () = messages.closed() => return,
                () = draining.cancelled() => status::draining(),
                () = past(deadline) => status::too_late(),
                sent = sending => match sent {
                    Ok(()) => return,
                    Err(failed) => failed.into(),
                },
            };
            let _unread = messages.send(Err(ended)).await;
        });
        Box::pin(ReceiverStream::new(waiting))
    }
}

/// Resolves at the deadline; never without one.
async fn past(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[tonic::async_trait]
impl DecisionService for DecisionHandler {
    type ExportDecisionsStream = Messages<ExportDecisionsResponse>;
    type WatchDecisionsStream = Messages<WatchDecisionsResponse>;

    async fn get_decision(
        &self,
        request: Request<GetDecisionRequest>,
    ) -> Result<Response<GetDecisionResponse>, Status> {
        let GetDecisionRequest { decision_id } = request.into_inner();
        from_proto::decision_id(&decision_id).map_err(ServiceError::from)?;
        let history = self.decisions.history(&decision_id).await?;
        Ok(Response::new(GetDecisionResponse { decision: Some(to_proto::decision_history(history)) }))
    }

    async fn list_decisions(
        &self,
        request: Request<ListDecisionsRequest>,
    ) -> Result<Response<ListDecisionsResponse>, Status> {
        let request = request.into_inner();
        let query = from_proto::decision_query(request.filter, request.page_size).map_err(ServiceError::from)?;
        let page = self.decisions.page(query, &request.page_token).await?;
        let decisions = page.decisions.into_iter().map(to_proto::decision).collect();
        Ok(Response::new(ListDecisionsResponse { decisions, next_page_token: page.next_page_token }))
    }

    async fn export_decisions(
        &self,
        request: Request<ExportDecisionsRequest>,
    ) -> Result<Response<Self::ExportDecisionsStream>, Status> {
        let deadline = Deadline::of(&request);
        let query = from_proto::decision_query(request.into_inner().filter, 0).map_err(ServiceError::from)?;
        let query = DecisionQuery { limit: PAGE, ..query };
        let decisions = self.decisions.clone();
        let stream = self.stream(deadline, |messages| export(decisions, query, messages));
        Ok(Response::new(stream))
    }

    async fn watch_decisions(
        &self,
        request: Request<WatchDecisionsRequest>,
    ) -> Result<Response<Self::WatchDecisionsStream>, Status> {
        let deadline = Deadline::of(&request);
        let (from, at_least) = from_proto::watch(&request.into_inner()).map_err(ServiceError::from)?;
        let following = self.decisions.follow(from, at_least).await?;
        Ok(Response::new(self.stream(deadline, |messages| watch(following, messages))))
    }

    async fn record_outcome(
        &self,
        request: Request<RecordOutcomeRequest>,
    ) -> Result<Response<RecordOutcomeResponse>, Status> {
        let outcome = from_proto::outcome(request.into_inner(), now()).map_err(ServiceError::from)?;
        let history = self.decisions.record_outcome(outcome).await?;
        Ok(Response::new(RecordOutcomeResponse { decision: Some(to_proto::decision_history(history)) }))
    }

    async fn submit_notice(
        &self,
        request: Request<SubmitNoticeRequest>,
    ) -> Result<Response<SubmitNoticeResponse>, Status> {
        let notice = from_proto::notice(request.into_inner(), now()).map_err(ServiceError::from)?;
        let (notice, duplicate) = self.decisions.submit_notice(notice).await?;
        Ok(Response::new(SubmitNoticeResponse { notice: Some(to_proto::notice(notice)), duplicate }))
    }
}

async fn export(
    decisions: Decisions,
    query: DecisionQuery,
    messages: mpsc::Sender<Result<ExportDecisionsResponse, Status>>,
) -> Result<(), ServiceError> {
    let mut token = String::new();
    loop {
        let page = decisions.page(query.clone(), &token).await?;
        for decision in page.decisions {
            let history = match decisions.history(&decision.record.assessment.assessment_id).await {
                Ok(history) => history,
                // Erased since its page was read.
                Err(gone) if gone.code == crate::domain::ErrorCode::NotFound => continue,
                Err(failed) => return Err(failed),
            };
            let message = ExportDecisionsResponse { decision: Some(to_proto::decision_history(history)) };
            if messages.send(Ok(message)).await.is_err() {
                return Ok(());
            }
        }
        token = page.next_page_token;
        if token.is_empty() {
            return Ok(());
        }
    }
}

async fn watch(
    mut following: Following,
    messages: mpsc::Sender<Result<WatchDecisionsResponse, Status>>,
) -> Result<(), ServiceError> {
    loop {
        let (decision, cursor) = following.next().await?;
        let decision = Some(to_proto::decision(decision));
        let message = WatchDecisionsResponse { decision, resume_token: cursor.to_string() };
        if messages.send(Ok(message)).await.is_err() {
            return Ok(());
        }
    }
}

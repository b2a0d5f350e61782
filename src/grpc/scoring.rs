//! `ScoringService`: from the wire to the use case and back.
//!
//! Not here: limits of fields (`wire/from_proto`), scoring (`service/`), streams (`stream.rs`). Kept true: a handler decodes,
//! asks, encodes.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::deadline::Deadline;
use super::quota::{self, Allowance};
use super::status;
use super::stream::{Answers, Item};
use super::turns::Turns;
use super::v1::scoring_service_server::ScoringService;
use crate::domain::{Content, ServiceError, SubjectKind};
use crate::service::{AsyncScorer, Scored};
use crate::wire::from_proto::{self, Path};
use crate::wire::to_proto;
use crate::wire::v1::{
    BatchScoreListingsRequest, BatchScoreListingsResponse, BatchScorePostsRequest, BatchScorePostsResponse,
    CheckAdTargetingRequest, CheckAdTargetingResponse, ExplainListingRequest, ExplainListingResponse,
    ExplainPostRequest, ExplainPostResponse, Listing, Post, ScoreListingRequest, ScoreListingResponse,
    ScorePostRequest, ScorePostResponse, ScoreResult, StreamScoreListingsRequest, StreamScorePostsRequest,
    score_result,
};

/// Answers `ScoringService`.
#[derive(Clone, Debug)]
pub(super) struct ScoringHandler {
    /// Scores.
    pub(super) scorer: AsyncScorer,
    /// Cancelled when streams must end.
    pub(super) draining: CancellationToken,
    /// How long a stream may be silent.
    pub(super) idle: Duration,
    /// What streams do beside each other.
    pub(super) bulk: Arc<Turns>,
}

impl ScoringHandler {
    fn answers<I: Item>(&self, request: Request<Streaming<I>>) -> Response<Answers<I>> {
        let waits = (&self.draining, self.idle);
        Response::new(Answers::new(request, self.scorer.clone(), Arc::clone(&self.bulk), waits))
    }
}

#[tonic::async_trait]
impl ScoringService for ScoringHandler {
    type StreamScoreListingsStream = Answers<StreamScoreListingsRequest>;
    type StreamScorePostsStream = Answers<StreamScorePostsRequest>;

    async fn score_listing(
        &self,
        request: Request<ScoreListingRequest>,
    ) -> Result<Response<ScoreListingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let content = listing(request.into_inner().listing, Path::root("listing"))?;
        let assessment = self.scorer.score(content, deadline).await?;
        tracing::Span::current().record("decision_id", &assessment.assessment_id);
        Ok(Response::new(ScoreListingResponse { assessment: Some(to_proto::assessment(assessment)) }))
    }

    async fn score_post(&self, request: Request<ScorePostRequest>) -> Result<Response<ScorePostResponse>, Status> {
        let deadline = Deadline::of(&request);
        let content = post(request.into_inner().post, Path::root("post"))?;
        let assessment = self.scorer.score(content, deadline).await?;
        tracing::Span::current().record("decision_id", &assessment.assessment_id);
        Ok(Response::new(ScorePostResponse { assessment: Some(to_proto::assessment(assessment)) }))
    }

    async fn batch_score_listings(
        &self,
        request: Request<BatchScoreListingsRequest>,
    ) -> Result<Response<BatchScoreListingsResponse>, Status> {
        let (deadline, allowance) = (Deadline::of(&request), Allowance::of_call(&request));
        let listings = request.into_inner().listings;
        from_proto::batch_size(Path::root("listings"), listings.len()).map_err(ServiceError::from)?;
        quota::take(allowance.as_ref(), listings.len().saturating_sub(1))?; // one was taken for the call
        let prepare = |at, one| listing(Some(one), Path::root("listings").item(at));
        let scored = self.scorer.score_batch(listings, deadline, seller, prepare).await?;
        Ok(Response::new(BatchScoreListingsResponse { results: results(scored) }))
    }

    async fn batch_score_posts(
        &self,
        request: Request<BatchScorePostsRequest>,
    ) -> Result<Response<BatchScorePostsResponse>, Status> {
        let (deadline, allowance) = (Deadline::of(&request), Allowance::of_call(&request));
        let posts = request.into_inner().posts;
        from_proto::batch_size(Path::root("posts"), posts.len()).map_err(ServiceError::from)?;
        quota::take(allowance.as_ref(), posts.len().saturating_sub(1))?; // one was taken for the call
        let prepare = |at, one| post(Some(one), Path::root("posts").item(at));
        let scored = self.scorer.score_batch(posts, deadline, creator, prepare).await?;
        Ok(Response::new(BatchScorePostsResponse { results: results(scored) }))
    }

    async fn stream_score_listings(
        &self,
        request: Request<Streaming<StreamScoreListingsRequest>>,
    ) -> Result<Response<Self::StreamScoreListingsStream>, Status> {
        Ok(self.answers(request))
    }

    async fn stream_score_posts(
        &self,
        request: Request<Streaming<StreamScorePostsRequest>>,
    ) -> Result<Response<Self::StreamScorePostsStream>, Status> {
        Ok(self.answers(request))
    }

    async fn explain_listing(
        &self,
        request: Request<ExplainListingRequest>,
    ) -> Result<Response<ExplainListingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let content = listing(request.into_inner().listing, Path::root("listing"))?;
        let (assessment, trace) = self.scorer.explain(content, deadline).await?;
        let assessment = Some(to_proto::assessment(assessment));
        Ok(Response::new(ExplainListingResponse { assessment, trace: Some(to_proto::trace(trace)) }))
    }

    async fn explain_post(
        &self,
        request: Request<ExplainPostRequest>,
    ) -> Result<Response<ExplainPostResponse>, Status> {
        let deadline = Deadline::of(&request);
        let content = post(request.into_inner().post, Path::root("post"))?;
        let (assessment, trace) = self.scorer.explain(content, deadline).await?;
        let assessment = Some(to_proto::assessment(assessment));
        Ok(Response::new(ExplainPostResponse { assessment, trace: Some(to_proto::trace(trace)) }))
    }

    async fn check_ad_targeting(
        &self,
        request: Request<CheckAdTargetingRequest>,
    ) -> Result<Response<CheckAdTargetingResponse>, Status> {
        let deadline = Deadline::of(&request);
        let plan = from_proto::targeting_plan(request.into_inner()).map_err(ServiceError::from)?;
        let (verdicts, assessment) = self.scorer.review_targeting(plan, deadline).await?;
        let verdicts = verdicts.into_iter().map(to_proto::targeting_verdict).collect();
        let assessment = Some(to_proto::assessment(assessment));
        Ok(Response::new(CheckAdTargetingResponse { verdicts, assessment }))
    }
}

/// A listing as content.
pub(super) fn listing(message: Option<Listing>, at: Path<'_>) -> Result<Content, ServiceError> {
    Ok(Content::Listing(from_proto::listing(message, at)?))
}

/// A post as content.
pub(super) fn post(message: Option<Post>, at: Path<'_>) -> Result<Content, ServiceError> {
    Ok(Content::Post(from_proto::post(message, at)?))
}

fn seller(listing: &Listing) -> (SubjectKind, &str) {
    (SubjectKind::Seller, &listing.seller_id)
}

fn creator(post: &Post) -> (SubjectKind, &str) {
    (SubjectKind::Creator, &post.creator_id)
}

fn results(scored: Vec<Scored>) -> Vec<ScoreResult> {
    let result = |scored| match scored {
        Ok(assessment) => score_result::Result::Assessment(to_proto::assessment(assessment)),
        Err(error) => score_result::Result::Error(status::of_item(&error)),
    };
    // At most 1000, so the index fits.
    (0..).zip(scored).map(|(index, scored)| ScoreResult { index, result: Some(result(scored)) }).collect()
}

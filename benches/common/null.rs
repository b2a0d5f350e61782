//! The null service: the generated service without layers, validation, engine or conversion.
//!
//! Not here: processes and threads. Kept true: it reads the same messages and gives, for each listing, the very answer that the real one gave.

use std::collections::HashMap;
use std::sync::Arc;

use dsa_signal::grpc::v1::scoring_service_server::{ScoringService, ScoringServiceServer};
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use dsa_signal::wire::v1::*;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

/// Serves these answers, by listing, for ever.
pub(crate) async fn serve(listener: TcpListener, answers: HashMap<String, Assessment>) {
    let service = ScoringServiceServer::new(Null(Arc::new(answers)));
    let incoming = TcpListenerStream::new(listener).map(|connection| {
        let connection = connection?;
        connection.set_nodelay(true)?;
        std::io::Result::Ok(connection)
    });
    Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
}

/// Answers from a table.
struct Null(Arc<HashMap<String, Assessment>>);

impl Null {
    fn answer(&self, listing: Option<Listing>) -> Option<Assessment> {
        self.0.get(&listing.unwrap_or_default().listing_id).cloned()
    }
}

type Answers = std::pin::Pin<Box<dyn Stream<Item = Result<StreamScoreListingsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ScoringService for Null {
    type StreamScoreListingsStream = Answers;
    type StreamScorePostsStream = tokio_stream::Empty<Result<StreamScorePostsResponse, Status>>;

    async fn score_listing(
        &self,
        request: Request<ScoreListingRequest>,
    ) -> Result<Response<ScoreListingResponse>, Status> {
        Ok(Response::new(ScoreListingResponse { assessment: self.answer(request.into_inner().listing) }))
    }

    async fn stream_score_listings(
        &self,
        request: Request<Streaming<StreamScoreListingsRequest>>,
    ) -> Result<Response<Answers>, Status> {
        let null = Null(Arc::clone(&self.0));
        let answers = request.into_inner().map(move |item| {
            let StreamScoreListingsRequest { correlation_id, listing } = item?;
            let result = null.answer(listing).map(ItemResult::Assessment);
            Ok(StreamScoreListingsResponse { correlation_id, result })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn score_post(&self, _: Request<ScorePostRequest>) -> Result<Response<ScorePostResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn batch_score_listings(
        &self,
        _: Request<BatchScoreListingsRequest>,
    ) -> Result<Response<BatchScoreListingsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn batch_score_posts(
        &self,
        _: Request<BatchScorePostsRequest>,
    ) -> Result<Response<BatchScorePostsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn stream_score_posts(
        &self,
        _: Request<Streaming<StreamScorePostsRequest>>,
    ) -> Result<Response<Self::StreamScorePostsStream>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn explain_listing(
        &self,
        _: Request<ExplainListingRequest>,
    ) -> Result<Response<ExplainListingResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn explain_post(&self, _: Request<ExplainPostRequest>) -> Result<Response<ExplainPostResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn check_ad_targeting(
        &self,
        _: Request<CheckAdTargetingRequest>,
    ) -> Result<Response<CheckAdTargetingResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

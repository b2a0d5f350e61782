//! The null server: the same generated service without layers, validation, engine or conversion.
//!
//! Not here: anything that could be taken for work. Kept true: it reads the same messages and gives, for each listing, the very answer that the real one
//! gave; it runs in a process of its own, as the real one does.

use std::collections::HashMap;
use std::sync::Arc;

use dsa_signal::grpc::v1::scoring_service_server::{ScoringService, ScoringServiceServer};
use dsa_signal::wire::v1::stream_score_listings_response::Result as ItemResult;
use dsa_signal::wire::v1::*;
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use super::options::Options;

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

/// Serves until it is killed; says on its first line where. Its answers are a file of assessments, each after its length.
pub(crate) fn serve(options: &Options) {
    let bytes = std::fs::read(&options.answers).unwrap();
    let (mut rest, mut answers) = (bytes.as_slice(), HashMap::new());
    while !rest.is_empty() {
        let answer = Assessment::decode_length_delimited(&mut rest).unwrap();
        let id = answer.subject.clone().unwrap_or_default().id;
        answers.insert(id, answer);
    }
    let service = ScoringServiceServer::new(Null(Arc::new(answers)));
    let threads = options.server_cores;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let incoming = TcpListenerStream::new(listener).map(|connection| {
            let connection = connection?;
            connection.set_nodelay(true)?;
            std::io::Result::Ok(connection)
        });
        Server::builder().add_service(service).serve_with_incoming(incoming).await.unwrap();
    });
}

//! `PromotionService`: from the wire to the use case and back.
//!
//! Not here: the graph, following links. Kept true: nothing is ever fetched for a caller.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::v1::promotion_service_server::PromotionService;
use crate::domain::ServiceError;
use crate::service::PromotionMemory;
use crate::wire::v1::{ListPromotionsRequest, ListPromotionsResponse, ReportLinksRequest, ReportLinksResponse};
use crate::wire::{from_proto, to_proto};

/// Answers `PromotionService`.
#[derive(Clone, Debug)]
pub(super) struct PromotionHandler {
    /// Remembers.
    pub(super) promotions: Arc<PromotionMemory>,
}

#[tonic::async_trait]
impl PromotionService for PromotionHandler {
    async fn report_links(
        &self,
        request: Request<ReportLinksRequest>,
    ) -> Result<Response<ReportLinksResponse>, Status> {
        let links = from_proto::links(request.into_inner()).map_err(ServiceError::from)?;
        let taken = self.promotions.report(&links).into_iter().filter(|taken| *taken).count();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (accepted, refused) = (count(taken), count(links.len() - taken));
        Ok(Response::new(ReportLinksResponse { accepted, refused }))
    }

    async fn list_promotions(
        &self,
        request: Request<ListPromotionsRequest>,
    ) -> Result<Response<ListPromotionsResponse>, Status> {
        let (subject, size, token) = from_proto::promotions(request.into_inner()).map_err(ServiceError::from)?;
        let page = self.promotions.page(&subject, (size, &token))?;
        let promotions = page.mentions.iter().map(|mention| to_proto::promotion(mention)).collect();
        Ok(Response::new(ListPromotionsResponse { promotions, next_page_token: page.next_page_token }))
    }
}

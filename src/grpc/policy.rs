//! `PolicyService`: from the wire to the use case and back.
//!
//! Not here: what a page is (`service/policy_query.rs`). Kept true: a handler decodes, asks, encodes.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::v1::policy_service_server::PolicyService;
use crate::domain::ServiceError;
use crate::service::{PolicyHandle, SignalQuery};
use crate::wire::v1::{GetPolicyRequest, GetPolicyResponse, ListSignalsRequest, ListSignalsResponse};
use crate::wire::{from_proto, to_proto};

/// Answers `PolicyService`.
#[derive(Clone, Debug)]
pub(super) struct PolicyHandler {
    /// The pack in force.
    pub(super) policy: Arc<PolicyHandle>,
}

#[tonic::async_trait]
impl PolicyService for PolicyHandler {
    async fn get_policy(&self, _request: Request<GetPolicyRequest>) -> Result<Response<GetPolicyResponse>, Status> {
        Ok(Response::new(GetPolicyResponse { policy: Some(to_proto::policy(self.policy.summary())) }))
    }

    async fn list_signals(
        &self,
        request: Request<ListSignalsRequest>,
    ) -> Result<Response<ListSignalsResponse>, Status> {
        let request = request.into_inner();
        let (area, page_size) = from_proto::signal_filter(&request).map_err(ServiceError::from)?;
        let query = SignalQuery { area, page_size, page_token: request.page_token };
        let page = self.policy.list_signals(&query)?;
        let signals = page.signals().map(|signal| to_proto::signal_definition(signal, &page.policy.pack)).collect();
        Ok(Response::new(ListSignalsResponse { signals, next_page_token: page.next_page_token }))
    }
}

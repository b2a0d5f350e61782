//! `grpc.health.v1.Health` for every service of the process.
//!
//! Not here: when the state changes (`server.rs`). Kept true: watchers hear NOT_SERVING before the process drains, and
//! their streams end with it: a watcher never holds a drain up. That is why this is not tonic-health's own server, whose
//! watch streams never end.

use std::pin::Pin;

use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::status;
use crate::service::{Readiness, Stage};

/// The end that changes the state. Dropping it ends every watch.
#[derive(Debug)]
pub(super) struct HealthSwitch {
    told: watch::Sender<ServingStatus>,
    readiness: Readiness,
}

impl HealthSwitch {
    /// Tells load balancers to send no more, here and at `/readyz`.
    pub(super) fn stop_serving(&self) {
        self.readiness.reach(Stage::Stopping);
        self.told.send_replace(ServingStatus::NotServing);
    }
}

/// The end that answers.
#[derive(Debug)]
pub(super) struct HealthService {
    services: &'static [&'static str],
    state: watch::Receiver<ServingStatus>,
}

/// Both ends; the state begins as SERVING, and the process as ready. All services share it: none can do its work without the others.
pub(super) fn health(services: &'static [&'static str], readiness: Readiness) -> (HealthSwitch, HealthService) {
    let (told, state) = watch::channel(ServingStatus::Serving);
    readiness.reach(Stage::Ready);
    (HealthSwitch { told, readiness }, HealthService { services, state })
}

impl HealthService {
    /// The empty name stands for the whole process.
    fn knows(&self, service: &str) -> bool {
        service.is_empty() || self.services.contains(&service)
    }
}

#[tonic::async_trait]
impl Health for HealthService {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let service = &request.get_ref().service;
        if !self.knows(service) {
            return Err(status::unknown_service(service));
        }
        let state = *self.state.borrow();
        Ok(Response::new(HealthCheckResponse { status: state.into() }))
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        // The protocol wants an unknown service to be watched too: it may come.
        let known = self.knows(&request.get_ref().service);
        let told = move |state| if known { state } else { ServingStatus::ServiceUnknown };
        let states = WatchStream::new(self.state.clone());
        let answers = states.map(move |state| Ok(HealthCheckResponse { status: told(state).into() }));
        Ok(Response::new(Box::pin(answers)))
    }
}

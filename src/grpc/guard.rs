//! Who may call: the layer that every call goes through first.
//!
//! Not here: who is who (`access/`), how calls are counted (`calls.rs`), deadlines (`admission.rs`). Kept true: a call is refused before its message is
//! read and before anything is done for it; the cheapest reason comes first; health is answered however much there is to do, because a process
//! that is killed for being busy leaves more to do for the others.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{HeaderMap, Request, Response, header::AUTHORIZATION};

use super::calls::{Call, CallBook};
use super::connection::ConnectionState;
use super::deadline::Arrived;
use super::discard::discard;
use super::edge::{Doors, Edge};
use super::gather::gather;
use super::layers::{is_batch, is_upload};
use super::metrics::{EdgeMetrics, Refusal};
use super::quota::Quotas;
use super::refusals::Refusals;
use super::status;
use super::turns::{InTurn, Turns};
use crate::access::{Access, Client, Credentials, Gate, Known, Refused, Rpc};

/// What every call is held against.
#[derive(Debug)]
pub(super) struct Rules {
    doors: Doors,
    quotas: Arc<Quotas>,
    book: Arc<CallBook>,
    turns: Turns,
    refusals: Refusals,
    metrics: EdgeMetrics,
}

impl Rules {
    /// Of an edge whose calls have so many threads.
    pub(super) fn new(edge: &Edge, quotas: &Arc<Quotas>, threads: usize) -> Arc<Rules> {
        let (turns, refusals) = (Turns::new(threads), Refusals::new(threads));
        let book = CallBook::new(edge.limits.calls, edge.limits.wait, edge.metrics.clone());
        let (doors, metrics) = (edge.doors.clone(), edge.metrics.clone());
        Arc::new(Rules { doors, quotas: Arc::clone(quotas), book, turns, refusals, metrics })
    }

    /// Lets a call in, with its quota in the request's extensions, or says why not.
    fn admit(&self, access: Access, request: &mut Request<Body>) -> Result<(), Status> {
        let connection = request.extensions().get::<Arc<ConnectionState>>().cloned();
        let client = self.client(access, request.headers(), connection.as_deref())?;
        if let (Access::Role(role), Some(client)) = (access, &client)
            && !client.may(role)
        {
            return Err(self.refuse(Refusal::PermissionDenied, status::not_permitted(role)));
        }
        if let Access::Role(_) = access
            && let Some(allowance) = self.quotas.of(client.as_deref(), connection.as_deref())
        {
            allowance.take(1).map_err(|over| self.refuse(Refusal::Quota, over.into()))?;
            request.extensions_mut().insert(allowance);
        }
        Ok(())
    }

    /// Who calls; `None` if nobody has to say.
    fn client(
        &self,
        access: Access,
        headers: &HeaderMap,
        connection: Option<&ConnectionState>,
    ) -> Result<Option<Arc<Client>>, Status> {
        let open = match access {
            Access::Health => self.doors.health_open,
            Access::Reflection => self.doors.reflection_open,
            Access::Role(_) | Access::Nothing => false,
        };
        let Some(gate) = self.doors.gate.as_ref().filter(|_| !open) else { return Ok(None) };
        let (gate, now) = (gate.load(), now());
        let credentials = credentials(headers, connection);
        let known = match gate.recognise(credentials, now) {
            Known::Client(client) => Ok(client),
            Known::Refused(refused) => Err(refused),
            Known::Unverified => self.verify(&gate, credentials, connection, now)?,
        };
        let refuse = |refused| self.refuse(Refusal::Unauthenticated, status::unknown_caller(refused));
        known.map(Some).map_err(refuse)
    }

    fn verify(
        &self,
        gate: &Gate,
        credentials: Credentials<'_>,
        connection: Option<&ConnectionState>,
        now: u64,
    ) -> Result<Result<Arc<Client>, Refused>, Status> {
        let Credentials::Bearer(token) = credentials else { return Ok(Err(Refused::Invalid)) };
        if !self.quotas.may_try(connection) {
            return Err(self.refuse(Refusal::Guessing, status::too_many_guesses()));
        }
        Ok(gate.verify(token, now))
    }

    fn refuse(&self, refusal: Refusal, status: Status) -> Status {
        self.metrics.refused(refusal);
        status
    }

    /// Of a call that there is no time for: it is over for us, and hears of it when its refusal may leave.
    async fn turn_away(&self, call: Call, request: Request<Body>) -> Response<Body> {
        self.metrics.refused(Refusal::Wait);
        let rpc = call.rpc();
        let refused = call.with_answer(status::overloaded_at_once());
        self.refusals.leave(&refuse_message(rpc, request).await).await;
        refused
    }
}

/// What a call brings along. A certificate does not help a wrong token: who sends one means it.
fn credentials<'a>(headers: &'a HeaderMap, connection: Option<&'a ConnectionState>) -> Credentials<'a> {
    match headers.get(AUTHORIZATION) {
        None => Credentials::Certificate(connection.map_or(&[], |connection| &connection.names)),
        Some(value) => match value.to_str().ok().and_then(|value| value.split_once(' ')) {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Credentials::Bearer(token.trim()),
            _ => Credentials::Unreadable,
        },
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// True for calls of one message that is not held back on purpose: batches wait unread (`admission.rs`). Health waits for nothing.
fn waits_for_its_message(rpc: Rpc, request: &Request<Body>) -> bool {
    rpc.access() != Access::Health && !rpc.is_stream() && !is_batch(request) && !is_upload(request)
}

async fn with_message(request: Request<Body>) -> Request<Body> {
    let (head, body) = request.into_parts();
    Request::from_parts(head, gather(body).await)
}

/// Lets in what is on its way of a call that will not be done, and gives its headers back. A stream has no end to wait for.
async fn refuse_message(rpc: Rpc, request: Request<Body>) -> HeaderMap {
    let upload = is_upload(&request);
    let (head, body) = request.into_parts();
    if !rpc.is_stream() && !upload {
        discard(body).await;
    }
    head.headers
}

/// Guards a service.
#[derive(Clone, Debug)]
pub(super) struct Guard<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> Guard<S> {
    /// Around a service.
    pub(super) fn new(inner: S, rules: Arc<Rules>) -> Self {
        Guard { inner, rules }
    }
}

impl<S> Service<Request<Body>> for Guard<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let rpc = Rpc::at(request.uri().path());
        let connection = request.extensions().get::<Arc<ConnectionState>>().cloned();
        // hyper calls this in a task of the call's own, when its turn in the runtime's queue has come; what is refused here has cost that and no more.
        let mut call = match self.rules.book.begin(rpc, connection, rpc.access() == Access::Health) {
            Ok(call) => call,
            Err(refusal) => {
                self.rules.metrics.refused_at_once(rpc, refusal);
                let rules = Arc::clone(&self.rules);
                return Box::pin(async move {
                    rules.refusals.leave(&refuse_message(rpc, request).await).await;
                    Ok(status::overloaded_at_once())
                });
            }
        };
        // The one that was asked whether it is ready does the work; its clone stands in for the next call.
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        let rules = Arc::clone(&self.rules);
        Box::pin(async move {
            call.in_span(tracing::Span::current());
            let mut turn = None;
            if call.is_crowded() {
                request.extensions_mut().insert(Arrived(call.arrived()));
                if waits_for_its_message(rpc, &request) {
                    call.step_aside();
                    request = with_message(request).await;
                    if !call.step_back() {
                        return Ok(rules.turn_away(call, request).await);
                    }
                }
                turn = Some(rules.turns.take().await);
            }
            if !call.turn() && rpc.access() != Access::Health {
                drop(turn);
                return Ok(rules.turn_away(call, request).await);
            }
            if let Err(refused) = rules.admit(rpc.access(), &mut request) {
                drop(turn);
                refuse_message(rpc, request).await;
                return Ok(call.with_answer(refused.into_http()));
            }
            let response = InTurn::new(ready.call(request), turn).await?;
            Ok(call.with_answer(response))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use arc_swap::ArcSwap;
    use tonic::Code;
    use tower::service_fn;

    use super::*;
    use crate::access::{Clients, NewToken};

    fn edge(doors: Doors) -> Edge {
        Edge { doors, ..Edge::default() }
    }

    async fn code(edge: &Edge, path: &str, authorization: Option<&str>) -> Code {
        let answering = service_fn(|_| async { Ok::<_, Infallible>(Status::ok("").into_http::<Body>()) });
        let mut guard = Guard::new(answering, Rules::new(edge, &Quotas::new(edge.limits.quota), 1));
        let mut request = Request::builder().uri(path);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = guard.call(request.body(Body::empty()).unwrap()).await.unwrap();
        Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
    }

    #[tokio::test]
    async fn doors_open_by_table_role_and_configuration() {
        let token = NewToken::random().unwrap();
        let clients = Clients::parse(&format!("reader read {}", token.digest)).unwrap();
        let gate = Some(Arc::new(ArcSwap::from_pointee(Gate::new(clients, None))));
        let closed = edge(Doors { gate: gate.clone(), health_open: false, reflection_open: false });
        let open = edge(Doors { gate, health_open: true, reflection_open: true });
        let bearer = format!("Bearer {}", token.token);
        let health = "/grpc.health.v1.Health/Check";
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        for (edge, path, authorization, expected) in [
            (&closed, "/dsasignal.v1.PolicyService/GetPolicy", Some(bearer.as_str()), Code::Ok),
            (&closed, "/dsasignal.v1.PolicyService/GetPolicy", Some("Bearer "), Code::Unauthenticated),
            (&closed, "/dsasignal.v1.PolicyService/GetPolicy", Some("Basic eDp5"), Code::Unauthenticated),
            (&closed, "/dsasignal.v1.PolicyService/GetPolicy", None, Code::Unauthenticated),
            (&closed, "/dsasignal.v1.ScoringService/ScoreListing", Some(&bearer), Code::PermissionDenied),
            (&closed, health, None, Code::Unauthenticated),
            (&closed, health, Some(&bearer), Code::Ok),
            (&closed, reflection, None, Code::Unauthenticated),
            (&closed, reflection, Some(&bearer), Code::Ok),
            (&closed, "/dsasignal.v1.Nothing/Here", None, Code::Unauthenticated),
            (&closed, "/dsasignal.v1.Nothing/Here", Some(&bearer), Code::Ok),
            (&open, health, None, Code::Ok),
            (&open, reflection, Some("Bearer wrong"), Code::Ok),
            (&open, "/dsasignal.v1.PolicyService/GetPolicy", None, Code::Unauthenticated),
        ] {
            assert_eq!(code(edge, path, authorization).await, expected, "{path} {authorization:?}");
        }
        assert_eq!(code(&Edge::default(), "/dsasignal.v1.PolicyService/GetPolicy", None).await, Code::Ok);
    }
}

//! Errors as gRPC tells them. The only place where a `tonic::Status` is made.
//!
//! Not here: what goes wrong and the words for it (`domain`). Kept true: every code is mapped, without a wildcard; every
//! status carries an `ErrorInfo`; a status fits into the headers that clients accept.
//!
//! A status of a call travels in HTTP/2 trailers, and gRPC's C core (Python, Ruby, C++) refuses headers of more than
//! 8 KiB. The details are base64 there and the message is percent-encoded, hence the two budgets below. A status of one
//! item of a batch or stream travels in the body and is whole.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use prost::Message;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Response};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::access::{Refused, Role};
use crate::domain::{ErrorCode, FieldViolation, ServiceError};

/// `google.rpc.ErrorInfo.domain` of every error of this service.
pub const ERROR_DOMAIN: &str = "dsa-signal";

/// Bytes of violations in trailers.
const DETAILS_BUDGET: usize = 3 << 10;
/// Bytes of the message in trailers.
const MESSAGE_BUDGET: usize = 512;
/// When a caller may try again: a draining process is replaced within about this time.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<ServiceError> for Status {
    fn from(error: ServiceError) -> Self {
        status(&error, fitting(&error.violations), shortened(&error.message))
    }
}

/// The error of one item, whole.
pub(super) fn of_item(error: &ServiceError) -> tonic_types::Status {
    let status = status(error, error.violations.clone(), error.message.clone());
    // The details of a status are the same message, encoded by us a line ago.
    tonic_types::Status::decode(status.details()).unwrap_or_default()
}

/// A stream that ends because the process does.
pub(super) fn draining() -> Status {
    ServiceError::new(
        ErrorCode::Unavailable,
        "the service is stopping; reconnect and send again what has no answer yet",
    )
    .into()
}

/// A stream on which nothing has arrived for too long.
pub(super) fn idle_stream() -> Status {
    ServiceError::new(
        ErrorCode::Unavailable,
        "nothing has arrived for too long; begin another stream when there is something",
    )
    .into()
}

/// A message that the transport could not read, or that was larger than the limit.
pub(super) fn unreadable(status: Status) -> Status {
    match status.code() {
        Code::OutOfRange => ServiceError::new(ErrorCode::TooLarge, status.message()).into(),
        _ => status,
    }
}

/// A call that was not answered in time, whatever it waited for.
pub(super) fn too_late() -> Status {
    ServiceError::new(ErrorCode::DeadlineExceeded, "the call was not answered by its deadline, or within 60 seconds")
        .into()
}

/// A panic below the edge. The caller learns that it was not the request.
pub(super) fn panicked() -> Status {
    ServiceError::new(ErrorCode::Internal, "the call failed on a defect of the service").into()
}

/// A caller who is not known, or may not do this. The words help whoever has forgotten something, and tell nobody which part was wrong.
pub(super) fn unknown_caller(refused: Refused) -> Status {
    let message = match refused {
        Refused::Missing => "this call needs credentials: `authorization: Bearer TOKEN`, or a client certificate",
        Refused::Invalid => "the credentials are not accepted",
        Refused::Expired => "the credentials have expired",
    };
    ServiceError::new(ErrorCode::Unauthenticated, message).into()
}

/// A known caller who may not do this.
pub(super) fn not_permitted(role: Role) -> Status {
    let message = format!("this call needs the role `{}`", role.as_str());
    ServiceError::new(ErrorCode::PermissionDenied, message).into()
}

/// A caller who has used up its quota.
pub(super) fn over_quota(wait: Duration) -> ServiceError {
    ServiceError::new(ErrorCode::QuotaExceeded, "the quota of this client is used up for now").retry_after(wait)
}

/// A call that asks for more at once than its quota can ever hold.
pub(super) fn beyond_quota() -> ServiceError {
    ServiceError::new(
        ErrorCode::QuotaExceeded,
        "it is more at once than the quota of this client ever holds; send less",
    )
}

/// An address whose tokens have been nobody's too often.
pub(super) fn too_many_guesses() -> Status {
    let message = "too many tokens from this address were not accepted; try again later";
    ServiceError::new(ErrorCode::QuotaExceeded, message).retry_after(RETRY_AFTER * 5).into()
}

/// More calls than can be answered.
pub(super) fn overloaded() -> Status {
    ServiceError::new(ErrorCode::Overloaded, "the service has more calls than it can answer; try again").into()
}

/// The same as an answer, for callers who come so fast that making it anew each time would cost more than what they ask for.
pub(super) fn overloaded_at_once() -> Response<Body> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| overloaded().into_http::<Body>().headers().clone());
    let mut response = Response::new(Body::empty());
    response.headers_mut().clone_from(&HEADERS);
    response
}

/// A health query about a service that does not exist here.
pub(super) fn unknown_service(name: &str) -> Status {
    let name: String = name.chars().take(100).collect();
    ServiceError::new(ErrorCode::NotFound, format!("there is no service {name:?} here")).into()
}

fn status(error: &ServiceError, violations: Vec<FieldViolation>, message: String) -> Status {
    let mut details = ErrorDetails::with_error_info(error.code.as_str(), ERROR_DOMAIN, HashMap::new());
    for violation in violations {
        details.add_bad_request_violation(violation.field, violation.description);
    }
    let code = match error.code {
        ErrorCode::Invalid => Code::InvalidArgument,
        ErrorCode::NotFound => Code::NotFound,
        ErrorCode::TooLarge => Code::ResourceExhausted,
        ErrorCode::Unauthenticated => Code::Unauthenticated,
        ErrorCode::PermissionDenied => Code::PermissionDenied,
        ErrorCode::QuotaExceeded => Code::ResourceExhausted,
        ErrorCode::DeadlineExceeded => Code::DeadlineExceeded,
        ErrorCode::Overloaded | ErrorCode::Unavailable => Code::Unavailable,
        ErrorCode::Internal => Code::Internal,
    };
    let passes = matches!(error.code, ErrorCode::Overloaded | ErrorCode::Unavailable);
    let retry_after = error.retry_after.or(passes.then_some(RETRY_AFTER));
    if retry_after.is_some() {
        details.set_retry_info(retry_after);
    }
    Status::with_error_details(code, message, details)
}

/// As many violations as trailers hold, and how many more there are.
fn fitting(violations: &[FieldViolation]) -> Vec<FieldViolation> {
    let mut room = DETAILS_BUDGET;
    let mut fitting: Vec<_> = violations
        .iter()
        .take_while(|violation| {
            // Four bytes of tags and lengths for each.
            let needed = violation.field.len() + violation.description.len() + 8;
            let fits = needed <= room;
            room = room.saturating_sub(needed);
            fits
        })
        .cloned()
        .collect();
    let left_out = violations.len() - fitting.len();
    if left_out > 0 {
        let description = format!("{left_out} more violations do not fit into the trailers");
        fitting.push(FieldViolation { field: String::new(), description });
    }
    fitting
}

/// The message, cut at a character if it is too long.
fn shortened(message: &str) -> String {
    if message.len() <= MESSAGE_BUDGET {
        return message.to_owned();
    }
    let end = (0..=MESSAGE_BUDGET).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
    format!("{} … (all of it in the details)", message.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invalid(violations: usize) -> ServiceError {
        let violations = (0..violations)
            .map(|at| FieldViolation {
                field: format!("listing.variants[{at}].name"),
                description: "is 513 bytes; at most 512".into(),
            })
            .collect();
        crate::domain::InvalidContent { violations }.into()
    }

    #[test]
    fn every_code_has_its_grpc_code_and_names_itself_and_the_service() {
        for (code, grpc, retry) in [
            (ErrorCode::Invalid, Code::InvalidArgument, false),
            (ErrorCode::NotFound, Code::NotFound, false),
            (ErrorCode::TooLarge, Code::ResourceExhausted, false),
            (ErrorCode::Unauthenticated, Code::Unauthenticated, false),
            (ErrorCode::PermissionDenied, Code::PermissionDenied, false),
            (ErrorCode::QuotaExceeded, Code::ResourceExhausted, false),
            (ErrorCode::Overloaded, Code::Unavailable, true),
            (ErrorCode::DeadlineExceeded, Code::DeadlineExceeded, false),
            (ErrorCode::Unavailable, Code::Unavailable, true),
            (ErrorCode::Internal, Code::Internal, false),
        ] {
            let status = Status::from(ServiceError::new(code, "words"));
            assert_eq!((status.code(), status.message()), (grpc, "words"));
            let details = status.get_error_details();
            let info = details.error_info().unwrap();
            assert_eq!((info.reason.as_str(), info.domain.as_str()), (code.as_str(), "dsa-signal"));
            assert_eq!(details.retry_info().is_some(), retry);
        }
    }

    #[test]
    fn a_refusal_at_once_says_what_a_refusal_says() {
        for _ in 0..2 {
            let response = overloaded_at_once();
            assert_eq!(response.headers(), overloaded().into_http::<Body>().headers());
            let status = Status::from_header_map(response.headers()).unwrap();
            assert!(status.code() == Code::Unavailable && status.get_error_details().retry_info().is_some());
        }
    }

    #[test]
    fn a_few_violations_are_all_in_the_trailers() {
        let status = Status::from(invalid(3));
        let listed = status.get_error_details().bad_request().unwrap().field_violations.clone();
        assert_eq!(listed.len(), 3);
        assert_eq!(listed[2].field, "listing.variants[2].name");
    }

    #[test]
    fn many_violations_still_fit_into_the_headers_that_clients_accept() {
        let status = Status::from(invalid(100));
        let headers = status.clone().into_http::<()>();
        let bytes: usize = headers.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        assert!(bytes < 8 << 10, "{bytes}");
        let listed = status.get_error_details().bad_request().unwrap().field_violations.clone();
        assert!(listed.last().unwrap().description.ends_with("more violations do not fit into the trailers"));
        assert_eq!(of_item(&invalid(100)).message.matches("at most 512").count(), 100);
    }

    #[test]
    fn an_item_carries_the_same_details_as_a_call() {
        let item = of_item(&invalid(2));
        assert_eq!(item.code, Code::InvalidArgument as i32);
        assert_eq!(item.details.len(), 2);
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let status = Status::from(ServiceError::new(ErrorCode::NotFound, "ä".repeat(600)));
        assert!(status.message().starts_with("ää") && status.message().len() < 600);
    }
}

//! The closed list of error codes, and what a caller did wrong.
//!
//! Not here: gRPC statuses and exit codes (the edges map every code, exhaustively). Kept true: a message names what
//! to change and holds neither content nor a driver's words.

use std::fmt;
use std::time::Duration;

/// What kind of failure it is. Each edge maps it without a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The caller's input breaks the contract.
    Invalid,
    /// What was asked for does not exist.
    NotFound,
    /// More than the limits admit.
    TooLarge,
    /// The caller is not known.
    Unauthenticated,
    /// The caller is known, and may not do this.
    PermissionDenied,
    /// The caller has used up what it may do for now.
    QuotaExceeded,
    /// There is more to do than can be done; try again.
    Overloaded,
    /// The caller's deadline has passed.
    DeadlineExceeded,
    /// The service is stopping or a part of it is away; try again.
    Unavailable,
    /// A defect of ours.
    Internal,
}

impl ErrorCode {
    /// Stable name, as `google.rpc.ErrorInfo.reason` carries it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorCode::Invalid => "INVALID",
            ErrorCode::NotFound => "NOT_FOUND",
            ErrorCode::TooLarge => "TOO_LARGE",
            ErrorCode::Unauthenticated => "UNAUTHENTICATED",
            ErrorCode::PermissionDenied => "PERMISSION_DENIED",
            ErrorCode::QuotaExceeded => "QUOTA_EXCEEDED",
            ErrorCode::Overloaded => "OVERLOADED",
            ErrorCode::DeadlineExceeded => "DEADLINE_EXCEEDED",
            ErrorCode::Unavailable => "UNAVAILABLE",
            ErrorCode::Internal => "INTERNAL",
        }
    }
}

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path from the request, e.g. `listing.variants[3].name`.
    pub field: String,
    /// What is wrong and what is allowed, e.g. `is 1300 bytes; at most 1024`.
    pub description: String,
}

/// Everything wrong with one request, never only the first thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvalidContent {
    /// In the order of the fields.
    pub violations: Vec<FieldViolation>,
}

impl fmt::Display for InvalidContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, violation) in self.violations.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}{} {}", violation.field, violation.description)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidContent {}

/// A failed use case: a code for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// For programs.
    pub code: ErrorCode,
    /// For the caller; what to do about it.
    pub message: String,
    /// For `Invalid`: every violation.
    pub violations: Vec<FieldViolation>,
    /// For errors that pass: when it is worth trying again, if that is known.
    pub retry_after: Option<Duration>,
}

impl ServiceError {
    /// An error without field violations.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ServiceError { code, message: message.into(), violations: Vec::new(), retry_after: None }
    }

    /// With the time after which it is worth trying again.
    pub fn retry_after(self, wait: Duration) -> Self {
        ServiceError { retry_after: Some(wait), ..self }
    }
}

impl From<InvalidContent> for ServiceError {
    fn from(invalid: InvalidContent) -> Self {
        let violations = invalid.violations.clone();
        ServiceError { violations, ..ServiceError::new(ErrorCode::Invalid, invalid.to_string()) }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServiceError {}

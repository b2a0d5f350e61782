//! What can go wrong with a store, in a closed list.
//!
//! Not here: what callers are told (`service/` makes `ErrorCode::Unavailable` of it). Kept true: a driver's words stay inside; what
//! leaves names the fault, what to do, and the driver's code for whoever looks it up.

use std::fmt;

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreFault {
    /// The URL names no store.
    Location,
    /// It cannot be reached, or did not answer in time.
    Unreachable,
    /// Name or password are wrong, or rights are missing.
    AccessDenied,
    /// The disk is full.
    Full,
    /// It cannot be written.
    ReadOnly,
    /// The file or table is damaged.
    Corrupt,
    /// It was written by a newer version of this program.
    Newer,
    /// Another process holds it for too long.
    Busy,
    /// A defect of ours.
    Defect,
}

/// Why a store did not do as asked. Nothing of the call was kept, unless the fault is `Unreachable`: then it may have been.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct StoreError {
    /// For programs.
    pub fault: StoreFault,
    /// The driver's code (SQLSTATE, SQLite result code) or another detail without content; may be empty.
    pub detail: String,
}

impl StoreError {
    /// With a detail that holds no content.
    pub(in crate::store) fn new(fault: StoreFault, detail: impl Into<String>) -> Self {
        StoreError { fault, detail: detail.into() }
    }
}

impl StoreFault {
    /// In words, with what to do.
    pub const fn advice(self) -> &'static str {
        match self {
            StoreFault::Location => {
                "the store's URL cannot be used; write memory:, sqlite:PATH or postgres://user@host/database"
            }
            StoreFault::Unreachable => "the store cannot be reached; check that it runs and that its address is right",
            StoreFault::AccessDenied => "the store refuses access; check user, password and rights",
            StoreFault::Full => "the store's disk is full; free some space",
            StoreFault::ReadOnly => "the store cannot be written; check the rights of the file and its folder",
            StoreFault::Corrupt => "the store is damaged; keep a copy and restore a backup",
            StoreFault::Newer => "the store was written by a newer version of dsa-signal; run that version",
            StoreFault::Busy => "another process holds the store for too long; end it or try again",
            StoreFault::Defect => "the store failed on a defect of dsa-signal",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fault.advice())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, " ({})", self.detail) }
    }
}

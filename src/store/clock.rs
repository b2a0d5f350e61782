//! The clock that records are stamped by.
//!
//! Not here: that time does not go back within a chain (`chain.rs`), the clock of calls (`service/`). Kept true: an instant is a whole number of
//! microseconds, which is what columns hold and digests cover.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::Timestamp;

use super::columns::{from_micros, micros};

/// Says what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// One that is read in this way: for tests, whose clocks go as they want them to.
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Clock(Arc::new(read))
    }

    /// Now.
    pub(in crate::store) fn now(&self) -> Timestamp {
        from_micros(micros((self.0)()))
    }
}

impl Default for Clock {
    /// The machine's.
    fn default() -> Self {
        Clock::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: since.subsec_nanos() }
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

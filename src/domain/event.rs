//! What happens to a seller or creator and may change what is known of them.
//!
//! Not here: what an event counts for (the pack's `standing.yaml`), how events fold into a standing (`reputation/`), where they
//! are kept (`store/`). Kept true: an event's identifier names it for ever; two events with one identifier are one event.

use super::words::words;
use super::{RiskArea, Subject, Timestamp};

words! {
    /// What happened. The name (`as_str`, snake_case) is what `standing.yaml`, stores and imports use.
    EventKind {
        /// A notice (DSA Art. 16 or 22) turned out to be right.
        NoticeConfirmed = "notice_confirmed",
        /// A notice turned out to be wrong.
        NoticeRejected = "notice_rejected",
        /// A person confirmed what a decision flagged.
        DecisionConfirmed = "decision_confirmed",
        /// A person found nothing wrong with what a decision flagged.
        DecisionRejected = "decision_rejected",
        /// A listing or post was removed.
        ContentRemoved = "content_removed",
        /// A listing or post was looked at and left as it is.
        ContentCleared = "content_cleared",
        /// A complaint (DSA Art. 20) or dispute (Art. 21) went in favour of the seller or creator.
        AppealUpheld = "appeal_upheld",
        /// A complaint or dispute went against them.
        AppealDismissed = "appeal_dismissed",
        /// Orders were completed: exposure without complaint.
        OrdersCompleted = "orders_completed",
        /// The trader's information was verified (DSA Art. 30).
        TraderVerified = "trader_verified",
        /// The trader's information proved wrong or was not corrected (DSA Art. 30(3)).
        TraderUnverified = "trader_unverified",
        /// They were warned that a suspension may follow (DSA Art. 23).
        WarningIssued = "warning_issued",
        /// Their service was suspended for a time (DSA Art. 23).
        Suspended = "suspended",
        /// The suspension ended.
        Reinstated = "reinstated",
    }
}

/// Something that happened to a seller or creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingEvent {
    /// 1..=256 bytes, chosen by whoever reports it; the same identifier again is the same event.
    pub event_id: String,
    /// A seller or creator.
    pub subject: Subject,
    /// What happened.
    pub kind: EventKind,
    /// The area concerned; `None` = none in particular.
    pub area: Option<RiskArea>,
    /// How many times, at least 1: ten thousand orders are one event.
    pub count: u32,
    /// When it happened, which may be long before it is reported.
    pub occurred_at: Timestamp,
}

//! Standings.
//!
//! Not here: how they come about (`reputation/`). Kept true: a standing in an assessment is the short one; who asks for it by name
//! gets what it rests on too.

use super::{area, subject, timestamp};
use crate::domain::{
    AreaStanding, EventKind, MisuseStage, Standing, StandingContribution, StandingDetail, Subject, Timestamp,
};
use crate::wire::v1;

/// A standing as an assessment used it, computed for the instant of the assessment.
pub(super) fn standing(standing: Standing, as_of: Timestamp) -> v1::Standing {
    v1::Standing {
        mean: standing.mean,
        lower: standing.lower,
        upper: standing.upper,
        effective_events: standing.effective_events,
        strikes: standing.strikes,
        trader_verified: standing.trader_verified,
        as_of: Some(timestamp(as_of)),
        ..v1::Standing::default()
    }
}

/// A standing and what it rests on.
pub fn standing_detail(detail: StandingDetail) -> v1::Standing {
    let StandingDetail { standing, misuse, areas, contributions, as_of } = detail;
    v1::Standing {
        areas: areas.into_iter().map(area_standing).collect(),
        contributions: contributions.into_iter().map(contribution).collect(),
        misuse_stage: misuse_stage(misuse).into(),
        ..self::standing(standing, as_of)
    }
}

/// A standing that has changed.
pub fn standing_update(whose: Subject, detail: StandingDetail) -> v1::StandingUpdate {
    v1::StandingUpdate { subject: Some(subject(whose)), standing: Some(standing_detail(detail)) }
}

/// A kind of event.
pub const fn event_kind(kind: EventKind) -> v1::EventKind {
    match kind {
        EventKind::NoticeConfirmed => v1::EventKind::NoticeConfirmed,
        EventKind::NoticeRejected => v1::EventKind::NoticeRejected,
        EventKind::DecisionConfirmed => v1::EventKind::DecisionConfirmed,
        EventKind::DecisionRejected => v1::EventKind::DecisionRejected,
        EventKind::ContentRemoved => v1::EventKind::ContentRemoved,
        EventKind::ContentCleared => v1::EventKind::ContentCleared,
        EventKind::AppealUpheld => v1::EventKind::AppealUpheld,
        EventKind::AppealDismissed => v1::EventKind::AppealDismissed,
        EventKind::OrdersCompleted => v1::EventKind::OrdersCompleted,
        EventKind::TraderVerified => v1::EventKind::TraderVerified,
        EventKind::TraderUnverified => v1::EventKind::TraderUnverified,
        EventKind::WarningIssued => v1::EventKind::WarningIssued,
        EventKind::Suspended => v1::EventKind::Suspended,
        EventKind::Reinstated => v1::EventKind::Reinstated,
    }
}

const fn misuse_stage(stage: MisuseStage) -> v1::MisuseStage {
    match stage {
        MisuseStage::None => v1::MisuseStage::None,
        MisuseStage::WarningDue => v1::MisuseStage::WarningDue,
        MisuseStage::SuspensionDue => v1::MisuseStage::SuspensionDue,
        MisuseStage::Suspended => v1::MisuseStage::Suspended,
    }
}

fn area_standing(standing: AreaStanding) -> v1::AreaStanding {
    let AreaStanding { area: of, mean, effective_events } = standing;
    v1::AreaStanding { area: area(of).into(), mean, effective_events }
}

fn contribution(contribution: StandingContribution) -> v1::StandingContribution {
    v1::StandingContribution { event_id: contribution.event_id, contribution: contribution.contribution }
}

//! What events count for.
//!
//! Not here: how events fold into a standing (`reputation/`). Kept true: a number out of range never reaches the rules; the
//! warning comes before the suspension.

use super::super::code::Code;
use super::super::faults::{Faults, Located};
use super::super::shape::{RawEvent, RawStanding, RawStrikes, RawWeight};
use super::super::standing::{EventRule, EventWeight, HalfLife, StandingRules, StrikeEffect, StrikeRules};
use crate::domain::{EventKind, RiskArea};

/// Strikes beyond this would only say "never".
const MAX_STRIKES: f64 = 1000.0;

/// Checks `standing.yaml`; without it, no event counts.
pub(super) fn compile(raw: Option<&RawStanding>, faults: &mut Faults<'_>) -> StandingRules {
    let mut rules = StandingRules::default();
    let Some(raw) = raw else { return rules };
    if let Some(prior) = &raw.prior {
        rules.prior = self::prior(prior, faults);
    }
    if let Some(days) = whole(raw.half_life_days.as_ref(), (1.0, f64::from(HalfLife::MAX_DAYS)), "half-life", faults) {
        rules.half_life = HalfLife::days(days as u16);
    }
    for raw in &raw.events {
        match raw.kind.value.parse::<EventKind>() {
            Ok(kind) => rules.events[kind as usize] = event(raw, kind, faults),
            Err(()) => {
                let known = EventKind::ALL.map(EventKind::as_str);
                faults.add_unknown(Code::UnknownEvent, &raw.kind, "kind of event", known);
            }
        }
    }
    if let Some(raw) = &raw.strikes {
        rules.strikes = strikes(raw, faults);
    }
    rules
}

fn prior(raw: &RawWeight, faults: &mut Faults<'_>) -> EventWeight {
    let range = (StandingRules::MIN_PRIOR, StandingRules::MAX_PRIOR);
    let mut side = |number: &Option<Located<f64>>, name| match number {
        Some(number) => in_range(number, range, "prior", faults),
        None => {
            faults.add(Code::MissingKey, raw.at, format!("`{name}` is missing here"));
            range.0
        }
    };
    EventWeight { bad: side(&raw.bad, "bad"), good: side(&raw.good, "good") }
}

fn event(raw: &RawEvent, kind: EventKind, faults: &mut Faults<'_>) -> EventRule {
    let mut rule = EventRule { weight: weight(&raw.weight, faults), ..EventRule::default() };
    for (name, raw) in &raw.areas {
        match name.value.parse::<RiskArea>() {
            Ok(area) => rule.areas[area.index()] = Some(weight(raw, faults)),
            Err(()) => {
                let known = RiskArea::ALL.map(RiskArea::as_str);
                faults.add_unknown(Code::UnknownArea, name, "risk area", known);
            }
        }
    }
    if let Some(word) = &raw.strike {
        match word.value.as_str() {
            "counts" => rule.strike = StrikeEffect::Counts,
            "lifts" => rule.strike = StrikeEffect::Lifts,
            _ => faults.add_unknown(Code::UnknownStrike, word, "effect on strikes", ["counts", "lifts"]),
        }
    }
    let idle = |raw: &RawWeight| [&raw.bad, &raw.good].into_iter().flatten().all(|number| number.value == 0.0);
    if idle(&raw.weight) && raw.areas.iter().all(|(_, raw)| idle(raw)) && raw.strike.is_none() {
        faults.add(Code::IdleEvent, raw.kind.at, format!("`{}` counts for nothing here", kind.as_str()));
    }
    rule
}

fn weight(raw: &RawWeight, faults: &mut Faults<'_>) -> EventWeight {
    let mut side = |number: &Option<Located<f64>>| {
        number.as_ref().map_or(0.0, |number| in_range(number, (0.0, EventWeight::MAX), "weight", faults))
    };
    EventWeight { bad: side(&raw.bad), good: side(&raw.good) }
}

fn strikes(raw: &RawStrikes, faults: &mut Faults<'_>) -> StrikeRules {
    let default = StandingRules::default().strikes;
    let window = (1.0, f64::from(StrikeRules::MAX_WINDOW_DAYS));
    let window_days =
        whole(raw.window_days.as_ref(), window, "window", faults).map_or(default.window_days, |days| days as u16);
    let mut count = |number: &Option<Located<f64>>| {
        whole(number.as_ref(), (1.0, MAX_STRIKES), "number of strikes", faults).map(|count| count as u32)
    };
    let (warn_at, suspend_at) = (count(&raw.warn_at), count(&raw.suspend_at));
    if let (Some(warn), Some(suspend), Some(written)) = (warn_at, suspend_at, &raw.suspend_at)
        && suspend <= warn
    {
        let message = format!("a suspension at {suspend} strikes would not come after the warning at {warn}");
        faults.add(Code::SuspensionFirst, written.at, message);
    }
    StrikeRules {
        window_days,
        warn_at: warn_at.unwrap_or(default.warn_at),
        suspend_at: suspend_at.unwrap_or(default.suspend_at),
    }
}

/// A whole number within a range.
fn whole(number: Option<&Located<f64>>, (least, most): (f64, f64), what: &str, faults: &mut Faults<'_>) -> Option<f64> {
    let number = number?;
    let fits = number.value.fract() == 0.0 && (least..=most).contains(&number.value);
    if !fits {
        let message = format!("a {what} of {} is out of range: whole numbers from {least} to {most}", number.value);
        faults.add(Code::StandingRange, number.at, message);
    }
    fits.then_some(number.value)
}

fn in_range(number: &Located<f64>, (least, most): (f64, f64), what: &str, faults: &mut Faults<'_>) -> f64 {
    if (least..=most).contains(&number.value) {
        return number.value;
    }
    let message = format!("a {what} of {} is out of range: {least} to {most}", number.value);
    faults.add(Code::StandingRange, number.at, message);
    least
}

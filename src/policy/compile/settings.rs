//! Names, areas, thresholds, groups, roles and laws.
//!
//! Not here: which lexicons and signals there are. Kept true: thresholds rise with gravity.

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::code::Code;
use super::super::compiled::{ActionThreshold, CompiledArea, LevelThresholds, Roles, SlotTable};
use super::super::condition::LexiconIndex;
use super::super::facts::Fact;
use super::super::faults::{At, Faults, Located};
use super::super::shape::{RawArea, RawLaw, Settings, Thresholds};
use super::super::source::MODEL_FILE;
use crate::domain::{Action, LegalBasis, Level, Nats, Risk, RiskArea};
use crate::matching::LexiconId;
use crate::model::TextModel;

/// Largest magnitude of a prior, in nats: one in 500 million.
const MAX_PRIOR: f64 = 20.0;

/// `pack.yaml`, checked.
pub(super) struct CompiledSettings {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) areas: [CompiledArea; RiskArea::COUNT],
    pub(super) groups: Vec<String>,
    /// Group to its position.
    pub(super) group_index: FxHashMap<String, u16>,
}

impl CompiledSettings {
    /// How an area is scored.
    pub(super) fn area(&self, area: RiskArea) -> &CompiledArea {
        // An area indexes an array of `COUNT`: that is what `RiskArea` keeps true.
        &self.areas[area.index()]
    }
}

/// Checks `pack.yaml`.
pub(super) fn compile(raw: &Settings, faults: &mut Faults<'_>) -> CompiledSettings {
    let levels = raw.levels.as_ref().map(|raw| levels(raw, faults));
    let actions = raw.actions.as_ref().map(|raw| actions(raw, faults));
    let unscored = CompiledArea {
        prior: None,
        model_limit: Nats::ZERO,
        levels: levels.unwrap_or(LevelThresholds([Risk::new(1.0); 4])),
        actions: actions.unwrap_or_default(),
        for_listings: false,
        for_posts: false,
    };
    let mut areas: [CompiledArea; RiskArea::COUNT] = std::array::from_fn(|_| unscored.clone());
    for raw in &raw.areas {
        match raw.name.value.parse::<RiskArea>() {
            Ok(area) => {
                if let Some(place) = areas.get_mut(area.index()) {
                    *place = compile_area(raw, &unscored, faults);
                }
            }
            Err(()) => {
                faults.add_unknown(Code::UnknownArea, &raw.name, "risk area", RiskArea::ALL.map(RiskArea::as_str));
            }
        }
    }
    let groups: Vec<String> = raw.groups.iter().map(|(name, _)| name.value.clone()).collect();
    if groups.len() > usize::from(u16::MAX) {
        faults.add_file(Code::TooMany, "pack.yaml", "more than 65,535 groups");
    }
    let group_index = groups.iter().cloned().zip(0..).collect();
    let text = |text: &Option<Located<String>>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
    CompiledSettings { name: text(&raw.name), version: text(&raw.version), areas, groups, group_index }
}

fn compile_area(raw: &RawArea, defaults: &CompiledArea, faults: &mut Faults<'_>) -> CompiledArea {
    let (for_listings, for_posts) = applies_to(raw.applies_to.as_deref(), raw.name.at, faults);
    if let Some(prior) = &raw.prior
        && !(-MAX_PRIOR..=MAX_PRIOR).contains(&prior.value)
    {
        faults.add(Code::BadPrior, prior.at, format!("a prior of {} is out of range", prior.value));
    }
    let prior = raw.prior.as_ref().map(|prior| Nats::new(prior.value));
    let actions = raw.actions.as_ref().map_or_else(|| defaults.actions.clone(), |raw| actions(raw, faults));
    CompiledArea {
        prior,
        model_limit: raw.model.as_ref().map_or(Nats::ZERO, |limit| model_limit(limit, prior, &actions, faults)),
        levels: raw.levels.as_ref().map_or(defaults.levels, |raw| levels(raw, faults)),
        actions,
        for_listings,
        for_posts,
    }
}

/// What the text model may add to an area: not negative, and alone below BLOCK.
fn model_limit(
    limit: &Located<f64>,
    prior: Option<Nats>,
    actions: &[ActionThreshold],
    faults: &mut Faults<'_>,
) -> Nats {
    let alone = (prior.unwrap_or_default() + Nats::new(limit.value)).risk();
    let holds_back = |step: &&ActionThreshold| step.action >= Action::Block;
    let block = actions.iter().find(holds_back).map_or(Risk::new(1.0), |step| step.least);
    if !limit.value.is_finite() || limit.value < 0.0 || alone >= block {
        let message = format!(
            "the text model alone would reach a risk of {:.2}; BLOCK starts at {:.2}",
            alone.get(),
            block.get()
        );
        faults.add(Code::ModelLimit, limit.at, message);
    }
    Nats::new(limit.value)
}

/// The text model of a pack: none if no area asks it.
pub(super) fn model(
    raw: &Settings,
    areas: &[CompiledArea; RiskArea::COUNT],
    bytes: Option<&[u8]>,
    faults: &mut Faults<'_>,
) -> Option<TextModel> {
    let asked = raw.areas.iter().find_map(|area| area.model.as_ref())?;
    let model = match bytes.map(TextModel::from_bytes) {
        Some(Ok(model)) => model,
        Some(Err(invalid)) => {
            faults.add_file(Code::BadModel, MODEL_FILE, invalid.to_string());
            return None;
        }
        None => {
            faults.add(Code::BadModel, asked.at, format!("`model` is set, but the pack has no {MODEL_FILE}"));
            return None;
        }
    };
    for area in RiskArea::ALL.into_iter().filter(|area| areas[area.index()].model_limit > Nats::ZERO) {
        if !model.areas().any(|known| known == area) {
            faults.add(Code::BadModel, asked.at, format!("the text model does not know the area {area}"));
        }
    }
    Some(model)
}

/// Warns of hints that signals ask for and the model has not learned.
pub(super) fn hints(slots: &SlotTable, model: Option<&TextModel>, faults: &mut Faults<'_>) {
    let is_learned = |area| model.and_then(TextModel::lexicons).is_some_and(|it| it.areas().any(|known| known == area));
    for area in RiskArea::ALL.into_iter().filter(|area| !is_learned(*area)) {
        if let Some(fact) =
            Fact::hint(area).filter(|fact| slots.by_fact.get(*fact as usize).is_some_and(Option::is_some))
        {
            let message = format!("a signal asks for `{}`, of which the model knows nothing", fact.as_str());
            faults.add_file(Code::UnlearnedHint, MODEL_FILE, message);
        }
    }
}

/// For listings, for posts; both if nothing is said.
pub(super) fn applies_to(raw: Option<&[Located<String>]>, at: At, faults: &mut Faults<'_>) -> (bool, bool) {
    let Some(kinds) = raw else { return (true, true) };
    let mut applies = (false, false);
    for kind in kinds {
        match kind.value.as_str() {
            "listing" => applies.0 = true,
            "post" => applies.1 = true,
            _ => {
                faults.add_unknown(Code::UnknownSubject, kind, "kind of content", ["listing", "post"]);
                // Either may have been meant.
                applies = (true, true);
            }
        }
    }
    if kinds.is_empty() {
        faults.add(Code::NothingApplies, at, "`applies_to` is empty: this would apply to nothing");
    }
    applies
}

fn levels(raw: &Thresholds, faults: &mut Faults<'_>) -> LevelThresholds {
    let names: Vec<Level> = Level::ALL.into_iter().filter(|level| *level != Level::Minimal).collect();
    let found = thresholds(raw, &names, (Code::UnknownLevel, "level"), faults);
    let mut levels = [Risk::new(1.0); 4];
    for (place, level) in levels.iter_mut().zip(&names) {
        match found.iter().find(|(name, _)| name == level) {
            Some((_, risk)) => *place = *risk,
            None => faults.add(Code::MissingKey, raw.at, format!("`{level}` is missing here")),
        }
    }
    LevelThresholds(levels)
}

fn actions(raw: &Thresholds, faults: &mut Faults<'_>) -> Vec<ActionThreshold> {
    let names: Vec<Action> = Action::ALL.into_iter().filter(|action| *action != Action::Allow).collect();
    let found = thresholds(raw, &names, (Code::UnknownAction, "action"), faults);
    found.into_iter().map(|(action, least)| ActionThreshold { least, action }).collect()
}

/// The thresholds that make sense, by rising gravity.
fn thresholds<T: Copy + Ord + std::fmt::Display + std::str::FromStr>(
    raw: &Thresholds,
    names: &[T],
    (code, what): (Code, &str),
    faults: &mut Faults<'_>,
) -> Vec<(T, Risk)> {
    let mut found: Vec<(T, &Located<f64>)> = Vec::new();
    for (name, risk) in &raw.entries {
        match name.value.parse::<T>().ok().filter(|value| names.contains(value)) {
            Some(value) => found.push((value, risk)),
            None => {
                let known: Vec<String> = names.iter().map(T::to_string).collect();
                faults.add_unknown(code, name, what, known.iter().map(String::as_str));
            }
        }
        if !(risk.value > 0.0 && risk.value <= 1.0) {
            faults.add(Code::ThresholdRange, risk.at, format!("a threshold of {} is no probability", risk.value));
        }
    }
    found.sort_by_key(|(value, _)| *value);
    for pair in found.windows(2) {
        if let [(lower, least), (higher, more)] = pair
            && more.value <= least.value
        {
            let message = format!("{higher} starts at {}, not above {lower} at {}", more.value, least.value);
            faults.add(Code::ThresholdOrder, more.at, message);
        }
    }
    found.into_iter().map(|(value, risk)| (value, Risk::new(risk.value))).collect()
}

/// Lexicons with a task of their own.
pub(super) struct CompiledRoles {
    pub(super) roles: Roles,
    pub(super) used: FxHashSet<LexiconId>,
}

/// Checks `roles`.
pub(super) fn roles(raw: &Settings, index: &LexiconIndex, faults: &mut Faults<'_>) -> CompiledRoles {
    let mut roles = Roles::default();
    let mut used = FxHashSet::default();
    for (role, name) in &raw.roles {
        let lexicon = index.get(&name.value);
        if lexicon.is_none() {
            faults.add_unknown(Code::UnknownLexicon, name, "lexicon", index.names());
        }
        used.extend(lexicon);
        match roles.get_mut(&role.value) {
            Some(place) => *place = lexicon,
            None => faults.add_unknown(Code::UnknownRole, role, "role", Roles::NAMES),
        }
    }
    CompiledRoles { roles, used }
}

/// `laws.yaml`, checked: key to law.
pub(super) fn laws(raw: &[RawLaw], faults: &mut Faults<'_>) -> FxHashMap<String, LegalBasis> {
    let mut laws = FxHashMap::default();
    for law in raw {
        let text = |text: &Option<Located<String>>| text.as_ref().map(|text| text.value.clone()).unwrap_or_default();
        if let Some(url) = &law.url
            && !is_address(&url.value)
        {
            faults.add(Code::BadLawUrl, url.at, format!("`{}` is no address of a law", url.value));
        }
        let basis = LegalBasis { act: text(&law.act), article: text(&law.article), url: text(&law.url) };
        laws.insert(law.key.value.clone(), basis);
    }
    laws
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") && url::Url::parse(text).is_ok_and(|url| url.host_str().is_some())
}

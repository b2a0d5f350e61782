//! The answer: what the engine concludes (`Verdict`) and what a caller gets (`Assessment`).
//!
//! Not here: how risks are computed, how answers are encoded. Kept true: areas come highest risk first, signals
//! largest contribution first, both with ties in a fixed order, so equal input gives equal output.

use std::borrow::Cow;
use std::time::Duration;

use super::{Action, Evidence, Level, Nats, Promotions, Risk, RiskArea, Standing, Timestamp};

/// What a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Offers listings.
    Seller,
    /// Publishes posts.
    Creator,
    /// An offer.
    Listing,
    /// A post.
    Post,
}

/// Something that is assessed or known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Seller, creator, listing or post.
    pub kind: SubjectKind,
    /// As the caller names it.
    pub id: String,
}

/// An article of law that a signal rests on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LegalBasis {
    /// E.g. `Regulation (EU) 2022/2065`.
    pub act: String,
    /// E.g. `Art. 30(1)`.
    pub article: String,
    /// EUR-Lex address.
    pub url: String,
}

/// A signal that fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Identifier within the pack, `<area>.<name>`.
    pub signal_id: String,
    /// The area that it counts in.
    pub area: RiskArea,
    /// Weight in the pack.
    pub weight: Nats,
    /// What it added; zero where a stronger signal of its group spoke for it.
    pub contribution: Nats,
    /// Signals of one group count once.
    pub group: String,
    /// For a person who decides.
    pub message: String,
    /// Law that the content may fall under.
    pub legal_basis: Vec<LegalBasis>,
    /// Category of the DSA Transparency Database.
    pub sor_category: String,
    /// Keyword of the DSA Transparency Database.
    pub sor_keyword: String,
    /// Where in the content.
    pub evidence: Vec<Evidence>,
}

/// The risk in one area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaRisk {
    /// The area.
    pub area: RiskArea,
    /// Probability that a person would confirm a problem.
    pub risk: Risk,
    /// By the pack's thresholds.
    pub level: Level,
    /// By the pack's thresholds.
    pub action: Action,
}

/// Something that could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, kebab-case.
    pub code: Cow<'static, str>,
    /// For a developer.
    pub message: String,
    /// The field concerned, if one is.
    pub field_path: String,
}

/// Which policy pack was used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyReference {
    /// Name in `pack.yaml`.
    pub name: String,
    /// Version in `pack.yaml`.
    pub version: String,
    /// BLAKE3 of the pack's files, hexadecimal.
    pub digest: String,
}

/// Which text model was used; empty if none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelReference {
    /// Version in the model file.
    pub version: String,
    /// BLAKE3 of the model file, hexadecimal.
    pub digest: String,
}

/// What the engine concludes: a pure function of content, pack, standing, promotions and time.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The largest area's risk.
    pub risk: Risk,
    /// Level of that area.
    pub level: Level,
    /// The gravest action of any area.
    pub action: Action,
    /// Every area scored for such content, highest risk first.
    pub areas: Vec<AreaRisk>,
    /// The signals that fired, largest contribution (by magnitude) first; those that relax only where something worries.
    pub signals: Vec<Signal>,
    /// BCP 47, as sent or detected; `und` if neither.
    pub language_code: String,
    /// What could not be evaluated.
    pub diagnostics: Vec<Diagnostic>,
}

/// A verdict with its circumstances: who, when, under which pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// UUIDv7, text form.
    pub assessment_id: String,
    /// The listing or post.
    pub subject: Subject,
    /// What the engine concluded.
    pub verdict: Verdict,
    /// As used; `None` if nothing is known.
    pub standing: Option<Standing>,
    /// As used; `None` if nobody mentions it.
    pub promotions: Option<Box<Promotions>>,
    /// The pack.
    pub policy: PolicyReference,
    /// The model.
    pub model: ModelReference,
    /// When it was made.
    pub assessed_at: Timestamp,
    /// Time spent in the engine.
    pub engine_duration: Duration,
}

//! Whose content it is, and what scoring is told of them.
//!
//! Not here: standings themselves (`reputation/`). Kept true: scoring never waits long for a standing: what cannot be known in time
//! is left out, and the assessment says so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use tokio::task::JoinSet;

use super::now;
use crate::domain::{Content, Diagnostic, Promotions, Standing, Subject, SubjectKind};
use crate::reputation::{Live, Standings};

/// How long a call waits for standings that are not live: many times what a healthy store needs, and no more than a caller
/// would notice.
const PATIENCE: Duration = Duration::from_millis(100);
/// More of it for each standing that a batch has to read: what a slow disk needs.
const MORE_PATIENCE: Duration = Duration::from_millis(1);
/// Standings of one batch that are read at a time.
const READS: usize = 16;

/// Bytes of an identifier.
const MAX_ID: usize = 256;

/// The code of the diagnostic on answers that do not take a standing into account.
pub(super) const STANDING_UNAVAILABLE: &str = "standing-unavailable";

/// What scoring is told of a seller or creator.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PartyStanding {
    /// This.
    Known(Standing),
    /// That nothing is known.
    #[default]
    Unknown,
    /// That what is known could not be read in time.
    Unavailable,
}

impl PartyStanding {
    /// As the engine takes it.
    pub fn standing(&self) -> Option<&Standing> {
        match self {
            PartyStanding::Known(standing) => Some(standing),
            PartyStanding::Unknown | PartyStanding::Unavailable => None,
        }
    }

    /// As the assessment shows it.
    pub(super) fn into_standing(self) -> Option<Standing> {
        match self {
            PartyStanding::Known(standing) => Some(standing),
            PartyStanding::Unknown | PartyStanding::Unavailable => None,
        }
    }

    /// What the reader of an assessment has to know about it.
    pub(super) fn diagnostic(&self, content: &Content) -> Option<Diagnostic> {
        let field_path = match content {
            Content::Listing(_) => "seller_id",
            Content::Post(_) => "creator_id",
        };
        matches!(self, PartyStanding::Unavailable).then(|| Diagnostic {
            code: STANDING_UNAVAILABLE.into(),
            message: "the standing could not be read in time; the risk does not take it into account".to_owned(),
            field_path: field_path.to_owned(),
        })
    }
}

/// Everything that scoring is told of an item beside its content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Of the seller or creator.
    pub standing: PartyStanding,
    /// Of what promotes it, or of what it promotes.
    pub promotions: Option<Promotions>,
}

impl From<PartyStanding> for Known {
    fn from(standing: PartyStanding) -> Self {
        Known { standing, promotions: None }
    }
}

/// The seller of a listing, the creator of a post.
pub fn party(content: &Content) -> (SubjectKind, &str) {
    match content {
        Content::Listing(listing) => (SubjectKind::Seller, &listing.seller_id),
        Content::Post(post) => (SubjectKind::Creator, &post.creator_id),
    }
}

/// Finds out what scoring is told. Without standings, nobody is known. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Parties(pub(super) Option<Arc<Standings>>);

impl Parties {
    /// What is known without asking anybody; `None` = ask.
    pub(super) fn at_once(&self, (kind, id): (SubjectKind, &str)) -> Option<PartyStanding> {
        let Some(standings) = &self.0 else { return Some(PartyStanding::Unknown) };
        match standings.live(kind, id, now()) {
            Live::Known(standing) => Some(PartyStanding::Known(standing)),
            Live::Unknown => Some(PartyStanding::Unknown),
            Live::Absent => None,
        }
    }

    /// What is known of one.
    pub(super) async fn of(&self, party: (SubjectKind, &str), deadline: Option<Instant>) -> PartyStanding {
        if let Some(known) = self.at_once(party) {
            return known;
        }
        let Some(standings) = &self.0 else { return PartyStanding::Unknown };
        let subject = Subject { kind: party.0, id: party.1.to_owned() };
        let reading = ask(Arc::clone(standings), subject);
        let read = tokio::time::timeout_at(latest(PATIENCE, deadline).into(), reading).await;
        read.map_or(PartyStanding::Unavailable, |(_, known)| known)
    }

    /// What is known of many. Gives those that had to be asked for; the others are live.
    pub(super) async fn of_many<'a>(
        &self,
        parties: impl Iterator<Item = (SubjectKind, &'a str)>,
        deadline: Option<Instant>,
    ) -> FoundParties {
        let mut found = FxHashMap::default();
        let Some(standings) = &self.0 else { return FoundParties { parties: self.clone(), found } };
        // What is no identifier will be refused when the item is checked.
        for (kind, id) in parties.filter(|(_, id)| (1..=MAX_ID).contains(&id.len())) {
            if self.at_once((kind, id)).is_none() {
                found.insert(Subject { kind, id: id.to_owned() }, PartyStanding::Unavailable);
            }
        }
        let mut left = found.keys().cloned().collect::<Vec<_>>().into_iter();
        let mut reading: JoinSet<_> =
            left.by_ref().take(READS).map(|subject| ask(Arc::clone(standings), subject)).collect();
        let patience = PATIENCE + MORE_PATIENCE * u32::try_from(found.len()).unwrap_or(u32::MAX);
        let latest = latest(patience, deadline);
        // What is still being read at the end of patience goes with the set.
        while let Ok(Some(read)) = tokio::time::timeout_at(latest.into(), reading.join_next()).await {
            found.extend(read);
            if let Some(subject) = left.next() {
                reading.spawn(ask(Arc::clone(standings), subject));
            }
        }
        FoundParties { parties: self.clone(), found }
    }
}

async fn ask(standings: Arc<Standings>, subject: Subject) -> (Subject, PartyStanding) {
    let known = match standings.standing(&subject, now()).await {
        Ok(Some(standing)) => PartyStanding::Known(standing),
        Ok(None) => PartyStanding::Unknown,
        Err(_unavailable) => PartyStanding::Unavailable,
    };
    (subject, known)
}

fn latest(patience: Duration, deadline: Option<Instant>) -> Instant {
    let patience = Instant::now() + patience;
    deadline.map_or(patience, |deadline| deadline.min(patience))
}

/// What is known of the parties of a batch.
pub(super) struct FoundParties {
    parties: Parties,
    /// Those that were not live when the batch began.
    found: FxHashMap<Subject, PartyStanding>,
}

impl FoundParties {
    /// What scoring is told of the party of a content.
    pub(super) fn of(&self, content: &Content) -> PartyStanding {
        let (kind, id) = party(content);
        // A look-up of an owned key: only where something had to be read, which costs a thousand times more.
        let found =
            if self.found.is_empty() { None } else { self.found.get(&Subject { kind, id: id.to_owned() }).cloned() };
        // One that was live and has had to make room since is rare enough to be said unavailable.
        found.or_else(|| self.parties.at_once((kind, id))).unwrap_or(PartyStanding::Unavailable)
    }
}

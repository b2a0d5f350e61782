//! What scoring is told of promotion, and what it teaches the graph.
//!
//! Not here: the graph (`promotion/`), reading what other replicas wrote (`mention_tail.rs`), scoring again (`rescoring.rs`). Kept
//! true: a mention of ours counts once, though the store tells it again; nothing here waits.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;
use tokio::sync::mpsc;

use super::now;
use super::pairs::mentions;
use super::recent::{RecentListings, Scored};
use crate::domain::{
    Assessment, Claims, Content, ErrorCode, FieldViolation, Listing, Mention, PartyRate, Post, PromotedListing,
    Promotions, Risk, RiskArea, ServiceError, Subject, SubjectKind,
};
use crate::policy::{HalfLife, LinkRules};
use crate::promotion::{Learned, PromotionGraph, Resolver, leads};
use crate::reputation::{Live, Standings};

/// Listings that wait to be scored again. One that finds no place is scored again when it is asked for.
const WAITING: usize = 1024;
/// From this rate of violation on, a creator or seller says something.
const TELLING_RATE: f64 = 0.05;
/// Mentions of ours that may be on their way: should a store be away for so long, their posts may be counted twice, no more.
const MOST_OWN: usize = 100_000;
/// Creators or sellers whose rate is told.
const PARTIES: usize = 4;
/// From this risk on, posts that promote a listing are told.
const AT_RISK: f64 = 0.5;

/// Areas that say nothing of the goods: a post does not inherit these.
const NOT_OF_GOODS: [RiskArea; 6] = [
    RiskArea::Influencer,
    RiskArea::SyntheticMedia,
    RiskArea::Civic,
    RiskArea::AdTargeting,
    RiskArea::Traceability,
    RiskArea::ProductSafety,
];

/// The memory of promotion, shared by everything that scores.
#[derive(Debug)]
pub struct PromotionMemory {
    graph: PromotionGraph,
    standings: Option<Arc<Standings>>,
    /// Mentions that this process wrote and its tail has not seen.
    own: Mutex<FxHashSet<String>>,
    recent: RecentListings,
    changed: mpsc::Sender<String>,
}

/// Listings about which something has changed.
pub type ChangedListings = mpsc::Receiver<String>;

/// A page of promotions.
#[derive(Clone, Debug, PartialEq)]
pub struct PromotionPage {
    /// The latest first (of a creator), the strongest first (of a listing).
    pub mentions: Vec<Arc<Mention>>,
    /// For the next page; empty on the last.
    pub next_page_token: String,
}

impl PromotionMemory {
    /// With at most so many listings. The listings that changed come out at the other end.
    pub fn new(half_life: HalfLife, limit: NonZeroUsize, standings: Option<Arc<Standings>>) -> (Self, ChangedListings) {
        let (changed, listings) = mpsc::channel(WAITING);
        let graph = PromotionGraph::new(half_life, limit);
        let (own, recent) = (Mutex::default(), RecentListings::default());
        (PromotionMemory { graph, standings, own, recent, changed }, listings)
    }

    /// The graph.
    pub fn graph(&self) -> &PromotionGraph {
        &self.graph
    }

    /// What is known of an item before it is scored.
    pub(super) fn known(&self, content: &Content, rules: &LinkRules) -> Option<Promotions> {
        match content {
            Content::Listing(listing) => {
                let mut promotions = self.graph.of_listing(&listing.listing_id)?;
                let creators = promotions.mentions.iter().map(|mention| mention.creator_id.as_str());
                promotions.parties = self.rates(SubjectKind::Creator, creators);
                Some(promotions)
            }
            Content::Post(post) => {
                let leads = leads(post, Resolver::new(rules, &self.graph));
                let ways = leads.iter().map(|lead| (lead.listing_id.as_str(), lead.path.as_str()));
                let listings = self.graph.of_post(ways);
                let sellers = listings.iter().map(|listing| listing.seller_id.as_str());
                let parties = self.rates(SubjectKind::Seller, sellers);
                (!listings.is_empty()).then(|| Promotions { listings, parties, ..Promotions::default() })
            }
        }
    }

    /// Those of whom something is known at once, worst first.
    fn rates<'n>(&self, kind: SubjectKind, names: impl Iterator<Item = &'n str>) -> Vec<PartyRate> {
        let Some(standings) = &self.standings else { return Vec::new() };
        let now = now();
        let rate = |id: &'n str| match standings.live(kind, id, now) {
            Live::Known(standing) if standing.lower > TELLING_RATE => {
                Some(PartyRate { subject: Subject { kind, id: id.to_owned() }, lower: standing.lower })
            }
            _ => None,
        };
        let mut rates: Vec<PartyRate> = names.filter_map(rate).collect();
        rates.sort_by(|one, next| next.lower.total_cmp(&one.lower).then(one.subject.cmp(&next.subject)));
        rates.dedup();
        rates.truncate(PARTIES);
        rates
    }

    /// What a scored post says of the listings that it promotes. It counts from now on; gives the mentions that are new, to be kept.
    pub(super) fn learn(
        &self,
        post: &Post,
        claims: &Claims,
        assessment: &Assessment,
        rules: &LinkRules,
    ) -> Vec<Mention> {
        let mut new = mentions(post, claims, (rules, &self.graph), assessment.assessed_at);
        new.retain(|mention| {
            // Before anybody can read it back from the store.
            let mut own = self.own();
            if own.len() >= MOST_OWN {
                own.clear();
            }
            own.insert(mention.mention_id.clone());
            drop(own);
            let learned = self.take(mention.clone());
            if learned == Learned::Known {
                self.own().remove(&mention.mention_id);
            }
            learned != Learned::Known
        });
        new
    }

    /// Takes a mention that the store tells of; one of our own counts already.
    pub(super) fn read_back(&self, mention: Mention) {
        if !self.own().remove(&mention.mention_id) {
            self.take(mention);
        }
    }

    fn take(&self, mention: Mention) -> Learned {
        let listing_id = mention.listing_id.clone();
        let learned = self.graph.learn(mention);
        if learned == Learned::Changed && self.recent.get(&listing_id).is_some() {
            // Full: then it is scored again when somebody asks for it.
            let _no_place = self.changed.try_send(listing_id);
        }
        learned
    }

    /// Remembers a listing that was scored, and whether it is at risk.
    pub(super) fn remember(&self, listing: Listing, assessment: &Assessment) {
        let verdict = &assessment.verdict;
        let worst = verdict.areas.iter().find(|area| !NOT_OF_GOODS.contains(&area.area));
        match worst.filter(|worst| worst.risk.get() >= AT_RISK) {
            Some(worst) => self.graph.note_risk(PromotedListing {
                listing_id: listing.listing_id.clone(),
                seller_id: listing.seller_id.clone(),
                path: String::new(),
                risk: worst.risk,
                area: worst.area,
                at: assessment.assessed_at,
            }),
            None => self.graph.clear_risk(&listing.listing_id),
        }
        let risk = worst.map_or(Risk::default(), |worst| worst.risk);
        self.recent.put(Scored { listing, action: verdict.action, risk });
    }

    /// A listing that was scored lately.
    pub(super) fn recent(&self, listing_id: &str) -> Option<Scored> {
        self.recent.get(listing_id)
    }

    /// Takes redirects. For each, true if there was room.
    pub fn report(&self, redirects: &[(String, String)]) -> Vec<bool> {
        redirects.iter().map(|(link, target)| self.graph.redirect(link, target)).collect()
    }

    /// A page of the promotions of a creator or of a listing.
    pub fn page(&self, subject: &Subject, (size, token): (usize, &str)) -> Result<PromotionPage, ServiceError> {
        let mentions = match subject.kind {
            SubjectKind::Creator => self.graph.of_creator(&subject.id),
            _ => self.graph.mentions(&subject.id),
        };
        let from = match token {
            "" => 0,
            token => mentions.iter().position(|mention| mention.mention_id == token).ok_or_else(stale)? + 1,
        };
        let page: Vec<_> = mentions.iter().skip(from).take(size).cloned().collect();
        let more = from + page.len() < mentions.len();
        let last = page.last().filter(|_| more).map(|mention| mention.mention_id.clone());
        Ok(PromotionPage { mentions: page, next_page_token: last.unwrap_or_default() })
    }

    fn own(&self) -> MutexGuard<'_, FxHashSet<String>> {
        // A set is whole after every call.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stale() -> ServiceError {
    let description = "names no promotion that is still remembered; start again without it".to_owned();
    ServiceError {
        code: ErrorCode::Invalid,
        message: format!("page_token {description}"),
        violations: vec![FieldViolation { field: "page_token".to_owned(), description }],
        retry_after: None,
    }
}

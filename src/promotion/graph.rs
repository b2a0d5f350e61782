//! The graph: what posts said about each listing, what each creator promotes, which promoted listings are at risk.
//!
//! Not here: where mentions come from or go to (`service/`). Kept true:
//! - What is kept of a listing is a function of the *set* of its mentions: the best of each creator, and of these the best
//!   `MOST_MENTIONS`. "Best" compares integers that do not change with time, because all mentions decay alike.
//! - No listing, no creator and no map grows without a bound. At the bound, those go that were mentioned longest ago; the store still has them.

use std::cmp::Reverse;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dashmap::DashMap;

use super::resolver::Redirects;
use super::sketch::Sketch;
use crate::domain::{MOST_MENTIONS, Mention, PromotedListing, Promotions, Timestamp};
use crate::policy::HalfLife;

/// Promotions remembered of one creator, the latest.
const OF_CREATOR: usize = 64;

/// Redirects remembered for each listing that may be.
const REDIRECTS_SHARE: usize = 4;

/// How much better told than untold is: so many half-lives that the one may be older than the other and still be kept.
const TOLD_STEPS: [f64; 3] = [0.1, 2.0, 5.0];

/// What became of a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// What scoring is told of the listing has changed.
    Changed,
    /// It is counted; better ones are kept.
    Counted,
    /// It was known.
    Known,
}

/// What is remembered of one listing.
#[derive(Debug, Default)]
struct OfListing {
    /// Best first, one of a creator.
    kept: Vec<Arc<Mention>>,
    posts: u32,
    creators: Sketch,
}

/// The promotion graph. Reads and writes of different listings do not wait for each other.
#[derive(Debug)]
pub struct PromotionGraph {
    half_life: HalfLife,
    limit: usize,
    listings: DashMap<Box<str>, OfListing>,
    /// Latest first.
    creators: DashMap<Box<str>, Vec<Arc<Mention>>>,
    /// Listings at risk when they were last scored.
    at_risk: DashMap<Box<str>, PromotedListing>,
    redirects: DashMap<Box<str>, Box<str>>,
    sweeping: AtomicBool,
}

impl PromotionGraph {
    /// With at most so many listings.
    pub fn new(half_life: HalfLife, limit: NonZeroUsize) -> Self {
        PromotionGraph {
            half_life,
            limit: limit.get(),
            listings: DashMap::new(),
            creators: DashMap::new(),
            at_risk: DashMap::new(),
            redirects: DashMap::new(),
            sweeping: AtomicBool::new(false),
        }
    }

    /// Number of listings that are mentioned.
    pub fn listings(&self) -> usize {
        self.listings.len()
    }

    /// Takes a mention. The same post twice is one mention, as far as it is still kept.
    pub fn learn(&self, mention: Mention) -> Learned {
        let mention = Arc::new(mention);
        let learned = {
            let mut listing = self.listings.entry(mention.listing_id.as_str().into()).or_default();
            self.add(&mut listing, &mention)
        };
        if learned != Learned::Known {
            let mut creator = self.creators.entry(mention.creator_id.as_str().into()).or_default();
            keep_latest(&mut creator, mention);
        }
        self.bound();
        learned
    }

    fn add(&self, listing: &mut OfListing, mention: &Arc<Mention>) -> Learned {
        let same_post = listing.kept.iter().find(|kept| kept.post_id == mention.post_id);
        if same_post.is_some_and(|kept| kept.mention_id == mention.mention_id) {
            return Learned::Known;
        }
        // A post that was edited is still one post.
        listing.posts = listing.posts.saturating_add(u32::from(same_post.is_none()));
        listing.creators.add(&mention.creator_id);
        let own = listing.kept.iter().position(|kept| kept.creator_id == mention.creator_id);
        if let Some(own) = own {
            if self.rank(&listing.kept[own]) > self.rank(mention) {
                return Learned::Counted;
            }
            listing.kept.remove(own);
        }
        let place = listing.kept.partition_point(|kept| self.rank(kept) > self.rank(mention));
        listing.kept.insert(place, Arc::clone(mention));
        listing.kept.truncate(MOST_MENTIONS);
        if place < MOST_MENTIONS { Learned::Changed } else { Learned::Counted }
    }

    /// The larger the better: the time of the mention, and half-lives for what it tells. No two mentions of a listing are equal.
    fn rank<'m>(&self, mention: &'m Mention) -> (i64, Reverse<&'m str>, &'m str) {
        let told = mention.claims.told.get();
        let steps =
            i64::from(!mention.claims.is_empty()) + TOLD_STEPS.iter().filter(|least| told >= **least).count() as i64;
        let rank = mention.at.seconds.saturating_add(steps * i64::from(self.half_life.seconds()));
        (rank, Reverse(mention.post_id.as_str()), &mention.mention_id)
    }

    /// What posts say of a listing; `None` if nobody mentions it.
    pub fn of_listing(&self, listing_id: &str) -> Option<Promotions> {
        self.listings.view(listing_id, |_, listing| Promotions {
            mentions: listing.kept.clone(),
            posts: listing.posts,
            creators: listing.creators.estimate().max(u32::try_from(listing.kept.len()).unwrap_or(u32::MAX)),
            ..Promotions::default()
        })
    }

    /// The listings at risk among those that a post leads to; each with the way there.
    pub fn of_post<'l>(&self, leads: impl Iterator<Item = (&'l str, &'l str)>) -> Vec<PromotedListing> {
        let known = leads.filter_map(|(listing_id, path)| {
            self.at_risk.view(listing_id, |_, listing| PromotedListing { path: path.to_owned(), ..listing.clone() })
        });
        let mut known: Vec<PromotedListing> = known.collect();
        known
            .sort_by(|one, next| next.risk.get().total_cmp(&one.risk.get()).then(one.listing_id.cmp(&next.listing_id)));
        known.truncate(MOST_MENTIONS);
        known
    }

    /// Notes that a listing is at risk. `path` is left empty.
    pub fn note_risk(&self, listing: PromotedListing) {
        if self.at_risk.len() < self.limit || self.at_risk.contains_key(listing.listing_id.as_str()) {
            self.at_risk.insert(listing.listing_id.as_str().into(), listing);
        }
    }

    /// Notes that a listing is at risk no longer.
    pub fn clear_risk(&self, listing_id: &str) {
        if !self.at_risk.is_empty() {
            self.at_risk.remove(listing_id);
        }
    }

    /// The latest promotions of a creator, latest first.
    pub fn of_creator(&self, creator_id: &str) -> Vec<Arc<Mention>> {
        self.creators.view(creator_id, |_, mentions| mentions.clone()).unwrap_or_default()
    }

    /// The kept mentions of a listing, best first.
    pub fn mentions(&self, listing_id: &str) -> Vec<Arc<Mention>> {
        self.listings.view(listing_id, |_, listing| listing.kept.clone()).unwrap_or_default()
    }

    /// Notes where a link leads. False if there is no room.
    pub fn redirect(&self, link: &str, target: &str) -> bool {
        let room = self.redirects.len() < self.limit.saturating_mul(REDIRECTS_SHARE);
        let bare = super::address::bare(link);
        if room || self.redirects.contains_key(bare.as_str()) {
            self.redirects.insert(bare.into(), target.into());
            return true;
        }
        false
    }

    /// Makes room for an eighth if there are too many listings or creators. One caller does it, the others go on.
    fn bound(&self) {
        let full = self.listings.len() > self.limit || self.creators.len() > self.limit;
        if full && !self.sweeping.swap(true, Ordering::Acquire) {
            let target = self.limit - self.limit.div_ceil(8);
            sweep(&self.listings, target, |listing| listing.kept.iter().map(|one| one.at).max().unwrap_or_default());
            sweep(&self.creators, target, |mentions| mentions.first().map(|one| one.at).unwrap_or_default());
            self.sweeping.store(false, Ordering::Release);
        }
    }
}

/// Lets go of the entries that were mentioned longest ago, until `target` are left; ties by name, so that it is always the same ones.
fn sweep<T>(map: &DashMap<Box<str>, T>, target: usize, latest: impl Fn(&T) -> Timestamp) {
    let surplus = map.len().saturating_sub(target);
    if surplus == 0 {
        return;
    }
    let mut ages: Vec<(Timestamp, Box<str>)> = map.iter().map(|entry| (latest(&entry), entry.key().clone())).collect();
    let at = surplus.min(ages.len()).saturating_sub(1);
    ages.select_nth_unstable(at);
    ages.truncate(at + 1);
    for (_, name) in ages {
        map.remove(&name);
    }
}

fn keep_latest(mentions: &mut Vec<Arc<Mention>>, mention: Arc<Mention>) {
    fn order(mention: &Mention) -> (Reverse<Timestamp>, &str, &str) {
        (Reverse(mention.at), &mention.post_id, &mention.listing_id)
    }
    let place = mentions.partition_point(|known| order(known) < order(&mention));
    if mentions.get(place).is_none_or(|known| order(known) != order(&mention)) {
        mentions.insert(place, mention);
        mentions.truncate(OF_CREATOR);
    }
}

impl Redirects for PromotionGraph {
    fn target(&self, bare: &str) -> Option<String> {
        if self.redirects.is_empty() {
            return None;
        }
        self.redirects.view(bare, |_, target| target.to_string())
    }
}

#[cfg(test)]
mod tests;

//! A file of posts and listings: what posts say counts for the listings that stand behind them.
//!
//! Not here: reading files (`cli/`), a running service (`promotions.rs`). Kept true: what a listing is told of depends on the posts before it and
//! beside it, whatever the number of threads and wherever a file is cut into chunks.

use std::num::NonZeroUsize;

use super::pairs::{beside, mentions};
use super::{Known, Scorer};
use crate::domain::{Assessment, Content, Mention};
use crate::promotion::PromotionGraph;

/// Listings remembered of one file.
const REMEMBERED: NonZeroUsize = match NonZeroUsize::new(1_000_000) {
    Some(count) => count,
    None => NonZeroUsize::MIN,
};

/// Scores the items of a file. Posts first, one after the other or at the same time; then `learn`, in their order; then listings.
#[derive(Debug)]
pub struct Campaign {
    scorer: Scorer,
    graph: PromotionGraph,
}

impl Campaign {
    /// Of which nothing is known yet.
    pub fn new(scorer: Scorer) -> Self {
        let half_life = scorer.policy().snapshot().pack.promotion.half_life;
        Campaign { scorer, graph: PromotionGraph::new(half_life, REMEMBERED) }
    }

    /// Scores a post. Gives what it says of the listings that it promotes, the one beside it among them.
    pub fn post(&self, content: &Content, listing: Option<&Content>) -> (Assessment, Vec<Mention>) {
        let (assessment, claims) = self.scorer.score_claims(content, Known::default());
        let Content::Post(post) = content else { return (assessment, Vec::new()) };
        let policy = self.scorer.policy().snapshot();
        let mut said = mentions(post, &claims, (&policy.pack.links, &()), assessment.assessed_at);
        if let Some(listing) = listing.filter(|listing| !said.iter().any(|one| one.listing_id == listing.id())) {
            said.push(beside(post, &claims, listing.id(), assessment.assessed_at));
        }
        (assessment, said)
    }

    /// Remembers what a post says.
    pub fn learn(&self, mentions: Vec<Mention>) {
        for mention in mentions {
            self.graph.learn(mention);
        }
    }

    /// What is known of a listing by now.
    pub fn known(&self, listing: &Content) -> Known {
        Known { promotions: self.graph.of_listing(listing.id()), ..Known::default() }
    }

    /// Scores a listing under what was known of it.
    pub fn listing(&self, content: &Content, known: Known) -> Assessment {
        self.scorer.score_known(content, known)
    }
}

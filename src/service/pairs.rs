//! A post and the listing that it promotes, scored one after the other.
//!
//! Not here: remembering posts (`promotions.rs`). Kept true: a pair is scored as if nothing else were known of either; that they
//! stand together says that the one promotes the other, whatever identifiers they carry.

use super::{Known, Scorer};
use crate::domain::{Assessment, Claims, Content, Listing, Mention, Post, Promotions, Timestamp};
use crate::policy::LinkRules;
use crate::promotion::{Lead, Redirects, Resolver, leads};

/// Mentions of the listings that a post promotes. `at` stands for a time of publication that is missing or lies ahead.
pub(super) fn mentions(
    post: &Post,
    claims: &Claims,
    (rules, redirects): (&LinkRules, &dyn Redirects),
    at: Timestamp,
) -> Vec<Mention> {
    let leads = leads(post, Resolver::new(rules, redirects));
    let promotes = u32::try_from(leads.len()).unwrap_or(u32::MAX).max(1);
    leads.into_iter().map(|lead| mention(post, claims, lead, (promotes, at))).collect()
}

fn mention(post: &Post, claims: &Claims, lead: Lead, (promotes, now): (u32, Timestamp)) -> Mention {
    let Lead { listing_id, path, link } = lead;
    Mention {
        mention_id: mention_id(post, &listing_id),
        post_id: post.post_id.clone(),
        creator_id: post.creator_id.clone(),
        listing_id,
        path,
        link,
        promotes,
        at: post.published_at.map_or(now, |published| published.min(now)),
        claims: claims.clone(),
    }
}

/// A mention of the listing that stands beside a post: that they stand together says that the one promotes the other.
pub(super) fn beside(post: &Post, claims: &Claims, listing_id: &str, at: Timestamp) -> Mention {
    let lead = Lead { listing_id: listing_id.to_owned(), path: String::new(), link: String::new() };
    mention(post, claims, lead, (1, at))
}

/// The same post says the same of a listing once; an edited one says something else.
fn mention_id(post: &Post, listing_id: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let parts = [&post.post_id, listing_id, &post.text].into_iter();
    for part in parts.chain(post.hashtags.iter().map(String::as_str)) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize().to_hex();
    digest.as_str().get(..32).unwrap_or_default().to_owned()
}

impl Scorer {
    /// Scores a post, then the listing beside it under what the post says.
    pub fn score_pair(&self, post: Post, listing: Listing) -> [(Content, Assessment); 2] {
        let policy = self.policy().snapshot();
        let content = Content::Post(post);
        let (scored, claims) = self.score_claims(&content, Known::default());
        let listing = Content::Listing(listing);
        let mut promotions = None;
        if let Content::Post(post) = &content {
            let mentions = mentions(post, &claims, (&policy.pack.links, &()), scored.assessed_at);
            let named = mentions.into_iter().find(|mention| mention.listing_id == listing.id());
            let said = || beside(post, &claims, listing.id(), scored.assessed_at);
            promotions = Some(Promotions::of_one(named.unwrap_or_else(said)));
        }
        let assessment = self.score_known(&listing, Known { promotions, ..Known::default() });
        [(content, scored), (listing, assessment)]
    }
}

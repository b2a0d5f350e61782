//! What posts claim about listings: the words of the promotion graph.
//!
//! Not here: how claims are found (`engine/claims.rs`), remembered (`promotion/`) or kept (`store/`). Kept true: everything is a
//! value with an order of its own, so that the same set of mentions gives the same bytes, whatever the order in which they came.

use std::sync::Arc;

use super::{ByteSpan, Money, Nats, Risk, RiskArea, Subject, Timestamp};

/// Claims kept of one post.
pub const MOST_CLAIMS: usize = 16;
/// Mentions that scoring looks at, and the graph keeps, for one listing.
pub const MOST_MENTIONS: usize = 8;

/// What a claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    /// That it is of a brand; the key is the brand's name as the pack writes it.
    Brand,
    /// What kind of product it is; the key is the kind's name in the pack.
    Product,
    /// Which of the listing's choices to take; the key is the choice, folded.
    Choice,
    /// Something that a signal worries about; the key is the signal's id.
    Tell,
    /// Words in quotation marks; the key is the words, folded.
    Quote,
}

/// One thing that a post says of what it promotes, with the characters that say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// Brand, product, choice, or a tell.
    pub kind: ClaimKind,
    /// What is claimed, in words of the pack.
    pub key: String,
    /// Field of the post.
    pub field_path: String,
    /// UTF-8 bytes in that field as sent.
    pub span: ByteSpan,
    /// The characters as sent.
    pub original_text: String,
}

/// Everything that a post claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// By kind, then by position; at most `MOST_CLAIMS`.
    pub claims: Vec<Claim>,
    /// Prices named in the text.
    pub prices: Vec<Money>,
    /// What worrying signals of the area of hidden links say of the post, in nats.
    pub told: Nats,
    /// The post's largest risk in an area whose goods are hidden behind listings.
    pub risk: Risk,
    /// That area.
    pub area: Option<RiskArea>,
}

impl Claims {
    /// Claims of a kind.
    pub fn of(&self, kind: ClaimKind) -> impl Iterator<Item = (usize, &Claim)> {
        self.claims.iter().enumerate().filter(move |(_, claim)| claim.kind == kind)
    }

    /// True if the post claims nothing that could contradict a listing.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.prices.is_empty()
    }
}

/// A post promotes a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    /// Names it for ever: post, listing and what the post said.
    pub mention_id: String,
    /// The post.
    pub post_id: String,
    /// Who published it.
    pub creator_id: String,
    /// What it promotes.
    pub listing_id: String,
    /// How it leads there: `promoted_listing_ids[0]`, `links[1]`, `text`; or empty if the caller said so.
    pub path: String,
    /// The link that leads there, as sent; empty if the post names the listing.
    pub link: String,
    /// Listings that the post promotes in all, from 1.
    pub promotes: u32,
    /// When it was published, or first seen.
    pub at: Timestamp,
    /// What it says.
    pub claims: Claims,
}

/// What is known of a listing that a post promotes.
#[derive(Clone, Debug, PartialEq)]
pub struct PromotedListing {
    /// The listing.
    pub listing_id: String,
    /// Who offers it.
    pub seller_id: String,
    /// How the post leads there, as in a mention.
    pub path: String,
    /// Its largest risk when it was last scored.
    pub risk: Risk,
    /// The area of that risk.
    pub area: RiskArea,
    /// When it was last scored.
    pub at: Timestamp,
}

/// What is known of who promotes, or of whose listing is promoted.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyRate {
    /// The creator or seller.
    pub subject: Subject,
    /// Lower end of the credible interval of their rate of violation: little evidence says little.
    pub lower: f64,
}

/// What the promotion graph knows of an item when it is scored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promotions {
    /// Of a listing: what recent posts say, strongest first, one a creator; at most `MOST_MENTIONS`.
    pub mentions: Vec<Arc<Mention>>,
    /// Of a listing: posts that promote it, those beyond the kept ones too.
    pub posts: u32,
    /// Of a listing: creators among the kept mentions and those known beyond them.
    pub creators: u32,
    /// Of a post: the listings at risk that it promotes.
    pub listings: Vec<PromotedListing>,
    /// Of a listing: creators who promote it. Of a post: sellers of the listings at risk. Only those of whom something is known.
    pub parties: Vec<PartyRate>,
}

impl Promotions {
    /// True if there is nothing to know.
    pub fn is_empty(&self) -> bool {
        self.mentions.is_empty() && self.listings.is_empty()
    }

    /// Of a listing that one post promotes, as far as anybody knows.
    pub fn of_one(mention: Mention) -> Self {
        Promotions { mentions: vec![Arc::new(mention)], posts: 1, creators: 1, ..Promotions::default() }
    }
}

//! Which listings a post promotes: those that the caller names, and those that its links lead to.
//!
//! Not here: following a link (`resolver.rs`). Kept true: each listing once, by the surest way; what the caller names counts
//! directly.

use super::resolver::Resolver;
use crate::domain::Post;

/// Listings that one post may promote; the contract's limit for those that are named.
const MOST: usize = 64;

/// The way from a post to a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Where it leads.
    pub listing_id: String,
    /// Where it begins: `promoted_listing_ids[0]`, `links[1]`, `text`.
    pub path: String,
    /// The link as sent; empty where the post names the listing.
    pub link: String,
}

/// Every listing that a post promotes.
pub fn leads(post: &Post, resolver: Resolver<'_>) -> Vec<Lead> {
    let mut found: Vec<Lead> = Vec::new();
    let mut add = |listing_id: String, path: String, link: &str| {
        if found.len() < MOST && !found.iter().any(|lead| lead.listing_id == listing_id) {
            found.push(Lead { listing_id, path, link: link.to_owned() });
        }
    };
    for (at, id) in post.promoted_listing_ids.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
        add(id.clone(), format!("promoted_listing_ids[{at}]"), "");
    }
    for (at, link) in post.links.iter().enumerate() {
        resolver.listings(link).into_iter().for_each(|id| add(id, format!("links[{at}]"), link));
    }
    for link in in_text(&post.text) {
        resolver.listings(link).into_iter().for_each(|id| add(id, "text".to_owned(), link));
    }
    found
}

/// What may be a link in running text: a word with a scheme, or with a host and a path.
fn in_text(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '|' | '«' | '»');
    let words = text.split(ends).map(|word| word.trim_end_matches(['.', ',', '!', '?', ':', ';', '…']));
    words.filter(|word| word.contains("://") || word.split_once('/').is_some_and(|(host, _)| host.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::LinkRules;

    #[test]
    fn what_is_named_comes_first_and_each_listing_once() {
        let post = Post {
            promoted_listing_ids: vec!["l-1".to_owned(), String::new()],
            links: vec!["https://x.example/p/l-1".to_owned(), "https://x.example/p/l-2".to_owned()],
            text: "see x.example/p/l-3, or and/or".to_owned(),
            ..Post::default()
        };
        let rules = LinkRules::default();
        let found = leads(&post, Resolver::new(&rules, &()));
        let shown: Vec<_> = found.iter().map(|lead| (lead.listing_id.as_str(), lead.path.as_str())).collect();
        assert_eq!(shown, [("l-1", "promoted_listing_ids[0]"), ("l-2", "links[1]"), ("l-3", "text")]);
    }
}

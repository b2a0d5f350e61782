//! From a link to the listings that it may lead to, by the patterns of the pack and the redirects that callers reported.
//!
//! Not here: where links come from (`leads.rs`). Kept true: no network; a link that carries itself ends.

use std::fmt;

use url::Url;

use super::address::{bare, carried, host, is_host, parse};
use crate::policy::{CarrierLinks, LinkRules, ListingLinks, PathPart};

/// Links within links that are followed.
const DEPTH: usize = 4;

/// Identifiers that are tried where no pattern fits.
const GUESSES: usize = 4;

/// Redirects that callers have reported.
pub trait Redirects: fmt::Debug {
    /// The target of a link, by its `bare` spelling.
    fn target(&self, bare: &str) -> Option<String>;
}

/// Nobody reported anything.
impl Redirects for () {
    fn target(&self, _bare: &str) -> Option<String> {
        None
    }
}

/// Follows links.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'a> {
    rules: &'a LinkRules,
    redirects: &'a dyn Redirects,
}

impl<'a> Resolver<'a> {
    /// By these patterns and redirects.
    pub fn new(rules: &'a LinkRules, redirects: &'a dyn Redirects) -> Self {
        Resolver { rules, redirects }
    }

    /// The identifiers of listings that a link may lead to, likeliest first: by a pattern exactly one, else every part of the
    /// address that may be one.
    pub fn listings(&self, link: &str) -> Vec<String> {
        parse(link).map_or_else(Vec::new, |url| self.follow(link, &url, DEPTH))
    }

    fn follow(&self, link: &str, url: &Url, depth: usize) -> Vec<String> {
        if depth == 0 {
            return Vec::new();
        }
        if let Some(target) = self.redirects.target(&bare(link))
            && let Some(next) = parse(&target)
        {
            return self.follow(&target, &next, depth - 1);
        }
        let host = host(url);
        // What is carried comes first: an agent's own path is no listing's.
        if let Some(next) = self.rules.carriers.iter().find_map(|carrier| target(carrier, host, url)) {
            let found = self.follow(next.as_str(), &next, depth - 1);
            if !found.is_empty() {
                return found;
            }
        }
        let listed = self.rules.listings.iter().filter(|rule| rule.hosts.iter().any(|known| is_host(host, known)));
        match listed.clone().find_map(|rule| identifier(rule, url)) {
            Some(found) => vec![found],
            None => guesses(url),
        }
    }
}

fn target(carrier: &CarrierLinks, host: &str, url: &Url) -> Option<Url> {
    if !carrier.hosts.is_empty() && !carrier.hosts.iter().any(|known| is_host(host, known)) {
        return None;
    }
    let named = |name: &str| carrier.parameters.iter().any(|known| name.eq_ignore_ascii_case(known));
    url.query_pairs().filter(|(name, _)| named(name)).find_map(|(_, value)| carried(&value))
}

fn identifier(rule: &ListingLinks, url: &Url) -> Option<String> {
    let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
    let by_path = rule.paths.iter().find_map(|path| fits(path, &segments));
    by_path.or_else(|| {
        let named = |name: &str| rule.parameters.iter().any(|known| name.eq_ignore_ascii_case(known));
        url.query_pairs().find(|(name, value)| named(name) && is_identifier(value)).map(|(_, value)| value.into_owned())
    })
}

/// The identifier, if the path begins as the pattern says: what shops append behind it (titles, tracking) does not matter.
fn fits(pattern: &[PathPart], segments: &[&str]) -> Option<String> {
    if segments.len() < pattern.len() {
        return None;
    }
    let mut found = None;
    for (part, segment) in pattern.iter().zip(segments) {
        match part {
            PathPart::Any => {}
            PathPart::Literal(literal) if literal.eq_ignore_ascii_case(segment) => {}
            PathPart::Id(before, after) => {
                let id = segment.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                found = Some(id).filter(|id| is_identifier(id));
                found?;
            }
            PathPart::Literal(_) => return None,
        }
    }
    found.map(str::to_owned)
}

/// Parts of an address that may be an identifier: a last step or a value with a digit in it.
fn guesses(url: &Url) -> Vec<String> {
    let steps = url.path().rsplit('/').map(|step| step.rsplit_once('.').map_or(step, |(name, _)| name).to_owned());
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let mut found: Vec<String> = Vec::new();
    for part in steps.chain(values).filter(|part| is_identifier(part) && part.len() >= 3) {
        if part.bytes().any(|byte| byte.is_ascii_digit()) && !found.contains(&part) && found.len() < GUESSES {
            found.push(part);
        }
    }
    found
}

fn is_identifier(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> LinkRules {
        let id = |before: &str, after: &str| PathPart::Id(before.to_owned(), after.to_owned());
        LinkRules {
            listings: vec![ListingLinks {
                hosts: vec!["shop.example".to_owned()],
                paths: vec![
                    vec![PathPart::Literal("item".to_owned()), id("", ".html")],
                    vec![PathPart::Any, id("p-", "")],
                ],
                parameters: vec!["productid".to_owned()],
            }],
            carriers: vec![CarrierLinks { hosts: Vec::new(), parameters: vec!["url".to_owned(), "to".to_owned()] }],
        }
    }

    fn found(link: &str) -> Vec<String> {
        Resolver::new(&rules(), &()).listings(link)
    }

    #[test]
    fn patterns_find_the_identifier() {
        for link in [
            "https://www.shop.example/item/1005001.html?spm=a2g0o&x=77",
            "de.shop.example/item/1005001.html",
            "https://shop.example/shoes/p-1005001/reviews",
            "https://shop.example/detail?productId=1005001",
            "https://agent.example/buy?ref=9&url=https%3A%2F%2Fshop.example%2Fitem%2F1005001.html",
            "https://a.example/?to=https%253A%252F%252Fagent.example%252F%253Furl%253Dhttps%25253A%25252F%25252Fshop.example%25252Fitem%25252F1005001.html",
        ] {
            assert_eq!(found(link), ["1005001"], "{link}");
        }
    }

    #[test]
    fn elsewhere_every_part_that_may_be_an_identifier_is_tried() {
        assert_eq!(
            found("https://other.example/de/produkt/tasche-4711.html?lang=de&v=abc99"),
            ["tasche-4711", "abc99"]
        );
        assert!(found("https://other.example/about").is_empty());
        assert!(found("no link").is_empty());
    }

    #[test]
    fn a_link_that_carries_itself_ends() {
        #[derive(Debug)]
        struct Circle;
        impl Redirects for Circle {
            fn target(&self, _: &str) -> Option<String> {
                Some("https://sho.rt/x".to_owned())
            }
        }
        assert!(Resolver::new(&rules(), &Circle).listings("https://sho.rt/x").is_empty());
    }
}

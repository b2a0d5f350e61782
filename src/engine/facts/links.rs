//! Links, from the links field and from text, by kind.
//!
//! Not here: the tables of hosts (`hosts.rs`); nothing is ever fetched. Kept true: a link that stands in the field and
//! in the text counts once; at most `MOST` links are examined, and a diagnostic says so if there are more.

use url::{Host, Url};

use super::hosts::{KnownHost, is_plain_ending, within};
use super::{Place, Recorder, diagnostic};
use crate::domain::{ByteSpan, Content};
use crate::engine::normalise::Item;
use crate::policy::Fact;
use crate::text::FieldIndex;

/// Links examined per item.
const MOST: usize = 128;

/// The longest link looked at; the contract's limit for the links field.
const LONGEST: usize = 2048;

const KINDS: [Fact; 7] = [
    Fact::LinkShortener,
    Fact::LinkMessenger,
    Fact::LinkAgent,
    Fact::LinkAffiliate,
    Fact::LinkHub,
    Fact::LinkOnion,
    Fact::LinkIpHost,
];

/// Schemes that open a chat.
const CHAT_SCHEMES: [&str; 7] = ["tg", "whatsapp", "viber", "skype", "sgnl", "weixin", "threema"];

/// Query parameters that name an affiliate, whatever the host.
const AFFILIATE_PARAMETERS: [&str; 19] = [
    "aff",
    "aff_fcid",
    "aff_id",
    "aff_platform",
    "aff_short_key",
    "affid",
    "affiliate",
    "affiliate_id",
    "afftrack",
    "awc",
    "awinaffid",
    "awinmid",
    "clickref",
    "irclickid",
    "partner_id",
    "refcode",
    "referral",
    "siteid",
    "tduid",
];

/// What posts need to know about affiliate links.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Affiliate {
    /// The first one.
    pub(super) first: Option<Place>,
}

/// Counts links and gives the first affiliate link.
pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) -> Affiliate {
    let for_posts = matches!(item.content, Content::Post(_)) && record.wants(Fact::Commercial);
    if !(record.wants(Fact::LinkCount) || record.wants_any(&KINDS) || for_posts) {
        return Affiliate::default();
    }
    let links = match item.content {
        Content::Listing(listing) => &listing.links,
        Content::Post(post) => &post.links,
    };
    let mut counter = Counter { record, links: 0, kinds: [0; KINDS.len()], affiliate: Affiliate::default() };
    for (at, link) in (0..).zip(links) {
        match parse(link) {
            Some(url) => counter.add(&url, link, Place::Link(at)),
            None => {
                let message = "not an absolute address; its kind is not known";
                counter.record.diagnose(diagnostic("link-unreadable", message, format!("links[{at}]")));
            }
        }
    }
    for (at, source) in (0..).zip(&item.fields) {
        in_text(source.text, |span, link| {
            if counter.links < MOST
                && !links.iter().any(|sent| same_link(sent, link))
                && let Some(url) = parse(link)
            {
                counter.add(&url, link, Place::Text(FieldIndex(at), span));
            }
        });
    }
    counter.finish()
}

struct Counter<'a, 'b> {
    record: &'a mut Recorder<'b>,
    links: usize,
    kinds: [usize; KINDS.len()],
    affiliate: Affiliate,
}

impl Counter<'_, '_> {
    fn add(&mut self, url: &Url, sent: &str, place: Place) {
        self.links += 1;
        self.record.place(Fact::LinkCount, place);
        let kinds = kinds(url, sent);
        for ((fact, holds), count) in KINDS.into_iter().zip(kinds).zip(&mut self.kinds) {
            if holds {
                *count += 1;
                self.record.place(fact, place);
                if fact == Fact::LinkAffiliate {
                    self.affiliate.first.get_or_insert(place);
                }
            }
        }
    }

    fn finish(self) -> Affiliate {
        self.record.count(Fact::LinkCount, self.links);
        for (fact, count) in KINDS.into_iter().zip(self.kinds) {
            self.record.count(fact, count);
        }
        if self.links >= MOST {
            let message = format!("only the first {MOST} links were examined");
            self.record.diagnose(diagnostic("links-not-all-examined", &message, ""));
        }
        self.affiliate
    }
}

/// Reads a link as sent; one without a scheme is read as `https`.
fn parse(link: &str) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > LONGEST {
        return None;
    }
    if let Some(scheme) = link.split(':').next()
        && (link.contains("://") || CHAT_SCHEMES.iter().any(|chat| chat.eq_ignore_ascii_case(scheme)))
    {
        return Url::parse(link).ok();
    }
    let host = link.split(['/', '?', '#']).next().unwrap_or_default();
    if !host.contains('.') || host.contains(char::is_whitespace) {
        return None;
    }
    Url::parse(&format!("https://{link}")).ok()
}

/// By position in `KINDS`.
fn kinds(url: &Url, sent: &str) -> [bool; KINDS.len()] {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let known = KnownHost::of(host, url.path());
    let chat = CHAT_SCHEMES.contains(&url.scheme());
    let onion = within(host, "onion");
    let numeric = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    // An honest "müller.de" also becomes punycode on parsing; suspicious is who writes punycode, or mixes scripts.
    let disguised =
        sent.get(..sent.len().min(LONGEST)).is_some_and(|sent| sent.contains("xn--")) || mixes_scripts(sent);
    let credentials = !url.username().is_empty() && url.host().is_some() && !chat;
    let affiliate = known.affiliate || has_affiliate_parameter(url, host);
    let suspicious = numeric || disguised || credentials;
    [known.shortener, known.messenger || chat, known.agent, affiliate, known.hub, onion, suspicious]
}

fn has_affiliate_parameter(url: &Url, host: &str) -> bool {
    let amazon = host.starts_with("amazon.") || host.contains(".amazon.");
    url.query_pairs().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let medium =
            || matches!(value.to_ascii_lowercase().as_str(), "affiliate" | "affiliates" | "influencer" | "creator");
        match name.as_str() {
            "utm_medium" => medium(),
            // Amazon's own `ref` is navigation, its `tag` is the affiliate; elsewhere it is the other way round.
            "tag" => amazon && !value.is_empty(),
            "ref" => !amazon && !value.is_empty(),
            name => AFFILIATE_PARAMETERS.binary_search(&name).is_ok(),
        }
    })
}

/// True if one label of the host joins Latin letters with Greek or Cyrillic ones.
fn mixes_scripts(sent: &str) -> bool {
    if sent.is_ascii() {
        return false;
    }
    let host = sent.split_once("://").map_or(sent, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    host.split('.').any(|label| {
        let latin = label.chars().any(|c| c.is_ascii_alphabetic());
        latin && label.chars().any(|c| matches!(c, '\u{370}'..='\u{52f}'))
    })
}

/// True if the two are one link apart from scheme, `www.`, case and a closing slash.
fn same_link(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

fn bare(link: &str) -> &str {
    let link = link.trim().trim_end_matches('/');
    let link = link.split_once("://").map_or(link, |(_, rest)| rest);
    link.strip_prefix("www.").unwrap_or(link)
}

/// Finds what looks like a link in running text: a dot between letters or digits, or a scheme.
fn in_text(text: &str, mut found: impl FnMut(ByteSpan, &str)) {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr::memchr2(b'.', b':', rest)).map(|at| from + at) {
        from = at + 1;
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_inner(*byte));
        let after = bytes.get(at + 1).is_some_and(|byte| is_inner(*byte));
        let scheme = bytes.get(at..at + 3) == Some(b"://");
        let dot = after && bytes.get(at) == Some(&b'.');
        if !(before && (dot || scheme)) {
            continue;
        }
        let start = text.get(..at).and_then(|head| head.rfind(is_boundary).map(|stop| stop + boundary_len(head, stop)));
        let start = start.unwrap_or(0);
        let end = text.get(at..).and_then(|tail| tail.find(is_boundary)).map_or(text.len(), |stop| at + stop);
        let word = text.get(start..end).unwrap_or_default();
        let link = word.trim_end_matches(['.', ',', '!', '?', ':', ';', '*', '…', '"', '\'']);
        if looks_like_link(link) {
            let span = ByteSpan::new(
                u32::try_from(start).unwrap_or(u32::MAX),
                u32::try_from(start + link.len()).unwrap_or(u32::MAX),
            );
            found(span, link);
        }
        from = end.max(from);
    }
}

/// True for a byte that may stand beside a dot within a host; any part of a letter beyond ASCII may.
fn is_inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '|' | ',' | ';' | '«' | '»')
}

fn boundary_len(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

fn looks_like_link(word: &str) -> bool {
    if word.len() > LONGEST {
        return false;
    }
    if let Some((scheme, rest)) = word.split_once("://") {
        let chat = CHAT_SCHEMES.iter().any(|chat| chat.eq_ignore_ascii_case(scheme));
        let web = ["http", "https", "ftp", "hxxp", "hxxps"].iter().any(|web| web.eq_ignore_ascii_case(scheme));
        return (chat || web) && !rest.is_empty();
    }
    let host = word.split(['/', '?', '#']).next().unwrap_or_default();
    // An address with `@` and no path is e-mail.
    if host.contains('@') || host.contains("..") {
        return false;
    }
    let Some((name, ending)) = host.rsplit_once('.') else { return false };
    if name.is_empty() || !ending.bytes().all(|byte| byte.is_ascii_alphabetic()) || ending.len() < 2 {
        return false;
    }
    let host = host.to_ascii_lowercase();
    if KnownHost::of(&host, word.get(host.len()..).unwrap_or_default()).is_known() || host.starts_with("www.") {
        return true;
    }
    // "works.Best" is two sentences: a capital after the dot, but none before.
    let sentence = ending.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().any(|b| b.is_ascii_lowercase());
    let has_path = word.get(host.len()..).is_some_and(|rest| rest.starts_with('/') && rest.len() > 1);
    let letters = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    letters && !sentence && (is_plain_ending(&ending.to_ascii_lowercase()) || (has_path && ending.len() <= 3))
}

#[cfg(test)]
mod tests;

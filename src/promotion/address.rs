//! Addresses as senders write them: schemes left out, look-alike hosts, targets encoded once or twice.
//!
//! Not here: which hosts have listings (`resolver.rs`). Kept true: nothing is ever fetched; what is no address stays none.

use unicode_security::confusable_detection::skeleton;
use url::Url;

/// The longest link looked at; the contract's limit for links.
const LONGEST: usize = 2048;

/// How often a target may be percent-encoded: more is not met in the wild.
const ENCODED: usize = 3;

/// Reads a link; one without a scheme is read as `https`.
pub(super) fn parse(link: &str) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > LONGEST {
        return None;
    }
    if link.contains("://") {
        return Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    }
    let host = link.split(['/', '?', '#']).next().unwrap_or_default();
    let plausible = host.contains('.') && !host.contains(char::is_whitespace) && !host.contains(['@', ':']);
    if plausible { Url::parse(&format!("https://{link}")).ok() } else { None }
}

/// The address in a parameter's value, encoded up to `ENCODED` times.
pub(super) fn carried(value: &str) -> Option<Url> {
    let mut value = value.trim().to_owned();
    for _ in 0..ENCODED {
        let lower = value.get(..8).unwrap_or(&value).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            return parse(&value);
        }
        let decoded = decode(&value);
        if decoded == value {
            break;
        }
        value = decoded;
    }
    // Some leave the scheme out: `url=shop.example%2Fitem%2F1`.
    if value.contains('/') { parse(&value) } else { None }
}

/// Percent-decoding; what is not encoded stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The host without `www.`, in lower case.
pub(super) fn host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// True if `host` is `known`, one of its subdomains, or looks like one of both (UTS #39: punycode that reads `aliexpress.com`).
pub(super) fn is_host(host: &str, known: &str) -> bool {
    if within(host, known) {
        return true;
    }
    host.contains("xn--") && {
        let (shown, _) = idna::domain_to_unicode(host);
        let (shown, known): (String, String) = (skeleton(&shown).collect(), skeleton(known).collect());
        within(&shown, &known)
    }
}

fn within(host: &str, known: &str) -> bool {
    host == known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'))
}

/// One spelling for links that differ in scheme, `www.`, case of the host and a closing slash.
pub(super) fn bare(link: &str) -> String {
    let Some(url) = parse(link) else { return link.trim().to_owned() };
    let path = url.path().trim_end_matches('/');
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{path}{query}", host(&url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_however_often_they_are_encoded() {
        for value in [
            "https://shop.example/item/7.html",
            "https%3A%2F%2Fshop.example%2Fitem%2F7.html",
            "https%253A%252F%252Fshop.example%252Fitem%252F7.html",
            "shop.example%2Fitem%2F7.html",
        ] {
            assert_eq!(carried(value).map(|url| url.to_string()).as_deref(), Some("https://shop.example/item/7.html"));
        }
        assert_eq!(carried("summer sale"), None);
    }

    #[test]
    fn a_host_that_only_looks_like_another_is_taken_for_it() {
        let url = parse("https://\u{430}liexpress.com/item/1.html").unwrap();
        assert!(host(&url).starts_with("xn--"));
        assert!(is_host(host(&url), "aliexpress.com"));
        assert!(is_host("de.aliexpress.com", "aliexpress.com"));
        assert!(!is_host("notaliexpress.com", "aliexpress.com"));
    }

    #[test]
    fn links_that_differ_in_dress_are_one() {
        assert_eq!(bare("HTTPS://WWW.Shop.example/A/"), bare("shop.example/A"));
        assert_ne!(bare("shop.example/A"), bare("shop.example/B"));
    }
}

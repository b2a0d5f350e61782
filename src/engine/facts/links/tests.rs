//! Links in running text and their kinds.

use super::*;

fn links(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    in_text(text, |span, link| {
        assert_eq!(span.slice(text), Some(link));
        spans.push(span);
    });
    spans.into_iter().filter_map(|span| span.slice(text)).collect()
}

fn kinds_of(link: &str) -> Vec<Fact> {
    let url = parse(link).unwrap();
    KINDS.into_iter().zip(kinds(&url, link)).filter(|(_, holds)| *holds).map(|(fact, _)| fact).collect()
}

#[test]
fn the_parameter_table_is_sorted() {
    assert!(AFFILIATE_PARAMETERS.is_sorted());
}

#[test]
fn links_in_text_are_found_with_their_exact_span() {
    assert_eq!(links("Order: https://t.me/shop1, or wa.me/3912345."), ["https://t.me/shop1", "wa.me/3912345"]);
    assert_eq!(links("(see www.example.pl/x?y=1)"), ["www.example.pl/x?y=1"]);
    assert_eq!(links("tg://resolve?domain=abc"), ["tg://resolve?domain=abc"]);
    assert_eq!(links("größe→shop.example.com!"), ["größe→shop.example.com"]);
}

#[test]
fn prose_prices_files_and_emails_are_no_links() {
    for text in [
        "Works great.Best quality",
        "Prix 3.50 EUR",
        "v1.2",
        "photo.jpg",
        "me@example.com",
        "e.g. this",
        "12.03.2026",
        "a..b",
        "U.S.A",
    ] {
        assert_eq!(links(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn kinds_follow_host_scheme_and_parameters() {
    assert_eq!(kinds_of("https://bit.ly/3xyz"), [Fact::LinkShortener]);
    assert_eq!(kinds_of("https://t.me/+abc"), [Fact::LinkMessenger]);
    assert_eq!(kinds_of("whatsapp://send?phone=1"), [Fact::LinkMessenger]);
    assert_eq!(kinds_of("https://shop.x.yupoo.com/albums/1"), [Fact::LinkAgent]);
    assert_eq!(kinds_of("https://www.amazon.de/dp/B01?tag=creator-21"), [Fact::LinkAffiliate]);
    assert_eq!(kinds_of("https://www.amazon.de/dp/B01?ref=sr_1_1"), []);
    assert_eq!(kinds_of("https://shop.example/?utm_medium=affiliate"), [Fact::LinkAffiliate]);
    assert_eq!(kinds_of("https://linktr.ee/someone"), [Fact::LinkHub]);
    assert_eq!(kinds_of("http://abcdefghij234567.onion/x"), [Fact::LinkOnion]);
    assert_eq!(kinds_of("http://93.184.216.34/a"), [Fact::LinkIpHost]);
    assert_eq!(kinds_of("http://user:pw@example.com/a"), [Fact::LinkIpHost]);
    assert_eq!(kinds_of("https://xn--pple-43d.com"), [Fact::LinkIpHost]);
    assert_eq!(kinds_of("https://\u{430}pple.com"), [Fact::LinkIpHost]);
    assert_eq!(kinds_of("https://müller.de"), []);
    assert_eq!(kinds_of("https://example.com/a"), []);
}

#[test]
fn one_link_written_twice_is_one_link() {
    assert!(same_link("https://www.example.com/a/", "example.com/a"));
    assert!(!same_link("https://example.com/a", "example.com/b"));
}

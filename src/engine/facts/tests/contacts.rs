//! Links and contacts, wherever they stand.

use super::{of_listing, of_post, of_title};
use crate::domain::{Content, Listing, Media};
use crate::engine::tests::packs::{every_fact_pack, shown, titled, value, verdict};

#[test]
fn links_count_by_kind_wherever_they_stand() {
    let trace = of_listing(|listing| {
        listing.description = "Order at t.me/shop or https://bit.ly/x1".into();
        listing.links = vec!["https://bit.ly/x1".into(), "https://cnfans.com/p/1".into(), "nonsense".into()];
        listing.images = vec![Media { ocr_text: "linktr.ee/us".into(), ..Media::default() }];
    });
    assert_eq!(value(&trace, "link.count"), "4");
    assert_eq!(shown(&trace, "link.shortener"), ["links[0]:https://bit.ly/x1"]);
    assert_eq!(shown(&trace, "link.agent"), ["links[1]:https://cnfans.com/p/1"]);
    assert_eq!(shown(&trace, "link.messenger"), ["description:t.me/shop"]);
    assert_eq!(shown(&trace, "link.hub"), ["images[0].ocr_text:linktr.ee/us"]);
    let trace = of_listing(|listing| {
        listing.links = vec![
            "http://10.0.0.1/x".into(),
            "http://abcdefghijklmnop.onion".into(),
            "https://shop.example/?awc=1".into(),
        ];
    });
    for name in ["link.suspicious_host", "link.onion", "link.affiliate"] {
        assert_eq!(value(&trace, name), "1", "{name}");
    }
}

#[test]
fn a_link_that_cannot_be_read_is_diagnosed() {
    let listing = Listing { links: vec!["nonsense".into()], ..titled("Lamp") };
    let verdict = verdict(&Content::Listing(listing), &every_fact_pack(&[]));
    assert_eq!(verdict.diagnostics.len(), 1);
    assert_eq!(verdict.diagnostics[0].code, "link-unreadable");
    assert_eq!(verdict.diagnostics[0].field_path, "links[0]");
}

#[test]
fn contacts_are_found_in_text() {
    let trace = of_title("Write @best_shop, +49 151 23456789 or a.b@example.com");
    assert_eq!(shown(&trace, "contact.handle"), ["title:@best_shop"]);
    assert_eq!(shown(&trace, "contact.phone"), ["title:+49 151 23456789"]);
    assert_eq!(shown(&trace, "contact.email"), ["title:a.b@example.com"]);
    assert_eq!(value(&of_post(|post| post.text = "with @my_friend".into()), "contact.handle"), "-");
}

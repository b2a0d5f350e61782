//! Every fact of the catalogue, on content written for it, a file for each family.

mod amounts;
mod contacts;
mod hints;
mod listings;
mod posts;
mod words;

use crate::domain::{Content, Listing, Media, Money, Post};
use crate::engine::Trace;
use crate::engine::tests::packs::{every_fact_pack, posted, shown, titled, trace, value};
use crate::policy::Fact;

fn of(content: Content) -> Trace {
    trace(&content, &every_fact_pack(&[]))
}

fn of_title(title: &str) -> Trace {
    of(Content::Listing(titled(title)))
}

fn of_listing(change: impl FnOnce(&mut Listing)) -> Trace {
    let mut listing = titled("Lamp");
    change(&mut listing);
    of(Content::Listing(listing))
}

fn of_post(change: impl FnOnce(&mut Post)) -> Trace {
    let mut post = posted("Look at this");
    change(&mut post);
    of(Content::Post(post))
}

fn money(units: i64, currency: &str) -> Option<Money> {
    Some(Money { currency_code: currency.to_owned(), units, nanos: 0 })
}

#[test]
fn an_empty_listing_has_no_fact_but_that_it_is_one() {
    let names: Vec<String> = of(Content::Listing(Listing::default())).facts.into_iter().map(|fact| fact.name).collect();
    assert_eq!(names, ["content.is_listing"]);
    let names: Vec<String> = of(Content::Post(Post::default())).facts.into_iter().map(|fact| fact.name).collect();
    assert_eq!(names, ["content.is_post"]);
}

#[test]
fn what_an_item_is_and_which_fields_are_filled() {
    let trace = of_listing(|listing| {
        listing.description = "Bright and small".into();
        listing.category_path = vec!["Home".into(), "Lamps".into()];
        listing.brand = "Acme".into();
        listing.ships_from_country = "CN".into();
        listing.language_code = "DE-at".into();
        listing.age_restricted = true;
        listing.images = vec![Media::default(), Media::default()];
    });
    for name in ["has_description", "has_category", "has_brand", "ships_from_outside_eu"] {
        assert_eq!(value(&trace, &format!("listing.{name}")), "true", "{name}");
    }
    assert_eq!(value(&trace, "content.language"), "de");
    assert_eq!(value(&trace, "content.words"), "7");
    assert_eq!(value(&trace, "content.age_restricted"), "true");
    assert_eq!(value(&trace, "listing.images"), "2");
    assert_eq!(shown(&trace, "listing.ships_from_outside_eu"), ["ships_from_country:"]);
    assert_eq!(value(&of_post(|post| post.minimum_age = 18), "content.age_restricted"), "true");
    assert_eq!(value(&of_post(|post| post.minimum_age = 16), "content.age_restricted"), "-");
}

#[test]
fn every_fact_of_the_catalogue_is_computed() {
    let source = concat!(
        include_str!("tests.rs"),
        include_str!("tests/amounts.rs"),
        include_str!("tests/contacts.rs"),
        include_str!("tests/hints.rs"),
        include_str!("tests/listings.rs"),
        include_str!("tests/posts.rs"),
        include_str!("tests/words.rs"),
        include_str!("promotion/tests.rs")
    );
    let untested = Fact::ALL.iter().filter(|fact| {
        let (family, name) = fact.as_str().split_once('.').unwrap_or_default();
        let apart = source.contains(&format!("\"{family}.")) && source.contains(&format!("\"{name}\""));
        !apart && !source.contains(fact.as_str())
    });
    assert_eq!(untested.map(|fact| fact.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

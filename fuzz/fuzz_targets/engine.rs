//! The engine over the embedded pack: whatever text stands in whatever field, it gives a verdict and keeps its promises.
//!
//! The input is text fields separated by NUL; a first field that starts with "p" makes a post of them, anything else a
//! listing. Kept true here: no panic, `explain` and `assess` agree whatever the scratch held, risks are probabilities,
//! evidence slices its field.
#![no_main]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use dsa_signal::domain::{Content, Evidence, Listing, Media, Post, ProductSafety, TraderInformation, Variant};
use dsa_signal::engine::{Circumstances, Scratch, assess, explain};
use dsa_signal::policy::{CompiledPack, compile, embedded};
use libfuzzer_sys::fuzz_target;

static PACK: LazyLock<CompiledPack> = LazyLock::new(|| match compile(&embedded()) {
    Ok((pack, _)) => pack,
    Err(_) => panic!("the embedded pack compiles"),
});

thread_local! {
    /// Used from input to input, as a worker's is.
    static DIRTY: RefCell<Scratch> = RefCell::new(Scratch::default());
}

fuzz_target!(|text: &str| {
    let content = content(text);
    let circumstances = Circumstances::default();
    let (verdict, trace) = explain(&content, &PACK, circumstances, &mut Scratch::default());
    let again = DIRTY.with_borrow_mut(|scratch| assess(&content, &PACK, circumstances, scratch));
    assert_eq!(verdict, again);
    assert!(verdict.areas.iter().all(|area| (0.0..=1.0).contains(&area.risk.get())));
    let fields = fields(&content);
    let of_signals = verdict.signals.iter().flat_map(|signal| &signal.evidence);
    for piece in of_signals.chain(trace.facts.iter().flat_map(|fact| &fact.evidence)) {
        check(piece, &fields);
    }
});

fn content(text: &str) -> Content {
    let mut fields = text.split('\0').map(str::to_owned);
    let kind = fields.next().unwrap_or_default();
    let mut field = move || fields.next().unwrap_or_default();
    let media = |field: &mut dyn FnMut() -> String| Media { alt_text: field(), ocr_text: field(), ..Media::default() };
    if kind.starts_with('p') {
        return Content::Post(Post {
            text: field(),
            hashtags: vec![field(), field()],
            links: vec![field()],
            media: vec![media(&mut field)],
            sponsor: field(),
            discount_codes: vec![field()],
            language_code: field(),
            ..Post::default()
        });
    }
    Content::Listing(Listing {
        title: field(),
        description: field(),
        category_path: vec![field()],
        brand: field(),
        variants: vec![
            Variant { name: field(), ..Variant::default() },
            Variant { name: field(), ..Variant::default() },
        ],
        images: vec![media(&mut field)],
        links: vec![field(), field()],
        gtin: field(),
        attributes: BTreeMap::from([(field(), field())]),
        ships_from_country: field(),
        trader: Some(TraderInformation { country_code: field(), ..TraderInformation::default() }),
        product_safety: Some(ProductSafety { ingredients: field(), ..ProductSafety::default() }),
        language_code: field(),
        ..Listing::default()
    })
}

/// Every field that evidence with characters may name, by path.
fn fields(content: &Content) -> BTreeMap<String, &str> {
    let mut fields = BTreeMap::new();
    content.for_each_text(|field, text| {
        fields.insert(content.field_path(field), text);
    });
    let links = match content {
        Content::Listing(listing) => &listing.links,
        Content::Post(post) => &post.links,
    };
    fields.extend(links.iter().enumerate().map(|(at, link)| (format!("links[{at}]"), link.as_str())));
    fields
}

fn check(piece: &Evidence, fields: &BTreeMap<String, &str>) {
    if piece.span.is_empty() {
        assert!(piece.original_text.is_empty());
    } else {
        let field = fields.get(&piece.field_path).expect("evidence names a field");
        assert_eq!(piece.span.slice(field), Some(piece.original_text.as_str()));
    }
}

//! The third stage: everything that conditions may ask, as numbers in a table, and where each of them lies.
//!
//! One file per family of facts. Not here: what facts mean (signals). Kept true: only facts that the pack uses are
//! computed; a fact that could not be computed keeps its value when absent and leaves a diagnostic.

mod amounts;
mod audience;
mod contacts;
mod countries;
mod disclosure;
mod hints;
mod hits;
mod hosts;
mod links;
mod listing;
mod media;
mod post;
mod post_words;
mod price;
mod promotion;
mod relevance;
mod safety;
mod sheet;
#[cfg(test)]
mod tests;
mod trader;
mod units;
mod variants;

pub(super) use hits::HitSheet;
pub(super) use post::relationship;
pub(super) use promotion::{is_part, is_said_in, language_of_post};
use sheet::Recorder;
pub(super) use sheet::{FactSheet, Place, slot_name};

use super::normalise::Item;
use crate::domain::{Content, Diagnostic};
use crate::policy::CompiledPack;

/// Computes every fact that the pack uses.
///
/// The order is part of what guards mean: first facts that rest on the content alone, which guards may ask for; then
/// lexicon hits, filtered by guards and negation; last the facts that rest on hits.
///
/// Hits that cannot matter to what fires are left out, unless the caller wants to see `all` facts.
pub(super) fn collect(item: &Item<'_>, pack: &CompiledPack, hits: &mut HitSheet, sheet: &mut FactSheet, all: bool) {
    sheet.reset(&pack.slots);
    let mut record = Recorder::new(&pack.slots, sheet);
    amounts::collect(item, &mut record);
    let affiliate = links::collect(item, &mut record);
    contacts::collect(item, &mut record);
    listing::collect(item, &mut record);
    media::collect(item, &mut record);
    match item.content {
        Content::Listing(listing) => {
            price::collect(listing, &mut record);
            trader::collect(listing, &mut record);
        }
        Content::Post(post) => {
            post::collect(post, affiliate, &mut record);
            post_words::collect(item, &mut record);
        }
    }
    hits.report(item, pack, &record, all);
    hits.accept(item, pack, &record);
    hits::count(pack, hits, &mut record);
    match item.content {
        Content::Listing(listing) => {
            safety::collect(listing, &pack.roles, hits, &mut record);
            variants::collect(listing, item, &pack.roles, hits, &mut record);
            listing::brand(item, &pack.roles, hits, &mut record);
        }
        Content::Post(post) => {
            disclosure::collect(post, item, &pack.roles, hits, &mut record);
            audience::collect(post, item, &pack.roles, hits, &mut record);
        }
    }
    promotion::collect(item, pack, hits, &mut record);
    hints::collect(hits, &mut record);
}

/// What could not be evaluated, added to the sheet's diagnostics.
fn diagnostic(code: &'static str, message: &str, field_path: impl Into<String>) -> Diagnostic {
    Diagnostic { code: code.into(), message: message.to_owned(), field_path: field_path.into() }
}

//! Variants: how many, and how many are named by a bare code, so that the buyer must know what the code stands for.
//!
//! Not here: variant prices (`price.rs`). Kept true: sizes are not codes. "S", "M", "42" say something to everybody;
//! a bare letter or number counts only where the listing numbers its choices from the start (A, B … or 1, 2 …).

use smallvec::SmallVec;

use super::HitSheet;
use super::{Place, Recorder};
use crate::domain::{ByteSpan, Field, Listing};
use crate::engine::normalise::Item;
use crate::policy::{Fact, Roles, Scope};
use crate::text::{FieldIndex, Token, TokenKind};

/// What a variant's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    /// Says something.
    Plain,
    /// A word such as "option" and a bare letter or number.
    Announced,
    /// A letter.
    Letter(u8),
    /// A number after a letter or after nothing (`b' '`).
    Numbered(u8, u32),
}

pub(super) fn collect(listing: &Listing, item: &Item<'_>, roles: &Roles, hits: &HitSheet, record: &mut Recorder<'_>) {
    record.count(Fact::VariantCount, listing.variants.len());
    if listing.variants.is_empty() || !record.wants(Fact::VariantCoded) {
        return;
    }
    // By position, so that a token can be looked up: many variants open with the same word.
    let openers = roles.variant_code.into_iter().flat_map(|role| hits.in_scope(role, Scope::Variant));
    let openers: SmallVec<[u32; 32]> = openers.flat_map(|(_, hit)| hit.first_token..hit.end_token).collect();
    let is_opener = |token: u32| openers.binary_search(&token).is_ok();
    let names = || {
        let fields = (0..).zip(&item.fields).filter(|(_, source)| matches!(source.field, Field::VariantName(_)));
        fields.map(|(at, source)| (FieldIndex(at), source.text, name(item, FieldIndex(at), is_opener)))
    };
    // Which series start at their beginning: "A", and 1 after each letter or after nothing.
    let (mut letters, mut series) = (false, [false; 27]);
    for (.., name) in names() {
        match name {
            Name::Letter(b'a') => letters = true,
            Name::Numbered(prefix, 0 | 1) => series[series_index(prefix)] = true,
            _ => {}
        }
    }
    let mut coded = 0;
    for (field, text, name) in names() {
        let holds = match name {
            Name::Plain => false,
            Name::Announced => true,
            Name::Letter(_) => letters,
            Name::Numbered(prefix, _) => series[series_index(prefix)],
        };
        if holds {
            coded += 1;
            record.place(Fact::VariantCoded, Place::Text(field, trimmed(text)));
        }
    }
    record.count(Fact::VariantCoded, coded);
}

/// 0 for no letter, else 1 to 26.
fn series_index(prefix: u8) -> usize {
    if prefix.is_ascii_lowercase() { usize::from(prefix - b'a') + 1 } else { 0 }
}

fn name(item: &Item<'_>, field: FieldIndex, is_opener: impl Fn(u32) -> bool) -> Name {
    let Some(place) = item.document.fields().get(usize::from(field.0)) else { return Name::Plain };
    let range = place.tokens.clone();
    let tokens = item.document.tokens().get(range.start as usize..range.end as usize).unwrap_or_default();
    let mut rest = range.zip(tokens).filter(|(at, _)| !is_opener(*at)).map(|(_, token)| token);
    let announced = rest.clone().count() < tokens.len();
    let (Some(only), None) = (rest.next(), rest.next()) else { return Name::Plain };
    match code(item.document.word(only), only) {
        Name::Plain => Name::Plain,
        _ if announced => Name::Announced,
        bare => bare,
    }
}

fn code(word: &str, token: &Token) -> Name {
    let letter = word.bytes().next().filter(u8::is_ascii_lowercase);
    match (token.kind, letter) {
        (TokenKind::Word, Some(letter)) if word.len() == 1 => Name::Letter(letter),
        (TokenKind::Number, _) if word.len() <= 3 => word.parse().map_or(Name::Plain, |n| Name::Numbered(b' ', n)),
        (TokenKind::Mixed, Some(letter)) if word.len() <= 4 => {
            let number = word.get(1..).and_then(|digits| digits.parse().ok());
            number.map_or(Name::Plain, |n| Name::Numbered(letter, n))
        }
        _ => Name::Plain,
    }
}

fn trimmed(text: &str) -> ByteSpan {
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    ByteSpan::new(u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
}

//! The first stage: the item's text, folded, with the way back to every field as sent.
//!
//! Not here: how characters fold (`text/`). Kept true: `Item::fields` and the document's fields are the same fields in
//! the same order, so a `FieldIndex` names both.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::Circumstances;
use crate::domain::{ByteSpan, Content, Field, Promotions, Timestamp};
use crate::matching::Hit;
use crate::policy::Scope;
use crate::text::{Document, FieldIndex, detect};

/// One text field as sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceField<'a> {
    pub(super) field: Field,
    pub(super) text: &'a str,
    /// Scopes of a hit in it, one bit each; see `scope_bit`.
    scopes: u16,
    /// Hits that end before this byte also lie in the title: the first line of a post.
    title_until: u32,
}

/// Content with its folded text. Borrowed from the content and the scratch for as long as one item is evaluated.
#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) content: &'a Content,
    pub(super) document: &'a Document,
    /// By `FieldIndex`. Most items have fewer fields than fit inline.
    pub(super) fields: SmallVec<[SourceField<'a>; 16]>,
    /// BCP 47, as sent or detected; `und` if neither.
    pub(super) language_code: &'a str,
    /// What the promotion graph knows of it.
    pub(super) promotions: Option<&'a Promotions>,
    /// The instant of the assessment.
    pub(super) now: Timestamp,
}

/// The bit of a scope in a hit's set of scopes.
pub(super) const fn scope_bit(scope: Scope) -> u16 {
    1 << scope as u8
}

/// Folds every text field of `content` into `document`.
pub(super) fn normalise<'a>(
    content: &'a Content,
    circumstances: Circumstances<'a>,
    document: &'a mut Document,
) -> Item<'a> {
    document.clear();
    let mut fields: SmallVec<[SourceField<'_>; 16]> = SmallVec::new();
    content.for_each_text(|field, text| {
        let is_choice = |field| matches!(field, Field::VariantName(_));
        match is_choice(field) && fields.last().is_some_and(|before| is_choice(before.field)) {
            true => document.push_next_of_list(text),
            false => document.push_field(text),
        };
        fields.push(SourceField::new(field, text));
    });
    let sent = match content {
        Content::Listing(listing) => listing.language_code.as_str(),
        Content::Post(post) => post.language_code.as_str(),
    };
    let language_code = if sent.is_empty() { detect(document) } else { sent };
    let Circumstances { promotions, now, .. } = circumstances;
    Item { content, document, fields, language_code, promotions, now }
}

impl<'a> SourceField<'a> {
    fn new(field: Field, text: &'a str) -> Self {
        let own = match field {
            Field::Title => scope_bit(Scope::Title),
            Field::Category(_) => scope_bit(Scope::Category),
            Field::Brand => scope_bit(Scope::Brand),
            Field::AltText(_) | Field::OcrText(_) => scope_bit(Scope::Image),
            Field::VariantName(_) | Field::VariantAttribute(..) => scope_bit(Scope::Variant),
            Field::Hashtag(_) => scope_bit(Scope::Hashtag),
            // Alone: nothing that a post says.
            Field::TargetingAttribute(_) | Field::TargetingValue(_) => {
                return SourceField { field, text, scopes: scope_bit(Scope::Targeting), title_until: 0 };
            }
            _ => 0,
        };
        let title_until = if field == Field::PostText { end_of_first_line(text) } else { 0 };
        SourceField { field, text, scopes: scope_bit(Scope::Anywhere) | own, title_until }
    }
}

impl<'a> Item<'a> {
    /// The primary language subtag in lower case: `de` for `de-AT`.
    pub(super) fn language(&self) -> Cow<'_, str> {
        let primary = self.language_code.split(['-', '_']).next().unwrap_or_default();
        if primary.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(primary.to_ascii_lowercase())
        } else {
            Cow::Borrowed(primary)
        }
    }

    /// A field by its index in the document.
    pub(super) fn source(&self, field: FieldIndex) -> Option<&SourceField<'a>> {
        self.fields.get(usize::from(field.0))
    }

    /// The text of a field as sent; empty if there is no such field.
    pub(super) fn text(&self, field: FieldIndex) -> &'a str {
        self.source(field).map_or("", |source| source.text)
    }

    /// The position of the targeting criterion that a field belongs to; `None` for what the content says.
    pub(super) fn criterion(&self, field: FieldIndex) -> Option<u16> {
        match self.source(field).map(|source| source.field) {
            Some(Field::TargetingAttribute(position) | Field::TargetingValue(position)) => Some(position),
            _ => None,
        }
    }

    /// The scopes in which a hit counts, as bits.
    pub(super) fn scopes(&self, hit: &Hit) -> u16 {
        let Some(source) = self.source(hit.field) else { return 0 };
        let mut scopes = source.scopes;
        if hit.original.end() <= source.title_until {
            scopes |= scope_bit(Scope::Title);
        }
        if source.field == Field::PostText && follows_hash(source.text, hit.original) {
            scopes |= scope_bit(Scope::Hashtag);
        }
        scopes
    }

    /// What the matcher read where `span` lies, with the spaces that separate folded words.
    pub(super) fn folded(&self, field: FieldIndex, span: ByteSpan) -> &'a str {
        let Some(place) = self.document.fields().get(usize::from(field.0)) else { return "" };
        let tokens = self.document.tokens();
        let tokens = tokens.get(place.tokens.start as usize..place.tokens.end as usize).unwrap_or_default();
        let first = tokens.partition_point(|token| token.original.end() <= span.start());
        let end = tokens.partition_point(|token| token.original.start() < span.end());
        let Some([first, .., last] | [first @ last]) = tokens.get(first..end) else { return "" };
        let folded = self.document.folded();
        // A part of a compound starts and ends within its token.
        let start = (first.folded_start..first.folded_end)
            .find(|at| self.document.original_start(first, *at) >= span.start())
            .unwrap_or(first.folded_start);
        let end = (last.folded_start + 1..=last.folded_end)
            .filter(|at| folded.is_char_boundary(*at as usize))
            .find(|at| self.document.original_end(last, *at) >= span.end())
            .unwrap_or(last.folded_end);
        folded.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// True if the span is the start of a hashtag within running text.
fn follows_hash(text: &str, span: ByteSpan) -> bool {
    text.get(..span.start() as usize).is_some_and(|before| before.ends_with(['#', '＃']))
}

/// One past the last byte of the first line that says something.
fn end_of_first_line(text: &str) -> u32 {
    let blank = text.len() - text.trim_start().len();
    let line = text.get(blank..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    u32::try_from(blank + line.len()).unwrap_or(u32::MAX)
}

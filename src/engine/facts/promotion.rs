//! Contradictions between what posts say of a listing and what the listing says of itself; of posts, what they promote.
//!
//! Not here: finding claims (`engine/claims.rs`), what a contradiction weighs (signals). Kept true: an item that nobody mentions
//! costs one look at an empty option, unless the pack asks for what the item names itself; age only ever weakens a mention.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::{HitSheet, Place, Recorder};
use crate::domain::{ByteSpan, Claim, ClaimKind, Content, Field, Listing, Mention, Money, Promotions, Timestamp};
use crate::engine::normalise::{Item, scope_bit};
use crate::matching::{Hit, TermId};
use crate::policy::{CompiledPack, Fact, ProductKind, Scope};
use crate::text::FieldIndex;

/// A post that names more brands than this, or promotes more listings, tells of an outfit and not of one thing.
const OUTFIT: usize = 3;

/// Hits before one that are asked whether they hold it.
const NEAREST: usize = 16;

/// Characters between a quotation mark and the word: "the 'herbal tea' in my bio".
const WITHIN_QUOTES: usize = 14;

/// Prices further apart than this factor are not the same thing's.
const APART: f64 = 2.0;

/// Below this weight, after four half-lives, a mention says nothing any more: the listing may be another thing by now.
const FADED: f64 = 1.0 / 16.0;

const ABOUT_ITEM: [Fact; 4] = [Fact::ClaimBrands, Fact::ClaimKinds, Fact::ClaimImageBrand, Fact::ClaimQuotedKind];

/// Quotation marks of Europe, opening or closing.
const QUOTES: [char; 12] = ['"', '\'', '‘', '’', '‚', '“', '”', '„', '«', '»', '‹', '›'];

pub(super) fn collect(item: &Item<'_>, pack: &CompiledPack, hits: &HitSheet, record: &mut Recorder<'_>) {
    if record.wants_any(&ABOUT_ITEM) {
        let matters = Matters::of(pack, hits, (None, &language_of_post(item)));
        matters.record(record);
        if let Content::Post(_) = item.content {
            quoted(&matters, item, hits, record);
        }
    }
    if let (Content::Listing(listing), true) = (item.content, record.wants(Fact::PriceDearForKind)) {
        dear_for_kind(listing, pack, hits, record);
    }
    let Some(promotions) = item.promotions else { return };
    let mut rate = 0.0_f64;
    for (at, party) in (0..).zip(&promotions.parties) {
        rate = rate.max(party.lower);
        record.place(Fact::PromotionPartyRate, Place::Party(at));
    }
    record.number(Fact::PromotionPartyRate, rate);
    match item.content {
        Content::Listing(listing) => Comparison::new(item, pack, hits, listing).collect(promotions, record),
        Content::Post(_) => promoted(item, pack, promotions, record),
    }
}

/// Brands and kinds of products that an item names, each with its first hit.
#[derive(Debug, Default)]
struct Matters {
    /// Position in `PromotionRules::brands`, hit, true if only pictures name it.
    brands: SmallVec<[(u32, u32, bool); 8]>,
    /// Position in `PromotionRules::kinds`, hit.
    kinds: SmallVec<[(u32, u32); 8]>,
}

impl Matters {
    /// Of the hits that count; kinds in these scopes only, if some are given, and in this language only.
    fn of(pack: &CompiledPack, hits: &HitSheet, (scopes, language): (Option<u16>, &str)) -> Self {
        let mut matters = Matters::default();
        for (at, hit) in (0..).zip(hits.accepted()).filter(|(_, hit)| pack.promotion.names(hit.lexicon)) {
            let of_hit = hits.scopes_of(at);
            if of_hit & scope_bit(Scope::Anywhere) == 0 {
                continue; // a targeting criterion claims nothing
            }
            if let Some(brand) = pack.promotion.brand_of(hit.lexicon, hit.term) {
                let pictured = of_hit & scope_bit(Scope::Image) != 0;
                match matters.brands.iter_mut().find(|(known, ..)| *known == brand) {
                    Some((.., only_pictured)) => *only_pictured &= pictured,
                    None => matters.brands.push((brand, at, pictured)),
                }
            }
            let kind = pack.promotion.kind_of(hit.lexicon);
            let kind = kind.filter(|_| scopes.is_none_or(|scopes| scopes & of_hit != 0) && !is_part(pack, hits, hit));
            if let Some(kind) = kind.filter(|_| is_said_in(pack, hit.term, language))
                && !matters.kinds.iter().any(|(known, _)| *known == kind)
            {
                matters.kinds.push((kind, at));
            }
        }
        matters
    }

    fn record(&self, record: &mut Recorder<'_>) {
        let pictured = self.brands.iter().filter(|(.., pictured)| *pictured);
        record.count(Fact::ClaimBrands, self.brands.len());
        record.count(Fact::ClaimKinds, self.kinds.len());
        record.count(Fact::ClaimImageBrand, pictured.clone().count());
        self.brands.iter().for_each(|(_, at, _)| record.place(Fact::ClaimBrands, Place::Hit(*at)));
        self.kinds.iter().for_each(|(_, at)| record.place(Fact::ClaimKinds, Place::Hit(*at)));
        pictured.for_each(|(_, at, _)| record.place(Fact::ClaimImageBrand, Place::Hit(*at)));
    }
}

/// True if a hit is part of a longer name of a kind: a "phone case" is no phone.
pub(in crate::engine) fn is_part(pack: &CompiledPack, hits: &HitSheet, hit: &Hit) -> bool {
    // By position: what holds it begins before its end, and seldom far before it.
    let after = hits
        .accepted()
        .partition_point(|other| (other.field, other.original.start()) <= (hit.field, hit.original.start()));
    let before = hits.accepted().get(..after).unwrap_or_default();
    before.iter().rev().take(NEAREST).any(|other| {
        other.field == hit.field
            && other.original != hit.original
            && other.original.cover(hit.original) == other.original
            && pack.promotion.kind_of(other.lexicon).is_some()
    })
}

/// `price.dear_for_kind`.
fn dear_for_kind(listing: &Listing, pack: &CompiledPack, hits: &HitSheet, record: &mut Recorder<'_>) {
    let matters = Matters::of(pack, hits, (Some(scope_bit(Scope::Title)), ""));
    let kinds = matters.kinds.iter().filter_map(|(at, _)| pack.promotion.kinds.get(*at as usize));
    let most: Option<f64> = kinds.map(|kind| kind.most).try_fold(0.0_f64, |most, of_kind| Some(most.max(of_kind?)));
    let Some(most) = most.filter(|most| *most > 0.0) else { return };
    let variants = listing.variants.iter().filter_map(|variant| variant.price.as_ref());
    let prices = listing.price.iter().chain(variants).filter_map(|price| pack.promotion.euros(price));
    let ratio = prices.fold(0.0, f64::max) / most;
    if ratio > 1.0 {
        record.number(Fact::PriceDearForKind, ratio);
        record.place(Fact::PriceDearForKind, Place::State("price"));
        matters.kinds.iter().for_each(|(_, at)| record.place(Fact::PriceDearForKind, Place::Hit(*at)));
    }
}

/// Kinds that stand in quotation marks: between one shortly before the word and one shortly behind it.
fn quoted(matters: &Matters, item: &Item<'_>, hits: &HitSheet, record: &mut Recorder<'_>) {
    let mut count = 0;
    for (_, at) in &matters.kinds {
        let Some(hit) = hits.accepted().get(*at as usize) else { continue };
        let text = item.text(hit.field);
        let before = text.get(..hit.original.start() as usize).unwrap_or_default();
        let after = text.get(hit.original.end() as usize..).unwrap_or_default();
        // "it's" has an apostrophe inside: an opening mark has no letter before it, a closing one none behind it.
        let opens = |from: &str| from.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let mut tail = before.char_indices().rev().take(WITHIN_QUOTES);
        let open = tail.any(|(at, c)| QUOTES.contains(&c) && before.get(..at).is_some_and(opens));
        let mut head = after.char_indices().take(WITHIN_QUOTES);
        let closes = |rest: &str| rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
        let close = head.any(|(at, c)| QUOTES.contains(&c) && after.get(at + c.len_utf8()..).is_some_and(closes));
        if open && close {
            count += 1;
            record.place(Fact::ClaimQuotedKind, Place::Hit(*at));
        }
    }
    record.count(Fact::ClaimQuotedKind, count);
}

/// The language of a post, in which its words are read; empty for listings, whose titles are too short to tell.
pub(in crate::engine) fn language_of_post<'i>(item: &'i Item<'_>) -> Cow<'i, str> {
    match item.content {
        Content::Post(_) => item.language(),
        Content::Listing(_) => Cow::Borrowed(""),
    }
}

/// True if a term is a word of this language, or of one that is easily taken for it: "but" is a shoe in Polish alone, "the" is
/// tea in French alone.
pub(in crate::engine) fn is_said_in(pack: &CompiledPack, term: TermId, language: &str) -> bool {
    let Some(own) = pack.term(term).map(|term| term.language) else { return false };
    let unknown = own == [0, 0] || language.is_empty() || language == "und";
    unknown || own == language.as_bytes() || {
        let family = |one: &str| ALIKE.iter().position(|family| family.contains(&one));
        std::str::from_utf8(&own).ok().and_then(family).is_some_and(|own| family(language) == Some(own))
    }
}

/// Languages that detection takes for each other.
const ALIKE: [&[&str]; 5] = [
    &["cs", "sk"],
    &["hr", "sl", "bs", "sr"],
    &["da", "nb", "nn", "no", "sv"],
    &["es", "pt", "gl", "ca"],
    &["ru", "uk", "bg", "be", "mk"],
];

/// A listing, read for comparison.
struct Comparison<'a, 'b> {
    item: &'a Item<'b>,
    pack: &'a CompiledPack,
    listing: &'a Listing,
    /// Kinds by title and category; where these name none, by any field.
    own: Matters,
    /// Kinds that any field names.
    all: Matters,
    /// True if variants are bare codes.
    coded: bool,
}

/// What was found so far.
#[derive(Default)]
struct Found<'m> {
    told: f64,
    risk: f64,
    absent: SmallVec<[&'m str; 4]>,
    kinds: usize,
    others: usize,
    restricted: usize,
    quotes: usize,
    prices: usize,
    choices: usize,
    /// Suspicious claims with who made them.
    shared: Vec<(ClaimKind, &'m str, &'m str)>,
}

impl<'a, 'b> Comparison<'a, 'b> {
    fn new(item: &'a Item<'b>, pack: &'a CompiledPack, hits: &HitSheet, listing: &'a Listing) -> Self {
        let front = scope_bit(Scope::Title) | scope_bit(Scope::Category);
        let mut own = Matters::of(pack, hits, (Some(front), ""));
        let all = Matters::of(pack, hits, (None, ""));
        if own.kinds.is_empty() {
            own.kinds.clone_from(&all.kinds);
        }
        let coded = pack.roles.variant_code.is_some_and(|role| hits.in_scope(role, Scope::Variant).next().is_some())
            || listing.variants.iter().any(|variant| variant.name.trim().chars().count() <= 2);
        Comparison { item, pack, listing, own, all, coded }
    }

    fn collect(&self, promotions: &Promotions, record: &mut Recorder<'_>) {
        let mut found = Found::default();
        for (at, mention) in (0..).zip(&promotions.mentions) {
            self.compare(at, mention, &mut found, record);
        }
        record.count(Fact::PromotionPosts, promotions.posts as usize);
        record.count(Fact::PromotionCreators, promotions.creators as usize);
        record.number(Fact::PromotionTold, found.told);
        record.number(Fact::PromotionRisk, found.risk);
        record.count(Fact::PromotionBrandAbsent, found.absent.len());
        record.count(Fact::PromotionKindDiffers, found.kinds);
        record.count(Fact::PromotionOtherKind, found.others);
        record.count(Fact::PromotionRestrictedKind, found.restricted);
        record.count(Fact::PromotionTitleQuoted, found.quotes);
        record.count(Fact::PromotionPriceApart, found.prices);
        record.count(Fact::PromotionChoiceCoded, found.choices);
        let shared = shared(&mut found.shared);
        record.count(Fact::PromotionShared, if shared < 2 { 0 } else { shared });
        for fact in SHOWN {
            self.own_side(fact, record);
        }
    }

    fn compare<'m>(&self, at: u8, mention: &'m Mention, found: &mut Found<'m>, record: &mut Recorder<'_>) {
        let weight = weight(mention.at, self.item.now, self.pack);
        if weight < FADED {
            return;
        }
        let claims = &mention.claims;
        let mut show = |fact, claims: &mut dyn Iterator<Item = (usize, &Claim)>| {
            claims.for_each(|(claim, _)| record.place(fact, Place::Claim(at, u8::try_from(claim).unwrap_or(u8::MAX))));
            record.place(fact, Place::Path(at));
        };
        let told = claims.told.get() * weight;
        if told > 0.0 {
            show(Fact::PromotionTold, &mut claims.of(ClaimKind::Tell));
            found.told = found.told.max(told);
        }
        let risk = claims.risk.get() * weight;
        if risk > found.risk {
            show(Fact::PromotionRisk, &mut claims.of(ClaimKind::Tell));
            found.risk = risk;
        }
        found.shared.extend(claims.of(ClaimKind::Tell).map(|(_, claim)| suspicious(claim, mention)));
        let outfit = mention.promotes as usize > OUTFIT || claims.of(ClaimKind::Brand).count() > OUTFIT;
        let missing = |(_, claim): &(usize, &Claim)| !outfit && !self.names(&claim.key);
        let absent: SmallVec<[_; 4]> = claims.of(ClaimKind::Brand).filter(missing).collect();
        if !absent.is_empty() {
            show(Fact::PromotionBrandAbsent, &mut absent.iter().copied());
        }
        for (_, claim) in absent {
            found.shared.push(suspicious(claim, mention));
            if !found.absent.contains(&claim.key.as_str()) {
                found.absent.push(&claim.key);
            }
        }
        if !outfit && self.is_another_kind(mention) {
            show(Fact::PromotionKindDiffers, &mut claims.of(ClaimKind::Product));
            found.kinds += 1;
            found.shared.extend(claims.of(ClaimKind::Product).map(|(_, claim)| suspicious(claim, mention)));
        }
        if !outfit && self.other_kinds(mention).next().is_some() {
            show(Fact::PromotionOtherKind, &mut self.other_kinds(mention));
            found.others += 1;
        }
        if self.restricted(mention).next().is_some() {
            show(Fact::PromotionRestrictedKind, &mut self.restricted(mention));
            found.restricted += 1;
            found.shared.extend(self.restricted(mention).map(|(_, claim)| suspicious(claim, mention)));
        }
        let quotes = |(_, claim): &(usize, &Claim)| self.quotes_title(&claim.key);
        if claims.of(ClaimKind::Quote).any(|claim| quotes(&claim)) {
            show(Fact::PromotionTitleQuoted, &mut claims.of(ClaimKind::Quote).filter(quotes));
            found.quotes += 1;
        }
        if !outfit && self.is_priced_apart(&claims.prices) {
            show(Fact::PromotionPriceApart, &mut std::iter::empty());
            found.prices += 1;
        }
        if self.coded && claims.of(ClaimKind::Choice).next().is_some() {
            show(Fact::PromotionChoiceCoded, &mut claims.of(ClaimKind::Choice));
            found.choices += 1;
        }
    }

    /// True if the listing names the brand, anywhere, in any of its spellings: also where a guard lets the word not count,
    /// because a word that may mean the brand is no contradiction.
    fn names(&self, brand: &str) -> bool {
        let own = [brand.to_owned()];
        let spellings = self.pack.promotion.brand(brand).map_or(&own[..], |brand| &brand.spellings);
        let document = self.item.document;
        let words = || document.tokens().iter().map(|token| document.word(token));
        spellings.iter().any(|spelling| {
            let wanted: SmallVec<[&str; 4]> = spelling.split(' ').collect();
            (0..document.tokens().len()).any(|from| words().skip(from).take(wanted.len()).eq(wanted.iter().copied()))
                || (spelling.len() >= 5 && words().any(|word| word.contains(spelling.as_str())))
        })
    }

    /// True if a word of the quotation begins as a word of the title does: words are inflected, and quotations shorten.
    fn quotes_title(&self, quotation: &str) -> bool {
        let title = self.item.fields.iter().position(|source| source.field == Field::Title);
        let tokens = title.and_then(|at| self.item.document.fields().get(at)).map(|field| field.tokens.clone());
        let tokens = tokens.and_then(|range| self.item.document.tokens().get(range.start as usize..range.end as usize));
        let alike = |one: &str, other: &str| {
            let common = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            common >= 4.min(one.chars().count().min(other.chars().count()).max(3))
                && 10 * common >= 6 * one.chars().count()
        };
        let words = || quotation.split(' ').filter(|word| word.chars().count() >= 3);
        tokens.is_some_and(|tokens| {
            tokens.iter().any(|token| words().any(|word| alike(word, self.item.document.word(token))))
        })
    }

    /// Restricted kinds that the post names and the listing does not.
    fn restricted<'m>(&self, mention: &'m Mention) -> impl Iterator<Item = (usize, &'m Claim)> {
        let kinds = &self.pack.promotion.kinds;
        let own = |name: &str| {
            let named = self.all.kinds.iter().filter_map(|(at, _)| kinds.get(*at as usize));
            named.into_iter().any(|kind| kind.name == name || kind.akin.iter().any(|akin| akin == name))
        };
        let restricted = |name: &str| kinds.iter().any(|kind| kind.restricted && kind.name == name);
        let claims = mention.claims.of(ClaimKind::Product);
        claims.filter(move |(_, claim)| restricted(&claim.key) && !own(&claim.key))
    }

    /// Kinds that the post names and the listing is not, where the post names the listing's kind too.
    fn other_kinds<'m>(&self, mention: &'m Mention) -> impl Iterator<Item = (usize, &'m Claim)> {
        let both = !self.is_another_kind(mention) && !self.own.kinds.is_empty();
        mention.claims.of(ClaimKind::Product).filter(move |(_, claim)| both && !self.is_kind(&claim.key))
    }

    /// True if the listing is of this kind or of one akin to it.
    fn is_kind(&self, claimed: &str) -> bool {
        let kinds = &self.pack.promotion.kinds;
        let back = |kind: &ProductKind| kinds.iter().any(|one| one.name == claimed && one.akin.contains(&kind.name));
        let mut own = self.own.kinds.iter().filter_map(|(at, _)| kinds.get(*at as usize));
        own.any(|kind| kind.name == claimed || kind.akin.iter().any(|akin| akin == claimed) || back(kind))
    }

    /// True if both name kinds of products and no kind of the one is, or is akin to, a kind of the other.
    fn is_another_kind(&self, mention: &Mention) -> bool {
        let mut claimed = mention.claims.of(ClaimKind::Product).map(|(_, claim)| claim.key.as_str()).peekable();
        claimed.peek().is_some() && !self.own.kinds.is_empty() && !claimed.any(|claimed| self.is_kind(claimed))
    }

    fn is_priced_apart(&self, claimed: &[Money]) -> bool {
        let variants = self.listing.variants.iter().filter_map(|variant| variant.price.as_ref());
        let prices = || self.listing.price.iter().chain(variants.clone()).filter(|price| price.amount() > 0.0);
        let comparable = |one: &Money| prices().any(|price| price.currency_code == one.currency_code);
        let near = |one: &Money| {
            let ratio = |price: &Money| one.amount() / price.amount();
            prices()
                .any(|price| price.currency_code == one.currency_code && (1.0 / APART..=APART).contains(&ratio(price)))
        };
        claimed.iter().any(comparable) && !claimed.iter().any(near)
    }

    /// The listing's side of a contradiction: what it is by its own words, and whose it is.
    fn own_side(&self, fact: Fact, record: &mut Recorder<'_>) {
        if !record.is_present(fact) {
            return;
        }
        match fact {
            Fact::PromotionPriceApart => record.place(fact, Place::State("price")),
            Fact::PromotionKindDiffers | Fact::PromotionOtherKind | Fact::PromotionRestrictedKind => {
                self.own.kinds.iter().for_each(|(_, at)| record.place(fact, Place::Hit(*at)));
            }
            _ => {
                let title = self.item.fields.iter().position(|source| source.field == Field::Title);
                if let Some(field) = title.and_then(|at| u16::try_from(at).ok()) {
                    let length = u32::try_from(self.listing.title.len()).unwrap_or(u32::MAX);
                    record.place(fact, Place::Text(FieldIndex(field), ByteSpan::new(0, length)));
                }
            }
        }
        record.place(fact, Place::State("seller_id"));
    }
}

/// Facts that show the listing's side too.
const SHOWN: [Fact; 9] = [
    Fact::PromotionTold,
    Fact::PromotionRisk,
    Fact::PromotionBrandAbsent,
    Fact::PromotionKindDiffers,
    Fact::PromotionOtherKind,
    Fact::PromotionRestrictedKind,
    Fact::PromotionTitleQuoted,
    Fact::PromotionPriceApart,
    Fact::PromotionChoiceCoded,
];

fn suspicious<'m>(claim: &'m Claim, mention: &'m Mention) -> (ClaimKind, &'m str, &'m str) {
    (claim.kind, &claim.key, &mention.creator_id)
}

/// The largest number of creators who make one claim.
fn shared(claims: &mut Vec<(ClaimKind, &str, &str)>) -> usize {
    claims.sort_unstable();
    claims.dedup();
    claims.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)).map(<[_]>::len).max().unwrap_or_default()
}

/// Listings at risk that the post promotes.
fn promoted(item: &Item<'_>, pack: &CompiledPack, promotions: &Promotions, record: &mut Recorder<'_>) {
    let mut largest = 0.0_f64;
    for (at, listing) in (0..).zip(&promotions.listings) {
        largest = largest.max(listing.risk.get() * weight(listing.at, item.now, pack));
        record.place(Fact::PromotedRisk, Place::Promoted(at));
    }
    record.number(Fact::PromotedRisk, largest);
}

/// What is left of something that was said then: 1 at once, half after a half-life. What lies ahead counts as now.
fn weight(then: Timestamp, now: Timestamp, pack: &CompiledPack) -> f64 {
    let age = now.seconds.saturating_sub(then.seconds).max(0);
    (-(age as f64) / f64::from(pack.promotion.half_life.seconds())).exp2()
}

#[cfg(test)]
mod tests;

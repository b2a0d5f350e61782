//! What a post claims about what it promotes: brands, kinds of products, choices, prices, and what its signals tell.
//!
//! Not here: finding words (`matching/`), which listings it promotes (`promotion/`), contradictions (`facts/promotion.rs`). Kept
//! true: a claim rests on the post's own words. What a post has inherited from a listing is no claim of its, so that risk does
//! not go round in circles.

mod prices;
mod quotes;

use super::evidence::Exhibits;
use super::facts::{is_part, is_said_in, language_of_post};
use crate::domain::{
    ByteSpan, Claim, ClaimKind, Claims, Content, Evidence, Field, MOST_CLAIMS, Nats, RiskArea, Signal, Verdict,
};
use crate::matching::Hit;
use crate::text::FieldIndex;

/// Bytes of the post's own characters that a claim keeps.
const LONGEST_EXCERPT: usize = 120;

/// Claims of one kind that are kept, so that a list of brands leaves room for the rest.
const MOST_OF_A_KIND: usize = 6;

/// Areas whose goods are hidden behind listings. What an advertisement lacks, or who is targeted, is no property of the goods.
const HIDDEN: [RiskArea; 12] = [
    RiskArea::Medicine,
    RiskArea::Supplement,
    RiskArea::Food,
    RiskArea::Adult,
    RiskArea::HiddenLink,
    RiskArea::Counterfeit,
    RiskArea::Weapon,
    RiskArea::Drug,
    RiskArea::Wildlife,
    RiskArea::Tobacco,
    RiskArea::Precursor,
    RiskArea::Fraud,
];

/// The claims of a post; none of a listing.
pub(super) fn claims(exhibits: &Exhibits<'_, '_>, verdict: &Verdict) -> Claims {
    let Content::Post(post) = exhibits.item.content else { return Claims::default() };
    let mut found = Vec::new();
    for hit in exhibits.hits.accepted() {
        named(exhibits, hit, &mut found);
    }
    quotations(exhibits, &mut found);
    let own: Vec<&Signal> = verdict.signals.iter().filter(|signal| is_own(signal)).collect();
    for signal in own.iter().filter(|signal| signal.contribution > Nats::ZERO && HIDDEN.contains(&signal.area)) {
        if let Some(evidence) = signal.evidence.iter().find(|evidence| !evidence.span.is_empty()) {
            keep(&mut found, told(signal, evidence));
        }
    }
    found.sort();
    let (risk, area) = risk(exhibits, &own);
    Claims { claims: found, prices: prices::of(&post.text), told: nats(&own, RiskArea::HiddenLink), risk, area }
}

/// True if everything that it shows lies in the item itself.
fn is_own(signal: &Signal) -> bool {
    signal.evidence.iter().all(|evidence| evidence.related_subject.is_none())
}

fn nats(signals: &[&Signal], area: RiskArea) -> Nats {
    signals.iter().filter(|signal| signal.area == area).map(|signal| signal.contribution).sum()
}

/// The largest risk that the post's own words give it, and its area.
fn risk(exhibits: &Exhibits<'_, '_>, own: &[&Signal]) -> (crate::domain::Risk, Option<RiskArea>) {
    let of = |area: RiskArea| {
        let prior = exhibits.pack.areas.get(area.index())?.prior?;
        let nats = nats(own, area);
        (nats > Nats::ZERO).then(|| ((prior + nats).risk(), Some(area)))
    };
    let larger = |one: &(crate::domain::Risk, _), next: &(crate::domain::Risk, _)| one.0.get().total_cmp(&next.0.get());
    HIDDEN.into_iter().filter_map(of).max_by(larger).unwrap_or_default()
}

/// Brand, kind and choice that a hit names.
fn named(exhibits: &Exhibits<'_, '_>, hit: &Hit, found: &mut Vec<Claim>) {
    let rules = &exhibits.pack.promotion;
    if let Some(brand) = rules.brand_of(hit.lexicon, hit.term).and_then(|at| rules.brands.get(at as usize)) {
        keep(found, claim(exhibits, hit, ClaimKind::Brand, &brand.name));
    }
    let kind = rules.kind_of(hit.lexicon).and_then(|at| rules.kinds.get(at as usize));
    let said = || is_said_in(exhibits.pack, hit.term, &language_of_post(exhibits.item));
    if let Some(kind) = kind.filter(|_| said() && !is_part(exhibits.pack, exhibits.hits, hit)) {
        keep(found, claim(exhibits, hit, ClaimKind::Product, &kind.name));
    }
    if rules.choices.contains(&hit.lexicon) {
        keep(found, claim(exhibits, hit, ClaimKind::Choice, exhibits.item.folded(hit.field, hit.original)));
    }
}

/// Words in quotation marks in the post's text: creators put in them what a thing is called and is not.
fn quotations(exhibits: &Exhibits<'_, '_>, found: &mut Vec<Claim>) {
    let at = exhibits.item.fields.iter().position(|source| source.field == Field::PostText);
    let Some(field) = at.and_then(|at| u16::try_from(at).ok()).map(FieldIndex) else { return };
    let text = exhibits.item.text(field);
    let mut rest = 0;
    while let Some((start, end)) = quotes::next(text, rest) {
        let span = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = ByteSpan::new(span(start), span(end));
        let key = exhibits.item.folded(field, span).to_owned();
        let original_text = text.get(start..end).unwrap_or_default().to_owned();
        let field_path = exhibits.item.content.field_path(Field::PostText);
        keep(found, Some(Claim { kind: ClaimKind::Quote, key, field_path, span, original_text }));
        rest = end;
    }
}

fn claim(exhibits: &Exhibits<'_, '_>, hit: &Hit, kind: ClaimKind, key: &str) -> Option<Claim> {
    let source = exhibits.item.source(hit.field)?;
    // Codes for followers and targets of advertising speak of something else.
    if matches!(source.field, Field::DiscountCode(_) | Field::TargetingValue(_)) {
        return None;
    }
    let (span, original_text) = excerpt(hit.original, source.text)?;
    let field_path = exhibits.item.content.field_path(source.field);
    Some(Claim { kind, key: key.to_owned(), field_path, span, original_text })
}

fn told(signal: &Signal, evidence: &Evidence) -> Option<Claim> {
    Some(Claim {
        kind: ClaimKind::Tell,
        key: signal.signal_id.clone(),
        field_path: evidence.field_path.clone(),
        span: ByteSpan::new(
            evidence.span.start(),
            evidence.span.end().min(evidence.span.start() + kept_bytes(evidence)),
        ),
        original_text: evidence.original_text.get(..kept_bytes(evidence) as usize).unwrap_or_default().to_owned(),
    })
}

/// Bytes of the evidence that are kept, up to the border of a character.
fn kept_bytes(evidence: &Evidence) -> u32 {
    let text = &evidence.original_text;
    u32::try_from(cut(text, LONGEST_EXCERPT).len()).unwrap_or(u32::MAX)
}

/// The beginning of a text, at most so many bytes, up to the border of a character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn excerpt(span: ByteSpan, text: &str) -> Option<(ByteSpan, String)> {
    let whole = span.slice(text)?;
    let kept = cut(whole, LONGEST_EXCERPT);
    let end = span.start() + u32::try_from(kept.len()).unwrap_or(u32::MAX);
    Some((ByteSpan::new(span.start(), end), kept.to_owned()))
}

/// Keeps the first claim of each key.
fn keep(found: &mut Vec<Claim>, claim: Option<Claim>) {
    let Some(claim) = claim else { return };
    let same = found.iter().filter(|one| one.kind == claim.kind);
    let known = same.clone().any(|one| one.key == claim.key);
    if !known && same.count() < MOST_OF_A_KIND && found.len() < MOST_CLAIMS {
        found.push(claim);
    }
}

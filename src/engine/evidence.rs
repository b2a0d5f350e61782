//! From where facts lie to evidence: the field's path, the exact characters as sent, and what the matcher read.
//!
//! Not here: deciding where facts lie. Kept true: a span slices its field on character boundaries; a fact that is the
//! state of a field has an empty span; at most `MOST` pieces a signal.

mod promotion;

use super::facts::{FactSheet, HitSheet, Place};
use super::normalise::Item;
use crate::domain::{ByteSpan, Concealment, Concealments, Content, Evidence};
use crate::policy::{CompiledPack, EvidenceSource, Fact};

/// Pieces of evidence shown for a signal.
pub(super) const MOST: usize = 16;

/// Everything that evidence is drawn from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exhibits<'a, 'b> {
    pub(super) item: &'a Item<'b>,
    pub(super) pack: &'a CompiledPack,
    pub(super) hits: &'a HitSheet,
    pub(super) facts: &'a FactSheet,
}

impl Exhibits<'_, '_> {
    /// The evidence for these sources, in their order, each source by position. Every source gets a share, so that a
    /// word repeated a hundred times does not crowd out the others.
    pub(super) fn of(&self, sources: &[EvidenceSource]) -> Vec<Evidence> {
        let mut shown: Vec<Evidence> = Vec::new();
        for (at, source) in sources.iter().enumerate() {
            let later = sources.len() - at - 1;
            let most = MOST.saturating_sub(later).max(shown.len() + 1).min(MOST);
            self.each(*source, |evidence| {
                let repeated =
                    shown.iter().any(|one| one.span == evidence.span && one.field_path == evidence.field_path);
                if !repeated && shown.len() < most {
                    shown.push(evidence);
                }
                shown.len() < most
            });
        }
        shown
    }

    /// The evidence of a fact, as a trace shows it.
    pub(super) fn of_one(&self, source: EvidenceSource) -> Vec<Evidence> {
        self.of(&[source])
    }

    /// The evidence of two hits that lie close.
    pub(super) fn of_hits(&self, hits: [u32; 2], fact: &str) -> Vec<Evidence> {
        hits.into_iter().filter_map(|hit| self.hit(hit, fact)).collect()
    }

    /// Calls `show` with every piece until it returns false.
    fn each(&self, source: EvidenceSource, mut show: impl FnMut(Evidence) -> bool) {
        match source {
            EvidenceSource::Lexicon(scope, lexicon) => {
                let Some(compiled) = self.pack.lexicons.get(usize::from(lexicon.0)) else { return };
                let fact = format!("{}.{}", scope.as_str(), compiled.id);
                let hits = self.hits.in_scope(lexicon, scope);
                let mut pieces = hits.filter_map(|(at, _)| self.hit(at, &fact));
                let _ = pieces.all(&mut show);
            }
            EvidenceSource::Fact(fact) => {
                let mut located = self.facts.places(fact).filter_map(|place| self.at(place, fact.as_str())).peekable();
                if located.peek().is_some() {
                    let _ = located.all(&mut show);
                } else if let Some(path) = state_path(fact, self.item.content) {
                    show(state(path, fact.as_str()));
                }
            }
        }
    }

    fn at(&self, place: Place, fact: &str) -> Option<Evidence> {
        match place {
            Place::Text(field, span) => {
                let source = self.item.source(field)?;
                Some(Evidence {
                    field_path: self.item.content.field_path(source.field),
                    span,
                    original_text: span.slice(source.text)?.to_owned(),
                    folded_text: self.item.folded(field, span).to_owned(),
                    concealment: Concealment::None,
                    fact: fact.to_owned(),
                    related_subject: None,
                })
            }
            Place::Hit(at) => self.hit(at, fact),
            Place::Link(at) => {
                let links = match self.item.content {
                    Content::Listing(listing) => &listing.links,
                    Content::Post(post) => &post.links,
                };
                let link = links.get(usize::from(at))?;
                Some(Evidence {
                    span: ByteSpan::new(0, u32::try_from(link.len()).unwrap_or(u32::MAX)),
                    original_text: link.clone(),
                    folded_text: link.to_lowercase(),
                    ..state(&format!("links[{at}]"), fact)
                })
            }
            Place::State(path) => Some(state(path, fact)),
            Place::Claim(mention, claim) => promotion::claim(self.item.promotions?, mention, claim, fact),
            Place::Path(mention) => promotion::path(self.item.promotions?, mention, fact),
            Place::Party(at) => promotion::party(self.item.promotions?, at, fact),
            Place::Promoted(at) => promotion::promoted(self.item.promotions?, at, fact),
            Place::VariantPrice(at) => Some(state(&format!("variants[{at}].price"), fact)),
            Place::Media(at, field) => {
                let list = match self.item.content {
                    Content::Listing(_) => "images",
                    Content::Post(_) => "media",
                };
                Some(state(&format!("{list}[{at}].{field}"), fact))
            }
        }
    }

    fn hit(&self, at: u32, fact: &str) -> Option<Evidence> {
        let hit = self.hits.accepted().get(at as usize)?;
        let source = self.item.source(hit.field)?;
        let reading = hit.reading.and_then(|at| self.item.document.readings().get(at as usize));
        Some(Evidence {
            field_path: self.item.content.field_path(source.field),
            span: hit.original,
            original_text: hit.original.slice(source.text)?.to_owned(),
            folded_text: match reading {
                Some(reading) => reading.text.clone(),
                // A picture folds to nothing, but it was read as what it is.
                None if hit.first_token == hit.end_token => hit.original.slice(source.text)?.to_owned(),
                None => as_read(self.item.folded(hit.field, hit.original), hit.concealment),
            },
            concealment: hit.concealment.gravest(),
            fact: fact.to_owned(),
            related_subject: None,
        })
    }
}

/// Words that were rearranged, as the matcher read them.
fn as_read(folded: &str, hidden: Concealments) -> String {
    match hidden {
        _ if hidden.contains(Concealment::Reversed) => folded.chars().rev().collect(),
        _ if hidden.contains(Concealment::Spacing) => folded.replace(' ', ""),
        _ => folded.to_owned(),
    }
}

/// Evidence that is the state of a whole field.
fn state(path: &str, fact: &str) -> Evidence {
    Evidence {
        field_path: path.to_owned(),
        span: ByteSpan::default(),
        original_text: String::new(),
        folded_text: String::new(),
        concealment: Concealment::None,
        fact: fact.to_owned(),
        related_subject: None,
    }
}

/// The field whose state a fact is, where one field is; `None` where the fact lies in the text or is of the whole item.
fn state_path(fact: Fact, content: &Content) -> Option<&'static str> {
    let post = matches!(content, Content::Post(_));
    Some(match fact {
        Fact::Language => "language_code",
        Fact::AgeRestricted if post => "minimum_age",
        Fact::AgeRestricted => "age_restricted",
        Fact::HasDescription => "description",
        Fact::HasCategory => "category_path",
        Fact::HasBrand => "brand",
        Fact::ShipsFromOutsideEu => "ships_from_country",
        Fact::ImageCount if post => "media",
        Fact::ImageCount => "images",
        Fact::PriceKnown | Fact::PriceAmount => "price",
        Fact::TraderKnown => "trader",
        Fact::TraderVerified => "trader.verified",
        Fact::TraderSelfCertified => "trader.self_certified",
        Fact::TraderPharmacyLicence => "trader.pharmacy_licence",
        Fact::TraderOutsideEu => "trader.country_code",
        Fact::SafetyKnown => "product_safety",
        Fact::SafetyCeMarked => "product_safety.ce_marked",
        Fact::SafetyHasIngredients => "product_safety.ingredients",
        Fact::SafetyRegistered => "product_safety.registration_number",
        Fact::GtinInvalid | Fact::GtinPresent => "gtin",
        Fact::VariantCount => "variants",
        Fact::RelationshipName => "relationship",
        Fact::PromotedCount => "promoted_listing_ids",
        Fact::DiscountCodes => "discount_codes",
        Fact::MinimumAge => "minimum_age",
        Fact::IsAdvertisement => "is_advertisement",
        Fact::HasSponsor => "sponsor",
        Fact::Hashtags => "hashtags",
        Fact::TargetingCount => "targeting",
        Fact::FollowerCount => "follower_count",
        _ => return None,
    })
}

//! What is scored: listings and posts.
//!
//! Not here: limits (the edge enforces them before content exists) and folding. Kept true: maps are sorted, so the
//! order of text fields is the same for equal content.

use std::collections::BTreeMap;
use std::fmt;

/// An instant: seconds and nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Whole seconds, may be negative.
    pub seconds: i64,
    /// 0..=999_999_999, counting forward.
    pub nanos: u32,
}

/// An amount: `units + nanos / 10^9`, both of one sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// ISO 4217.
    pub currency_code: String,
    /// Whole units.
    pub units: i64,
    /// Billionths.
    pub nanos: i32,
}

impl Money {
    /// As a number, for ratios; not for accounting.
    pub fn amount(&self) -> f64 {
        self.units as f64 + f64::from(self.nanos) / 1e9
    }
}

/// Where an image or clip comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// Not known.
    #[default]
    Unspecified,
    /// Taken with a camera.
    Camera,
    /// Made by a generative model.
    AiGenerated,
    /// Edited by a generative model.
    AiEdited,
    /// Carries a verified C2PA manifest.
    C2paVerified,
}

/// An image or clip as the caller describes it; it is never fetched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Absolute address.
    pub url: String,
    /// Alternative text.
    pub alt_text: String,
    /// Text in the picture, from the caller's OCR.
    pub ocr_text: String,
    /// Empty or 32 bytes.
    pub sha256: Vec<u8>,
    /// Empty or 32 bytes.
    pub pdq_hash: Vec<u8>,
    /// Camera, generator or manifest.
    pub provenance: Provenance,
    /// True if a person who exists is recognisable.
    pub depicts_real_person: bool,
}

/// What is known about the trader (DSA Art. 30).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraderInformation {
    /// Legal or trade name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// E-mail address.
    pub email: String,
    /// Telephone number.
    pub phone: String,
    /// Register and number.
    pub register_number: String,
    /// Committed to offer only compliant goods.
    pub self_certified: bool,
    /// Checked by the platform.
    pub verified: bool,
    /// Licence of a pharmacy that may sell at a distance.
    pub pharmacy_licence: String,
    /// ISO 3166-1 alpha-2.
    pub country_code: String,
}

/// Product-safety information shown with an offer (GPSR Art. 19 and sector law).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductSafety {
    /// Manufacturer.
    pub manufacturer_name: String,
    /// Its postal and electronic address.
    pub manufacturer_contact: String,
    /// Responsible person in the Union.
    pub responsible_person_name: String,
    /// Its address.
    pub responsible_person_contact: String,
    /// Warnings and safety information.
    pub warnings: Vec<String>,
    /// Ingredient list.
    pub ingredients: String,
    /// The offer shows a CE marking.
    pub ce_marked: bool,
    /// Authorisation or notification number.
    pub registration_number: String,
}

/// One choice a buyer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variant {
    /// As shown.
    pub name: String,
    /// If it differs.
    pub price: Option<Money>,
    /// Sorted by key.
    pub attributes: BTreeMap<String, String>,
}

/// An offer on a marketplace. An empty text means that the caller did not send it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// On the caller's platform; never empty.
    pub listing_id: String,
    /// On the caller's platform; never empty.
    pub seller_id: String,
    /// As shown.
    pub title: String,
    /// As shown, without markup.
    pub description: String,
    /// Root to leaf.
    pub category_path: Vec<String>,
    /// The brand field.
    pub brand: String,
    /// 8, 12, 13 or 14 digits, check digit not verified.
    pub gtin: String,
    /// Asked.
    pub price: Option<Money>,
    /// Usual for such goods.
    pub reference_price: Option<Money>,
    /// Sorted by key.
    pub attributes: BTreeMap<String, String>,
    /// Choices.
    pub variants: Vec<Variant>,
    /// Pictures.
    pub images: Vec<Media>,
    /// Links in the offer.
    pub links: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub ships_from_country: String,
    /// ISO 3166-1 alpha-2.
    pub target_countries: Vec<String>,
    /// BCP 47; empty = detect.
    pub language_code: String,
    /// Shown to verified adults only.
    pub age_restricted: bool,
    /// `None` = the caller does not know.
    pub trader: Option<TraderInformation>,
    /// `None` = the caller does not know.
    pub product_safety: Option<ProductSafety>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

/// How a creator stands to what a post promotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Relationship {
    /// Not known.
    #[default]
    Unspecified,
    /// No commercial relationship.
    None,
    /// Earns a commission.
    Affiliate,
    /// Paid.
    Paid,
    /// Got the product free.
    Gifted,
    /// Promotes their own brand.
    OwnBrand,
}

/// One criterion by which an audience was chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetingCriterion {
    /// E.g. `interest`.
    pub attribute: String,
    /// E.g. `Diabetes awareness`.
    pub value: String,
}

/// A post of a creator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// On its platform; never empty.
    pub post_id: String,
    /// Never empty.
    pub creator_id: String,
    /// Name of the platform.
    pub platform: String,
    /// As published.
    pub text: String,
    /// With or without `#`.
    pub hashtags: Vec<String>,
    /// In the post or the profile it points to.
    pub links: Vec<String>,
    /// Listings it is known to promote.
    pub promoted_listing_ids: Vec<String>,
    /// Pictures and clips.
    pub media: Vec<Media>,
    /// Commission, payment, gift, own brand.
    pub relationship: Relationship,
    /// The platform's own paid-partnership label.
    pub disclosure_label: bool,
    /// Codes for followers.
    pub discount_codes: Vec<String>,
    /// Years; 0 = open to all.
    pub minimum_age: i32,
    /// The platform's own label for AI-made content.
    pub ai_generated_label: bool,
    /// How the audience was chosen.
    pub targeting: Vec<TargetingCriterion>,
    /// Booked as advertising.
    pub is_advertisement: bool,
    /// Who paid.
    pub sponsor: String,
    /// BCP 47; empty = detect.
    pub language_code: String,
    /// When.
    pub published_at: Option<Timestamp>,
    /// Followers, not negative.
    pub follower_count: i64,
    /// Political advertising, as the caller knows (Reg. (EU) 2024/900).
    pub is_political: bool,
}

/// A listing or a post.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one lives per item being scored, on the stack; a box would cost more")]
pub enum Content {
    /// An offer.
    Listing(Listing),
    /// A post.
    Post(Post),
}

/// A text field of content. Indexes are positions in the content's lists (sorted order for maps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `title`
    Title,
    /// `description`
    Description,
    /// `category_path[i]`
    Category(u16),
    /// `brand`
    Brand,
    /// `attributes["key"]`, by position among the sorted keys
    Attribute(u16),
    /// `variants[i].name`
    VariantName(u16),
    /// `variants[i].attributes["key"]`
    VariantAttribute(u16, u16),
    /// `images[i].alt_text` or `media[i].alt_text`
    AltText(u16),
    /// `images[i].ocr_text` or `media[i].ocr_text`
    OcrText(u16),
    /// `product_safety.warnings[i]`
    Warning(u16),
    /// `product_safety.ingredients`
    Ingredients,
    /// `text`
    PostText,
    /// `hashtags[i]`
    Hashtag(u16),
    /// `sponsor`
    Sponsor,
    /// `discount_codes[i]`
    DiscountCode(u16),
    /// `targeting[i].attribute`
    TargetingAttribute(u16),
    /// `targeting[i].value`
    TargetingValue(u16),
}

/// Positions are bounded by the contract's limits (at most 256), so the conversion cannot lose anything.
fn index(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}

impl Content {
    /// The caller's identifier of the listing or post.
    pub fn id(&self) -> &str {
        match self {
            Content::Listing(listing) => &listing.listing_id,
            Content::Post(post) => &post.post_id,
        }
    }

    /// Calls `visit` with every text field that is not empty, always in the same order.
    pub fn for_each_text<'a>(&'a self, mut visit: impl FnMut(Field, &'a str)) {
        let mut visit = |field, text: &'a str| {
            if !text.is_empty() {
                visit(field, text);
            }
        };
        match self {
            Content::Listing(listing) => listing.for_each_text(&mut visit),
            Content::Post(post) => post.for_each_text(&mut visit),
        }
    }

    /// The path of a field as evidence shows it.
    pub fn field_path(&self, field: Field) -> String {
        FieldPath { content: self, field }.to_string()
    }
}

impl Listing {
    fn for_each_text<'a>(&'a self, visit: &mut impl FnMut(Field, &'a str)) {
        visit(Field::Title, &self.title);
        visit(Field::Description, &self.description);
        for (i, step) in self.category_path.iter().enumerate() {
            visit(Field::Category(index(i)), step);
        }
        visit(Field::Brand, &self.brand);
        for (i, value) in self.attributes.values().enumerate() {
            visit(Field::Attribute(index(i)), value);
        }
        for (i, variant) in self.variants.iter().enumerate() {
            visit(Field::VariantName(index(i)), &variant.name);
            for (j, value) in variant.attributes.values().enumerate() {
                visit(Field::VariantAttribute(index(i), index(j)), value);
            }
        }
        media_texts(&self.images, visit);
        if let Some(safety) = &self.product_safety {
            for (i, warning) in safety.warnings.iter().enumerate() {
                visit(Field::Warning(index(i)), warning);
            }
            visit(Field::Ingredients, &safety.ingredients);
        }
    }
}

impl Post {
    fn for_each_text<'a>(&'a self, visit: &mut impl FnMut(Field, &'a str)) {
        visit(Field::PostText, &self.text);
        for (i, tag) in self.hashtags.iter().enumerate() {
            visit(Field::Hashtag(index(i)), tag);
        }
        media_texts(&self.media, visit);
        visit(Field::Sponsor, &self.sponsor);
        for (i, code) in self.discount_codes.iter().enumerate() {
            visit(Field::DiscountCode(index(i)), code);
        }
        for (i, criterion) in self.targeting.iter().enumerate() {
            visit(Field::TargetingAttribute(index(i)), &criterion.attribute);
            visit(Field::TargetingValue(index(i)), &criterion.value);
        }
    }
}

fn media_texts<'a>(media: &'a [Media], visit: &mut impl FnMut(Field, &'a str)) {
    for (i, one) in media.iter().enumerate() {
        visit(Field::AltText(index(i)), &one.alt_text);
        visit(Field::OcrText(index(i)), &one.ocr_text);
    }
}

/// Writes a field's path; needs the content to name map keys.
struct FieldPath<'a> {
    content: &'a Content,
    field: Field,
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let media = match self.content {
            Content::Listing(_) => "images",
            Content::Post(_) => "media",
        };
        match self.field {
            Field::Title => f.write_str("title"),
            Field::Description => f.write_str("description"),
            Field::Category(i) => write!(f, "category_path[{i}]"),
            Field::Brand => f.write_str("brand"),
            Field::Attribute(i) => match self.content {
                Content::Listing(listing) => write!(f, "attributes[{:?}]", key(&listing.attributes, i)),
                Content::Post(_) => write!(f, "attributes[{i}]"),
            },
            Field::VariantName(i) => write!(f, "variants[{i}].name"),
            Field::VariantAttribute(i, j) => match self.content {
                Content::Listing(Listing { variants, .. }) if usize::from(i) < variants.len() => {
                    write!(f, "variants[{i}].attributes[{:?}]", key(&variants[usize::from(i)].attributes, j))
                }
                _ => write!(f, "variants[{i}].attributes[{j}]"),
            },
            Field::AltText(i) => write!(f, "{media}[{i}].alt_text"),
            Field::OcrText(i) => write!(f, "{media}[{i}].ocr_text"),
            Field::Warning(i) => write!(f, "product_safety.warnings[{i}]"),
            Field::Ingredients => f.write_str("product_safety.ingredients"),
            Field::PostText => f.write_str("text"),
            Field::Hashtag(i) => write!(f, "hashtags[{i}]"),
            Field::Sponsor => f.write_str("sponsor"),
            Field::DiscountCode(i) => write!(f, "discount_codes[{i}]"),
            Field::TargetingAttribute(i) => write!(f, "targeting[{i}].attribute"),
            Field::TargetingValue(i) => write!(f, "targeting[{i}].value"),
        }
    }
}

fn key(map: &BTreeMap<String, String>, position: u16) -> &str {
    map.keys().nth(usize::from(position)).map_or("", String::as_str)
}

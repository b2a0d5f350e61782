//! The catalogue of facts: every name that a condition may use, its type, its value when absent, and what it says.
//!
//! Not here: how facts are computed (`engine/facts/`). Kept true: the reference in `docs/FACTS.md` is generated from
//! this table, and every fact here is computed by the engine.

use crate::domain::RiskArea;

/// The type of a fact in CEL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactType {
    /// `int`, a count; absent = 0.
    Count,
    /// `double`, a measure; see the fact for its value when absent.
    Measure,
    /// `bool`; absent = false.
    Flag,
    /// `string`; absent = "".
    Text,
}

/// Where hits of a lexicon are counted: `lex.NAME`, `title.NAME` …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// `lex`: in any text field but targeting criteria.
    Anywhere,
    /// `title`: in the title of a listing or the first line of a post.
    Title,
    /// `category`: in the category path.
    Category,
    /// `brand`: in the brand field.
    Brand,
    /// `image`: in alternative or OCR text.
    Image,
    /// `variant`: in a variant's name or attributes.
    Variant,
    /// `hashtag`: in a hashtag.
    Hashtag,
    /// `hidden`: as `lex`, written in disguise.
    Hidden,
    /// `targeting`: in a targeting criterion of a post, which no other scope counts: whom a post is shown to is not what
    /// it says.
    Targeting,
}

impl Scope {
    /// Every scope, in discriminant order.
    pub const ALL: [Scope; 9] = [
        Scope::Anywhere,
        Scope::Title,
        Scope::Category,
        Scope::Brand,
        Scope::Image,
        Scope::Variant,
        Scope::Hashtag,
        Scope::Hidden,
        Scope::Targeting,
    ];

    /// The name in conditions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scope::Anywhere => "lex",
            Scope::Title => "title",
            Scope::Category => "category",
            Scope::Brand => "brand",
            Scope::Image => "image",
            Scope::Variant => "variant",
            Scope::Hashtag => "hashtag",
            Scope::Hidden => "hidden",
            Scope::Targeting => "targeting",
        }
    }
}

macro_rules! facts {
    ($($variant:ident = $name:literal, $type:ident, $absent:literal, $doc:literal;)*) => {
        /// A fact beyond lexicon hits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Fact { $(#[doc = $doc] $variant,)* }

        impl Fact {
            /// Every fact, in discriminant order.
            pub const ALL: &'static [Fact] = &[$(Fact::$variant,)*];

            /// The name in conditions.
            pub const fn as_str(self) -> &'static str { match self { $(Fact::$variant => $name,)* } }

            /// The type in conditions.
            pub const fn fact_type(self) -> FactType { match self { $(Fact::$variant => FactType::$type,)* } }

            /// The value when absent, for numbers.
            pub const fn absent(self) -> f64 { match self { $(Fact::$variant => $absent,)* } }

            /// What it says, for the reference.
            pub const fn description(self) -> &'static str { match self { $(Fact::$variant => $doc,)* } }
        }
    };
}

impl Fact {
    /// What the learned model says of an area; none of areas that are no matter of what is said.
    pub const fn hint(area: RiskArea) -> Option<Fact> {
        Some(match area {
            RiskArea::Medicine => Fact::HintMedicine,
            RiskArea::Food => Fact::HintFood,
            RiskArea::Supplement => Fact::HintSupplement,
            RiskArea::Adult => Fact::HintAdult,
            RiskArea::HiddenLink => Fact::HintHiddenLink,
            RiskArea::Counterfeit => Fact::HintCounterfeit,
            RiskArea::Influencer => Fact::HintInfluencer,
            RiskArea::SyntheticMedia => Fact::HintSyntheticMedia,
            RiskArea::Civic => Fact::HintCivic,
            RiskArea::Traceability => Fact::HintTraceability,
            RiskArea::ProductSafety => Fact::HintProductSafety,
            RiskArea::Weapon => Fact::HintWeapon,
            RiskArea::Drug => Fact::HintDrug,
            RiskArea::Wildlife => Fact::HintWildlife,
            RiskArea::Tobacco => Fact::HintTobacco,
            RiskArea::Precursor => Fact::HintPrecursor,
            RiskArea::Fraud => Fact::HintFraud,
            RiskArea::AdTargeting => return None,
        })
    }

    /// True if it rests on lexicon hits: guards decide which hits count, so they cannot ask for it.
    pub const fn rests_on_hits(self) -> bool {
        use Fact::*;
        matches!(
            self,
            SafetyKnown
                | SafetyMissing
                | SafetyCeMarked
                | SafetyHasIngredients
                | SafetyRegistered
                | BrandWithoutField
                | VariantCount
                | VariantCoded
                | DisclosureClear
                | DisclosureEarly
                | DisclosureAmbiguous
                | AudienceMinors
                | ClaimBrands
                | ClaimKinds
                | ClaimImageBrand
                | ClaimQuotedKind
                | PromotionOtherKind
                | PromotionTitleQuoted
                | PriceDearForKind
                | PromotionRestrictedKind
                | PromotionPosts
                | PromotionCreators
                | PromotionTold
                | PromotionRisk
                | PromotionBrandAbsent
                | PromotionKindDiffers
                | PromotionPriceApart
                | PromotionChoiceCoded
                | PromotionShared
                | PromotedRisk
                | PromotionPartyRate
                | HintMedicine
                | HintFood
                | HintSupplement
                | HintAdult
                | HintHiddenLink
                | HintCounterfeit
                | HintInfluencer
                | HintSyntheticMedia
                | HintCivic
                | HintTraceability
                | HintProductSafety
                | HintWeapon
                | HintDrug
                | HintWildlife
                | HintTobacco
                | HintPrecursor
                | HintFraud
        )
    }
}

facts! {
    IsListing = "content.is_listing", Flag, 0.0, "The content is a listing.";
    IsPost = "content.is_post", Flag, 0.0, "The content is a post.";
    Language = "content.language", Text, 0.0, "BCP 47 primary language, as sent or detected; \"und\" if neither.";
    Words = "content.words", Count, 0.0, "Words in all text fields.";
    AgeRestricted = "content.age_restricted", Flag, 0.0, "Listing shown to verified adults only, or post with a minimum age of 18 or more.";

    HasDescription = "listing.has_description", Flag, 0.0, "The description is not empty.";
    HasCategory = "listing.has_category", Flag, 0.0, "The category path is not empty.";
    HasBrand = "listing.has_brand", Flag, 0.0, "The brand field is not empty.";
    ShipsFromOutsideEu = "listing.ships_from_outside_eu", Flag, 0.0, "Ships from a country outside the EU and EEA.";
    ImageCount = "listing.images", Count, 0.0, "Number of images or media.";

    PriceKnown = "price.known", Flag, 0.0, "A price was sent.";
    PriceAmount = "price.amount", Measure, 0.0, "The price in its own currency.";
    PriceRatio = "price.ratio", Measure, 1.0, "Price divided by the reference price, same currency; 1 if unknown.";
    PriceDearForKind = "price.dear_for_kind", Measure, 1.0, "The listing's dearest price divided by what an honest thing of its kind costs at most (`most` in promotion.yaml; of several kinds in the title, the dearest); 1 if unknown or less.";
    VariantSpread = "price.variant_spread", Measure, 1.0, "Dearest variant's price divided by the cheapest's; 1 if unknown.";

    DoseCount = "amount.doses", Count, 0.0, "Dose patterns such as \"100 mg\", \"5 mg/ml\", \"1000 IU\".";
    DoseMaxMg = "amount.max_mg", Measure, 0.0, "Largest dose in milligrams.";
    PackUnits = "amount.pack_units", Count, 0.0, "Largest pack size such as \"30 tablets\", \"x 100\", at least 2; not sizes (\"60 x 40 cm\").";
    Grams = "amount.grams", Measure, 0.0, "Largest weight in grams (g, gr, kg, oz, lb).";
    Percent = "amount.percent", Measure, 0.0, "Largest percentage.";
    Millilitres = "amount.ml", Measure, 0.0, "Largest volume in millilitres (ml, cl, l).";
    MgPerMl = "amount.mg_per_ml", Measure, 0.0, "Largest concentration in mg/ml.";

    LinkCount = "link.count", Count, 0.0, "Links in the links field and in the text.";
    LinkShortener = "link.shortener", Count, 0.0, "Links through a URL shortener (`t.co` apart, which its platform puts before every link).";
    LinkMessenger = "link.messenger", Count, 0.0, "Links that open a messenger chat or channel.";
    LinkAgent = "link.agent", Count, 0.0, "Links to a shopping agent or proxy shop.";
    LinkAffiliate = "link.affiliate", Count, 0.0, "Links with affiliate parameters or hosts.";
    LinkHub = "link.hub", Count, 0.0, "Links to a link-in-bio page or shared spreadsheet.";
    LinkOnion = "link.onion", Count, 0.0, "Links to an onion service.";
    LinkIpHost = "link.suspicious_host", Count, 0.0, "Links whose host is an IP address, is written in punycode, mixes scripts or carries credentials.";

    ContactHandle = "contact.handle", Count, 0.0, "@handles in the text of a listing.";
    ContactPhone = "contact.phone", Count, 0.0, "Telephone numbers in text.";
    ContactEmail = "contact.email", Count, 0.0, "E-mail addresses in text.";

    TraderKnown = "trader.known", Flag, 0.0, "Trader information was sent.";
    TraderMissing = "trader.missing", Count, 0.0, "Fields that DSA Art. 30(1) asks for and that are empty although trader information was sent.";
    TraderVerified = "trader.verified", Flag, 0.0, "The platform has verified the trader.";
    TraderSelfCertified = "trader.self_certified", Flag, 0.0, "The trader has self-certified (DSA Art. 30(1)(e)).";
    TraderPharmacyLicence = "trader.pharmacy_licence", Flag, 0.0, "A pharmacy licence was given.";
    TraderOutsideEu = "trader.outside_eu", Flag, 0.0, "The trader's country is outside the EU and EEA.";

    SafetyKnown = "safety.known", Flag, 0.0, "Product-safety information was sent.";
    SafetyMissing = "safety.missing", Count, 0.0, "Fields that GPSR Art. 19 asks for and that are empty although product-safety information was sent; 0 where the Regulation does not apply.";
    SafetyCeMarked = "safety.ce_marked", Flag, 0.0, "The offer shows a CE marking.";
    SafetyHasIngredients = "safety.has_ingredients", Flag, 0.0, "An ingredient list was sent.";
    SafetyRegistered = "safety.registered", Flag, 0.0, "An authorisation or notification number was sent.";

    GtinInvalid = "gtin.invalid", Flag, 0.0, "The GTIN's check digit is wrong.";
    GtinPresent = "gtin.present", Flag, 0.0, "A GTIN was sent.";

    BrandWithoutField = "brand_named.without_field", Flag, 0.0, "The title names a brand (role `brands`) that the brand field does not.";

    VariantCount = "variants.count", Count, 0.0, "Number of variants.";
    VariantCoded = "variants.coded", Count, 0.0, "Variants named by a bare code: \"Option 3\", \"style 12\" (role `variant_code`); \"A\", \"B\" or \"1\", \"2\" where the choices are numbered from the start. Sizes are no codes.";

    DisclosureClear = "disclosure.clear", Flag, 0.0, "A clear disclosure word (roles `disclosure` and, where it stands apart, `disclosure_tag`) or the platform's label.";
    DisclosureEarly = "disclosure.early", Flag, 0.0, "That disclosure is the label or stands within the first 12 words.";
    DisclosureAmbiguous = "disclosure.ambiguous", Flag, 0.0, "Only an ambiguous word (role `disclosure_ambiguous`), no clear one.";

    Commercial = "post.commercial", Flag, 0.0, "Signs of remuneration: relationship, discount code, affiliate link or advertisement.";
    RelationshipName = "post.relationship", Text, 0.0, "none, affiliate, paid, gifted, own_brand, or \"\".";
    PromotedCount = "post.promotes", Count, 0.0, "Number of promoted listings.";
    DiscountCodes = "post.discount_codes", Count, 0.0, "Number of discount codes.";
    CodeWords = "post.code_words", Count, 0.0, "Words of the text that look like a discount code: capitals with a saving behind them (\"ANNA20\"), or behind a word for codes (\"code KLARA\").";
    Mentions = "post.mentions", Count, 0.0, "@handles in the text of a post.";
    MinimumAge = "post.minimum_age", Count, 0.0, "Minimum age of the audience.";
    IsPolitical = "post.political", Flag, 0.0, "Political advertising, as the caller says.";
    IsAdvertisement = "post.is_advertisement", Flag, 0.0, "Booked as advertising.";
    HasSponsor = "post.has_sponsor", Flag, 0.0, "A sponsor was named.";
    Hashtags = "post.hashtags", Count, 0.0, "Number of hashtags: those sent apart or those in the text, whichever are more.";
    TargetingCount = "post.targeting", Count, 0.0, "Number of targeting criteria.";
    AudienceMinors = "audience.minors", Count, 0.0, "Targeting criteria of age (role `audience_age`) that name an age below 18, other than the age of somebody else (role `audience_age_apart`).";
    FollowerCount = "post.followers", Count, 0.0, "Followers of the creator.";

    ClaimBrands = "claim.brands", Count, 0.0, "Distinct brands that the item names (`brands` of promotion.yaml).";
    ClaimKinds = "claim.kinds", Count, 0.0, "Distinct kinds of products that the item names (`kinds` of promotion.yaml).";
    ClaimImageBrand = "claim.image_only_brand", Count, 0.0, "Brands that the text in the pictures of a listing names and no other field does.";

    ClaimQuotedKind = "claim.quoted_kind", Count, 0.0, "Distinct kinds of products that a post names in quotation marks: \"the 'tea' you all asked for\".";
    ClaimHushes = "claim.hushes", Count, 0.0, "Emoji that wink, hush or look away (\u{1f609} \u{1f60f} \u{1f92b} \u{1f92d} \u{1f440} \u{1f910} \u{1f648} \u{1f64a}) in the text of a post.";

    PromotionPosts = "promotion.posts", Count, 0.0, "Posts that promote the listing, as far as they are remembered.";
    PromotionCreators = "promotion.creators", Count, 0.0, "Creators who promote the listing, as far as they are remembered.";
    PromotionTold = "promotion.told", Measure, 0.0, "Nats of what worrying signals of the area `hidden_link` say of a post that promotes the listing; the largest, halved with every half-life since the post.";
    PromotionRisk = "promotion.risk", Measure, 0.0, "Largest risk of a post that promotes the listing, from its own words, halved with every half-life since.";
    PromotionBrandAbsent = "promotion.brand_absent", Count, 0.0, "Brands that posts claim and the listing does not name; posts that name more than 3 brands or promote more than 3 listings are left out.";
    PromotionKindDiffers = "promotion.kind_differs", Count, 0.0, "Posts that name kinds of products of which the listing, by title and category, is none.";
    PromotionOtherKind = "promotion.other_kind", Count, 0.0, "Posts that name the listing's kind of product and another one beside it.";
    PromotionRestrictedKind = "promotion.restricted_kind", Count, 0.0, "Posts that name a restricted kind of product (`restricted` in promotion.yaml) that the listing does not name.";
    PromotionTitleQuoted = "promotion.title_quoted", Count, 0.0, "Posts that put words of the listing's title in quotation marks: \"order the 'shoelaces'\".";
    PromotionPriceApart = "promotion.price_apart", Count, 0.0, "Posts all of whose prices are less than half or more than double every price of the listing in that currency.";
    PromotionChoiceCoded = "promotion.choice_coded", Count, 0.0, "Posts that name a choice of the listing, where its variants are bare codes.";
    PromotionShared = "promotion.shared", Count, 0.0, "Creators who claim the same brand or kind that the listing does not have, or of whom a signal says the same; 0 below two.";
    PromotionPartyRate = "promotion.party_rate", Measure, 0.0, "Largest rate of violation (lower end of the interval of the standing) of a creator who promotes the listing, or of the seller of a listing at risk that the post promotes.";
    PromotedRisk = "promoted.risk", Measure, 0.0, "Of a post: largest risk of a listing that it promotes, halved with every half-life since that was scored.";

    MediaAi = "media.ai", Count, 0.0, "Media made or edited by AI according to its provenance.";
    MediaAiUnlabelled = "media.ai_unlabelled", Count, 0.0, "Such media without the platform's AI label (posts only).";
    MediaRealPerson = "media.real_person", Count, 0.0, "Media in which a real person is recognisable.";
    MediaAiRealPerson = "media.ai_real_person", Count, 0.0, "AI-made or AI-edited media in which a real person is recognisable.";

    HintMedicine = "hint.medicine", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `medicine`; 0 unless at least two of those that weigh most have hits that count.";
    HintFood = "hint.food", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `food`; 0 unless at least two of those that weigh most have hits that count.";
    HintSupplement = "hint.supplement", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `supplement`; 0 unless at least two of those that weigh most have hits that count.";
    HintAdult = "hint.adult", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `adult`; 0 unless at least two of those that weigh most have hits that count.";
    HintHiddenLink = "hint.hidden_link", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `hidden_link`; 0 unless at least two of those that weigh most have hits that count.";
    HintCounterfeit = "hint.counterfeit", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `counterfeit`; 0 unless at least two of those that weigh most have hits that count.";
    HintInfluencer = "hint.influencer", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `influencer`; 0 unless at least two of those that weigh most have hits that count.";
    HintSyntheticMedia = "hint.synthetic_media", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `synthetic_media`; 0 unless at least two of those that weigh most have hits that count.";
    HintCivic = "hint.civic", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `civic`; 0 unless at least two of those that weigh most have hits that count.";
    HintTraceability = "hint.traceability", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `traceability`; 0 unless at least two of those that weigh most have hits that count.";
    HintProductSafety = "hint.product_safety", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `product_safety`; 0 unless at least two of those that weigh most have hits that count.";
    HintWeapon = "hint.weapon", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `weapon`; 0 unless at least two of those that weigh most have hits that count.";
    HintDrug = "hint.drug", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `drug`; 0 unless at least two of those that weigh most have hits that count.";
    HintWildlife = "hint.wildlife", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `wildlife`; 0 unless at least two of those that weigh most have hits that count.";
    HintTobacco = "hint.tobacco", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `tobacco`; 0 unless at least two of those that weigh most have hits that count.";
    HintPrecursor = "hint.precursor", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `precursor`; 0 unless at least two of those that weigh most have hits that count.";
    HintFraud = "hint.fraud", Measure, 0.0, "By how many nats the lexicons that are met, taken together, exceed what the learned model asks before it speaks of `fraud`; 0 unless at least two of those that weigh most have hits that count.";
}

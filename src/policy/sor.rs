//! Categories and keywords of the DSA Transparency Database, as in force since 1 July 2025.
//!
//! Not here: drafting statements of reasons. Source: Implementing Regulation (EU) 2024/2835 and the database's own
//! documentation of its attributes. Kept true: categories and keywords are what the database accepts; their relation
//! is its guidance, which it does not enforce.

/// A category and the keywords that the guidance lists under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SorCategory {
    /// `STATEMENT_CATEGORY_…`
    pub name: &'static str,
    /// `KEYWORD_…`
    pub keywords: &'static [&'static str],
}

/// Every category.
pub const SOR_CATEGORIES: &[SorCategory] = &[
    SorCategory {
        name: "STATEMENT_CATEGORY_ANIMAL_WELFARE",
        keywords: &["KEYWORD_ANIMAL_HARM", "KEYWORD_UNLAWFUL_SALE_ANIMALS"],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
        keywords: &[
            "KEYWORD_HIDDEN_ADVERTISEMENT",
            "KEYWORD_INSUFFICIENT_INFORMATION_ON_TRADERS",
            "KEYWORD_MISLEADING_INFO_GOODS_SERVICES",
            "KEYWORD_MISLEADING_INFO_CONSUMER_RIGHTS",
            "KEYWORD_NONCOMPLIANCE_PRICING",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        keywords: &[
            "KEYWORD_CYBER_BULLYING_INTIMIDATION",
            "KEYWORD_CYBER_HARASSMENT",
            "KEYWORD_CYBER_INCITEMENT",
            "KEYWORD_CYBER_STALKING",
            "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",
            "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN",
        keywords: &[
            "KEYWORD_BULLYING_AGAINST_GIRLS",
            "KEYWORD_CYBER_HARASSMENT_AGAINST_WOMEN",
            "KEYWORD_CYBER_STALKING_AGAINST_WOMEN",
            "KEYWORD_FEMALE_GENDERED_DISINFORMATION",
            "KEYWORD_INCITEMENT_AGAINST_WOMEN",
            "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN",
            "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE_AGAINST_WOMEN",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        keywords: &[
            "KEYWORD_BIOMETRIC_DATA_BREACH",
            "KEYWORD_DATA_FALSIFICATION",
            "KEYWORD_MISSING_PROCESSING_GROUND",
            "KEYWORD_RIGHT_TO_BE_FORGOTTEN",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH",
        keywords: &["KEYWORD_DEFAMATION", "KEYWORD_DISCRIMINATION", "KEYWORD_HATE_SPEECH"],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
        keywords: &[
            "KEYWORD_COPYRIGHT_INFRINGEMENT",
            "KEYWORD_DESIGN_INFRINGEMENT",
            "KEYWORD_GEOGRAPHIC_INDICATIONS_INFRINGEMENT",
            "KEYWORD_PATENT_INFRINGEMENT",
            "KEYWORD_TRADE_SECRET_INFRINGEMENT",
            "KEYWORD_TRADEMARK_INFRINGEMENT",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS",
        keywords: &[
            "KEYWORD_MISINFORMATION_DISINFORMATION",
            "KEYWORD_VIOLATION_EU_LAW",
            "KEYWORD_VIOLATION_NATIONAL_LAW",
        ],
    },
    SorCategory { name: "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", keywords: &[] },
    SorCategory {
        name: "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        keywords: &[
            "KEYWORD_ADULT_SEXUAL_MATERIAL",
            "KEYWORD_AGE_SPECIFIC_RESTRICTIONS",
            "KEYWORD_GEOGRAPHICAL_REQUIREMENTS",
            "KEYWORD_GOODS_SERVICES_NOT_PERMITTED",
            "KEYWORD_LANGUAGE_REQUIREMENTS",
            "KEYWORD_NUDITY",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_PROTECTION_OF_MINORS",
        keywords: &[
            "KEYWORD_AGE_SPECIFIC_RESTRICTIONS_MINORS",
            "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",
            "KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL_DEEPFAKE",
            "KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS",
            "KEYWORD_UNSAFE_CHALLENGES",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY",
        keywords: &[
            "KEYWORD_ILLEGAL_ORGANIZATIONS",
            "KEYWORD_RISK_ENVIRONMENTAL_DAMAGE",
            "KEYWORD_RISK_PUBLIC_HEALTH",
            "KEYWORD_TERRORIST_CONTENT",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        keywords: &[
            "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING",
            "KEYWORD_INAUTHENTIC_ACCOUNTS",
            "KEYWORD_INAUTHENTIC_LISTINGS",
            "KEYWORD_INAUTHENTIC_USER_REVIEWS",
            "KEYWORD_PHISHING",
            "KEYWORD_PYRAMID_SCHEMES",
        ],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_SELF_HARM",
        keywords: &["KEYWORD_CONTENT_PROMOTING_EATING_DISORDERS", "KEYWORD_SELF_MUTILATION", "KEYWORD_SUICIDE"],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
        keywords: &["KEYWORD_PROHIBITED_PRODUCTS", "KEYWORD_UNSAFE_PRODUCTS"],
    },
    SorCategory {
        name: "STATEMENT_CATEGORY_VIOLENCE",
        keywords: &[
            "KEYWORD_COORDINATED_HARM",
            "KEYWORD_INCITEMENT_VIOLENCE_HATRED",
            "KEYWORD_HUMAN_EXPLOITATION",
            "KEYWORD_HUMAN_TRAFFICKING",
            "KEYWORD_TRAFFICKING_WOMEN_GIRLS",
        ],
    },
];

/// Keywords that the guidance lists under no category: they fit all.
pub const SOR_KEYWORDS_WITHOUT_CATEGORY: &[&str] = &["KEYWORD_OTHER", "KEYWORD_STALKING"];

/// The category of this name.
pub(super) fn category(name: &str) -> Option<&'static SorCategory> {
    SOR_CATEGORIES.iter().find(|category| category.name == name)
}

/// Every keyword.
pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    let listed = SOR_CATEGORIES.iter().flat_map(|category| category.keywords);
    listed.chain(SOR_KEYWORDS_WITHOUT_CATEGORY).copied()
}

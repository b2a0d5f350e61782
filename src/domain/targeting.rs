//! Audiences: whom an advertisement is to be shown to, and which of the ways to choose them concern special data.
//!
//! Not here: which words reveal what (the policy pack has them). Kept true: the categories are those of GDPR Art. 9(1), and
//! their names are what packs and answers use.

use super::words::words;
use super::{Content, Post, TargetingCriterion};

words! {
    /// A special category of personal data, GDPR Art. 9(1).
    SpecialCategory {
        /// Health.
        Health = "health",
        /// Religious or philosophical beliefs.
        Religion = "religion",
        /// Political opinions.
        Politics = "politics",
        /// Sex life or sexual orientation.
        Sexuality = "sexuality",
        /// Membership of a trade union.
        TradeUnion = "trade_union",
        /// Racial or ethnic origin.
        Ethnicity = "ethnicity",
        /// Genetic data.
        Genetics = "genetics",
        /// Biometric data.
        Biometrics = "biometrics",
    }
}

/// A plan to show an advertisement to an audience.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetingPlan {
    /// How the audience is to be chosen; at least one.
    pub criteria: Vec<TargetingCriterion>,
    /// The advertisement is political (Reg. (EU) 2024/900).
    pub is_political: bool,
    /// Years; 0 = open to all.
    pub minimum_age: i32,
}

impl TargetingPlan {
    /// An advertisement that is shown by these criteria and of which nothing else is known.
    pub fn advertisement(&self, criteria: &[TargetingCriterion]) -> Content {
        Content::Post(Post {
            targeting: criteria.to_vec(),
            is_political: self.is_political,
            minimum_age: self.minimum_age,
            is_advertisement: true,
            ..Post::default()
        })
    }
}

//! The closed list of risk areas.
//!
//! Not here: priors and thresholds (the policy pack has them). Kept true: `ALL` is in discriminant order, so an
//! area indexes an array of `RiskArea::COUNT`.

use super::words::words;

words! {
    /// A kind of risk. The name (`as_str`, snake_case) is what packs, labelled lines, cases and metrics use.
    RiskArea {
        /// Unauthorised, falsified or prescription-only medicines.
        Medicine = "medicine",
        /// Unsafe or non-compliant food.
        Food = "food",
        /// Food supplements with banned substances or cure claims.
        Supplement = "supplement",
        /// Pornography and adult goods, first of all within minors' reach.
        Adult = "adult",
        /// An innocent listing under which something else is sold.
        HiddenLink = "hidden_link",
        /// Goods that infringe trade marks.
        Counterfeit = "counterfeit",
        /// Commercial communication that is not disclosed.
        Influencer = "influencer",
        /// Undisclosed AI-made media, deepfakes.
        SyntheticMedia = "synthetic_media",
        /// Elections and civic discourse.
        Civic = "civic",
        /// Advertising targeted with special-category data or at minors.
        AdTargeting = "ad_targeting",
        /// A trader who cannot be traced.
        Traceability = "traceability",
        /// Unsafe products, missing safety information.
        ProductSafety = "product_safety",
        /// Weapons, parts and ammunition.
        Weapon = "weapon",
        /// Narcotics and new psychoactive substances.
        Drug = "drug",
        /// Protected species and what is made of them.
        Wildlife = "wildlife",
        /// Tobacco, vapes and nicotine beyond the limits.
        Tobacco = "tobacco",
        /// Precursors of explosives and drugs.
        Precursor = "precursor",
        /// Scams, stolen accounts and cards, counterfeit documents.
        Fraud = "fraud",
    }
}

impl RiskArea {
    /// Position in `ALL`, for arrays of `COUNT`.
    pub const fn index(self) -> usize {
        self as usize
    }
}

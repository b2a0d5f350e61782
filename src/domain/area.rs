//! The closed list of risk areas.
//!
//! Not here: priors and thresholds (the policy pack has them). Kept true: `ALL` is in discriminant order, so an
//! area indexes an array of `RiskArea::COUNT`.

use std::fmt;
use std::str::FromStr;

macro_rules! risk_areas {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A kind of risk. The name (`as_str`) is what packs, labelled lines, cases and metrics use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum RiskArea { $($(#[$doc])* $variant,)* }

        impl RiskArea {
            /// Every area, in discriminant order.
            pub const ALL: [RiskArea; RiskArea::COUNT] = [$(RiskArea::$variant,)*];
            /// How many there are.
            pub const COUNT: usize = [$($name,)*].len();

            /// The name in snake_case, e.g. `hidden_link`.
            pub const fn as_str(self) -> &'static str {
                match self { $(RiskArea::$variant => $name,)* }
            }
        }
    };
}

risk_areas! {
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

impl RiskArea {
    /// Position in `ALL`, for arrays of `COUNT`.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for RiskArea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RiskArea {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|area| area.as_str() == name).ok_or(())
    }
}

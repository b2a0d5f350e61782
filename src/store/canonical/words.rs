//! The numbers of words of closed lists.
//!
//! Not here: what the words mean (`domain/`). Kept true: a number is given once and never again; a new word of the domain does
//! not compile until it has a number here.

use super::{Canonical, Malformed, Reader};
use crate::domain::{
    Action, ClaimKind, Concealment, EventKind, Level, NoticeKind, OutcomeKind, Provenance, RecordKind, Relationship,
    RiskArea, SubjectKind,
};

macro_rules! numbered {
    ($($type:ident { $($word:ident = $number:literal),* $(,)? })*) => { $(
        impl Canonical for $type {
            fn write(&self, to: &mut Vec<u8>) {
                to.push(number(self));
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                word(u8::read(from)?)
            }
        }

        impl Numbered for $type {
            fn number(&self) -> u8 {
                match self { $($type::$word => $number),* }
            }

            fn word(number: u8) -> Option<Self> {
                match number {
                    $($number => Some($type::$word),)*
                    _ => None,
                }
            }
        }
    )* };
}

/// A word with a number.
pub(in crate::store) trait Numbered: Sized {
    /// The number.
    fn number(&self) -> u8;
    /// The word of a number.
    fn word(number: u8) -> Option<Self>;
}

fn number(word: &impl Numbered) -> u8 {
    word.number()
}

fn word<T: Numbered>(number: u8) -> Result<T, Malformed> {
    T::word(number).ok_or(Malformed)
}

numbered! {
    RecordKind { Decision = 1, Outcome = 2, Notice = 3, Event = 4, Tally = 5, Erasure = 6, Mention = 7, Policy = 8 }
    ClaimKind { Brand = 1, Product = 2, Choice = 3, Tell = 4, Quote = 5 }
    SubjectKind { Seller = 1, Creator = 2, Listing = 3, Post = 4 }
    OutcomeKind { Confirmed = 1, Rejected = 2, AppealUpheld = 3, AppealDismissed = 4 }
    NoticeKind { Article16 = 1, TrustedFlagger = 2, Other = 3 }
    Level { Minimal = 1, Low = 2, Elevated = 3, High = 4, Critical = 5 }
    Action { Allow = 1, RequireDisclosure = 2, AgeGate = 3, Demote = 4, Review = 5, Block = 6, Escalate = 7 }
    Concealment {
        None = 1, Confusable = 2, Leet = 3, Spacing = 4, ZeroWidth = 5, Diacritic = 6, Repetition = 7, Emoji = 8, Reversed = 9,
    }
    RiskArea {
        Medicine = 1, Food = 2, Supplement = 3, Adult = 4, HiddenLink = 5, Counterfeit = 6, Influencer = 7,
        SyntheticMedia = 8, Civic = 9, AdTargeting = 10, Traceability = 11, ProductSafety = 12, Weapon = 13, Drug = 14,
        Wildlife = 15, Tobacco = 16, Precursor = 17, Fraud = 18,
    }
    EventKind {
        NoticeConfirmed = 1, NoticeRejected = 2, DecisionConfirmed = 3, DecisionRejected = 4, ContentRemoved = 5,
        ContentCleared = 6, AppealUpheld = 7, AppealDismissed = 8, OrdersCompleted = 9, TraderVerified = 10,
        TraderUnverified = 11, WarningIssued = 12, Suspended = 13, Reinstated = 14,
    }
    Provenance { Unspecified = 1, Camera = 2, AiGenerated = 3, AiEdited = 4, C2paVerified = 5 }
    Relationship { Unspecified = 1, None = 2, Affiliate = 3, Paid = 4, Gifted = 5, OwnBrand = 6 }
}

//! Closed lists of words: enums whose values have a name that packs, records, files or the contract write.
//!
//! Not here: the lists. Kept true: every value has one name, and a name reads back as its value; `ALL` is in the order of declaration, so a
//! value indexes an array of `COUNT`.

/// Declares an enum by its values and their names.
macro_rules! words {
    ($(#[$meta:meta])* $type:ident { $($(#[$word_meta:meta])* $word:ident = $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type { $($(#[$word_meta])* $word,)* }

        impl $type {
            /// Every value, in the order of declaration.
            pub const ALL: [$type; $type::COUNT] = [$($type::$word,)*];
            /// How many there are.
            pub const COUNT: usize = [$($name,)*].len();

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self { $($type::$word => $name,)* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = ();

            fn from_str(name: &str) -> Result<Self, ()> {
                Self::ALL.into_iter().find(|one| one.as_str() == name).ok_or(())
            }
        }
    };
}
pub(super) use words;

#[cfg(test)]
mod tests {
    use crate::domain::{Action, EventKind, Level, NoticeKind, OutcomeKind, RecordKind, RiskArea, SpecialCategory};

    macro_rules! reads_back {
        ($($type:ident),*) => { $(
            assert!($type::ALL.into_iter().all(|one| one.as_str().parse() == Ok(one)), stringify!($type));
            assert_eq!($type::ALL.len(), $type::COUNT);
            assert!("no such word".parse::<$type>().is_err());
        )* };
    }

    #[test]
    fn every_word_reads_back_as_it_was_written() {
        reads_back!(Action, EventKind, Level, NoticeKind, OutcomeKind, RecordKind, RiskArea, SpecialCategory);
    }
}

//! Where in the content a fact lies, and how it was hidden.
//!
//! Not here: how words are found. Kept true: a span is never reversed, and a span made by the engine slices the
//! field it names on character boundaries.

use super::Subject;

/// A range of UTF-8 bytes, `start <= end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSpan {
    start: u32,
    end: u32,
}

impl ByteSpan {
    /// A span; ends before `start` are moved up to it.
    pub fn new(start: u32, end: u32) -> Self {
        ByteSpan { start, end: end.max(start) }
    }

    /// First byte.
    pub const fn start(self) -> u32 {
        self.start
    }

    /// One past the last byte.
    pub const fn end(self) -> u32 {
        self.end
    }

    /// True if nothing lies in it.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The smallest span that holds both.
    pub fn cover(self, other: ByteSpan) -> ByteSpan {
        ByteSpan { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True if they share a byte.
    pub const fn overlaps(self, other: ByteSpan) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The characters, or `None` if the span does not fit `text` or cuts a character.
    pub fn slice(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end as usize)
    }
}

/// One way of hiding a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Concealment {
    /// Written plainly.
    #[default]
    None,
    /// Accents that the word does not have.
    Diacritic,
    /// Letters doubled.
    Repetition,
    /// Spaces, dots or other joiners between the letters.
    Spacing,
    /// Digits or symbols in place of letters.
    Leet,
    /// Emoji in place of letters.
    Emoji,
    /// Characters of another script or style that look alike (UTS #39).
    Confusable,
    /// Invisible characters between the letters.
    ZeroWidth,
    /// Written from the last letter to the first, or standing on its head.
    Reversed,
}

impl Concealment {
    /// Every way of hiding, least deliberate first.
    pub const HIDDEN: [Concealment; 8] = [
        Concealment::Diacritic,
        Concealment::Repetition,
        Concealment::Spacing,
        Concealment::Leet,
        Concealment::Emoji,
        Concealment::Confusable,
        Concealment::ZeroWidth,
        Concealment::Reversed,
    ];

    /// The name in capitals, as the contract writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Concealment::None => "NONE",
            Concealment::Diacritic => "DIACRITIC",
            Concealment::Repetition => "REPETITION",
            Concealment::Spacing => "SPACING",
            Concealment::Leet => "LEET",
            Concealment::Emoji => "EMOJI",
            Concealment::Confusable => "CONFUSABLE",
            Concealment::ZeroWidth => "ZERO_WIDTH",
            Concealment::Reversed => "REVERSED",
        }
    }
}

/// A set of ways of hiding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Concealments(u8);

impl Concealments {
    /// Written plainly.
    pub const NONE: Concealments = Concealments(0);

    /// The set of one; `Concealment::None` gives the empty set.
    pub const fn of(one: Concealment) -> Self {
        match one {
            Concealment::None => Concealments(0),
            other => Concealments(1 << (other as u8 - 1)),
        }
    }

    /// The union.
    pub const fn with(self, other: Concealments) -> Self {
        Concealments(self.0 | other.0)
    }

    /// True if nothing was hidden.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if this way is among them.
    pub const fn contains(self, one: Concealment) -> bool {
        self.0 & Concealments::of(one).0 != 0
    }

    /// The most deliberate one; `None` for the empty set.
    pub fn gravest(self) -> Concealment {
        Concealment::HIDDEN.into_iter().rev().find(|one| self.contains(*one)).unwrap_or(Concealment::None)
    }
}

/// The characters that prove a signal, or the field whose state does (then the span is empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// E.g. `title`, `images[2].ocr_text`, `attributes["material"]`.
    pub field_path: String,
    /// UTF-8 bytes in the field as sent.
    pub span: ByteSpan,
    /// The characters as sent.
    pub original_text: String,
    /// The characters as the matcher read them.
    pub folded_text: String,
    /// The gravest way in which they were hidden.
    pub concealment: Concealment,
    /// Name of the fact as a pack writes it.
    pub fact: String,
    /// Set where the evidence lies in other content.
    pub related_subject: Option<Subject>,
}

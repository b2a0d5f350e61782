//! Collects violations, each with the path of its field.
//!
//! Not here: which field has which limit (`listing.rs`, `post.rs`, `parts.rs`). Kept true: a valid message costs no
//! allocation (a path is written only when something is wrong), and a message that is wrong everywhere gives a bounded
//! answer.

use std::collections::BTreeMap;
use std::fmt;

use super::codes;
use crate::domain::{FieldViolation, InvalidContent};

/// Violations listed at most. A caller who breaks more has one defect in a loop, not a hundred defects.
const LISTED: usize = 100;
/// Characters of a map key shown in a path.
const SHOWN_KEY: usize = 40;
/// 0001-01-01T00:00:00Z, the first instant of `google.protobuf.Timestamp`.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z, the last one.
const LAST_SECOND: i64 = 253_402_300_799;

/// Where a field lies, seen from the request. Lives on the stack and is written only when something is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    /// A field of the request itself, e.g. `listing`.
    pub const fn root(field: &'a str) -> Self {
        Path { parent: None, step: Step::Field(field) }
    }

    /// A field of the message at this path.
    pub const fn field(&'a self, field: &'a str) -> Self {
        Path { parent: Some(self), step: Step::Field(field) }
    }

    /// An element of the list at this path.
    pub const fn item(&'a self, position: usize) -> Self {
        Path { parent: Some(self), step: Step::Item(position) }
    }

    /// A value of the map at this path.
    pub const fn key(&'a self, key: &'a str) -> Self {
        Path { parent: Some(self), step: Step::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Field(field) if self.parent.is_none() => f.write_str(field),
            Step::Field(field) => write!(f, ".{field}"),
            Step::Item(position) => write!(f, "[{position}]"),
            Step::Key(key) if key.chars().nth(SHOWN_KEY).is_none() => write!(f, "[{key:?}]"),
            Step::Key(key) => write!(f, "[{:?}]", key.chars().take(SHOWN_KEY).chain(['…']).collect::<String>()),
        }
    }
}

/// How long a list and its texts may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListLimit {
    /// Entries.
    pub(super) entries: usize,
    /// Bytes of one entry.
    pub(super) bytes: usize,
}

/// How large a map and its texts may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct MapLimit {
    /// Entries.
    pub(super) entries: usize,
    /// Bytes of one key.
    pub(super) key: usize,
    /// Bytes of one value.
    pub(super) value: usize,
}

/// The violations found so far.
#[derive(Debug, Default)]
pub(super) struct Check {
    violations: Vec<FieldViolation>,
    unlisted: usize,
}

impl Check {
    /// `value` if nothing is wrong.
    pub(super) fn finish<T>(mut self, at: Path<'_>, value: T) -> Result<T, InvalidContent> {
        if self.unlisted > 0 {
            let description = format!("has {} more violations than the {LISTED} listed", self.unlisted);
            self.violations.push(FieldViolation { field: at.to_string(), description });
        }
        if self.violations.is_empty() { Ok(value) } else { Err(InvalidContent { violations: self.violations }) }
    }

    /// Notes a violation.
    pub(super) fn violation(&mut self, at: Path<'_>, description: impl fmt::Display) {
        if self.violations.len() == LISTED {
            self.unlisted += 1;
            return;
        }
        self.violations.push(FieldViolation { field: at.to_string(), description: description.to_string() });
    }

    /// Notes a violation unless `holds`.
    pub(super) fn require(&mut self, holds: bool, at: Path<'_>, description: fmt::Arguments<'_>) {
        if !holds {
            self.violation(at, description);
        }
    }

    /// A text of at most so many bytes.
    pub(super) fn text(&mut self, at: Path<'_>, text: &str, most: usize) {
        self.require(text.len() <= most, at, format_args!("is {} bytes; at most {most}", text.len()));
    }

    /// An identifier: 1..=256 bytes.
    pub(super) fn id(&mut self, at: Path<'_>, id: &str) {
        self.require(!id.is_empty(), at, format_args!("is required"));
        self.text(at, id, 256);
    }

    /// A list of at most so many entries. Gives how many of them to look into: none of those beyond the limit, so that
    /// the work for a message is bounded by the contract and not by its size.
    pub(super) fn entries(&mut self, at: Path<'_>, count: usize, most: usize) -> usize {
        self.require(count <= most, at, format_args!("has {count} entries; at most {most}"));
        count.min(most)
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, at: Path<'_>, texts: &[String], limit: ListLimit) {
        let look = self.entries(at, texts.len(), limit.entries);
        for (position, text) in texts.iter().enumerate().take(look) {
            self.text(at.item(position), text, limit.bytes);
        }
    }

    /// A map of texts.
    pub(super) fn map(&mut self, at: Path<'_>, map: &BTreeMap<String, String>, limit: MapLimit) {
        let look = self.entries(at, map.len(), limit.entries);
        for (key, value) in map.iter().take(look) {
            let most = limit.key;
            self.require(
                key.len() <= most,
                at.key(key),
                format_args!("has a key of {} bytes; at most {most}", key.len()),
            );
            self.text(at.key(key), value, limit.value);
        }
    }

    /// Nothing, or 32 bytes.
    pub(super) fn hash(&mut self, at: Path<'_>, hash: &[u8]) {
        let fits = hash.is_empty() || hash.len() == 32;
        self.require(fits, at, format_args!("is {} bytes; a hash has 32", hash.len()));
    }

    /// Nothing, or an ISO 3166-1 alpha-2 code.
    pub(super) fn country(&mut self, at: Path<'_>, code: &str) {
        if code.is_empty() || codes::is_country(code) {
            return;
        }
        match codes::country_hint(code) {
            Some(meant) => self.violation(at, format_args!("is no ISO 3166-1 alpha-2 code; use {meant:?}")),
            None => self.violation(at, "is no ISO 3166-1 alpha-2 code (two capital letters, e.g. \"DE\")"),
        }
    }

    /// Nothing, or a tag in the shape of BCP 47.
    pub(super) fn language(&mut self, at: Path<'_>, tag: &str) {
        let fits = tag.is_empty() || codes::is_language_tag(tag);
        self.require(fits, at, format_args!("is no BCP 47 language tag (e.g. \"de\" or \"pt-BR\")"));
    }

    /// Nothing, or an instant of the years 1 to 9999.
    pub(super) fn timestamp(&mut self, at: Path<'_>, timestamp: Option<&pbjson_types::Timestamp>) {
        let Some(timestamp) = timestamp else { return };
        let seconds = (FIRST_SECOND..=LAST_SECOND).contains(&timestamp.seconds);
        self.require(seconds, at, format_args!("lies outside of the years 1 to 9999"));
        let nanos = (0..=999_999_999).contains(&timestamp.nanos);
        self.require(nanos, at, format_args!("has nanos {}; allowed are 0..999999999", timestamp.nanos));
    }

    /// A value of an enum that this version knows.
    pub(super) fn known<E: TryFrom<i32>>(&mut self, at: Path<'_>, value: i32) {
        self.require(E::try_from(value).is_ok(), at, format_args!("is {value}, which this version does not know"));
    }
}

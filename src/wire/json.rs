//! JSON: lines of content and events in, assessments and standings out, by the proto3 mapping.
//!
//! Not here: files, CSV, Parquet (`cli/`). Kept true: JSON content passes the same checks as a gRPC request; an unknown
//! field is an error that names it, never silence. Read: `snake_case` and `camelCase`, enum names and numbers, base64,
//! RFC 3339. Written: `snake_case`, every field.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::{from_proto, to_proto, v1};
use crate::domain::{
    Assessment, Content, Decision, DecisionHistory, InvalidContent, Listing, Post, Recorded, RiskArea, Timestamp,
};
use crate::engine::Trace;
use from_proto::Path;

/// The identifier of a pack's example that has none.
const EXAMPLE: &str = "example";

/// What one line holds: a listing, a post, or a pair (the post is scored first, then the listing it may promote).
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The post, if there is one.
    pub post: Option<Post>,
    /// The listing, if there is one.
    pub listing: Option<Listing>,
    notes: Notes,
}

impl Line {
    /// What people decided about the line; `None` if it carries no `labels`. Only who evaluates asks: to everybody else a
    /// wrong label is no reason to refuse the content beside it.
    pub fn label(&self) -> Result<Option<Label>, InvalidLine> {
        let areas = match &self.notes.labels {
            Value::Null => return Ok(None),
            Value::Array(names) => names.iter().map(area).collect::<Result<_, _>>()?,
            other => return Err(InvalidLine::Label(other.to_string())),
        };
        Ok(Some(Label {
            id: text(&self.notes.id),
            source: text(&self.notes.source),
            kind: text(&self.notes.label),
            core: self.notes.core != Value::Bool(false),
            areas,
        }))
    }
}

/// What people decided about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Identifier of the line; may be empty.
    pub id: String,
    /// Where the line comes from; may be empty.
    pub source: String,
    /// The key `label`: what it is, finer than an area; may be empty.
    pub kind: String,
    /// False keeps the line out of the headline numbers.
    pub core: bool,
    /// The areas in which a problem was confirmed; empty = clear.
    pub areas: Vec<RiskArea>,
}

/// Why a line is no content.
#[derive(Debug, thiserror::Error)]
pub enum InvalidLine {
    /// No JSON, or JSON of another shape; the text names the unknown field or the wrong type, and the column.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It breaks the contract.
    #[error("{0}")]
    Content(#[from] InvalidContent),
    /// Neither a listing nor a post.
    #[error("has neither \"listing\" nor \"post\"; a line is {{\"listing\": {{…}}}} or {{\"post\": {{…}}}}")]
    Empty,
    /// A label that is no risk area.
    #[error("label {name:?} is no risk area; they are: {known}", name = .0, known = AreaNames)]
    Label(String),
}

/// The outer object. Keys of its own beside content and labels (notes, scores of others) are the owner's business.
#[derive(Default, Deserialize)]
#[serde(default)]
struct RawLine {
    id: Value,
    source: Value,
    label: Value,
    core: Value,
    labels: Value,
    listing: Option<v1::Listing>,
    post: Option<v1::Post>,
}

/// What a line says about its content, unread.
#[derive(Clone, Debug, PartialEq)]
struct Notes {
    id: Value,
    source: Value,
    label: Value,
    core: Value,
    labels: Value,
}

/// Reads one line, as strictly as a request.
pub fn parse_line(line: &str) -> Result<Line, InvalidLine> {
    convert(read(line)?)
}

/// Reads one line of a file that people keep: identifiers that content lacks are taken from the line's `id`, or else are
/// `fallback`. Each such line is then its own seller, because nothing is known of who is behind it.
pub fn parse_line_with_ids(line: &str, fallback: &str) -> Result<Line, InvalidLine> {
    let mut raw = read(line)?;
    let own = text(&raw.id);
    let id = if own.is_empty() { fallback } else { &own };
    if let Some(listing) = &mut raw.listing {
        fill(&mut listing.listing_id, id);
        fill(&mut listing.seller_id, id);
    }
    if let Some(post) = &mut raw.post {
        fill(&mut post.post_id, id);
        fill(&mut post.creator_id, id);
    }
    convert(raw)
}

fn read(line: &str) -> serde_json::Result<RawLine> {
    serde_json::from_str::<RawLine>(line).or_else(|error| without_nulls(line).unwrap_or(Err(error)))
}

fn convert(raw: RawLine) -> Result<Line, InvalidLine> {
    let RawLine { id, source, label, core, labels, listing, post } = raw;
    if listing.is_none() && post.is_none() {
        return Err(InvalidLine::Empty);
    }
    let post = post.map(|post| from_proto::post(Some(post), Path::root("post"))).transpose()?;
    let listing = listing.map(|listing| from_proto::listing(Some(listing), Path::root("listing"))).transpose()?;
    Ok(Line { post, listing, notes: Notes { id, source, label, core, labels } })
}

/// A note as text: people number their lines too.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn area(name: &Value) -> Result<RiskArea, InvalidLine> {
    let name = text(name);
    name.parse().map_err(|()| InvalidLine::Label(name))
}

/// Reads an example of a policy pack: a title, or `{"listing": …}` / `{"post": …}`, identifiers optional.
pub fn parse_example(example: &Value) -> Result<Content, InvalidLine> {
    if let Value::String(title) = example {
        let listing = v1::Listing { title: title.clone(), ..v1::Listing::default() };
        return example_listing(listing);
    }
    let mut example = example.clone();
    strip_nulls(&mut example);
    let raw = RawLine::deserialize(example)?;
    match (raw.listing, raw.post) {
        (Some(listing), None) => example_listing(listing),
        (None, Some(mut post)) => {
            fill(&mut post.post_id, EXAMPLE);
            fill(&mut post.creator_id, EXAMPLE);
            Ok(Content::Post(from_proto::post(Some(post), Path::root("post"))?))
        }
        _ => Err(InvalidLine::Empty),
    }
}

/// An assessment as one line of JSON.
pub fn assessment(assessment: Assessment) -> serde_json::Result<String> {
    serde_json::to_string(&to_proto::assessment(assessment))
}

/// A decision without its history, as one line of JSON.
pub fn decision(decision: Recorded<Decision>) -> serde_json::Result<String> {
    serde_json::to_string(&to_proto::decision(decision))
}

/// A decision with its history, as one line of JSON.
pub fn decision_history(history: DecisionHistory) -> serde_json::Result<String> {
    serde_json::to_string(&to_proto::decision_history(history))
}

/// A decision with its history, for people.
pub fn decision_pretty(history: DecisionHistory) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&to_proto::decision_history(history))
}

/// An instant as people write it: RFC 3339, or a date alone, which is its first instant in UTC.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let text = if text.contains(['T', 't']) { text.to_owned() } else { format!("{text}T00:00:00Z") };
    let read: pbjson_types::Timestamp = serde_json::from_value(Value::from(text)).ok()?;
    Some(Timestamp { seconds: read.seconds, nanos: u32::try_from(read.nanos).ok()? })
}

/// An instant in RFC 3339, without what is smaller than a second.
pub fn instant_to_the_second(at: Timestamp) -> String {
    let written = serde_json::to_value(to_proto::timestamp(Timestamp { nanos: 0, ..at }));
    written.ok().and_then(|value| value.as_str().map(|text| text.replace("+00:00", "Z"))).unwrap_or_default()
}

/// An assessment and how it came about, as one line of JSON: `{"assessment": …, "trace": …}`.
pub fn explanation(assessment: Assessment, trace: Trace) -> serde_json::Result<String> {
    let assessment = Some(to_proto::assessment(assessment));
    let trace = Some(to_proto::trace(trace));
    serde_json::to_string(&v1::ExplainListingResponse { assessment, trace })
}

fn example_listing(mut listing: v1::Listing) -> Result<Content, InvalidLine> {
    fill(&mut listing.listing_id, EXAMPLE);
    fill(&mut listing.seller_id, EXAMPLE);
    Ok(Content::Listing(from_proto::listing(Some(listing), Path::root("listing"))?))
}

fn fill(id: &mut String, with: &str) {
    if id.is_empty() {
        id.push_str(with);
    }
}

/// The proto3 mapping takes `null` for "not set", the generated code takes it only where a message stands. Nulls are rare,
/// so they are looked for only once a line has failed. `None` if they are not why it failed.
fn without_nulls(line: &str) -> Option<serde_json::Result<RawLine>> {
    let mut value: Value = serde_json::from_str(line).ok()?;
    strip_nulls(&mut value).then(|| RawLine::deserialize(value))
}

/// True if there was one.
fn strip_nulls(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|_, field| !field.is_null());
            let mut found = fields.len() < before;
            for field in fields.values_mut() {
                found |= strip_nulls(field);
            }
            found
        }
        Value::Array(items) => items.iter_mut().fold(false, |found, item| strip_nulls(item) | found),
        _ => false,
    }
}

/// Lists the areas for people.
struct AreaNames;

impl fmt::Display for AreaNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, area) in RiskArea::ALL.into_iter().enumerate() {
            write!(f, "{}{area}", if position == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

mod event;
pub use event::{parse_event, standing};

#[cfg(test)]
mod tests;

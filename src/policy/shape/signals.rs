//! `signals/*.yaml`.
//!
//! Not here: whether lexicons, facts, laws and groups exist; conditions.

use super::super::code::Code;
use super::super::faults::{At, Faults, Located};
use super::super::yaml::{Node, Value};
use super::RawPack;
use super::fields::{Fields, number, text};

/// A file of signals.
#[derive(Debug)]
pub(crate) struct SignalFile {
    /// The file's path within the pack.
    pub(crate) path: String,
    pub(crate) area: Option<Located<String>>,
    pub(crate) signals: Vec<RawSignal>,
}

/// A signal.
#[derive(Debug)]
pub(crate) struct RawSignal {
    pub(crate) id: Located<String>,
    pub(crate) weight: Option<Located<f64>>,
    pub(crate) group: Option<Located<String>>,
    pub(crate) applies_to: Option<Vec<Located<String>>>,
    pub(crate) when: Option<Located<String>>,
    pub(crate) evidence: Option<Vec<Located<String>>>,
    pub(crate) message: Option<Located<String>>,
    pub(crate) special_category: Option<Located<String>>,
    pub(crate) legal_basis: Vec<Located<String>>,
    pub(crate) sor: Option<RawSor>,
    pub(crate) examples: Vec<RawExample>,
    /// True if there is no example, not even a bad one.
    pub(crate) untested: bool,
}

/// Category and keyword of the Transparency Database.
#[derive(Debug)]
pub(crate) struct RawSor {
    pub(crate) category: Option<Located<String>>,
    pub(crate) keyword: Option<Located<String>>,
}

/// An example under `tests`.
#[derive(Debug)]
pub(crate) struct RawExample {
    pub(crate) fires: bool,
    pub(crate) at: At,
    pub(crate) content: serde_json::Value,
}

pub(super) fn read_signals(mut fields: Fields, path: &str, pack: &mut RawPack, faults: &mut Faults<'_>) {
    let area = fields.need_text("area", faults);
    let signals = fields.items("signals", faults);
    let signals = signals.into_iter().filter_map(|node| signal(node, faults)).collect();
    fields.finish(faults);
    pack.signals.push(SignalFile { path: path.to_owned(), area, signals });
}

fn signal(node: Node, faults: &mut Faults<'_>) -> Option<RawSignal> {
    let mut fields = Fields::of(node, "a signal", faults)?;
    let id = fields.need_text("id", faults);
    let weight = fields.need("weight", faults).and_then(|node| number(&node, faults));
    let group = fields.need_text("group", faults);
    let applies_to = fields.texts("applies_to", faults);
    let when = fields.need_text("when", faults);
    let evidence = fields.texts("evidence", faults);
    let message = fields.need_text("message", faults);
    let special_category = fields.take("special_category").and_then(|node| text(node, faults));
    let legal_basis = fields.texts("legal_basis", faults).unwrap_or_default();
    let sor = fields.take("sor").and_then(|node| sor(node, faults));
    let (examples, untested) = fields.take("tests").map_or((Vec::new(), true), |node| examples(node, faults));
    fields.finish(faults);
    Some(RawSignal {
        id: id?,
        weight,
        group,
        applies_to,
        when,
        evidence,
        message,
        special_category,
        legal_basis,
        sor,
        examples,
        untested,
    })
}

fn sor(node: Node, faults: &mut Faults<'_>) -> Option<RawSor> {
    let mut fields = Fields::of(node, "`sor`", faults)?;
    let category = fields.need("category", faults).and_then(|node| text(node, faults));
    let keyword = fields.need("keyword", faults).and_then(|node| text(node, faults));
    fields.finish(faults);
    Some(RawSor { category, keyword })
}

fn examples(node: Node, faults: &mut Faults<'_>) -> (Vec<RawExample>, bool) {
    let Some(mut fields) = Fields::of(node, "`tests`", faults) else { return (Vec::new(), false) };
    let mut examples = Vec::new();
    let mut untested = true;
    for (key, fires) in [("fires", true), ("silent", false)] {
        for node in fields.items(key, faults) {
            untested = false;
            if is_content(&node) {
                examples.push(RawExample { fires, at: node.at, content: node.to_json() });
            } else {
                faults.add(Code::BadExample, node.at, format!("an example is a title or content, not {}", node.kind()));
            }
        }
    }
    fields.finish(faults);
    (examples, untested)
}

/// A title, or a map with the one key `listing` or `post`.
fn is_content(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { .. } => !node.is_null(),
        Value::List(_) => false,
        Value::Map(entries) => match entries.as_slice() {
            [(key, value)] => matches!(key.value.as_str(), "listing" | "post") && matches!(value.value, Value::Map(_)),
            _ => false,
        },
    }
}

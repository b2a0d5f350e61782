//! Reading maps, lists and scalars, and reporting what does not fit.
//!
//! Not here: which keys there are. Kept true: `finish` reports every key that nobody asked for, with the nearest that
//! somebody did.

use super::super::code::Code;
use super::super::faults::{At, Faults, Located};
use super::super::suggest::did_you_mean;
use super::super::yaml::{Node, Value};

/// The entries of a map, taken one by one.
pub(super) struct Fields {
    /// Where the map was written.
    pub(super) at: At,
    entries: Vec<(Located<String>, Option<Node>)>,
    asked: Vec<&'static str>,
}

impl Fields {
    /// The entries of a node that has to be a map. `what` is its name for people.
    pub(super) fn of(node: Node, what: &str, faults: &mut Faults<'_>) -> Option<Self> {
        let kind = node.kind();
        match node.value {
            Value::Map(entries) => {
                let entries = entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
                Some(Fields { at: node.at, entries, asked: Vec::new() })
            }
            _ => {
                faults.add(Code::WrongShape, node.at, format!("{what} is a map of keys to values, not {kind}"));
                None
            }
        }
    }

    /// The value of a key, if it is there and not empty.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Node> {
        self.asked.push(key);
        let entry = self.entries.iter_mut().find(|(name, _)| name.value == key)?;
        entry.1.take().filter(|node| !node.is_null())
    }

    /// The value of a key that has to be there.
    pub(super) fn need(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Node> {
        let node = self.take(key);
        if node.is_none() {
            // A map may be long: its first line stands for it.
            let first = self.entries.first().map_or(self.at, |(name, _)| name.at);
            faults.add(Code::MissingKey, first, format!("`{key}` is missing here"));
        }
        node
    }

    /// The text of a key that has to be there and say something.
    pub(super) fn need_text(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Located<String>> {
        let text = self.need(key, faults).and_then(|node| text(node, faults))?;
        if text.value.trim().is_empty() {
            faults.add(Code::BlankText, text.at, format!("`{key}` is blank"));
        }
        Some(text)
    }

    /// The text of a key.
    pub(super) fn text(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Located<String>> {
        self.take(key).and_then(|node| text(node, faults))
    }

    /// The list of texts of a key; `None` if the key is not there.
    pub(super) fn texts(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Vec<Located<String>>> {
        self.take(key).map(|node| texts(node, key, faults))
    }

    /// The number of a key.
    pub(super) fn number(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Located<f64>> {
        self.take(key).and_then(|node| number(&node, faults))
    }

    /// The flag of a key.
    pub(super) fn flag(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Option<Located<bool>> {
        let node = self.take(key)?;
        let value = match &node.value {
            Value::Scalar { text, plain: true } => text.parse().ok(),
            _ => None,
        };
        if value.is_none() {
            faults.add(Code::WrongShape, node.at, format!("`{key}` is `true` or `false`, not {}", node.kind()));
        }
        value.map(|value| Located { value, at: node.at })
    }

    /// The entries of a key that holds a map with free names; empty if the key is not there.
    pub(super) fn named(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Vec<(Located<String>, Node)> {
        self.take(key).map_or_else(Vec::new, |node| named(node, key, faults))
    }

    /// The items of a key that holds a list; empty if the key is not there.
    pub(super) fn items(&mut self, key: &'static str, faults: &mut Faults<'_>) -> Vec<Node> {
        self.take(key).map_or_else(Vec::new, |node| items(node, key, faults))
    }

    /// Every entry, whatever its name.
    pub(super) fn into_named(self) -> Vec<(Located<String>, Node)> {
        self.entries.into_iter().filter_map(|(key, node)| node.map(|node| (key, node))).collect()
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self, faults: &mut Faults<'_>) {
        for (key, _) in &self.entries {
            if !self.asked.contains(&key.value.as_str()) {
                let near = did_you_mean(&key.value, self.asked.iter().copied());
                let hint = near.unwrap_or_else(|| format!("keys here: {}", self.asked.join(", ")));
                faults.add_with_hint(Code::UnknownKey, key.at, format!("unknown key `{}`", key.value), hint);
            }
        }
    }
}

/// A scalar as text, however it is quoted.
pub(super) fn text(node: Node, faults: &mut Faults<'_>) -> Option<Located<String>> {
    let kind = node.kind();
    match node.value {
        Value::Scalar { text, .. } if kind == "a text" => Some(Located { value: text, at: node.at }),
        _ => {
            faults.add(Code::WrongShape, node.at, format!("a text belongs here, not {kind}"));
            None
        }
    }
}

/// A list of scalars as texts.
pub(super) fn texts(node: Node, what: &str, faults: &mut Faults<'_>) -> Vec<Located<String>> {
    items(node, what, faults).into_iter().filter_map(|item| text(item, faults)).collect()
}

/// A plain scalar as a number.
pub(super) fn number(node: &Node, faults: &mut Faults<'_>) -> Option<Located<f64>> {
    let value = match &node.value {
        Value::Scalar { text, plain: true } => match text.as_str() {
            ".nan" | ".NaN" => Some(f64::NAN),
            ".inf" | "+.inf" => Some(f64::INFINITY),
            "-.inf" => Some(f64::NEG_INFINITY),
            _ => text.parse().ok(),
        },
        _ => None,
    };
    if value.is_none() {
        faults.add(Code::WrongShape, node.at, format!("a number belongs here, not {}", node.kind()));
    }
    value.map(|value| Located { value, at: node.at })
}

/// The entries of a map with free names.
pub(super) fn named(node: Node, what: &str, faults: &mut Faults<'_>) -> Vec<(Located<String>, Node)> {
    Fields::of(node, &format!("`{what}`"), faults).map_or_else(Vec::new, Fields::into_named)
}

fn items(node: Node, what: &str, faults: &mut Faults<'_>) -> Vec<Node> {
    let kind = node.kind();
    match node.value {
        Value::List(items) => items,
        _ => {
            faults.add(Code::WrongShape, node.at, format!("`{what}` is a list, not {kind}"));
            Vec::new()
        }
    }
}

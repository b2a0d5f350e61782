//! YAML as a tree in which every value knows its bytes.
//!
//! Not here: what the keys mean (`shape/`). A tree, rather than `serde` structs, because a struct stops at its first
//! fault and a pack's author wants all of them; and because `no`, `off` and `1e3` are terms here, so plain scalars
//! keep their spelling. Kept true: trees are at most `MAX_DEPTH` deep.

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use super::code::Code;
use super::faults::{At, Faults, Located};

/// The format needs 7.
const MAX_DEPTH: usize = 24;

/// A value.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Text; `plain` if it was not quoted, so that it may mean a number, a flag or nothing.
    Scalar { text: String, plain: bool },
    /// `[a, b]` or lines with `-`.
    List(Vec<Node>),
    /// Keys in the order written, none twice.
    Map(Vec<(Located<String>, Node)>),
}

impl Node {
    /// What a person would call it.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => "nothing",
            Value::Scalar { .. } => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    /// A key without a value, `~` or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// As JSON, with plain scalars read by the core schema of YAML 1.2.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar { text, plain: false } => text.as_str().into(),
            Value::Scalar { text, plain: true } => plain_to_json(text),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(entries) => entries
                .iter()
                .map(|(key, value)| (key.value.clone(), value.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

fn plain_to_json(text: &str) -> serde_json::Value {
    match text {
        "" | "~" | "null" => serde_json::Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => {
            let whole = text.parse::<i64>().ok().map(serde_json::Value::from);
            // `nan` and `inf` parse as floats in Rust; they are words in YAML and no numbers in JSON.
            let real =
                || text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)).then(|| text.parse().ok());
            let real = || real().flatten().and_then(serde_json::Number::from_f64).map(serde_json::Value::from);
            whole.or_else(real).unwrap_or_else(|| text.into())
        }
    }
}

/// Reads one file. `None` if it is no YAML at all; then a fault says so.
pub(super) fn parse(file: u16, text: &str, faults: &mut Faults<'_>) -> Option<Node> {
    // The parser skips a byte-order mark and counts from after it.
    let (text, shift) = text.strip_prefix('\u{feff}').map_or((text, 0), |rest| (rest, 3));
    let mut tree = Tree { file, shift, open: Vec::new(), root: None, faults };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => tree.event(event, span)?,
            Err(error) => {
                let at = tree.marker(*error.marker());
                tree.faults.add(Code::BadYaml, at, error.info());
                return None;
            }
        }
    }
    let empty = Node { at: At { file, ..At::default() }, value: Value::Map(Vec::new()) };
    Some(tree.root.unwrap_or(empty))
}

/// A collection that is not closed yet.
struct Open {
    node: Node,
    /// The key whose value comes next.
    key: Option<Located<String>>,
    /// Keys so far, to find duplicates without looking at all of them.
    seen: std::collections::HashSet<String>,
}

struct Tree<'f, 's> {
    file: u16,
    shift: u32,
    open: Vec<Open>,
    root: Option<Node>,
    faults: &'f mut Faults<'s>,
}

impl Tree<'_, '_> {
    /// `None` = give up on the file; a fault says why.
    fn event(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let at = self.at(span);
        if event.tag().is_some() || event.anchor_id().is_some() || event.is_alias() {
            self.faults.add(Code::YamlFeature, at, "anchors, aliases and tags are not used in packs");
        }
        match event {
            Event::Scalar(text, style, ..) => {
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.place(Node { at, value })
            }
            Event::Alias(_) => self.place(Node { at, value: Value::Scalar { text: String::new(), plain: true } }),
            Event::SequenceStart(..) => self.begin(Node { at, value: Value::List(Vec::new()) }),
            Event::MappingStart(..) => self.begin(Node { at, value: Value::Map(Vec::new()) }),
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::DocumentStart(..) if self.root.is_some() => {
                self.faults.add(Code::YamlFeature, at, "a second document in the file");
                None
            }
            _ => Some(()),
        }
    }

    fn begin(&mut self, node: Node) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            self.faults.add(Code::TooMany, node.at, format!("nested deeper than {MAX_DEPTH} levels"));
            return None;
        }
        self.open.push(Open { node, key: None, seen: Default::default() });
        Some(())
    }

    fn end(&mut self, at: At) -> Option<()> {
        let mut done = self.open.pop()?;
        // Block collections end where the next token starts: what lies between is white space.
        if at.end > done.node.at.start {
            done.node.at.end = at.end;
        }
        self.place(done.node)
    }

    /// Puts a finished value where it belongs.
    fn place(&mut self, node: Node) -> Option<()> {
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match &mut parent.node.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match (parent.key.take(), node.value) {
                (None, Value::Scalar { text, .. }) => parent.key = Some(Located { value: text, at: node.at }),
                (None, _) => {
                    self.faults.add(Code::WrongShape, node.at, "keys are texts");
                    return None;
                }
                (Some(key), value) if parent.seen.insert(key.value.clone()) => {
                    entries.push((key, Node { at: node.at, value }));
                }
                (Some(key), _) => {
                    self.faults.add(Code::DuplicateKey, key.at, format!("`{}` is given twice here", key.value));
                }
            },
            Value::Scalar { .. } => {}
        }
        Some(())
    }

    fn at(&self, span: Span) -> At {
        let (start, end) = (self.byte(span.start), self.byte(span.end));
        At { file: self.file, start, end: end.max(start) }
    }

    fn marker(&self, marker: Marker) -> At {
        let start = self.byte(marker);
        At { file: self.file, start, end: start }
    }

    fn byte(&self, marker: Marker) -> u32 {
        // Files are at most 8 MiB, so every offset fits.
        u32::try_from(marker.byte_offset().unwrap_or_default()).unwrap_or_default() + self.shift
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::{PackFile, PackSource};
    use super::*;

    fn json(text: &str) -> Result<serde_json::Value, Vec<String>> {
        let source = PackSource::from_files([PackFile { path: "pack.yaml".into(), text: text.into() }]);
        let mut faults = Faults::new(&source);
        let node = parse(0, text, &mut faults);
        let faults: Vec<String> = faults.into_sorted().iter().map(|fault| fault.to_string()).collect();
        if faults.is_empty() { Ok(node.unwrap().to_json()) } else { Err(faults) }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema_and_words_stay_words() {
        let cases = [
            (
                "[no, off, yes, nan, inf, .5, -3, 1e3, 007x, '1', ~]",
                r#"["no","off","yes","nan","inf",0.5,-3,1000.0,"007x","1",null]"#,
            ),
            ("no: [ja]\n", r#"{"no":["ja"]}"#),
            ("", "{}"),
            ("\u{feff}a: >-\n  b\n  c\n", r#"{"a":"b c"}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(json(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_packs_do_not_use_is_refused_with_its_place() {
        let cases = [
            ("a: &x 1\nb: *x\n", "pack.yaml:1:7: error[P005]"),
            ("a: !!str 1\n", "pack.yaml:1:10: error[P005]"),
            ("a: 1\n---\nb: 2\n", "pack.yaml:2:1: error[P005]"),
            ("a: 1\nb: 2\na: 3\n", "pack.yaml:3:1: error[P006]"),
            ("a: [1\n", "pack.yaml:1:4: error[P004]"),
            ("[[a]]: 1\n", "pack.yaml:1:1: error[P009]"),
            (&"- ".repeat(30), "pack.yaml:1:49: error[P010]"),
        ];
        for (text, expected) in cases {
            let faults = json(text).unwrap_err();
            assert!(faults[0].starts_with(expected), "{text}: {faults:?}");
        }
    }
}

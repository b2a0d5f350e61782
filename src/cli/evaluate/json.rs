//! JSON that a person can scroll through: the outer levels indented, every row of a table on a line of its own.
//!
//! Not here: what is written (`report.rs`). Kept true: it is plain JSON; only the white space is ours.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// Levels that are indented: the object, its tables; a row of a table is the third.
const INDENTED: usize = 2;

/// Writes a value and a line end.
pub(super) fn write(value: &impl Serialize, mut out: impl Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut out, Shallow::default());
    value.serialize(&mut serializer)?;
    writeln!(out)
}

#[derive(Default)]
struct Shallow {
    depth: usize,
    pretty: PrettyFormatter<'static>,
}

/// Passes a call on to the pretty or the compact formatter, by the depth we are in.
macro_rules! by_depth {
    ($self:ident, $method:ident($($argument:expr),*)) => {
        if $self.depth <= INDENTED { $self.pretty.$method($($argument),*) } else { CompactFormatter.$method($($argument),*) }
    };
}

impl Formatter for Shallow {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        by_depth!(self, begin_array(writer))
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.depth < INDENTED { self.pretty.end_array(writer) } else { CompactFormatter.end_array(writer) }
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        by_depth!(self, begin_array_value(writer, first))
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        by_depth!(self, end_array_value(writer))
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        by_depth!(self, begin_object(writer))
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.depth < INDENTED { self.pretty.end_object(writer) } else { CompactFormatter.end_object(writer) }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        by_depth!(self, begin_object_key(writer, first))
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        by_depth!(self, begin_object_value(writer))
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        by_depth!(self, end_object_value(writer))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn rows_stand_on_lines_of_their_own_and_nothing_is_lost() {
        let value = json!({"a": [{"b": [1, 2], "c": {}}, {}], "d": {"e": null, "f": [{"g": 1}]}, "h": []});
        let mut text = Vec::new();
        write(&value, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let expected = "{\n  \"a\": [\n    {\"b\":[1,2],\"c\":{}},\n    {}\n  ],\n  \"d\": {\n    \"e\": null,\n    \"f\": [{\"g\":1}]\n  },\n  \"h\": []\n}\n";
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}

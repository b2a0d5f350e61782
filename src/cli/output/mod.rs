//! Results as people and programs want them: a table, JSON Lines, CSV, Parquet.
//!
//! Not here: scoring, reading. Kept true: rendering is pure and runs in parallel, writing is serial and keeps the order of
//! the input.

mod csv;
mod flat;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod table;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::args::Format;
use super::failure::Failure;
use super::input::{LineFault, Place};
use super::terminal::{self, Terminal};
use crate::domain::{Assessment, Content};
pub(crate) use table::law;

/// Bytes gathered before they are written.
const BUFFER: usize = 256 << 10;

/// What became of one item.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Where it stands.
    pub(crate) place: Place,
    /// Its assessment, or why there is none.
    pub(crate) result: Result<Scored, LineFault>,
}

/// An item and its assessment.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    /// What was scored.
    pub(crate) content: Content,
    /// What was found.
    pub(crate) assessment: Assessment,
}

/// One outcome, ready to write.
pub(crate) enum Rendered {
    /// Text with its line end.
    Text(String),
    /// Columns.
    #[cfg(feature = "parquet")]
    Row(Box<flat::FlatRow>),
}

/// Turns outcomes into what is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renderer {
    format: Format,
    terminal: Terminal,
}

impl Renderer {
    /// For a format; without one, what the file's name says, else a table for people and JSON Lines for programs.
    pub(crate) fn new(format: Option<Format>, output: Option<&Path>) -> Self {
        let seen = output.is_none() && terminal::stdout_is_terminal();
        let terminal = if output.is_none() { Terminal::stdout() } else { Terminal::plain() };
        let extension = output.and_then(Path::extension).and_then(|extension| extension.to_str());
        let by_name = match extension {
            Some("csv") => Some(Format::Csv),
            Some("parquet") => Some(Format::Parquet),
            _ => None,
        };
        let format = format.or(by_name).unwrap_or(if seen { Format::Table } else { Format::Jsonl });
        Renderer { format, terminal }
    }

    /// One outcome.
    pub(crate) fn render(&self, outcome: Outcome) -> Rendered {
        match self.format {
            Format::Table => Rendered::Text(table::render(&outcome, self.terminal)),
            Format::Jsonl => Rendered::Text(jsonl::render(outcome)),
            Format::Csv => Rendered::Text(csv::render(&flat::FlatRow::of(&outcome))),
            #[cfg(feature = "parquet")]
            Format::Parquet => Rendered::Row(Box::new(flat::FlatRow::of(&outcome))),
            // `open` has refused it.
            #[cfg(not(feature = "parquet"))]
            Format::Parquet => Rendered::Text(String::new()),
        }
    }

    /// Opens the output and writes what stands before the first outcome.
    pub(crate) fn open(&self, output: Option<&Path>) -> Result<Writer, Failure> {
        if self.format == Format::Parquet {
            return open_parquet(output);
        }
        let inner: Box<dyn Write> = match output {
            None => Box::new(io::stdout()),
            Some(path) => Box::new(create(path)?),
        };
        let mut out = BufWriter::with_capacity(BUFFER, inner);
        match self.format {
            Format::Table => out.write_all(table::header(self.terminal).as_bytes())?,
            Format::Csv => out.write_all(csv::header().as_bytes())?,
            Format::Jsonl | Format::Parquet => {}
        }
        Ok(Writer::Text(out))
    }
}

/// Where outcomes go.
pub(crate) enum Writer {
    /// Text.
    Text(BufWriter<Box<dyn Write>>),
    /// Columns.
    #[cfg(feature = "parquet")]
    Columns(Box<parquet::Columns>),
}

impl Writer {
    /// Writes outcomes in this order.
    pub(crate) fn write(&mut self, chunk: impl IntoIterator<Item = Rendered>) -> Result<(), Failure> {
        match self {
            Writer::Text(out) => {
                for rendered in chunk {
                    match rendered {
                        Rendered::Text(text) => out.write_all(text.as_bytes())?,
                        // One renderer makes only one kind.
                        #[cfg(feature = "parquet")]
                        Rendered::Row(_) => {}
                    }
                }
                Ok(())
            }
            #[cfg(feature = "parquet")]
            Writer::Columns(columns) => columns.write(chunk),
        }
    }

    /// Hands on what was gathered: a reader at the other end of a pipe gets every chunk as soon as it is there.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        match self {
            Writer::Text(out) => Ok(out.flush()?),
            #[cfg(feature = "parquet")]
            Writer::Columns(_) => Ok(()),
        }
    }

    /// Writes what stands after the last outcome.
    pub(crate) fn close(self) -> Result<(), Failure> {
        match self {
            Writer::Text(mut out) => Ok(out.flush()?),
            #[cfg(feature = "parquet")]
            Writer::Columns(columns) => columns.close(),
        }
    }
}

#[cfg(feature = "parquet")]
fn open_parquet(output: Option<&Path>) -> Result<Writer, Failure> {
    let path = output.ok_or_else(|| {
        Failure::with_hint("Parquet cannot be written to a stream", "name a file: --output results.parquet")
    })?;
    Ok(Writer::Columns(Box::new(parquet::Columns::new(create(path)?)?)))
}

#[cfg(not(feature = "parquet"))]
fn open_parquet(_output: Option<&Path>) -> Result<Writer, Failure> {
    Err(super::input::without_parquet("Parquet cannot be written"))
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| Failure::io(format_args!("{} cannot be written", path.display()), &error))
}

//! Files of content: one item after the other, each as a line of JSON with its place.
//!
//! Not here: what a line means (`wire::json`). Kept true: whatever the file's format, an item passes the same checks as a
//! gRPC request; memory does not grow with the file; a bad line is an item like any other and never ends the reading.

mod csv;
mod jsonl;
mod labelled;
#[cfg(feature = "parquet")]
mod parquet;
mod table;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::failure::Failure;
pub(crate) use labelled::{LineFault, Row, read_row};

/// Items that are read, scored in parallel and written before the next ones are read.
pub(crate) const CHUNK: usize = 1024;
/// Bytes of one line at most, as many as one gRPC message may have.
const MAX_LINE: usize = 4 << 20;

/// Where an item stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, if there are several.
    pub(crate) file: Option<Arc<str>>,
    /// From 1; for Parquet the number of the row.
    pub(crate) line: u64,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}:{}", self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}

/// An item as it was read.
#[derive(Clone, Debug)]
pub(crate) struct RawItem {
    /// Where it stands.
    pub(crate) place: Place,
    /// A line of JSON, or why there is none.
    pub(crate) json: Result<String, LineFault>,
}

/// The items of one file. An error ends the reading: the file itself cannot be read on.
type Items = Box<dyn Iterator<Item = io::Result<(u64, Result<String, LineFault>)>>>;

/// One input: a file, or the standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The standard input, as JSON Lines.
    Stdin,
    /// A file; its extension says what it is.
    File(PathBuf),
}

impl Source {
    /// As the command line names them; none is the standard input.
    pub(crate) fn all(names: &[PathBuf]) -> Vec<Source> {
        let one = |name: &PathBuf| if name == Path::new("-") { Source::Stdin } else { Source::File(name.clone()) };
        if names.is_empty() { vec![Source::Stdin] } else { names.iter().map(one).collect() }
    }

    /// For people.
    pub(crate) fn name(&self) -> String {
        match self {
            Source::Stdin => "the standard input".to_owned(),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// Bytes, if they are known beforehand.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match self {
            Source::Stdin => None,
            Source::File(path) => path.metadata().ok().map(|metadata| metadata.len()),
        }
    }

    /// Can it be read? Asked before the work starts, so that a misspelt name is told at once.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Source::File(path) = self else { return Ok(()) };
        let cannot = |error: io::Error| Failure::io(format_args!("{} cannot be read", path.display()), &error);
        let is_folder = File::open(path).and_then(|file| file.metadata()).map_err(cannot)?.is_dir();
        if is_folder { Err(cannot(io::Error::from(io::ErrorKind::IsADirectory))) } else { Ok(()) }
    }

    /// Opens it. `read` counts the bytes taken so far.
    fn open(&self, read: &Arc<AtomicU64>) -> Result<Items, Failure> {
        let path = match self {
            Source::Stdin => return Ok(Box::new(jsonl::Lines::new(Counted::new(io::stdin(), read)))),
            Source::File(path) => path,
        };
        let cannot = |error: io::Error| Failure::io(format_args!("{} cannot be read", path.display()), &error);
        let file = File::open(path).map_err(cannot)?;
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match extension.as_str() {
            "csv" => csv::open(Counted::new(file, read), &self.name(), b','),
            "tsv" => csv::open(Counted::new(file, read), &self.name(), b'\t'),
            "parquet" => open_parquet(file, &self.name()),
            _ => Ok(Box::new(jsonl::Lines::new(Counted::new(file, read)))),
        }
    }
}

#[cfg(feature = "parquet")]
fn open_parquet(file: File, name: &str) -> Result<Items, Failure> {
    parquet::open(file, name)
}

#[cfg(not(feature = "parquet"))]
fn open_parquet(_file: File, name: &str) -> Result<Items, Failure> {
    Err(without_parquet(&format!("{name} cannot be read")))
}

/// This binary was built without Parquet.
#[cfg(not(feature = "parquet"))]
pub(crate) fn without_parquet(what: &str) -> Failure {
    Failure::with_hint(
        format!("{what}: this build does not know Parquet"),
        "build with `cargo build --release --features parquet`, or use JSON Lines or CSV",
    )
}

/// All items of all inputs, in order.
pub(crate) struct Reader {
    sources: std::vec::IntoIter<Source>,
    several: bool,
    current: Option<(Source, Items)>,
    read: Arc<AtomicU64>,
}

impl Reader {
    /// Over these inputs.
    pub(crate) fn new(sources: Vec<Source>) -> Self {
        let several = sources.len() > 1;
        Reader { sources: sources.into_iter(), several, current: None, read: Arc::default() }
    }

    /// Bytes read so far. Parquet files count once they are done.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The next items, at most `CHUNK`; none at the end.
    pub(crate) fn chunk(&mut self) -> Result<Vec<RawItem>, Failure> {
        let mut items = Vec::with_capacity(CHUNK);
        while items.len() < CHUNK {
            let Some((source, current)) = &mut self.current else {
                let Some(source) = self.sources.next() else { break };
                let opened = source.open(&self.read)?;
                self.current = Some((source, opened));
                continue;
            };
            match current.next() {
                Some(Ok((line, json))) => {
                    let file = self.several.then(|| Arc::from(source.name()));
                    items.push(RawItem { place: Place { file, line }, json });
                }
                Some(Err(error)) => {
                    return Err(Failure::io(format_args!("{} cannot be read on", source.name()), &error));
                }
                None => self.current = None,
            }
        }
        Ok(items)
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    fn new(inner: R, read: &Arc<AtomicU64>) -> Self {
        Counted { inner, read: Arc::clone(read) }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

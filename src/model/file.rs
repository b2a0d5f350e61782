//! The model as bytes: reading, checking and writing the file format.
//!
//! ```text
//! "DSAM" | format u32 | version: u32 length + UTF-8 | areas: u32 count, then per area
//!   name: u32 length + UTF-8, bias f32, scale f32 | buckets u32 (a power of two) | rows: buckets x 16 x i8
//!   | what lexicons mean together (`lexicons/bytes.rs`)
//! ```
//! All numbers little-endian. Not here: where the file comes from. Kept true: a model that was read has finite
//! numbers, distinct areas and exactly the rows it announces.

use std::collections::BTreeSet;
use std::fmt;

use super::lexicons::{self, LexiconModel};
use crate::domain::{ModelReference, RiskArea};

/// Weights of one bucket, one per area, the rest zero: a row is one load.
pub(super) type Row = [i8; ROW];
/// Areas that a row has room for.
pub(super) const ROW: usize = 16;
const MAGIC: &[u8; 4] = b"DSAM";
/// Also names what features are: a model trained on others would read noise.
const FORMAT: u32 = 3;
const MOST_BUCKETS: u32 = 1 << 20;

/// One area of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) area: RiskArea,
    /// Log odds of an empty text.
    pub(super) bias: f32,
    /// Log odds of one unit of weight.
    pub(super) scale: f32,
}

/// A trained model. Immutable, shared by all workers.
#[derive(Clone, Debug, PartialEq)]
pub struct TextModel {
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
    lexicons: Option<LexiconModel>,
    version: String,
    digest: String,
}

/// Why bytes are no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidModel(String);

impl InvalidModel {
    pub(super) fn new(why: String) -> Self {
        InvalidModel(why)
    }
}

impl fmt::Display for InvalidModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a text model: {}", self.0)
    }
}

impl std::error::Error for InvalidModel {}

impl TextModel {
    pub(super) fn new(version: &str, heads: Vec<Head>, rows: Vec<Row>) -> Self {
        TextModel { heads, rows, lexicons: None, version: version.to_owned(), digest: String::new() }.digested()
    }

    /// The same, with what lexicons mean together.
    pub fn with_lexicons(self, lexicons: Option<LexiconModel>) -> Self {
        TextModel { lexicons, ..self }.digested()
    }

    fn digested(mut self) -> Self {
        self.digest = blake3::hash(&self.to_bytes()).to_hex().to_string();
        self
    }

    /// What lexicons mean together, if it has learned that.
    pub fn lexicons(&self) -> Option<&LexiconModel> {
        self.lexicons.as_ref()
    }

    /// The areas it scores, in the order of its scores.
    pub fn areas(&self) -> impl Iterator<Item = RiskArea> + '_ {
        self.heads.iter().map(|head| head.area)
    }

    /// BLAKE3 of the file, hexadecimal.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// Version and BLAKE3 of the file.
    pub fn reference(&self) -> ModelReference {
        ModelReference { version: self.version.clone(), digest: self.digest.clone() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Says what is wrong: another format, a name nobody knows, a number that is not finite, bytes missing or left over.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidModel> {
        let mut reader = Reader { rest: bytes };
        if reader.take(4)? != MAGIC {
            return Err(InvalidModel("it does not start with \"DSAM\"".into()));
        }
        let format = reader.number()?;
        if format != FORMAT {
            return Err(InvalidModel(format!("format {format}, this program reads {FORMAT}")));
        }
        let version = reader.text()?;
        let count = reader.number()? as usize;
        if !(1..=ROW).contains(&count) {
            return Err(InvalidModel(format!("{count} areas; it must have 1 to {ROW} areas")));
        }
        let heads = (0..count).map(|_| reader.head()).collect::<Result<Vec<_>, _>>()?;
        let areas: BTreeSet<_> = heads.iter().map(|head| head.area).collect();
        if areas.len() != heads.len() {
            return Err(InvalidModel("an area stands in it twice".into()));
        }
        let buckets = reader.number()?;
        if !buckets.is_power_of_two() || buckets > MOST_BUCKETS {
            return Err(InvalidModel(format!("{buckets} buckets; a power of two up to {MOST_BUCKETS} is needed")));
        }
        let (rows, left_over) = reader.take(buckets as usize * ROW)?.as_chunks::<ROW>();
        debug_assert!(left_over.is_empty());
        let lexicons = lexicons::read(&mut reader)?;
        if !reader.rest.is_empty() {
            return Err(InvalidModel(format!("{} bytes too many", reader.rest.len())));
        }
        let rows = rows.iter().map(|row| row.map(|byte| i8::from_le_bytes([byte]))).collect();
        let digest = blake3::hash(bytes).to_hex().to_string();
        Ok(TextModel { heads, rows, lexicons, version, digest })
    }

    /// Writes a file; `from_bytes` reads it back to an equal model.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.rows.len() * ROW + 512);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        write_text(&mut bytes, &self.version);
        bytes.extend_from_slice(&length(self.heads.len()));
        for head in &self.heads {
            write_text(&mut bytes, head.area.as_str());
            bytes.extend_from_slice(&head.bias.to_le_bytes());
            bytes.extend_from_slice(&head.scale.to_le_bytes());
        }
        bytes.extend_from_slice(&length(self.rows.len()));
        bytes.extend(self.rows.iter().flatten().map(|weight| weight.to_le_bytes()[0]));
        lexicons::write(self.lexicons.as_ref(), &mut bytes);
        bytes
    }
}

pub(super) fn length(of: usize) -> [u8; 4] {
    u32::try_from(of).unwrap_or(u32::MAX).to_le_bytes()
}

pub(super) fn write_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend_from_slice(&length(text.len()));
    bytes.extend_from_slice(text.as_bytes());
}

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], InvalidModel> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| InvalidModel("it ends too early".into()))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u32, InvalidModel> {
        let bytes = self.take(4)?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    pub(super) fn finite(&mut self) -> Result<f32, InvalidModel> {
        let number = f32::from_bits(self.number()?);
        if number.is_finite() { Ok(number) } else { Err(InvalidModel("a number is not finite".into())) }
    }

    pub(super) fn text(&mut self) -> Result<String, InvalidModel> {
        let count = self.number()? as usize;
        let bytes = self.take(count)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| InvalidModel("a text is not UTF-8".into()))
    }

    fn head(&mut self) -> Result<Head, InvalidModel> {
        Ok(Head { area: self.area()?, bias: self.finite()?, scale: self.finite()? })
    }

    pub(super) fn area(&mut self) -> Result<RiskArea, InvalidModel> {
        let name = self.text()?;
        name.parse().map_err(|()| InvalidModel(format!("no risk area is called {name:?}")))
    }
}

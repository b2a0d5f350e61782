//! The network as bytes: the last section of a model file.
//!
//! ```text
//! lexicons u32 (0 = no network, nothing follows) | their names, sorted: u32 length + UTF-8 | rows: lexicons x 64 x i16
//! hidden biases: 64 x i32 | scale f32 | areas u32, then per area: name, bias f32, 64 x i16
//! ```
//! All numbers little-endian. Not here: the sections before it. Kept true: a network that was read has sorted names, distinct areas and finite numbers; sums over it fit.

use super::super::file::{InvalidModel, Reader, length, write_text};
use super::{HIDDEN, LexiconModel, MOST, Output, Units};
use crate::domain::RiskArea;

/// More lexicons than any pack may have.
const MOST_LEXICONS: usize = u16::MAX as usize;

/// Appends the section.
pub(in crate::model) fn write(network: Option<&LexiconModel>, bytes: &mut Vec<u8>) {
    let Some(network) = network else { return bytes.extend_from_slice(&length(0)) };
    bytes.extend_from_slice(&length(network.names.len()));
    network.names.iter().for_each(|name| write_text(bytes, name));
    network.rows.iter().for_each(|row| write_units(bytes, row));
    bytes.extend(network.hidden_bias.iter().flat_map(|bias| bias.to_le_bytes()));
    bytes.extend_from_slice(&network.scale.to_le_bytes());
    bytes.extend_from_slice(&length(network.outputs.len()));
    for output in &network.outputs {
        write_text(bytes, output.area.as_str());
        bytes.extend_from_slice(&output.bias.to_le_bytes());
        write_units(bytes, &output.weights);
    }
}

/// Reads the section.
pub(in crate::model) fn read(reader: &mut Reader<'_>) -> Result<Option<LexiconModel>, InvalidModel> {
    let count = reader.number()? as usize;
    if count == 0 {
        return Ok(None);
    }
    if count > MOST_LEXICONS {
        return Err(InvalidModel::new(format!("{count} lexicons; it may have {MOST_LEXICONS}")));
    }
    let names = (0..count).map(|_| reader.text()).collect::<Result<Vec<_>, _>>()?;
    if !names.is_sorted_by(|one, next| one < next) {
        return Err(InvalidModel::new("its lexicons are not in order".into()));
    }
    let rows = (0..count).map(|_| units(reader)).collect::<Result<Vec<_>, _>>()?;
    let mut hidden_bias = [0; HIDDEN];
    for bias in &mut hidden_bias {
        *bias = reader.number()?.cast_signed();
    }
    let scale = reader.finite()?;
    let count = reader.number()? as usize;
    if !(1..=RiskArea::COUNT).contains(&count) {
        return Err(InvalidModel::new(format!("{count} areas of lexicons; it must have 1 to {}", RiskArea::COUNT)));
    }
    let mut outputs: Vec<Output> = Vec::with_capacity(count);
    for _ in 0..count {
        let output = Output { area: reader.area()?, bias: reader.finite()?, weights: units(reader)? };
        if output.weights.iter().any(|weight| !(-MOST..=MOST).contains(weight)) {
            return Err(InvalidModel::new(format!("a weight towards an area is beyond {MOST}")));
        }
        if outputs.iter().any(|other| other.area == output.area) {
            return Err(InvalidModel::new("an area stands in it twice".into()));
        }
        outputs.push(output);
    }
    Ok(Some(LexiconModel { names, rows, hidden_bias, outputs, scale }))
}

fn units(reader: &mut Reader<'_>) -> Result<Units, InvalidModel> {
    let (pairs, _) = reader.take(2 * HIDDEN)?.as_chunks::<2>();
    let mut units = [0; HIDDEN];
    for (unit, pair) in units.iter_mut().zip(pairs) {
        *unit = i16::from_le_bytes(*pair);
    }
    Ok(units)
}

fn write_units(bytes: &mut Vec<u8>, units: &Units) {
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
}

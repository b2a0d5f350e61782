//! How far somebody has read: a position in each chain.
//!
//! Not here: reading. Kept true: a cursor written as text reads back as itself; a chain that it does not name has not been read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A position in each chain. The default is the beginning of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    positions: BTreeMap<String, u64>,
}

impl Cursor {
    /// The last sequence read in a chain; 0 = none.
    pub fn position(&self, chain: &str) -> u64 {
        self.positions.get(chain).copied().unwrap_or(0)
    }

    /// Moves on; never back.
    pub fn advance(&mut self, chain: &str, to: u64) {
        match self.positions.get_mut(chain) {
            Some(at) => *at = to.max(*at),
            None if to > 0 => drop(self.positions.insert(chain.to_owned(), to)),
            None => {}
        }
    }
}

/// `chain:sequence,chain:sequence`.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (chain, sequence)) in self.positions.iter().enumerate() {
            write!(f, "{}{chain}:{sequence}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut cursor = Cursor::default();
        for position in text.split(',').filter(|position| !position.is_empty()) {
            let (chain, sequence) = position.rsplit_once(':').ok_or(())?;
            cursor.advance(chain, sequence.parse().map_err(|_| ())?);
        }
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_it_was_written_and_never_moves_back() {
        let mut cursor = Cursor::default();
        assert_eq!(cursor.to_string().parse(), Ok(cursor.clone()));
        cursor.advance("b", 7);
        cursor.advance("a", 3);
        cursor.advance("b", 5);
        assert_eq!(cursor.to_string(), "a:3,b:7");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!("a:x".parse::<Cursor>().is_err() && "a".parse::<Cursor>().is_err());
    }
}

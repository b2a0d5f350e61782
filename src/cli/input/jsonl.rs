//! JSON Lines: one object a line.
//!
//! Not here: the JSON itself. Kept true: a line that never ends costs bounded memory; empty lines are counted and skipped.

use std::io::{self, BufRead, BufReader, Read};

use super::{LineFault, MAX_LINE};
use crate::domain::ErrorCode;

/// Bytes asked of the file at once.
const BUFFER: usize = 256 << 10;

/// The lines of a file.
pub(super) struct Lines<R> {
    input: BufReader<R>,
    line: u64,
}

impl<R: Read> Lines<R> {
    /// Over an input.
    pub(super) fn new(input: R) -> Self {
        Lines { input: BufReader::with_capacity(BUFFER, input), line: 0 }
    }

    /// The next line without its end; `None` at the end of the file. What goes beyond `MAX_LINE` is read and dropped.
    fn next_line(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        let (mut line, mut whole, mut seen) = (Vec::new(), true, false);
        loop {
            let available = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if available.is_empty() {
                return Ok(seen.then_some((line, whole)));
            }
            seen = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let piece = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            if line.len() + piece.len() > MAX_LINE {
                whole = false;
            } else if whole {
                line.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some((line, whole)));
            }
        }
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = io::Result<(u64, Result<String, LineFault>)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (bytes, whole) = match self.next_line().transpose()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            self.line += 1;
            if !whole {
                let fault = LineFault::new(ErrorCode::TooLarge, format!("is longer than {MAX_LINE} bytes"));
                return Some(Ok((self.line, Err(fault))));
            }
            let text = String::from_utf8(bytes).map_err(|error| {
                let column = error.utf8_error().valid_up_to() + 1;
                LineFault::new(ErrorCode::Invalid, format!("is not UTF-8 (byte {column}); save the file as UTF-8"))
            });
            // Editors on some systems put a byte order mark before the first line.
            let text = text.map(|text| text.trim_start_matches('\u{feff}').trim().to_owned());
            if !matches!(&text, Ok(text) if text.is_empty()) {
                return Some(Ok((self.line, text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<(u64, Result<String, LineFault>)> {
        Lines::new(bytes).map(Result::unwrap).collect()
    }

    #[test]
    fn lines_keep_their_numbers_whatever_ends_them() {
        let lines = read(b"\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"b\":2}\n{\"c\":3}");
        let lines: Vec<_> = lines.into_iter().map(|(line, text)| (line, text.unwrap())).collect();
        assert_eq!(lines, [(1, "{\"a\":1}".to_owned()), (4, "{\"b\":2}".to_owned()), (5, "{\"c\":3}".to_owned())]);
    }

    #[test]
    fn a_line_in_another_encoding_is_reported_and_the_next_one_read() {
        let lines = read(b"{\"a\":\"\xe9\"}\n{}\n");
        assert_eq!(lines[0].1.as_ref().unwrap_err().message, "is not UTF-8 (byte 7); save the file as UTF-8");
        assert_eq!(lines[1].1.as_deref(), Ok("{}"));
    }

    #[test]
    fn a_line_without_end_is_reported_and_costs_no_more_than_the_limit() {
        let endless = io::repeat(b'x').take(3 * MAX_LINE as u64).chain(&b"\n{}\n"[..]);
        let lines: Vec<_> = Lines::new(endless).map(Result::unwrap).collect();
        assert_eq!(lines[0].1.as_ref().unwrap_err().code, ErrorCode::TooLarge);
        assert_eq!((lines[1].0, lines[1].1.as_deref()), (2, Ok("{}")));
    }
}

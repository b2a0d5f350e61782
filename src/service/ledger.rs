//! Counts of allowed items on this machine's disk, so that a process that is killed takes none of them with it.
//!
//! Not here: what is counted and when it is recorded (`tally.rs`). Kept true: a file belongs to one process at a time; what a process that died
//! has left is found by the next one; a place that was cut short by a crash is empty, because its count had not begun.
//!
//! A file of places of equal size: the count (8 bytes), 8 bytes of BLAKE3 over what follows, the length of the tally's record (4 bytes), the
//! record. A count is one write of 8 bytes into the system's cache (measured: 0.6 us), which outlives a killed process, though not a
//! machine that loses its power: then the counts since the last record may be lost, at most a second's.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::domain::{Record, Tally};
use crate::store::canonical::{read_record, record_bytes};

/// Files that one folder may hold: as many processes may share it.
const FILES: usize = 64;
/// Bytes of a place: a tally takes some 150.
const PLACE: usize = 512;
/// Of the digest and the length, before the record.
const HEAD: usize = 8 + 8 + 4;

/// The counts of this process.
#[derive(Debug)]
pub(super) struct Ledger {
    file: File,
    /// Places that hold nothing; behind `end`, all do.
    free: Vec<u64>,
    end: u64,
}

/// Where a count stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u64);

impl Ledger {
    /// Takes the first file in the folder that no other process has. Gives what processes that died have counted and not recorded.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Vec<(Tally, Slot)>)> {
        std::fs::create_dir_all(folder)?;
        let (mut taken, mut left): (Option<File>, Vec<Tally>) = (None, Vec::new());
        for number in 0..FILES {
            let path = folder.join(format!("{number}.allowed"));
            if taken.is_some() && !path.exists() {
                continue;
            }
            let mut options = OpenOptions::new();
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.read(true).write(true).create(true).truncate(false).open(&path)?;
            if file.try_lock().is_err() {
                continue;
            }
            left.extend(counted(&mut file)?);
            match &taken {
                None => taken = Some(file),
                Some(own) => {
                    // Here before it goes there: what is counted twice has one identifier, and is recorded once.
                    rewrite(own, &left)?;
                    std::fs::remove_file(&path)?;
                }
            }
        }
        let file = taken.ok_or_else(|| io::Error::other("every file of counts is in use"))?;
        rewrite(&file, &left)?;
        let end = left.len() as u64;
        let left = left.into_iter().zip((0..end).map(Slot)).collect();
        Ok((Ledger { file, free: Vec::new(), end }, left))
    }

    /// Gives a tally a place.
    pub(super) fn begin(&mut self, tally: &Tally) -> io::Result<Slot> {
        let slot = Slot(self.free.pop().unwrap_or(self.end));
        write_at(&self.file, &place(tally), slot.0 * PLACE as u64)?;
        self.end = self.end.max(slot.0 + 1);
        Ok(slot)
    }

    /// Notes how many it is.
    pub(super) fn count(&self, slot: Slot, allowed: u64) -> io::Result<()> {
        write_at(&self.file, &allowed.to_le_bytes(), slot.0 * PLACE as u64)
    }

    /// Empties a place: its tally is recorded.
    pub(super) fn end(&mut self, slot: Slot) -> io::Result<()> {
        write_at(&self.file, &[0; HEAD], slot.0 * PLACE as u64)?;
        self.free.push(slot.0);
        Ok(())
    }
}

/// The bytes of a place.
fn place(tally: &Tally) -> Vec<u8> {
    let record = record_bytes(&Record::Tally(Tally { allowed: 0, ..tally.clone() }));
    let mut behind = u32::try_from(record.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    behind.extend_from_slice(&record);
    let mut place = tally.allowed.to_le_bytes().to_vec();
    place.extend_from_slice(&sum(&behind));
    place.extend_from_slice(&behind);
    place.resize(PLACE, 0);
    place
}

fn sum(bytes: &[u8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(bytes).as_bytes();
    [a, b, c, d, e, f, g, h]
}

/// The tallies of a file. A place that makes no sense is empty.
fn counted(file: &mut File) -> io::Result<Vec<Tally>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes.chunks_exact(PLACE).filter_map(tally).collect())
}

fn tally(place: &[u8]) -> Option<Tally> {
    let (allowed, rest) = place.split_first_chunk::<8>()?;
    let (expected, behind) = rest.split_first_chunk::<8>()?;
    let (length, record) = behind.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let covered = behind.get(..length.checked_add(4)?)?;
    if length == 0 || sum(covered) != *expected {
        return None;
    }
    match read_record(record.get(..length)?) {
        Ok(Record::Tally(tally)) => Some(Tally { allowed: u64::from_le_bytes(*allowed), ..tally }),
        _ => None,
    }
}

/// Makes a file hold these tallies and nothing else.
fn rewrite(file: &File, tallies: &[Tally]) -> io::Result<()> {
    for (number, tally) in tallies.iter().enumerate() {
        write_at(file, &place(tally), (number * PLACE) as u64)?;
    }
    file.set_len((tallies.len() * PLACE) as u64)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        bytes = bytes.get(written..).unwrap_or_default();
        offset += written as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SubjectKind, Timestamp};

    fn tally(id: &str, allowed: u64) -> Tally {
        Tally {
            tally_id: id.into(),
            policy_digest: "d".repeat(64),
            subject_kind: SubjectKind::Listing,
            allowed,
            since: Timestamp { seconds: 1_700_000_000, nanos: 5 },
            until: Timestamp { seconds: 1_700_000_001, nanos: 0 },
        }
    }

    fn left(folder: &Path) -> Vec<Tally> {
        Ledger::open(folder).unwrap().1.into_iter().map(|(tally, _)| tally).collect()
    }

    #[test]
    fn what_was_counted_and_not_ended_is_found_by_the_next_process() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, found) = Ledger::open(folder.path()).unwrap();
        assert_eq!(found, []);
        let slots = ["a", "b", "c"].map(|id| ledger.begin(&tally(id, 0)).unwrap());
        ledger.count(slots[0], 7).unwrap();
        ledger.count(slots[2], 300).unwrap();
        ledger.end(slots[1]).unwrap();
        assert_eq!(ledger.begin(&tally("d", 1)).unwrap(), slots[1], "a place is used again");
        drop(ledger);
        assert_eq!(left(folder.path()), [tally("a", 7), tally("d", 1), tally("c", 300)]);
        assert_eq!(left(folder.path()).len(), 3, "until they are ended they stay");
    }

    #[test]
    fn processes_at_once_have_files_of_their_own_and_the_last_one_inherits() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledgers = [(); 3].map(|()| Ledger::open(folder.path()).unwrap().0);
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            ledger.begin(&tally(&number.to_string(), 9)).unwrap();
        }
        drop(ledgers);
        assert_eq!(left(folder.path()).len(), 3);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_place_is_empty_and_its_neighbours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let (mut ledger, _) = Ledger::open(folder.path()).unwrap();
        for id in ["a", "b", "c"] {
            ledger.begin(&tally(id, 2)).unwrap();
        }
        drop(ledger);
        let path = folder.path().join("0.allowed");
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[PLACE + HEAD + 3] ^= 1;
        bytes.truncate(2 * PLACE + PLACE / 2); // and the last one was cut short
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(left(folder.path()), [tally("a", 2)]);
    }
}

//! Records that wait on this machine's disk until the store is back.
//!
//! Not here: when to write and when to bring them (`recorder.rs`). Kept true: what was written is on disk (`fdatasync`) before it counts as kept; a
//! file belongs to one process at a time; a frame cut short by a crash is left out, and it was never acknowledged.
//!
//! A file of frames: the frame's length (4 bytes), 8 bytes of BLAKE3 over the rest, the record's length (4 bytes), the record, its content.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::Draft;

/// Files that one folder may hold: as many processes may share it.
const FILES: usize = 64;
/// No frame is longer; a length beyond it is damage.
const LONGEST: usize = 64 << 20;

/// The spool of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Files>);

#[derive(Debug)]
struct Files {
    /// The one that is written, and its end.
    writing: Mutex<(File, u64)>,
    path: PathBuf,
    /// Bytes written and not yet known to be brought.
    written: AtomicU64,
    /// Where reading goes on.
    read: AtomicU64,
}

/// Drafts read from the spool.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Oldest first.
    pub(super) drafts: Vec<Draft>,
    /// Where they end in the file.
    end: u64,
}

impl Spool {
    /// Takes the first file in the folder that no other process has. What a process that died has left there comes first.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut taken: Option<(File, PathBuf)> = None;
        for number in 0..FILES {
            let path = folder.join(format!("{number}.spool"));
            if taken.is_some() && !path.exists() {
                continue;
            }
            let mut options = OpenOptions::new();
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.read(true).append(true).create(true).open(&path)?;
            if file.try_lock().is_err() {
                continue;
            }
            match &mut taken {
                None => taken = Some((file, path)),
                // Left behind by another process: its frames become ours, then its file goes.
                Some((own, _)) => {
                    let mut frames = Vec::new();
                    file.read_to_end(&mut frames)?;
                    frames.truncate(whole(&frames));
                    own.write_all(&frames)?;
                    own.sync_data()?;
                    std::fs::remove_file(&path)?;
                }
            }
        }
        let (mut file, path) = taken.ok_or_else(|| io::Error::other("every spool file is in use"))?;
        let mut frames = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut frames)?;
        let end = whole(&frames) as u64;
        file.set_len(end)?;
        let files =
            Files { writing: Mutex::new((file, end)), path, written: AtomicU64::new(end), read: AtomicU64::new(0) };
        Ok(Spool(Arc::new(files)))
    }

    /// True if something has not been brought to the store yet.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.written.load(Ordering::Acquire) > 0
    }

    /// How much has not been brought to the store yet.
    pub(super) fn waiting_bytes(&self) -> u64 {
        self.0.written.load(Ordering::Acquire).saturating_sub(self.0.read.load(Ordering::Acquire))
    }

    /// Keeps records. They are on disk when it resolves.
    pub(super) async fn write(&self, drafts: Vec<Draft>) -> io::Result<()> {
        self.with(move |files| {
            let mut frames = Vec::new();
            drafts.iter().for_each(|draft| frame(draft, &mut frames));
            let mut writing = files.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let (file, end) = &mut *writing;
            // What a full disk took of a frame must not stand before the next one, which nobody would find behind it.
            if file.metadata()?.len() != *end {
                file.set_len(*end)?;
            }
            file.write_all(&frames)?;
            file.sync_data()?;
            *end += frames.len() as u64;
            files.written.store(*end, Ordering::Release);
            Ok(())
        })
        .await
    }

    /// The next records that have not been brought to the store, at most `limit`.
    pub(super) async fn read(&self, limit: usize) -> io::Result<Waiting> {
        self.with(move |files| {
            let mut end = files.read.load(Ordering::Acquire);
            let known = files.written.load(Ordering::Acquire);
            let mut file = File::open(&files.path)?;
            file.seek(SeekFrom::Start(end))?;
            let mut reader = io::BufReader::new(file.take(known.saturating_sub(end)));
            let mut drafts = Vec::new();
            while drafts.len() < limit {
                let Some((draft, bytes)) = next(&mut reader)? else { break };
                drafts.push(draft);
                end += bytes;
            }
            Ok(Waiting { drafts, end })
        })
        .await
    }

    /// Notes that what was read has been brought to the store.
    pub(super) fn advance(&self, waiting: &Waiting) {
        self.0.read.store(waiting.end, Ordering::Release);
    }

    /// Empties the file if nothing was written behind what was read. True if it did.
    pub(super) async fn done(&self, waiting: &Waiting) -> io::Result<bool> {
        let read = waiting.end;
        self.with(move |files| {
            let mut writing = files.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let (file, end) = &mut *writing;
            if *end > read {
                return Ok(false);
            }
            if *end > 0 {
                file.set_len(0)?;
                file.sync_data()?;
            }
            *end = 0;
            files.read.store(0, Ordering::Release);
            files.written.store(0, Ordering::Release);
            Ok(true)
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let files = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&files)).await.map_err(io::Error::other)?
    }
}

fn frame(draft: &Draft, to: &mut Vec<u8>) {
    let mut inside = Vec::with_capacity(draft.body().len() + 4);
    inside.extend_from_slice(&u32::try_from(draft.body().len()).unwrap_or(u32::MAX).to_le_bytes());
    inside.extend_from_slice(draft.body());
    inside.extend_from_slice(draft.content().unwrap_or_default());
    to.extend_from_slice(&u32::try_from(inside.len()).unwrap_or(u32::MAX).to_le_bytes());
    to.extend_from_slice(&sum(&inside));
    to.extend_from_slice(&inside);
}

fn sum(inside: &[u8]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(inside).as_bytes();
    [a, b, c, d, e, f, g, h]
}

/// The draft of the next frame and the frame's length; `None` at the end or where the file is damaged.
fn next(reader: &mut impl Read) -> io::Result<Option<(Draft, u64)>> {
    let mut head = [0; 12];
    if !fill(reader, &mut head)? {
        return Ok(None);
    }
    let [a, b, c, d, expected @ ..] = head;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > LONGEST {
        return Ok(None);
    }
    let mut inside = vec![0; length];
    if !fill(reader, &mut inside)? || sum(&inside) != expected {
        return Ok(None);
    }
    Ok(draft(&inside).map(|draft| (draft, (head.len() + length) as u64)))
}

fn draft(inside: &[u8]) -> Option<Draft> {
    let (length, rest) = inside.split_first_chunk::<4>()?;
    let (body, content) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Draft::from_bytes(body, (!content.is_empty()).then_some(content)).ok()
}

/// False if the file ends before.
fn fill(reader: &mut impl Read, bytes: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// How many of these bytes are whole frames.
fn whole(frames: &[u8]) -> usize {
    let (mut reader, mut end) = (frames, 0);
    while let Ok(Some((_, bytes))) = next(&mut reader) {
        end += usize::try_from(bytes).unwrap_or(0);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventKind, Record, StandingEvent, Subject, SubjectKind, Timestamp};

    fn drafts(numbers: std::ops::Range<usize>) -> Vec<Draft> {
        let event = |number| StandingEvent {
            event_id: format!("e-{number}"),
            subject: Subject { kind: SubjectKind::Seller, id: "s".into() },
            kind: EventKind::ContentRemoved,
            area: None,
            count: 1,
            occurred_at: Timestamp::default(),
        };
        numbers.map(|number| Draft::new(&Record::Event(event(number)))).collect()
    }

    #[tokio::test]
    async fn what_was_written_waits_in_order_until_it_was_brought() {
        let folder = tempfile::TempDir::new().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        assert!(!spool.is_waiting());
        spool.write(drafts(0..3)).await.unwrap();
        let first = spool.read(2).await.unwrap();
        assert_eq!(first.drafts, drafts(0..2));
        assert!(!spool.done(&first).await.unwrap(), "more is written behind it");
        spool.advance(&first);
        spool.write(drafts(3..4)).await.unwrap();
        let second = spool.read(9).await.unwrap();
        assert_eq!(second.drafts, drafts(2..4));
        spool.advance(&second);
        assert!(spool.done(&second).await.unwrap() && !spool.is_waiting());
        spool.write(drafts(4..5)).await.unwrap();
        assert_eq!(spool.read(9).await.unwrap().drafts, drafts(4..5));
    }

    #[tokio::test]
    async fn a_frame_cut_short_is_left_out_and_what_stands_before_it_is_not() {
        let folder = tempfile::TempDir::new().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.write(drafts(0..3)).await.unwrap();
        drop(spool);
        let path = folder.path().join("0.spool");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        assert!(spool.is_waiting());
        spool.write(drafts(7..8)).await.unwrap();
        let expected: Vec<_> = drafts(0..2).into_iter().chain(drafts(7..8)).collect();
        assert_eq!(spool.read(9).await.unwrap().drafts, expected);
    }

    #[tokio::test]
    async fn what_a_failed_write_has_left_stands_before_nothing() {
        let folder = tempfile::TempDir::new().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.write(drafts(0..2)).await.unwrap();
        let path = folder.path().join("0.spool");
        let half = std::fs::read(&path).unwrap()[..30].to_vec();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&half).unwrap();
        spool.write(drafts(2..3)).await.unwrap();
        assert_eq!(spool.read(9).await.unwrap().drafts, drafts(0..3));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_an_error_and_what_was_kept_before_and_after_it_is_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let spool = Spool::open(folder.path()).unwrap();
        spool.write(drafts(0..1)).await.unwrap();
        let exchange = |file| std::mem::replace(&mut spool.0.writing.lock().unwrap().0, file);
        let disk = exchange(OpenOptions::new().append(true).open("/dev/full").unwrap());
        assert!(spool.write(drafts(1..2)).await.is_err());
        assert_eq!(spool.read(9).await.unwrap().drafts, drafts(0..1));
        exchange(disk);
        spool.write(drafts(2..3)).await.unwrap();
        let expected: Vec<_> = drafts(0..1).into_iter().chain(drafts(2..3)).collect();
        assert_eq!(spool.read(9).await.unwrap().drafts, expected);
    }

    #[tokio::test]
    async fn processes_share_a_folder_and_inherit_what_the_dead_have_left() {
        let folder = tempfile::TempDir::new().unwrap();
        let one = Spool::open(folder.path()).unwrap();
        let two = Spool::open(folder.path()).unwrap();
        one.write(drafts(0..1)).await.unwrap();
        two.write(drafts(1..2)).await.unwrap();
        drop((one, two));
        let heir = Spool::open(folder.path()).unwrap();
        assert_eq!(heir.read(9).await.unwrap().drafts, drafts(0..2));
    }
}

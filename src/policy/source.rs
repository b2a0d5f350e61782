//! The files of a pack: where they come from, and the digest that names exactly these bytes.
//!
//! Not here: what the files say. Kept true: files are sorted by path, so the same files give the same digest on
//! every machine, and the same order of everything that is compiled from them.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::code::Code;
use super::diagnostic::PackDiagnostic;

/// The pack that is built into the binary.
static DEFAULT_PACK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/policies/default");

/// The learned text model of a pack, beside its `pack.yaml`.
pub(super) const MODEL_FILE: &str = "text.dsam";

/// Larger files are not read: the default pack's largest has a few hundred KiB.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;

/// Folders are looked into this deep; the format needs one level.
const MAX_FOLDER_DEPTH: usize = 4;

/// One file of a pack.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackFile {
    /// Path within the pack, with `/` between folders: `signals/medicine.yaml`.
    pub path: String,
    /// The file's text.
    pub text: String,
}

/// The files of a pack, sorted by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackSource {
    files: Vec<PackFile>,
    model: Option<Vec<u8>>,
}

impl PackSource {
    /// From files in any order. Of files with the same path, one is kept.
    pub fn from_files(files: impl IntoIterator<Item = PackFile>) -> Self {
        let mut files: Vec<PackFile> = files.into_iter().collect();
        files.sort();
        files.dedup_by(|later, earlier| later.path == earlier.path);
        PackSource { files, model: None }
    }

    /// The same pack with these bytes as its text model.
    pub fn with_model(self, model: Option<Vec<u8>>) -> Self {
        PackSource { model, ..self }
    }

    /// Reads every `.yaml` and `.yml` file below a folder, and the text model (`MODEL_FILE`) if there is one; other files
    /// (notes, licences) and hidden ones are not part of a pack.
    pub fn from_dir(root: &Path) -> Result<Self, Vec<PackDiagnostic>> {
        let mut reading = Reading::default();
        reading.folder(root, "", 0);
        let model = reading.model(&root.join(MODEL_FILE));
        if reading.faults.is_empty() {
            Ok(Self::from_files(reading.files).with_model(model))
        } else {
            Err(reading.faults)
        }
    }

    /// The bytes of its text model, unchecked.
    pub fn model(&self) -> Option<&[u8]> {
        self.model.as_deref()
    }

    /// The files, sorted by path.
    pub fn files(&self) -> &[PackFile] {
        &self.files
    }

    /// BLAKE3 over every file in order, the text model last: length and bytes of its path, length and bytes of what it
    /// holds. Hexadecimal.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let files = self.files.iter().map(|file| (file.path.as_str(), file.text.as_bytes()));
        for (path, bytes) in files.chain(self.model().map(|bytes| (MODEL_FILE, bytes))) {
            for part in [path.as_bytes(), bytes] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// The pack that is built into the binary.
pub fn embedded() -> PackSource {
    fn collect(folder: &Dir<'_>, files: &mut Vec<PackFile>) {
        for file in folder.files() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            if let Some(text) = file.contents_utf8()
                && is_yaml(&path)
            {
                files.push(PackFile { path, text: text.to_owned() });
            }
        }
        folder.dirs().for_each(|inner| collect(inner, files));
    }
    let mut files = Vec::new();
    collect(&DEFAULT_PACK, &mut files);
    PackSource::from_files(files).with_model(DEFAULT_PACK.get_file(MODEL_FILE).map(|file| file.contents().to_vec()))
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

#[derive(Default)]
struct Reading {
    files: Vec<PackFile>,
    faults: Vec<PackDiagnostic>,
}

impl Reading {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.fault(if prefix.is_empty() { "." } else { prefix }, error.to_string()),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.fault(prefix, error.to_string()),
            };
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let relative = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            let path = entry.path();
            if path.is_dir() {
                if depth < MAX_FOLDER_DEPTH {
                    self.folder(&path, &relative, depth + 1);
                }
            } else if is_yaml(&name) {
                self.file(&path, relative);
            }
        }
    }

    fn file(&mut self, path: &Path, relative: String) {
        match self.bytes(path, &relative).map(String::from_utf8) {
            Some(Ok(text)) => self.files.push(PackFile { path: relative, text }),
            Some(Err(_)) => self.fault(&relative, "it is not UTF-8".to_owned()),
            None => {}
        }
    }

    fn model(&mut self, path: &Path) -> Option<Vec<u8>> {
        if path.exists() { self.bytes(path, MODEL_FILE) } else { None }
    }

    fn bytes(&mut self, path: &Path, relative: &str) -> Option<Vec<u8>> {
        let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
        if size > MAX_FILE_BYTES as u64 {
            self.fault(relative, format!("{size} bytes; at most {MAX_FILE_BYTES}"));
            return None;
        }
        std::fs::read(path).map_err(|error| self.fault(relative, error.to_string())).ok()
    }

    fn fault(&mut self, file: &str, reason: String) {
        self.faults.push(PackDiagnostic::of_file(Code::UnreadableFile, file, format!("cannot be read: {reason}")));
    }
}

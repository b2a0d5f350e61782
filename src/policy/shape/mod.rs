//! The shape of a pack's files: trees in, what they say out, with the place of each name.
//!
//! Not here: whether names exist and numbers make sense (`compile/`). Kept true: every key is either read or
//! reported; reading goes on after a fault, so that all of them are found.

mod fields;
mod lexicons;
mod promotion;
mod settings;
mod signals;
mod standing;

pub(super) use lexicons::{LexiconFile, RawExtension, RawGuard, RawLexicon, RawTrap};
pub(super) use promotion::{RawLinks, RawPromotion};
pub(super) use settings::{Endings, RawArea, RawLaw, Settings, Thresholds};
pub(super) use signals::{RawExample, RawSignal, RawSor, SignalFile};
pub(super) use standing::{RawEvent, RawStanding, RawStrikes, RawWeight};

use super::code::Code;
use super::faults::Faults;
use super::source::{MAX_FILE_BYTES, PackSource};
use super::yaml;
use fields::Fields;

/// More files than any pack needs; their position has to fit 16 bits.
const MAX_FILES: usize = 10_000;

/// Everything that the files of a pack say.
#[derive(Debug, Default)]
pub(super) struct RawPack {
    pub(super) settings: Settings,
    pub(super) laws: Vec<RawLaw>,
    pub(super) endings: Vec<Endings>,
    pub(super) lexicons: Vec<RawLexicon>,
    pub(super) extensions: Vec<RawExtension>,
    pub(super) signals: Vec<SignalFile>,
    pub(super) standing: Option<RawStanding>,
    pub(super) promotion: Option<RawPromotion>,
    pub(super) links: Vec<RawLinks>,
}

/// Reads every file of a pack.
pub(super) fn read(source: &PackSource, faults: &mut Faults<'_>) -> RawPack {
    let mut pack = RawPack::default();
    if source.files().len() > MAX_FILES {
        faults.add_file(Code::TooMany, "pack.yaml", format!("the pack has more than {MAX_FILES} files"));
        return pack;
    }
    for (required, echo) in [("pack.yaml", Code::AreaWithoutPrior), ("laws.yaml", Code::UnknownLaw)] {
        if !source.files().iter().any(|file| file.path == required) {
            faults.add_file(Code::MissingFile, required, "does not exist");
            faults.silence(&[echo]);
        }
    }
    for (position, file) in source.files().iter().enumerate() {
        if file.text.len() > MAX_FILE_BYTES {
            faults.add_file(Code::TooMany, &file.path, format!("is larger than {MAX_FILE_BYTES} bytes"));
            continue;
        }
        // `MAX_FILES` makes the position fit.
        read_file(u16::try_from(position).unwrap_or_default(), (&file.path, &file.text), &mut pack, faults);
    }
    pack
}

fn read_file(position: u16, (path, text): (&str, &str), pack: &mut RawPack, faults: &mut Faults<'_>) {
    // With the reader, the codes that would only echo that the file cannot be read.
    let (read, echoes): (Reader, &[Code]) = match path.split_once('/') {
        None if path == "pack.yaml" => (settings::read_settings, &[Code::AreaWithoutPrior, Code::UnknownGroup]),
        None if path == "laws.yaml" => (settings::read_laws, &[Code::UnknownLaw]),
        None if path == "endings.yaml" => (settings::read_endings, &[Code::StemWithoutEndings]),
        None if path == "standing.yaml" => (standing::read_standing, &[]),
        None if path == "promotion.yaml" => (promotion::read_promotion, &[]),
        None if path == "links.yaml" => (promotion::read_links, &[]),
        Some(("lexicons", name)) if is_pack_file(name) => (lexicons::read_lexicons, &[Code::UnknownLexicon]),
        Some(("signals", name)) if is_pack_file(name) => (signals::read_signals, &[]),
        _ => return faults.add_file(Code::StrayFile, path, "is no file that packs have"),
    };
    let fields = yaml::parse(position, text, faults).and_then(|node| Fields::of(node, "this file", faults));
    match fields {
        Some(fields) => read(fields, path, pack, faults),
        None => faults.silence(echoes),
    }
}

type Reader = fn(Fields, &str, &mut RawPack, &mut Faults<'_>);

fn is_pack_file(name: &str) -> bool {
    name.ends_with(".yaml") && !name.contains('/')
}

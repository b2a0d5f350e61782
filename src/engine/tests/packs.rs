//! Packs and shorthand for tests of the engine.

use crate::domain::{Content, Listing, Post, Verdict};
use crate::engine::{Circumstances, ObservedFact, Scratch, Trace, assess, explain};
use crate::policy::{CompiledPack, Fact, FactType, PackFile, PackSource, compile};

/// The pack of `tests/packs/small`.
pub(crate) fn small_pack() -> CompiledPack {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small");
    compiled(&PackSource::from_dir(std::path::Path::new(root)).unwrap())
}

/// The lexicons of `tests/packs/small` with a signal for every fact of the catalogue, and for these conditions.
pub(crate) fn every_fact_pack(conditions: &[&str]) -> CompiledPack {
    every_fact_pack_with(&[], conditions)
}

/// The same with more files, as (path, text).
pub(crate) fn every_fact_pack_with(more: &[(&str, &str)], conditions: &[&str]) -> CompiledPack {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/packs/small");
    let source = PackSource::from_dir(std::path::Path::new(root)).unwrap();
    let mut files: Vec<PackFile> =
        source.files().iter().filter(|file| !file.path.starts_with("signals/")).cloned().collect();
    let of_fact = |fact: &Fact| match fact.fact_type() {
        FactType::Flag => fact.as_str().to_owned(),
        FactType::Text => format!("{} in ['de', 'paid']", fact.as_str()),
        FactType::Count => format!("{} > 0", fact.as_str()),
        FactType::Measure => format!("{} != {:.1}", fact.as_str(), fact.absent()),
    };
    let conditions = Fact::ALL.iter().map(of_fact).chain(conditions.iter().map(|&condition| condition.to_owned()));
    let mut text = String::from("area: medicine\nsignals:\n");
    for (at, condition) in conditions.enumerate() {
        let condition = serde_json::to_string(&condition).unwrap();
        text += &format!("  - {{id: s{at}, weight: -0.1, group: context, when: {condition}, message: For tests.}}\n");
    }
    files.push(PackFile { path: "signals/medicine.yaml".to_owned(), text });
    files.extend(more.iter().map(|(path, text)| PackFile { path: (*path).to_owned(), text: (*text).to_owned() }));
    compiled(&PackSource::from_files(files))
}

fn compiled(source: &PackSource) -> CompiledPack {
    match compile(source) {
        Ok((pack, _)) => pack,
        Err(faults) => panic!("{}", faults.iter().map(|fault| fault.render(false)).collect::<Vec<_>>().join("\n")),
    }
}

/// A listing with a title only.
pub(crate) fn titled(title: &str) -> Listing {
    Listing { title: title.to_owned(), listing_id: "l".into(), seller_id: "s".into(), ..Listing::default() }
}

/// A post with a text only.
pub(crate) fn posted(text: &str) -> Post {
    Post { text: text.to_owned(), post_id: "p".into(), creator_id: "c".into(), ..Post::default() }
}

/// The trace of a content under a pack.
pub(crate) fn trace(content: &Content, pack: &CompiledPack) -> Trace {
    explain(content, pack, Circumstances::default(), &mut Scratch::default()).1
}

/// A fact by its name.
pub(crate) fn fact<'a>(trace: &'a Trace, name: &str) -> Option<&'a ObservedFact> {
    trace.facts.iter().find(|fact| fact.name == name)
}

/// The value of a fact as text, `-` if it is absent.
pub(crate) fn value<'a>(trace: &'a Trace, name: &str) -> &'a str {
    fact(trace, name).map_or("-", |fact| fact.value.as_str())
}

/// What a fact's evidence shows, as `field:text`.
pub(crate) fn shown(trace: &Trace, name: &str) -> Vec<String> {
    let evidence = fact(trace, name).into_iter().flat_map(|fact| &fact.evidence);
    evidence.map(|piece| format!("{}:{}", piece.field_path, piece.original_text)).collect()
}

/// The verdict on a content under a pack.
pub(crate) fn verdict(content: &Content, pack: &CompiledPack) -> Verdict {
    assess(content, pack, Circumstances::default(), &mut Scratch::default())
}

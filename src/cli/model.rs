//! `model train`: labelled lines into a text model, and a table of what it is worth on sources it has not seen.
//!
//! Not here: learning. Kept true: the file is written last, and only whole.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::args::ModelCommand;
use super::columns::Columns;
use super::failure::{Exit, Failure, say};
use super::input::{Reader, Source, read_row};
use super::pack;
use super::progress::grouped;
use super::terminal::{self, Terminal};
use crate::domain::{Content, Nats, RiskArea};
use crate::engine::{self, Scratch};
use crate::model::TrainOptions;
use crate::policy::{CompiledPack, PackExample};
use crate::service::{LabelledText, TrainingSet, UnseenHints, UnseenSource, text_of};
use crate::wire::json::{self, Label};

/// Runs the command.
pub(super) fn run(command: &ModelCommand) -> Result<Exit, Failure> {
    let ModelCommand::Train(args) = command;
    let pack = pack::load_untrained(args.policy.as_deref())?;
    let areas = model_areas(&pack)?;
    let (texts, cases) = (read(std::slice::from_ref(&args.file), &pack)?, read(&args.also, &pack)?);
    let set = TrainingSet::new(&texts, &examples(&pack), args.seed).with_lexicons(&pack, &texts, &cases, args.seed);
    let options = TrainOptions { seed: args.seed, ..TrainOptions::new(&args.version, areas) };
    say(&format!("{} examples, disguised copies included", grouped(set.len() as u64)));
    if !args.no_report {
        let bar = bar(set.rounds() as u64);
        let measured = set.unseen(&options, &pack, || bar.inc(1));
        bar.finish_and_clear();
        io::stdout().write_all(report(&measured).as_bytes())?;
        io::stdout().write_all(hints_report(&set.unseen_hints()).as_bytes())?;
    }
    let bar = bar(u64::from(options.epochs));
    let model = set.train(&options, |epoch| bar.set_position(u64::from(epoch)));
    bar.finish_and_clear();
    if let Some(path) = &args.output {
        let bytes = model.to_bytes();
        fs::write(path, &bytes)
            .map_err(|error| Failure::io(format_args!("{} cannot be written", path.display()), &error))?;
        say(&format!("{}: {} bytes, digest {}", path.display(), grouped(bytes.len() as u64), model.reference().digest));
    }
    Ok(Exit::Done)
}

/// The areas on which the pack lets a text model speak.
pub(super) fn model_areas(pack: &CompiledPack) -> Result<Vec<RiskArea>, Failure> {
    let asks = |area: &RiskArea| asks_model(pack, *area);
    let areas: Vec<RiskArea> = RiskArea::ALL.into_iter().filter(asks).collect();
    if areas.is_empty() {
        return Err(Failure::with_hint(
            "the pack asks no text model".to_owned(),
            "give the areas that it may speak on a limit: `medicine: {prior: -5, model: 4.3}` in pack.yaml",
        ));
    }
    Ok(areas)
}

fn asks_model(pack: &CompiledPack, area: RiskArea) -> bool {
    pack.areas.get(area.index()).is_some_and(|compiled| compiled.model_limit > Nats::ZERO)
}

/// The core lines with a label, post and listing of a pair each for itself.
pub(super) fn read(files: &[PathBuf], pack: &CompiledPack) -> Result<Vec<LabelledText>, Failure> {
    let mut texts = Vec::new();
    if files.is_empty() {
        return Ok(texts);
    }
    let mut scratch = Scratch::default();
    let mut reader = Reader::new(Source::all(files));
    loop {
        let chunk = reader.chunk()?;
        if chunk.is_empty() {
            return Ok(texts);
        }
        for item in chunk {
            let (place, row) = read_row(item, true);
            match row {
                Ok(row) => {
                    let Some(label) = row.label.filter(|label| label.core) else { continue };
                    texts.extend(row.contents.into_iter().map(|content| labelled(&label, content, pack, &mut scratch)));
                }
                Err(fault) => say(&format!("{place}: {}; left out", fault.message)),
            }
        }
    }
}

/// What can be learned of a labelled item.
pub(super) fn labelled(label: &Label, content: Content, pack: &CompiledPack, scratch: &mut Scratch) -> LabelledText {
    LabelledText {
        source: label.source.clone(),
        areas: label.areas.clone(),
        met: engine::lexicons_met(&content, pack, scratch),
        text: text_of(content),
    }
}

/// What the pack's own tests say: an example that must fire belongs to the area; one that must be silent is clear,
/// unless another example says that the same text must fire.
pub(super) fn examples(pack: &CompiledPack) -> Vec<LabelledText> {
    let text = |example: &PackExample| {
        let signal = pack.signals.get(usize::from(example.signal.0))?;
        let areas = match (example.fires, signal.weight > Nats::ZERO) {
            (true, true) => vec![signal.area],
            (false, true) => Vec::new(),
            _ => return None,
        };
        let content = json::parse_example(&example.content).ok()?;
        Some(LabelledText { source: String::new(), areas, text: text_of(content), met: Vec::new() })
    };
    let mut texts: Vec<LabelledText> = pack.examples.par_iter().filter_map(text).collect();
    let flagged: Vec<String> = texts.iter().filter(|one| !one.areas.is_empty()).map(|one| one.text.clone()).collect();
    texts.retain(|one| !one.text.is_empty() && (!one.areas.is_empty() || !flagged.contains(&one.text)));
    texts
}

/// How many models, or rounds over the lines, are done.
pub(super) fn bar(length: u64) -> ProgressBar {
    if !terminal::stderr_is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("training {bar:32.cyan/dim} {pos}/{len}  {elapsed}");
    ProgressBar::new(length).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn report(measured: &[UnseenSource]) -> String {
    let sum = |of: fn(&UnseenSource) -> usize| measured.iter().map(of).sum::<usize>();
    let percent = |part: usize, whole: usize| {
        if whole == 0 { "-".to_owned() } else { format!("{:.2} %", 100.0 * part as f64 / whole as f64) }
    };
    let mut table = Columns::new(
        &["UNSEEN SOURCE", "CLEAR", "ALARMS", "RATE", "LABELLED", "CAUGHT", "RECALL"],
        1,
        Terminal::stdout(),
    );
    let mut row = |name: &str, one: [usize; 4]| {
        let [clear, alarms, labelled, caught] = one;
        let cells = [
            name.to_owned(),
            grouped(clear as u64),
            grouped(alarms as u64),
            percent(alarms, clear),
            grouped(labelled as u64),
            grouped(caught as u64),
            percent(caught, labelled),
        ];
        table.row(&cells);
    };
    for one in measured {
        row(&one.source, [one.clear, one.false_alarms, one.labelled, one.caught]);
    }
    row("all", [sum(|one| one.clear), sum(|one| one.false_alarms), sum(|one| one.labelled), sum(|one| one.caught)]);
    table.render()
}

fn hints_report(hints: &[UnseenHints]) -> String {
    if hints.is_empty() {
        return String::new();
    }
    let mut table = Columns::new(
        &["LEXICONS TOGETHER, UNSEEN SOURCES", "LABELLED", "FOUND", "RECALL", "CLEAR SPOKEN OF"],
        1,
        Terminal::stdout(),
    );
    for one in hints {
        table.row(&[
            one.area.as_str().to_owned(),
            grouped(one.labelled as u64),
            grouped(one.found as u64),
            format!("{:.1} %", 100.0 * one.found as f64 / one.labelled.max(1) as f64),
            grouped(one.clear as u64),
        ]);
    }
    table.render()
}

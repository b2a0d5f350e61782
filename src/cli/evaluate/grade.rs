//! Scores one labelled line and keeps what the numbers need.
//!
//! Not here: sums over lines (`tally.rs`). Kept true: each line is scored alone, without standing, so that a seller or source
//! cannot give it away.

use crate::cli::args::DisguiseWay;
use crate::cli::input::{LineFault, RawItem, Row, read_row};
use crate::domain::{Action, Assessment, Content, ErrorCode, Listing, Post, Risk, RiskArea, Verdict};
use crate::service::Scorer;
use crate::text::{Disguise, SplitMix};

/// Characters of a text by which a person recognises the line.
const EXCERPT: usize = 60;

/// A line with what people decided and what the engine found.
#[derive(Clone, Debug, Default)]
pub(super) struct Graded {
    /// As the line says, else `line-` and its number.
    pub(super) id: String,
    /// How its title (of posts: the text) begins, as written, before any disguise.
    pub(super) excerpt: String,
    pub(super) core: bool,
    pub(super) source: String,
    /// The finer `label`.
    pub(super) kind: String,
    /// Primary language subtag.
    pub(super) language: String,
    pub(super) pair: bool,
    /// By `RiskArea::index`: is the line labelled with it?
    pub(super) labels: [bool; RiskArea::COUNT],
    /// By `RiskArea::index`; zero where the pack does not score the area.
    pub(super) risks: [f64; RiskArea::COUNT],
    /// By `RiskArea::index`.
    pub(super) actions: [Action; RiskArea::COUNT],
    /// The largest area's.
    pub(super) risk: f64,
    /// The gravest.
    pub(super) action: Action,
}

impl Graded {
    /// Has nobody found anything?
    pub(super) fn is_clear(&self) -> bool {
        !self.labels.contains(&true)
    }

    /// The areas that it is labelled with.
    pub(super) fn labelled(&self) -> impl Iterator<Item = RiskArea> {
        RiskArea::ALL.into_iter().filter(|area| self.labels.get(area.index()) == Some(&true))
    }

    /// What an area was found to be.
    pub(super) fn risk_in(&self, area: RiskArea) -> f64 {
        self.risks.get(area.index()).copied().unwrap_or_default()
    }

    /// What is recommended in an area.
    pub(super) fn action_in(&self, area: RiskArea) -> Action {
        self.actions.get(area.index()).copied().unwrap_or_default()
    }

    /// The area that speaks loudest: the gravest action, then the largest risk.
    pub(super) fn loudest(&self) -> Option<RiskArea> {
        let loud = RiskArea::ALL.into_iter().filter(|area| self.risk_in(*area) > 0.0);
        loud.max_by(|a, b| {
            let graver = self.action_in(*a).cmp(&self.action_in(*b));
            graver.then(self.risk_in(*a).total_cmp(&self.risk_in(*b))).then(b.cmp(a))
        })
    }

    /// The gravest action in an area that the line is labelled with.
    pub(super) fn rightful_action(&self) -> Action {
        let labelled = self.labels.iter().zip(&self.actions).filter(|(label, _)| **label);
        labelled.map(|(_, action)| *action).max().unwrap_or_default()
    }
}

/// What is done to a line before it is scored.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Treatment {
    /// Drop everything but the title (of posts: the text).
    pub(in crate::cli) titles_only: bool,
    /// Write the words in disguise.
    pub(in crate::cli) disguise: Option<DisguiseWay>,
}

impl Treatment {
    /// The content as it is scored; the number of the line is the seed of disguises.
    pub(in crate::cli) fn apply(self, content: Content, line: u64) -> Content {
        let content = if self.titles_only { title_of(content) } else { content };
        let way = match self.disguise {
            None => return content,
            Some(DisguiseWay::One(way)) => Some(way),
            Some(DisguiseWay::Each) => Disguise::ALL.into_iter().cycle().nth((line % 64) as usize),
        };
        match way {
            None => content,
            Some(way) => disguised(content, way, line),
        }
    }
}

/// Scores a line. Of a pair, the post is scored first, then the listing, and either may carry the flag.
pub(super) fn grade(item: RawItem, scorer: &Scorer, treatment: Treatment) -> (u64, Result<Graded, LineFault>) {
    let line = item.place.line;
    let (_, row) = read_row(item, true);
    (line, row.and_then(|row| grade_row(row, line, scorer, treatment)))
}

fn grade_row(row: Row, line: u64, scorer: &Scorer, treatment: Treatment) -> Result<Graded, LineFault> {
    let label = row.label.ok_or_else(|| {
        let advice = "has no \"labels\"; a labelled line has a list of risk areas, [] if it is clear";
        LineFault::new(ErrorCode::Invalid, advice)
    })?;
    let mut graded = Graded {
        id: if label.id.is_empty() { format!("line-{line}") } else { label.id },
        core: label.core,
        source: label.source,
        kind: label.kind,
        pair: row.contents.len() > 1,
        ..Graded::default()
    };
    for area in label.areas {
        set(&mut graded.labels, area, true);
    }
    // As sent: a treatment may drop it, and readers know the line by it.
    let languages: Vec<String> = row.contents.iter().map(|content| language(content).to_owned()).collect();
    if let Some(last) = row.contents.last() {
        graded.excerpt = excerpt(last);
    }
    let scored = score_row(row.contents, scorer, |content| treatment.apply(content, line));
    for ((_, assessment), sent) in scored.into_iter().zip(languages) {
        let verdict = assessment.verdict;
        let code = if sent.is_empty() { verdict.language_code.clone() } else { sent };
        graded.language = code.split('-').next().unwrap_or_default().to_ascii_lowercase();
        graded.add(&verdict);
    }
    Ok(graded)
}

/// Scores the contents of a line. What a post says counts for the listing beside it.
pub(in crate::cli) fn score_row(
    contents: Vec<Content>,
    scorer: &Scorer,
    treat: impl Fn(Content) -> Content,
) -> Vec<(Content, Assessment)> {
    let mut contents: Vec<Content> = contents.into_iter().map(treat).collect();
    let alone = |content: Content| {
        let assessment = scorer.score(&content);
        (content, assessment)
    };
    match (contents.pop(), contents.pop()) {
        (Some(Content::Listing(listing)), Some(Content::Post(post))) => scorer.score_pair(post, listing).into(),
        (last, first) => first.into_iter().chain(last).map(alone).collect(),
    }
}

impl Graded {
    fn add(&mut self, verdict: &Verdict) {
        for found in &verdict.areas {
            raise(&mut self.risks, found.area, found.risk);
            if let Some(action) = self.actions.get_mut(found.area.index()) {
                *action = found.action.max(*action);
            }
        }
        self.risk = self.risk.max(verdict.risk.get());
        self.action = self.action.max(verdict.action);
    }
}

fn set<T>(array: &mut [T; RiskArea::COUNT], area: RiskArea, value: T) {
    if let Some(slot) = array.get_mut(area.index()) {
        *slot = value;
    }
}

fn raise(risks: &mut [f64; RiskArea::COUNT], area: RiskArea, risk: Risk) {
    if let Some(slot) = risks.get_mut(area.index()) {
        *slot = slot.max(risk.get());
    }
}

/// Of a pair, the listing's.
fn excerpt(content: &Content) -> String {
    let text = match content {
        Content::Listing(listing) => &listing.title,
        Content::Post(post) => &post.text,
    };
    text.chars().take(EXCERPT).collect()
}

fn language(content: &Content) -> &str {
    match content {
        Content::Listing(listing) => &listing.language_code,
        Content::Post(post) => &post.language_code,
    }
}

/// The title (of a post: the text) and nothing else, the language included: it tells shops of one country from others.
fn title_of(content: Content) -> Content {
    match content {
        Content::Listing(Listing { listing_id, seller_id, title, .. }) => {
            Content::Listing(Listing { listing_id, seller_id, title, ..Listing::default() })
        }
        Content::Post(Post { post_id, creator_id, text, .. }) => {
            Content::Post(Post { post_id, creator_id, text, ..Post::default() })
        }
    }
}

/// The texts that a person writes, every word of them in disguise. The line is the seed: the same file, the same text.
fn disguised(mut content: Content, way: Disguise, line: u64) -> Content {
    let mut random = SplitMix::new(line);
    let mut hide = |text: &mut String| *text = way.apply(text, &mut random);
    match &mut content {
        Content::Listing(listing) => {
            hide(&mut listing.title);
            hide(&mut listing.description);
        }
        Content::Post(post) => hide(&mut post.text),
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_alone_are_left_of_a_listing_and_texts_of_a_post() {
        let listing =
            Listing { title: "Tea".into(), brand: "X".into(), language_code: "de".into(), ..Listing::default() };
        let expected = Listing { title: "Tea".into(), ..Listing::default() };
        assert_eq!(title_of(Content::Listing(listing)), Content::Listing(expected));
        let post = Post { text: "Tea".into(), hashtags: vec!["#ad".into()], ..Post::default() };
        assert_eq!(title_of(Content::Post(post)), Content::Post(Post { text: "Tea".into(), ..Post::default() }));
    }

    #[test]
    fn words_are_disguised_the_same_way_every_time_and_each_way_gets_its_turn() {
        let listing = || Content::Listing(Listing { title: "Wonderpill".into(), ..Listing::default() });
        let title = |treatment: Treatment, line| match treatment.apply(listing(), line) {
            Content::Listing(listing) => listing.title,
            Content::Post(_) => unreachable!(),
        };
        let spaced = Treatment { disguise: Some(DisguiseWay::One(Disguise::Spacing)), ..Treatment::default() };
        assert_eq!(title(spaced, 1), "W o n d e r p i l l");
        let each = Treatment { disguise: Some(DisguiseWay::Each), ..Treatment::default() };
        assert_eq!(title(each, 3), title(each, 3));
        assert!((1..=9).all(|line| title(each, line) != "Wonderpill"));
        assert_eq!(title(Treatment::default(), 1), "Wonderpill");
    }
}

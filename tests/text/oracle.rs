//! The naive oracle: every term tried at every token, by the definitions of `Form`, without a trie.
//!
//! Not here: disguises. Kept true: slow and obvious.

use dsa_signal::domain::ByteSpan;
use dsa_signal::matching::{Form, Hit, Term, TermWord};
use dsa_signal::text::{Document, FieldIndex, Token};

/// What both sides must agree on, in the order of hits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    field: FieldIndex,
    start: u32,
    lexicon: u16,
    term: u32,
    end: u32,
    tokens: (u32, u32),
}

impl Place {
    /// The place of a hit.
    pub(crate) fn of(hit: &Hit) -> Place {
        let (start, end) = (hit.original.start(), hit.original.end());
        let tokens = (hit.first_token, hit.end_token);
        Place { field: hit.field, start, lexicon: hit.lexicon.0, term: hit.term.0, end, tokens }
    }
}

/// A word found: folded bytes and tokens.
#[derive(Clone, Copy)]
struct Found {
    start: u32,
    end: u32,
    first: usize,
    last: usize,
}

/// All hits of all terms.
pub(crate) fn find(terms: &[Term], endings: &[(&str, &[&str])], document: &Document) -> Vec<Place> {
    let mut places = Vec::new();
    for (index, term) in terms.iter().enumerate() {
        let split = term.words.len() > 1
            && (term.max_gap > 0 || term.words[..term.words.len() - 1].iter().any(|word| word.form != Form::Word));
        let mut found: Vec<Found> = Vec::new();
        if split {
            for first in all(&term.words[0], term, endings, document) {
                if let Some(last) = nearest(first, &term.words[1..], (term, endings), document) {
                    found.push(Found { end: last.end, last: last.last, ..first });
                }
            }
        } else {
            let text: Vec<&str> = term.words.iter().map(|word| word.text.as_str()).collect();
            let form = term.words[term.words.len() - 1].form;
            found = all(&TermWord { text: text.join(" "), form }, term, endings, document);
        }
        for one in found {
            let Some((field, span)) = document.original_span(one.start..one.end) else { continue };
            let (start, end): (u32, u32) = (ByteSpan::start(span), ByteSpan::end(span));
            let tokens = (one.first as u32, one.last as u32 + 1);
            places.push(Place { field, start, lexicon: term.lexicon.0, term: index as u32, end, tokens });
        }
    }
    places.sort();
    places.dedup();
    places
}

/// The completion of a phrase that ends first.
fn nearest(after: Found, words: &[TermWord], how: (&Term, &[(&str, &[&str])]), document: &Document) -> Option<Found> {
    let Some((word, rest)) = words.split_first() else { return Some(after) };
    let (term, endings) = how;
    all(word, term, endings, document)
        .into_iter()
        .filter(|next| next.first > after.last && next.first - after.last - 1 <= usize::from(term.max_gap))
        .filter(|next| document.tokens()[after.last + 1..=next.first].iter().all(|token| !token.after_stop))
        .filter_map(|next| nearest(next, rest, how, document))
        .min_by_key(|last| last.end)
}

/// Every place where a word of a term stands.
fn all(word: &TermWord, term: &Term, endings: &[(&str, &[&str])], document: &Document) -> Vec<Found> {
    let mut found = Vec::new();
    let mut ways = vec![word.text.clone(), spelt(&word.text)];
    ways.dedup();
    for way in ways {
        let key = fold(&way);
        for first in 0..document.tokens().len() {
            let Some(tokens) = document.tokens().get(first..first + key.len()) else { break };
            let same = key[..key.len() - 1].iter().zip(tokens).all(|(part, token)| part == document.word(token));
            let together = tokens[1..].iter().all(|token| !token.after_stop);
            // One written word, such as "ak47", has at most one character between its pieces.
            let tight = !way.trim().contains(char::is_whitespace);
            if tight && tokens[1..].iter().any(|token| token.traits.is_apart()) {
                continue;
            }
            if !same || !together {
                continue;
            }
            let token = &tokens[key.len() - 1];
            let letters = key.concat().chars().count();
            let part = &key[key.len() - 1];
            for (start, end) in ends(part, token, document, (word.form, letters, key.len() == 1), |rest| {
                allowed(rest, &term.language, endings)
            }) {
                let start = if key.len() > 1 { tokens[0].folded_start } else { token.folded_start + start as u32 };
                let end = token.folded_start + end as u32;
                found.push(Found { start, end, first, last: first + key.len() - 1 });
            }
        }
    }
    found
}

/// Where, in a token, a word with a form begins and ends.
fn ends(
    part: &str,
    token: &Token,
    document: &Document,
    (form, letters, single): (Form, usize, bool),
    allowed: impl Fn(&str) -> bool,
) -> Vec<(usize, usize)> {
    let text = document.word(token);
    let rest = text.strip_prefix(part);
    match (form, rest) {
        (Form::Word, Some("")) | (Form::Compound, Some("")) if form == Form::Word || letters < 4 => {
            vec![(0, part.len())]
        }
        (Form::Word, _) => vec![],
        (Form::Prefix, Some(_)) => vec![(0, part.len())],
        (Form::Stem, Some(rest)) if rest.is_empty() || allowed(rest) => vec![(0, text.len())],
        (Form::Compound, _) if letters >= 4 => {
            let long = single && text.chars().count() >= 8;
            let inside = (0..text.len()).filter(|at| text.is_char_boundary(*at) && text[*at..].starts_with(part));
            inside.filter(|at| *at == 0 || long).map(|at| (at, at + part.len())).collect()
        }
        _ => vec![],
    }
}

fn allowed(rest: &str, language: &str, endings: &[(&str, &[&str])]) -> bool {
    let own = endings.iter().find(|(known, _)| *known == language && !known.is_empty());
    match own {
        Some((_, own)) => own.iter().any(|ending| fold(ending).concat() == rest),
        None => endings.iter().any(|(of, all)| {
            all.iter()
                .map(|ending| fold(ending).concat())
                .any(|ending| ending == rest && (of.is_empty() || ending.chars().count() <= 3))
        }),
    }
}

fn fold(text: &str) -> Vec<String> {
    let mut document = Document::new();
    document.push_field(text);
    document.tokens().iter().map(|token| document.word(token).to_owned()).collect()
}

fn spelt(text: &str) -> String {
    text.replace('ä', "ae").replace(['ö', 'ø'], "oe").replace('ü', "ue").replace('å', "aa")
}

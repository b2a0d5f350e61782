//! What a search met, and the hits that it makes: where they lie in the text as sent, and what hides them.
//!
//! Not here: searching (`find`), which of several hits for one thing is kept (`order`). Kept true: of the lexicons that are asked for the hits are
//! the same whatever else is asked for. Most words of most texts concern nobody, so what costs something is done only for what is wanted.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::automaton::Matcher;
use super::find::Found;
use super::idset::LexiconSet;
use super::matcher::{Hit, LexiconId, TermId};
use super::memory::{Memory, MetWord};
use super::order;
use super::phrases::Piece;
use super::words::WholeTerm;
use crate::domain::{ByteSpan, Concealment, Concealments};
use crate::text::Document;

/// A term met in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) term: TermId,
    pub(super) lexicon: LexiconId,
    pub(super) lies: Lies,
}

/// Where it lies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lies {
    /// In plain words, up to a folded byte: the place in the text as sent, and what hides it, are found out if somebody asks.
    Plain { found: Found, end: u32, unaccented: bool },
    /// In second readings, or joined from pieces.
    At(Piece),
    /// A picture, by its position among those of the document.
    Picture(u32),
}

impl Lies {
    pub(super) fn first_token(&self) -> u32 {
        match self {
            Lies::Plain { found, .. } => found.first,
            Lies::At(piece) => piece.first_token,
            Lies::Picture(_) => 0, // it is part of no phrase
        }
    }

    /// The place in the text as sent.
    pub(super) fn piece(&self, document: &Document) -> Option<Piece> {
        match *self {
            Lies::At(piece) => Some(piece),
            Lies::Picture(_) => None,
            Lies::Plain { found, end, unaccented } => piece(document, found, end, unaccented),
        }
    }
}

/// Appends the hits of the lexicons that are wanted, of all if `None`, in order. Hits in second readings are among them, whether wanted or not, if a wanted
/// word lies there: letters of a word spelt out mean nothing by themselves, whoever asks for them.
pub(super) fn report(
    matcher: &Matcher,
    document: &Document,
    memory: &Memory,
    wanted: Option<&LexiconSet>,
    hits: &mut Vec<Hit>,
) {
    let (first, met) = (hits.len(), Met { document, memory });
    let Some(wanted) = wanted else {
        met.add(|_, _| true, hits);
        return order::arrange(matcher, hits, first);
    };
    met.add(|lexicon, _| wanted.contains(lexicon), hits);
    if hits.len() > first {
        let unwanted = |lexicon| !wanted.contains(lexicon);
        met.add_readings_around(unwanted, first, hits);
        let certain = hits.len();
        met.add_known_instead(unwanted, first, hits);
        let explained = hits.len() > certain;
        order::arrange(matcher, hits, first);
        if explained {
            let mut at = 0;
            hits.retain(|hit| {
                at += 1;
                at <= first || hit.reading.is_some() || wanted.contains(hit.lexicon)
            });
        }
    }
}

/// What a search met, and where.
struct Met<'a> {
    document: &'a Document,
    memory: &'a Memory,
}

impl Met<'_> {
    /// Adds the hits of the terms that are wanted, nearly in order: what was met in any other way was met where its words were.
    fn add(&self, wanted: impl Fn(LexiconId, TermId) -> bool, hits: &mut Vec<Hit>) {
        let mut others = self.others().filter(|other| wanted(other.lexicon, other.term)).peekable();
        for (word, terms) in self.memory.words_met() {
            while let Some(other) = others.next_if(|other| other.lies.first_token() <= word.token) {
                hits.extend(hit(self.document, other));
            }
            let wanted = terms.iter().filter(|term| wanted(term.lexicon, term.term));
            hits.extend(wanted.filter_map(|term| hit(self.document, &self.whole(word, term)?)));
        }
        hits.extend(others.filter_map(|other| hit(self.document, other)));
    }

    /// Adds what nobody wants of second readings in which a hit lies.
    fn add_readings_around(&self, unwanted: impl Fn(LexiconId) -> bool, first: usize, hits: &mut Vec<Hit>) {
        let read = self.others().filter_map(|sighting| match sighting.lies {
            Lies::At(piece) if piece.reading.is_some() && unwanted(sighting.lexicon) => Some((sighting.term, piece)),
            Lies::At(_) | Lies::Plain { .. } | Lies::Picture(_) => None,
        });
        let read: SmallVec<[(TermId, Piece); 16]> = read.collect();
        if read.is_empty() {
            return;
        }
        let mut places: SmallVec<[u32; 64]> = hits.iter().skip(first).map(|hit| hit.first_token).collect();
        places.sort_unstable();
        let holds_one = |piece: &Piece| {
            let begins = places.partition_point(|place| *place < piece.first_token);
            places.get(begins).is_some_and(|place| *place < piece.end_token)
        };
        let around = read.iter().filter(|(_, piece)| holds_one(piece));
        let terms: FxHashSet<TermId> = around.map(|(term, _)| *term).collect();
        if !terms.is_empty() {
            // Where such a term is written plainly too, nothing is spelt out.
            self.add(|_, term| terms.contains(&term), hits);
        }
    }

    /// Adds what nobody wants where a word seems hidden that may be known as something else: only all that is known there can tell.
    fn add_known_instead(&self, unwanted: impl Fn(LexiconId) -> bool, first: usize, hits: &mut Vec<Hit>) {
        let weak = hits.iter().skip(first).filter(|hit| order::is_weak(hit.concealment));
        let places: SmallVec<[(u32, u32); 8]> = weak.map(|hit| (hit.first_token, hit.end_token)).collect();
        if places.is_empty() {
            return;
        }
        let lies_there = |begin: u32, end: u32| places.iter().any(|place| begin <= place.1 && place.0 <= end);
        for (word, terms) in self.memory.words_met().filter(|(word, _)| lies_there(word.token, word.token + 1)) {
            let known = terms.iter().filter(|term| unwanted(term.lexicon));
            hits.extend(known.filter_map(|term| hit(self.document, &self.whole(word, term)?)));
        }
        let known = self.others().filter(|sighting| match sighting.lies {
            Lies::Plain { found, .. } => lies_there(found.first, found.last + 1),
            Lies::At(piece) => piece.reading.is_none() && lies_there(piece.first_token, piece.end_token),
            Lies::Picture(_) => false,
        });
        let known = known.filter(|sighting| unwanted(sighting.lexicon));
        hits.extend(known.filter_map(|sighting| hit(self.document, sighting)));
    }

    /// A term that a word is by itself.
    fn whole(&self, word: &MetWord, WholeTerm { term, lexicon, key }: &WholeTerm) -> Option<Sighting> {
        let token = self.document.tokens().get(word.token as usize)?;
        Some(Sighting { term: *term, lexicon: *lexicon, lies: Lies::whole(*key, word.token, token) })
    }

    /// What was met in any other way.
    fn others(&self) -> impl Iterator<Item = &Sighting> {
        self.memory.buffers.sightings.iter()
    }
}

fn hit(document: &Document, sighting: &Sighting) -> Option<Hit> {
    if let Lies::Picture(at) = sighting.lies {
        return picture(document, sighting, at);
    }
    let piece = sighting.lies.piece(document)?;
    // A reading may have no token of its own: then the token at its place is that of the next word, if any.
    let reading = piece.reading.and_then(|reading| document.readings().get(reading as usize));
    let token = document.tokens().get(piece.first_token as usize);
    Some(Hit {
        lexicon: sighting.lexicon,
        term: sighting.term,
        field: reading.map(|reading| reading.field).or(token.map(|token| token.field))?,
        first_token: piece.first_token,
        end_token: piece.end_token,
        original: piece.original,
        concealment: piece.concealment,
        reading: piece.reading,
    })
}

/// Pictures stand between words: their hits have a place among tokens but none of their own.
fn picture(document: &Document, sighting: &Sighting, at: u32) -> Option<Hit> {
    let symbol = document.symbols().get(at as usize)?;
    let place = document.tokens_in(symbol.field, symbol.original).start;
    Some(Hit {
        lexicon: sighting.lexicon,
        term: sighting.term,
        field: symbol.field,
        first_token: place,
        end_token: place,
        original: symbol.original,
        concealment: Concealments::NONE,
        reading: None,
    })
}

/// Where a key lies that ends at a folded byte, and what hides it.
fn piece(document: &Document, found: Found, end: u32, unaccented: bool) -> Option<Piece> {
    let token = |index: u32| document.tokens().get(index as usize);
    let (first, mut last) = (token(found.first)?, token(found.last)?);
    let (mut end_token, mut end) = (found.last + 1, end);
    // What is spread over fields is shown where it begins.
    while last.field != first.field {
        end_token -= 1;
        last = token(end_token.checked_sub(1)?)?;
        end = last.folded_end;
    }
    let start = document.original_start(first, found.start);
    Some(Piece {
        first_token: found.first,
        end_token,
        original: ByteSpan::new(start, document.original_end(last, end)),
        concealment: concealment(document, found, unaccented),
        reading: None,
    })
}

/// What hides the words although they are read plainly.
fn concealment(document: &Document, found: Found, unaccented: bool) -> Concealments {
    let tokens = document.tokens().get(found.first as usize..=found.last as usize).unwrap_or_default();
    tokens.iter().fold(found.hidden, |hidden, token| {
        let accented = unaccented && document.is_accented(token, found.start, found.end);
        let accents = if accented { Concealments::of(Concealment::Diacritic) } else { Concealments::NONE };
        hidden.with(token.concealment).with(accents)
    })
}

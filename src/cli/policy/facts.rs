//! The first half of an explanation: the text as the matcher reads it, and the facts.
//!
//! Not here: signals and sums (`explain.rs`). Kept true: original text is shown beside its reading, never instead of it.

use super::explain::title;
use crate::cli::columns::Columns;
use crate::cli::terminal::{DIM, Terminal, visible};
use crate::domain::{Concealment, Evidence};
use crate::engine::{FoldedField, ObservedFact};

/// Characters shown of a field.
const FIELD: usize = 600;
/// Pieces of evidence shown of a fact.
const PIECES: usize = 4;

/// The fields, as sent and as read.
pub(super) fn fields(fields: &[FoldedField], terminal: Terminal) -> String {
    let mut text = title("Text, and how the matcher reads it", terminal);
    for field in fields {
        text.push_str(&format!(" {}: {}\n", visible(&field.field_path), cut(&visible(&field.original))));
        let folded = cut(&visible(&field.folded));
        text.push_str(&terminal.paint(DIM, &format!("   read as: {folded}\n")));
        for reading in &field.readings {
            let hidden = reading.span.slice(&field.original).unwrap_or_default();
            let how = reading.concealment.as_str();
            text.push_str(&format!("   {:?} may stand for {:?} ({how})\n", visible(hidden), visible(&reading.text)));
        }
    }
    text
}

/// Every fact that is present.
pub(super) fn facts(facts: &[ObservedFact], terminal: Terminal) -> String {
    let mut table = Columns::new(&["FACT", "VALUE", "EVIDENCE"], 3, terminal);
    for fact in facts {
        let mut pieces: Vec<String> = fact.evidence.iter().take(PIECES).map(evidence).collect();
        if fact.evidence.len() > PIECES {
            pieces.push(format!("and {} more", fact.evidence.len() - PIECES));
        }
        table.row(&[fact.name.clone(), fact.value.clone(), pieces.join("; ")]);
    }
    title("Facts", terminal) + &table.render()
}

/// `title 4..10 "V1@gra" read as "viagra" (LEET)`.
pub(super) fn evidence(piece: &Evidence) -> String {
    let mut text = piece.field_path.clone();
    if !piece.span.is_empty() {
        let original = visible(&piece.original_text);
        text.push_str(&format!(" {}..{} \"{original}\"", piece.span.start(), piece.span.end()));
    }
    if piece.concealment != Concealment::None {
        text.push_str(&format!(" read as \"{}\" ({})", visible(&piece.folded_text), piece.concealment.as_str()));
    }
    if let Some(subject) = &piece.related_subject {
        text.push_str(&format!(" in {}", visible(&subject.id)));
    }
    text
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(FIELD) {
        Some((byte, _)) => format!("{}…", text.get(..byte).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ByteSpan;

    #[test]
    fn evidence_shows_place_characters_and_reading() {
        let mut piece = Evidence {
            field_path: "title".into(),
            span: ByteSpan::new(4, 10),
            original_text: "V1@gra".into(),
            folded_text: "viagra".into(),
            concealment: Concealment::Leet,
            fact: "lex.x".into(),
            related_subject: None,
        };
        assert_eq!(evidence(&piece), "title 4..10 \"V1@gra\" read as \"viagra\" (LEET)");
        piece.concealment = Concealment::None;
        piece.span = ByteSpan::new(0, 0);
        assert_eq!(evidence(&piece), "title", "the state of a field has no characters");
    }
}

//! Doses, pack sizes, weights, volumes and percentages: a number and what it counts.
//!
//! Not here: the words for units (`units.rs`). Kept true: a span covers the number and its unit, within one field;
//! a number without a unit is never an amount.

use super::units::{Unit, unit};
use super::{Place, Recorder};
use crate::domain::ByteSpan;
use crate::engine::normalise::Item;
use crate::policy::Fact;
use crate::text::{Token, TokenKind};

const FACTS: [Fact; 7] =
    [Fact::DoseCount, Fact::DoseMaxMg, Fact::PackUnits, Fact::Grams, Fact::Percent, Fact::Millilitres, Fact::MgPerMl];

/// Units of length, folded: what stands beside a sign of multiplication in sizes.
const LENGTHS: [&str; 10] = ["cm", "cms", "ft", "in", "inch", "inches", "m", "mm", "pouces", "zoll"];

/// Beyond this a number is a code, not an amount.
const LARGEST: f64 = 1e9;

pub(super) fn collect(item: &Item<'_>, record: &mut Recorder<'_>) {
    if !record.wants_any(&FACTS) {
        return;
    }
    let mut found = Found { doses: 0, largest: [0.0; FACTS.len()] };
    let tokens = item.document.tokens();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::Word {
            let words = Words { item, tokens, at };
            words.amounts(token, |amount| found.add(amount, token, record));
        }
    }
    record.count(Fact::DoseCount, found.doses);
    for (fact, largest) in FACTS.into_iter().zip(found.largest).skip(1) {
        record.number(fact, largest);
    }
}

/// What a number and its surroundings say.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    fact: Fact,
    value: f64,
    /// True for amounts of a substance: they count as doses.
    dose: bool,
    span: ByteSpan,
}

struct Found {
    doses: usize,
    /// By position in `FACTS`; the first is not used.
    largest: [f64; FACTS.len()],
}

impl Found {
    fn add(&mut self, amount: Amount, token: &Token, record: &mut Recorder<'_>) {
        if !(amount.value > 0.0 && amount.value <= LARGEST) {
            return;
        }
        let place = Place::Text(token.field, amount.span);
        if amount.dose {
            self.doses += 1;
            record.place(Fact::DoseCount, place);
        }
        for (fact, largest) in FACTS.into_iter().zip(&mut self.largest).skip(1) {
            if fact == amount.fact {
                *largest = largest.max(amount.value);
                record.place(fact, place);
            }
        }
    }
}

/// A token with its neighbours.
struct Words<'a, 'b> {
    item: &'a Item<'b>,
    tokens: &'a [Token],
    at: usize,
}

impl<'a> Words<'a, '_> {
    fn amounts(&self, token: &Token, mut emit: impl FnMut(Amount)) {
        let word = self.item.document.word(token);
        let digits = word.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(word.len());
        let (number, suffix) = word.split_at(digits);
        if digits == 0 {
            // "x100": a pack. "X100" is a model, "20 x100" a size.
            if let Some(count) = word.strip_prefix('x').and_then(pieces)
                && self.sent(token).starts_with('x')
                && !self.is_size(self.at)
            {
                emit(Amount { fact: Fact::PackUnits, value: count, dose: false, span: token.original });
            }
            return;
        }
        if suffix == "x" {
            if let Some(count) = pieces(number).filter(|_| self.may_multiply(self.at + 1)) {
                emit(Amount { fact: Fact::PackUnits, value: count, dose: false, span: token.original });
            }
            return;
        }
        let (unit_word, unit_at) = if suffix.is_empty() { self.unit_word() } else { (suffix, self.at) };
        match unit(unit_word).filter(|_| !is_year(number, unit_word)) {
            Some(unit) => self.measured(token, (number, unit, unit_at), emit),
            None if suffix.is_empty() => self.bare(token, number, emit),
            None => {}
        }
    }

    /// The word right after the number and its position; empty if something else lies between.
    fn unit_word(&self) -> (&'a str, usize) {
        let next = self.at + 1;
        match self.tokens.get(next) {
            Some(token) if token.kind == TokenKind::Word && self.close(next) => (self.item.document.word(token), next),
            _ => ("", self.at),
        }
    }

    /// True if at most a space or hyphen lies between a token and the one before it.
    fn close(&self, at: usize) -> bool {
        let gap = self.gap(at).unwrap_or("?");
        gap.len() <= 3 && gap.chars().all(|c| c.is_whitespace() || matches!(c, '-' | '‑' | '–'))
    }

    /// What was sent between a token and the one before it; `None` at a field's or sentence's end.
    fn gap(&self, at: usize) -> Option<&'a str> {
        let before = self.tokens.get(at.checked_sub(1)?)?;
        let token = self.tokens.get(at).filter(|token| token.field == before.field && !token.after_stop)?;
        ByteSpan::new(before.original.end(), token.original.start()).slice(self.item.text(token.field))
    }

    fn measured(&self, token: &Token, (number, unit, unit_at): (&str, Unit, usize), mut emit: impl FnMut(Amount)) {
        let end = self.tokens.get(unit_at).map_or(token.original, |last| last.original);
        let span = token.original.cover(end);
        let coarse = matches!(unit, Unit::Grams(factor) | Unit::Millilitres(factor) if factor > 1.0);
        let sent = self.sent(token);
        let Some(value) = coarse.then(|| parse_coarse(sent)).flatten().or_else(|| parse(number)) else { return };
        let (fact, value, dose) = match unit {
            Unit::Milligrams(factor) => {
                if let Some((per, last)) = self.per_millilitre(unit_at) {
                    let span = span.cover(last);
                    emit(Amount { fact: Fact::MgPerMl, value: value * factor / per, dose: true, span });
                    return;
                }
                (Fact::DoseMaxMg, value * factor, true)
            }
            Unit::Grams(_) if self.is_mobile_network(token, span, value) => return,
            Unit::Millilitres(_) if self.is_steel(token, span, value) => return,
            Unit::Grams(factor) => (Fact::Grams, value * factor, false),
            Unit::Millilitres(factor) => (Fact::Millilitres, value * factor, false),
            // Not milligrams: what a unit weighs depends on the substance.
            Unit::International => (Fact::DoseCount, value, true),
            Unit::Percent => (Fact::Percent, value, false),
            Unit::Pieces if value < 2.0 || value.fract() != 0.0 || self.is_ordinal(token, span, value) => return,
            Unit::Pieces => (Fact::PackUnits, value, false),
        };
        emit(Amount { fact, value, dose, span });
    }

    /// For "mg/ml", "mg / 10 ml": how many millilitres, and where they end.
    fn per_millilitre(&self, unit_at: usize) -> Option<(f64, ByteSpan)> {
        let next = unit_at + 1;
        if self.gap(next)?.trim() != "/" {
            return None;
        }
        let token = self.tokens.get(next)?;
        let word = self.item.document.word(token);
        let digits = word.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(word.len());
        let (number, suffix) = word.split_at(digits);
        let amount = if number.is_empty() { Some(1.0) } else { parse(number) }?;
        let (suffix, end) = if suffix.is_empty() && self.close(next + 1) {
            let unit_token = self.tokens.get(next + 1)?;
            (self.item.document.word(unit_token), unit_token.original)
        } else {
            (suffix, token.original)
        };
        match unit(suffix)? {
            Unit::Millilitres(factor) if amount > 0.0 => Some((amount * factor, end)),
            _ => None,
        }
    }

    /// "5G" is a mobile network, "5 g" and "5g" are weights: folding took the case, the original still has it.
    fn is_mobile_network(&self, token: &Token, span: ByteSpan, value: f64) -> bool {
        self.glued(token, span, "G") && (2.0..=6.0).contains(&value) && value.fract() == 0.0
    }

    /// "316L" is a grade of steel.
    fn is_steel(&self, token: &Token, span: ByteSpan, value: f64) -> bool {
        self.glued(token, span, "L") && matches!(value, 304.0 | 316.0 | 317.0)
    }

    /// "21st" is a day, "21 st" are pieces (German "Stück").
    fn is_ordinal(&self, token: &Token, span: ByteSpan, value: f64) -> bool {
        self.glued(token, span, "st") && value % 10.0 == 1.0 && value % 100.0 != 11.0
    }

    /// True if the unit, written just so, touches the number.
    fn glued(&self, token: &Token, span: ByteSpan, unit: &str) -> bool {
        let sent = span.slice(self.item.text(token.field)).unwrap_or_default();
        sent.strip_suffix(unit).is_some_and(|number| number.ends_with(|c: char| c.is_ascii_digit()))
    }

    /// A token as sent.
    fn sent(&self, token: &Token) -> &'a str {
        token.original.slice(self.item.text(token.field)).unwrap_or_default()
    }

    /// A number without a unit: a percentage by its sign, or a pack by a sign of multiplication.
    fn bare(&self, token: &Token, number: &str, mut emit: impl FnMut(Amount)) {
        let text = self.item.text(token.field);
        let rest = text.get(token.original.end() as usize..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
        if let Some(sign) = rest.get(blank..).and_then(|rest| rest.chars().next())
            && blank <= 3
            && matches!(sign, '%' | '％' | '﹪')
        {
            let end = token.original.end() + u32::try_from(blank + sign.len_utf8()).unwrap_or_default();
            if let Some(value) = parse(number) {
                let span = ByteSpan::new(token.original.start(), end);
                emit(Amount { fact: Fact::Percent, value, dose: false, span });
            }
            return;
        }
        if let Some(sign) = self.leading_percent(token) {
            if let Some(value) = parse(number) {
                let span = ByteSpan::new(token.original.start() - sign, token.original.end());
                emit(Amount { fact: Fact::Percent, value, dose: false, span });
            }
            return;
        }
        let Some(count) = pieces(number) else { return };
        if let Some(span) = self.multiplied(token) {
            emit(Amount { fact: Fact::PackUnits, value: count, dose: false, span });
        }
    }

    /// Bytes of a percent sign that touches the number from the left, as Turkish and Basque write ("%98"), unless it belongs
    /// to a number before it ("50 %98").
    fn leading_percent(&self, token: &Token) -> Option<u32> {
        let before = self.item.text(token.field).get(..token.original.start() as usize)?;
        let sign = before.chars().next_back().filter(|c| matches!(c, '%' | '％' | '٪'))?;
        let rest = before.strip_suffix(sign)?.trim_end();
        (!rest.ends_with(|c: char| c.is_ascii_digit())).then(|| u32::try_from(sign.len_utf8()).unwrap_or_default())
    }

    /// The span of "100 x" or "x 100", unless a size such as "100 x 50" or "60 cm x 40 cm" is written so.
    fn multiplied(&self, token: &Token) -> Option<ByteSpan> {
        let sign = |at: usize| {
            let token = self.tokens.get(at).filter(|token| self.item.document.word(token) == "x")?;
            Some(token.original)
        };
        let (at, next) = (self.at, self.at + 1);
        if self.gap(next).is_some_and(|gap| gap.trim() == "×") && self.is_dose(next) {
            return Some(token.original);
        }
        if self.close(next)
            && let Some(x) = sign(next)
        {
            return self.may_multiply(next + 1).then(|| token.original.cover(x));
        }
        let before = at.checked_sub(1).filter(|_| self.close(at))?;
        let x = sign(before)?;
        (!self.is_size(before)).then(|| x.cover(token.original))
    }

    /// True if what stands at `at` leaves "100 x" a pack: no number, or a dose.
    fn may_multiply(&self, at: usize) -> bool {
        match (self.gap(at), self.tokens.get(at)) {
            (Some(_), Some(token)) => token.kind == TokenKind::Word || self.is_dose(at),
            _ => true,
        }
    }

    /// True if the sign of multiplication at `sign` joins two lengths: a number or a unit of length stands before it,
    /// or the number after it is a length.
    fn is_size(&self, sign: usize) -> bool {
        let before =
            sign.checked_sub(1).and_then(|before| self.tokens.get(before)).filter(|_| self.gap(sign).is_some());
        let after_length = before
            .is_some_and(|token| token.kind != TokenKind::Word || LENGTHS.contains(&self.item.document.word(token)));
        let next = self.at + 1;
        let word =
            self.tokens.get(next).filter(|_| self.close(next)).map_or("", |token| self.item.document.word(token));
        let end = self.tokens.get(self.at).map_or(0, |token| token.original.end() as usize);
        let text = self.tokens.get(self.at).map_or("", |token| self.item.text(token.field));
        let inches = text.get(end..).is_some_and(|rest| rest.starts_with(['"', '”', '″', '\'', '’', '′']));
        after_length || inches || LENGTHS.contains(&word)
    }

    /// True if a dose, weight or volume starts at `at`.
    fn is_dose(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let word = self.item.document.word(token);
        let suffix = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
        if suffix.len() == word.len() {
            return false;
        }
        let suffix = if suffix.is_empty() { Words { at, ..*self }.unit_word().0 } else { suffix };
        matches!(unit(suffix), Some(Unit::Milligrams(_) | Unit::Grams(_) | Unit::Millilitres(_) | Unit::International))
    }
}

/// A count of pieces: digits only, at least two pieces.
fn pieces(number: &str) -> Option<f64> {
    let whole = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|count| whole && *count >= 2.0)
}

/// "2023 г." is a year, not a weight: Bulgarian, Russian and Ukrainian shorten both words to the same letter.
fn is_year(number: &str, unit_word: &str) -> bool {
    unit_word == "г" && number.len() == 4 && (number.starts_with("19") || number.starts_with("20"))
}

/// Reads a folded number: folding has told decimal marks from thousands.
fn parse(number: &str) -> Option<f64> {
    number.trim_end_matches('.').parse().ok()
}

/// Reads a number as sent, before a coarse unit: its only mark is decimal. "1.250 kg" and "1,250 l" are one and a
/// quarter, though three digits follow the mark: goods of a tonne are rarer than such labels.
fn parse_coarse(sent: &str) -> Option<f64> {
    let length = sent.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')).count();
    let (whole, fraction) = sent.get(..length)?.split_once(['.', ','])?;
    let plain = !fraction.is_empty() && !fraction.contains(['.', ',']);
    plain.then(|| format!("{whole}.{fraction}").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_mark_before_a_coarse_unit_is_decimal() {
        assert_eq!(parse_coarse("1.250"), Some(1.25));
        assert_eq!(parse_coarse("1,5kg"), Some(1.5));
        assert_eq!(parse_coarse("1.000.000"), None);
        assert_eq!(parse_coarse("12"), None);
        assert_eq!(parse_coarse("１.5"), None);
    }

    #[test]
    fn one_piece_is_not_a_pack() {
        assert_eq!(pieces("1"), None);
        assert_eq!(pieces("30"), Some(30.0));
        assert_eq!(pieces("3.5"), None);
    }
}

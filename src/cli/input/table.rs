//! Rows of named columns (CSV, Parquet) as lines of JSON.
//!
//! Not here: files. Kept true: a column carries the name of the contract's field; what does not fit its field's type is
//! a fault that names column and value; an empty cell means "not sent".

use serde_json::{Map, Value, json};

use super::LineFault;
use crate::domain::ErrorCode;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Integer,
    /// A decimal number; its currency stands in the column `currency_code`.
    Money,
    /// Several texts with this between them.
    List(char),
}

const LISTING: [(&str, Kind); 15] = [
    ("listing_id", Kind::Text),
    ("seller_id", Kind::Text),
    ("title", Kind::Text),
    ("description", Kind::Text),
    ("category_path", Kind::List('>')),
    ("brand", Kind::Text),
    ("gtin", Kind::Text),
    ("price", Kind::Money),
    ("reference_price", Kind::Money),
    ("links", Kind::List(' ')),
    ("ships_from_country", Kind::Text),
    ("target_countries", Kind::List(',')),
    ("language_code", Kind::Text),
    ("age_restricted", Kind::Flag),
    ("created_at", Kind::Text),
];

const POST: [(&str, Kind); 16] = [
    ("post_id", Kind::Text),
    ("creator_id", Kind::Text),
    ("platform", Kind::Text),
    ("text", Kind::Text),
    ("hashtags", Kind::List(' ')),
    ("links", Kind::List(' ')),
    ("promoted_listing_ids", Kind::List(',')),
    ("disclosure_label", Kind::Flag),
    ("minimum_age", Kind::Integer),
    ("ai_generated_label", Kind::Flag),
    ("is_advertisement", Kind::Flag),
    ("is_political", Kind::Flag),
    ("sponsor", Kind::Text),
    ("language_code", Kind::Text),
    ("published_at", Kind::Text),
    ("follower_count", Kind::Integer),
];

const EVENT: [(&str, Kind); 9] = [
    ("event_id", Kind::Text),
    ("seller_id", Kind::Text),
    ("creator_id", Kind::Text),
    ("subject_kind", Kind::Text),
    ("subject_id", Kind::Text),
    ("kind", Kind::Text),
    ("area", Kind::Text),
    ("count", Kind::Integer),
    ("occurred_at", Kind::Text),
];

/// What the columns of a table say about its rows.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// `listing`, `post` or `event`.
    subject: &'static str,
    /// By column; `None` is ignored.
    fields: Vec<Option<(&'static str, Kind)>>,
    currency: Option<usize>,
    id: Option<usize>,
}

impl Columns {
    /// From the names of the columns; also gives those that are ignored. `Err` holds advice if no row can be read.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<(Self, Vec<String>), String> {
        let names: Vec<String> =
            names.map(|name| name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase()).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        let (subject, known): (_, &[(_, _)]) = match () {
            () if has("event_id") => ("event", &EVENT),
            () if has("title") || has("listing_id") => ("listing", &LISTING),
            () if has("text") || has("post_id") => ("post", &POST),
            () => return Err(advice()),
        };
        let field = |name: &String| known.iter().copied().find(|(field, _)| field == name);
        let fields: Vec<_> = names.iter().map(field).collect();
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let (currency, id) = (place("currency_code").filter(|_| subject == "listing"), place("id"));
        let unused =
            |(column, field): &(usize, &Option<_>)| field.is_none() && Some(*column) != currency && Some(*column) != id;
        let ignored = fields.iter().enumerate().filter(unused).filter_map(|(column, _)| names.get(column).cloned());
        let ignored = ignored.collect();
        Ok((Columns { subject, fields, currency, id }, ignored))
    }

    /// A row as a line of JSON.
    pub(super) fn json<'a>(&self, cells: impl Iterator<Item = &'a str>) -> Result<String, LineFault> {
        let cells: Vec<&str> = cells.map(str::trim).collect();
        let cell = |column: Option<usize>| column.and_then(|column| cells.get(column)).copied().unwrap_or_default();
        let currency = cell(self.currency);
        let mut content = Map::new();
        for (field, cell) in self.fields.iter().zip(&cells) {
            let (Some((name, kind)), false) = (field, cell.is_empty()) else { continue };
            content.insert((*name).to_owned(), value(name, *kind, cell, currency)?);
        }
        if self.subject == "event" {
            return Ok(Value::Object(content).to_string()); // an event is a line of its own
        }
        let mut line = Map::new();
        line.insert("id".to_owned(), Value::from(cell(self.id)));
        line.insert(self.subject.to_owned(), Value::Object(content));
        Ok(Value::Object(line).to_string())
    }
}

fn advice() -> String {
    let names = |columns: &[(&'static str, Kind)]| columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    format!(
        "name the columns in the first line; for listings: {} (and currency_code); for posts: {}; for events: {}",
        names(&LISTING),
        names(&POST),
        names(&EVENT)
    )
}

fn value(name: &str, kind: Kind, cell: &str, currency: &str) -> Result<Value, LineFault> {
    let wrong =
        |what: &str| LineFault::new(ErrorCode::Invalid, format!("column {name} is {cell:?}, which is no {what}"));
    match kind {
        Kind::Text => Ok(Value::from(cell)),
        Kind::Flag => match cell.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" => Ok(Value::Bool(true)),
            "false" | "0" | "no" => Ok(Value::Bool(false)),
            _ => Err(wrong("flag; write true or false")),
        },
        Kind::Integer => cell.parse::<i64>().map(Value::from).map_err(|_| wrong("whole number")),
        Kind::Money => money(cell, currency).ok_or_else(|| wrong("amount; write it like 12.90")),
        Kind::List(between) => {
            let entries = cell.split(between).map(str::trim).filter(|entry| !entry.is_empty());
            Ok(entries.map(Value::from).collect())
        }
    }
}

/// `-12.9` is -12 units and -900,000,000 nanos. A comma may stand for the point.
fn money(cell: &str, currency: &str) -> Option<Value> {
    let (sign, digits) = cell.strip_prefix('-').map_or((1, cell), |digits| (-1, digits));
    let (units, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if units.is_empty() || fraction.len() > 9 || !all_digits(units) || !all_digits(fraction) {
        return None;
    }
    let units: i64 = units.parse().ok()?;
    let nanos: i32 = format!("{fraction:0<9}").parse().ok()?;
    Some(json!({"currency_code": currency, "units": sign * units, "nanos": sign as i32 * nanos}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(names: &str, cells: &str) -> Result<Value, String> {
        let (columns, _) = Columns::of(names.split('|'))?;
        let line = columns.json(cells.split('|')).map_err(|fault| fault.message)?;
        Ok(serde_json::from_str(&line).unwrap())
    }

    #[test]
    fn a_row_becomes_the_listing_that_its_columns_name() {
        let names = "\u{feff}ID|Title|price|currency_code|category_path|age_restricted|target_countries|brand|margin";
        let expected = json!({"id": "7", "listing": {
            "title": "Tea", "price": {"currency_code": "EUR", "units": 12, "nanos": 900_000_000},
            "category_path": ["Food", "Tea"], "age_restricted": false, "target_countries": ["DE", "AT"],
        }});
        assert_eq!(row(names, "7| Tea |12.90|EUR|Food > Tea|no|DE, AT||0.4"), Ok(expected));
    }

    #[test]
    fn a_row_becomes_a_post_where_the_columns_are_those_of_posts() {
        let expected = json!({"id": "", "post": {"text": "hi", "hashtags": ["#ad", "tea"], "follower_count": 12}});
        assert_eq!(row("text|hashtags|follower_count", "hi|#ad tea|12"), Ok(expected));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert!(row("name|cost", "a|b").unwrap_err().contains("for listings: listing_id"));
        let flag = row("title|age_restricted", "a|maybe").unwrap_err();
        assert_eq!(flag, "column age_restricted is \"maybe\", which is no flag; write true or false");
        assert!(row("title|price", "a|12€").unwrap_err().contains("amount"));
        assert!(row("text|minimum_age", "a|1.5").unwrap_err().contains("whole number"));
    }

    #[test]
    fn columns_without_a_field_are_told() {
        let (_, ignored) = Columns::of(["title", "id", "margin", "currency_code"].into_iter()).unwrap();
        assert_eq!(ignored, ["margin"]);
    }

    #[test]
    fn amounts_keep_sign_and_fraction() {
        let amount = |cell| money(cell, "EUR").map(|money| (money["units"].clone(), money["nanos"].clone()));
        assert_eq!(amount("-0,05"), Some((json!(0), json!(-50_000_000))));
        assert_eq!(amount("1299"), Some((json!(1299), json!(0))));
        assert_eq!(amount("1.299,00"), None);
        assert_eq!(amount(""), None);
        assert_eq!(amount("--1"), None);
    }
}

//! The file of clients: names, roles, and by what each is known.
//!
//! Not here: tokens of an identity provider (`jwt.rs`), when the file is read again. Kept true: every fault of a file is told at
//! once with its line and never with a credential; half a file is never in force.
//!
//! A line is `NAME ROLES CREDENTIAL [expires=YYYY-MM-DD]`, where CREDENTIAL is `blake3:…` (what `dsa-signal token new` prints) or
//! `certificate:NAME` (a DNS name, URI or common name of a client certificate). `#` begins a comment. One name may have several lines:
//! that is how a token is replaced without a gap.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::gate::Client;
use super::role::Roles;
use super::token::TokenDigest;

/// Longest name of a client, bytes.
const LONGEST_NAME: usize = 64;

/// Everything that is wrong with a file of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
pub struct InvalidClients {
    /// One sentence a fault, with its line.
    pub faults: Vec<String>,
}

impl fmt::Display for InvalidClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.faults.join("; "))
    }
}

/// What is known of a client.
#[derive(Debug)]
struct Line {
    client: Arc<Client>,
    /// Seconds since 1970 from which on it is not accepted.
    expires: Option<u64>,
}

/// The clients of a file.
#[derive(Debug, Default)]
pub struct Clients {
    /// By the first bytes of the digest. Those are no secret; the whole digest is compared in constant time.
    tokens: HashMap<u64, Vec<(TokenDigest, Line)>>,
    certificates: HashMap<String, Line>,
}

/// A client that was found.
pub(super) enum Found {
    /// It may go on.
    Valid(Arc<Client>),
    /// It was one once.
    Expired,
}

impl Clients {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Clients, InvalidClients> {
        let mut clients = Clients::default();
        let mut faults = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            if let Err(fault) = clients.add(line) {
                faults.push(format!("line {number}: {fault}"));
            }
        }
        if faults.is_empty() { Ok(clients) } else { Err(InvalidClients { faults }) }
    }

    /// How many credentials there are.
    pub fn len(&self) -> usize {
        self.tokens.values().map(Vec::len).sum::<usize>() + self.certificates.len()
    }

    /// True if nobody could be known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let (Some(name), Some(roles), Some(credential)) = (words.next(), words.next(), words.next()) else {
            return Err("a line is NAME ROLES CREDENTIAL [expires=YYYY-MM-DD]".to_owned());
        };
        if !is_name(name) {
            return Err(format!("a name has 1 to {LONGEST_NAME} letters, digits, dots, hyphens or underscores"));
        }
        let roles: Roles = roles.parse().map_err(|unknown: super::UnknownRole| unknown.to_string())?;
        let expires = match words.next().map(|word| word.strip_prefix("expires=").and_then(midnight)) {
            None => None,
            Some(Some(seconds)) => Some(seconds),
            Some(None) => return Err("after the credential comes expires=YYYY-MM-DD or nothing".to_owned()),
        };
        if words.next().is_some() {
            return Err("there are words too many".to_owned());
        }
        let line = Line { client: Arc::new(Client { name: name.into(), roles }), expires };
        self.keep(credential, line)
    }

    fn keep(&mut self, credential: &str, line: Line) -> Result<(), String> {
        if let Some(name) = credential.strip_prefix("certificate:").filter(|name| !name.is_empty()) {
            return match self.certificates.insert(name.to_owned(), line) {
                None => Ok(()),
                Some(_) => Err("the certificate's name stands on an earlier line too".to_owned()),
            };
        }
        let digest: TokenDigest = credential
            .parse()
            .map_err(|()| "a credential is `blake3:` with 64 hexadecimal digits, or `certificate:NAME`".to_owned())?;
        let lines = self.tokens.entry(digest.hint()).or_default();
        if lines.iter().any(|(other, _)| *other == digest) {
            return Err("the token stands on an earlier line too".to_owned());
        }
        lines.push((digest, line));
        Ok(())
    }

    /// Whose token it is.
    pub(super) fn by_token(&self, token: &str, now: u64) -> Option<Found> {
        let digest = TokenDigest::of(token)?;
        let lines = self.tokens.get(&digest.hint())?;
        lines.iter().find(|(other, _)| *other == digest).map(|(_, line)| line.at(now))
    }

    /// Whose certificate it is, by the first of its names that is known.
    pub(super) fn by_certificate(&self, names: &[String], now: u64) -> Option<Found> {
        names.iter().find_map(|name| self.certificates.get(name)).map(|line| line.at(now))
    }
}

impl Line {
    fn at(&self, now: u64) -> Found {
        match self.expires {
            Some(expires) if now >= expires => Found::Expired,
            _ => Found::Valid(Arc::clone(&self.client)),
        }
    }
}

/// True for what may name a client in the file.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

/// The first second of a day, UTC, in seconds since 1970; `None` if it is no day from 1970 to 9999.
fn midnight(day: &str) -> Option<u64> {
    let mut parts = day.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()));
        part.and_then(|part| part.parse::<u64>().ok())
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days_of = |month: u64| match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let valid = year >= 1970 && (1..=12).contains(&month) && (1..=days_of(month)).contains(&day);
    if !valid || parts.next().is_some() {
        return None;
    }
    // Days of the years before, with their leap days, as the Gregorian calendar has them.
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    let months: u64 = (1..month).map(days_of).sum();
    Some((years + months + day - 1) * 86_400)
}

#[cfg(test)]
mod tests {
    use super::super::token::NewToken;
    use super::*;

    fn name(found: Option<Found>) -> Option<String> {
        found.map(|found| match found {
            Found::Valid(client) => client.name.to_string(),
            Found::Expired => "expired".to_owned(),
        })
    }

    #[test]
    fn a_file_is_read_with_comments_and_several_lines_a_name() {
        let (one, two) = (NewToken::random().unwrap(), NewToken::random().unwrap());
        let text = format!(
            "# clients\n\nshop-a  score,read  {}  expires=2026-03-01 # the old one\nshop-a score,read {}\n\
             shop-b record certificate:shop-b.example\n",
            one.digest, two.digest
        );
        let clients = Clients::parse(&text).unwrap();
        assert_eq!(clients.len(), 3);
        let march = 1_772_323_200;
        assert_eq!(name(clients.by_token(&one.token, march - 1)).as_deref(), Some("shop-a"));
        assert_eq!(name(clients.by_token(&one.token, march)).as_deref(), Some("expired"));
        assert_eq!(name(clients.by_token(&two.token, march)).as_deref(), Some("shop-a"));
        assert_eq!(name(clients.by_token(&NewToken::random().unwrap().token, 0)), None);
        let names = ["other".to_owned(), "shop-b.example".to_owned()];
        assert_eq!(name(clients.by_certificate(&names, 0)).as_deref(), Some("shop-b"));
        assert_eq!(name(clients.by_certificate(&names[..1], 0)), None);
    }

    #[test]
    fn every_fault_is_told_with_its_line_and_without_the_credential() {
        let token = NewToken::random().unwrap();
        let digest = token.digest;
        let text = format!(
            "shop-a score\nshöp score {digest}\nshop-a write {digest}\nshop-a score {}\nshop-a score {digest}\n\
             shop-b read {digest}\nshop-c read certificate:\nshop-d read certificate:d soon\nshop-e read certificate:e expires=2026-02-30\n\
             shop-f read certificate:f expires=2026-02-28 x",
            token.token
        );
        let faults = Clients::parse(&text).unwrap_err().faults;
        let lines: Vec<_> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
        let expected = [1, 2, 3, 4, 6, 7, 8, 9, 10].map(|number| format!("line {number}"));
        assert_eq!(lines, expected, "{faults:#?}");
        assert!(!faults.iter().any(|fault| fault.contains(&token.token)), "{faults:?}");
    }

    #[test]
    fn days_begin_where_the_calendar_says() {
        for (day, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2000-03-01", 951_868_800),
            ("2026-11-22", 1_795_305_600),
            ("2100-03-01", 4_107_542_400),
        ] {
            assert_eq!(midnight(day), Some(seconds), "{day}");
        }
        for wrong in ["", "2026", "2026-1-01", "2100-02-29", "2026-00-10", "2026-13-01", "2026-01-01-01", "+026-01-01"]
        {
            assert_eq!(midnight(wrong), None, "{wrong}");
        }
    }
}

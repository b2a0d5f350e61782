//! Bearer tokens of our own: made here, kept as digests.
//!
//! Not here: where digests are kept (`clients.rs`). Kept true: a token is 32 random bytes, so its digest needs no slow hash (there is nothing to
//! guess); two digests are compared in constant time, which is what `blake3::Hash` does.

use std::fmt;
use std::str::FromStr;

use ring::rand::{SecureRandom, SystemRandom};

/// What every token begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "dsas_";
/// Random bytes of a token.
const BYTES: usize = 32;
/// What a digest begins with where it is written down.
const DIGEST: &str = "blake3:";

/// A token that nobody has yet.
#[derive(Debug)]
pub struct NewToken {
    /// For the client, once.
    pub token: String,
    /// For the file.
    pub digest: TokenDigest,
}

impl NewToken {
    /// From the system's randomness; `None` if it has none.
    pub fn random() -> Option<NewToken> {
        let mut bytes = [0; BYTES];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let token = format!("{PREFIX}{}", blake3::Hash::from_bytes(bytes).to_hex());
        let digest = TokenDigest::of(&token)?;
        Some(NewToken { token, digest })
    }
}

/// The digest of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenDigest(blake3::Hash);

impl TokenDigest {
    /// Of what a caller sent; `None` if that is no token of ours, whose length and beginning are no secret.
    pub fn of(token: &str) -> Option<TokenDigest> {
        let ours = token.len() == PREFIX.len() + 2 * BYTES && token.starts_with(PREFIX);
        ours.then(|| TokenDigest(blake3::hash(token.as_bytes())))
    }

    /// The first bytes: enough to find the line whose digest is then compared whole.
    pub(super) fn hint(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

impl fmt::Display for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{DIGEST}{}", self.0.to_hex())
    }
}

impl FromStr for TokenDigest {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let hex = text.strip_prefix(DIGEST).ok_or(())?;
        blake3::Hash::from_hex(hex).map(TokenDigest).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_digest_and_by_nothing_else() {
        let (one, other) = (NewToken::random().unwrap(), NewToken::random().unwrap());
        assert_ne!(one.token, other.token);
        assert_eq!(TokenDigest::of(&one.token), Some(one.digest));
        assert_ne!(TokenDigest::of(&other.token), Some(one.digest));
        assert_eq!(one.digest.to_string().parse(), Ok(one.digest));
        assert!(!one.digest.to_string().contains(&one.token[PREFIX.len()..]));
    }

    #[test]
    fn what_is_no_token_has_no_digest() {
        let token = NewToken::random().unwrap().token;
        for wrong in ["", "dsas_", &token[1..], &format!("{token}0"), "eyJhbGciOiJFZERTQSJ9.e30.AA"] {
            assert_eq!(TokenDigest::of(wrong), None, "{wrong}");
        }
        for wrong in ["", "blake3:", "blake3:00", "sha256:00", &token] {
            assert!(wrong.parse::<TokenDigest>().is_err(), "{wrong}");
        }
    }
}

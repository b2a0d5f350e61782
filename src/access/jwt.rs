//! Tokens of an identity provider: JSON Web Tokens (RFC 7519) under the keys of a JWKS file (RFC 7517).
//!
//! Not here: cryptography (`ring_provider.rs`), memory of what was verified (`gate.rs`). Kept true: a key serves the one algorithm of
//! its kind, so no header can choose another; a token without an end, for another audience or before its time is nobody's.

use std::fmt;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::gate::{Client, Refused};
use super::ring_provider::PROVIDER;
use super::role::{Role, Roles};

/// Clocks of other machines may be wrong by so much, seconds.
const LEEWAY: u64 = 30;
/// Longest `sub`, bytes: it names the client in quotas.
const LONGEST_SUBJECT: usize = 256;

/// What tokens must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// `aud` must be or hold this.
    pub audience: String,
    /// `iss` must be this, if it is set.
    pub issuer: Option<String>,
    /// Claim with the roles: a list of words, or words between spaces or commas. Words that are no roles of ours are left alone.
    pub roles_claim: String,
}

/// What is wrong with a file of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidKeys(pub String);

impl fmt::Display for InvalidKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Public keys of an identity provider, and what its tokens must say.
#[derive(Debug)]
pub struct TokenKeys {
    keys: Vec<Key>,
    rules: TokenRules,
}

impl TokenKeys {
    /// Reads a JWKS file's text. Keys of other kinds than Ed25519, P-256 and RSA, and keys for encryption, are left alone.
    pub fn parse(text: &str, rules: TokenRules) -> Result<TokenKeys, InvalidKeys> {
        // Whoever embeds us may have installed a provider; it checks the same signatures.
        let _installed = PROVIDER.install_default();
        let set: JwkSet = serde_json::from_str(text)
            .map_err(|error| InvalidKeys(format!("no JWKS: line {}, column {}", error.line(), error.column())))?;
        let keys: Vec<_> = set.keys.iter().filter_map(key).collect();
        if keys.is_empty() {
            return Err(InvalidKeys("there is no key for EdDSA (Ed25519), ES256 or RS256 in it".to_owned()));
        }
        Ok(TokenKeys { keys, rules })
    }

    /// True if it looks like a JSON Web Token.
    pub(super) fn could_be(token: &str) -> bool {
        token.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Whose token it is, and the second since 1970 from which on it is not.
    pub(super) fn verify(&self, token: &str, now: u64) -> Result<(Client, u64), Refused> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        if header.crit.is_some() {
            return Err(Refused::Invalid); // it asks for something that we do not know (RFC 7515, 4.1.11)
        }
        let mut validation = Validation::new(header.alg);
        // Times and audience are checked below, against a time that is a value, and strictly: a claim of the wrong type is a wrong claim.
        validation.required_spec_claims.clear();
        (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
        let named = |key: &&Key| header.kid.is_none() || key.id == header.kid;
        let fitting = self.keys.iter().filter(|key| key.algorithm == header.alg).filter(named);
        // A few keys at most: while a provider changes keys there are two, and some give them no name.
        let claims = fitting.take(4).find_map(|key| {
            jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &validation).ok().map(|token| token.claims)
        });
        self.check(&claims.ok_or(Refused::Invalid)?, now)
    }

    fn check(&self, claims: &Map<String, Value>, now: u64) -> Result<(Client, u64), Refused> {
        let issued_by = |issuer: &String| claims.get("iss").and_then(Value::as_str) == Some(issuer);
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject =
            subject.filter(|subject| (1..=LONGEST_SUBJECT).contains(&subject.len())).ok_or(Refused::Invalid)?;
        if !is_for(claims.get("aud"), &self.rules.audience) || !self.rules.issuer.as_ref().is_none_or(issued_by) {
            return Err(Refused::Invalid);
        }
        let expires = claims.get("exp").and_then(seconds).ok_or(Refused::Invalid)?.saturating_add(LEEWAY);
        let begins = match claims.get("nbf") {
            None => 0,
            Some(claim) => seconds(claim).ok_or(Refused::Invalid)?,
        };
        if now >= expires {
            return Err(Refused::Expired);
        }
        if now.saturating_add(LEEWAY) < begins {
            return Err(Refused::Invalid);
        }
        Ok((Client { name: subject.into(), roles: roles(claims.get(&self.rules.roles_claim)) }, expires))
    }
}

/// A key that we can use.
fn key(jwk: &Jwk) -> Option<Key> {
    let (algorithm, declared) = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        _ => return None,
    };
    let other_use = jwk.common.public_key_use.as_ref().is_some_and(|declared| *declared != PublicKeyUse::Signature);
    let other_algorithm = jwk.common.key_algorithm.as_ref().is_some_and(|written| *written != declared);
    if other_use || other_algorithm {
        return None;
    }
    Some(Key { id: jwk.common.key_id.clone(), algorithm, key: DecodingKey::from_jwk(jwk).ok()? })
}

/// `aud` is one word or a list of them.
fn is_for(claim: Option<&Value>, audience: &str) -> bool {
    match claim {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    }
}

/// A date as RFC 7519 writes it: seconds since 1970, which may have a fraction.
fn seconds(claim: &Value) -> Option<u64> {
    let fraction = |seconds: f64| (seconds.is_finite() && seconds >= 0.0).then_some(seconds as u64);
    claim.as_u64().or_else(|| claim.as_f64().and_then(fraction))
}

fn roles(claim: Option<&Value>) -> Roles {
    let parse = |word: &str| word.parse::<Role>().ok();
    match claim {
        Some(Value::String(words)) => words.split([' ', ',']).filter_map(parse).collect(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).filter_map(parse).collect(),
        _ => Roles::default(),
    }
}

#[cfg(test)]
mod tests;

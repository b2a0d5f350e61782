//! Tokens that are right, and tokens that are wrong in one thing each.

use jsonwebtoken::jwk::JwkSet;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;
/// A key of 2048 bits whose private half was thrown away after it had signed the token below.
const RSA_MODULUS: &str = "1CwB_bXma1K_1lsfpVOXxPNivyCnjb4rvbGvGxuKTzC_DzwukV8FjdWO3oebdXC5f09ZSJENlPP9d84jGsOfDnufLN7oehcu7OAbm0JuRUugqCRSnPpedcdZcoAipfitEuNUCZYb--fXlsnaDQhyrUoclpNNBtfiJzcPFzJwPy26tG1qsh_wB71siGGeMN1PSJNZ0PGXcGAkmDTHHGZ9bG6dobXKMHkFlT-YZmOW3i7xtVBHBK8MaRDdtpYpYAHBUWnyNxk-EFlS5jMEvBuzYIfz8Su8DlgTRwzkp8xUYZ1FF287q7nDI8vXVCpejnFEdMkO0JCP-Fla86CJnGZ56w";
const RSA_TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJzdWIiOiJzaG9wLXIiLCJhdWQiOiJkc2Etc2lnbmFsIiwiZXhwIjo0MTAyNDQ0ODAwLCJyb2xlcyI6WyJyZWFkIl19.lm93oiF8B_qdG5ADmGBMp1Kj8lNjz6UUZr3aVvqIcd6bnfgpQlI2a-vmZl0BNwIkQCxeB79XwY9oBo79EQ8vD0jT7VzUuG78rBCY6nhM2SB-ZPj8mr5K7aiBpftH5aYhdAO_Zw-szpAeZO6PsLKcMtSFXj_8G8YiHvLUfGIScHeBP9dPLfF9Dkd6tVhPrc1L3DiEaSxyv6REdQdG4PvoIJ7RbFwh4zP1YUXmScMA_SeSZTI99O0rpLOfLbF0_PqbSciPAPGPCwZEvXqhgtmes6dP7GPjAgZdkV8MHLnyAf_L8ANiZ0-58LQ_U8VRmWPRPYFp5Xh9N5Jn-NKGfT1eJQ";

/// Without padding, in the alphabet of URLs.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for at in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

/// An identity provider with a key of each kind.
struct Provider {
    ed: Ed25519KeyPair,
    ec: EcdsaKeyPair,
}

impl Provider {
    fn new() -> Self {
        let random = SystemRandom::new();
        let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Provider {
            ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
            ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random).unwrap(),
        }
    }

    fn jwks(&self) -> Value {
        let point = self.ec.public_key().as_ref();
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "use": "sig", "x": base64(self.ed.public_key().as_ref())},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": base64(&point[1..33]), "y": base64(&point[33..])},
            {"kty": "RSA", "kid": "rsa", "n": RSA_MODULUS, "e": "AQAB"},
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        ]})
    }

    fn keys(&self) -> TokenKeys {
        TokenKeys::parse(&self.jwks().to_string(), rules()).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", base64(header.to_string().as_bytes()), base64(claims.to_string().as_bytes()));
        let signature = match header["alg"].as_str() {
            Some("ES256") => self.ec.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            Some("none") => Vec::new(),
            _ => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", base64(&signature))
    }
}

fn rules() -> TokenRules {
    TokenRules { audience: "dsa-signal".into(), issuer: None, roles_claim: "roles".into() }
}

fn claims() -> Value {
    json!({"sub": "shop-a", "aud": "dsa-signal", "exp": NOW + 60, "roles": ["score", "read", "elsewhere"]})
}

fn with(mut claims: Value, key: &str, value: Value) -> Value {
    claims[key] = value;
    claims
}

#[test]
fn three_algorithms_are_accepted_with_and_without_a_key_id() {
    let provider = Provider::new();
    let keys = provider.keys();
    assert_eq!(keys.keys.len(), 3, "the shared secret is left alone");
    for header in [
        json!({"alg": "EdDSA", "kid": "ed"}),
        json!({"alg": "EdDSA"}),
        json!({"alg": "ES256", "kid": "ec", "typ": "JWT"}),
    ] {
        let (client, expires) = keys.verify(&provider.sign(&header, &claims()), NOW).unwrap();
        assert_eq!((&*client.name, client.roles.to_string().as_str()), ("shop-a", "score,read"), "{header}");
        assert_eq!(expires, NOW + 60 + LEEWAY);
    }
    let (client, _) = keys.verify(RSA_TOKEN, NOW).unwrap();
    assert_eq!((&*client.name, client.roles.to_string().as_str()), ("shop-r", "read"));
}

#[test]
fn a_header_cannot_choose_how_it_is_checked() {
    let provider = Provider::new();
    let keys = provider.keys();
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256", "kid": "ed"}),
        json!({"alg": "HS256", "kid": "secret"}),
        json!({"alg": "ES256", "kid": "ed"}),
        json!({"alg": "EdDSA", "kid": "ec"}),
        json!({"alg": "EdDSA", "kid": "another"}),
        json!({"alg": "EdDSA", "kid": "ed", "crit": ["exp"]}),
    ] {
        assert_eq!(keys.verify(&provider.sign(&header, &claims()), NOW).unwrap_err(), Refused::Invalid, "{header}");
    }
    let stranger = Provider::new().sign(&json!({"alg": "EdDSA"}), &claims());
    assert_eq!(keys.verify(&stranger, NOW).unwrap_err(), Refused::Invalid);
}

#[test]
fn a_clock_that_jumps_costs_nobody_the_time_that_a_token_has() {
    use crate::access::{Credentials, Gate, Known};

    let provider = Provider::new();
    let gate = Gate::new(crate::access::Clients::default(), Some(provider.keys()));
    let token = provider.sign(&json!({"alg": "EdDSA"}), &with(claims(), "nbf", json!(NOW - 10)));
    let year = 365 * 24 * 3600;
    // Never seen, and the clock is ahead: then what is true by that clock, and nothing of it is remembered.
    assert_eq!(gate.verify(&token, NOW + year), Err(Refused::Expired));
    assert_eq!(gate.verify(&token, NOW - year), Err(Refused::Invalid));
    assert!(gate.verify(&token, NOW).is_ok());
    for (now, is_known) in [(NOW, true), (NOW + year, false), (NOW + 1, true), (NOW - 5, true)] {
        let known = gate.recognise(Credentials::Bearer(&token), now);
        assert_eq!(matches!(known, Known::Client(_)), is_known, "{now}: {known:?}");
    }
}

#[test]
fn claims_are_checked_with_their_types() {
    let provider = Provider::new();
    let keys =
        TokenKeys::parse(&provider.jwks().to_string(), TokenRules { issuer: Some("idp".into()), ..rules() }).unwrap();
    let claims = || with(claims(), "iss", json!("idp"));
    let verify = |claims: Value| keys.verify(&provider.sign(&json!({"alg": "EdDSA"}), &claims), NOW).map(|_| ());
    assert_eq!(verify(claims()), Ok(()));
    assert_eq!(verify(with(claims(), "aud", json!(["other", "dsa-signal"]))), Ok(()));
    assert_eq!(verify(with(claims(), "exp", json!(NOW as f64 + 0.5))), Ok(()));
    assert_eq!(verify(with(claims(), "exp", json!(NOW - LEEWAY + 1))), Ok(()), "clocks differ a little");
    assert_eq!(verify(with(claims(), "nbf", json!(NOW + LEEWAY))), Ok(()), "clocks differ a little");
    for (key, wrong) in [
        ("iss", json!("another")),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!(["other"])),
        ("aud", Value::Null),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("s".repeat(300))),
        ("exp", Value::Null),
        ("exp", json!("4102444800")),
        ("exp", json!(-1)),
        ("nbf", json!(NOW + LEEWAY + 1)),
        ("nbf", json!("0")),
    ] {
        assert_eq!(verify(with(claims(), key, wrong.clone())), Err(Refused::Invalid), "{key} = {wrong}");
    }
    assert_eq!(verify(with(claims(), "exp", json!(NOW - LEEWAY))), Err(Refused::Expired));
}

#[test]
fn a_token_that_was_changed_is_nobodys() {
    let provider = Provider::new();
    let keys = provider.keys();
    let token = provider.sign(&json!({"alg": "EdDSA"}), &claims());
    let more = base64(with(claims(), "roles", json!(["admin"])).to_string().as_bytes());
    let parts: Vec<_> = token.split('.').collect();
    for wrong in [
        format!("{}.{more}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        "..".into(),
        "a.b.c".into(),
    ] {
        assert_eq!(keys.verify(&wrong, NOW).unwrap_err(), Refused::Invalid, "{wrong}");
    }
}

#[test]
fn roles_come_as_a_list_or_as_words() {
    for (claim, expected) in [
        (json!(["score", 7, "admin"]), "score,admin"),
        (json!("openid score read"), "score,read"),
        (json!("record,read"), "record,read"),
        (json!({"score": true}), ""),
    ] {
        assert_eq!(roles(Some(&claim)).to_string(), expected, "{claim}");
    }
    assert!(roles(None).is_empty());
}

#[test]
fn a_file_without_a_usable_key_is_refused_without_its_content() {
    let secret = r#"{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}"#;
    let encryption = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "enc", "x": "AAAA"}]}"#;
    let curve = r#"{"keys": [{"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"}]}"#;
    for text in ["", "[]", "{\"keys\": 1}", secret, encryption, curve] {
        let error = TokenKeys::parse(text, rules()).unwrap_err().to_string();
        assert!(!error.contains("c2VjcmV0") && !error.contains("AAAA"), "{error}");
    }
    assert!(serde_json::from_str::<JwkSet>(secret).is_ok());
}

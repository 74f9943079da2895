//! What a sign-in service says of somebody: an ID token (`OpenID` Connect Core 1.0, 3.1.3.7).

use crate::access::jwt::signature_only;
use jiff::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};

/// So far clocks may be apart.
const CLOCKS_APART_S: i64 = 60;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It is no token.
    #[error("it is no signed token")]
    Form,
    /// It is signed in a way that is not taken: with a shared secret, or not at all.
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    /// No key of the service fits it.
    #[error("it is signed with a key that is none of the service's")]
    Key,
    /// Somebody has changed it.
    #[error("its signature is wrong")]
    Signature,
    /// Another service issued it.
    #[error("another service issued it")]
    Issuer,
    /// It is meant for another program.
    #[error("it is meant for another program")]
    Audience,
    /// It holds no longer, or not yet.
    #[error("it does not hold now")]
    Time,
    /// It belongs to another attempt.
    #[error("it belongs to another attempt")]
    Nonce,
    /// What is told beside it is about somebody else.
    #[error("what is told beside it is about somebody else")]
    Person,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    /// Who issued it.
    pub(super) issuer: &'a str,
    /// Whom it is meant for.
    pub(super) client_id: &'a str,
    /// For which attempt.
    pub(super) nonce: &'a str,
    /// When.
    pub(super) now: Timestamp,
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    /// Who it is about, as the service calls them: for good, and nobody else ever.
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    /// All the rest.
    #[serde(flatten)]
    pub(super) more: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What a token says, if one of `keys` signed it and it is the one that is expected.
pub(super) fn check(jwt: &str, keys: &[Jwk], expected: &Expected<'_>) -> Result<Claims, Untrusted> {
    let header = decode_header(jwt).map_err(|_| Untrusted::Form)?;
    if !is_taken(header.alg) {
        return Err(Untrusted::Algorithm);
    }
    let fitting = keys.iter().filter(|it| is_fitting(it, header.kid.as_deref()));
    let fitting: Vec<DecodingKey> =
        fitting.filter_map(|it| DecodingKey::from_jwk(it).ok()).collect();
    if fitting.is_empty() {
        return Err(Untrusted::Key);
    }
    let validation = signature_only(header.alg);
    let found = fitting.iter().find_map(|it| decode::<Claims>(jwt, it, &validation).ok());
    // Which of several keys it was, only a token with a key's name tells.
    let wrong = if header.kid.is_some() { Untrusted::Signature } else { Untrusted::Key };
    let claims = found.ok_or(wrong)?.claims;
    judge(&claims, expected)?;
    Ok(claims)
}

fn judge(claims: &Claims, expected: &Expected<'_>) -> Result<(), Untrusted> {
    let now = expected.now.as_second();
    if claims.iss != expected.issuer {
        return Err(Untrusted::Issuer);
    }
    if !claims.is_for(expected.client_id) {
        return Err(Untrusted::Audience);
    }
    let has_ended = claims.exp.saturating_add(CLOCKS_APART_S) <= now;
    if has_ended || claims.iat > now.saturating_add(CLOCKS_APART_S) {
        return Err(Untrusted::Time);
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err(Untrusted::Nonce);
    }
    Ok(())
}

impl Claims {
    fn is_for(&self, client_id: &str) -> bool {
        let (is_named, is_alone) = match &self.aud {
            Audience::One(it) => (it == client_id, true),
            Audience::Several(all) => (all.iter().any(|it| it == client_id), all.len() == 1),
        };
        let party = self.azp.as_deref();
        is_named && party.map_or(is_alone, |it| it == client_id)
    }
}

/// Signed with a key whose other half only the service has.
fn is_taken(algorithm: Algorithm) -> bool {
    match algorithm {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512
        | Algorithm::ES256
        | Algorithm::ES384
        | Algorithm::EdDSA => true,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => false,
    }
}

fn is_fitting(key: &Jwk, name: Option<&str>) -> bool {
    let is_for_signatures = match &key.common.public_key_use {
        None | Some(PublicKeyUse::Signature) => true,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)) => false,
    };
    let is_public = match &key.algorithm {
        AlgorithmParameters::RSA(_)
        | AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::OctetKeyPair(_) => true,
        AlgorithmParameters::OctetKey(_) => false,
    };
    let is_named = name.is_none_or(|it| key.common.key_id.as_deref() == Some(it));
    is_for_signatures && is_public && is_named
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    /// A key that was made for this test and opens nothing.
    const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglpog1Rmn9pZSf+Ny
46LOCMy9jmuBakV5qbMQnMce3cWhRANCAAR5pWYQJYRcNi6c37lHEM7jfIGZv7OX
wAePxjGHU+HitRi+7UwrbMVltDNME9qY9VxsWDFnHmgUYS5vu1YNkvLL
-----END PRIVATE KEY-----
";
    const NOW: i64 = 1_773_118_800;

    fn key(name: &str) -> Jwk {
        serde_json::from_value(json!({
            "kty": "EC", "crv": "P-256", "kid": name, "use": "sig",
            "x": "eaVmECWEXDYunN-5RxDO43yBmb-zl8AHj8Yxh1Ph4rU",
            "y": "GL7tTCtsxWW0M0wT2pj1XGxYMWceaBRhLm-7Vg2S8ss",
        }))
        .unwrap()
    }

    fn right() -> Value {
        json!({
            "iss": "https://id.example", "sub": "248289761001", "aud": "kobling", "nonce": "n",
            "exp": NOW + 600, "iat": NOW, "email": "kari@fjordby.example",
        })
    }

    fn signed(claims: &Value, name: Option<&str>) -> String {
        let header = Header { kid: name.map(ToOwned::to_owned), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap()).unwrap()
    }

    fn judged(jwt: &str, keys: &[Jwk]) -> Result<Claims, Untrusted> {
        let now = Timestamp::from_second(NOW).unwrap();
        let (issuer, client_id) = ("https://id.example", "kobling");
        check(jwt, keys, &Expected { issuer, client_id, nonce: "n", now })
    }

    #[test]
    fn a_token_of_the_service_for_us_for_now_and_for_this_attempt_is_believed() {
        let claims = judged(&signed(&right(), Some("a")), &[key("b"), key("a")]).unwrap();
        assert_eq!(claims.sub, "248289761001");
        assert_eq!(claims.more["email"], "kari@fjordby.example");
        assert!(judged(&signed(&right(), None), &[key("a")]).is_ok());
    }

    #[test]
    fn a_token_that_says_anything_else_is_not_believed() {
        for (name, value, why) in [
            ("iss", json!("https://id.example/"), Untrusted::Issuer),
            ("aud", json!("another"), Untrusted::Audience),
            ("aud", json!(["another", "kobling"]), Untrusted::Audience),
            ("azp", json!("another"), Untrusted::Audience),
            ("exp", json!(NOW - 60), Untrusted::Time),
            ("iat", json!(NOW + 61), Untrusted::Time),
            ("nonce", json!("m"), Untrusted::Nonce),
            ("nonce", json!(null), Untrusted::Nonce),
        ] {
            let mut claims = right();
            claims[name] = value;
            let told = judged(&signed(&claims, Some("a")), &[key("a")]).unwrap_err();
            assert_eq!(told, why, "{claims}");
        }
        let mut shared = right();
        shared["aud"] = json!(["another", "kobling"]);
        shared["azp"] = json!("kobling");
        assert!(judged(&signed(&shared, Some("a")), &[key("a")]).is_ok());
    }

    #[test]
    fn a_token_that_nobody_or_everybody_can_have_signed_is_not_believed() {
        let right = right();
        let secret = EncodingKey::from_secret(b"kobling");
        let shared = encode(&Header::new(Algorithm::HS256), &right, &secret).unwrap();
        assert_eq!(judged(&shared, &[key("a")]).unwrap_err(), Untrusted::Algorithm);
        let token = signed(&right, Some("a"));
        let (_, rest) = token.split_once('.').unwrap();
        let (claims, _) = rest.split_once('.').unwrap();
        let none = format!("eyJhbGciOiJub25lIn0.{claims}.");
        assert_eq!(judged(&none, &[key("a")]).unwrap_err(), Untrusted::Form);
        assert_eq!(judged(&token, &[key("b")]).unwrap_err(), Untrusted::Key);
        let changed = format!("{}AAAA", token.get(..token.len() - 4).unwrap());
        assert_eq!(judged(&changed, &[key("a")]).unwrap_err(), Untrusted::Signature);
    }
}

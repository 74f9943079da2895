//! What a client signs to be given a token (RFC 7523).

use super::ClientError;
use crate::Hub;
use crate::access::jwt::signature_only;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, decode, decode_header};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use kobling_store::access::kept_answer::{self, Request};
use kobling_store::engine::Tx;
use serde::Deserialize;

/// A statement that is good for longer is not taken. Those that were taken are known for longer.
const LENGTH_MAX_S: i64 = 300;
/// Letters of what makes a statement another one.
const NUMBER_LETTERS_MAX: usize = 100;

/// What a statement says.
#[derive(Deserialize)]
pub(super) struct Claims {
    /// The client's id.
    pub(super) iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    /// What makes it another one than those before.
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The public part of a key, if it is of a kind that is taken.
pub(super) fn checked(pem: String) -> Result<String, ClientError> {
    let is_taken = key(Algorithm::ES256, &pem).is_some() || key(Algorithm::EdDSA, &pem).is_some();
    if is_taken { Ok(pem) } else { Err(ClientError::Key) }
}

/// What a statement says, whoever signed it.
pub(super) fn claims(jwt: &str) -> Option<Claims> {
    let mut any = signature_only(decode_header(jwt).ok()?.alg);
    any.insecure_disable_signature_validation();
    Some(decode::<Claims>(jwt, &DecodingKey::from_secret(&[]), &any).ok()?.claims)
}

/// Whether a statement was signed with the key whose public part this is.
pub(super) fn is_signed(jwt: &str, pem: &str) -> bool {
    let Ok(header) = decode_header(jwt) else { return false };
    let Some(key) = key(header.alg, pem) else { return false };
    decode::<Claims>(jwt, &key, &signature_only(header.alg)).is_ok()
}

/// Notes a statement; false if it was taken before.
pub(super) async fn is_new(
    hub: &Hub,
    tx: &mut Tx,
    (tenant, client): (TenantId, &str),
    claims: &Claims,
) -> Result<bool, StoreError> {
    let who = format!("{}{client} jti", super::NAMED);
    let request = Request { who: &who, key: &claims.jti, digest: [0; 32] };
    if kept_answer::find(tx, tenant, request).await?.is_some() {
        return Ok(false);
    }
    kept_answer::begin(tx, tenant, request, hub.clock.now()).await?;
    Ok(true)
}

impl Claims {
    /// Whether it is of a client about itself, for us and for now.
    pub(super) fn is_for(&self, audience: &str, now: Timestamp) -> bool {
        let is_for_us = match &self.aud {
            Audience::One(it) => it == audience,
            Audience::Several(all) => all.iter().any(|it| it == audience),
        };
        let left_s = self.exp.saturating_sub(now.as_second());
        let is_numbered = (1..=NUMBER_LETTERS_MAX).contains(&self.jti.len());
        is_for_us && self.iss == self.sub && is_numbered && (1..=LENGTH_MAX_S).contains(&left_s)
    }
}

fn key(algorithm: Algorithm, pem: &str) -> Option<DecodingKey> {
    match algorithm {
        Algorithm::ES256 => DecodingKey::from_ec_pem(pem.as_bytes()).ok(),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem.as_bytes()).ok(),
        Algorithm::ES384
        | Algorithm::HS256
        | Algorithm::HS384
        | Algorithm::HS512
        | Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => None,
    }
}

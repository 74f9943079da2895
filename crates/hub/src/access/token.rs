//! What a session, or a link that opens one, is known by.

use crate::hex::hex;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// A random secret of one tenant, written `TENANT.SECRET`, both in hexadecimal digits. Who has it
/// is who it was given to; the store keeps its digest only.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    tenant: Uuid,
    secret: Zeroizing<String>,
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes: {reason}")]
pub struct NoRandomness {
    /// What it said.
    pub reason: String,
}

impl Token {
    /// A new one.
    pub fn generate(tenant: Uuid) -> Result<Self, NoRandomness> {
        let mut bytes = Zeroizing::new([0_u8; SECRET_BYTES]);
        let random = getrandom::fill(bytes.as_mut_slice());
        random.map_err(|it| NoRandomness { reason: it.to_string() })?;
        Ok(Self { tenant, secret: Zeroizing::new(hex(bytes.as_slice())) })
    }

    /// The token written so; none if it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (tenant, secret) = text.split_once('.')?;
        let is_hex = |it: char| matches!(it, '0'..='9' | 'a'..='f');
        let is_ours = secret.len() == 2 * SECRET_BYTES && secret.chars().all(is_hex);
        let tenant = Uuid::try_parse(tenant).ok()?;
        is_ours.then(|| Self { tenant, secret: Zeroizing::new(secret.to_owned()) })
    }

    /// The tenant it belongs to.
    pub fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// As it is given to whom it is for, and to nobody else.
    pub fn reveal(&self) -> String {
        format!("{}.{}", self.tenant.simple(), self.secret.as_str())
    }

    /// What the store keeps of it. The secret is random and long, so no key is needed.
    pub fn digest(&self) -> [u8; 32] {
        self.bound("kobling token")
    }

    /// What stands in the forms of its session: who can read a page of ours knows it, who can only
    /// make a browser send one does not.
    pub fn form_token(&self) -> String {
        hex(&self.bound("kobling form"))
    }

    fn bound(&self, purpose: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(purpose);
        digest.update([0]);
        digest.update(self.tenant);
        digest.update(self.secret.as_bytes());
        digest.finalize().into()
    }
}

/// Tells nothing of the secret.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.…)", self.tenant.simple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_shown_to_nobody() {
        let token = Token::generate(Uuid::from_u128(7)).unwrap();
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert!(!format!("{token:?}").contains(token.secret.as_str()));
        assert_ne!(hex(&token.digest()), token.form_token());
        assert_ne!(token, Token::generate(Uuid::from_u128(7)).unwrap());
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        let token = Token::generate(Uuid::from_u128(7)).unwrap().reveal();
        let (tenant, secret) = token.split_once('.').unwrap();
        let capital = token.to_uppercase();
        for text in ["", ".", secret, tenant, &format!("{token}0"), &format!("1{token}"), &capital]
        {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }
}

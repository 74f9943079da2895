//! One attempt of a browser to sign in at a service: what the browser keeps, and what is made of it.

use crate::access::token::NoRandomness;
use crate::hex::{from_hex, hex};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// A random secret that only the browser keeps. State, nonce and the verifier of PKCE are digests of
/// it, each for its own purpose, so that nothing need be stored here.
#[derive(Clone, PartialEq, Eq)]
pub struct Attempt {
    secret: Zeroizing<[u8; 32]>,
    /// The key of the employer who was chosen.
    tenant: Option<String>,
}

impl Attempt {
    /// A new one, for an employer where one was chosen.
    pub fn begin(tenant: Option<&str>) -> Result<Self, NoRandomness> {
        let mut secret = Zeroizing::new([0_u8; 32]);
        let random = getrandom::fill(secret.as_mut_slice());
        random.map_err(|it| NoRandomness { reason: it.to_string() })?;
        Ok(Self { secret, tenant: tenant.map(ToOwned::to_owned).filter(|it| is_key(it)) })
    }

    /// The attempt written so; none if it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (secret, tenant) = text.split_once('.')?;
        let tenant = Some(tenant.to_owned()).filter(|it| !it.is_empty());
        let secret = Zeroizing::new(from_hex(secret)?);
        tenant.as_deref().is_none_or(is_key).then_some(Self { secret, tenant })
    }

    /// As the browser keeps it, and nobody else.
    pub fn reveal(&self) -> Zeroizing<String> {
        let tenant = self.tenant.as_deref().unwrap_or_default();
        Zeroizing::new(format!("{}.{tenant}", hex(self.secret.as_slice())))
    }

    /// The key of the employer who was chosen.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Comes back with the answer: only the browser that began has the attempt it belongs to.
    pub(super) fn state(&self) -> String {
        self.made_for("kobling oidc state")
    }

    /// Stands in the token: one that was made for another attempt is refused.
    pub(super) fn nonce(&self) -> String {
        self.made_for("kobling oidc nonce")
    }

    /// Shown when the code is redeemed: who only has the code has nothing (RFC 7636).
    pub(super) fn verifier(&self) -> Zeroizing<String> {
        Zeroizing::new(self.made_for("kobling oidc verifier"))
    }

    /// What the service is told of the verifier beforehand.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }

    fn made_for(&self, purpose: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(purpose);
        digest.update([0]);
        digest.update(self.secret.as_slice());
        hex(&digest.finalize())
    }
}

/// Keys of employers; nothing else stands in a cookie of ours.
fn is_key(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    !text.is_empty() && text.chars().all(is_plain)
}

/// Tells nothing of the secret.
impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_read_back_and_what_is_made_of_it_tells_nothing_of_it() {
        let attempt = Attempt::begin(Some("fjordby")).unwrap();
        let text = attempt.reveal();
        assert_eq!(Attempt::parse(&text), Some(attempt.clone()));
        let (state, nonce, verifier) = (attempt.state(), attempt.nonce(), attempt.verifier());
        assert!(state != nonce && nonce != *verifier && !text.contains(&state));
        assert_ne!(state, Attempt::begin(Some("fjordby")).unwrap().state());
        let (secret, _) = text.split_once('.').unwrap();
        assert!(!format!("{attempt:?}").contains(secret));
    }

    #[test]
    fn what_is_no_attempt_is_not_taken_for_one() {
        let text = Attempt::begin(None).unwrap().reveal();
        assert!(Attempt::parse(&text).is_some());
        let (secret, _) = text.split_once('.').unwrap();
        for wrong in ["", ".", "x.", secret, &format!("0{}", *text), &format!("{}a b", *text)] {
            assert_eq!(Attempt::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        // Appendix B: the same digest and the same letters.
        let digest = Sha256::digest("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        let challenge = URL_SAFE_NO_PAD.encode(digest);
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

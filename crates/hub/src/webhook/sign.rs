//! Signatures of Standard Webhooks (version 1, HMAC-SHA256).

use super::WebhookError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// How a secret begins.
const BEGIN: &str = "whsec_";
/// Bytes of a secret: 24 to 64 are allowed.
const SECRET_BYTES: usize = 32;

/// With what events of a webhook are signed.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A new one.
    pub(super) fn generate() -> Result<Self, WebhookError> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        let random = getrandom::fill(bytes.as_mut_slice());
        random.map_err(|it| WebhookError::Secret { reason: it.to_string() })?;
        Ok(Self(bytes))
    }

    /// The one of these bytes.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, WebhookError> {
        let reason = || "it is empty".to_owned();
        let bytes = Some(bytes).filter(|it| !it.is_empty());
        let bytes = bytes.ok_or_else(|| WebhookError::Secret { reason: reason() })?;
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// Its bytes, to be sealed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is given to whoever checks signatures, and to nobody else.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{BEGIN}{}", STANDARD.encode(self.0.as_slice())))
    }

    /// The signature of a body that is sent under an id at a time, in seconds.
    pub(super) fn sign(&self, id: &str, timestamp: &str, body: &[u8]) -> String {
        // A key of any length will do; none is refused.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Tells nothing of it.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_reference_implementations() {
        let text = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let secret = Secret::of(&STANDARD.decode(text).unwrap()).unwrap();
        assert_eq!(*secret.reveal(), format!("whsec_{text}"));
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signature = secret.sign(id, "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(!format!("{secret:?}").contains("MfKQ"));
    }
}

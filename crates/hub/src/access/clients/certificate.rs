//! The certificate by which a client is known, and to which its tokens are bound (RFC 8705).

use super::ClientError;
use crate::validity;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

/// A certificate. Whoever showed it while connecting has its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of its bytes.
    pub(super) thumbprint: [u8; 32],
    not_after: Timestamp,
}

impl Certificate {
    /// That of these bytes (DER); none if they are no certificate.
    pub fn read(der: &[u8]) -> Option<Self> {
        let not_after = validity::not_after(der)?;
        Some(Self { thumbprint: Sha256::digest(der).into(), not_after })
    }

    /// Whether it has not ended.
    pub(in super::super) fn holds(&self, now: Timestamp) -> bool {
        now <= self.not_after
    }
}

/// The certificate in a text, if a client may be known by it.
pub(super) fn checked(pem: &str, now: Timestamp) -> Result<[u8; 32], ClientError> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok();
    let found = der.and_then(|it| Certificate::read(&it)).ok_or(ClientError::Certificate)?;
    if !found.holds(now) {
        return Err(ClientError::Ended { at: found.not_after });
    }
    Ok(found.thumbprint)
}

/// What a certificate is called in a token (`x5t#S256`).
pub(super) fn named(thumbprint: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(thumbprint)
}

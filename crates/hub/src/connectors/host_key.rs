//! How a configuration names the one key an SFTP server may show.

use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate, parse_public_key_base64};

/// A pinned key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// Its kind, where it is known: a server may have several keys and must show this one.
    pub(super) algorithm: Option<Algorithm>,
}

impl HostKey {
    /// The key of a fingerprint, or of a line `[host] kind base64 [comment]`.
    pub fn parse(text: &str) -> Option<Self> {
        /// 32 bytes in base64 without padding.
        const DIGITS: usize = 43;
        let text = text.trim();
        if let Some(digits) = text.strip_prefix("SHA256:") {
            let digits = digits.trim_end_matches('=');
            let is_base64 = |it: char| it.is_ascii_alphanumeric() || it == '+' || it == '/';
            let is_whole = digits.len() == DIGITS && digits.chars().all(is_base64);
            let fingerprint = format!("SHA256:{digits}");
            return is_whole.then_some(Self { fingerprint, algorithm: None });
        }
        let key = text.split_whitespace().find_map(|it| parse_public_key_base64(it).ok())?;
        Some(Self { fingerprint: fingerprint(&key), algorithm: Some(key.algorithm()) })
    }
}

/// The fingerprint of the key a server shows; of a certificate, that of the key in it.
pub(super) fn shown(key: &PublicKeyOrCertificate) -> String {
    match key {
        PublicKeyOrCertificate::PublicKey { key, .. } => fingerprint(key),
        PublicKeyOrCertificate::Certificate(it) => {
            it.public_key().fingerprint(HashAlg::Sha256).to_string()
        }
    }
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "sftp.example ssh-ed25519 \
        AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn a_line_of_known_hosts_and_its_fingerprint_name_the_same_key() {
        let line = HostKey::parse(LINE).unwrap();
        assert_eq!(line.algorithm, Some(Algorithm::Ed25519));
        let print = HostKey::parse(&line.fingerprint).unwrap();
        assert_eq!(print.fingerprint, line.fingerprint);
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "SHA256:", "SHA256:abc", "MD5:aa:bb", "ssh-ed25519", "a b c"] {
            assert_eq!(HostKey::parse(text), None, "{text}");
        }
    }
}

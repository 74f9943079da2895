//! TLS: the certificate and the key that the settings name, read again when they have changed.

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read, or holds something else.
    #[error("{} holds no {what}", path.display())]
    Pem { path: PathBuf, what: &'static str, source: pem::Error },
    /// The two do not belong together.
    #[error("the certificate and the key cannot be used")]
    Unusable(#[from] rustls::Error),
}

/// A server's certificate and key.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    seen: Seen,
    config: Arc<ServerConfig>,
}

/// How the two files look from outside.
type Seen = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads both files.
    pub(crate) fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = Current { seen: seen(certificate, key), config: read(certificate, key)? };
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Self { certificate, key, current: Mutex::new(current) })
    }

    /// What answers a handshake. Files that have changed are read anew; while they cannot be used,
    /// those of before are.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let seen = seen(&self.certificate, &self.key);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.seen != seen {
            current.seen = seen;
            match read(&self.certificate, &self.key) {
                Ok(config) => current.config = config,
                Err(error) => {
                    let why = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(
                        error = error.to_string(),
                        because = why.unwrap_or_default(),
                        "the new certificate is not used"
                    );
                }
            }
        }
        TlsAcceptor::from(Arc::clone(&current.config))
    }
}

fn seen(certificate: &Path, key: &Path) -> Seen {
    [certificate, key].map(|it| {
        let metadata = fs::metadata(it).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, what, source }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(failed(certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key, "private key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

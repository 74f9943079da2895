//! TLS: the certificate and the key that the settings name, read again when they have changed.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
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

/// Whether who connects is asked for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clients {
    /// They may show one.
    Asked,
    /// They are not asked: a browser whose user has one would ask them which to show.
    NotAsked,
}

/// A server's certificate and key.
pub(crate) struct Tls {
    clients: Clients,
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
    pub(crate) fn open(certificate: &Path, key: &Path, clients: Clients) -> Result<Self, TlsError> {
        let seen = seen(certificate, key);
        let current = Mutex::new(Current { seen, config: read(certificate, key, clients)? });
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Self { clients, certificate, key, current })
    }

    /// What answers a handshake. Files that have changed are read anew; while they cannot be used,
    /// those of before are.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let seen = seen(&self.certificate, &self.key);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.seen != seen {
            current.seen = seen;
            match read(&self.certificate, &self.key, self.clients) {
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

fn read(certificate: &Path, key: &Path, clients: Clients) -> Result<Arc<ServerConfig>, TlsError> {
    let failed = |path: &Path, what| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, what, source }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(failed(certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key, "private key"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let config = match clients {
        Clients::Asked => config.with_client_cert_verifier(Arc::new(Anybody(provider))),
        Clients::NotAsked => config.with_no_client_auth(),
    };
    let mut config = config.with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Takes any certificate whose key its client has, or none. Who that is, is looked up when a token is asked
/// for: nobody need have vouched for it.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ClientCertVerifier for Anybody {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

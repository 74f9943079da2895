//! TLS with the certificate checked against given authorities, or those of this machine.

use crate::connectors::PlaceError;
use crate::validity;
use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, RootCertStore,
    SignatureScheme,
};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use suppaftp::tokio_rustls::TlsConnector;

/// How TLS is begun with one server. Sessions are kept in it: some servers take data only over
/// the session of the commands.
pub(super) struct Tls {
    config: Arc<ClientConfig>,
    seen: Arc<Mutex<Seen>>,
}

/// What was found out about the server's certificate.
#[derive(Debug, Default)]
struct Seen {
    valid_until: Option<Timestamp>,
    refusal: Option<String>,
}

/// Who may vouch for the server.
#[derive(Clone, Copy, Debug)]
enum Authorities {
    Given,
    Machine,
}

impl Tls {
    pub(super) fn new(ca_file: Option<&str>) -> Result<Self, PlaceError> {
        let authorities = ca_file.map_or(Authorities::Machine, |_| Authorities::Given);
        let provider = Arc::new(ring::default_provider());
        let roots = Arc::new(roots(ca_file)?);
        let inner = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider));
        let inner = inner.build().map_err(|it| unusable(ca_file, it))?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let verifier = Verifier { inner, seen: Arc::clone(&seen), authorities };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|it| unusable(ca_file, it))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config), seen })
    }

    pub(super) fn connector(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.config))
    }

    /// The end of the validity of the certificate that was shown.
    pub(super) fn valid_until(&self) -> Option<Timestamp> {
        self.seen.lock().ok()?.valid_until
    }

    /// Why the certificate that was shown is not accepted.
    pub(super) fn refusal(&self) -> Option<String> {
        self.seen.lock().ok()?.refusal.clone()
    }
}

/// The server's last word came outside TLS, where it cannot be read any more. Servers that give up a
/// session do that: vsftpd writes "500 OOPS" over whatever the session was.
#[derive(Debug, thiserror::Error)]
#[error(
    "the server gave the session up and said why in the clear, outside TLS; often it has no data \
     port or no memory left"
)]
pub(super) struct InTheClear;

/// Whether what was read was no TLS at all.
pub(super) fn is_in_the_clear(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    matches!(inner, Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)))
}

/// The authorities that may vouch for the server.
fn roots(ca_file: Option<&str>) -> Result<RootCertStore, PlaceError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca_file else {
        // Some of a machine's many certificates may be unreadable; the others count.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let all = CertificateDer::pem_file_iter(path).map_err(|it| unusable(ca_file, it))?;
    for certificate in all {
        let certificate = certificate.map_err(|it| unusable(ca_file, it))?;
        roots.add(certificate).map_err(|it| unusable(ca_file, it))?;
    }
    if roots.is_empty() {
        return Err(unusable(ca_file, "it holds no certificate"));
    }
    Ok(roots)
}

fn unusable(
    ca_file: Option<&str>,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> PlaceError {
    let path = PathBuf::from(ca_file.unwrap_or("the certificates of this machine"));
    PlaceError::File { path, source: source.into() }
}

/// Checks as ever, and remembers what it found, which the error alone does not tell.
#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    seen: Arc<Mutex<Seen>>,
    authorities: Authorities,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        if let Ok(mut seen) = self.seen.lock() {
            seen.valid_until = validity::not_after(end_entity);
            seen.refusal = verified.as_ref().err().map(|it| self.why(it, seen.valid_until));
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl Verifier {
    fn why(&self, error: &Error, valid_until: Option<Timestamp>) -> String {
        let Error::InvalidCertificate(why) = error else { return error.to_string() };
        match (why, self.authorities) {
            (CertificateError::Expired | CertificateError::ExpiredContext { .. }, _) => {
                match valid_until {
                    Some(until) => format!("it was valid until {until}"),
                    None => "it has expired".to_owned(),
                }
            }
            (
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                _,
            ) => "it is for another name than the configured host".to_owned(),
            (CertificateError::UnknownIssuer, Authorities::Given) => {
                "none of the certificates in ca_file vouches for it".to_owned()
            }
            (CertificateError::UnknownIssuer, Authorities::Machine) => {
                "no authority this machine knows vouches for it".to_owned()
            }
            (other, _) => other.to_string(),
        }
    }
}

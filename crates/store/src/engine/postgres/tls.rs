//! How PostgreSQL is reached: over TLS where a network lies between, and only a server that shows a
//! certificate for the name in the address.
//!
//! The address is libpq's (PostgreSQL manual, "Connection URIs"), with its `sslmode` and `sslrootcert`.
//! Unlike libpq, whatever goes over TLS is verified, and what `sslmode` does not say is decided by
//! where the server is: on this machine nothing is encrypted, elsewhere everything is.

use crate::StoreError;
use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where a server is and how it is spoken to.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `postgres://…`. It refuses what libpq would refuse, `sslmode=allow`, and a
    /// `sslrootcert` that holds no certificate.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (url, ca_file) = split_ca_file(url);
        let is_said = url.contains("sslmode=");
        // Each of them asks for a part of what is done here always.
        let url = url.replace("=verify-full", "=require").replace("=verify-ca", "=require");
        let mut config: Config = url.parse()?;
        if !is_said {
            config.ssl_mode(usual_mode(&config));
        }
        let roots = if config.get_ssl_mode() == SslMode::Disable {
            RootCertStore::empty()
        } else {
            roots(ca_file.as_deref())?
        };
        Ok(Self { config, tls: connector(roots)? })
    }
}

/// What no `sslmode` means.
fn usual_mode(config: &Config) -> SslMode {
    let is_here = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|it: std::net::IpAddr| it.is_loopback())
        }
    };
    let all_here = config.get_hosts().iter().all(is_here)
        && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    if all_here { SslMode::Disable } else { SslMode::Require }
}

/// The address without `sslrootcert`, which the library does not know, and what that names.
fn split_ca_file(url: &str) -> (String, Option<PathBuf>) {
    let Some((server, settings)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let (mut others, mut ca_file) = (Vec::new(), None);
    for setting in settings.split('&') {
        match setting.strip_prefix("sslrootcert=") {
            Some(path) => {
                let path = percent_decode_str(path).decode_utf8_lossy();
                ca_file = Some(PathBuf::from(path.into_owned()));
            }
            None => others.push(setting),
        }
    }
    (format!("{server}?{}", others.join("&")), ca_file)
}

/// The authorities that may vouch for the server: those of the file, or this machine's.
fn roots(ca_file: Option<&Path>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = ca_file else {
        // Some of a machine's many certificates may be unreadable; the others count.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return Ok(roots);
    };
    let unusable = |source| StoreError::Authorities { path: path.to_path_buf(), source };
    for it in CertificateDer::pem_file_iter(path).map_err(|it| unusable(it.into()))? {
        roots.add(it.map_err(|it| unusable(it.into()))?).map_err(|it| unusable(it.into()))?;
    }
    if roots.is_empty() {
        return Err(unusable("it holds no certificate".into()));
    }
    Ok(roots)
}

fn connector(roots: RootCertStore) -> Result<MakeRustlsConnect, StoreError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|it| StoreError::Connect(it.into()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Address::parse(url).unwrap_or_else(|it| panic!("{url}: {it}")).config.get_ssl_mode()
    }

    #[test]
    fn what_no_sslmode_means_is_decided_by_where_the_server_is() {
        for here in ["localhost", "127.0.0.1", "[::1]", "%2Frun%2Fpostgresql", "127.9.8.7:6432"] {
            assert_eq!(mode(&format!("postgres://kobling@{here}/kobling")), SslMode::Disable);
        }
        for there in ["db.fjordby.example", "10.0.0.7", "localhost,db.fjordby.example"] {
            assert_eq!(mode(&format!("postgres://kobling@{there}/kobling")), SslMode::Require);
        }
        assert_eq!(mode("postgres://k@localhost/k?hostaddr=10.0.0.7"), SslMode::Require);
    }

    #[test]
    fn what_sslmode_says_counts() {
        let of =
            |it: &str| mode(&format!("postgres://k@10.0.0.7/k?connect_timeout=5&sslmode={it}"));
        assert_eq!(of("disable"), SslMode::Disable);
        assert_eq!(of("prefer"), SslMode::Prefer);
        for it in ["require", "verify-ca", "verify-full"] {
            assert_eq!(of(it), SslMode::Require, "{it}");
        }
    }

    #[test]
    fn the_file_of_authorities_is_taken_out_of_the_address_wherever_it_stands() {
        let (url, file) = split_ca_file("postgres://k@h/k?a=1&sslrootcert=%2Fetc%2Fca%20x.pem&b=2");
        assert_eq!(
            (url.as_str(), file),
            ("postgres://k@h/k?a=1&b=2", Some("/etc/ca x.pem".into()))
        );
        let (url, file) = split_ca_file("postgres://k@h/k");
        assert_eq!((url.as_str(), file), ("postgres://k@h/k", None));
    }
}

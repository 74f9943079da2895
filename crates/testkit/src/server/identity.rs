use super::Scratch;
use super::ftpd::{Certificate, make_certificate};
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// A certificate for this machine, its key, and who vouches for it.
pub struct Identity(Scratch);

impl Identity {
    /// One that nobody has had before.
    pub fn make() -> Self {
        Self::lasting(365)
    }

    /// One that ended yesterday.
    pub fn ended() -> Self {
        Self::lasting(-1)
    }

    fn lasting(days: i32) -> Self {
        let scratch = Scratch::new("identity");
        make_certificate(&scratch, &[Ipv4Addr::LOCALHOST], Certificate::Days(days));
        Self(scratch)
    }

    /// The certificate.
    pub fn certificate(&self) -> PathBuf {
        self.0.path("server.pem")
    }

    /// Its key.
    pub fn key(&self) -> PathBuf {
        self.0.path("server.key")
    }

    /// The certificate that vouches for it.
    pub fn ca_file(&self) -> PathBuf {
        self.0.path("ca.pem")
    }
}

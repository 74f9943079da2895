use crate::access::configuration::{FtpsText, SftpText};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Where files are put or fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A folder reached by SFTP.
    Sftp(SftpText),
    /// A folder reached by explicit FTPS.
    Ftps(FtpsText),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |it: &str| match it {
            "." => String::new(),
            it => format!("/{}", it.trim_start_matches('/').trim_end_matches('/')),
        };
        match self {
            Self::Folder(it) => write!(f, "{}", it.display()),
            Self::Sftp(it) => {
                write!(f, "sftp://{}@{}:{}{}", it.user, it.host, it.port, path(&it.path))
            }
            Self::Ftps(it) => {
                write!(f, "ftps://{}@{}:{}{}", it.user, it.host, it.port, path(&it.path))
            }
        }
    }
}

/// A server, and how long each step with it may take.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) limit: Duration,
}

impl At {
    pub(super) fn new(host: &str, port: u16, limit_s: u64) -> Self {
        Self { host: host.to_owned(), port, limit: Duration::from_secs(limit_s) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

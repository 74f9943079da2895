use super::place::At;
use std::error::Error;
use std::io;
use std::path::PathBuf;

/// The most that is repeated of what a server said.
const ANSWER_MAX: usize = 200;

/// Why something could not be done at a place. Passwords and contents are never told.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The name of the server is not known.
    #[error("the name {host:?} does not resolve")]
    Unresolved {
        /// The name.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody answers at the port.
    #[error("{at} does not answer")]
    Unreachable {
        /// The server.
        at: String,
        /// What the system said.
        source: io::Error,
    },
    /// A step took too long.
    #[error("{at} took longer than {limit_s} s to {what}")]
    TimedOut {
        /// The server.
        at: String,
        /// The step.
        what: String,
        /// The limit.
        limit_s: u64,
    },
    /// The connection ended before the step did, or the server spoke something else.
    #[error("the connection to {at} broke when it was to {what}")]
    Broken {
        /// The server.
        at: String,
        /// The step.
        what: String,
        /// What was noticed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server is another one than the configured.
    #[error("the host key of {at} is {found}, and another is pinned: {pinned}")]
    OtherHostKey {
        /// The server.
        at: String,
        /// The fingerprint of the key it showed.
        found: String,
        /// The fingerprint of the pinned one.
        pinned: String,
    },
    /// Nobody has said which server is the right one.
    #[error("no host key is pinned for {at}; it shows {found}")]
    NoHostKey {
        /// The server.
        at: String,
        /// The fingerprint of the key it showed.
        found: String,
    },
    /// The certificate does not prove that the server is the configured one.
    #[error("the certificate of {at} is not accepted: {why}")]
    Certificate {
        /// The server.
        at: String,
        /// Why.
        why: String,
    },
    /// The server speaks no TLS.
    #[error("{at} does not begin TLS: {answer}")]
    NoTls {
        /// The server.
        at: String,
        /// What it said.
        answer: String,
    },
    /// The server lets the user not in.
    #[error("{at} does not let user {user:?} in: {answer}")]
    Login {
        /// The server.
        at: String,
        /// The user.
        user: String,
        /// What it said.
        answer: String,
    },
    /// The server refuses a step.
    #[error("{at} refuses to {what}: {answer}")]
    Refused {
        /// The server.
        at: String,
        /// The step.
        what: String,
        /// What it said.
        answer: String,
    },
    /// The server does not do a step just now.
    #[error("{at} does not {what} just now: {answer}")]
    NotNow {
        /// The server.
        at: String,
        /// The step.
        what: String,
        /// What it said.
        answer: String,
    },
    /// What was put there is not what lies there.
    #[error("{name} has {found} bytes at {at} and should have {expected}")]
    Size {
        /// The server.
        at: String,
        /// The file.
        name: String,
        /// Its size there.
        found: u64,
        /// Its size here.
        expected: u64,
    },
    /// A password is not set.
    #[error("the environment variable {name}, which should hold the password, is not set")]
    NoPassword {
        /// The variable.
        name: String,
    },
    /// A key or certificate file cannot be used.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A folder of this machine refuses a step.
    #[error("{} cannot be {what}", path.display())]
    Folder {
        /// The file or folder.
        path: PathBuf,
        /// The step.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl PlaceError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unresolved { .. } => "check the host's spelling, and this machine's name server",
            Self::Unreachable { .. } => {
                "check host and port, and that the firewalls on the way let this machine through"
            }
            Self::TimedOut { .. } => {
                "try again; if it stays so, ask who runs the server, or raise time_limit_s"
            }
            Self::Broken { .. } => {
                "try again; what was begun is sent again from the start and nothing half is seen"
            }
            Self::OtherHostKey { .. } => {
                "ask who runs the server whether its key was changed; only if so, pin the new one \
                 as host_key"
            }
            Self::NoHostKey { .. } => {
                "ask who runs the server for its fingerprint; if it is this one, write it as \
                 host_key"
            }
            Self::Certificate { .. } => {
                "name the authority's certificate as ca_file, or ask who runs the server to renew \
                 its certificate"
            }
            Self::NoTls { .. } => "explicit FTPS is needed; ask who runs the server to turn it on",
            Self::Login { .. } => "check user and password or key with who runs the server",
            Self::Refused { .. } => {
                "check the path, and ask who runs the server for the right to write, rename and \
                 remove there, and for room on its disk"
            }
            Self::NotNow { .. } => {
                "try again; if it stays so, ask who runs the server, also for room on its disk"
            }
            Self::Size { .. } => "deliver again; all is sent anew",
            Self::NoPassword { .. } => "set it in the environment of the service",
            Self::File { .. } => "check its path, its rights and what is in it",
            Self::Folder { .. } => "check its path, its rights and the room on the disk",
        }
    }

    /// Whether the same may work later though nobody changes anything here.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::NotNow { .. }
            | Self::Size { .. } => true,
            Self::Unresolved { .. }
            | Self::OtherHostKey { .. }
            | Self::NoHostKey { .. }
            | Self::Certificate { .. }
            | Self::NoTls { .. }
            | Self::Login { .. }
            | Self::Refused { .. }
            | Self::NoPassword { .. }
            | Self::File { .. }
            | Self::Folder { .. } => false,
        }
    }
}

pub(super) fn broken(
    at: &At,
    what: &str,
    source: impl Into<Box<dyn Error + Send + Sync>>,
) -> PlaceError {
    PlaceError::Broken { at: at.to_string(), what: what.to_owned(), source: source.into() }
}

pub(super) fn refused(at: &At, what: &str, answer: &str) -> PlaceError {
    PlaceError::Refused { at: at.to_string(), what: what.to_owned(), answer: said(answer) }
}

/// What a server said, on one line and not too long.
pub(super) fn said(answer: &str) -> String {
    let line = answer.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or("no reason given");
    line.chars().filter(|it| !it.is_control()).take(ANSWER_MAX).collect()
}

/// `step`, or an error if it takes too long.
pub(super) async fn within<T>(
    at: &At,
    what: &str,
    step: impl Future<Output = Result<T, PlaceError>>,
) -> Result<T, PlaceError> {
    let limit_s = at.limit.as_secs();
    tokio::time::timeout(at.limit, step).await.unwrap_or_else(|_| {
        Err(PlaceError::TimedOut { at: at.to_string(), what: what.to_owned(), limit_s })
    })
}

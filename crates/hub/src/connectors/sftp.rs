//! A folder reached by SFTP, over one connection.

use super::dial;
use super::error::{broken, refused, said, within};
use super::host_key::{self, HostKey};
use super::place::At;
use super::{Entry, PlaceError, Step};
use crate::access::configuration::SftpText;
use crate::secrets::Secrets;
use jiff::Timestamp;
use russh::cipher;
use russh::client::{AuthResult, Handle, Handler, KeyboardInteractiveAuthResponse};
use russh::keys::{Algorithm, PrivateKeyWithHashAlg, PublicKeyOrCertificate, load_secret_key};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::fs::File;
use russh_sftp::client::{Config as SftpConfig, RawSftpSession, SftpSession};
use russh_sftp::protocol::{Packet, StatusCode};
use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The extension by which a server renames over a file that is there.
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 18;
/// Writes on their way at once: as many as the client of OpenSSH has.
const WRITES_MAX: usize = 64;
/// Ciphers in the order we wish for them: processors have AES built in, and the files are large.
const CIPHERS: &[cipher::Name] =
    &[cipher::AES_256_GCM, cipher::CHACHA20_POLY1305, cipher::AES_256_CTR];
/// The most files looked at in one folder.
const FILES_MAX: usize = 100_000;

/// A session with a server.
pub(super) struct Session {
    at: At,
    folder: String,
    ssh: Handle<Checking>,
    sftp: SftpSession,
}

pub(super) struct Upload {
    at: At,
    path: String,
    file: File,
}

pub(super) struct Download {
    at: At,
    file: File,
}

/// Accepts the pinned key only, and keeps the fingerprint of the key that was shown.
struct Checking {
    pinned: Option<HostKey>,
    shown: Arc<Mutex<Option<String>>>,
}

impl Handler for Checking {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let shown = host_key::shown(key);
        let is_pinned = self.pinned.as_ref().is_some_and(|it| it.fingerprint == shown);
        if let Ok(mut it) = self.shown.lock() {
            *it = Some(shown);
        }
        Ok(is_pinned)
    }
}

impl Session {
    /// Connects, checks the host key, logs in, and opens the folder; `on_step` hears of each step
    /// that is done.
    pub(super) async fn open(
        text: &SftpText,
        secrets: &Secrets,
        on_step: &mut (dyn FnMut(Step) + Send),
    ) -> Result<Self, PlaceError> {
        let at = At::new(&text.host, text.port, text.time_limit_s);
        let addresses = dial::resolve(&at).await?;
        on_step(Step::Resolved(addresses.len()));
        let stream = dial::dial(&at, &addresses).await?;
        on_step(Step::Answered);
        let (mut ssh, shown) = greet(&at, text, stream).await?;
        on_step(Step::HostKey(shown));
        within(&at, "log in", Box::pin(log_in(&at, text, secrets, &mut ssh))).await?;
        on_step(Step::LoggedIn(text.user.clone()));
        let sftp = within(&at, "begin SFTP", Box::pin(begin(&at, &ssh))).await?;
        Ok(Self { at, folder: text.path.clone(), ssh, sftp })
    }

    pub(super) async fn list(&self) -> Result<Vec<Entry>, PlaceError> {
        let what = format!("list {}", self.folder);
        let read = async {
            let found = self.sftp.read_dir(&*self.folder).await;
            found.map_err(|it| self.failed(&what, it))
        };
        let found = within(&self.at, &what, read).await?;
        let files = found.filter(|it| it.metadata().is_regular()).take(FILES_MAX);
        Ok(files
            .map(|it| {
                let meta = it.metadata();
                let seconds = meta.mtime.map(i64::from);
                Entry {
                    name: it.file_name(),
                    bytes: meta.size.unwrap_or(0),
                    modified: seconds.and_then(|it| Timestamp::from_second(it).ok()),
                }
            })
            .collect())
    }

    pub(super) async fn size(&self, name: &str) -> Result<Option<u64>, PlaceError> {
        let what = format!("tell the size of {name}");
        let look = async {
            match self.sftp.metadata(self.path(name)).await {
                Ok(meta) => Ok(Some(meta.size.unwrap_or(0))),
                Err(SftpError::Status(it)) if it.status_code == StatusCode::NoSuchFile => Ok(None),
                Err(error) => Err(self.failed(&what, error)),
            }
        };
        within(&self.at, &what, look).await
    }

    pub(super) async fn create(&self, name: &str) -> Result<Upload, PlaceError> {
        let (path, what) = (self.path(name), format!("write {name}"));
        let create = async { self.sftp.create(&*path).await.map_err(|it| self.failed(&what, it)) };
        let file = within(&self.at, &what, create).await?;
        Ok(Upload { at: self.at.clone(), path: name.to_owned(), file })
    }

    pub(super) async fn read(&self, name: &str) -> Result<Download, PlaceError> {
        let what = format!("read {name}");
        let open =
            async { self.sftp.open(self.path(name)).await.map_err(|it| self.failed(&what, it)) };
        let file = within(&self.at, &what, open).await?;
        Ok(Download { at: self.at.clone(), file })
    }

    /// Renames over a file that is there: at once where the server can, else by removing it first.
    /// What the server said to it.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<String, PlaceError> {
        let what = format!("rename {from} to {to}");
        let (from, to) = (self.path(from), self.path(to));
        let over = self.rename_over(&what, (&from, &to));
        if let Some(said) = within(&self.at, &what, Box::pin(over)).await? {
            return Ok(said);
        }
        let rename = async {
            if self.sftp.rename(&*from, &*to).await.is_ok() {
                return Ok(());
            }
            match self.sftp.remove_file(&*to).await {
                Ok(()) => {}
                Err(SftpError::Status(it)) if it.status_code == StatusCode::NoSuchFile => {}
                Err(error) => return Err(self.failed(&what, error)),
            }
            self.sftp.rename(&*from, &*to).await.map_err(|it| self.failed(&what, it))
        };
        within(&self.at, &what, rename).await?;
        Ok(StatusCode::Ok.to_string())
    }

    /// What the server said if it renamed at once: it has an extension for that, which needs a
    /// channel of its own here; none if it has not. An answer that was lost is a failure: the file
    /// may have been renamed, and what lies under its name by now may be it.
    async fn rename_over(
        &self,
        what: &str,
        (from, to): (&str, &str),
    ) -> Result<Option<String>, PlaceError> {
        let Ok(channel) = self.ssh.channel_open_session().await else { return Ok(None) };
        if channel.request_subsystem(true, "sftp").await.is_err() {
            return Ok(None);
        }
        let config = config(&self.at);
        let raw = RawSftpSession::new_with_config(channel.into_stream(), config);
        let Ok(version) = raw.init().await else { return Ok(None) };
        if !version.extensions.contains_key(POSIX_RENAME) {
            return Ok(None);
        }
        let names = [ssh_text(from), ssh_text(to)].concat();
        let answer = raw.extended(POSIX_RENAME, names).await;
        // The channel ends by itself if this fails.
        drop(raw.close_session());
        match answer {
            Ok(Packet::Status(it)) if it.status_code == StatusCode::Ok => {
                Ok(Some(format!("{}: {}", it.status_code, said(&it.error_message))))
            }
            Ok(Packet::Status(it)) if it.status_code == StatusCode::OpUnsupported => Ok(None),
            Ok(Packet::Status(it)) => Err(self.failed(what, SftpError::Status(it))),
            Ok(_) => Err(self.failed(what, SftpError::UnexpectedPacket)),
            Err(error) => Err(self.failed(what, error)),
        }
    }

    pub(super) async fn remove(&self, name: &str) -> Result<(), PlaceError> {
        let what = format!("remove {name}");
        let remove = async {
            self.sftp.remove_file(self.path(name)).await.map_err(|it| self.failed(&what, it))
        };
        within(&self.at, &what, remove).await
    }

    fn path(&self, name: &str) -> String {
        match self.folder.trim_end_matches('/') {
            "" => format!("/{name}"),
            folder => format!("{folder}/{name}"),
        }
    }

    fn failed(&self, what: &str, error: SftpError) -> PlaceError {
        failed(&self.at, what, error)
    }
}

impl Upload {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), PlaceError> {
        let what = format!("write {}", self.path);
        let at = &self.at;
        let write =
            async { self.file.write_all(bytes).await.map_err(|it| not_transferred(at, &what, it)) };
        within(at, &what, write).await
    }

    pub(super) async fn finish(mut self) -> Result<(), PlaceError> {
        let what = format!("end {}", self.path);
        let at = &self.at;
        let finish = async {
            self.file.flush().await.map_err(|it| not_transferred(at, &what, it))?;
            // Not every server can; what it says of it is no reason to send again.
            drop(self.file.sync_all().await);
            self.file.shutdown().await.map_err(|it| not_transferred(at, &what, it))
        };
        within(at, &what, finish).await
    }
}

impl Download {
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, PlaceError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let at = &self.at;
        let read = async {
            self.file.read(&mut chunk).await.map_err(|it| not_transferred(at, "read", it))
        };
        let read = within(at, "read", read).await?;
        chunk.truncate(read);
        Ok(Some(chunk).filter(|it| !it.is_empty()))
    }
}

/// The greeting of both sides, up to the host key, which must be the pinned one; its fingerprint.
async fn greet(
    at: &At,
    text: &SftpText,
    stream: tokio::net::TcpStream,
) -> Result<(Handle<Checking>, String), PlaceError> {
    let shown = Arc::new(Mutex::new(None));
    let pinned = text.host_key.as_deref().and_then(HostKey::parse);
    let mut config = russh::client::Config { nodelay: true, ..russh::client::Config::default() };
    config.inactivity_timeout = Some(at.limit);
    config.preferred.cipher = Cow::Borrowed(CIPHERS);
    if let Some(algorithm) = pinned.as_ref().and_then(|it| it.algorithm.clone()) {
        let all = config.preferred.key.iter().cloned();
        let wanted = all.filter(|it| same_kind(it, &algorithm)).collect::<Vec<_>>();
        if !wanted.is_empty() {
            config.preferred.key = Cow::Owned(wanted);
        }
    }
    let checking = Checking { pinned: pinned.clone(), shown: Arc::clone(&shown) };
    let greeting = russh::client::connect_stream(Arc::new(config), stream, checking);
    let greeting = async { Ok(greeting.await) };
    let met = within(at, "exchange keys", Box::pin(greeting)).await?;
    let shown = shown.lock().ok().and_then(|it| it.clone());
    match (met, shown, pinned) {
        (Ok(ssh), Some(shown), _) => Ok((ssh, shown)),
        (Err(russh::Error::UnknownKey), Some(found), None) => {
            Err(PlaceError::NoHostKey { at: at.to_string(), found })
        }
        (Err(russh::Error::UnknownKey), Some(found), Some(pinned)) => {
            let pinned = pinned.fingerprint;
            Err(PlaceError::OtherHostKey { at: at.to_string(), found, pinned })
        }
        (Ok(_), None, _) => Err(broken(at, "exchange keys", "it showed no key")),
        (Err(error), _, _) => Err(broken(at, "exchange keys", error)),
    }
}

/// A text as SSH writes it: its length, then its bytes.
fn ssh_text(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), text.as_bytes()].concat()
}

/// RSA keys have one kind and several signatures.
fn same_kind(a: &Algorithm, b: &Algorithm) -> bool {
    let is_rsa = |it: &Algorithm| matches!(it, Algorithm::Rsa { .. });
    a == b || (is_rsa(a) && is_rsa(b))
}

async fn log_in(
    at: &At,
    text: &SftpText,
    secrets: &Secrets,
    ssh: &mut Handle<Checking>,
) -> Result<(), PlaceError> {
    let lost = |it: russh::Error| broken(at, "log in", it);
    let (done, with) = if let Some(path) = &text.key_file {
        let key = load_secret_key(path, None).map_err(|it| PlaceError::File {
            path: Path::new(path).to_owned(),
            source: it.into(),
        })?;
        let hash = ssh.best_supported_rsa_hash().await.map_err(lost)?.flatten();
        let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
        (ssh.authenticate_publickey(&*text.user, key).await.map_err(lost)?, "the key")
    } else {
        let name = text.password_env.clone().unwrap_or_default();
        let password = secrets.get(&name).ok_or(PlaceError::NoPassword { name })?;
        let first = ssh.authenticate_password(&*text.user, &**password).await.map_err(lost)?;
        let done = match first {
            AuthResult::Success => AuthResult::Success,
            AuthResult::Failure { .. } => {
                answer_prompt(ssh, &text.user, &password).await.map_err(lost)?
            }
        };
        (done, "the password")
    };
    match done {
        AuthResult::Success => Ok(()),
        AuthResult::Failure { .. } => Err(PlaceError::Login {
            at: at.to_string(),
            user: text.user.clone(),
            answer: format!("it does not accept {with}"),
        }),
    }
}

/// Some servers ask for a password by a prompt only.
async fn answer_prompt(
    ssh: &mut Handle<Checking>,
    user: &str,
    password: &str,
) -> Result<AuthResult, russh::Error> {
    let mut said = ssh.authenticate_keyboard_interactive_start(user, None).await?;
    loop {
        said = match said {
            KeyboardInteractiveAuthResponse::Success => return Ok(AuthResult::Success),
            KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                return Ok(AuthResult::Failure { remaining_methods, partial_success });
            }
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|_| password.to_owned()).collect();
                ssh.authenticate_keyboard_interactive_respond(answers).await?
            }
        };
    }
}

async fn begin(at: &At, ssh: &Handle<Checking>) -> Result<SftpSession, PlaceError> {
    let lost = |it: russh::Error| broken(at, "begin SFTP", it);
    let channel = ssh.channel_open_session().await.map_err(lost)?;
    channel.request_subsystem(true, "sftp").await.map_err(lost)?;
    let session = SftpSession::new_with_config(channel.into_stream(), config(at)).await;
    session.map_err(|it| failed(at, "begin SFTP", it))
}

fn config(at: &At) -> SftpConfig {
    SftpConfig {
        request_timeout_secs: at.limit.as_secs(),
        max_concurrent_writes: WRITES_MAX,
        ..SftpConfig::default()
    }
}

fn failed(at: &At, what: &str, error: SftpError) -> PlaceError {
    match error {
        SftpError::Status(it) => {
            refused(at, what, &format!("{}: {}", it.status_code, said(&it.error_message)))
        }
        SftpError::Timeout => PlaceError::TimedOut {
            at: at.to_string(),
            what: what.to_owned(),
            limit_s: at.limit.as_secs(),
        },
        other @ (SftpError::IO(_)
        | SftpError::Limited(_)
        | SftpError::UnexpectedPacket
        | SftpError::UnexpectedBehavior(_)) => broken(at, what, other),
    }
}

/// What the server answered to bytes comes as an error of input and output.
fn not_transferred(at: &At, what: &str, error: std::io::Error) -> PlaceError {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<SftpError>());
    match inner {
        Some(it) => failed(at, what, it.clone()),
        None if error.kind() == std::io::ErrorKind::Other => refused(at, what, &error.to_string()),
        None => broken(at, what, error),
    }
}

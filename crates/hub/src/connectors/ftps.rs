//! A folder reached by explicit FTPS: a connection for each file, as some receivers end theirs
//! after one.

mod tls;

use super::dial;
use super::error::{broken, refused, said, within};
use super::place::At;
use super::{Entry, Lying, PlaceError, Step};
use crate::access::configuration::FtpsText;
use crate::secrets::Secrets;
use jiff::Timestamp;
use suppaftp::list::ListParser;
use suppaftp::tokio::{
    AsyncRustlsConnector, AsyncRustlsFtpStream, AsyncRustlsStream, TransferStream,
};
use suppaftp::types::{FileType, Mode, Response};
use suppaftp::{FtpError, Status};
use tls::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 18;
/// Answers by which a server says that the same may go well another time.
const PASSING: std::ops::Range<u32> = 400..500;
/// The most files looked at in one folder.
const FILES_MAX: usize = 100_000;

/// A server, and a connection to it that was not used for a file yet.
pub(super) struct Server {
    at: At,
    text: FtpsText,
    password: Zeroizing<String>,
    tls: Tls,
    control: Option<AsyncRustlsFtpStream>,
}

pub(super) struct Upload {
    at: At,
    name: String,
    /// Ends with the transfer.
    _control: AsyncRustlsFtpStream,
    data: TransferStream<AsyncRustlsStream>,
}

pub(super) struct Download {
    at: At,
    /// Ends with the transfer.
    _control: AsyncRustlsFtpStream,
    data: Option<TransferStream<AsyncRustlsStream>>,
}

impl Server {
    /// Connects, begins TLS, logs in and goes to the folder; `on_step` hears of each step that is
    /// done.
    pub(super) async fn open(
        text: &FtpsText,
        secrets: &Secrets,
        on_step: &mut (dyn FnMut(Step) + Send),
    ) -> Result<Self, PlaceError> {
        let name = text.password_env.clone();
        let password = secrets.get(&name).ok_or(PlaceError::NoPassword { name })?;
        let mut it = Self {
            at: At::new(&text.host, text.port, text.time_limit_s),
            text: text.clone(),
            password,
            tls: Tls::new(text.ca_file.as_deref())?,
            control: None,
        };
        it.control = Some(it.connect(on_step).await?);
        Ok(it)
    }

    async fn connect(
        &self,
        on_step: &mut (dyn FnMut(Step) + Send),
    ) -> Result<AsyncRustlsFtpStream, PlaceError> {
        let at = &self.at;
        let addresses = dial::resolve(at).await?;
        on_step(Step::Resolved(addresses.len()));
        let stream = dial::dial(at, &addresses).await?;
        let is_ipv6 = stream.peer_addr().is_ok_and(|it| it.is_ipv6());
        let greeting = AsyncRustlsFtpStream::connect_with_stream(stream);
        let plain = async { greeting.await.map_err(|it| failed(at, "greet", it)) };
        let plain = within(at, "greet", Box::pin(plain)).await?;
        on_step(Step::Answered);
        let connector = AsyncRustlsConnector::from(self.tls.connector());
        let secured = plain.into_secure(connector, &self.text.host);
        let secured = async { secured.await.map_err(|it| self.not_secured(it)) };
        let mut control = within(at, "begin TLS", Box::pin(secured)).await?;
        on_step(Step::Certificate(self.tls.valid_until()));
        // A server behind a translating router tells an address nobody outside reaches, and a
        // forged one must not send files elsewhere: data go to where the commands go.
        control.set_passive_nat_workaround(true);
        control.set_mode(if is_ipv6 { Mode::ExtendedPassive } else { Mode::Passive });
        within(at, "log in", Box::pin(self.log_in(&mut control))).await?;
        on_step(Step::LoggedIn(self.text.user.clone()));
        Ok(control)
    }

    async fn log_in(&self, control: &mut AsyncRustlsFtpStream) -> Result<(), PlaceError> {
        let at = &self.at;
        let login = control.login(self.text.user.as_str(), self.password.as_str()).await;
        if let Err(FtpError::UnexpectedResponse(said)) = &login {
            let (user, answer) = (self.text.user.clone(), answer(said));
            return Err(PlaceError::Login { at: at.to_string(), user, answer });
        }
        login.map_err(|it| failed(at, "log in", it))?;
        let binary = control.transfer_type(FileType::Binary).await;
        binary.map_err(|it| failed(at, "take files as they are", it))?;
        let folder = &self.text.path;
        if folder != "." {
            let moved = control.cwd(folder).await;
            moved.map_err(|it| failed(at, &format!("go to {folder}"), it))?;
        }
        Ok(())
    }

    fn not_secured(&self, error: FtpError) -> PlaceError {
        let at = self.at.to_string();
        if let Some(why) = self.tls.refusal() {
            return PlaceError::Certificate { at, why };
        }
        if let FtpError::UnexpectedResponse(it) = &error {
            return PlaceError::NoTls { at, answer: answer(it) };
        }
        failed(&self.at, "begin TLS", error)
    }

    /// A connection no file has gone over yet.
    async fn fresh(&mut self) -> Result<AsyncRustlsFtpStream, PlaceError> {
        match self.control.take() {
            Some(it) => Ok(it),
            None => self.connect(&mut |_| {}).await,
        }
    }

    /// Does something that needs no data connection, or leaves none.
    async fn command<T>(
        &mut self,
        what: &str,
        act: impl AsyncFnOnce(&mut AsyncRustlsFtpStream) -> Result<T, FtpError>,
    ) -> Result<T, PlaceError> {
        let mut control = Box::pin(self.fresh()).await?;
        let at = &self.at;
        let done = async { act(&mut control).await.map_err(|it| failed(at, what, it)) };
        let done = within(at, what, Box::pin(done)).await;
        if !matches!(done, Err(PlaceError::Broken { .. } | PlaceError::TimedOut { .. })) {
            self.control = Some(control);
        }
        done
    }

    pub(super) async fn list(&mut self) -> Result<Vec<Entry>, PlaceError> {
        self.list_with(None).await
    }

    /// Files whose names begin with a dot too. Many servers leave them out unless they are asked for
    /// by an option that others do not know.
    pub(super) async fn list_all(&mut self) -> Result<Vec<Entry>, PlaceError> {
        let mut all = self.list_with(None).await?;
        let hidden = self.list_with(Some("-a")).await.unwrap_or_default();
        all.extend(hidden.into_iter().filter(|it| it.name.starts_with('.')));
        Ok(all)
    }

    async fn list_with(&mut self, option: Option<&str>) -> Result<Vec<Entry>, PlaceError> {
        let lines = self.command("list the folder", async |it| it.list(option).await).await?;
        let files = lines.iter().filter_map(|it| ListParser::parse_posix(it).ok());
        let files = files.filter(|it| it.is_file()).take(FILES_MAX);
        Ok(files
            .map(|it| Entry {
                name: it.name().to_owned(),
                bytes: u64::try_from(it.size()).unwrap_or(u64::MAX),
                modified: Timestamp::try_from(it.modified()).ok(),
            })
            .collect())
    }

    pub(super) async fn look(&mut self, name: &str) -> Result<Option<Lying>, PlaceError> {
        let what = format!("tell the size of {name}");
        let size = format!("SIZE {name}");
        let found = self.command(&what, async |it| it.custom_command(&size, &[Status::File]).await);
        match found.await {
            Ok(said) => {
                let said = answer(&said);
                let bytes = said.split_whitespace().nth(1).and_then(|it| it.parse().ok());
                Ok(bytes.map(|bytes| Lying { bytes, said }))
            }
            Err(PlaceError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn create(&mut self, name: &str) -> Result<Upload, PlaceError> {
        let what = format!("write {name}");
        let mut control = Box::pin(self.fresh()).await?;
        let at = &self.at;
        let begin =
            async { control.put_with_stream(name).await.map_err(|it| failed(at, &what, it)) };
        let data = within(at, &what, Box::pin(begin)).await?;
        Ok(Upload { at: at.clone(), name: name.to_owned(), _control: control, data })
    }

    pub(super) async fn read(&mut self, name: &str) -> Result<Download, PlaceError> {
        let what = format!("read {name}");
        let mut control = Box::pin(self.fresh()).await?;
        let at = &self.at;
        let begin =
            async { control.retr_as_stream(name).await.map_err(|it| failed(at, &what, it)) };
        let data = within(at, &what, Box::pin(begin)).await?;
        Ok(Download { at: at.clone(), _control: control, data: Some(data) })
    }

    pub(super) async fn rename(&mut self, from: &str, to: &str) -> Result<String, PlaceError> {
        /// Some servers say that all went well by the one, some by the other.
        const DONE: [Status; 2] = [Status::RequestedFileActionOk, Status::CommandOk];
        let what = format!("rename {from} to {to}");
        let (from, to) = (format!("RNFR {from}"), format!("RNTO {to}"));
        let rename = self.command(&what, async |it| {
            it.custom_command(&from, &[Status::RequestFilePending]).await?;
            it.custom_command(&to, &DONE).await
        });
        Ok(answer(&rename.await?))
    }

    pub(super) async fn remove(&mut self, name: &str) -> Result<(), PlaceError> {
        self.command(&format!("remove {name}"), async |it| it.rm(name).await).await
    }
}

impl Upload {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), PlaceError> {
        let what = format!("write {}", self.name);
        let at = &self.at;
        let write = async { self.data.write_all(bytes).await.map_err(|it| broken(at, &what, it)) };
        within(at, &what, write).await
    }

    pub(super) async fn finish(self) -> Result<(), PlaceError> {
        let what = format!("end {}", self.name);
        let at = &self.at;
        let finish = async { self.data.finish().await.map_err(|it| failed(at, &what, it)) };
        within(at, &what, Box::pin(finish)).await
    }
}

impl Download {
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, PlaceError> {
        let at = &self.at;
        let Some(data) = &mut self.data else { return Ok(None) };
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = async { data.read(&mut chunk).await.map_err(|it| broken(at, "read", it)) };
        let read = within(at, "read", read).await?;
        chunk.truncate(read);
        if read == 0
            && let Some(data) = self.data.take()
        {
            // Only the server's word tells a file that ended from one that was cut.
            let finish = async { data.finish().await.map_err(|it| failed(at, "read", it)) };
            within(at, "read", Box::pin(finish)).await?;
        }
        Ok(Some(chunk).filter(|it| !it.is_empty()))
    }
}

fn failed(at: &At, what: &str, error: FtpError) -> PlaceError {
    match error {
        FtpError::UnexpectedResponse(it) if it.status == Status::NotAvailable => {
            broken(at, what, answer(&it))
        }
        FtpError::UnexpectedResponse(it) if PASSING.contains(&it.status.code()) => {
            let (at, what, answer) = (at.to_string(), what.to_owned(), answer(&it));
            PlaceError::NotNow { at, what, answer }
        }
        FtpError::UnexpectedResponse(it) => refused(at, what, &answer(&it)),
        FtpError::ConnectionError(it) if tls::is_in_the_clear(&it) => {
            broken(at, what, tls::InTheClear)
        }
        FtpError::ConnectionError(it) => broken(at, what, it),
        other @ (FtpError::SecureError(_)
        | FtpError::BadResponse
        | FtpError::InvalidAddress(_)
        | FtpError::DataConnectionAlreadyOpen) => broken(at, what, other),
    }
}

/// What the server said, with its number.
fn answer(it: &Response) -> String {
    let text = String::from_utf8_lossy(&it.body);
    said(&text)
}

//! Places files are put or fetched from: a folder, SFTP, explicit FTPS; and where messages go. The
//! only code that opens outgoing connections.
//!
//! Nobody is talked to who has not proved to be the configured server: by the pinned host key, or
//! by a certificate for its name. Every step has a time limit. What is written is seen under its
//! name only when it was renamed, or, where a server cannot, when it was written whole.

pub mod asking;
mod dial;
mod error;
mod folder;
mod ftps;
pub mod hook;
mod host_key;
pub mod mail;
pub mod outlet;
mod place;
mod sftp;
mod trust;

pub use error::PlaceError;
pub use host_key::HostKey;
pub use place::Place;
pub use trust::TrustError;

use crate::secrets::Secrets;
use jiff::Timestamp;
use std::error::Error;

/// One file that lies at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written, where the place tells.
    pub modified: Option<Timestamp>,
}

/// A file as a place tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Its size.
    pub bytes: u64,
    /// The server's words where it has any, else ours.
    pub said: String,
}

/// One step of getting to a place, when it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The name has so many addresses.
    Resolved(usize),
    /// The port answers.
    Answered,
    /// The server's key is the pinned one, with this fingerprint.
    HostKey(String),
    /// The server's certificate is accepted, and is valid until then.
    Certificate(Option<Timestamp>),
    /// That user is in.
    LoggedIn(String),
}

/// A place that can be worked with.
pub struct Connection(Inner);

enum Inner {
    Folder(folder::Folder),
    Sftp(Box<sftp::Session>),
    Ftps(Box<ftps::Server>),
}

/// A file on its way to a place.
pub struct Upload(Up);

enum Up {
    Folder(folder::Upload),
    Sftp(Box<sftp::Upload>),
    Ftps(Box<ftps::Upload>),
}

/// A file on its way from a place.
pub struct Download(Down);

enum Down {
    Folder(folder::Download),
    Sftp(Box<sftp::Download>),
    Ftps(Box<ftps::Download>),
}

/// Gets to `place`.
#[crate::boxed]
pub async fn connect(place: &Place, secrets: &Secrets) -> Result<Connection, PlaceError> {
    connect_telling(place, secrets, &mut |_| {}).await
}

/// Gets to `place`; `on_step` hears of each step that is done.
#[crate::boxed]
pub async fn connect_telling(
    place: &Place,
    secrets: &Secrets,
    on_step: &mut (dyn FnMut(Step) + Send),
) -> Result<Connection, PlaceError> {
    Ok(Connection(match place {
        Place::Folder(path) => Inner::Folder(folder::Folder::open(path)?),
        Place::Sftp(text) => {
            let session = Box::pin(sftp::Session::open(text, secrets, on_step)).await?;
            Inner::Sftp(Box::new(session))
        }
        Place::Ftps(text) => {
            let server = Box::pin(ftps::Server::open(text, secrets, on_step)).await?;
            Inner::Ftps(Box::new(server))
        }
    }))
}

impl Connection {
    /// The files of the folder, in order of their names.
    #[crate::boxed]
    pub async fn list(&mut self) -> Result<Vec<Entry>, PlaceError> {
        let mut all = match &mut self.0 {
            Inner::Folder(it) => it.list()?,
            Inner::Sftp(it) => it.list().await?,
            Inner::Ftps(it) => it.list().await?,
        };
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// The same with files whose names begin with a dot, which some servers leave out.
    #[crate::boxed]
    pub async fn list_all(&mut self) -> Result<Vec<Entry>, PlaceError> {
        match &mut self.0 {
            Inner::Folder(_) | Inner::Sftp(_) => self.list().await,
            Inner::Ftps(it) => it.list_all().await,
        }
    }

    /// How large the file of that name is; none if there is none, or the server does not tell.
    #[crate::boxed]
    pub async fn size(&mut self, name: &str) -> Result<Option<u64>, PlaceError> {
        Ok(self.look(name).await?.map(|it| it.bytes))
    }

    /// What is told of the file of that name; none if there is none, or the server does not tell.
    #[crate::boxed]
    pub async fn look(&mut self, name: &str) -> Result<Option<Lying>, PlaceError> {
        let in_our_words = |it: u64| Lying { bytes: it, said: format!("{it} bytes lie there") };
        match &mut self.0 {
            Inner::Folder(it) => Ok(it.size(name)?.map(in_our_words)),
            Inner::Sftp(it) => Ok(it.size(name).await?.map(in_our_words)),
            Inner::Ftps(it) => it.look(name).await,
        }
    }

    /// Begins to write the file of that name; one that is there is written over.
    #[crate::boxed]
    pub async fn create(&mut self, name: &str) -> Result<Upload, PlaceError> {
        Ok(Upload(match &mut self.0 {
            Inner::Folder(it) => Up::Folder(it.create(name)?),
            Inner::Sftp(it) => Up::Sftp(Box::new(it.create(name).await?)),
            Inner::Ftps(it) => Up::Ftps(Box::new(it.create(name).await?)),
        }))
    }

    /// Begins to read the file of that name.
    #[crate::boxed]
    pub async fn open(&mut self, name: &str) -> Result<Download, PlaceError> {
        Ok(Download(match &mut self.0 {
            Inner::Folder(it) => Down::Folder(it.read(name)?),
            Inner::Sftp(it) => Down::Sftp(Box::new(it.read(name).await?)),
            Inner::Ftps(it) => Down::Ftps(Box::new(it.read(name).await?)),
        }))
    }

    /// All bytes of the file of that name.
    #[crate::boxed]
    pub async fn read_whole(&mut self, name: &str) -> Result<Vec<u8>, PlaceError> {
        let (mut download, mut bytes) = (self.open(name).await?, Vec::new());
        while let Some(next) = download.next().await? {
            bytes.extend_from_slice(&next);
        }
        Ok(bytes)
    }

    /// Gives a file another name; a file of that name is replaced. What the place said to it.
    #[crate::boxed]
    pub async fn rename(&mut self, from: &str, to: &str) -> Result<String, PlaceError> {
        match &mut self.0 {
            Inner::Folder(it) => it.rename(from, to).map(|()| "renamed".to_owned()),
            Inner::Sftp(it) => it.rename(from, to).await,
            Inner::Ftps(it) => it.rename(from, to).await,
        }
    }

    /// Removes a file.
    #[crate::boxed]
    pub async fn remove(&mut self, name: &str) -> Result<(), PlaceError> {
        match &mut self.0 {
            Inner::Folder(it) => it.remove(name),
            Inner::Sftp(it) => it.remove(name).await,
            Inner::Ftps(it) => it.remove(name).await,
        }
    }
}

impl Upload {
    /// Sends bytes.
    #[crate::boxed]
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), PlaceError> {
        match &mut self.0 {
            Up::Folder(it) => it.write(bytes),
            Up::Sftp(it) => it.write(bytes).await,
            Up::Ftps(it) => it.write(bytes).await,
        }
    }

    /// Ends the file. Only what was ended has arrived.
    #[crate::boxed]
    pub async fn finish(self) -> Result<(), PlaceError> {
        match self.0 {
            Up::Folder(it) => it.finish(),
            Up::Sftp(it) => it.finish().await,
            Up::Ftps(it) => it.finish().await,
        }
    }
}

impl Download {
    /// The next bytes; none at the end of the file.
    #[crate::boxed]
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, PlaceError> {
        match &mut self.0 {
            Down::Folder(it) => it.next(),
            Down::Sftp(it) => it.next().await,
            Down::Ftps(it) => it.next().await,
        }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn in_full(error: &dyn Error) -> String {
    let mut all = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        all.push_str(": ");
        all.push_str(&cause.to_string());
        next = cause.source();
    }
    all
}

//! A target's folder: its files, all of one delivery.
//!
//! A set is written into `.kobling` inside the folder, and made lasting there. The files of the
//! set before are linked beside it, a marker tells that files are being put in place, and the new
//! ones are renamed over the old in the receiver's order. A rename that fails is undone with all
//! before it. Between the first and the last rename, some microseconds, a reader may meet files of
//! two sets; five names cannot be changed at once.
//!
//! The marker goes when the receipt is kept. If the process dies before, the next delivery finds
//! it, and the receipt decides: if it is that set's, what is left of the set is put in place, else
//! what lay there before is put back. Each step of either can be done twice, so dying in there is
//! put right as well.

use super::output::Output;
use kobling_formats::plan2learn::{File as Name, FileSet, Profile};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Where a set is written before it is put in place.
const STAGING: &str = ".kobling";
/// The marker: stands there while files are put in place.
const PUTTING: &str = "putting";
/// Bytes gathered before they are written.
const BUFFER_BYTES: usize = 1 << 16;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another delivery is under way.
    #[error("another delivery to {} is under way; wait until it has ended", folder.display())]
    UnderWay {
        /// The folder.
        folder: PathBuf,
    },
    /// A marker that no delivery wrote.
    #[error(
        "{} is not what a delivery leaves behind; remove it, and the next delivery writes all \
         files anew", path.display()
    )]
    NotAMarker {
        /// The marker.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The system refused.
    #[error("{} cannot be {what}", path.display())]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// What was to be done with it.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// A folder that nobody else delivers to.
pub(super) struct Folder {
    path: PathBuf,
    /// The lock ends with the process, however that ends.
    _lock: File,
}

/// A set in the making. Without [`publish`](Self::publish) nobody sees it.
pub(super) struct Staging {
    folder: Folder,
    dir: PathBuf,
}

/// What the marker tells.
#[derive(Serialize, Deserialize)]
struct Marker {
    /// The set that is put in place, as its receipt names it.
    set: String,
    /// The files that lay there before, each kept beside the set until it is put back.
    kept: Vec<String>,
    /// The files of the set; of markers from before there were others, the five.
    #[serde(default = "five")]
    files: Vec<String>,
}

fn five() -> Vec<String> {
    Profile::VIBORG.always.iter().map(|it| it.name().to_owned()).collect()
}

impl Marker {
    /// The files of the set.
    fn names(&self) -> impl Iterator<Item = Name> {
        Name::ALL.into_iter().filter(|name| self.files.iter().any(|it| it == name.name()))
    }
}

impl Folder {
    /// The folder at `path`, which is made if missing.
    pub(super) fn lock(path: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(path).map_err(refused(path, "made"))?;
        let lock = File::open(path).map_err(refused(path, "opened"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => {
                Err(FolderError::UnderWay { folder: path.to_owned() })
            }
            Err(fs::TryLockError::Error(source)) => Err(refused(path, "locked")(source)),
        }
    }

    /// Begins a set. Puts right what a delivery that broke off left here: `received` is the set
    /// that has a receipt.
    pub(super) fn stage(self, received: Option<&str>) -> Result<Staging, FolderError> {
        let it = Staging { dir: self.path.join(STAGING), folder: self };
        if let Some(marker) = it.marker()? {
            if received == Some(marker.set.as_str()) {
                it.put_rest(&marker)?;
            } else {
                it.put_back(&marker)?;
            }
        }
        it.end()?;
        fs::create_dir(&it.dir).map_err(refused(&it.dir, "made"))?;
        Ok(it)
    }
}

/// Makes a file that the owner writes and the group reads: the receiver fetches as one of it.
fn create(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(path)
}

impl Staging {
    /// The files to write to.
    pub(super) fn outputs(
        &self,
        files: &[Name],
    ) -> Result<FileSet<Output<BufWriter<File>>>, FolderError> {
        FileSet::try_from_fn(files.iter().copied(), |name| {
            let path = self.staged(name);
            let file = create(&path).map_err(refused(&path, "written"))?;
            Ok(Output::new(BufWriter::with_capacity(BUFFER_BYTES, file)))
        })
    }

    /// In what the files that lie in the folder differ from the set; nothing if they are it.
    pub(super) fn differences<W>(
        &self,
        set: &FileSet<Output<W>>,
    ) -> Result<Vec<String>, FolderError> {
        let mut differences = Vec::new();
        for (name, made) in set.iter() {
            let path = self.target(name);
            let mut there = Output::new(io::sink());
            match File::open(&path).and_then(|mut file| io::copy(&mut file, &mut there)) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    differences.push(format!("{name} is missing"));
                    continue;
                }
                Err(error) => return Err(refused(&path, "read")(error)),
            }
            if (there.bytes(), there.digest()) != (made.bytes(), made.digest()) {
                differences.push(format!("{name} was changed"));
            }
        }
        Ok(differences)
    }

    /// Puts the set in place: all of it, or after a failure nothing of it. `set` is how its
    /// receipt will name it.
    pub(super) fn publish(&self, set: &str, files: &[Name]) -> Result<(), FolderError> {
        let names = files.iter().map(|it| it.name().to_owned()).collect();
        let mut marker = Marker { set: set.to_owned(), kept: Vec::new(), files: names };
        for name in files.iter().copied() {
            let staged = self.staged(name);
            let file = File::open(&staged).map_err(refused(&staged, "opened"))?;
            file.sync_all().map_err(refused(&staged, "made lasting"))?;
            if self.keep_old(name)? {
                marker.kept.push(name.name().to_owned());
            }
        }
        self.mark(&marker)?;
        for name in files.iter().copied() {
            let path = self.target(name);
            if let Err(error) = fs::rename(self.staged(name), &path) {
                self.put_back(&marker)?;
                self.unmark()?;
                return Err(refused(&path, "replaced")(error));
            }
        }
        sync(&self.folder.path)
    }

    /// Clears away what nobody needs any more: the marker first, for it needs the rest.
    pub(super) fn end(&self) -> Result<(), FolderError> {
        self.unmark()?;
        unless_missing(fs::remove_dir_all(&self.dir), &self.dir, "cleared away")?;
        Ok(())
    }

    fn target(&self, name: Name) -> PathBuf {
        self.folder.path.join(name.name())
    }

    fn staged(&self, name: Name) -> PathBuf {
        self.dir.join(name.name())
    }

    fn old(&self, name: Name) -> PathBuf {
        self.dir.join(format!("old-{}", name.name()))
    }

    /// Keeps the file that lies in the folder; whether one does.
    fn keep_old(&self, name: Name) -> Result<bool, FolderError> {
        let (path, old) = (self.target(name), self.old(name));
        match fs::hard_link(&path, &old) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            // Some file systems have no links.
            Err(_) => {
                fs::copy(&path, &old).map_err(refused(&path, "kept"))?;
                let copied = File::open(&old).and_then(|it| it.sync_all());
                copied.map_err(refused(&old, "made lasting"))?;
                Ok(true)
            }
        }
    }

    fn marker(&self) -> Result<Option<Marker>, FolderError> {
        let path = self.dir.join(PUTTING);
        match fs::read(&path) {
            Ok(bytes) => {
                let marker = serde_json::from_slice(&bytes);
                marker.map(Some).map_err(|source| FolderError::NotAMarker { path, source })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused(&path, "read")(error)),
        }
    }

    /// Writes the marker, at once and lastingly.
    fn mark(&self, marker: &Marker) -> Result<(), FolderError> {
        let (path, new) = (self.dir.join(PUTTING), self.dir.join("putting.new"));
        let write = || -> io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(marker)?)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(refused(&path, "written"))?;
        sync(&self.dir)
    }

    fn unmark(&self) -> Result<(), FolderError> {
        let path = self.dir.join(PUTTING);
        if unless_missing(fs::remove_file(&path), &path, "cleared away")? {
            sync(&self.dir)?;
        }
        Ok(())
    }

    /// Puts the kept files back, and removes those that had nothing before them. A kept file that
    /// is missing was put back already: nothing else takes it away while the marker stands.
    fn put_back(&self, marker: &Marker) -> Result<(), FolderError> {
        for name in marker.names() {
            let path = self.target(name);
            let done = if marker.kept.iter().any(|it| it == name.name()) {
                fs::rename(self.old(name), &path)
            } else {
                fs::remove_file(&path)
            };
            unless_missing(done, &path, "put back")?;
        }
        sync(&self.folder.path)
    }

    /// Puts in place what is left of a set that has its receipt.
    fn put_rest(&self, marker: &Marker) -> Result<(), FolderError> {
        for name in marker.names() {
            let path = self.target(name);
            unless_missing(fs::rename(self.staged(name), &path), &path, "replaced")?;
        }
        sync(&self.folder.path)
    }
}

impl Drop for Staging {
    /// Throws away a set that was not put in place; what was and has no receipt yet stays, for
    /// the next delivery to put right.
    fn drop(&mut self) {
        let was_put = self.dir.join(PUTTING).try_exists().unwrap_or(true);
        if !was_put && self.end().is_err() {
            // The next delivery clears it away.
        }
    }
}

/// Whether something was done to `path`; no error if what it was to be done to is not there.
fn unless_missing(
    done: io::Result<()>,
    path: &Path,
    what: &'static str,
) -> Result<bool, FolderError> {
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(refused(path, what)(error)),
    }
}

fn sync(dir: &Path) -> Result<(), FolderError> {
    let opened = File::open(dir).map_err(refused(dir, "opened"))?;
    opened.sync_all().map_err(refused(dir, "made lasting"))
}

fn refused(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Refused { path, what, source }
}

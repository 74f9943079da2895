//! A target's folder: five files, all of one delivery.
//!
//! A set is written into `.kobling` inside the folder, and made lasting there. The files of the
//! set before are linked beside it, and the new ones renamed over them in the receiver's order. A
//! rename that fails is undone with all before it. Between the first and the last rename, some
//! microseconds, a reader may meet files of two sets; five names cannot be changed at once. If the
//! process dies in there, the next delivery finds that it did, puts the links back first, and then
//! delivers whether anything has changed or not.

use super::Counted;
use kobling_formats::plan2learn::{File as Name, FileSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

/// Where a set is written before it is put in place.
const STAGING: &str = ".kobling";
/// Stands there while files are put in place.
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

/// Whether the delivery before came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Whole,
    BrokenOff,
}

/// A set in the making. Without [`publish`](Self::publish) nobody sees it.
pub(super) struct Staging {
    folder: PathBuf,
    dir: PathBuf,
    before: Before,
    /// Locked: the lock ends with the process, however that ends.
    _lock: File,
}

impl Staging {
    /// Begins a set for `folder`, which is made if missing. Puts right what a delivery that broke
    /// off left there.
    pub(super) fn begin(folder: &Path) -> Result<Self, FolderError> {
        fs::create_dir_all(folder).map_err(refused(folder, "made"))?;
        let lock = File::open(folder).map_err(refused(folder, "opened"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(FolderError::UnderWay { folder: folder.to_owned() });
            }
            Err(fs::TryLockError::Error(source)) => {
                return Err(refused(folder, "locked")(source));
            }
        }
        let dir = folder.join(STAGING);
        let putting = dir.join(PUTTING);
        let found = putting.try_exists().map_err(refused(&putting, "looked for"))?;
        let before = if found { Before::BrokenOff } else { Before::Whole };
        let it = Self { folder: folder.to_owned(), dir, before, _lock: lock };
        if it.before == Before::BrokenOff {
            it.put_back(&Name::ALL)?;
        }
        match it.remove() {
            Err(FolderError::Refused { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            done => done?,
        }
        fs::create_dir(&it.dir).map_err(refused(&it.dir, "made"))?;
        Ok(it)
    }

    /// Whether the delivery before came to its end, so that its files need not be written again.
    pub(super) fn follows_a_whole_one(&self) -> bool {
        self.before == Before::Whole
    }

    /// The files to write to.
    pub(super) fn outputs(&self) -> Result<FileSet<Counted<BufWriter<File>>>, FolderError> {
        FileSet::try_from_fn(|name| {
            let path = self.staged(name);
            let file = File::create(&path).map_err(refused(&path, "written"))?;
            Ok(Counted { out: BufWriter::with_capacity(BUFFER_BYTES, file), bytes: 0 })
        })
    }

    /// Puts the set in place: all of it, or after a failure nothing of it.
    pub(super) fn publish(&self) -> Result<(), FolderError> {
        for name in Name::ALL {
            let staged = self.staged(name);
            let file = File::open(&staged).map_err(refused(&staged, "opened"))?;
            file.sync_all().map_err(refused(&staged, "made lasting"))?;
            self.link_old(name)?;
        }
        let putting = self.dir.join(PUTTING);
        let marker = File::create(&putting).map_err(refused(&putting, "written"))?;
        marker.sync_all().map_err(refused(&putting, "made lasting"))?;
        sync(&self.dir)?;
        for (index, name) in Name::ALL.into_iter().enumerate() {
            let path = self.folder.join(name.name());
            if let Err(error) = fs::rename(self.staged(name), &path) {
                let (put, _) = Name::ALL.split_at(index);
                self.put_back(put)?;
                fs::remove_file(&putting).map_err(refused(&putting, "cleared away"))?;
                return Err(refused(&path, "replaced")(error));
            }
        }
        sync(&self.folder)
    }

    /// Clears away what nobody needs any more.
    pub(super) fn end(&self) -> Result<(), FolderError> {
        self.remove()
    }

    fn staged(&self, name: Name) -> PathBuf {
        self.dir.join(name.name())
    }

    fn old(&self, name: Name) -> PathBuf {
        self.dir.join(format!("old-{}", name.name()))
    }

    /// Keeps the file that lies in the folder, if one does.
    fn link_old(&self, name: Name) -> Result<(), FolderError> {
        let (path, old) = (self.folder.join(name.name()), self.old(name));
        match fs::hard_link(&path, &old) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            // Some file systems have no links.
            Err(_) => fs::copy(&path, &old).map(drop).map_err(refused(&path, "kept")),
        }
    }

    /// Puts the kept files back; removes those that had nothing before them.
    fn put_back(&self, names: &[Name]) -> Result<(), FolderError> {
        for name in names {
            let (path, old) = (self.folder.join(name.name()), self.old(*name));
            let done = match fs::rename(&old, &path) {
                Err(error) if error.kind() == ErrorKind::NotFound => fs::remove_file(&path),
                done => done,
            };
            match done {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(refused(&path, "put back")(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        sync(&self.folder)
    }

    fn remove(&self) -> Result<(), FolderError> {
        fs::remove_dir_all(&self.dir).map_err(refused(&self.dir, "cleared away"))
    }
}

impl Drop for Staging {
    /// Throws away a set that was not put in place; what was and has no receipt yet stays, for
    /// the next delivery to put right.
    fn drop(&mut self) {
        let was_put = self.dir.join(PUTTING).exists();
        if !was_put && self.remove().is_err() {
            // It has ended already, or the next delivery clears it away.
        }
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

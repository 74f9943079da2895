//! A folder of this machine, as a place like any other.

use super::{Entry, PlaceError};
use jiff::Timestamp;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// The most files looked at in one folder.
const FILES_MAX: usize = 100_000;
/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 18;

pub(super) struct Folder {
    path: PathBuf,
}

pub(super) struct Upload {
    path: PathBuf,
    file: File,
}

pub(super) struct Download {
    path: PathBuf,
    file: File,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, PlaceError> {
        fs::create_dir_all(path).map_err(failed(path, "made"))?;
        Ok(Self { path: path.to_owned() })
    }

    pub(super) fn list(&self) -> Result<Vec<Entry>, PlaceError> {
        let read = failed(&self.path, "listed");
        self.entries().map_err(read)
    }

    fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.path)?.take(FILES_MAX) {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_file() {
                entries.push(Entry {
                    name: entry.file_name().to_string_lossy().into_owned(),
                    bytes: meta.len(),
                    modified: meta.modified().ok().and_then(|it| Timestamp::try_from(it).ok()),
                });
            }
        }
        Ok(entries)
    }

    pub(super) fn size(&self, name: &str) -> Result<Option<u64>, PlaceError> {
        let path = self.path.join(name);
        match fs::metadata(&path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, "looked at")(error)),
        }
    }

    pub(super) fn create(&self, name: &str) -> Result<Upload, PlaceError> {
        let path = self.path.join(name);
        let file = File::create(&path).map_err(failed(&path, "written"))?;
        Ok(Upload { path, file })
    }

    pub(super) fn read(&self, name: &str) -> Result<Download, PlaceError> {
        let path = self.path.join(name);
        let file = File::open(&path).map_err(failed(&path, "read"))?;
        Ok(Download { path, file })
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), PlaceError> {
        let to = self.path.join(to);
        fs::rename(self.path.join(from), &to).map_err(failed(&to, "replaced"))
    }

    pub(super) fn remove(&self, name: &str) -> Result<(), PlaceError> {
        let path = self.path.join(name);
        fs::remove_file(&path).map_err(failed(&path, "removed"))
    }
}

impl Upload {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), PlaceError> {
        self.file.write_all(bytes).map_err(failed(&self.path, "written"))
    }

    pub(super) fn finish(self) -> Result<(), PlaceError> {
        self.file.sync_all().map_err(failed(&self.path, "made lasting"))
    }
}

impl Download {
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, PlaceError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let read = self.file.read(&mut chunk).map_err(failed(&self.path, "read"))?;
        chunk.truncate(read);
        Ok(Some(chunk).filter(|it| !it.is_empty()))
    }
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |source| PlaceError::Folder { path, what, source }
}

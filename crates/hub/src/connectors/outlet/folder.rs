//! A folder in which every message is a file.
//!
//! All files of a batch are written under other names and made lasting together, and only then
//! renamed: syncing a thousand files one by one costs seconds. Who reads the folder sees whole
//! files only, and the same message always under the same name.

use super::Parcel;
use kobling_domain::exchange::lane::Answer;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where files are written before they are seen, inside the folder.
const STAGING: &str = ".kobling";

/// The system refused.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be {what}", path.display())]
pub(super) struct OutboxError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

/// Puts a file for each of `parcels` into the folder at `path`, which is made if missing.
pub(super) fn put(path: &Path, parcels: &[Parcel]) -> Result<(), OutboxError> {
    let staging = path.join(STAGING);
    fs::create_dir_all(&staging).map_err(refused(&staging, "made"))?;
    for it in parcels {
        let staged = staging.join(file_name(it));
        write(&staged, &it.body).map_err(refused(&staged, "written"))?;
    }
    let folder = File::open(path).map_err(refused(path, "opened"))?;
    make_lasting(&staging, &folder, parcels)?;
    for it in parcels {
        let name = file_name(it);
        let to = path.join(&name);
        fs::rename(staging.join(&name), &to).map_err(refused(&to, "put in place"))?;
    }
    folder.sync_all().map_err(refused(path, "made lasting"))
}

/// Writes a file that the owner writes and the group reads: the receiver fetches as one of it.
fn write(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o640);
    options.open(path)?.write_all(body)
}

/// One call for the whole file system where there are several files, else one for the file.
fn make_lasting(staging: &Path, folder: &File, parcels: &[Parcel]) -> Result<(), OutboxError> {
    if let [only] = parcels {
        let staged = staging.join(file_name(only));
        let synced = File::open(&staged).and_then(|it| it.sync_all());
        return synced.map_err(refused(&staged, "made lasting"));
    }
    rustix::fs::syncfs(folder).map_err(|it| refused(staging, "made lasting")(it.into()))
}

/// What a folder answers.
pub(super) fn accepted(parcel: &Parcel) -> Answer {
    Answer::Accepted { said: format!("put as {}", file_name(parcel)) }
}

fn file_name(parcel: &Parcel) -> String {
    format!("{}.json", parcel.name)
}

fn refused(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> OutboxError {
    let path = path.to_owned();
    move |source| OutboxError { path, what, source }
}

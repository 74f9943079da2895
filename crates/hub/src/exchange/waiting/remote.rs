//! Files that wait on a server: fetched one at a time, in order, and read here.

use super::super::input::{self, Found, Input, Stamp};
use super::super::progress::Progress;
use super::super::report::RunState;
use super::super::run::{self, Intent, RunError};
use super::{FetchError, Known, Left, Read, Recognised, Take, WaitingError, Why, settle};
use crate::Hub;
use crate::connectors::{self, Entry, Place};
use kobling_domain::id::TenantId;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Where fetched files lie while they are read, in the working directory.
const SPOOL: &str = ".kobling-spool";
/// No extract is as large; a larger file would fill the disk.
const FILE_BYTES_MAX: u64 = 8 << 30;

/// Fetches and reads the files that wait at `place`, oldest first. A fetched file is removed here
/// when it is read, unless its plan is held: a first load is read again when it is released.
/// Nothing is removed there.
pub(super) async fn read(
    hub: &Hub,
    tenant: TenantId,
    (key, place): (&str, &Place),
    known: &Known,
    take: Take,
    progress: &dyn Progress,
) -> Result<Read, WaitingError> {
    let spool = Spool::open(key)?;
    let listed = list(hub, place).await?;
    let waiting = known.waiting(spool.found(&listed, known));
    let waiting = settle::taken(hub, tenant, known.source, waiting, take).await?;
    spool.keep_only(&waiting.inputs, &waiting.left)?;
    let mut read = Read { inputs: Vec::new(), left: waiting.left, notes: waiting.notes };
    for input in waiting.inputs {
        let Some(entry) = listed.iter().find(|it| it.name == input.name) else { continue };
        if entry.bytes > FILE_BYTES_MAX {
            let name = &entry.name;
            read.notes.push(format!("{name} has more than {FILE_BYTES_MAX} bytes; not fetched"));
            break;
        }
        let report = match spool.fetch(hub, place, entry).await {
            Ok(Fetched::Whole) => {
                if let Recognised::Before(left) = known.recognised(hub, tenant, &input).await? {
                    if !matches!(&left, Some(Left { why: Why::Held { .. }, .. })) {
                        remove(input.path())?;
                    }
                    read.left.extend(left);
                    continue;
                }
                run::run(hub, tenant, key, &input, Intent::Apply, progress).await
            }
            Ok(Fetched::Growing) => {
                // What comes after it waits too: a later file applied would make this one too old.
                let name = &entry.name;
                read.notes
                    .push(format!("{name} is still being written; it waits for the next run"));
                break;
            }
            Err(error) => Err(RunError::NotFetched(error)),
        };
        if !matches!(&report, Ok(it) if it.state == RunState::Held) {
            remove(input.path())?;
        }
        let goes_on = report.as_ref().map_or_else(RunError::is_bad_input, |_| true);
        read.inputs.push((input, report));
        if !goes_on {
            break;
        }
    }
    Ok(read)
}

async fn list(hub: &Hub, place: &Place) -> Result<Vec<Entry>, FetchError> {
    Ok(connectors::connect(place, &hub.secrets).await?.list().await?)
}

/// A folder of this source's fetched files, which only this user can read.
struct Spool {
    dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fetched {
    Whole,
    /// It changed while it was fetched.
    Growing,
}

impl Spool {
    fn open(key: &str) -> Result<Self, FetchError> {
        let dir = Path::new(SPOOL).join(key);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir);
        made.map_err(failed(&dir))?;
        Ok(Self { dir })
    }

    /// What a list tells, as if it lay here. A name that would lead elsewhere is no extract's.
    fn found(&self, listed: &[Entry], known: &Known) -> Found {
        let is_plain = |it: &&Entry| !it.name.contains(['/', '\\']) && !it.name.starts_with('.');
        let (plain, strange): (Vec<&Entry>, Vec<&Entry>) = listed.iter().partition(is_plain);
        let paths = plain.iter().map(|it| self.dir.join(&it.name));
        let mut found = input::sort(paths, known.now, &known.naming);
        found.strangers.extend(strange.iter().map(|it| it.name.clone()));
        for input in &mut found.inputs {
            let there = plain.iter().find(|it| it.name == input.name);
            input.stamp = there.map(|it| Stamp { bytes: it.bytes, modified: it.modified });
        }
        found
    }

    /// Removes what lies here of other files: plans it was kept for are decided.
    fn keep_only(&self, inputs: &[Input], left: &[Left]) -> Result<(), FetchError> {
        let kept = inputs.iter().map(Input::path).chain(left.iter().map(|it| it.path.as_path()));
        let kept: BTreeSet<&Path> = kept.collect();
        for entry in fs::read_dir(&self.dir).map_err(failed(&self.dir))? {
            let path = entry.map_err(failed(&self.dir))?.path();
            if !kept.contains(path.as_path()) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Fetches a file. It is whole if it has the size and time it had before, when all of it was
    /// fetched. Each has a connection of its own: reading the one before may have taken longer than
    /// a server keeps a silent connection.
    async fn fetch(&self, hub: &Hub, place: &Place, entry: &Entry) -> Result<Fetched, FetchError> {
        let mut there = connectors::connect(place, &hub.secrets).await?;
        let path = self.dir.join(&entry.name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&path).map_err(failed(&path))?;
        let mut download = there.open(&entry.name).await?;
        let mut fetched = 0_u64;
        while let Some(part) = download.next().await? {
            fetched = fetched.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
            if fetched > entry.bytes {
                break;
            }
            file.write_all(&part).map_err(failed(&path))?;
        }
        drop(download);
        let now = there.list().await?;
        let is_same = fetched == entry.bytes && now.contains(entry);
        if !is_same {
            remove(&path)?;
        }
        Ok(if is_same { Fetched::Whole } else { Fetched::Growing })
    }
}

fn remove(path: &Path) -> Result<(), FetchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |source| FetchError::Spool { path, source }
}

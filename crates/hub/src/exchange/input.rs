//! The file a run reads: which one, and of what date.

use super::run::RunError;
use super::source::Source;
use crate::Hub;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use kobling_domain::id::{PushNo, TenantId};
use kobling_formats::{delimited, opus};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::Xxh3;

/// Where an input's date comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dated {
    /// From its name.
    ByName,
    /// From whoever asked for the run.
    ByCaller,
    /// Its name tells none: it is taken for a correction of the last file whose name told one.
    ByLast,
    /// Its name tells none, and nor did the last one's: it is taken as of now.
    ByClock,
}

/// What a run reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// This file.
    File(PathBuf),
    /// One record that the source sent.
    Record(PushNo),
    /// All that the source knows, as it sent it.
    Snapshot(PushNo),
}

/// One file of a source, or what it sent by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What is read.
    pub content: Content,
    /// Its name, without folders.
    pub name: String,
    /// When the source wrote it, in the employer's time zone.
    pub exported_at: DateTime,
    /// Where that comes from.
    pub dated: Dated,
    /// How it looks from outside; none if nothing tells.
    pub stamp: Option<Stamp>,
}

/// How a file looks without being read: the same stamp under the same name is the same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Its size.
    pub bytes: u64,
    /// When it was written, where its place tells.
    pub modified: Option<Timestamp>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|it| Timestamp::try_from(it).ok());
        Self { bytes: metadata.len(), modified }
    }
}

/// Bytes read at once of a file that is only digested.
const DIGEST_BYTES: usize = 1 << 20;

/// xxh3-128 of all bytes of a file: what a run of it would tell.
pub(super) fn digest(path: &Path) -> io::Result<u128> {
    let mut file = File::open(path)?;
    let mut hash = Xxh3::new();
    let mut part = vec![0; DIGEST_BYTES];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hash.digest128()),
            read => hash.update(part.get(..read).unwrap_or_default()),
        }
    }
}

/// The most files looked at in one folder.
const FILES_MAX: usize = 100_000;

/// How the files of a source are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// As Opus names its extracts.
    Opus,
    /// By a pattern with the date in it; none if names tell nothing.
    Pattern(Option<String>),
}

impl Naming {
    /// When the file of that name was written, if its name tells.
    pub fn exported_at(&self, name: &str) -> Option<DateTime> {
        match self {
            Self::Opus => opus::exported_at(name).ok(),
            Self::Pattern(pattern) => delimited::exported_at(pattern.as_ref()?, name).ok(),
        }
    }
}

/// The file at `path` for the source of that key.
///
/// Its date is the one its name tells, else `date`, else that of the last file applied whose name
/// told one, else today. Refuses a `date` that is not the one its name tells.
#[crate::boxed]
pub async fn of_source(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    path: &Path,
    date: Option<Date>,
) -> Result<Input, RunError> {
    let mut tx = hub.db.write().await?;
    let source = Source::load(&mut tx, tenant, key).await?;
    tx.commit().await?;
    let naming = source.naming();
    let input = Input::named(path, hub.clock.civil(&source.time_zone), &naming);
    let last = source.applied.as_ref().and_then(|it| naming.exported_at(&it.name));
    match (input.dated, date) {
        (Dated::ByName, Some(given)) if given != input.date() => {
            Err(RunError::OtherDate { named: input.date(), given, name: input.name })
        }
        (Dated::ByName, _) => Ok(input),
        (Dated::ByCaller | Dated::ByLast | Dated::ByClock, Some(given)) => {
            let exported_at = given.to_datetime(Time::midnight());
            Ok(Input { exported_at, dated: Dated::ByCaller, ..input })
        }
        (Dated::ByCaller | Dated::ByLast | Dated::ByClock, None) => Ok(match last {
            Some(exported_at) => Input { exported_at, dated: Dated::ByLast, ..input },
            None => input,
        }),
    }
}

impl Input {
    /// The extract of Opus at `path`, as of what its name says, else `now`.
    pub fn new(path: &Path, now: DateTime) -> Self {
        Self::named(path, now, &Naming::Opus)
    }

    /// The same for a file of a source that names them so.
    pub fn named(path: &Path, now: DateTime, naming: &Naming) -> Self {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |it| it.to_string_lossy().into_owned());
        let (exported_at, dated) = match naming.exported_at(&name) {
            Some(named) => (named, Dated::ByName),
            None => (now, Dated::ByClock),
        };
        let stamp = fs::metadata(path).ok().map(|it| Stamp::of(&it));
        Self { content: Content::File(path.to_owned()), name, exported_at, dated, stamp }
    }

    /// What a source sent, as of `now`.
    pub(super) fn sent(content: Content, name: String, now: DateTime) -> Self {
        Self { content, name, exported_at: now, dated: Dated::ByClock, stamp: None }
    }

    /// Where it is; nowhere, if the source sent it.
    pub fn path(&self) -> &Path {
        match &self.content {
            Content::File(path) => path,
            Content::Record(_) | Content::Snapshot(_) => Path::new(""),
        }
    }

    /// The civil date for which it speaks.
    pub fn date(&self) -> Date {
        self.exported_at.date()
    }
}

/// What lies where a source's files arrive.
#[derive(Debug, Default)]
pub struct Found {
    /// Files with a timestamp in their name, oldest first.
    pub inputs: Vec<Input>,
    /// Names of files that are no extracts by their name; they are left alone.
    pub strangers: Vec<String>,
}

/// Looks into a folder. The timestamp in the name orders the files; the file system's own times
/// change when a file is restored or delivered again.
pub fn list(folder: &Path, now: DateTime, naming: &Naming) -> io::Result<Found> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)?.take(FILES_MAX) {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            paths.push(entry.path());
        }
    }
    Ok(sort(paths.into_iter(), now, naming))
}

/// Parts files with a timestamp in their name, oldest first, from others.
pub(super) fn sort(paths: impl Iterator<Item = PathBuf>, now: DateTime, naming: &Naming) -> Found {
    let mut found = Found::default();
    for path in paths {
        let input = Input::named(&path, now, naming);
        match input.dated {
            Dated::ByName => found.inputs.push(input),
            Dated::ByCaller | Dated::ByLast | Dated::ByClock => found.strangers.push(input.name),
        }
    }
    found.inputs.sort_by(|a, b| (a.exported_at, &a.name).cmp(&(b.exported_at, &b.name)));
    found.strangers.sort();
    found
}

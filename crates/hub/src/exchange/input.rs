//! The file a run reads: which one, and of what date.

use super::run::RunError;
use super::source::Source;
use crate::Hub;
use jiff::civil::{Date, DateTime, Time};
use kobling_domain::id::TenantId;
use kobling_formats::{delimited, opus};
use std::path::{Path, PathBuf};

/// Where an input's date comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dated {
    /// From its name.
    ByName,
    /// From whoever asked for the run.
    ByCaller,
    /// Its name tells none: it is taken as of now.
    ByClock,
}

/// One file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// Its name, without folders.
    pub name: String,
    /// When the source wrote it, in the employer's time zone.
    pub exported_at: DateTime,
    /// Where that comes from.
    pub dated: Dated,
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

/// The file at `path` for the source of that key, dated by `date`, by its name or by the clock.
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
    Ok(Input::named(path, date, hub.clock.civil(&source.time_zone), &source.naming()))
}

impl Input {
    /// The extract of Opus at `path`. Its date is `date` if given, else what its name says, else
    /// `now`.
    pub fn new(path: &Path, date: Option<Date>, now: DateTime) -> Self {
        Self::named(path, date, now, &Naming::Opus)
    }

    /// The same for a file of a source that names them so.
    pub fn named(path: &Path, date: Option<Date>, now: DateTime, naming: &Naming) -> Self {
        let name = path
            .file_name()
            .map_or_else(|| path.display().to_string(), |it| it.to_string_lossy().into_owned());
        let by_name = naming.exported_at(&name);
        let (exported_at, dated) = match (date, by_name) {
            (Some(date), Some(named)) if named.date() == date => (named, Dated::ByName),
            (Some(date), _) => (date.to_datetime(Time::midnight()), Dated::ByCaller),
            (None, Some(named)) => (named, Dated::ByName),
            (None, None) => (now, Dated::ByClock),
        };
        Self { path: path.to_owned(), name, exported_at, dated }
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
pub fn list(folder: &Path, now: DateTime, naming: &Naming) -> std::io::Result<Found> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)?.take(FILES_MAX) {
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
        let input = Input::named(&path, None, now, naming);
        match input.dated {
            Dated::ByName => found.inputs.push(input),
            Dated::ByCaller | Dated::ByClock => found.strangers.push(input.name),
        }
    }
    found.inputs.sort_by(|a, b| (a.exported_at, &a.name).cmp(&(b.exported_at, &b.name)));
    found.strangers.sort();
    found
}

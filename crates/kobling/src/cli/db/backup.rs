//! `kobling db backup` and `kobling db restore`.

use crate::cli::arguments::Common;
use crate::cli::settings::{self, Settings};
use crate::cli::{Failure, print};
use jiff::tz::TimeZone;
use kobling_hub::access::keys;
use kobling_hub::clock::Clock;
use kobling_store::engine::backup::{self, BackupError, Restored};
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

#[derive(Serialize)]
struct Copied<'a> {
    copied_to: &'a Path,
    bytes: u64,
}

impl fmt::Display for Copied<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { copied_to, bytes } = self;
        writeln!(f, "copied to {} ({bytes} bytes), and found whole", copied_to.display())?;
        write!(f, "keep the key file apart from it: without the keys nobody can read the copy")
    }
}

#[derive(Serialize)]
struct PutBack<'a> {
    restored_from: &'a Path,
    kept: Option<PathBuf>,
}

impl fmt::Display for PutBack<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the store is that of {}", self.restored_from.display())?;
        if let Some(kept) = &self.kept {
            writeln!(f, "what was there before is kept: {}", kept.display())?;
        }
        write!(f, "next: kobling db migrate, kobling doctor, and read the newest files again")
    }
}

pub(super) fn backup(common: &Common, to: &Path) -> Result<(), Failure> {
    let settings = settings::read()?;
    let store = embedded(&settings, "pg_dump --format=custom --file=FILE ADDRESS")?;
    backup::backup(store, to).map_err(|it| failed("no copy was made", &it))?;
    let bytes = std::fs::metadata(to).map_or(0, |it| it.len());
    print::result(common, &Copied { copied_to: to, bytes })
}

pub(super) fn restore(common: &Common, from: &Path) -> Result<(), Failure> {
    let settings = settings::read()?;
    let restoring = "pg_restore --clean --if-exists --dbname=ADDRESS FILE";
    let store = embedded(&settings, restoring)?;
    let keys = keys::parse(&settings.keys)
        .map_err(|it| Failure::bad_input("the key file cannot be used", &it))?;
    let now = Clock::System.civil(&TimeZone::UTC).strftime("%Y%m%dT%H%M%S.%3fZ");
    let before = PathBuf::from(format!("{}.before-{now}", store.display()));
    let restored = backup::restore(from, store, &before, keys.check());
    let Restored { before } =
        restored.map_err(|it| failed("nothing was put back, and the store is as it was", &it))?;
    print::result(common, &PutBack { restored_from: from, kept: before })
}

/// Where the embedded store is.
fn embedded<'a>(settings: &'a Settings, instead: &str) -> Result<&'a Path, Failure> {
    let path = settings.database_url.strip_prefix("sqlite:").map(Path::new);
    path.ok_or_else(|| {
        Failure::refused("the store is on PostgreSQL")
            .advise(format!("use its own program: {instead}"))
    })
}

fn failed(what: &str, error: &BackupError) -> Failure {
    let advice = match error {
        BackupError::Exists { .. } => "name another file; none is written over",
        BackupError::File { .. } => "look whether it is there and may be used",
        BackupError::Damaged { .. } => "take another copy",
        BackupError::Newer { .. } => "install the later version of this program first",
        BackupError::OtherKeys { .. } => "put the key file that belongs to the copy in place first",
        BackupError::InUse { .. } => {
            "stop `kobling serve`, `kobling work` and other commands first"
        }
        BackupError::Sqlite(_) => "see the cause; `kobling db check` examines the store",
    };
    Failure::bad_input(what, error).advise(advice)
}

//! Copies of the embedded store, made while it is worked with, and put back.
//!
//! A copy is one snapshot: SQLite writes it in a read transaction, beside which others go on writing.
//! It is written under another name, looked at, brought to the disk, and only then has its own.

use super::migrate::last_version;
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a store that is to be replaced is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why there is no copy, or why it was not put back. The store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of that name.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be written, read or renamed.
    #[error("{} cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The copy is no store, or is damaged.
    #[error("{} is not a whole copy of a store: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The copy is of a later version of this program.
    #[error("{} is of a later version of this program (its tables are V{found})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        found: i64,
    },
    /// The copy was made with other keys than those at hand.
    #[error("{} was made with other keys", path.display())]
    OtherKeys {
        /// The file.
        path: PathBuf,
    },
    /// Somebody works with the store.
    #[error("{} is in use", path.display())]
    InUse {
        /// The store.
        path: PathBuf,
    },
    /// SQLite refused a statement.
    #[error("the database refused a statement")]
    Sqlite(#[from] rusqlite::Error),
}

/// A store that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where what was there before lies now; none if nothing was.
    pub before: Option<PathBuf>,
}

/// Copies the store at `path` to `to`, which must not exist.
pub fn backup(path: &Path, to: &Path) -> Result<(), BackupError> {
    refuse_existing(to)?;
    let part = beside(to, "part");
    remove(&part)?;
    let whole = copy(path, &part).and_then(|()| keep_to_owner(&part)).and_then(|()| examine(&part));
    let put = whole.map(drop).and_then(|()| {
        refuse_existing(to)?;
        fs::rename(&part, to).map_err(failed(to))?;
        sync_dir(to)
    });
    if put.is_err() {
        remove(&part)?;
    }
    put
}

fn copy(path: &Path, to: &Path) -> Result<(), BackupError> {
    File::open(path).map_err(failed(path))?;
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute("VACUUM INTO $1", [to.display().to_string()])?;
    Ok(())
}

/// Puts the copy `from` in the place of the store at `path`. What was there stays under another name,
/// `before`. `key_check` tells whose keys are at hand.
///
/// # Errors
///
/// [`BackupError::InUse`] while any process has the store open.
pub fn restore(
    from: &Path,
    path: &Path,
    before: &Path,
    key_check: [u8; 32],
) -> Result<Restored, BackupError> {
    let copy = examine(from)?;
    let others = "SELECT count(*) FROM tenant WHERE key_check IS NOT NULL AND key_check <> $1";
    let others: i64 = copy.query_row(others, [&key_check[..]], |row| row.get(0))?;
    drop(copy);
    if others > 0 {
        return Err(BackupError::OtherKeys { path: from.to_owned() });
    }
    refuse_existing(before)?;
    let part = beside(path, "restoring");
    fs::copy(from, &part).map_err(failed(&part))?;
    let put = keep_to_owner(&part).and_then(|()| examine(&part)).and_then(|_| {
        // Whoever opens the store from here on finds the copy, or is refused.
        let alone = path.exists().then(|| alone_with(path)).transpose()?;
        if alone.is_some() {
            fs::hard_link(path, before).map_err(failed(before))?;
        }
        fs::rename(&part, path).map_err(failed(path))?;
        sync_dir(path)?;
        Ok(Restored { before: alone.map(|_| before.to_owned()) })
    });
    if put.is_err() {
        remove(&part)?;
    }
    put
}

/// A connection to the store that nobody else has one beside, its log folded into the file.
fn alone_with(path: &Path) -> Result<Connection, BackupError> {
    let in_use = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            BackupError::InUse { path: path.to_owned() }
        }
        Some(_) | None => BackupError::Sqlite(error),
    };
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(PATIENCE)?;
    // Whoever has it open holds a shared lock on the file, which this mode does not stand.
    let modes = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;";
    connection.execute_batch(modes).map_err(in_use)?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(BackupError::InUse { path: path.to_owned() });
    }
    connection.execute_batch("BEGIN EXCLUSIVE").map_err(in_use)?;
    Ok(connection)
}

/// Refuses what is no whole store of this program, or of a later version.
fn examine(path: &Path) -> Result<Connection, BackupError> {
    let damaged = |what: String| BackupError::Damaged { path: path.to_owned(), what };
    File::open(path).map_err(failed(path))?;
    let unreadable = |it: rusqlite::Error| damaged(it.to_string());
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let check = "PRAGMA integrity_check(1)";
    let found: String = connection.query_row(check, [], |row| row.get(0)).map_err(unreadable)?;
    if found != "ok" {
        return Err(damaged(found));
    }
    let version = "SELECT max(version) FROM refinery_schema_history";
    let found: Option<i64> =
        connection.query_row(version, [], |row| row.get(0)).map_err(unreadable)?;
    match (found, last_version()) {
        (Some(found), Some(ours)) if found > ours => {
            Err(BackupError::Newer { path: path.to_owned(), found })
        }
        (Some(_), _) => Ok(connection),
        (None, _) => Err(damaged("it has no tables".to_owned())),
    }
}

fn refuse_existing(path: &Path) -> Result<(), BackupError> {
    if path.exists() { Err(BackupError::Exists { path: path.to_owned() }) } else { Ok(()) }
}

/// The same name with another end.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}

fn keep_to_owner(path: &Path) -> Result<(), BackupError> {
    let file = File::options().write(true).open(path).map_err(failed(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed(path))?;
    }
    file.sync_all().map_err(failed(path))
}

fn sync_dir(path: &Path) -> Result<(), BackupError> {
    let dir = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(dir).and_then(|it| it.sync_all()).map_err(failed(dir))
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::File { path, source }
}

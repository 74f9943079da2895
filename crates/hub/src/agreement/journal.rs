//! Orders to close that could not be carried out yet, each in a file of its own beside the settings:
//! they outlive the database's refusal to be written, and the process.

use jiff::Timestamp;
use kobling_domain::id::TenantId;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Somebody's order to close an agreement at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    tenant: i64,
    /// The agreement's key.
    pub agreement: String,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl Order {
    /// The order of `by`, because of `reason`.
    pub(super) fn new(
        tenant: TenantId,
        agreement: &str,
        (by, reason): (&str, &str),
        at: Timestamp,
    ) -> Self {
        let (agreement, by, reason) = (agreement.to_owned(), by.to_owned(), reason.to_owned());
        Self { tenant: tenant.0, agreement, by, reason, at }
    }

    /// Whose agreement it is.
    pub fn tenant(&self) -> TenantId {
        TenantId(self.tenant)
    }

    fn file(&self) -> String {
        let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '_' };
        let key: String = self.agreement.chars().map(plain).collect();
        format!("{:020}-{}-{key}.json", self.at.as_microsecond(), self.tenant)
    }
}

/// A folder of orders.
#[derive(Clone, Debug)]
pub struct Journal(PathBuf);

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be {what}", path.display())]
pub struct JournalError {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

impl Journal {
    /// The one in the folder at `path`, which is made when there is an order.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps an order, lastingly.
    pub(super) fn add(&self, order: &Order) -> Result<(), JournalError> {
        let path = self.0.join(order.file());
        let part = path.with_extension("new");
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.0)?;
            let mut file = File::create(&part)?;
            file.write_all(&serde_json::to_vec(order)?)?;
            file.sync_all()?;
            fs::rename(&part, &path)?;
            File::open(&self.0)?.sync_all()
        };
        write().map_err(failed(&path, "written"))
    }

    /// Forgets an order that was carried out.
    pub(super) fn remove(&self, order: &Order) -> Result<(), JournalError> {
        let path = self.0.join(order.file());
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(failed(&path, "removed")(error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The orders that wait, the first one first.
    pub fn orders(&self) -> Result<Vec<Order>, JournalError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&self.0, "read")(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed(&self.0, "read"))?.path();
            if path.extension().is_some_and(|it| it == "json") {
                paths.push(path);
            }
        }
        paths.sort();
        let read = |path: PathBuf| {
            let order = fs::read(&path).and_then(|it| Ok(serde_json::from_slice(&it)?));
            order.map_err(failed(&path, "read"))
        };
        paths.into_iter().map(read).collect()
    }
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> JournalError {
    let path = path.to_owned();
    move |source| JournalError { path, what, source }
}

//! The files that wait where those of a source arrive.
//!
//! Every file with a date in its name is read once. One that is older than what was applied is
//! planned and held, one with the name of another and other bytes too; one that is held, or was
//! refused, is not read again as long as its bytes are the same.

mod known;
mod remote;
mod settle;

use super::input::Input;
use super::progress::Progress;
use super::report::RunReport;
use super::run::{self, Intent, RunError};
use crate::Hub;
use crate::connectors::{Place, PlaceError};
use jiff::SignedDuration;
use known::{Known, Recognised};
use kobling_domain::id::TenantId;
use kobling_store::StoreError;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// Files that wait, oldest first, and what somebody should know about the folder.
#[derive(Debug, Default)]
pub struct Waiting {
    /// The files. Those whose stamp changed may turn out to be known when they are read.
    pub inputs: Vec<Input>,
    /// Those that are not read again.
    pub left: Vec<Left>,
    /// Gaps between them, and files that are no extracts by their name.
    pub notes: Vec<String>,
}

/// A file that is not read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Its name.
    pub input: String,
    /// Where it lies.
    #[serde(skip)]
    pub path: PathBuf,
    /// Whether nothing newer was applied.
    #[serde(skip)]
    pub is_newer: bool,
    /// Why.
    #[serde(flatten)]
    pub why: Why,
}

/// Why a file is not read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Why {
    /// Its plan waits for a person.
    Held {
        /// The plan's hash.
        plan: String,
    },
    /// It was refused.
    Refused {
        /// Why.
        problem: String,
    },
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.input;
        match &self.why {
            Why::Held { plan } => {
                let hash = plan.get(..12).unwrap_or(plan);
                write!(
                    f,
                    "{name} is held already and was not read again: release or reject plan "
                )?;
                write!(f, "{hash}")
            }
            Why::Refused { problem } => {
                write!(f, "{name} was refused before and was not read again: {problem}")
            }
        }
    }
}

/// What became of a folder's files.
#[derive(Debug)]
pub struct Read {
    /// Every file that waited, oldest first, with what came of it.
    pub inputs: Vec<(Input, Result<RunReport, RunError>)>,
    /// Those that were not read again.
    pub left: Vec<Left>,
    /// Gaps between them, and files that are no extracts by their name.
    pub notes: Vec<String>,
}

/// Which of the files that wait are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// All, as they lie there: somebody says so.
    All,
    /// Those that have looked the same for so long, up to the first that has not.
    Settled(SignedDuration),
}

/// Why a folder cannot be looked into.
#[derive(Debug, thiserror::Error)]
pub enum WaitingError {
    /// The source has no folder.
    #[error("source {key:?} has no folder; name a file, or set folder or [source.sftp]")]
    NoFolder {
        /// The source.
        key: String,
    },
    /// The folder cannot be read.
    #[error("{} cannot be read", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What arrived at a server cannot be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The source cannot be loaded.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Why a file that waits on a server was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The server cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A fetched file cannot be kept here.
    #[error("{} cannot be used to keep what was fetched", path.display())]
    Spool {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Reads the files that wait where those of the source of that key arrive, oldest first.
///
/// A file that is refused or held does not stop those after it: a newer whole file tells what the
/// refused one would have told, and takes the place of a held plan.
#[crate::boxed(?Send)]
pub async fn read(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    take: Take,
    progress: &dyn Progress,
) -> Result<Read, WaitingError> {
    let known = Known::load(hub, tenant, key).await?;
    let waiting = match &known.place {
        Place::Folder(folder) => known.in_folder(folder)?,
        remote @ (Place::Sftp(_) | Place::Ftps(_)) => {
            let work = remote::read(hub, tenant, (key, remote), &known, take, progress);
            return Box::pin(work).await;
        }
    };
    let Waiting { inputs, left, notes } =
        settle::taken(hub, tenant, known.source, waiting, take).await?;
    let mut read = Read { inputs: Vec::new(), left, notes };
    for input in inputs {
        if let Recognised::Before(left) = known.recognised(hub, tenant, &input).await? {
            read.left.extend(left);
            continue;
        }
        let report = run::run(hub, tenant, key, &input, Intent::Apply, progress).await;
        let goes_on = report.as_ref().map_or_else(RunError::is_bad_input, |_| true);
        read.inputs.push((input, report));
        if !goes_on {
            break;
        }
    }
    Ok(read)
}

/// What lies in the source's folder and waits to be read, or to be decided on.
#[crate::boxed]
pub async fn files(hub: &Hub, tenant: TenantId, key: &str) -> Result<Waiting, WaitingError> {
    let known = Known::load(hub, tenant, key).await?;
    match &known.place {
        Place::Folder(folder) => known.in_folder(folder),
        Place::Sftp(_) | Place::Ftps(_) => Err(WaitingError::NoFolder { key: key.to_owned() }),
    }
}

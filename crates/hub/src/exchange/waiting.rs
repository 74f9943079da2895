//! The files that wait in a source's folder.

mod remote;

use super::input::{self, Found, Input, Naming};
use super::progress::Progress;
use super::report::RunReport;
use super::run::{self, Intent, RunError};
use super::source::Source;
use crate::Hub;
use crate::connectors::{Place, PlaceError};
use jiff::civil::DateTime;
use kobling_domain::id::{SourceNo, TenantId};
use kobling_domain::time::calendar::{self, Gap};
use kobling_store::StoreError;
use kobling_store::engine::Tx;
use kobling_store::exchange::plan::{self, PlanState};
use kobling_store::exchange::source::Applied;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files that wait, oldest first, and what somebody should know about the folder.
#[derive(Debug, Default)]
pub struct Waiting {
    /// The files.
    pub inputs: Vec<Input>,
    /// Gaps between them, and files that are no extracts by their name.
    pub notes: Vec<String>,
}

/// What became of a folder's files.
#[derive(Debug)]
pub struct Read {
    /// Every file that waited, oldest first, with what came of it.
    pub inputs: Vec<(Input, Result<RunReport, RunError>)>,
    /// Gaps between them, and files that are no extracts by their name.
    pub notes: Vec<String>,
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
pub async fn read(
    hub: &Hub,
    tenant: TenantId,
    key: &str,
    progress: &dyn Progress,
) -> Result<Read, WaitingError> {
    let known = Known::load(hub, tenant, key).await?;
    let Waiting { inputs, notes } = match &known.place {
        Place::Folder(folder) => known.in_folder(folder)?,
        remote @ (Place::Sftp(_) | Place::Ftps(_)) => {
            return Ok(Box::pin(remote::read(hub, tenant, key, remote, &known, progress)).await?);
        }
    };
    let mut read = Read { inputs: Vec::new(), notes };
    for input in inputs {
        let report = run::run(hub, tenant, key, &input, Intent::Apply, progress).await;
        let goes_on = report.as_ref().map_or_else(RunError::is_bad_input, |_| true);
        read.inputs.push((input, report));
        if !goes_on {
            break;
        }
    }
    Ok(read)
}

/// The files of the source's folder that are newer than the last applied one and were not
/// rejected.
pub async fn files(hub: &Hub, tenant: TenantId, key: &str) -> Result<Waiting, WaitingError> {
    let known = Known::load(hub, tenant, key).await?;
    match &known.place {
        Place::Folder(folder) => known.in_folder(folder),
        Place::Sftp(_) | Place::Ftps(_) => Err(WaitingError::NoFolder { key: key.to_owned() }),
    }
}

/// What tells files that wait from others.
struct Known {
    place: Place,
    now: DateTime,
    naming: Naming,
    applied: Option<Applied>,
    rejected: BTreeSet<String>,
}

impl Known {
    async fn load(hub: &Hub, tenant: TenantId, key: &str) -> Result<Self, WaitingError> {
        let mut tx = hub.db.write().await?;
        let source = Source::load(&mut tx, tenant, key).await?;
        let rejected = rejected(&mut tx, tenant, source.no).await?;
        tx.commit().await?;
        let place = source.text.place();
        let place = place.ok_or_else(|| WaitingError::NoFolder { key: key.to_owned() })?;
        let now = hub.clock.civil(&source.time_zone);
        let naming = source.naming();
        Ok(Self { place, now, naming, applied: source.applied, rejected })
    }

    fn in_folder(&self, folder: &Path) -> Result<Waiting, WaitingError> {
        let found = input::list(folder, self.now, &self.naming);
        let folder = folder.to_owned();
        Ok(self.waiting(found.map_err(|source| WaitingError::Folder { folder, source })?))
    }

    fn waiting(&self, found: Found) -> Waiting {
        let mut waiting = Waiting::default();
        let strange =
            |it: &String| format!("{it} is not named like a file of this source; left alone");
        waiting.notes.extend(found.strangers.iter().map(strange));
        let mut last = self.applied.as_ref().map(|it| it.date);
        let applied_at = self
            .applied
            .as_ref()
            .and_then(|it| self.naming.exported_at(&it.name).filter(|at| at.date() == it.date));
        for input in found.inputs {
            let is_newer = match applied_at {
                Some(at) => input.exported_at > at,
                None => last.is_none_or(|last| input.date() > last),
            };
            if !is_newer || self.rejected.contains(&input.name) {
                continue;
            }
            let gap = last.map(|last| calendar::gap(last, input.date()));
            if let Some(Gap::Unexplained { days }) = gap {
                let name = &input.name;
                waiting.notes.push(format!("{days} days without a file lie before {name}"));
            }
            last = Some(input.date());
            waiting.inputs.push(input);
        }
        waiting
    }
}

/// Names of files whose plans a person has rejected: they are not asked about again.
async fn rejected(
    tx: &mut Tx,
    tenant: TenantId,
    source: SourceNo,
) -> Result<BTreeSet<String>, StoreError> {
    /// Plans looked through; a rejected file soon is older than an applied one.
    const PLANS_MAX: u32 = 100;
    let plans = plan::list(tx, tenant, source, PLANS_MAX).await?;
    let rejected = plans.into_iter().filter(|it| it.state == PlanState::Rejected);
    let name = |it: plan::Plan| Some(it.summary.get("input")?.as_str()?.to_owned());
    Ok(rejected.filter_map(name).collect())
}

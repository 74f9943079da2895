//! The files that wait in a source's folder.

use super::input::{self, Input};
use super::run::RunError;
use super::source::Source;
use crate::Hub;
use kobling_domain::id::TenantId;
use kobling_domain::time::calendar::{self, Gap};
use kobling_formats::opus;
use std::path::PathBuf;

/// Files that wait, oldest first, and what somebody should know about the folder.
#[derive(Debug, Default)]
pub struct Waiting {
    /// The files.
    pub inputs: Vec<Input>,
    /// Gaps between them, and files that are no extracts by their name.
    pub notes: Vec<String>,
}

/// Why a folder cannot be looked into.
#[derive(Debug, thiserror::Error)]
pub enum WaitingError {
    /// The source has no folder.
    #[error("source {key:?} has no folder; name a file, or set source.folder")]
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
    /// The source cannot be loaded.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] kobling_store::StoreError),
}

/// The files in the folder of the source of that key that are newer than the last applied one.
pub async fn files(hub: &Hub, tenant: TenantId, key: &str) -> Result<Waiting, WaitingError> {
    let mut tx = hub.db.write().await?;
    let source = Source::load(&mut tx, tenant, key).await?;
    tx.commit().await?;
    let folder = source.text.folder.as_ref();
    let folder = folder.ok_or_else(|| WaitingError::NoFolder { key: key.to_owned() })?;
    let folder = PathBuf::from(folder);
    let found = input::list(&folder, hub.clock.civil(&source.time_zone))
        .map_err(|source| WaitingError::Folder { folder, source })?;
    let mut waiting = Waiting::default();
    waiting.notes.extend(
        found.strangers.iter().map(|it| format!("{it} is not named like an extract; left alone")),
    );
    let mut last = source.applied.as_ref().map(|it| it.date);
    let applied_at = source.applied.as_ref().and_then(|it| opus::exported_at(&it.name).ok());
    for input in found.inputs {
        let is_newer = match applied_at {
            Some(at) => input.exported_at > at,
            None => last.is_none_or(|last| input.date() > last),
        };
        if !is_newer {
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
    Ok(waiting)
}
